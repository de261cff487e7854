"""What changes of borrowers, logins, rights, partners, their keys and webhooks is in the audit trail."""

from django.db import migrations

from bright_credit.common.audit_trail.triggers import audited


class Migration(migrations.Migration):
    dependencies = [
        ("users", "0005_webhook_schedule"),
        ("audit_trail", "0001_entries_and_their_chain"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("otp_totp", "0003_add_timestamps"),
    ]

    operations = [
        audited(
            "users_borrower",
            masked=("name", "email", "date_of_birth", "annual_income_paise"),
        ),
        audited(
            "users_aadhaarrecord",
            key="borrower_id",  # its own is the reference that opens the vault's row
            masked=("id", "number_hmac", "ciphertext", "last_four"),
        ),
        audited(
            "users_user",
            masked=("password", "email", "first_name", "last_name"),
            ignored=("last_login",),
        ),
        audited("users_user_groups"),
        audited("users_user_user_permissions"),
        audited("users_partner"),
        audited("users_partnerkey", masked=("secret_digest",), ignored=("last_used_at",)),
        audited("users_webhookendpoint", ignored=("failing_since", "last_success_at")),
        audited("users_webhooksecret", masked=("ciphertext",)),
        audited("auth_group"),
        audited("auth_group_permissions"),
        audited(
            "otp_totp_totpdevice",
            masked=("key",),
            ignored=(
                "last_t",
                "drift",
                "last_used_at",
                "throttling_failure_timestamp",
                "throttling_failure_count",
            ),
        ),
    ]
