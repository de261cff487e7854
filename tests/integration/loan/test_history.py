"""Payments of the past and payments taken back, through the services, on the real database."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db.models import Sum
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st

from ledger.models import Entry, Transfer
from loan.domain.servicing import BeforeDisbursement, LoanClosedRefusesPayment
from loan.models import Allocation, Charge, Event, Loan, Payment
from loan.selectors.recorded import standing_allocations
from loan.services.billing.run import run_billing
from loan.services.happening import Author, FutureValueDate
from loan.services.payments import (
    PaymentAlreadyReversed,
    PaymentNotFound,
    PaymentOrder,
    ReferenceReused,
    post_payment,
    preview_payment,
    reverse_payment,
)
from tests.audit import assert_books_verify
from tests.builders import DISBURSED, FIRST_DUE, RUPEE, a_disbursed_loan, books_of, pay
from tests.integration.loan.journal import assert_nothing_was_posted_into_a_closed_day
from tests.integration.loan.living import Life, a_book, lives, undone
from tests.properties import as_many

pytestmark = pytest.mark.django_db

EMI = 24_482 * RUPEE
TELLER = Author(actor="teller", reason="returned by the bank")

few = settings(
    max_examples=as_many(10),
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def close_through(day: date) -> None:
    run_billing(day, today=day + timedelta(days=1), may_run_ahead=False)


def order(loan: Loan, paise: int, reference: str, *, on: date | None = None) -> PaymentOrder:
    return PaymentOrder(
        loan_id=loan.public_id,
        amount_paise=paise,
        payment_method="UPI",
        reference_id=reference,
        value_date=on,
    )


def reverse(payment: Payment, *, on: date) -> Event:
    done = reverse_payment(payment.pk, as_of=on, by=TELLER).event
    assert done is not None
    return done


def figures(loan: Loan) -> dict[str, object]:
    """Return a loan's position, and what meets its instalments and charges."""
    loan.refresh_from_db()
    names = [field.attname for field in Loan._meta.fields if field.name != "position_date"]
    met = Allocation.objects.filter(loan=loan)
    return {
        "row": {name: getattr(loan, name) for name in names},
        "instalments": sorted(
            met.filter(charge=None)
            .values_list("instalment_number", "source", "value_date", "payment__reference_id")
            .annotate(interest=Sum("interest_paise"), principal=Sum("principal_paise"))
            .exclude(interest=0, principal=0)
        ),
        "charges": sorted(
            Charge.objects.filter(loan=loan, cancelled_by=None).values_list(
                "key", "levied_on", "amount_paise", "paid_paise"
            )
        ),
    }


def balances() -> dict[str, int]:
    sums: dict[str, int] = {}
    for debit, credit, paise in Transfer.objects.values_list(
        "debit_id", "credit_id", "amount_paise"
    ):
        sums[debit] = sums.get(debit, 0) + paise
        sums[credit] = sums.get(credit, 0) - paise
    return {account: paise for account, paise in sums.items() if paise}


def test_i41_a_payment_and_its_reversal_are_two_entries_and_nothing_more() -> None:
    loan = a_disbursed_loan()
    close_through(FIRST_DUE)
    before, entries = figures(loan), Entry.objects.count()
    payment = pay(loan, EMI, on=date(2026, 2, 6))
    done = reverse(payment, on=date(2026, 2, 6))
    assert figures(loan) == before
    assert Entry.objects.count() == entries + 2
    assert books_of(loan)[-4:] == [
        ("PAYMENT", "1000", "1200", 666_667),
        ("PAYMENT", "1000", "1100", 1_781_533),
        ("REVERSAL", "1200", "1000", 666_667),
        ("REVERSAL", "1100", "1000", 1_781_533),
    ]
    undoing = Entry.objects.get(kind="REVERSAL")
    assert undoing.reverses == Entry.objects.get(reference=f"PAYMENT/{payment.pk}")
    assert (done.actor, done.reason) == ("teller", "returned by the bank")
    assert_books_verify()


def test_a_reversal_brings_back_the_original_overdue_date_the_charges_and_the_class() -> None:
    loan = a_disbursed_loan()
    bounced = pay(loan, EMI, on=FIRST_DUE)
    pay(loan, EMI, on=date(2026, 3, 5))
    close_through(date(2026, 5, 20))
    loan.refresh_from_db()
    assert loan.oldest_unpaid_due_date == date(2026, 4, 5)
    assert loan.npa_since is None
    reverse(bounced, on=date(2026, 5, 21))
    loan.refresh_from_db()
    # The payment of March had met the second instalment; now it meets the first, so late.
    assert loan.oldest_unpaid_due_date == date(2026, 3, 5)
    assert [charge.key for charge in Charge.objects.filter(loan=loan).order_by("levied_on")] == [
        "PENAL-1",
        "PENAL-2",
        "PENAL-3",
        "PENAL-4",
    ]
    assert_books_verify()
    close_through(date(2026, 6, 3))
    loan.refresh_from_db()
    assert loan.npa_since == date(2026, 6, 3)
    assert_books_verify()
    assert_nothing_was_posted_into_a_closed_day()


def test_i40_a_payment_that_comes_late_is_as_if_it_had_come_in_time() -> None:
    loan = a_disbursed_loan()
    close_through(date(2026, 5, 20))
    assert Charge.objects.filter(loan=loan, cancelled_by=None).count() == 4
    post_payment(order(loan, 3 * EMI, "LATE", on=date(2026, 2, 4)), as_of=date(2026, 5, 21))
    loan.refresh_from_db()
    # Three instalments were met from it on their due dates; the fourth was missed all the same.
    assert (loan.next_number, loan.advance_paise) == (4, 0)
    assert list(
        Charge.objects.filter(loan=loan, cancelled_by=None).values_list("key", flat=True)
    ) == ["PENAL-4"]
    assert list(
        standing_allocations(loan)
        .order_by("value_date")
        .values_list("source", "value_date", "instalment_number")
    ) == [
        ("ADVANCE", FIRST_DUE, 1),
        ("ADVANCE", date(2026, 3, 5), 2),
        ("ADVANCE", date(2026, 4, 5), 3),
    ]
    assert_books_verify()
    assert_nothing_was_posted_into_a_closed_day()


@st.composite
def told_lives(draw: st.DrawFn) -> tuple[Life, dict[int, int], frozenset[int], frozenset[int]]:
    """Draw a life, which of its payments come late by how many days, which bounce, and the runs."""
    life = draw(lives(longest=24))
    count = len(life.payments)
    late = draw(st.dictionaries(st.integers(0, count - 1), st.integers(1, 20), max_size=3))
    bounced = draw(st.frozensets(st.integers(0, count - 1), max_size=3))
    runs = draw(st.frozensets(st.integers(1, life.days - 1)))
    return life, late, bounced, runs


def live(
    life: Life, *, late: dict[int, int], bounced: frozenset[int], runs: frozenset[int]
) -> list[Loan]:
    """Live a life whose payments may come late or be taken back at its end."""
    loans = a_book(life)
    arriving = [
        (min(act.day + late.get(n, 0), life.days - 1), n, act)
        for n, act in enumerate(life.payments)
    ]
    for number, day in enumerate(life.dates()):
        if number in runs:
            close_through(day - timedelta(days=1))
        for comes, n, act in arriving:
            if comes == number:
                came = life.begins + timedelta(days=act.day)
                wish = order(
                    loans[act.loan],
                    act.amount_paise,
                    f"LIFE-{n}",
                    on=came if n in late else None,
                )
                try:
                    post_payment(wish, as_of=day)
                except LoanClosedRefusesPayment:
                    event("a closed loan refused")
    for n in sorted(bounced):
        payment = Payment.objects.filter(reference_id=f"LIFE-{n}").first()
        if payment is not None:
            reverse(payment, on=life.last)
    close_through(life.last)
    return loans


@few
@given(told_lives())
def test_i33_after_any_history_the_stored_position_is_the_fold(
    drawn: tuple[Life, dict[int, int], frozenset[int], frozenset[int]],
) -> None:
    life, late, bounced, runs = drawn
    with undone():
        live(life, late=late, bounced=bounced, runs=runs)
        event(f"late {len(late)}, bounced {len(bounced)}")
        assert_books_verify()
        assert_nothing_was_posted_into_a_closed_day()


@few
@given(told_lives())
def test_i40_i41_late_and_taken_back_leave_what_in_time_and_never_leave(
    drawn: tuple[Life, dict[int, int], frozenset[int], frozenset[int]],
) -> None:
    """The same loans, the same balances of every account; only the journal has more entries."""
    life, late, bounced, runs = drawn
    # Of one loan and date, what comes late is told after what came in time: keep the dates apart.
    acts = {(act.loan, act.day): act for act in life.payments}
    life = replace(life, payments=tuple(sorted(acts.values(), key=lambda act: act.day)))
    last = len(life.payments)
    late = {n: days for n, days in late.items() if n < last}
    bounced = frozenset(n for n in bounced if n < last)
    with undone():
        told = _outcome(live(life, late=late, bounced=bounced, runs=runs))
        refused = Payment.objects.count() < last
    never = tuple(act for n, act in enumerate(life.payments) if n not in bounced)
    with undone():
        plain = _outcome(
            live(replace(life, payments=never), late={}, bounced=frozenset(), runs=runs)
        )
        refused = refused or Payment.objects.count() < len(never)
    assert refused or told == plain


def _outcome(loans: list[Loan]) -> list[object]:
    told: list[object] = [balances()]
    for loan in loans:
        figured = figures(loan)
        row = dict(figured["row"])  # type: ignore[call-overload]
        for key in ("id", "borrower_id", "application_id", "disbursed_at"):
            row.pop(key)
        met = [
            (number, source, on, interest, principal)
            for number, source, on, _, interest, principal in figured["instalments"]  # type: ignore[attr-defined]
        ]
        told.append((row, sorted(met), figured["charges"]))
    return told


def test_the_preview_shows_what_the_change_then_does() -> None:
    loan = a_disbursed_loan()
    close_through(date(2026, 5, 20))
    today = date(2026, 5, 21)
    wish = order(loan, EMI, "LATE", on=FIRST_DUE)
    before = (figures(loan), Event.objects.count(), Entry.objects.count())
    preview = preview_payment(wish, as_of=today).comparison
    assert (figures(loan), Event.objects.count(), Entry.objects.count()) == before
    assert [gone.key for gone in preview.charges_vanished] == ["PENAL-1"]
    assert [change.number for change in preview.instalments] == [1]
    assert (preview.before.days_past_due, preview.after.days_past_due) == (105, 77)
    assert (preview.before.bucket, preview.after.bucket) == ("NPA", "SMA_2")
    receipt = post_payment(wish, as_of=today)
    taken_back = reverse_payment(receipt.payment.pk, as_of=today, by=TELLER, preview=True)
    assert taken_back.event is None
    undone_again = reverse_payment(receipt.payment.pk, as_of=today, by=TELLER)
    assert undone_again.comparison == taken_back.comparison
    assert undone_again.comparison.before == preview.after
    assert undone_again.comparison.after == preview.before
    assert [back.key for back in undone_again.comparison.charges_appeared] == ["PENAL-1"]
    assert_books_verify()


def test_a_payment_is_reversed_once() -> None:
    loan = a_disbursed_loan()
    payment = pay(loan, EMI, on=FIRST_DUE)
    reverse(payment, on=FIRST_DUE)
    with pytest.raises(PaymentAlreadyReversed):
        reverse(payment, on=FIRST_DUE)
    with pytest.raises(PaymentNotFound):
        reverse_payment(payment.pk + 1, as_of=FIRST_DUE, by=TELLER)
    assert Event.objects.count() == 2


def test_a_closed_loan_is_opened_again_by_a_reversal() -> None:
    loan = a_disbursed_loan(tenure_months=6, amount_paise=60_000 * RUPEE)
    last = loan.instalments.get(number=6)
    payment = pay(loan, 9 * loan.instalment_paise, on=last.due_date)
    assert loan.status == Loan.Status.CLOSED
    assert loan.excess_paise > 0
    reverse(payment, on=last.due_date + timedelta(days=2))
    loan.refresh_from_db()
    assert loan.status == Loan.Status.ACTIVE
    assert loan.excess_paise == 0
    assert loan.oldest_unpaid_due_date == FIRST_DUE
    assert_books_verify()


def test_what_cannot_be_is_refused_and_changes_nothing() -> None:
    loan = a_disbursed_loan(tenure_months=6, amount_paise=60_000 * RUPEE)
    today = date(2026, 3, 6)
    pay(loan, 1_000 * RUPEE, on=today)
    rows = (Event.objects.count(), Payment.objects.count(), Entry.objects.count())
    for on, refusal in (
        (DISBURSED - timedelta(days=1), BeforeDisbursement),
        (today + timedelta(days=1), FutureValueDate),
    ):
        for call in (post_payment, preview_payment):
            with pytest.raises(refusal) as refused:
                call(order(loan, EMI, "NEVER", on=on), as_of=today)
            assert refused.value.field == "value_date"
    assert (Event.objects.count(), Payment.objects.count(), Entry.objects.count()) == rows


def test_after_its_closure_a_loan_takes_money_of_before_only() -> None:
    loan = a_disbursed_loan(tenure_months=6, amount_paise=60_000 * RUPEE)
    last = loan.instalments.get(number=6).due_date
    pay(loan, 9 * loan.instalment_paise, on=last)
    today = last + timedelta(days=10)
    with pytest.raises(LoanClosedRefusesPayment):
        post_payment(order(loan, EMI, "AFTER", on=last + timedelta(days=1)), as_of=today)
    post_payment(order(loan, 1_000 * RUPEE, "BEFORE", on=FIRST_DUE), as_of=today)
    loan.refresh_from_db()
    assert loan.status == Loan.Status.CLOSED
    assert_books_verify()


def test_the_same_payment_again_gets_the_first_answer_and_another_date_a_conflict() -> None:
    loan = a_disbursed_loan()
    close_through(date(2026, 3, 20))
    wish = order(loan, EMI, "LATE", on=FIRST_DUE)
    first = post_payment(wish, as_of=date(2026, 3, 21))
    again = post_payment(wish, as_of=date(2026, 3, 25))
    assert (again.repeated, again.payment.pk) == (True, first.payment.pk)
    with pytest.raises(ReferenceReused):
        post_payment(replace(wish, value_date=date(2026, 2, 6)), as_of=date(2026, 3, 25))
    assert Payment.objects.count() == 1
