"""Taking a loan off the books, and giving its claim up: balances move, and none is destroyed.

The whole loan is called in on the day: what is not billed yet becomes one last instalment of the
principal to come and the interest to date. Money that is held meets what it can. What is left is
written off: principal as a loss, income that was booked and never received against that income.
Off the books the claim stands in memorandum accounts, and whatever is paid of it is a recovery.
"""

from dataclasses import replace
from datetime import date

from bright_credit.common.errors import Conflict, RuleViolated
from loan.domain.early_repayment import closing_instalment
from loan.domain.effects import ClaimGivenUp, LoanWrittenOff
from loan.domain.events import WriteOffKind, WrittenOff
from loan.domain.lifecycle import LoanStatus, require_loan_move
from loan.domain.position import (
    billed_claims,
    charge_claims,
    charges_unpaid_paise,
    income_unpaid_paise,
    penal_unpaid_paise,
)
from loan.domain.running_period import is_in_moratorium, running_period
from loan.domain.schedule import InstalmentPlan
from loan.domain.walk import Walk


class AlreadyWrittenOff(Conflict):
    """The loan is off the books already: what is paid of it is a recovery."""

    code = "loan_written_off"


class NothingToWriteOff(RuleViolated):
    """The money held for the loan meets all that it owes: close it with that, or pay it back."""

    code = "nothing_to_write_off"


class WriteOffInMoratorium(RuleViolated):
    """Interest of a moratorium is under way: what it comes to is not known yet."""

    code = "write_off_in_moratorium"


def require_writable_off(walk: Walk, event: WrittenOff) -> None:
    """Refuse a write-off that comes twice, within a moratorium, or where nothing is at risk.

    Raises `AlreadyWrittenOff`, `WriteOffInMoratorium`, `NothingToWriteOff`.
    """
    position = walk.position
    if position.written_off_on is not None:
        if event.kind is WriteOffKind.TECHNICAL:
            raise AlreadyWrittenOff("the loan is off the books already", field="kind")
        return
    if position.billed_through < len(walk.schedule) and is_in_moratorium(
        walk.terms, event.value_date
    ):
        raise WriteOffInMoratorium("not before the moratorium ends", field="kind")
    if _is_held(walk, event.value_date):
        raise NothingToWriteOff("what is held for the loan meets all of it", field="kind")


def write_off(walk: Walk, event: WrittenOff) -> None:
    """Take the loan off the books, unless it is off already, and give up the claim if so said."""
    if walk.position.status is LoanStatus.CLOSED:
        return  # history turned out otherwise: it was repaid before
    if event.settled_by is not None and not walk.has_come(event.settled_by):
        return  # what was agreed was not paid after all
    if walk.position.written_off_on is None:
        if _is_held(walk, event.value_date):
            return  # history turned out otherwise: what is held for the dues to come stays so
        _call_in(walk, event)
        walk.spend_held(event.value_date)
        _take_off_the_books(walk, event)
    if event.kind is not WriteOffKind.TECHNICAL:
        _give_up(walk, event)


def owed_again(walk: Walk, amount_paise: int) -> None:
    """Count what is owed again of a loan off the books among what was written off."""
    other_paise = walk.position.written_off_other_paise + amount_paise
    walk.position = replace(walk.position, written_off_other_paise=other_paise)


def _closing(walk: Walk, on: date) -> InstalmentPlan | None:
    """Return the one instalment that the loan, called in on a day, still asks beside its dues."""
    running = running_period(
        walk.terms, walk.in_force, walk.schedule, billed_through=walk.position.billed_through
    )
    return None if running is None else closing_instalment(running, on)


def _call_in(walk: Walk, event: WrittenOff) -> None:
    last = _closing(walk, event.value_date)
    if last is not None:
        walk.call_in(last, on=event.value_date, event_key=event.key)


def _is_held(walk: Walk, on: date) -> bool:
    """Return whether as much is held as the loan owes when it is called in on a day."""
    position, last = walk.position, _closing(walk, on)
    claims = billed_claims(position, walk.schedule) + charge_claims(position)
    owed_paise = sum(claim.total_paise for claim in claims) + (last.total_paise if last else 0)
    return position.advance_paise + position.excess_paise >= owed_paise


def _take_off_the_books(walk: Walk, event: WrittenOff) -> None:
    position = walk.position
    claims = billed_claims(position, walk.schedule)
    charges_paise = income_unpaid_paise(position, of_fee=False)
    fees_paise = income_unpaid_paise(position, of_fee=True)
    moved = LoanWrittenOff(
        on=event.value_date,
        event_key=event.key,
        principal_paise=sum(claim.principal_paise for claim in claims),
        interest_paise=sum(claim.interest_paise for claim in claims),
        charges_paise=charges_paise,
        other_paise=charges_unpaid_paise(position) - charges_paise - fees_paise,
        penal_paise=penal_unpaid_paise(position),
        fees_paise=fees_paise,
    )
    require_loan_move(position.status, target=LoanStatus.WRITTEN_OFF)
    walk.record(
        moved,
        position=replace(
            position,
            status=LoanStatus.WRITTEN_OFF,
            written_off_on=event.value_date,
            written_off_principal_paise=moved.principal_paise,
            written_off_interest_paise=moved.interest_paise,
            written_off_charges_paise=moved.charges_paise,
            written_off_other_paise=moved.other_paise,
            written_off_penal_paise=moved.penal_paise,
            written_off_fees_paise=moved.fees_paise,
        ),
    )


def _give_up(walk: Walk, event: WrittenOff) -> None:
    position = walk.position
    claims = billed_claims(position, walk.schedule) + charge_claims(position)
    amount_paise = sum(claim.total_paise for claim in claims)
    require_loan_move(position.status, target=LoanStatus.CLOSED)
    walk.record(
        ClaimGivenUp(on=event.value_date, event_key=event.key, amount_paise=amount_paise),
        position=replace(
            position,
            status=LoanStatus.CLOSED,
            closed_on=event.value_date,
            given_up_paise=amount_paise,
        ),
    )
