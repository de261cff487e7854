"""Write-offs on the loan that one can reckon in the head: three instalments of 1,030 rupees."""

from collections import Counter
from collections.abc import Iterable
from datetime import date

import pytest

from loan.domain.effects import Effect
from loan.domain.events import (
    EventReversed,
    ExcessRefunded,
    LoanEvent,
    PaymentReceived,
    WriteOffKind,
    WrittenOff,
)
from loan.domain.lifecycle import LoanStatus
from loan.domain.posting_rules import transfers_for
from loan.domain.servicing import Step, replay
from loan.domain.write_off import NothingToWriteOff
from tests.unit.loan.histories import RUPEE, paid, plain_terms

PAID_OUT = date(2025, 1, 5)
ALL_DUE = date(2025, 5, 5)


def written_off(
    on: date, *, sequence: int, kind: WriteOffKind = WriteOffKind.TECHNICAL
) -> WrittenOff:
    return WrittenOff(key=f"W-{sequence}", value_date=on, sequence=sequence, kind=kind)


def refunded(on: date, rupees: int, *, sequence: int) -> ExcessRefunded:
    return ExcessRefunded(
        key=f"R-{sequence}", value_date=on, sequence=sequence, amount_paise=rupees * RUPEE
    )


def taken_back(payment: PaymentReceived, *, sequence: int) -> EventReversed:
    return EventReversed(
        key=f"B-{sequence}",
        value_date=date(2025, 5, 20),
        sequence=sequence,
        reverses=payment.sequence,
    )


def told(*events: LoanEvent, until: date = date(2025, 5, 20), new: LoanEvent | None = None) -> Step:
    return replay(plain_terms(), events, until, day_ended=False, new=new)


def balances(effects: Iterable[Effect]) -> dict[str, int]:
    """Return what effects leave on each account, in rupees, debits positive, zeros left out."""
    sums: Counter[str] = Counter()
    for transfer in transfers_for(effects):
        sums[transfer.debit.value] += transfer.amount_paise
        sums[transfer.credit.value] -= transfer.amount_paise
    return {code: paise // RUPEE for code, paise in sorted(sums.items()) if paise}


def test_a_loan_whose_dues_to_come_are_all_held_for_is_not_written_off() -> None:
    """Called in on 20 January it owes 3,015 rupees: 3,000 lent and 15 of interest to the day."""
    on = date(2025, 1, 20)
    for rupees in (3_015, 3_090):
        everything = paid(PAID_OUT, rupees, sequence=1)
        order = written_off(on, sequence=2)
        with pytest.raises(NothingToWriteOff):
            told(everything, order, until=on, new=order)
        # Told as history, such as when the payment came late, it changes nothing: what is held for
        # dues to come is never more than they are.
        assert told(everything, order, until=on).position == told(everything, until=on).position


def test_a_paisa_less_than_everything_is_what_is_written_off() -> None:
    on = date(2025, 1, 20)
    order = written_off(on, sequence=2)
    step = told(paid(PAID_OUT, paise=3_014_99, sequence=1), order, until=on, new=order)
    assert step.position.status is LoanStatus.WRITTEN_OFF
    assert (step.position.written_off_principal_paise, step.position.advance_paise) == (1, 0)


def test_a_refund_that_was_not_held_after_all_is_a_part_of_the_claim_of_a_loan_off_the_books() -> (
    None
):
    """3,090 are written off and 3,190 recovered; 100 are refunded, and then the payment bounces."""
    recovery = paid(date(2025, 5, 10), 3_190, sequence=2)
    refund = refunded(date(2025, 5, 11), 100, sequence=3)
    order = written_off(ALL_DUE, sequence=1)
    assert told(order, recovery, refund).position.status is LoanStatus.CLOSED
    step = told(order, recovery, refund, taken_back(recovery, sequence=4))
    assert step.position.status is LoanStatus.WRITTEN_OFF
    assert step.position.written_off_other_paise == 100 * RUPEE
    assert balances(step.effects) == {
        "1000": -100,
        "1100": -3_000,  # the disbursement is no effect
        "1900": 3_190,
        "2900": -3_190,
        "5000": 3_100,
    }
    # It is asked like the rest, and what is paid of it is a recovery.
    paid_up = told(
        order,
        recovery,
        refund,
        taken_back(recovery, sequence=4),
        paid(date(2025, 5, 20), 3_190, sequence=5),
    )
    assert paid_up.position.status is LoanStatus.CLOSED
    assert balances(paid_up.effects) == {
        "1000": 3_090,
        "1100": -3_000,
        "4400": -3_190,
        "5000": 3_100,
    }


def test_a_recovered_loan_that_owes_again_is_off_the_books_still() -> None:
    """Of 3,190 recovered 100 are refunded; without the first 50 of them 50 were not held."""
    first = paid(date(2025, 5, 6), 50, sequence=2)
    rest = paid(date(2025, 5, 10), 3_140, sequence=3)
    refund = refunded(date(2025, 5, 11), 100, sequence=4)
    order = written_off(ALL_DUE, sequence=1)
    step = told(order, first, rest, refund, taken_back(first, sequence=5))
    assert step.position.status is LoanStatus.WRITTEN_OFF
    assert step.position.closed_on is None
    assert [charge.unpaid_paise for charge in step.position.open_charges] == [50 * RUPEE]
    assert balances(step.effects) == {
        "1000": 3_040,
        "1100": -3_000,
        "1900": 50,
        "2900": -50,
        "4400": -3_090,
        "5000": 3_050,
    }
