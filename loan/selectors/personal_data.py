"""Everything that is held on one person, in named sections.

The right of access: Digital Personal Data Protection Act, 2023, s. 11. Each section names tables,
and of a table every column is told but those in `WITHHELD`. A table that leads to a borrower is in
a section or in `LEFT_OUT`, with its reason; a test walks them all, so that none is forgotten.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from django.apps import apps
from django.db.models import Model, Q

from bright_credit.common.audit_trail.models import AuditEntry
from users.domain.callers import SYSTEM, Caller
from users.models import AadhaarRecord, Borrower, PanRecord, PhoneRecord, path_to_borrower
from users.selectors import ShownNumbers, borrower_for, shown_numbers

Row = dict[str, Any]

#: The sections after `identity` and `contact`, and the tables of each.
SECTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "consents": ("users.Consent",),
    "sign_ins": ("users.SignInSession",),
    "scores": ("credit.CreditScore",),
    "bank_transactions": ("credit.BankTransaction", "credit.FileShare"),
    "applications": ("loan.LoanApplication", "loan.ApplicationDecision"),
    "loans": ("loan.Loan", "loan.ScheduleVersion", "loan.Instalment"),
    "dues_and_charges": ("loan.Due", "loan.Charge"),
    "payments": ("loan.Payment", "loan.Allocation", "loan.PaymentRevision"),
    "events": ("loan.Event",),
    "approvals": ("loan.ApprovalRequest", "loan.ApprovalDecision"),
    "asset_classes": ("loan.AssetClassChange",),
    "notices": ("users.Notice",),
    "access_log": ("users.AccessLogEntry",),
}

#: Tables that lead to a borrower and are not told, and why.
LEFT_OUT: Final[Mapping[str, str]] = {
    "users.Borrower": "told as the sections identity and contact",
    "users.AadhaarRecord": "the number is told masked, under identity; the rest are its seals",
    "users.PanRecord": "told masked, under identity; the rest are its seals",
    "users.PhoneRecord": "told masked, under contact; the rest are its seals",
    "users.SignInCode": "digests of codes of the last day, which say nothing",
    "users.RefreshToken": "digests of secrets; the session they belong to is told",
    "loan.QuarantinedLoan": "a fault of a billing run, and nothing about the person",
}

#: Columns that are not told, and why.
WITHHELD: Final[Mapping[str, Mapping[str, str]]] = {
    "users.AccessLogEntry": {
        "actor_name": "the login of another person; who looked is told by their number",
        "address": "the address of another person",
    },
    "loan.ApplicationDecision": {"decided_by_id": "the login of another person"},
    "loan.Event": {"actor": "may be the login of another person; the audit trail has their number"},
    "loan.ApprovalRequest": {"maker_name": "the login of another person"},
    "loan.ApprovalDecision": {"checker_name": "the login of another person"},
}

_OF_AN_ENTRY: Final = (
    "at", "table_name", "row_key", "change", "before", "after", "reason", "actor", "action",
)  # fmt: skip


def personal_data(user_id: str, *, caller: Caller = SYSTEM) -> dict[str, Any]:
    """Return everything held on a borrower whom the caller may reach, ready for JSON.

    Amounts are whole paise (`…_paise`), rates basis points (`…_bps`), as they are kept. Raises
    `BorrowerNotFound`. As many statements however much is held: two, one a table, one of the trail.
    """
    borrower = borrower_for(caller, user_id)
    shown = shown_numbers(borrower)
    told: dict[str, Any] = {
        "user_id": borrower.public_id,
        "identity": _identity(borrower, shown),
        "contact": {"email": borrower.email, "phone": shown.phone},
    }
    keys: dict[type[Model], list[str]] = {
        model: [str(borrower.pk)] for model in (Borrower, AadhaarRecord, PanRecord, PhoneRecord)
    }
    for section, labels in SECTIONS.items():
        told[section] = {}
        for label in labels:
            model = apps.get_model(label)
            rows = _rows(model, borrower)
            told[section][model._meta.model_name] = [_plain(row, withheld(label)) for row in rows]
            keys[model] = [str(row["id"]) for row in rows if "id" in row]
    told["audit_entries"] = _audit_entries(keys)
    return told


def withheld(label: str) -> frozenset[str]:
    """Return the columns of a table that are not told."""
    return frozenset(WITHHELD.get(label, ()))


def _identity(borrower: Borrower, shown: ShownNumbers) -> Row:
    row: Row = {field.attname: getattr(borrower, field.attname) for field in _columns(Borrower)}
    row |= {"aadhaar": shown.aadhaar, "pan": shown.pan}
    return _plain(row, frozenset({"email"}))


def _rows(model: type[Model], borrower: Borrower) -> list[Row]:
    path = path_to_borrower(model)
    names = [field.attname for field in _columns(model)]
    found = model._base_manager.filter(**{str(path): borrower.pk}).order_by("pk")
    return list(found.values(*names))


def _columns(model: type[Model]) -> list[Any]:
    return [field for field in model._meta.concrete_fields if field.column is not None]


def _audit_entries(keys: Mapping[type[Model], Iterable[str]]) -> list[Row]:
    """Return what changed in the rows that are told; what is personal is masked there already."""
    rows = Q()
    for model, known in keys.items():
        rows |= Q(table_name=model._meta.db_table, row_key__in=known)
    hidden = {model._meta.db_table: withheld(model._meta.label) for model in keys}
    found = AuditEntry.objects.filter(rows).order_by("id").values(*_OF_AN_ENTRY)
    return [_entry(row, hidden[row["table_name"]]) for row in found]


def _entry(row: Row, hidden: frozenset[str]) -> Row:
    told = _plain(row, frozenset())
    for side in ("before", "after"):
        if told[side] is not None:
            told[side] = _plain(told[side], hidden)
    return told


def _plain(row: Mapping[str, Any], without: frozenset[str]) -> Row:
    return {name: _value(value) for name, value in row.items() if name not in without}


def _value(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value
