"""What the product's core says of a borrower at the end of each day, by all loans together."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

from loan.domain.accrual import accrued_interest_paise
from loan.domain.asset_class import (
    AssetClass,
    ClassChange,
    Mark,
    NpaPeriod,
    OldestUnpaid,
    class_changes,
    class_on,
    npa_periods,
    state_on,
)
from loan.domain.delinquency import days_past_due
from loan.domain.effects import Effect
from loan.domain.events import in_effect
from loan.domain.lifecycle import LoanStatus
from loan.domain.position import Position, billed_claims
from loan.domain.posting_rules import disbursement_transfers, suspense_transfers, transfers_for
from loan.domain.provisioning import MINIMUM_RATES, Exposure, provision_lines
from loan.domain.schedule import InstalmentPlan, upfront_interest_of
from loan.domain.servicing import (
    Step,
    end_day,
    oldest_unpaid_due_date,
    principal_outstanding_paise,
    replay,
)
from loan.domain.unrealised import NO_SUSPENSE, Suspense, unrealised
from tests.oracle.borrower import Day, LoanDay
from tests.oracle.core import CoreTelling
from tests.oracle.story import Deal, Marked

_INCOME = ("4000", "4200", "4300")
_RECOVERIES = "4400"


class Steps:
    """A loan of the core taken from day to day: as far as it can be, a step at a time."""

    def __init__(self, deal: Deal, telling: CoreTelling) -> None:
        self.telling, self.terms = telling, telling.terms
        self.happens_on = {event.value_date for event in in_effect(telling.events)}
        self.schedule: Sequence[InstalmentPlan] = telling.first_schedule
        self.position: Position | None = None
        self.accounts: Counter[str] = Counter()
        self._paid_out = disbursement_transfers(
            self.terms.principal_paise,
            fee_paise=deal.fee - deal.fee_gst,
            gst_paise=deal.fee_gst,
            upfront_interest_paise=upfront_interest_of(self.terms),
        )

    def end(self, day: date) -> None:
        """End a day: the whole history is told to it where something happens on it."""
        if day < self.terms.disbursed_on:
            return
        if self.position is None or day in self.happens_on:
            step = self.telling.replayed(day, ended=True)
            self.accounts = Counter()
            for transfer in self._paid_out:
                self.accounts[transfer.debit.value] += transfer.amount_paise
                self.accounts[transfer.credit.value] -= transfer.amount_paise
        else:
            step = end_day(self.terms, self.schedule, self.position, day)
        self._book(step.effects)
        self.position, self.schedule = step.position, step.schedule

    def _book(self, effects: Iterable[Effect]) -> None:
        for transfer in transfers_for(effects):
            self.accounts[transfer.debit.value] += transfer.amount_paise
            self.accounts[transfer.credit.value] -= transfer.amount_paise

    def day(self, day: date, *, npa: bool) -> LoanDay | None:
        """Return the loan at the day's end, or None before it was paid out."""
        position = self.position
        if position is None:
            return None
        level = unrealised(position, self.schedule) if npa else NO_SUSPENSE
        accounts = self.accounts.copy()
        for transfer in suspense_transfers(NO_SUSPENSE, level):
            accounts[transfer.debit.value] += transfer.amount_paise
            accounts[transfer.credit.value] -= transfer.amount_paise
        interest, charges, penal = (-accounts[code] for code in _INCOME)
        return LoanDay(
            income=(interest, charges, penal),
            suspended=_parts(level),
            recovered=-accounts[_RECOVERIES],
            accrued=0 if npa else accrued_interest_paise(self.terms, self.schedule, day),
            exposure=self._exposure_paise(position, npa=npa),
        )

    def _exposure_paise(self, position: Position, *, npa: bool) -> int:
        if position.written_off_on is not None:
            return 0
        due = sum(claim.interest_paise for claim in billed_claims(position, self.schedule))
        return principal_outstanding_paise(self.terms, position) + (0 if npa else due)

    def oldest(self) -> date | None:
        """Return the due date of the oldest unpaid instalment."""
        if self.position is None or self.position.status is LoanStatus.CLOSED:
            return None
        return oldest_unpaid_due_date(self.position, self.schedule)


def _parts(level: Suspense) -> tuple[int, int, int]:
    return level.interest_paise, level.charges_paise, level.penal_paise


class CoreBorrower:
    """The loans of a borrower in the core, in the order in which they were paid out."""

    def __init__(
        self, loans: Sequence[tuple[Deal, CoreTelling]], marks: Sequence[Marked], until: date
    ) -> None:
        self.loans = [Steps(deal, telling) for deal, telling in loans]
        self.until, self.marks = until, marks
        replays = [
            replay(
                telling.terms,
                telling.events,
                until,
                schedule=telling.first_schedule,
                day_ended=True,
            )
            for _, telling in loans
        ]
        self.ends: list[Step] = replays
        self.paths: list[Sequence[OldestUnpaid]] = [step.unpaid for step in replays]

    def periods(self, day: date) -> tuple[NpaPeriod, ...]:
        """Return when the borrower was an NPA, as known at a day's end."""
        return npa_periods(self.paths, through=day, classified_through=day)

    def changes(self, day: date) -> tuple[ClassChange, ...]:
        """Return the changes of class, as known at a day's end."""
        marks = [
            Mark(mark.on, AssetClass(mark.asset_class) if mark.asset_class else None)
            for mark in self.marks
            if mark.on <= day
        ]
        return class_changes(self.periods(day), classified_through=day, marks=marks)

    def day_by_day(self) -> Iterator[Day]:
        """Yield how each day ended, from the first on which a loan was paid out."""
        changes = list(self.changes(self.until))
        held = ClassChange(date.min, AssetClass.STANDARD, None)
        day = min(loan.terms.disbursed_on for loan in self.loans)
        while day <= self.until:
            while changes and changes[0].effective_on <= day:
                held = changes.pop(0)
            for loan in self.loans:
                loan.end(day)
            yield self._day(day, held)
            day += timedelta(days=1)

    def _day(self, day: date, held: ClassChange) -> Day:
        since, marked = held.npa_since, held.marked
        oldest = min((due for loan in self.loans if (due := loan.oldest())), default=None)
        days = (loan.day(day, npa=since is not None) for loan in self.loans)
        loans = tuple(one for one in days if one is not None)
        asset_class = class_on(oldest, day, day_ended=True, npa_since=since, marked=marked)
        if held.asset_class is not state_on(since, day, day_ended=True, marked=marked):
            raise AssertionError(f"{day}: {held} is not the state that its dates give")
        exposure = Exposure(
            product="LOAN",
            asset_class=held.asset_class,
            loans=len(loans),
            exposure_paise=sum(loan.exposure for loan in loans),
        )
        (line,) = provision_lines([exposure], rates=MINIMUM_RATES)
        return Day(
            day=day,
            asset_class=asset_class.value,
            state=held.asset_class.value,
            npa_since=since,
            marked=None if marked is None else marked.value,
            days_past_due=days_past_due(oldest, day),
            loans=loans,
            provision=line.provision_paise,
        )
