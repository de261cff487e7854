"""What the calendar brings to a loan: bills, penal charges, capitalised interest, its class."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from loan.domain.delinquency import NPA_DAYS
from loan.domain.effects import (
    AllocationSource,
    BecameNpa,
    InterestCapitalised,
    PenalLevied,
)
from loan.domain.events import ChargeKind
from loan.domain.lifecycle import LoanStatus
from loan.domain.penal import PenalStep, amount_paise, next_step, penal_charge_key
from loan.domain.position import OpenCharge, billed_claims, unpaid_of
from loan.domain.schedule import Capitalisation, capitalisation_of
from loan.domain.walk import Walk

# Within one date the day-end of the day before comes first, then penal charges, then interest that
# is capitalised (and bears interest from that date on), then the bill. A moment is (day number,
# rank): day numbers, because no date follows the last one.
_CLASSIFY, _LEVY, _CAPITALISE, _BILL = range(4)
_NEVER = (date.max.toordinal() + 2, 0)


def begin_day(walk: Walk, day: date) -> None:
    """Do all that comes before the events of `day`: its due is billed and met from advance."""
    _run(walk, until=(day.toordinal(), _BILL))
    walk.position = replace(walk.position, as_of=max(day, walk.position.as_of))


def end_day(walk: Walk, day: date) -> None:
    """Do all that comes before the day after `day`: it is classified as at its end."""
    begin_day(walk, day)
    _run(walk, until=(day.toordinal() + 1, _CLASSIFY))


def _run(walk: Walk, *, until: tuple[int, int]) -> None:
    while (moment := min(_moments(walk), default=_NEVER)) <= until:
        day_number, rank = moment
        if rank == _CLASSIFY:
            _classify(walk, date.fromordinal(day_number - 1))
        elif rank == _LEVY and walk.terms.penal_by_rule:
            _levy_by_rule(walk, date.fromordinal(day_number))
        elif rank == _LEVY:
            _levy_penal(walk, date.fromordinal(day_number))
        elif rank == _CAPITALISE:
            _capitalise(walk)
        else:
            _bill(walk)


def _moments(walk: Walk) -> Iterator[tuple[int, int]]:
    """Yield the next moment of each kind, as things stand."""
    position, terms, instalments = walk.position, walk.terms, len(walk.schedule)
    if position.written_off_on is not None:
        return  # called in whole, and off the books
    if position.billed_through < instalments:
        yield (_due_day_number(walk, position.billed_through + 1), _BILL)
    if position.npa_since is None and position.next_number <= instalments:
        yield (_due_day_number(walk, position.next_number) + NPA_DAYS + 1, _CLASSIFY)
    restructured = position.restructured_on
    standard = position.npa_since is None and position.status is LoanStatus.ACTIVE
    if standard and restructured is not None and position.as_of <= restructured:
        yield (restructured.toordinal() + 1, _CLASSIFY)
    unlevied = _first_unlevied(walk)
    if terms.penal_charge_paise > 0 and unlevied <= instalments:
        yield (_due_day_number(walk, unlevied) + terms.penal_grace_days + 1, _LEVY)
    if terms.penal_by_rule:
        yield from ((step.on.toordinal(), _LEVY) for _, step in _coming_penal(walk))
    coming = _coming_capitalisation(walk)
    if coming is not None:
        yield (coming.on.toordinal(), _CAPITALISE)


def _due_day_number(walk: Walk, number: int) -> int:
    return walk.schedule[number - 1].due_date.toordinal()


def _first_unlevied(walk: Walk) -> int:
    """Return the first instalment that may still draw a penal charge: unpaid, and not yet charged.

    Those before the cursor are paid, so if their day had come unpaid they were charged on it.
    """
    return max(walk.position.penal_levied_through + 1, walk.position.next_number)


def _coming_capitalisation(walk: Walk) -> Capitalisation | None:
    """Return what is still to be capitalised; nothing is on a loan that was repaid before."""
    position = walk.position
    if position.status is not LoanStatus.ACTIVE:
        return None
    if position.holiday_ends_on is not None:
        return Capitalisation(
            on=position.holiday_ends_on, amount_paise=position.holiday_interest_paise
        )
    # Nothing else becomes principal before the interest of the moratorium does.
    return None if position.capitalised_paise > 0 else capitalisation_of(walk.terms)


def _capitalise(walk: Walk) -> None:
    coming = _coming_capitalisation(walk)
    if coming is None:
        raise ValueError("nothing is to be capitalised")
    position = walk.position
    walk.record(
        InterestCapitalised(
            on=coming.on,
            amount_paise=coming.amount_paise,
            of_holiday=position.holiday_ends_on is not None,
        ),
        position=replace(
            position,
            capitalised_paise=position.capitalised_paise + coming.amount_paise,
            holiday_ends_on=None,
            holiday_interest_paise=0,
        ),
    )


def _classify(walk: Walk, day: date) -> None:
    walk.record(BecameNpa(since=day), position=replace(walk.position, npa_since=day))
    walk.note_unpaid(day)


def _levy_penal(walk: Walk, day: date) -> None:
    number = _first_unlevied(walk)
    _levy(walk, day, number=number, place=1, paise=walk.terms.penal_charge_paise)


def _coming_penal(walk: Walk) -> Iterator[tuple[int, PenalStep]]:
    """Yield the next charge by rate or slab of each unpaid instalment that is billed.

    Whatever a day brings has been done once the position stands at it.
    """
    position = walk.position
    for number in range(position.next_number, position.billed_through + 1):
        due_date = walk.schedule[number - 1].due_date
        step = next_step(walk.terms, due_date, after=position.as_of)
        if step is not None:
            yield number, step


def _levy_by_rule(walk: Walk, day: date) -> None:
    """Levy every charge of a day by rate or slab; the position then stands at the day."""
    for number, step in list(_coming_penal(walk)):
        if step.on == day:
            unpaid_paise = unpaid_of(walk.position, walk.schedule[number - 1]).total_paise
            paise = amount_paise(walk.terms, step.place, unpaid_paise=unpaid_paise)
            if paise > 0:
                _levy(walk, day, number=number, place=step.place, paise=paise)
    walk.position = replace(walk.position, as_of=day)


def _levy(walk: Walk, day: date, *, number: int, place: int, paise: int) -> None:
    charge = OpenCharge(
        key=penal_charge_key(number, place),
        kind=ChargeKind.PENAL,
        levied_on=day,
        amount_paise=paise,
        paid_paise=0,
        instalment_number=number,
    )
    walk.record(
        PenalLevied(
            key=charge.key,
            instalment_number=number,
            levied_on=day,
            amount_paise=charge.amount_paise,
        ),
        position=replace(
            walk.position,
            open_charges=(*walk.position.open_charges, charge),
            penal_levied_through=max(number, walk.position.penal_levied_through),
        ),
    )


def _bill(walk: Walk) -> None:
    plan = walk.schedule[walk.position.billed_through]
    walk.bill_next()
    if walk.position.advance_paise > 0:
        left_paise = walk.spend(
            walk.position.advance_paise,
            claims=billed_claims(walk.position, walk.schedule),
            source=AllocationSource.ADVANCE,
            on=plan.due_date,
        )
        walk.position = replace(walk.position, advance_paise=left_paise)
        walk.settle(plan.due_date)
