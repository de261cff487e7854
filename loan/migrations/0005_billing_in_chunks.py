"""A run as chunks that any worker may do, loans in quarantine, and indexes for what a day asks."""

import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('credit', '0004_scores_refreshed_after_a_file'),
        ('loan', '0004_positions_go_forward'),
        ('users', '0001_borrowers_and_vault'),
    ]

    operations = [
        migrations.CreateModel(
            name='BillingChunk',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('low', models.BigIntegerField(help_text='The first loan key of the range.')),
                ('high', models.BigIntegerField(help_text='The last loan key of the range.')),
                ('status', models.CharField(choices=[('PENDING', 'Pending'), ('DONE', 'Done')], default='PENDING', max_length=10)),
                ('token', models.PositiveIntegerField(default=0)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('claimed_at', models.DateTimeField(null=True)),
                ('worker', models.CharField(blank=True, max_length=100)),
                ('finished_at', models.DateTimeField(null=True)),
                ('loans_seen', models.PositiveIntegerField(default=0, help_text='Loans that fell due on the day, or that the clock moved otherwise.')),
                ('dues', models.PositiveIntegerField(default=0)),
                ('advances_applied', models.PositiveIntegerField(default=0)),
                ('penal_charges', models.PositiveIntegerField(default=0)),
                ('became_npa', models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name='QuarantinedLoan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('business_date', models.DateField(help_text='The first day it was left out of.')),
                ('reason', models.CharField(max_length=500)),
                ('since', models.DateTimeField(auto_now_add=True)),
                ('released_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='billingrun',
            name='billing_run_is_closed_at_an_instant',
        ),
        migrations.RemoveIndex(
            model_name='billingrun',
            name='billing_run_to_rescore',
        ),
        migrations.RemoveIndex(
            model_name='loan',
            name='loan_oldest_unpaid_due',
        ),
        migrations.RemoveIndex(
            model_name='loan',
            name='loan_with_advance',
        ),
        migrations.AddField(
            model_name='billingrun',
            name='asked_through_date',
            field=models.DateField(help_text='Whoever closes this day goes on with the next, up to this one.', null=True),
        ),
        migrations.AlterField(
            model_name='billingrun',
            name='status',
            field=models.CharField(choices=[('RUNNING', 'Running'), ('CLOSED', 'Closed'), ('PARTIAL', 'Partial')], default='RUNNING', max_length=10),
        ),
        migrations.AlterField(
            model_name='loan',
            name='borrower',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='loans', to='users.borrower'),
        ),
        migrations.AlterField(
            model_name='loan',
            name='product',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='loans', to='loan.loanproduct'),
        ),
        migrations.AddIndex(
            model_name='billingrun',
            index=models.Index(condition=models.Q(('closed_at__isnull', False), ('rescored_at__isnull', True)), fields=['business_date'], name='billing_run_to_rescore'),
        ),
        migrations.AddIndex(
            model_name='billingrun',
            index=models.Index(condition=models.Q(('closed_at__isnull', True)), fields=['business_date'], name='billing_run_under_way'),
        ),
        migrations.AddIndex(
            model_name='loan',
            index=models.Index(condition=models.Q(('status', 'ACTIVE')), fields=['oldest_unpaid_due_date'], include=('id', 'npa_since'), name='loan_oldest_unpaid_due'),
        ),
        migrations.AddIndex(
            model_name='loan',
            index=models.Index(condition=models.Q(('penal_charge_paise__gt', 0), ('status', 'ACTIVE')), fields=['penal_grace_days', 'due_day', 'oldest_unpaid_due_date'], include=('id',), name='loan_penal_candidates'),
        ),
        migrations.AddIndex(
            model_name='loan',
            index=models.Index(condition=models.Q(('advance_paise__gt', 0)), fields=['oldest_unpaid_due_date', 'id'], name='loan_with_advance'),
        ),
        migrations.AddIndex(
            model_name='loan',
            index=models.Index(condition=models.Q(('npa_since__isnull', False)), fields=['npa_since'], name='loan_npa'),
        ),
        migrations.AddIndex(
            model_name='loan',
            index=models.Index(condition=models.Q(('closed_on__isnull', False)), fields=['closed_on'], name='loan_closed_by_day'),
        ),
        migrations.AddIndex(
            model_name='loan',
            index=django.contrib.postgres.indexes.BrinIndex(fields=['disbursed_on'], name='loan_disbursed_by_day'),
        ),
        migrations.AddIndex(
            model_name='payment',
            index=models.Index(fields=['value_date'], name='payment_by_day'),
        ),
        migrations.AddConstraint(
            model_name='billingrun',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', True), ('status', 'RUNNING')), models.Q(('closed_at__isnull', False), ('status__in', ['CLOSED', 'PARTIAL'])), _connector='OR'), name='billing_run_is_closed_at_an_instant'),
        ),
        migrations.AddField(
            model_name='billingchunk',
            name='run',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='chunks', to='loan.billingrun'),
        ),
        migrations.AddField(
            model_name='quarantinedloan',
            name='loan',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='quarantines', to='loan.loan'),
        ),
        migrations.AddField(
            model_name='quarantinedloan',
            name='run',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='quarantines', to='loan.billingrun'),
        ),
        migrations.AddConstraint(
            model_name='billingchunk',
            constraint=models.UniqueConstraint(fields=('run', 'low'), name='billing_chunk_begins_once'),
        ),
        migrations.AddConstraint(
            model_name='billingchunk',
            constraint=models.CheckConstraint(condition=models.Q(('low__lte', models.F('high'))), name='billing_chunk_range_is_ordered'),
        ),
        migrations.AddConstraint(
            model_name='billingchunk',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('finished_at__isnull', True), ('status', 'PENDING')), models.Q(('finished_at__isnull', False), ('status', 'DONE')), _connector='OR'), name='billing_chunk_is_done_at_an_instant'),
        ),
        migrations.AddConstraint(
            model_name='quarantinedloan',
            constraint=models.UniqueConstraint(condition=models.Q(('released_at__isnull', True)), fields=('loan',), name='loan_is_in_quarantine_once'),
        ),
    ]
