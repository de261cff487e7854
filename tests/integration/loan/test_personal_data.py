"""Everything that is held on a person is exported, and no table that leads to one is forgotten."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from pytest_django import DjangoAssertNumQueries

from bright_credit.common.api.renderers import to_json
from loan.models import Loan
from loan.selectors.personal_data import LEFT_OUT, SECTIONS, WITHHELD, personal_data, withheld
from loan.services.consents import record_consent
from tests.builders import a_borrower, a_disbursed_loan, pay
from tests.callers import signed_in
from users.domain.consents import Action, Purpose, Said
from users.models import (
    AadhaarRecord,
    AccessLogEntry,
    Borrower,
    Consent,
    PanRecord,
    PhoneRecord,
    path_to_borrower,
)
from users.services.numbers import change_pan, change_phone

pytestmark = pytest.mark.django_db

TOLD = {label for labels in SECTIONS.values() for label in labels}


def held() -> dict[str, Any]:
    """Return every table whose rows lead to a borrower, by its label."""
    return {
        model._meta.label: model
        for model in apps.get_models()
        if path_to_borrower(model) is not None
    }


@pytest.fixture
def loan() -> Loan:
    """Return a loan of somebody of whom something is in every table that can be filled simply."""
    loan = a_disbursed_loan()
    pay(loan, 100_00, on=loan.disbursed_on)
    signed_in(loan.borrower)
    said = Said(purpose=Purpose.MARKETING, action=Action.GIVEN, text_version="2026-11")
    record_consent(loan.borrower.public_id, said)
    AccessLogEntry.objects.create(
        actor="staff:7",
        actor_name="asha",
        borrower=loan.borrower,
        origin="ADMIN",
        action="GET /admin/",
        address="203.0.113.9",
    )
    return loan


def test_every_table_that_leads_to_a_borrower_is_told_or_left_out_for_a_reason() -> None:
    assert TOLD.isdisjoint(LEFT_OUT)
    assert set(held()) == TOLD | set(LEFT_OUT)
    assert all(LEFT_OUT.values())


def test_what_is_withheld_is_a_column_that_is_there_and_has_a_reason() -> None:
    for label, columns in WITHHELD.items():
        known = {field.attname for field in apps.get_model(label)._meta.concrete_fields}
        assert set(columns) <= known, label
        assert all(columns.values())


def test_each_row_of_a_person_is_told_with_every_column(loan: Loan) -> None:
    told = personal_data(loan.borrower.public_id)
    filled = 0
    for section, labels in SECTIONS.items():
        for label in labels:
            model: Any = apps.get_model(label)
            path = str(path_to_borrower(model))
            rows = told[section][model._meta.model_name]
            assert len(rows) == model._base_manager.filter(**{path: loan.borrower_id}).count()
            columns = {each.attname for each in model._meta.concrete_fields if each.column}
            assert all(set(row) == columns - withheld(label) for row in rows), label
            filled += bool(rows)
    assert filled >= 10
    assert json.loads(to_json(told))["user_id"] == loan.borrower.public_id


def test_the_person_is_told_who_they_are_with_the_numbers_masked(loan: Loan) -> None:
    borrower = Borrower.objects.get()
    record = AadhaarRecord.objects.get()
    told = personal_data(borrower.public_id)
    assert told["contact"] == {"email": borrower.email, "phone": None}
    assert told["identity"]["pan"] is None
    change_pan(borrower.public_id, pan="ABCPK1234F")
    change_phone(borrower.public_id, phone="+919876543210")
    told = personal_data(borrower.public_id)
    assert told["contact"] == {"email": borrower.email, "phone": "+91 XXXXXX3210"}
    assert told["identity"]["pan"] == "XXXXXX234F"
    assert told["identity"]["name"] == borrower.name
    assert told["identity"]["annual_income_paise"] == borrower.annual_income_paise
    assert told["identity"]["aadhaar"] == f"XXXX-XXXX-{record.last_four}"
    text = to_json(told).decode()
    assert record.pk.hex not in text.replace("-", "")
    for kept in (record, PanRecord.objects.get(), PhoneRecord.objects.get()):
        assert str(kept.pk) not in text
        assert bytes(kept.ciphertext).hex() not in text
    assert bytes(record.number_hmac).hex() not in text
    trail = {entry["table_name"] for entry in told["audit_entries"]}
    assert {"users_panrecord", "users_phonerecord"} <= trail


def test_nobody_else_is_told_of(loan: Loan) -> None:
    other = a_disbursed_loan()
    text = to_json(personal_data(loan.borrower.public_id)).decode()
    assert other.borrower.email not in text
    assert other.public_id not in text
    for of_staff in ("asha", "203.0.113.9"):
        assert of_staff not in text
    [look] = json.loads(text)["access_log"]["accesslogentry"]
    assert look["actor"] == "staff:7"


def test_the_audit_trail_of_the_person_is_told_masked(loan: Loan) -> None:
    Borrower.objects.filter(pk=loan.borrower_id).update(name="Somebody Else")
    entries = personal_data(loan.borrower.public_id)["audit_entries"]
    assert {entry["table_name"] for entry in entries} >= {"users_borrower", "users_aadhaarrecord"}
    renamed = [entry for entry in entries if entry["change"] == "UPDATE"][-1]
    assert renamed["after"] == {"name": "***"}


def test_logins_of_staff_are_not_told_by_the_audit_trail_either(loan: Loan) -> None:
    trail = personal_data(loan.borrower.public_id)["audit_entries"]
    events = [entry for entry in trail if entry["table_name"] == "loan_event"]
    assert events
    assert all("actor" not in entry["after"] for entry in events)


def test_an_export_takes_as_many_statements_however_much_is_held(
    loan: Loan, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    # The borrower, the last four of each number, nineteen tables, the audit trail.
    user_id = loan.borrower.public_id
    for _ in range(2):
        with django_assert_num_queries(2 + len(TOLD) + 1):
            personal_data(user_id)
        for number in range(5):
            pay(loan, 50_00 + number, on=loan.disbursed_on)


def test_the_command_writes_a_file_for_its_owner_alone_and_logs_it(
    loan: Loan, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = AccessLogEntry.objects.count()
    path, user_id = tmp_path / "export.json", loan.borrower.public_id
    call_command("export_personal_data", user_id, "--to", str(path))
    assert json.loads(path.read_text())["user_id"] == user_id
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert AccessLogEntry.objects.count() == before + 1
    entry = AccessLogEntry.objects.latest("id")
    assert (entry.borrower_id, entry.record, entry.origin) == (
        loan.borrower_id,
        user_id,
        "PROCESS",
    )
    with pytest.raises(CommandError, match="cannot be written anew"):
        call_command("export_personal_data", user_id, "--to", str(path))
    with pytest.raises(CommandError, match="borrower_not_found"):
        call_command("export_personal_data", "BC-USER-99999", "--to", str(tmp_path / "other"))
    assert not (tmp_path / "other").exists()


def test_a_borrower_without_a_loan_is_told_of_as_well() -> None:
    told = personal_data(a_borrower().public_id)
    assert told["loans"]["loan"] == []
    assert len(told["scores"]["creditscore"]) == 1
    assert not Consent.objects.exists()
