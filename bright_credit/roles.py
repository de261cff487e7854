"""The roles of staff: groups that every migration makes and keeps to what stands here.

Who does what in a lender, with as little overlap as the work allows. A lender's own groups may
stand beside these; a permission given to one of these by hand is taken away by the next migration.
"""

from collections.abc import Iterable
from typing import Any, Final

from django.contrib.auth.models import Group, Permission
from django.db.models import Q

#: Apps whose every table staff with any role may look at; of `users` what is named here.
_LOOKED_AT: Final = ("credit", "ledger", "loan")
_LOOKS: Final = ("users.view_borrower", "users.view_consent", "users.view_notice")

VIEWER: Final = "viewer"
OPERATIONS: Final = "operations"
CREDIT_OFFICER: Final = "credit officer"
ACCOUNTANT: Final = "accountant"
ADMINISTRATOR: Final = "administrator"

#: What a role may do beside looking.
ROLES: Final[dict[str, tuple[str, ...]]] = {
    VIEWER: (),
    OPERATIONS: (
        "credit.add_transactionfile",
        "loan.add_billingrun",
        "loan.add_loanapplication",
        "loan.add_payment",
        "loan.change_payment",
        "loan.change_quarantinedloan",
        "users.add_borrower",
        "users.change_borrower",
        "users.change_notice",
        "users.export_borrower",
        "users.view_webhookdelivery",
        "users.view_webhookendpoint",
    ),
    CREDIT_OFFICER: (
        "loan.change_loanapplication",
        "loan.decide_approvalrequest",
        "users.change_borrower",
    ),
    ACCOUNTANT: (
        "loan.add_charge",
        "loan.add_payment",
        "loan.add_provision",
        "loan.change_charge",
        "loan.change_loan",
        "loan.change_payment",
        "loan.decide_approvalrequest",
        "loan.change_provisionrate",
    ),
    ADMINISTRATOR: (
        "audit_trail.view_auditentry",
        "users.view_accesslogentry",
        "users.export_borrower",
        "users.erase_borrower",
        "auth.view_group",
        *(f"django_celery_beat.{verb}_crontabschedule" for verb in ("view", "add", "change")),
        *(f"django_celery_beat.{verb}_periodictask" for verb in ("view", "change")),
        *(f"loan.{verb}_loanproduct" for verb in ("add", "change")),
        *(f"loan.{verb}_pricingband" for verb in ("add", "change", "delete")),
        *(f"loan.{verb}_affordabilityslab" for verb in ("add", "change", "delete")),
        *(f"users.{verb}_partner" for verb in ("view", "add", "change")),
        *(f"users.{verb}_partnerkey" for verb in ("view", "add", "change")),
        *(f"users.{verb}_webhookendpoint" for verb in ("view", "add", "change")),
        "users.view_webhookdelivery",
        *(f"users.{verb}_user" for verb in ("view", "add", "change")),
    ),
}


def keep_roles(**_signal: Any) -> None:
    """Make the groups of the roles, with exactly their permissions. Called after migrations."""
    looks = _named(_LOOKS) | Q(content_type__app_label__in=_LOOKED_AT, codename__startswith="view_")
    for name, more in ROLES.items():
        group, _ = Group.objects.get_or_create(name=name)
        group.permissions.set(Permission.objects.filter(looks | _named(more)))


def _named(names: Iterable[str]) -> Q:
    condition = Q(pk__in=())
    for name in names:
        app, _, codename = name.partition(".")
        condition |= Q(content_type__app_label=app, codename=codename)
    return condition
