"""Borrowers who stop paying and pay again: their class, and the income of their loans."""

from datetime import date, timedelta

import pytest

from bright_credit.common.postgresql.messages import send
from ledger.models import Entry
from loan.domain.asset_class import ClassChange
from loan.domain.unrealised import unrealised
from loan.models import AssetClassChange, Instalment, Loan
from loan.selectors.impairment import class_in, reading_class, suspense_of
from loan.selectors.loans import state_of
from loan.services.billing.classifying import classify_day
from loan.services.billing.run import run_billing
from loan.services.happening import Author
from loan.services.offering import make_offer
from loan.services.payments import PaymentOrder, post_payment, preview_payment, reverse_payment
from loan.services.takeover import take_over_loan
from tests.audit import assert_books_verify
from tests.builders import (
    DISBURSED,
    FIRST_DUE,
    LAKH,
    RUPEE,
    a_borrower,
    a_disbursed_loan,
    a_product,
    pay,
)
from tests.integration.loan.journal import assert_nothing_was_posted_into_a_closed_day
from users.models import Borrower

pytestmark = pytest.mark.django_db

EMI = 24_482 * RUPEE
NPA = date(2026, 5, 6)  # 90 days after 5 February
EARLIER = 666_667 + 642_913  # interest of the first two instalments, as docs/accounting.md has it
TELLER = Author(actor="teller", reason="returned by the bank")


def close_through(day: date) -> None:
    run_billing(day, today=day + timedelta(days=1), may_run_ahead=False)


def a_second_loan(borrower: Borrower, *, first_due: date = FIRST_DUE) -> Loan:
    offer = make_offer(
        a_product(),
        principal_paise=LAKH,
        tenure_months=12,
        annual_rate_bps=1_200,
        disbursed_on=first_due - timedelta(days=25),
    )
    return take_over_loan(offer, borrower=borrower, as_of=first_due - timedelta(days=25))


def entries(kind: str = "INCOME_SUSPENDED") -> list[tuple[str, str, str, int]]:
    return [
        (str(entry.value_date), line.debit_id, line.credit_id, line.amount_paise)
        for entry in Entry.objects.filter(kind=kind).order_by("id")
        for line in entry.transfers.order_by("line_number")
    ]


def classes(borrower: Borrower) -> list[tuple[str, str, bool]]:
    rows = AssetClassChange.objects.filter(borrower=borrower).order_by("id")
    return [(str(row.effective_on), row.asset_class, row.event_id is not None) for row in rows]


def class_recorded_at_the_end_of(day: date, loan: Loan) -> ClassChange | None:
    (rows,) = send(reading_class(loan.borrower_id, day, day_ended=True))
    return class_in(rows)


def standing_of(loan: Loan) -> tuple[date | None, int]:
    return loan.borrower_npa_since, loan.suspended_paise


def billed_interest(loan: Loan, through: int) -> int:
    rows = Instalment.objects.filter(loan=loan, version=1, number__lte=through)
    return sum(rows.values_list("interest_paise", flat=True))


def test_at_npa_the_income_that_was_booked_and_not_received_goes_into_suspense() -> None:
    loan = a_disbursed_loan()
    close_through(NPA - timedelta(days=1))
    assert entries() == []
    close_through(NPA)
    loan.refresh_from_db()
    assert loan.borrower_npa_since == NPA
    unpaid = billed_interest(loan, 4)
    assert unpaid > EARLIER
    assert entries() == [
        ("2026-05-06", "4000", "2400", unpaid),
        ("2026-05-06", "4300", "2400", 1_500 * RUPEE),
    ]
    assert classes(loan.borrower) == [("2026-05-06", "SUBSTANDARD", False)]
    assert_books_verify()


def test_while_non_performing_income_is_what_is_received() -> None:
    loan = a_disbursed_loan()
    close_through(NPA)
    pay(loan, EMI, on=date(2026, 5, 20))
    # The payment overtook the run: the penal charge of 9 May came first.
    assert entries()[2:] == [
        ("2026-05-20", "2400", "4000", 666_667),
        ("2026-05-20", "4300", "2400", 500 * RUPEE),
    ]
    loan.refresh_from_db()
    assert loan.borrower_npa_since == NPA, "part of the arrears was paid: the class stays"
    close_through(date(2026, 6, 5))
    fifth = Instalment.objects.get(loan=loan, version=1, number=5).interest_paise
    assert entries()[4:] == [("2026-06-05", "4000", "2400", fifth)]
    assert_books_verify()


def test_paying_all_arrears_makes_the_borrower_standard_and_releases_what_is_left() -> None:
    loan = a_disbursed_loan()
    close_through(NPA)
    pay(loan, 4 * EMI, on=date(2026, 5, 7))
    loan.refresh_from_db()
    assert standing_of(loan) == (None, 0)
    assert classes(loan.borrower) == [
        ("2026-05-06", "SUBSTANDARD", False),
        ("2026-05-07", "STANDARD", True),
    ]
    # The penal charges are unpaid still; they are income again, as before.
    assert entries()[2:] == [
        ("2026-05-07", "2400", "4000", billed_interest(loan, 4)),
        ("2026-05-07", "2400", "4300", 1_500 * RUPEE),
    ]
    close_through(date(2026, 6, 5))
    assert len(entries()) == 4, "the dues to come are income when they are billed"
    assert_books_verify()


def test_all_loans_of_the_borrower_are_non_performing_until_the_last_arrears_are_paid() -> None:
    loan = a_disbursed_loan()
    other = a_second_loan(loan.borrower, first_due=date(2026, 5, 5))
    close_through(NPA)
    other.refresh_from_db()
    assert (other.borrower_npa_since, other.npa_since) == (NPA, None)
    assert other.suspended_interest_paise == billed_interest(other, 1)
    pay(loan, 4 * EMI, on=date(2026, 5, 8))
    loan.refresh_from_db()
    assert loan.npa_since is None
    assert loan.borrower_npa_since == NPA, "the other loan has arrears, three days old"
    pay(other, 9_000 * RUPEE, on=date(2026, 5, 9))
    loan.refresh_from_db()
    other.refresh_from_db()
    assert standing_of(loan) == standing_of(other) == (None, 0)
    assert [row[:2] for row in classes(loan.borrower)] == [
        ("2026-05-06", "SUBSTANDARD"),
        ("2026-05-09", "STANDARD"),
    ]
    assert_books_verify()
    close_through(date(2026, 5, 20))
    assert_books_verify()


def test_a_payment_that_bounces_after_the_upgrade_takes_the_upgrade_back() -> None:
    loan = a_disbursed_loan()
    other = a_second_loan(loan.borrower, first_due=date(2026, 5, 5))
    pay(other, LAKH // 12, on=date(2026, 5, 4))
    close_through(NPA)
    payment = pay(loan, 4 * EMI, on=date(2026, 5, 7))
    close_through(date(2026, 5, 20))
    reverse_payment(payment.pk, as_of=date(2026, 5, 21), by=TELLER)
    loan.refresh_from_db()
    other.refresh_from_db()
    assert (loan.borrower_npa_since, other.borrower_npa_since) == (NPA, NPA)
    held = class_recorded_at_the_end_of(date(2026, 5, 10), loan)
    assert held is not None
    assert held.npa_since == NPA
    assert_books_verify()
    assert_nothing_was_posted_into_a_closed_day()


def test_a_payment_told_late_undoes_the_class_as_if_it_had_come_in_time() -> None:
    late, punctual = a_disbursed_loan(), a_disbursed_loan()
    pay(punctual, EMI, on=FIRST_DUE)
    close_through(date(2026, 5, 20))
    late.refresh_from_db()
    assert late.borrower_npa_since == NPA
    post_payment(
        PaymentOrder(
            loan_id=late.public_id,
            amount_paise=EMI,
            payment_method="UPI",
            reference_id="LATE-NEWS",
            value_date=FIRST_DUE,
        ),
        as_of=date(2026, 5, 21),
    )
    late.refresh_from_db()
    punctual.refresh_from_db()
    assert standing_of(late) == (None, 0)
    assert late.penal_levied_through == punctual.penal_levied_through
    held = class_recorded_at_the_end_of(date(2026, 5, 10), late)
    assert held is None or held.npa_since is None
    assert sum(paise if credit == "2400" else -paise for _, _, credit, paise in entries()) == 0
    assert_books_verify()
    close_through(date(2026, 6, 3))
    assert [Loan.objects.get(pk=loan.pk).borrower_npa_since for loan in (late, punctual)] == [
        date(2026, 6, 3)
    ] * 2
    assert_books_verify()


def test_the_preview_of_a_payment_shows_the_class_that_it_brings_to_all_loans() -> None:
    loan = a_disbursed_loan()
    other = a_second_loan(loan.borrower, first_due=date(2026, 5, 5))
    close_through(NPA)
    clearing = PaymentOrder(
        loan_id=loan.public_id, amount_paise=4 * EMI, payment_method="UPI", reference_id="ONE"
    )
    seen = preview_payment(clearing, as_of=date(2026, 5, 7)).comparison
    assert (seen.before.asset_class, seen.after.asset_class) == ("SUBSTANDARD", "SUBSTANDARD")
    pay(other, 9_000 * RUPEE, on=date(2026, 5, 7))
    seen = preview_payment(clearing, as_of=date(2026, 5, 7)).comparison
    assert (seen.before.asset_class, seen.after.asset_class) == ("SUBSTANDARD", "STANDARD")
    assert (seen.before.npa_since, seen.after.npa_since) == (NPA, None)


def test_the_sub_class_follows_at_the_day_end_of_the_year() -> None:
    offer = make_offer(
        a_product(),
        principal_paise=LAKH,
        tenure_months=24,
        annual_rate_bps=1_200,
        disbursed_on=date(2025, 6, 10),  # first due on 5 July, 90 days old on 3 October
    )
    loan = take_over_loan(offer, borrower=a_borrower(), as_of=date(2026, 10, 2))
    close_through(date(2026, 10, 2))
    assert classes(loan.borrower) == [("2025-10-03", "SUBSTANDARD", False)]
    close_through(date(2026, 10, 4))
    assert classes(loan.borrower)[1:] == [("2026-10-03", "DOUBTFUL_1", False)]
    assert_books_verify()


def test_classifying_a_day_twice_changes_nothing_the_second_time() -> None:
    loan = a_disbursed_loan()
    close_through(NPA)
    before = (entries(), classes(loan.borrower))
    classify_day(NPA)
    classify_day(NPA + timedelta(days=1))  # open: nothing was billed on it yet
    assert (entries(), classes(loan.borrower)) == before


def test_a_loan_taken_over_in_default_brings_its_class_along() -> None:
    loan = a_second_loan(a_disbursed_loan().borrower)
    offer = make_offer(
        a_product(),
        principal_paise=LAKH,
        tenure_months=12,
        annual_rate_bps=1_200,
        disbursed_on=DISBURSED,
    )
    close_through(date(2026, 3, 1))
    taken = take_over_loan(
        make_offer(
            a_product(),
            principal_paise=LAKH,
            tenure_months=12,
            annual_rate_bps=1_200,
            disbursed_on=date(2025, 6, 10),
        ),
        borrower=loan.borrower,
        as_of=date(2026, 3, 2),
    )
    assert offer.terms.first_due_date == FIRST_DUE
    assert taken.borrower_npa_since == date(2025, 10, 3)  # 5 July 2025 and 90 days
    loan.refresh_from_db()
    assert loan.borrower_npa_since == taken.borrower_npa_since
    assert suspense_of(taken) == unrealised(state_of(taken).position, state_of(taken).schedule)
    assert_books_verify()
