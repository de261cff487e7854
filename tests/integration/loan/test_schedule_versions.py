"""A schedule that takes the place of another: both are kept, and one of them is in force."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest

from loan.domain.calendar_steps import begin_day
from loan.domain.events import Towards
from loan.domain.schedule import InstalmentPlan
from loan.domain.walk import Walk
from loan.models import Due, Event, Instalment, Loan, ScheduleVersion
from loan.selectors.billing_preview import preview_days
from loan.selectors.loans import billed_through, first_schedule_of, schedule_of, state_of
from loan.selectors.standing import loan_detail
from loan.services.billing.run import run_billing
from loan.services.early_repayment import prepay
from loan.services.payments import PaymentOrder, post_payment
from loan.services.recording import record_step
from tests.audit import findings
from tests.builders import FIRST_DUE, RUPEE, a_disbursed_loan, pay

pytestmark = pytest.mark.django_db

MARCH_DUE = date(2026, 3, 5)


def close_through(day: date) -> None:
    run_billing(day, today=day + timedelta(days=1), may_run_ahead=False)


def put_ten_days_later(loan: Loan, *, on: date) -> Sequence[InstalmentPlan]:
    """Replace what is not billed yet by the same, ten days later; return the schedule then."""
    state = state_of(loan)
    walk = Walk(state.terms, state.schedule, state.position)
    begin_day(walk, on)
    coming = [
        replace(plan, due_date=plan.due_date + timedelta(days=10))
        for plan in state.schedule[walk.position.billed_through :]
    ]
    walk.replace_schedule(coming, on=on, event_key="TEST")
    cause = Event.objects.create(
        loan=loan, sequence=1 + loan.events.count(), kind="CHARGE", value_date=on, booked_on=on
    )
    record_step(state, walk.step(), event=cause)
    return walk.schedule


def test_the_old_schedule_is_kept_beside_the_one_in_force() -> None:
    loan = a_disbursed_loan()
    agreed = first_schedule_of(loan)
    close_through(FIRST_DUE)
    put_ten_days_later(loan, on=date(2026, 2, 20))
    loan.refresh_from_db()
    assert loan.schedule_version == ScheduleVersion.objects.get().version == 2
    assert first_schedule_of(loan) == agreed
    in_force = list(schedule_of(loan))
    assert in_force[0] == agreed[0]
    assert [plan.due_date.day for plan in in_force[1:]] == [15] * 23
    revisions = Instalment.objects.filter(loan=loan, version=2).order_by("number")
    assert list(revisions.values_list("revision", flat=True)) == [1] + [2] * 23
    assert (loan.oldest_unpaid_due_date, billed_through(loan)) == (FIRST_DUE, 1)


def test_the_billing_run_bills_the_schedule_in_force() -> None:
    loan, other = a_disbursed_loan(), a_disbursed_loan()
    pay(loan, 24_482 * RUPEE, on=FIRST_DUE)
    close_through(FIRST_DUE)
    put_ten_days_later(loan, on=date(2026, 2, 20))
    (preview,) = preview_days([date(2026, 3, 15)])
    assert (preview.dues, preview.penal_charges) == (1, 0)
    close_through(date(2026, 3, 20))
    assert list(
        Due.objects.filter(loan=loan)
        .order_by("number")
        .values_list("number", "revision", "due_date", "interest_paise")
    ) == [(1, 1, FIRST_DUE, 666_667), (2, 2, date(2026, 3, 15), 642_913)]
    assert list(Due.objects.filter(loan=other, number=2).values_list("due_date", flat=True)) == [
        MARCH_DUE
    ]
    # The days of grace of the one are over, those of the other run out with the day.
    assert [charge.levied_on for charge in loan.charges.all()] == [date(2026, 3, 19)]
    shown = loan_detail(loan.public_id, as_of=date(2026, 3, 21))
    assert shown.standing.days_past_due == 6
    assert shown.standing.overdue_paise == 24_482 * RUPEE
    loan.refresh_from_db()
    pay(loan, 24_982 * RUPEE, on=date(2026, 3, 21))
    assert loan.oldest_unpaid_due_date == date(2026, 4, 15)


def test_the_audit_finds_a_schedule_that_no_event_gives() -> None:
    loan = a_disbursed_loan()
    close_through(FIRST_DUE)
    put_ten_days_later(loan, on=date(2026, 2, 20))
    # The test's own event says nothing of a schedule, and is not to be read as a charge.
    with pytest.raises(KeyError):
        findings()


def test_what_is_to_come_is_numbered_on_from_what_is_billed() -> None:
    state = state_of(a_disbursed_loan())
    walk = Walk(state.terms, state.schedule, state.position)
    begin_day(walk, FIRST_DUE)
    with pytest.raises(ValueError, match="numbered on"):
        walk.replace_schedule(state.schedule, on=FIRST_DUE, event_key="TEST")


def test_a_bill_goes_on_to_count_when_less_is_owed_before_its_instalment() -> None:
    """Two prepayments of a day stand in the schedule; a late payment makes the first one larger,
    and the second one begin with less: it is billed and paid all the same."""
    loan = a_disbursed_loan()
    on = date(2026, 3, 1)
    for number in (1, 2):
        order = PaymentOrder(
            loan_id=loan.public_id,
            amount_paise=80_000 * RUPEE,
            payment_method="UPI",
            reference_id=f"PREPAID-{number}",
            towards=Towards.REDUCE_EMI,
        )
        prepay(order, as_of=on)
    late = PaymentOrder(
        loan_id=loan.public_id,
        amount_paise=1_000 * RUPEE,
        payment_method="UPI",
        reference_id="LATE",
        value_date=date(2026, 2, 6),
    )
    post_payment(late, as_of=on)
    loan.refresh_from_db()
    assert (billed_through(loan), loan.next_number) == (3, 4)
    pay(loan, RUPEE, on=on)
    assert findings() == []
