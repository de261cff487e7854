"""What became of a payment, in six parts."""

from datetime import date

from hypothesis import given

from bright_credit.common.errors import Conflict
from loan.domain.events import PaymentReceived
from loan.domain.receipts import NOTHING, PaymentSplit, payment_splits
from loan.domain.servicing import apply, replay
from tests.unit.loan.histories import (
    RUPEE,
    History,
    charged,
    few_examples,
    histories,
    paid,
    plain_terms,
)

FIRST, LEVY = date(2025, 2, 5), date(2025, 2, 9)


def test_a_payment_larger_than_everything_has_all_six_parts() -> None:
    """Dues of 1,030, a charge of 100 and a penal one of 500; 2,060 to come; 310 too much."""
    terms = plain_terms(penal_charge_paise=500 * RUPEE)
    payment = paid(LEVY, 4_000)
    step = replay(terms, [charged(FIRST, 100), payment], LEVY)
    assert payment_splits(step.effects)[payment.key] == PaymentSplit(
        interest_paise=30 * RUPEE,
        principal_paise=1_000 * RUPEE,
        charges_paise=100 * RUPEE,
        penal_paise=500 * RUPEE,
        advance_paise=2_060 * RUPEE,
        excess_paise=310 * RUPEE,
    )


@few_examples
@given(histories())
def test_i21_the_parts_add_up_to_the_payment_and_leave_out_what_was_held_before(
    history: History,
) -> None:
    standing = replay(history.terms, (), history.terms.disbursed_on, day_ended=False).position
    for event in history.events:
        if standing.closed_on is not None or event.value_date >= history.schedule[-1].due_date:
            break
        try:
            step = apply(history.terms, history.schedule, standing, event)
        except Conflict:  # a waiver or a refund of what is not there
            continue
        standing = step.position
        split = payment_splits(step.effects).get(event.key, NOTHING)
        parts = (
            split.interest_paise
            + split.principal_paise
            + split.charges_paise
            + split.penal_paise
            + split.advance_paise
            + split.excess_paise
        )
        assert parts == (event.amount_paise if isinstance(event, PaymentReceived) else 0)
