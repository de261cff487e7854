"""What would become of a loan: imagined events on top of its history, by the same fold.

Both sides assume the borrower to pay each instalment to come on its due date, as far as money held
in advance does not, and with it a processing fee that is paid apart and still owed. The imagined
side leaves out the dues that are skipped, and does what else is imagined. Nothing here is recorded
anywhere.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TypeAlias

from loan.domain import calendar_steps
from loan.domain.cancellation import KeptBack, cancellation_quote, may_be_cancelled
from loan.domain.delinquency import days_past_due
from loan.domain.early_repayment import ClosingRates, foreclosure_quote
from loan.domain.effects import Allocated, AllocationSource, PenalLevied, ScheduleReplaced
from loan.domain.event_steps import take
from loan.domain.events import (
    ChangeOfTerms,
    EffectiveEvent,
    Holiday,
    HolidayInterest,
    Keeping,
    LoanEvent,
    PaymentReceived,
    RateChanged,
    Rescheduled,
    Towards,
    in_effect,
)
from loan.domain.lifecycle import LoanStatus
from loan.domain.position import (
    fee_unpaid_paise,
    initial_position,
    oldest_unpaid_due_date,
    unpaid_of,
)
from loan.domain.running_period import is_in_moratorium
from loan.domain.schedule import InstalmentPlan
from loan.domain.terms import LoanTerms
from loan.domain.walk import Walk

#: Imagined events come after all recorded ones.
_FIRST_SEQUENCE = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Pay:
    """Pay something beside what falls due, in paise; or a part of the principal early."""

    on: date
    amount_paise: int
    towards: Towards = Towards.DUES


@dataclass(frozen=True, slots=True, kw_only=True)
class Skip:
    """Do not pay the instalment due on a date."""

    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreclose:
    """Close the loan with what it takes on the day."""

    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel:
    """Give the loan back in its cooling-off period, with what it takes on the day."""

    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRate:
    """Agree another rate from the day on, in basis points a year."""

    on: date
    annual_rate_bps: int
    keeping: Keeping


@dataclass(frozen=True, slots=True, kw_only=True)
class Reschedule:
    """Agree other instalments from the day on."""

    on: date
    change: ChangeOfTerms


Wish: TypeAlias = Pay | Skip | Foreclose | Cancel | ChangeRate | Reschedule


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """How a loan may end early: what foreclosing costs, until when it may be given back, and what
    its disbursement cost and is returned then."""

    rates: ClosingRates
    cooling_off_ends: date
    kept_back: KeptBack


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """Days past due on a date: before anything is paid that day, and after."""

    on: date
    days_past_due: int
    days_past_due_after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a loan ends. Amounts in paise, over its whole life; of the penal charges, all levied."""

    status: LoanStatus
    closed_on: date | None
    last_due_date: date
    instalments: int
    interest_paise: int
    penal_paise: int
    paid_paise: int
    path: tuple[Point, ...]

    @property
    def worst_days_past_due(self) -> int:
        """Return the most days past due there are from the first day of the path on."""
        return max((point.days_past_due for point in self.path), default=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfulfilled:
    """A wish that the loan cannot take on its day: its place in the list, and why."""

    place: int
    why: str


def outcome(
    terms: LoanTerms,
    schedule: Sequence[InstalmentPlan],
    events: Iterable[LoanEvent],
    *,
    today: date,
    wishes: Sequence[Wish] = (),
    closing: Closing,
) -> Outcome | Unfulfilled:
    """Return how a loan ends with imagined events, all of them on `today` or later."""
    tale = _Tale(terms, schedule, today=today, closing=closing)
    for event in in_effect(events):
        calendar_steps.begin_day(tale.walk, event.value_date)
        take(tale.walk, event)
    calendar_steps.begin_day(tale.walk, today)
    # Whatever has begun of today is told; a due of today may have been paid, or not.
    skipped = {wish.on for wish in wishes if isinstance(wish, Skip)}
    rest = sorted(
        ((place, wish) for place, wish in enumerate(wishes) if not isinstance(wish, Skip)),
        key=lambda one: (one[1].on, one[0]),
    )
    for place, wish in enumerate(wishes):
        if isinstance(wish, Skip) and not tale.is_due(wish.on):
            return Unfulfilled(place=place, why="no instalment falls due on that date")
    for place, wish in rest:
        tale.go_to(wish.on, skipped=skipped)
        why = tale.fulfil(wish)
        if why is not None:
            return Unfulfilled(place=place, why=why)
    tale.go_to(tale.walk.schedule[-1].due_date, skipped=skipped)
    return tale.outcome()


def _capitalises(change: ChangeOfTerms) -> bool:
    return isinstance(change, Holiday) and change.interest is HolidayInterest.CAPITALISED


class _Tale:
    """A walk that goes on from today, paying what falls due."""

    def __init__(
        self,
        terms: LoanTerms,
        schedule: Sequence[InstalmentPlan],
        *,
        today: date,
        closing: Closing,
    ) -> None:
        self.walk = Walk(terms, schedule, initial_position(terms))
        self._today, self._closing = today, closing
        self._sequence = _FIRST_SEQUENCE
        self._path: list[Point] = []

    def is_due(self, on: date) -> bool:
        """Return whether an instalment falls due on a date, as the schedule stands."""
        return on >= self._today and any(row.due_date == on for row in self.walk.schedule)

    def go_to(self, day: date, *, skipped: set[date]) -> None:
        """Let dues come and be paid, up to a day and on it."""
        for due in list(self._dues_until(day)):
            calendar_steps.begin_day(self.walk, due.due_date)
            before = self._days_past_due(due.due_date)
            position = self.walk.position
            owed_paise = unpaid_of(position, due).total_paise + fee_unpaid_paise(position)
            if due.due_date not in skipped and owed_paise > 0:
                self._take(self._payment(due.due_date, owed_paise))
            self._note(due.due_date, before)
        calendar_steps.begin_day(self.walk, day)

    def fulfil(self, wish: Pay | Foreclose | Cancel | ChangeRate | Reschedule) -> str | None:
        """Do what is imagined on its day, which has come; return why not, if it cannot be."""
        walk, before = self.walk, self._days_past_due(wish.on)
        if walk.position.status is LoanStatus.CLOSED:
            return "the loan is closed by then"
        match wish:
            case Pay():
                event: EffectiveEvent = replace(
                    self._payment(wish.on, wish.amount_paise), towards=wish.towards
                )
            case Foreclose():
                foreclosing = self._foreclosure(wish.on)
                if foreclosing is None:
                    return "it is in its moratorium, or the money held covers everything owed"
                event = foreclosing
            case Cancel():
                cancelling = self._cancellation(wish.on)
                if cancelling is None:
                    return "the days to give it back are over, or something of it has fallen due"
                event = cancelling
            case ChangeRate():
                event = RateChanged(
                    key=f"WHAT-IF-{self._sequence}",
                    value_date=wish.on,
                    sequence=self._sequence,
                    annual_rate_bps=wish.annual_rate_bps,
                    from_date=wish.on,
                    keeping=wish.keeping,
                )
            case Reschedule():
                in_default = before > 0 or walk.position.npa_since is not None
                if in_default and _capitalises(wish.change):
                    return "something is overdue, and interest is not added to the principal then"
                event = Rescheduled(
                    key=f"WHAT-IF-{self._sequence}",
                    value_date=wish.on,
                    sequence=self._sequence,
                    change=wish.change,
                    from_date=wish.on,
                )
        self._take(event)
        self._note(wish.on, before)
        if event.replaces_schedule and not self._replaced_by(event):
            return "it leaves nothing for principal, or no loan to repay"
        return None

    def outcome(self) -> Outcome:
        """Return how the loan ends."""
        position, schedule = self.walk.position, self.walk.schedule
        paid_paise = (
            position.principal_paid_paise
            + position.interest_paid_paise
            + position.charges_paid_paise
            + position.penal_paid_paise
            - self._returned_paise()
        )
        return Outcome(
            status=position.status,
            closed_on=position.closed_on,
            last_due_date=schedule[-1].due_date,
            instalments=len(schedule),
            interest_paise=position.capitalised_paise + sum(row.interest_paise for row in schedule),
            penal_paise=sum(
                effect.amount_paise
                for effect in self.walk.step().effects
                if isinstance(effect, PenalLevied)
            ),
            paid_paise=paid_paise,
            path=tuple(self._path),
        )

    def _dues_until(self, day: date) -> Iterator[InstalmentPlan]:
        """Yield the instalments that fall due after what the walk has passed, up to a day."""
        since = self._path[-1].on + timedelta(days=1) if self._path else self._today
        return (row for row in self.walk.schedule if since <= row.due_date <= day)

    def _take(self, event: EffectiveEvent) -> None:
        take(self.walk, event)
        self._sequence += 1

    def _payment(self, on: date, amount_paise: int) -> PaymentReceived:
        return PaymentReceived(
            key=f"WHAT-IF-{self._sequence}",
            value_date=on,
            sequence=self._sequence,
            amount_paise=amount_paise,
        )

    def _foreclosure(self, on: date) -> PaymentReceived | None:
        walk = self.walk
        if is_in_moratorium(walk.terms, on):
            return None
        quote = foreclosure_quote(
            walk.terms, walk.in_force, walk.schedule, walk.position, rates=self._closing.rates
        )
        if quote.amount_paise == 0:
            return None
        return replace(
            self._payment(on, quote.amount_paise),
            towards=Towards.FORECLOSURE,
            closing_charge_paise=quote.closing_charge_paise + quote.closing_gst_paise,
            closing_gst_paise=quote.closing_gst_paise,
        )

    def _cancellation(self, on: date) -> PaymentReceived | None:
        walk, closing = self.walk, self._closing
        if on > closing.cooling_off_ends or not may_be_cancelled(walk.position):
            return None
        quote = cancellation_quote(
            walk.terms,
            walk.in_force,
            walk.position,
            kept_back=closing.kept_back.less_waived(walk.step().effects),
            last_day=closing.cooling_off_ends,
        )
        if quote.amount_paise == 0:
            return None
        return replace(
            self._payment(on, quote.amount_paise),
            towards=Towards.CANCELLATION,
            cancelling=quote.cancelling,
        )

    def _returned_paise(self) -> int:
        """Return what was returned and met principal of a loan given back: nobody paid it."""
        given = (AllocationSource.FEE_BACK, AllocationSource.INTEREST_BACK)
        return sum(
            effect.principal_paise
            for effect in self.walk.step().effects
            if isinstance(effect, Allocated) and effect.source in given
        )

    def _replaced_by(self, event: EffectiveEvent) -> bool:
        closes = (Towards.FORECLOSURE, Towards.CANCELLATION)
        if isinstance(event, PaymentReceived) and event.towards in closes:
            return self.walk.position.status is LoanStatus.CLOSED
        return any(
            isinstance(effect, ScheduleReplaced) and effect.event_key == event.key
            for effect in self.walk.step().effects
        )

    def _days_past_due(self, on: date) -> int:
        return days_past_due(oldest_unpaid_due_date(self.walk.position, self.walk.schedule), on)

    def _note(self, on: date, before: int) -> None:
        self._path.append(
            Point(on=on, days_past_due=before, days_past_due_after=self._days_past_due(on))
        )
