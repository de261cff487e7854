"""The audit trail: a small app of the shared kernel, with two tables that only grow."""

from django.apps import AppConfig


class AuditTrailConfig(AppConfig):
    """Keep who changed what, when, from where, why, before and after."""

    name = "bright_credit.common.audit_trail"
    label = "audit_trail"
    verbose_name = "Audit trail"
