"""Every change is in the trail: by whom, from where, why, before and after."""

import json
from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import connection, transaction
from django.db.utils import IntegrityError
from django.test import Client
from django.urls import reverse

from bright_credit.common.audit_trail.models import AuditEntry
from loan.models import LoanProduct
from loan.services.billing.run import run_billing
from tests.api.calls import answer, get, post
from tests.approving import approved
from tests.builders import DISBURSED, FIRST_DUE, a_borrower, a_disbursed_loan, a_product, pay
from tests.callers import ELSEWHERE, a_login, a_partner, as_partner, as_staff
from users.models import Borrower
from users.services.numbers import change_pan, change_phone

pytestmark = pytest.mark.django_db


def entries(table: str, **wanted: Any) -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(table_name=table, **wanted).order_by("id"))


def test_a_payment_over_the_api_names_the_partner_the_address_and_the_request() -> None:
    loan = a_disbursed_loan()
    partner = a_partner()
    Borrower.objects.filter(pk=loan.borrower_id).update(partner=partner)
    body = {
        "loan_id": loan.public_id,
        "amount": 100,
        "payment_method": "UPI",
        "reference_id": "UPI-1",
    }
    headers: dict[str, Any] = as_partner(partner)
    taken = Client().post(
        "/api/v1/loans/payments",
        json.dumps(body),
        content_type="application/json",
        HTTP_X_REQUEST_ID="req-77",
        **headers,
    )
    assert taken.status_code == 201
    (entry,) = entries("loan_event")
    assert (entry.origin, entry.actor) == ("API", f"partner:{partner.pk}")
    assert (entry.address, entry.request_id) == (ELSEWHERE, "req-77")
    assert entry.action == "POST /api/v1/loans/payments"
    assert entry.before is None
    assert entry.after is not None
    assert (entry.after["kind"], entry.after["loan_id"]) == ("PAYMENT", loan.pk)


def test_a_change_in_the_admin_has_its_person_and_only_what_differs() -> None:
    boss = a_login("asha", is_superuser=True)
    borrower = a_borrower()
    form = {"kyc_status": "VERIFIED", "may_sign_in": "on", "wants_reminders": "on"}
    address = reverse("admin:users_borrower_change", args=[borrower.pk])
    assert as_staff(boss).post(address, form).status_code == 302
    (entry,) = entries("users_borrower", change="UPDATE")
    assert (entry.origin, entry.actor, entry.actor_name) == ("ADMIN", f"staff:{boss.pk}", "asha")
    assert entry.address == ELSEWHERE
    assert entry.before == {"kyc_status": "DECLARED"}
    assert entry.after == {"kyc_status": "VERIFIED"}


def test_a_change_of_rights_is_in_the_trail() -> None:
    clerk, boss = a_login("clerk"), a_login("boss", is_superuser=True)
    group = Group.objects.get(name="viewer")
    address = reverse("admin:users_user_change", args=[clerk.pk])
    form = {"username": "clerk", "is_active": "on", "is_staff": "on", "groups": [group.pk]}
    form |= {"date_joined_0": "2026-11-25", "date_joined_1": "10:00:00"}
    assert as_staff(boss).post(address, form).status_code == 302
    (entry,) = entries("users_user_groups")
    assert entry.actor_name == "boss"
    assert entry.after is not None
    assert entry.after["group_id"] == group.pk


def test_a_process_and_whoever_writes_past_the_product_are_named_too() -> None:
    product = a_product()
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('brightlend.context', '', true)")
        cursor.execute("UPDATE loan_loanproduct SET penal_grace_days = penal_grace_days + 1")
    (entry,) = entries("loan_loanproduct", change="UPDATE", row_key=product.code)
    assert entry.origin == "PROCESS"
    assert entry.actor.startswith("brightlend ")
    assert entry.database_user
    assert entry.before is not None
    assert entry.after is not None
    assert entry.after["penal_grace_days"] == entry.before["penal_grace_days"] + 1


def test_what_is_undone_leaves_no_entry_and_reading_writes_none() -> None:
    loan = a_disbursed_loan()
    before = AuditEntry.objects.count()
    with transaction.atomic():
        LoanProduct.objects.update(open_to_applications=False)
        transaction.set_rollback(True)
    boss = as_staff(a_login("boss", is_superuser=True))
    made = AuditEntry.objects.count() - before  # the login itself, and its authenticator
    for path in ("/admin/", reverse("admin:users_borrower_changelist")):
        boss.get(path)
    get(boss, f"loans/{loan.public_id}")
    assert AuditEntry.objects.count() - before == made
    assert not entries("loan_loanproduct", change="UPDATE")


def test_a_billing_run_is_one_entry_whatever_it_bills() -> None:
    for _ in range(3):
        a_disbursed_loan()
    run_billing(date(2026, 2, 4), today=FIRST_DUE, may_run_ahead=False)
    before = AuditEntry.objects.count()
    run_billing(FIRST_DUE, today=date(2026, 2, 6), may_run_ahead=False)
    assert AuditEntry.objects.count() - before == 1
    assert entries("loan_billingrun")[-1].row_key == "2026-02-05"


def test_the_maker_and_the_checker_are_both_in_the_trail(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bright_credit.common.business_day.today", lambda: DISBURSED)
    loan = a_disbursed_loan()
    body = {"charge": "SWAP-1", "amount": 100, "reason": "mandate"}
    answer(post(client, f"loans/{loan.public_id}/charges", body), status=201)
    approved(client, f"loans/{loan.public_id}/charges/SWAP-1/waive", {"reason": "goodwill"})
    (asked,), (decided,) = entries("loan_approvalrequest"), entries("loan_approvaldecision")
    assert (asked.actor, asked.reason) == ("local:", "goodwill")
    assert decided.actor_name == "checker"
    waived = entries("loan_event")[-1]
    assert (waived.actor_name, waived.reason) == ("checker", "goodwill")


def test_what_is_personal_or_secret_is_masked() -> None:
    borrower = a_borrower()
    (entry,) = entries("users_borrower")
    assert entry.after is not None
    assert entry.after["name"] == entry.after["email"] == "***"
    change_pan(borrower.public_id, pan="ABCPK1234F")
    change_phone(borrower.public_id, phone="+919876543210")
    for table in ("users_aadhaarrecord", "users_panrecord", "users_phonerecord"):
        (record,) = entries(table)
        assert record.after is not None
        assert record.row_key == str(borrower.pk)
        assert record.after["id"] == record.after["ciphertext"] == "***"
        assert record.after["last_four"] == "***"
        assert record.after.get("number_hmac", "***") == "***"
    text = json.dumps(list(AuditEntry.objects.values("before", "after")), default=str)
    assert borrower.email not in text
    assert borrower.name not in text


def test_entries_are_not_changed_by_anybody() -> None:
    a_borrower()
    for statement in (
        "UPDATE audit_trail_auditentry SET actor = 'x'",
        "DELETE FROM audit_trail_auditentry",
    ):
        with pytest.raises(IntegrityError, match="only grows"), transaction.atomic():
            connection.cursor().execute(statement)


def test_a_request_that_fails_inside_a_savepoint_is_named_afterwards() -> None:
    loan = a_disbursed_loan()
    pay(loan, 100_00, on=DISBURSED, reference="UPI-1")
    boss = a_login("asha", is_superuser=True)
    for key, status in (("a", 409), ("b", 201)):
        body = {
            "loan_id": loan.public_id,
            "amount": 200,
            "payment_method": "UPI",
            "reference_id": "UPI-1" if key == "a" else "UPI-2",
        }
        sent = as_staff(boss).post(
            "/api/v1/loans/payments",
            json.dumps(body),
            content_type="application/json",
            HTTP_IDEMPOTENCY_KEY=key,
        )
        assert sent.status_code == status
    assert entries("loan_event")[-1].actor_name == "asha"


def test_the_trail_does_not_stop_a_fixture(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("loaddata", "initial_data.json", verbosity=0)
    assert entries("users_borrower")
