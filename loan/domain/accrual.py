"""Interest that has run and is not billed yet: what a day's end has earned of the schedule.

Inside a period it is the scheduled interest × the days that have ended ÷ the days of the period, so
that it comes to exactly what is billed on the due date, whatever the day count: a period's interest
is what the schedule says, and only its days are shared out. The first day of a period counts, its
due date does not. A loan whose schedule has come to its end (repaid early, written off) accrues
nothing, and neither does one whose borrower is non-performing: that is the caller's to know.

Interest of a holiday that becomes principal runs through the holiday, and has when it does. What
holidays put off to the last instalment accrues in the last period: later, and never too early.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from bright_credit.common.business_day import day_after, days_between
from bright_credit.common.money import share_of_days
from loan.domain.in_force import PutOffInterest
from loan.domain.schedule import InstalmentPlan, capitalisation_of, repayment_plan
from loan.domain.terms import LoanTerms, MoratoriumInterest


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Interest of the days from `since` to `until`, the latter not among them, in paise."""

    since: date
    until: date
    amount_paise: int

    def run_paise(self, day: date) -> int:
        """Return what has run of it at the end of a day, rounded down to a paisa."""
        whole = days_between(self.since, self.until)
        ended = min(max(days_between(self.since, day_after(day)), 0), whole)
        return share_of_days(self.amount_paise, days=ended, of_days=whole)


def accrued_interest_paise(
    terms: LoanTerms,
    schedule: Sequence[InstalmentPlan],
    day: date,
    *,
    holidays: Sequence[PutOffInterest] = (),
) -> int:
    """Return the interest that has run at the end of a day and is not billed by then, in paise.

    `schedule` is the one in force, and `holidays` are those agreed with it whose interest becomes
    principal. Every stretch of time is rounded down by itself.
    """
    if day < terms.disbursed_on:
        return 0
    return sum(stretch.run_paise(day) for stretch in _running(terms, schedule, holidays, day))


def _running(
    terms: LoanTerms,
    schedule: Sequence[InstalmentPlan],
    holidays: Sequence[PutOffInterest],
    day: date,
) -> Iterator[Stretch]:
    """Yield what is running: the next instalment's interest, and that of a moratorium or a holiday.

    Interest of a moratorium that becomes principal runs from the disbursement until it does; what
    the last instalment collects of a moratorium has run when the first instalment is due.
    """
    coming = [row for row in schedule if row.due_date > day]
    if not coming:
        return
    row, begins = coming[0], terms.disbursed_on
    capitalisation = capitalisation_of(terms)
    if capitalisation is not None and capitalisation.on < row.due_date:
        begins = capitalisation.on
        if day < capitalisation.on:
            yield Stretch(
                since=terms.disbursed_on,
                until=capitalisation.on,
                amount_paise=capitalisation.amount_paise,
            )
    if len(coming) < len(schedule):
        begins = schedule[-len(coming) - 1].due_date
    for holiday in holidays:
        if begins < holiday.until < row.due_date:
            if day < holiday.until:
                yield Stretch(
                    since=max(holiday.since, terms.disbursed_on),
                    until=holiday.until,
                    amount_paise=holiday.amount_paise,
                )
            begins = holiday.until
    deferred_paise = _deferred_paise(terms)
    if deferred_paise:
        yield Stretch(
            since=terms.disbursed_on, until=terms.first_due_date, amount_paise=deferred_paise
        )
    own_paise = row.interest_paise - (deferred_paise if len(coming) == 1 else 0)
    yield Stretch(since=begins, until=row.due_date, amount_paise=max(own_paise, 0))


def _deferred_paise(terms: LoanTerms) -> int:
    """Return the interest of a moratorium that the last instalment collects."""
    last = terms.moratorium_interest is MoratoriumInterest.WITH_LAST_INSTALMENT
    if not last or not terms.interest_moratorium_periods:
        return 0
    return repayment_plan(terms).moratorium_interest_paise
