"""Who borrowed is erased when nothing runs and the law allows it; what was booked stays."""

from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from bright_credit.common.audit_trail.models import AuditEntry
from loan.models import Loan, LoanApplication
from loan.services.early_repayment import foreclose, foreclosure_quote_for
from loan.services.erasure import (
    AlreadyErased,
    ErasureTooEarly,
    StillBorrowing,
    erase_personal_data,
)
from loan.services.payments import PaymentOrder
from tests.audit import assert_books_verify
from tests.builders import LAKH, a_borrower, a_disbursed_loan, an_application
from tests.callers import a_login, as_staff, signed_in
from tests.integration.users.people import pan, registered
from users.models import (
    AadhaarRecord,
    Borrower,
    PanRecord,
    PhoneRecord,
    SignInCode,
    SignInSession,
)
from users.services.erasure import BorrowerErased
from users.services.numbers import change_pan, change_phone

pytestmark = pytest.mark.django_db

NOW = timezone.now()


def closed() -> Loan:
    """Return a loan that its borrower has repaid at once."""
    loan = a_disbursed_loan()
    on = loan.disbursed_on
    quoted = foreclosure_quote_for(loan.public_id, on=None, as_of=on)
    order = PaymentOrder(
        loan_id=loan.public_id,
        amount_paise=quoted.quote.amount_paise,
        payment_method="UPI",
        reference_id=f"CLOSE-{loan.pk}",
    )
    foreclose(order, quoted_on=None, as_of=on)
    loan.refresh_from_db()
    assert loan.status == Loan.Status.CLOSED
    return loan


def erase(borrower: Borrower, *, on: date) -> Borrower:
    """Erase a borrower on a day."""
    return erase_personal_data(borrower.public_id, as_of=on, now=NOW)


def test_who_never_had_a_loan_is_erased_at_once() -> None:
    borrower = a_borrower()
    name, email = borrower.name, borrower.email
    signed_in(borrower)
    change_pan(borrower.public_id, pan="ABCPK1234F")
    change_phone(borrower.public_id, phone="+919876543210")
    erase(borrower, on=date(2026, 1, 20))
    borrower.refresh_from_db()
    assert borrower.name == "Erased"
    assert borrower.email == f"erased-{borrower.pk}@erased.invalid"
    assert (borrower.date_of_birth, borrower.annual_income_paise) == (None, 0)
    assert borrower.erased_at == NOW
    assert not borrower.may_sign_in
    for records in (AadhaarRecord, PanRecord, PhoneRecord):
        assert not records._default_manager.exists()
    assert not SignInCode.objects.exists()
    assert not SignInSession.objects.filter(ended_at=None).exists()
    trail = str(list(AuditEntry.objects.values()))
    assert name not in trail
    assert email not in trail


def test_an_open_loan_and_a_waiting_application_refuse_it() -> None:
    loan = a_disbursed_loan()
    with pytest.raises(StillBorrowing):
        erase(loan.borrower, on=loan.disbursed_on + timedelta(days=9_999))
    waiting = an_application(a_borrower(), amount_paise=6 * LAKH, tenure_months=48).application
    assert waiting.status == LoanApplication.Status.REFERRED
    with pytest.raises(StillBorrowing):
        erase(waiting.borrower, on=date(2040, 1, 1))
    assert AadhaarRecord.objects.count() == 2


@pytest.mark.parametrize(("days", "allowed"), [(-1, False), (0, True)])
def test_five_years_after_the_last_loan_and_not_a_day_before(days: int, allowed: bool) -> None:
    loan = closed()
    assert loan.closed_on == date(2026, 1, 10)
    on = date(2031, 1, 10) + timedelta(days=days)
    if allowed:
        erase(loan.borrower, on=on)
        assert not AadhaarRecord.objects.exists()
    else:
        with pytest.raises(ErasureTooEarly, match="until 2031-01-10"):
            erase(loan.borrower, on=on)
        assert Borrower.objects.get().erased_at is None
        assert AadhaarRecord.objects.exists()


def test_what_was_booked_stays_and_verifies() -> None:
    loan = closed()
    before = Loan.objects.values().get()
    erase(loan.borrower, on=date(2031, 1, 20))
    assert Loan.objects.values().get() == before
    assert_books_verify()


def test_money_that_is_held_refuses_it() -> None:
    loan = closed()
    Loan.objects.filter(pk=loan.pk).update(excess_paise=100)
    with pytest.raises(StillBorrowing):
        erase(loan.borrower, on=date(2040, 1, 1))


def test_who_was_erased_is_erased_once_and_borrows_no_more() -> None:
    borrower = a_borrower()
    erase(borrower, on=date(2026, 1, 20))
    with pytest.raises(AlreadyErased):
        erase(borrower, on=date(2026, 1, 20))
    with pytest.raises(BorrowerErased):
        an_application(borrower)
    with pytest.raises(BorrowerErased):
        change_pan(borrower.public_id, pan="ABCPK1234F")
    with pytest.raises(BorrowerErased):
        change_phone(borrower.public_id, phone="+919876543210")
    assert not LoanApplication.objects.exists()


def test_the_numbers_and_the_address_are_free_again() -> None:
    first = registered(1, pan=pan(1))
    erase(first.borrower, on=date(2026, 11, 24))
    assert registered(1, pan=pan(1)).borrower.pk != first.borrower.pk


def test_the_command_erases_and_the_audit_trail_knows_why() -> None:
    borrower = a_borrower()
    out = StringIO()
    call_command("erase_personal_data", borrower.public_id, "--reason", "asked by mail", stdout=out)
    assert f"{borrower.public_id} was erased." in out.getvalue()
    entry = AuditEntry.objects.filter(table_name="users_borrower").latest("id")
    assert entry.reason == "asked by mail"
    assert [side and side["name"] for side in (entry.before, entry.after)] == ["***", "***"]
    with pytest.raises(CommandError, match="already_erased"):
        call_command("erase_personal_data", borrower.public_id, "--reason", "again")


def test_administrators_erase_in_the_admin_and_nobody_else() -> None:
    borrower = a_borrower()
    address = reverse("admin:users_borrower_erase", args=[borrower.pk])
    operations = as_staff(a_login("omar", role="operations"))
    assert operations.get(address).status_code == 403
    assert operations.post(address, {"reason": "x"}).status_code == 403
    assert Borrower.objects.get(pk=borrower.pk).erased_at is None
    administrator = as_staff(a_login("asha", role="administrator"))
    page = administrator.get(address)
    assert "Erase for good" in page.content.decode()
    assert administrator.post(address, {"reason": ""}).status_code == 200
    assert Borrower.objects.get(pk=borrower.pk).erased_at is None
    assert administrator.post(address, {"reason": "asked by mail"}).status_code == 302
    assert Borrower.objects.get(pk=borrower.pk).erased_at is not None
    entry = AuditEntry.objects.filter(table_name="users_borrower").latest("id")
    assert (entry.actor_name, entry.reason) == ("asha", "asked by mail")


def test_the_admin_says_why_it_cannot_be_done_yet() -> None:
    loan = a_disbursed_loan()
    administrator = as_staff(a_login("asha", role="administrator"))
    address = reverse("admin:users_borrower_erase", args=[loan.borrower_id])
    answer = administrator.get(address, follow=True)
    assert any("A loan is open" in str(message) for message in answer.context["messages"])
