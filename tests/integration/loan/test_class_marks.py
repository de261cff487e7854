"""Marks meet one another and the past: two checkers at once, and history retold on a mark's day."""

from datetime import UTC, date, datetime, timedelta

import pytest

from loan.domain.asset_class import AssetClass
from loan.domain.events import WriteOffKind
from loan.models import ApprovalDecision, ApprovalRequest, AssetClassChange, Event, Loan
from loan.services.approvals.asking import Asked, ask
from loan.services.approvals.deciding import AlreadyDecided, Checker, Decided, approve, reject
from loan.services.approvals.kinds import class_mark
from loan.services.billing.run import run_billing
from loan.services.class_marks import MarkOrder, NotMarked, mark_class
from loan.services.happening import Author
from loan.services.payments import PaymentOrder, post_payment, reverse_payment
from loan.services.writing_off import write_off
from tests.audit import assert_books_verify
from tests.builders import FIRST_DUE, LAKH, RUPEE, a_disbursed_loan, a_product, pay
from tests.integration.loan.journal import assert_nothing_was_posted_into_a_closed_day
from tests.integration.loan.racing import collide
from users.domain.callers import Caller, CallerKind
from users.models import Borrower

pytestmark = pytest.mark.django_db

race = pytest.mark.django_db(transaction=True)

EMI = 24_482 * RUPEE
NOW = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
MARKED = FIRST_DUE + timedelta(days=5)
LIFTED = MARKED + timedelta(days=9)
MAKER = Caller(CallerKind.STAFF, 1)
AUDITOR = Author(actor="auditor", reason="fraud")
TELLER = Author(actor="teller", reason="returned by the bank")


def close_through(day: date) -> None:
    run_billing(day, today=day + timedelta(days=1), may_run_ahead=False)


def mark(loan: Loan, asset_class: AssetClass | None, *, on: date) -> None:
    """Mark a loan's borrower, or lift the mark, on the open date."""
    order = MarkOrder(loan_id=loan.public_id, asset_class=asset_class)
    mark_class(order, as_of=on, by=AUDITOR)
    loan.refresh_from_db()


def asked(order: MarkOrder, *, on: date, maker: Caller = MAKER) -> ApprovalRequest:
    """Ask for a mark, or for its lifting."""
    made = ask(class_mark(order), by=AUDITOR, maker=maker, as_of=on, now=NOW)
    assert isinstance(made, Asked)
    return made.request


def checker(number: int) -> Checker:
    return Checker(caller=Caller(CallerKind.STAFF, number), name=f"checker {number}", note="seen")


def approving(request: ApprovalRequest, *, on: date, by: int) -> Decided:
    return approve(request.pk, by=checker(by), as_of=on, now=NOW)


def classes(borrower: Borrower) -> list[tuple[str, str]]:
    rows = AssetClassChange.objects.filter(borrower=borrower).order_by("id")
    return [(str(row.effective_on), row.asset_class) for row in rows]


def marks() -> int:
    return Event.objects.filter(kind=Event.Kind.CLASS_MARK).count()


def names(results: list[Decided | Exception]) -> list[str]:
    return sorted(type(result).__name__ for result in results)


@race
def test_two_checkers_who_approve_a_mark_at_once_mark_once() -> None:
    loan = a_disbursed_loan()
    day = loan.disbursed_on
    order = MarkOrder(loan_id=loan.public_id, asset_class=AssetClass.LOSS)
    request = asked(order, on=day)
    # One holds the request and waits for the loan; the other waits for the request.
    results = collide(
        [lambda: approving(request, on=day, by=2), lambda: approving(request, on=day, by=3)],
        hold=lambda: Loan.objects.select_for_update().get(pk=loan.pk),
    )
    assert names(results) == ["AlreadyDecided", "Decided"]
    (refusal,) = [result for result in results if isinstance(result, AlreadyDecided)]
    assert str(refusal) == "The request is decided: approved already."
    assert marks() == ApprovalDecision.objects.count() == 1
    assert classes(loan.borrower) == [(str(day), "LOSS")]
    assert_books_verify()


@race
@pytest.mark.parametrize("lifting", [False, True])
def test_an_approval_and_a_rejection_of_a_mark_at_once_are_one_decision(lifting: bool) -> None:
    loan = a_disbursed_loan()
    day = loan.disbursed_on
    if lifting:
        mark(loan, AssetClass.LOSS, on=day)
    before = marks()
    asset_class = None if lifting else AssetClass.LOSS
    request = asked(MarkOrder(loan_id=loan.public_id, asset_class=asset_class), on=day)
    results = collide(
        [
            lambda: approving(request, on=day, by=2),
            lambda: reject(request.pk, by=checker(3), now=NOW),
        ],
        hold=lambda: ApprovalRequest.objects.select_for_update().get(pk=request.pk),
    )
    assert names(results) == ["AlreadyDecided", "Decided"]
    decision = ApprovalDecision.objects.get()
    approved = decision.outcome == "APPROVED"
    assert marks() - before == (1 if approved else 0)
    loan.refresh_from_db()
    is_marked = loan.borrower_marked_class is not None
    assert is_marked is (lifting is not approved)
    assert_books_verify()


@race
def test_of_two_requests_to_lift_one_mark_approved_at_once_one_takes_effect() -> None:
    a_product(maximum_active_loans=2, maximum_recent_enquiries=None)
    loan = a_disbursed_loan()
    day = loan.disbursed_on
    other = a_disbursed_loan(loan.borrower, amount_paise=LAKH)
    mark(loan, AssetClass.LOSS, on=day)
    # The mark is the borrower's: it can be asked for by either loan.
    requests = [
        asked(MarkOrder(loan_id=one.public_id, asset_class=None), on=day) for one in (loan, other)
    ]
    results = collide(
        [
            lambda: approving(requests[0], on=day, by=2),
            lambda: approving(requests[1], on=day, by=3),
        ],
        hold=lambda: Loan.objects.select_for_update().get(pk=loan.pk),
    )
    assert names(results) == ["Decided", "NotMarked"]
    (refusal,) = [result for result in results if isinstance(result, NotMarked)]
    assert refusal.code == "class_not_marked"
    assert marks() == 2  # the mark, and its lifting
    assert ApprovalDecision.objects.count() == 1
    loan.refresh_from_db()
    assert loan.borrower_marked_class is None
    assert_books_verify()


def lifted_today() -> Loan:
    """Return a loan whose borrower was marked on a day that is closed, and is lifted on this."""
    loan = a_disbursed_loan()
    close_through(MARKED - timedelta(days=1))
    mark(loan, AssetClass.LOSS, on=MARKED)
    close_through(LIFTED - timedelta(days=1))
    mark(loan, None, on=LIFTED)
    return loan


def test_a_payment_of_a_day_under_the_mark_that_comes_as_the_mark_is_lifted() -> None:
    loan = lifted_today()
    assert classes(loan.borrower) == [(str(MARKED), "LOSS"), (str(LIFTED), "STANDARD")]
    order = PaymentOrder(
        loan_id=loan.public_id,
        amount_paise=EMI,
        payment_method="UPI",
        reference_id="LATE-NEWS",
        value_date=MARKED + timedelta(days=2),
    )
    post_payment(order, as_of=LIFTED)
    loan.refresh_from_db()
    assert (loan.borrower_npa_since, loan.borrower_marked_class) == (None, None)
    assert loan.suspended_paise == 0
    assert loan.oldest_unpaid_due_date == date(2026, 3, 5)
    assert classes(loan.borrower)[-1] == (str(LIFTED), "STANDARD")
    assert_nothing_was_posted_into_a_closed_day()
    assert_books_verify()
    close_through(LIFTED)
    assert_books_verify()


def test_a_reversal_of_a_payment_from_before_the_mark_on_the_day_it_is_lifted() -> None:
    loan = a_disbursed_loan()
    payment = pay(loan, EMI, on=FIRST_DUE)
    close_through(MARKED - timedelta(days=1))
    mark(loan, AssetClass.LOSS, on=MARKED)
    close_through(LIFTED - timedelta(days=1))
    mark(loan, None, on=LIFTED)
    reverse_payment(payment.pk, as_of=LIFTED, by=TELLER)
    loan.refresh_from_db()
    assert (loan.borrower_npa_since, loan.borrower_marked_class) == (None, None)
    assert loan.suspended_paise == 0
    assert loan.oldest_unpaid_due_date == FIRST_DUE
    assert classes(loan.borrower)[-1] == (str(LIFTED), "STANDARD")
    assert_nothing_was_posted_into_a_closed_day()
    assert_books_verify()
    # Overdue since the first due date, and non-performing by its own arrears 90 days after it.
    close_through(FIRST_DUE + timedelta(days=90))
    loan.refresh_from_db()
    assert loan.borrower_npa_since == FIRST_DUE + timedelta(days=90)
    assert classes(loan.borrower)[-1] == ("2026-05-06", "SUBSTANDARD")
    assert_books_verify()


def test_a_reversal_that_makes_the_borrower_non_performing_as_the_mark_is_lifted() -> None:
    loan = a_disbursed_loan()
    payment = pay(loan, EMI, on=FIRST_DUE)
    npa = FIRST_DUE + timedelta(days=90)
    close_through(npa - timedelta(days=20))
    mark(loan, AssetClass.LOSS, on=npa - timedelta(days=19))
    close_through(npa + timedelta(days=2))
    lifted = npa + timedelta(days=3)
    reverse_payment(payment.pk, as_of=lifted, by=TELLER)
    mark(loan, None, on=lifted)
    assert loan.borrower_marked_class is None
    assert loan.borrower_npa_since is not None
    assert loan.oldest_unpaid_due_date == FIRST_DUE
    assert classes(loan.borrower)[-1][1] == "SUBSTANDARD"
    assert loan.suspended_paise > 0
    assert_nothing_was_posted_into_a_closed_day()
    assert_books_verify()
    close_through(lifted)
    assert_books_verify()


def test_a_loan_written_off_under_a_mark_counts_by_its_days_once_the_mark_is_lifted() -> None:
    loan = a_disbursed_loan()
    close_through(MARKED - timedelta(days=1))
    mark(loan, AssetClass.LOSS, on=MARKED)
    write_off(loan.public_id, WriteOffKind.TECHNICAL, as_of=MARKED, by=AUDITOR)
    mark(loan, None, on=MARKED)
    npa = FIRST_DUE + timedelta(days=90)
    close_through(npa - timedelta(days=1))
    before = [(str(MARKED), "LOSS"), (str(MARKED), "STANDARD")]
    assert classes(loan.borrower) == before
    close_through(npa)
    assert classes(loan.borrower) == [*before, (str(npa), "SUBSTANDARD")]
    assert_books_verify()
