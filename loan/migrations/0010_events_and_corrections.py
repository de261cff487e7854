"""Every loan's events in one table, and room for correcting rows and schedules beside the first."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('loan', '0009_room_beside_loans'),
    ]

    operations = [
        migrations.CreateModel(
            name='Event',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sequence', models.PositiveIntegerField(help_text="Counts a loan's events from 1, as booked.")),
                ('kind', models.CharField(choices=[('PAYMENT', 'Payment'), ('REVERSAL', 'Reversal'), ('CHARGE', 'Charge')], max_length=30)),
                ('value_date', models.DateField()),
                ('booked_on', models.DateField(help_text='The business date that was open when it was booked.')),
                ('booked_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('actor', models.CharField(default='system', max_length=80)),
                ('reason', models.CharField(blank=True, default='', max_length=200)),
                ('payload', models.JSONField(default=dict)),
            ],
        ),
        migrations.CreateModel(
            name='PaymentRevision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('interest_paise', models.BigIntegerField()),
                ('principal_paise', models.BigIntegerField()),
                ('charges_paise', models.BigIntegerField()),
                ('penal_paise', models.BigIntegerField()),
                ('advance_paise', models.BigIntegerField()),
                ('excess_paise', models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name='ScheduleVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveSmallIntegerField()),
                ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='allocation',
            name='allocation_parts_are_not_negative',
        ),
        migrations.RemoveConstraint(
            model_name='charge',
            name='charge_is_levied_once',
        ),
        migrations.RemoveIndex(
            model_name='instalment',
            name='instalment_by_due_date',
        ),
        migrations.RemoveIndex(
            model_name='payment',
            name='payment_by_day',
        ),
        migrations.AddField(
            model_name='allocation',
            name='undoes',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='undone_by', to='loan.allocation'),
        ),
        migrations.AddField(
            model_name='due',
            name='revision',
            field=models.PositiveSmallIntegerField(db_default=1),
        ),
        migrations.AddField(
            model_name='instalment',
            name='revision',
            field=models.PositiveSmallIntegerField(db_default=1),
        ),
        migrations.AddField(
            model_name='instalment',
            name='version',
            field=models.PositiveSmallIntegerField(db_default=1),
        ),
        migrations.AddField(
            model_name='loan',
            name='schedule_version',
            field=models.PositiveSmallIntegerField(db_default=1, help_text="Which of the loan's schedules is in force."),
        ),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name='due',
                    name='pk',
                    field=models.CompositePrimaryKey('loan_id', 'number', 'revision', blank=True, editable=False, primary_key=True, serialize=False),
                ),
            ],
            database_operations=[
                migrations.RunSQL(
                    "ALTER TABLE loan_due DROP CONSTRAINT loan_due_pkey,"
                    " ADD PRIMARY KEY (loan_id, number, revision)",
                    "ALTER TABLE loan_due DROP CONSTRAINT loan_due_pkey,"
                    " ADD PRIMARY KEY (loan_id, number)",
                ),
            ],
        ),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name='instalment',
                    name='pk',
                    field=models.CompositePrimaryKey('loan_id', 'version', 'number', blank=True, editable=False, primary_key=True, serialize=False),
                ),
            ],
            database_operations=[
                migrations.RunSQL(
                    "ALTER TABLE loan_instalment DROP CONSTRAINT loan_instalment_pkey,"
                    " ADD PRIMARY KEY (loan_id, version, number)",
                    "ALTER TABLE loan_instalment DROP CONSTRAINT loan_instalment_pkey,"
                    " ADD PRIMARY KEY (loan_id, number)",
                ),
            ],
        ),
        migrations.AddIndex(
            model_name='instalment',
            index=models.Index(fields=['due_date', 'loan'], include=('number', 'principal_paise', 'interest_paise', 'version', 'revision'), name='instalment_by_due_date'),
        ),
        migrations.AddField(
            model_name='event',
            name='loan',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='events', to='loan.loan'),
        ),
        migrations.AddField(
            model_name='event',
            name='payment',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='event', to='loan.payment'),
        ),
        migrations.AddField(
            model_name='event',
            name='reverses',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reversed_by', to='loan.event'),
        ),
        migrations.AddField(
            model_name='allocation',
            name='event',
            field=models.ForeignKey(db_index=False, help_text='What moved the money; empty when it met at once what it meets.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='allocations', to='loan.event'),
        ),
        migrations.AddField(
            model_name='charge',
            name='cancelled_by',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='cancelled_charges', to='loan.event'),
        ),
        migrations.AddConstraint(
            model_name='allocation',
            constraint=models.UniqueConstraint(condition=models.Q(('undoes__isnull', False)), fields=('undoes',), name='allocation_is_undone_once'),
        ),
        migrations.AddConstraint(
            model_name='allocation',
            constraint=models.CheckConstraint(condition=models.Q(('undoes__isnull', True), ('event__isnull', False), _connector='OR'), name='allocation_is_undone_by_an_event'),
        ),
        migrations.AddConstraint(
            model_name='allocation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('charge_paise__gte', 0), ('interest_paise__gte', 0), ('principal_paise__gte', 0), ('undoes__isnull', True)), models.Q(('charge_paise__lte', 0), ('interest_paise__lte', 0), ('principal_paise__lte', 0), ('undoes__isnull', False)), _connector='OR'), name='allocation_parts_are_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='charge',
            constraint=models.UniqueConstraint(condition=models.Q(('cancelled_by__isnull', True)), fields=('loan', 'key'), name='charge_is_levied_once'),
        ),
        migrations.AddConstraint(
            model_name='charge',
            constraint=models.CheckConstraint(condition=models.Q(('cancelled_by__isnull', True), ('paid_paise', 0), _connector='OR'), name='charge_cancelled_is_not_paid'),
        ),
        migrations.AddField(
            model_name='paymentrevision',
            name='event',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='revisions', to='loan.event'),
        ),
        migrations.AddField(
            model_name='paymentrevision',
            name='payment',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='revisions', to='loan.payment'),
        ),
        migrations.AddField(
            model_name='scheduleversion',
            name='event',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='schedule_versions', to='loan.event'),
        ),
        migrations.AddField(
            model_name='scheduleversion',
            name='loan',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='schedule_versions', to='loan.loan'),
        ),
        migrations.AddIndex(
            model_name='event',
            index=models.Index(fields=['booked_on'], name='event_by_day_booked'),
        ),
        migrations.AddConstraint(
            model_name='event',
            constraint=models.UniqueConstraint(fields=('loan', 'sequence'), name='events_of_a_loan_are_numbered'),
        ),
        migrations.AddConstraint(
            model_name='event',
            constraint=models.UniqueConstraint(condition=models.Q(('reverses__isnull', False)), fields=('reverses',), name='event_is_reversed_once'),
        ),
        migrations.AddConstraint(
            model_name='event',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'PAYMENT'), ('payment__isnull', False)), models.Q(models.Q(('kind', 'PAYMENT'), _negated=True), ('payment__isnull', True)), _connector='OR'), name='event_of_a_payment_names_it'),
        ),
        migrations.AddConstraint(
            model_name='event',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'REVERSAL'), ('reverses__isnull', False)), models.Q(models.Q(('kind', 'REVERSAL'), _negated=True), ('reverses__isnull', True)), _connector='OR'), name='event_that_reverses_names_what'),
        ),
        migrations.AddConstraint(
            model_name='event',
            constraint=models.CheckConstraint(condition=models.Q(('value_date__lte', models.F('booked_on'))), name='event_is_not_of_the_future'),
        ),
        migrations.AddConstraint(
            model_name='paymentrevision',
            constraint=models.UniqueConstraint(fields=('payment', 'event'), name='payment_is_revised_once_an_event'),
        ),
        migrations.AddConstraint(
            model_name='scheduleversion',
            constraint=models.UniqueConstraint(fields=('loan', 'version'), name='schedule_versions_are_numbered'),
        ),
        migrations.AddConstraint(
            model_name='scheduleversion',
            constraint=models.CheckConstraint(condition=models.Q(('version__gte', 2)), name='schedule_version_follows_one'),
        ),
    ]
