"""One walk along a loan's time: the position so far, and the effects on the way.

This is the workbench of `servicing`, and the only mutable thing in the core: a walk lives inside
one public call, which starts it from a position and takes a frozen `Step` out of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from loan.domain.allocation import Portion, allocate
from loan.domain.asset_class import OldestUnpaid
from loan.domain.effects import (
    Allocated,
    AllocationSource,
    Effect,
    InstalmentBilled,
    LoanClosed,
    LoanReopened,
    NpaLifted,
    ScheduleReplaced,
)
from loan.domain.in_force import InForce
from loan.domain.lifecycle import LoanStatus, require_loan_move
from loan.domain.loaded_schedule import with_coming_replaced
from loan.domain.position import (
    Position,
    billed_claims,
    charge_claims,
    oldest_unpaid_due_date,
    with_portion_met,
)
from loan.domain.schedule import InstalmentPlan
from loan.domain.terms import LoanTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Where a step led, and everything it changed on the way, in the order it happened.

    `schedule` is the one in force at its end: the same that it started with, unless replaced.
    `in_force` is what was agreed by then, when the step began at the disbursement. `unpaid` says
    since when which instalment was the oldest unpaid one, from the step's beginning on.
    """

    position: Position
    effects: tuple[Effect, ...]
    schedule: Sequence[InstalmentPlan]
    in_force: InForce
    unpaid: tuple[OldestUnpaid, ...] = ()


class Walk:
    """The state of one walk. `calendar_steps` and `event_steps` move it."""

    __slots__ = ("_effects", "_unpaid", "in_force", "position", "schedule", "terms")

    def __init__(
        self, terms: LoanTerms, schedule: Sequence[InstalmentPlan], position: Position
    ) -> None:
        self.terms = terms
        self.schedule = schedule
        self.position = position
        self.in_force = InForce.agreed(terms)
        self._effects: list[Effect] = []
        self._unpaid: list[OldestUnpaid] = []
        self.note_unpaid(position.as_of)

    def step(self) -> Step:
        """Return where the walk has come to."""
        return Step(
            position=self.position,
            effects=tuple(self._effects),
            schedule=self.schedule,
            in_force=self.in_force,
            unpaid=tuple(self._unpaid),
        )

    def record(self, effect: Effect, *, position: Position) -> None:
        """Take a new position, with the effect that led to it."""
        self.position = position
        self._effects.append(effect)

    def spend(
        self,
        amount_paise: int,
        *,
        claims: Sequence[Portion],
        source: AllocationSource,
        on: date,
        event_key: str | None = None,
    ) -> int:
        """Meet the claims with money in the order of the waterfall; return what is left of it.

        Of a loan that is off the books a payment is a recovery; one given up asks for nothing.
        """
        if self.position.given_up_paise:
            return amount_paise
        off_books = self.position.written_off_on is not None
        waterfall = self.terms.waterfall_for(npa=self.position.npa_since is not None)
        allocation = allocate(amount_paise, claims=claims, waterfall=waterfall)
        for portion in allocation.portions:
            self.record(
                Allocated(
                    source=source,
                    value_date=on,
                    event_key=event_key,
                    instalment_number=portion.instalment_number,
                    charge_key=portion.charge_key,
                    interest_paise=portion.interest_paise,
                    principal_paise=portion.principal_paise,
                    charge_paise=portion.charge_paise,
                    penal_paise=portion.penal_paise,
                    recovers=off_books and source is AllocationSource.PAYMENT,
                ),
                position=with_portion_met(self.position, portion, self.schedule),
            )
        self.note_unpaid(on)
        return allocation.unallocated_paise

    def spend_held(self, on: date) -> None:
        """Meet what is billed and the charges with the money held, in advance and as excess."""
        for source in (AllocationSource.ADVANCE, AllocationSource.EXCESS):
            advance = source is AllocationSource.ADVANCE
            money_paise = self.position.advance_paise if advance else self.position.excess_paise
            rest_paise = self.spend(
                money_paise,
                claims=billed_claims(self.position, self.schedule) + charge_claims(self.position),
                source=source,
                on=on,
            )
            if advance:
                self.position = replace(self.position, advance_paise=rest_paise)
            else:
                self.position = replace(self.position, excess_paise=rest_paise)

    def has_come(self, event_key: str) -> bool:
        """Return whether an event has done something on the way."""
        return any(getattr(effect, "event_key", None) == event_key for effect in self._effects)

    def bill_next(self) -> None:
        """Bill the next instalment of the schedule. Money held in advance has not met it yet."""
        plan = self.schedule[self.position.billed_through]
        self.record(
            InstalmentBilled(
                number=plan.number,
                due_date=plan.due_date,
                principal_paise=plan.principal_paise,
                interest_paise=plan.interest_paise,
            ),
            position=replace(self.position, billed_through=plan.number),
        )

    def replace_schedule(
        self, coming: Sequence[InstalmentPlan], *, on: date, event_key: str
    ) -> None:
        """Put other instalments in the place of those not billed yet; see `ScheduleReplaced`."""
        self.schedule = with_coming_replaced(
            self.schedule, billed_through=self.position.billed_through, coming=coming
        )
        self._effects.append(ScheduleReplaced(on=on, event_key=event_key))
        self.note_unpaid(on)

    def await_holiday(self, on: date) -> None:
        """Note what becomes principal when a holiday ends later than a day; mostly nothing."""
        coming = [one for one in self.in_force.capitalised if on < one.until and one.amount_paise]
        self.position = replace(
            self.position,
            holiday_ends_on=coming[0].until if coming else None,
            holiday_interest_paise=coming[0].amount_paise if coming else 0,
        )

    def call_in(self, last: InstalmentPlan, *, on: date, event_key: str) -> None:
        """Put one instalment in the place of all to come, and bill it: the loan ends on the day.

        A holiday under way ends with it, before its interest has become principal.
        """
        self.in_force = self.in_force.called_in(on)
        self.replace_schedule((last,), on=on, event_key=event_key)
        self.await_holiday(on)
        self.bill_next()

    def settle(self, on: date) -> None:
        """Draw the consequences of what was just paid or levied for the loan's standing.

        The NPA mark goes when no billed instalment is unpaid, of a restructured loan not before it
        has performed; the loan closes when every instalment
        and every charge is paid, and opens again when that ceases to be so.
        """
        before = self.position
        if before.given_up_paise:
            self.note_unpaid(on)
            return
        in_order = before.next_number > before.billed_through
        if before.npa_since is not None and in_order and before.may_be_upgraded(on):
            self.record(NpaLifted(on=on), position=replace(before, npa_since=None))
        paid = before.next_number > len(self.schedule) and not before.open_charges
        if paid and before.status is not LoanStatus.CLOSED:
            self._become(LoanStatus.CLOSED, effect=LoanClosed(on=on), closed_on=on)
        elif not paid and before.status is LoanStatus.CLOSED:
            on_books = before.written_off_on is None
            opened = LoanStatus.ACTIVE if on_books else LoanStatus.WRITTEN_OFF
            self._become(opened, effect=LoanReopened(on=on), closed_on=None)
        self.note_unpaid(on)

    def note_unpaid(self, on: date) -> None:
        """Note what is unpaid from a day on, and whether the loan is an NPA by itself."""
        closed = self.position.status is LoanStatus.CLOSED
        now = OldestUnpaid(
            on,
            oldest_unpaid_due_date(self.position, self.schedule),
            None if closed else self.position.npa_since,
        )
        if not self._unpaid or replace(self._unpaid[-1], from_date=on) != now:
            self._unpaid.append(now)

    def _become(self, status: LoanStatus, *, effect: Effect, closed_on: date | None) -> None:
        require_loan_move(self.position.status, target=status)
        self.record(effect, position=replace(self.position, status=status, closed_on=closed_on))
