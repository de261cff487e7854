"""How borrowers of made-up books pay: intentions about a schedule, turned into payments.

An intention says when, and how much in terms of what is owed by then; the core says what that is.
So a payer who clears everything also pays the penal charge that being late has brought.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import TypeAlias

from bright_credit.common.money import round_down_to_step, share_in_bps
from loan.domain.lifecycle import LoanStatus
from loan.domain.schedule import InstalmentPlan
from loan.domain.servicing import (
    PaymentReceived,
    Position,
    advance_to,
    apply,
    charges_unpaid_paise,
    due_unpaid,
    initial_position,
    penal_unpaid_paise,
)
from loan.domain.terms import LoanTerms
from loan.services.takeover import PastPayment

RUPEE = 100
_WHOLE_BPS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Intention:
    """What a borrower means to pay on a day.

    A share of what is owed by then (rounded down to a hundred rupees when it is not all of it), as
    much as makes the next `ahead` instalments paid in advance, and an extra sum.
    """

    on: date
    owed_bps: int = _WHOLE_BPS
    ahead: int = 0
    extra_paise: int = 0
    method: str = "UPI"


Schedule: TypeAlias = Sequence[InstalmentPlan]
Payer: TypeAlias = Callable[[Schedule, Random], Iterable[Intention]]


def payments_of(
    terms: LoanTerms,
    schedule: Schedule,
    intentions: Iterable[Intention],
    *,
    until: date,
    reference: str,
) -> tuple[PastPayment, ...]:
    """Return the payments that the intentions up to a day come to, `reference` and a number each.

    An intention that finds nothing to pay comes to none; nothing is paid after the loan is closed.
    """
    payments: list[PastPayment] = []
    position = initial_position(terms)
    for intention in sorted(intentions, key=lambda intention: intention.on):
        if intention.on > until or position.status is LoanStatus.CLOSED:
            break
        position = advance_to(terms, schedule, position, intention.on).position
        amount_paise = _amount(schedule, position, intention)
        if amount_paise <= 0 or position.status is LoanStatus.CLOSED:
            continue
        payment = PastPayment(
            value_date=intention.on,
            amount_paise=amount_paise,
            payment_method=intention.method,
            reference_id=f"{reference}-{len(payments) + 1:03d}",
        )
        payments.append(payment)
        event = PaymentReceived(
            key=payment.reference_id,
            value_date=payment.value_date,
            sequence=len(payments),
            amount_paise=amount_paise,
        )
        position = apply(terms, schedule, position, event).position
    return tuple(payments)


def _amount(schedule: Schedule, position: Position, intention: Intention) -> int:
    owed_paise = (
        due_unpaid(position, schedule, intention.on)
        + charges_unpaid_paise(position)
        + penal_unpaid_paise(position)
    )
    if intention.owed_bps < _WHOLE_BPS:
        owed_paise = round_down_to_step(
            share_in_bps(owed_paise, bps=intention.owed_bps), step_paise=100 * RUPEE
        )
    coming = schedule[position.billed_through : position.billed_through + intention.ahead]
    ahead_paise = sum(row.total_paise for row in coming) - position.advance_paise
    return owed_paise + max(0, ahead_paise) + intention.extra_paise


def on_time(schedule: Schedule, rng: Random) -> Iterator[Intention]:
    """Pay each instalment on its day, by a standing mandate or by hand."""
    method = rng.choice(("NACH", "NACH", "UPI"))
    for row in schedule:
        yield Intention(on=row.due_date, method=method)


def some_days_early(schedule: Schedule, rng: Random) -> Iterator[Intention]:
    """Pay each instalment before it is due."""
    for row in schedule:
        yield Intention(
            on=row.due_date - timedelta(days=rng.randint(1, 5)), ahead=1, method=_by_hand(rng)
        )


def some_days_late(schedule: Schedule, rng: Random) -> Iterator[Intention]:
    """Pay on the day or some days later, now and then beyond the days of grace."""
    for row in schedule:
        late_days = rng.choice((0, 0, 1, 2, 2, 3, 5, 8, 12))
        yield Intention(on=row.due_date + timedelta(days=late_days), method=_by_hand(rng))


def in_parts(schedule: Schedule, rng: Random) -> Iterator[Intention]:
    """Pay a part on the day and most of the time the rest later in the month."""
    for row in schedule:
        first_on = row.due_date + timedelta(days=rng.randint(0, 2))
        yield Intention(on=first_on, owed_bps=rng.randint(45, 70) * 100)
        if rng.random() < 0.8:
            yield Intention(on=first_on + timedelta(days=rng.randint(9, 20)))


def quarter_by_quarter(schedule: Schedule, rng: Random) -> Iterator[Intention]:
    """Pay three instalments at a time, two of them in advance."""
    for row in schedule[::3]:
        yield Intention(on=row.due_date, ahead=2, method="NEFT")


def twice_over(schedule: Schedule, rng: Random) -> Iterator[Intention]:
    """Pay two instalments a month until all of them are paid or held in advance."""
    for row in schedule:
        yield Intention(on=row.due_date, ahead=row.number)


def rounding_up(schedule: Schedule, rng: Random) -> Iterator[Intention]:
    """Pay a round sum each month; a little more than is owed is held in advance."""
    extra_paise = rng.choice((50, 100, 250, 500)) * RUPEE
    for row in schedule:
        yield Intention(on=row.due_date, extra_paise=extra_paise, method=_by_hand(rng))


def catching_up(schedule: Schedule, rng: Random) -> Iterator[Intention]:
    """Miss two instalments once, and clear everything with the third."""
    missed = rng.randint(2, max(2, len(schedule) - 3))
    for row in schedule:
        if row.number not in (missed, missed + 1):
            yield Intention(on=row.due_date, method=_by_hand(rng))


def giving_up(schedule: Schedule, rng: Random) -> Iterator[Intention]:
    """Pay on time at first, once more in part, and then no more."""
    last = rng.randint(1, max(1, min(len(schedule) - 2, 9)))
    for row in schedule[:last]:
        yield Intention(on=row.due_date, method="NACH")
    yield Intention(on=schedule[last].due_date + timedelta(days=6), owed_bps=4_000)


def _by_hand(rng: Random) -> str:
    return rng.choice(("UPI", "UPI", "UPI", "IMPS", "NEFT", "CARD"))
