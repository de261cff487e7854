"""Who looked at whom is written down before they are shown it, and kept."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from bright_credit.common.append_only import AppendOnlyViolation
from loan.models import Loan, Payment
from tests.api.conftest import SetDate
from tests.builders import DISBURSED, a_disbursed_loan, pay
from tests.callers import ELSEWHERE, a_login, a_partner, as_borrower, as_partner, as_staff
from users.models import AccessLogEntry, Borrower, Partner
from users.services import access_log
from users.services.tidying import remove_old_looks

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def live(settings: Settings) -> None:
    """Shut the sandbox's door, which logs nobody."""
    settings.OPEN_TO_LOOPBACK = False
    settings.STAFF_SECOND_FACTOR = True


@pytest.fixture
def partner() -> Partner:
    """Return a partner."""
    return a_partner()


@pytest.fixture
def loan(partner: Partner, today: SetDate) -> Loan:
    """Return a loan of a partner's borrower."""
    loan = a_disbursed_loan(amount_paise=100_000_00)
    Borrower.objects.filter(pk=loan.borrower_id).update(partner=partner)
    return loan


@pytest.fixture
def staff() -> Client:
    """Return the browser of an administrator."""
    return as_staff(a_login("asha", role="administrator"))


def looks() -> list[tuple[str, int | None, str, str]]:
    """Return the whole log: who, whom, what, by which route."""
    rows = AccessLogEntry.objects.order_by("id")
    return list(rows.values_list("actor", "borrower_id", "record", "action"))


def addresses(loan: Loan) -> list[tuple[str, str]]:
    """Return every read of a loan and its borrower over the API, with the record it is about."""
    person, this = loan.borrower.public_id, loan.public_id
    below = ("explanations", "documents", "documents/key-facts", "documents/statement?format=pdf")
    return [
        (f"credit/scores?user_id={person}", person),
        (f"loans?user_id={person}", person),
        (f"loans/{this}", this),
        (f"statements?loan_id={this}", this),
        *((f"loans/{this}/{each}", this) for each in below),
    ]


def test_each_read_of_a_partner_is_one_row(loan: Loan, partner: Partner) -> None:
    client = Client()
    headers: dict[str, Any] = as_partner(partner)
    for number, (address, record) in enumerate(addresses(loan), start=1):
        answer = client.get(f"/api/v1/{address}", HTTP_X_REQUEST_ID=f"look-{number}", **headers)
        assert answer.status_code == 200, answer.content
        entry = AccessLogEntry.objects.latest("id")
        assert AccessLogEntry.objects.count() == number
        assert (entry.actor, entry.borrower_id, entry.record, entry.origin) == (
            f"partner:{partner.pk}",
            loan.borrower_id,
            record,
            "API",
        )
        assert (entry.address, entry.request_id) == (ELSEWHERE, f"look-{number}")
        assert entry.action.startswith("GET /api/v1/")
        assert abs(entry.at - timezone.now()) < timedelta(minutes=1)


def test_each_read_of_staff_over_the_api_is_one_row(loan: Loan, staff: Client) -> None:
    for address, _ in addresses(loan):
        assert staff.get(f"/api/v1/{address}").status_code == 200
    assert len(looks()) == len(addresses(loan))
    assert set(AccessLogEntry.objects.values_list("actor_name", flat=True)) == {"asha"}


def test_borrowers_and_the_sandbox_are_not_logged(loan: Loan, settings: Settings) -> None:
    borrower: dict[str, Any] = as_borrower(loan.borrower)
    settings.OPEN_TO_LOOPBACK = True
    for address, _ in addresses(loan):
        assert Client().get(f"/api/v1/{address}", **borrower).status_code == 200
        assert Client().get(f"/api/v1/{address}").status_code == 200
    assert looks() == []


def test_a_log_entry_costs_one_statement(
    loan: Loan, partner: Partner, staff: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers: dict[str, Any] = as_partner(partner)
    page = reverse("admin:loan_loan_change", args=[loan.pk])

    def counted() -> tuple[int, int]:
        with CaptureQueriesContext(connection) as api:
            Client().get(f"/api/v1/statements?loan_id={loan.public_id}", **headers)
        with CaptureQueriesContext(connection) as admin:
            staff.get(page)
        return len(api), len(admin)

    counted()
    with_log = counted()
    for name in ("record_looks", "record_row"):
        monkeypatch.setattr(f"users.api.access_log.{name}", lambda *_, **__: None)
    without = counted()
    assert with_log == (without[0] + 1, without[1] + 1)


def test_who_is_refused_has_looked_at_nobody(loan: Loan, staff: Client) -> None:
    stranger: dict[str, Any] = as_partner(a_partner("Other"))
    assert Client().get(f"/api/v1/loans/{loan.public_id}", **stranger).status_code == 404
    assert staff.get("/api/v1/loans/LN-2026-99999").status_code == 404
    assert Client().get(f"/api/v1/loans/{loan.public_id}").status_code == 401
    assert staff.get(reverse("admin:loan_loan_change", args=[999_999_999])).status_code == 302
    assert Client().get(reverse("admin:loan_loan_change", args=[loan.pk])).status_code == 302
    assert looks() == []


def test_a_preview_is_a_look_and_a_payment_is_in_the_audit_trail(
    loan: Loan, partner: Partner
) -> None:
    headers: dict[str, Any] = as_partner(partner)
    payment = pay(loan, 100_00, on=DISBURSED)
    imagined = {"events": [{"event": "PAY", "on": "2026-02-05", "amount": 100}]}
    paid = {"loan_id": loan.public_id, "amount": 1, "payment_method": "UPI", "reference_id": "X"}
    for path, body, status in (
        (f"loans/{loan.public_id}/what-if", imagined, 200),
        (f"loans/payments/{payment.pk}/reverse/preview", {}, 200),
        ("loans/payments", paid, 201),
    ):
        answer = Client().post(f"/api/v1/{path}", body, "application/json", **headers)
        assert answer.status_code == status, answer.content
    assert [(whom, record) for _, whom, record, _ in looks()] == [
        (loan.borrower_id, loan.public_id)
    ] * 2


@pytest.mark.parametrize("model", [Borrower, Loan, Payment])
def test_a_page_of_the_admin_is_a_look_at_whose_it_is(
    loan: Loan, staff: Client, model: type[Any]
) -> None:
    pay(loan, 100_00, on=DISBURSED)
    row = model.objects.get()
    opts = model._meta
    answer = staff.get(reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[row.pk]))
    assert answer.status_code == 200
    [(actor, whom, record, action)] = looks()
    assert actor.startswith("staff:")
    assert (whom, record) == (loan.borrower_id, f"{opts.label_lower}:{row.pk}")
    assert action.startswith("GET /admin/")


def test_the_explained_loan_of_the_admin_is_a_look_as_well(loan: Loan, staff: Client) -> None:
    assert staff.get(reverse("admin:loan_loan_explain", args=[loan.pk])).status_code == 200
    assert [whom for _, whom, _, _ in looks()] == [loan.borrower_id]


def test_a_list_is_one_row_without_what_was_typed(loan: Loan, staff: Client) -> None:
    people = reverse("admin:users_borrower_changelist")
    for query in ({"q": "Asha Rao"}, {"q": "BC-USER-009"}, {"kyc_status__exact": "DECLARED"}, {}):
        assert staff.get(people, query).status_code == 200
    rows = AccessLogEntry.objects.order_by("id")
    assert not rows.exclude(borrower=None, record="users.borrower").exists()
    assert list(rows.values_list("filter", flat=True)) == [
        "q=***",
        "q=BC-USER-009",
        "kyc_status__exact=DECLARED",
        "",
    ]


def test_lists_of_nobody_are_no_looks(staff: Client) -> None:
    assert staff.get(reverse("admin:ledger_account_changelist")).status_code == 200
    assert staff.get(reverse("admin:loan_loanproduct_changelist")).status_code == 200
    assert looks() == []


def test_requests_for_approval_are_logged(staff: Client) -> None:
    assert staff.get("/api/v1/approvals").status_code == 200
    assert [(whom, action) for _, whom, _, action in looks()] == [(None, "GET /api/v1/approvals")]


def test_without_the_row_there_is_no_answer(
    loan: Loan, partner: Partner, staff: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object, **_kwargs: object) -> None:
        raise OperationalError("the log cannot be written")

    monkeypatch.setattr(access_log, "_execute", refuse)
    headers: dict[str, Any] = as_partner(partner)
    shown = Client(raise_request_exception=False).get(
        f"/api/v1/statements?loan_id={loan.public_id}", **headers
    )
    assert shown.status_code == 503
    assert shown["Content-Type"] == "application/problem+json"
    assert b"loan_summary" not in shown.content
    staff.raise_request_exception = False
    page = staff.get(reverse("admin:users_borrower_change", args=[loan.borrower_id]))
    assert page.status_code == 503
    assert loan.borrower.name not in page.content.decode()


def test_the_log_is_read_by_administrators_alone(loan: Loan, staff: Client) -> None:
    page = reverse("admin:users_borrower_change", args=[loan.borrower_id])
    log = reverse("admin:users_accesslogentry_changelist")
    viewer = as_staff(a_login("vikram", role="viewer"))
    assert "Who looked" not in viewer.get(page).content.decode()
    assert viewer.get(log).status_code == 403
    assert "vikram" in staff.get(page).content.decode()
    found = staff.get(log, {"q": loan.borrower.public_id}).content.decode()
    assert "vikram" in found
    assert "vikram" not in staff.get(log, {"q": "asha"}).content.decode()


def a_look(loan: Loan) -> AccessLogEntry:
    """Return a look at the loan's borrower."""
    return AccessLogEntry.objects.create(
        actor="staff:7", borrower_id=loan.borrower_id, origin="ADMIN", action="GET /admin/"
    )


def test_no_row_is_changed_or_removed_within_a_year(loan: Loan) -> None:
    entry = a_look(loan)
    with pytest.raises(AppendOnlyViolation):
        entry.delete()
    for sql in (
        "UPDATE users_accesslogentry SET actor = 'staff:8'",
        "DELETE FROM users_accesslogentry",
        "SET CONSTRAINTS ALL IMMEDIATE; SET LOCAL brightlend.allow_truncate = off; "
        "TRUNCATE users_accesslogentry",
    ):
        with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
            _execute(sql)
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        remove_old_looks(before=timezone.now() + timedelta(days=1))
    assert AccessLogEntry.objects.count() == 1


def test_what_was_kept_long_enough_goes_and_nothing_else(loan: Loan) -> None:
    now = timezone.now()
    for days in (800, 731, 729, 0):
        AccessLogEntry.objects.create(
            at=now - timedelta(days=days), actor="staff:7", origin="ADMIN", action="GET /admin/"
        )
    assert remove_old_looks(before=now - timedelta(days=730)) == 2
    assert remove_old_looks(before=now - timedelta(days=730)) == 0
    assert AccessLogEntry.objects.count() == 2


def _execute(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)
