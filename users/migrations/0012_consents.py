"""What people agree to and take back: rows that only grow."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

from bright_credit.common.append_only import refuse_changes


class Migration(migrations.Migration):

    dependencies = [
        ('users', '0011_access_log_tidying_schedule'),
    ]

    operations = [
        migrations.CreateModel(
            name='Consent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('purpose', models.CharField(choices=[('LOAN_PROCESSING', 'Loan processing'), ('CREDIT_BUREAU_ENQUIRY', 'Credit bureau enquiry'), ('MARKETING', 'Marketing')], max_length=21)),
                ('action', models.CharField(choices=[('GIVEN', 'Given'), ('WITHDRAWN', 'Withdrawn')], max_length=9)),
                ('text_version', models.CharField(help_text='Of the text that the person was shown.', max_length=40)),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('actor', models.CharField(help_text='Who told us: borrower:9, partner:3.', max_length=100)),
                ('address', models.CharField(blank=True, max_length=45)),
                ('borrower', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='consents', to='users.borrower')),
            ],
            options={
                'indexes': [models.Index(fields=['borrower', 'purpose', '-id'], name='consent_newest')],
                'constraints': [models.CheckConstraint(condition=models.Q(('purpose__in', ['LOAN_PROCESSING', 'CREDIT_BUREAU_ENQUIRY', 'MARKETING'])), name='consent_purpose_is_known'), models.CheckConstraint(condition=models.Q(('action__in', ['GIVEN', 'WITHDRAWN'])), name='consent_action_is_known'), models.CheckConstraint(condition=models.Q(('text_version__regex', '^[A-Za-z0-9][A-Za-z0-9._-]*$')), name='consent_names_the_text_that_was_shown')],
            },
        ),
        refuse_changes("users_consent"),
    ]
