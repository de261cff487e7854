"""Holidays whose interest becomes principal: in the rows, in the books, and when history changes.

The loan of docs/accounting.md: 5,00,000 at 16 % over 24 months. Its first instalment is paid, which
leaves 4,82,184.67. The holiday, agreed on 10 February 2026, skips March and April: its two months
cost 4,82,184.67 × 16 % ÷ 6 = 12,858.26, which become principal on 5 April. In May then
4,95,042.93 × 16 % ÷ 12 = 6,600.57 of interest are due.
"""

from datetime import date, timedelta

import pytest
from django.db import transaction

from ledger.domain.chart import AccountCode
from ledger.models import Entry
from ledger.selectors import trial_balance
from loan.domain.events import Holiday, HolidayInterest, Keeping, Tenor, Towards
from loan.models import Instalment, Loan, ScheduleVersion
from loan.selectors.billing_preview import preview_days
from loan.selectors.carrying import carry_to
from loan.selectors.provisions import exposures
from loan.services.accruing import post_accruals
from loan.services.billing.bill_range import bill_range
from loan.services.billing.run import run_billing
from loan.services.early_repayment import foreclose, foreclosure_quote_for, prepay
from loan.services.happening import Author
from loan.services.payments import PaymentOrder, post_payment, reverse_payment
from loan.services.rescheduling import (
    CapitalisingInDefault,
    NotCapitalisable,
    RescheduleOrder,
    reschedule,
)
from statements.domain.financial_year import FinancialYear
from statements.selectors.documents import interest_certificate
from statements.selectors.explanations import explained_amounts
from statements.selectors.statement import statement
from tests.audit import assert_books_verify, findings
from tests.builders import DISBURSED, FIRST_DUE, RUPEE, a_disbursed_loan, a_product, books_of, pay

pytestmark = pytest.mark.django_db

EMI = 24_482 * RUPEE
TODAY = date(2026, 2, 10)
ENDS = date(2026, 4, 5)
OWED, INTEREST = 482_184_67, 12_858_26
TELLER = Author(actor="teller", reason="Parental leave")
TWO_MONTHS = Holiday(instalments=2, interest=HolidayInterest.CAPITALISED)


def close_through(day: date) -> None:
    run_billing(day, today=day + timedelta(days=1), may_run_ahead=False)


def agree(loan: Loan, *, on: date = TODAY, change: Holiday | Tenor = TWO_MONTHS) -> None:
    reschedule(RescheduleOrder(loan_id=loan.public_id, change=change), as_of=on, by=TELLER)
    loan.refresh_from_db()


def a_loan_on_holiday() -> Loan:
    loan = a_disbursed_loan()
    pay(loan, EMI, on=FIRST_DUE)
    close_through(TODAY - timedelta(days=1))
    agree(loan)
    return loan


def an_order(loan: Loan, paise: int, reference: str, towards: Towards) -> PaymentOrder:
    return PaymentOrder(
        loan_id=loan.public_id,
        amount_paise=paise,
        payment_method="UPI",
        reference_id=reference,
        towards=towards,
    )


def capitalised_entries() -> list[tuple[str, date, list[tuple[str, str, int]]]]:
    return [
        (
            entry.kind,
            entry.value_date,
            [(t.debit_id, t.credit_id, t.amount_paise) for t in entry.transfers.all()],
        )
        for entry in Entry.objects.filter(reference__contains="CAPITALISED").order_by("id")
    ]


def test_the_run_adds_the_interest_to_the_principal_when_the_holiday_ends() -> None:
    loan = a_loan_on_holiday()
    assert (loan.holiday_ends_on, loan.holiday_interest_paise) == (ENDS, INTEREST)
    assert ScheduleVersion.objects.get().holidays == [["2026-02-05", "2026-04-05", OWED, INTEREST]]
    assert Instalment.objects.filter(loan=loan, version=1).count() == 24
    assert_books_verify()
    assert [day.capitalised_paise for day in preview_days([ENDS])] == [INTEREST]
    close_through(ENDS - timedelta(days=1))
    loan.refresh_from_db()
    assert (loan.capitalised_paise, loan.principal_outstanding_paise) == (0, OWED)
    assert capitalised_entries() == []
    report = run_billing(ENDS, today=ENDS + timedelta(days=1), may_run_ahead=False)
    assert report.closed[-1].manifest["interest_capitalised"] == {
        "count": 1,
        "amount_paise": INTEREST,
    }
    loan.refresh_from_db()
    assert (loan.capitalised_paise, loan.principal_outstanding_paise) == (INTEREST, OWED + INTEREST)
    assert (loan.holiday_ends_on, loan.holiday_interest_paise) == (None, 0)
    assert capitalised_entries() == [("INTEREST_CAPITALISED", ENDS, [("1100", "4000", INTEREST)])]
    assert [one.exposure_paise for one in exposures(ENDS)] == [OWED + INTEREST]
    assert [one.exposure_paise for one in exposures(ENDS - timedelta(days=1))] == [OWED]
    close_through(date(2026, 5, 5))
    due = loan.dues.get(number=2)
    assert (due.due_date, due.interest_paise) == (date(2026, 5, 5), 6_600_57)
    assert len(capitalised_entries()) == 1, "once and for all"
    assert_books_verify()


def test_whoever_comes_before_the_run_finds_it_done_and_the_run_does_it_no_more() -> None:
    loan = a_loan_on_holiday()
    carried = Loan.objects.get(pk=loan.pk)
    carry_to([carried], ENDS)
    assert carried.principal_outstanding_paise == OWED + INTEREST
    pay(loan, 1_000 * RUPEE, on=ENDS)
    assert (loan.capitalised_paise, loan.advance_paise) == (INTEREST, 1_000 * RUPEE)
    assert Entry.objects.get(kind="INTEREST_CAPITALISED").reference == (
        f"CAPITALISED/{loan.pk}/v2/{ENDS}"
    )
    close_through(ENDS)
    assert len(capitalised_entries()) == 1
    assert_books_verify()


def test_a_day_that_was_missed_is_caught_up_by_the_core() -> None:
    loan = a_loan_on_holiday()
    with transaction.atomic():
        bill_range(ENDS + timedelta(days=3), low=0, high=2**62)
    loan.refresh_from_db()
    assert (loan.capitalised_paise, loan.holiday_ends_on) == (INTEREST, None)
    assert loan.position_date == ENDS + timedelta(days=3)
    assert capitalised_entries() == [("INTEREST_CAPITALISED", ENDS, [("1100", "4000", INTEREST)])]


def test_a_payment_that_bounces_makes_more_of_the_holidays_interest() -> None:
    """A prepayment before the holiday was no money: its interest was of a larger principal."""
    loan = a_disbursed_loan()
    pay(loan, EMI, on=FIRST_DUE)
    close_through(FIRST_DUE)
    prepaid = prepay(
        an_order(loan, 50_000 * RUPEE, "PREPAID", Towards.REDUCE_EMI), as_of=date(2026, 2, 6)
    ).payment
    agree(loan, on=TODAY)
    less = loan.holiday_interest_paise
    assert less < INTEREST
    close_through(date(2026, 4, 9))
    loan.refresh_from_db()
    assert loan.capitalised_paise == less
    reverse_payment(prepaid.pk, as_of=date(2026, 4, 10), by=TELLER)
    loan.refresh_from_db()
    assert (loan.capitalised_paise, loan.principal_outstanding_paise) == (INTEREST, OWED + INTEREST)
    moved = [
        (debit, credit, paise)
        for kind, debit, credit, paise in books_of(loan)
        if {debit, credit} == {"1100", "4000"}
    ]
    assert sum(paise if debit == "1100" else -paise for debit, _, paise in moved) == INTEREST - less
    assert_books_verify()


def test_a_payment_told_of_a_day_in_the_holiday_leaves_what_it_added() -> None:
    loan = a_loan_on_holiday()
    close_through(date(2026, 4, 9))
    late = PaymentOrder(
        loan_id=loan.public_id,
        amount_paise=5_000 * RUPEE,
        payment_method="UPI",
        reference_id="LATE",
        value_date=date(2026, 3, 20),
    )
    post_payment(late, as_of=date(2026, 4, 10))
    loan.refresh_from_db()
    assert (loan.capitalised_paise, loan.advance_paise) == (INTEREST, 5_000 * RUPEE)
    assert len(capitalised_entries()) == 1
    assert_books_verify()


def test_who_closes_the_loan_in_the_holiday_pays_its_interest_so_far_and_it_is_never_added() -> (
    None
):
    loan = a_loan_on_holiday()
    on = date(2026, 3, 7)
    quote = foreclosure_quote_for(loan.public_id, on=None, as_of=on).quote
    # Thirty days on 4,82,184.67 at 16 %, by the day.
    assert (quote.principal_paise, quote.accrued_interest_paise) == (OWED, 6_341_06)
    receipt = foreclose(
        an_order(loan, quote.amount_paise, "CLOSE", Towards.FORECLOSURE), quoted_on=None, as_of=on
    )
    loan.refresh_from_db()
    assert (loan.status, loan.capitalised_paise, loan.holiday_ends_on) == ("CLOSED", 0, None)
    assert ScheduleVersion.objects.get(version=3).holidays == []
    close_through(date(2026, 4, 9))
    assert_books_verify()
    # The cheque bounces when the holiday is over: the interest has become principal after all.
    reverse_payment(receipt.payment.pk, as_of=date(2026, 4, 10), by=TELLER)
    loan.refresh_from_db()
    assert (loan.status, loan.capitalised_paise) == ("ACTIVE", INTEREST)
    assert_books_verify()


def test_the_schedule_may_change_again_after_the_holiday_and_keeps_what_it_added() -> None:
    loan = a_loan_on_holiday()
    close_through(date(2026, 4, 9))
    agree(loan, on=date(2026, 4, 10), change=Tenor(instalments=30))
    last = ScheduleVersion.objects.get(version=3)
    assert last.holidays == ScheduleVersion.objects.get(version=2).holidays
    agree(
        loan,
        on=date(2026, 4, 11),
        change=Holiday(instalments=1, interest=HolidayInterest.CAPITALISED, keeping=Keeping.TENURE),
    )
    # One month more on 4,95,042.93.
    assert (loan.holiday_ends_on, loan.holiday_interest_paise) == (date(2026, 5, 5), 6_600_57)
    close_through(date(2026, 5, 5))
    loan.refresh_from_db()
    assert loan.capitalised_paise == INTEREST + 6_600_57
    assert exposures(ENDS)[0].exposure_paise == OWED + INTEREST
    assert_books_verify()


def test_statement_certificate_and_explanations_know_what_was_added_by_their_day() -> None:
    loan = a_loan_on_holiday()
    close_through(date(2026, 5, 9))
    today = date(2026, 5, 10)
    for day, added, coming in (
        (DISBURSED, 0, 0),
        (TODAY, 0, INTEREST),
        (ENDS - timedelta(days=1), 0, INTEREST),
        (ENDS, INTEREST, 0),
    ):
        drawn = statement(loan.public_id, as_of=day, today=today)
        assert (drawn.summary.capitalised_paise, drawn.summary.holiday_interest_paise) == (
            added,
            coming,
        )
        told = explained_amounts(loan.public_id, as_of=day, today=today, amount=None).explanations
        assert all(each.agrees for each in told), [e.amount for e in told if not e.agrees]
        texts = [step.text for each in told for step in each.steps]
        said = (
            "Interest of the payment holiday from 5 February 2026 to 5 April 2026, simple, on "
            "₹4,82,184.67: ₹12,858.26."
        )
        assert (said in texts) is (day >= TODAY)


@pytest.mark.parametrize("day", [TODAY, date(2026, 3, 7), ENDS - timedelta(days=1), ENDS])
def test_what_has_run_of_the_holiday_accrues_by_the_day_and_verifies(day: date) -> None:
    loan = a_loan_on_holiday()
    close_through(day)
    post_accruals(today=day + timedelta(days=1), actor="clock")
    held = trial_balance(as_of=date.max).balance_paise(AccountCode.INTEREST_ACCRUED)
    ended = (day - date(2026, 2, 4)).days
    # 59 days to the end of the holiday, then May's 6,600.57 over 30.
    expected = INTEREST * ended // 59 if day < ENDS else 6_600_57 // 30
    assert held == expected
    assert findings() == []
    assert loan.holiday_interest_paise == INTEREST


def test_interest_of_a_loan_in_default_is_not_added_to_the_principal() -> None:
    loan = a_disbursed_loan()
    close_through(date(2026, 2, 5))
    with pytest.raises(CapitalisingInDefault, match="overdue"):
        agree(loan, on=date(2026, 2, 6))
    pay(loan, EMI, on=date(2026, 2, 6))
    agree(loan, on=date(2026, 2, 6))
    assert loan.holiday_interest_paise > 0


def test_no_loan_of_a_non_performing_borrower_capitalises() -> None:
    bad = a_disbursed_loan()
    good = a_disbursed_loan(bad.borrower, amount_paise=60_000 * RUPEE, as_of=date(2026, 2, 1))
    for due in good.instalments.filter(due_date__lte=date(2026, 5, 6)).order_by("number"):
        pay(good, due.total_paise, on=due.due_date)
        close_through(due.due_date)
    close_through(date(2026, 5, 6))
    good.refresh_from_db()
    assert (good.npa_since, good.is_npa) == (None, True)
    with pytest.raises(CapitalisingInDefault):
        agree(good, on=date(2026, 5, 7))
    agree(
        good,
        on=date(2026, 5, 7),
        change=Holiday(instalments=1, interest=HolidayInterest.WITH_FIRST_INSTALMENT),
    )


def test_a_restructuring_adds_no_interest_to_the_principal() -> None:
    loan = a_disbursed_loan()
    order = RescheduleOrder(loan_id=loan.public_id, change=TWO_MONTHS, restructures=True)
    with pytest.raises(CapitalisingInDefault, match="restructured"):
        reschedule(order, as_of=TODAY - timedelta(days=10), by=TELLER)


def test_flat_interest_is_never_added_to_the_principal() -> None:
    a_product(interest_method="FLAT")
    loan = a_disbursed_loan()
    with pytest.raises(NotCapitalisable):
        agree(loan, on=DISBURSED)
    assert loan.schedule_version == 1


def test_the_interest_certificate_has_what_was_added_in_its_year() -> None:
    loan = a_loan_on_holiday()
    close_through(date(2026, 5, 9))
    certificate = interest_certificate(
        loan.public_id, financial_year=FinancialYear(begins=2026), today=date(2026, 5, 10)
    )
    assert certificate.capitalised_in_year_paise == INTEREST
    assert certificate.closing_principal_paise == OWED + INTEREST
