"""Notices to borrowers, and whether a borrower wants reminders."""


import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('users', '0007_fingerprints_name_their_pepper'),
    ]

    operations = [
        migrations.AddField(
            model_name='borrower',
            name='wants_reminders',
            field=models.BooleanField(db_default=True, default=True, help_text='Without it no mail tells of EMIs that come due. Receipts, overdue EMIs and closings are told in any case.'),
        ),
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('DUE_SOON', 'Due soon'), ('DUE', 'Due'), ('PAID', 'Payment receipt'), ('OVERDUE', 'Overdue'), ('CLOSED', 'Closed')], max_length=8)),
                ('loan_id', models.CharField(max_length=30, verbose_name='loan')),
                ('key', models.CharField(max_length=100)),
                ('data', models.JSONField(help_text='Amounts in paise.')),
                ('written_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('status', models.CharField(choices=[('PENDING', 'Pending'), ('SENT', 'Sent'), ('FAILED', 'Given up'), ('UNCERTAIN', 'May have gone out'), ('NOT_WANTED', 'Reminders refused'), ('STALE', 'No longer news')], db_default='PENDING', default='PENDING', max_length=10)),
                ('attempts', models.PositiveIntegerField(db_default=0, default=0)),
                ('attempts_left', models.PositiveSmallIntegerField(db_default=8, default=8)),
                ('next_attempt_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('claimed_until', models.DateTimeField(null=True)),
                ('sent_at', models.DateTimeField(null=True)),
                ('outcome', models.CharField(blank=True, db_default='', default='', max_length=40)),
                ('borrower', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='notices', to='users.borrower')),
            ],
            options={
                'indexes': [models.Index(fields=['borrower', '-id'], name='notice_by_borrower'), models.Index(fields=['written_at'], name='notice_by_age'), models.Index(condition=models.Q(('status', 'PENDING')), fields=['next_attempt_at', 'id'], name='notice_to_do')],
                'constraints': [models.UniqueConstraint(fields=('key',), name='notice_is_written_once'), models.CheckConstraint(condition=models.Q(('kind__in', ['DUE_SOON', 'DUE', 'PAID', 'OVERDUE', 'CLOSED'])), name='notice_kind_is_known')],
            },
        ),
    ]
