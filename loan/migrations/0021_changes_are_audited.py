"""What changes of products, applications, events and the schedule is in the audit trail.

A billing run is one entry: its dues and entries are in its manifest and under its seal.
"""

from django.db import migrations

from bright_credit.common.audit_trail.triggers import audited


class Migration(migrations.Migration):
    dependencies = [
        ("loan", "0020_penal_rules"),
        ("audit_trail", "0001_entries_and_their_chain"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [
        audited("loan_loanproduct", key="code"),
        audited("loan_pricingband"),
        audited("loan_affordabilityslab"),
        audited("loan_loanapplication"),
        audited("loan_applicationdecision"),
        audited("loan_event"),
        audited("loan_approvalrequest"),
        audited("loan_approvaldecision"),
        audited("loan_quarantinedloan"),
        audited("loan_billingrun", key="business_date", only_inserts=True),
        audited("django_celery_beat_crontabschedule"),
        audited(
            "django_celery_beat_periodictask",
            ignored=("last_run_at", "total_run_count", "date_changed"),
        ),
    ]
