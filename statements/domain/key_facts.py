"""The Key Facts Statement of a loan, offered or paid out (RBI/2024-25/18, 15 April 2024).

Part 1 and part 2 are Annex A of the circular, the computation of the APR is Annex B, and the
amortisation schedule is Annex C.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from bright_credit.common.business_day import day_after
from statements.domain.credit import ContingentCharge, Credit, contingent_charges
from statements.domain.parties import Addressee, Lender

#: The least working days that an offer stays open, for loans of seven days and more.
VALIDITY_WORKING_DAYS = 3

_SATURDAY = 5
#: Closed everywhere in India, by month and day: Republic Day, Independence Day, Gandhi Jayanti.
_NATIONAL_HOLIDAYS = frozenset({(1, 26), (8, 15), (10, 2)})


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFacts:
    """A Key Facts Statement. `valid_until` is an offer's last day; None once the loan is paid out.

    `proposal_number` names the offer, or the loan account.
    """

    number: str
    proposal_number: str
    issued_on: date
    valid_until: date | None
    lender: Lender
    addressee: Addressee | None
    credit: Credit

    @property
    def contingent_charges(self) -> tuple[ContingentCharge, ...]:
        """What may have to be paid if something happens."""
        return contingent_charges(self.credit.terms)


def offer_valid_until(issued_on: date, holidays: Collection[date] = ()) -> date:
    """Return the third working day after the day an offer was made.

    Saturdays, Sundays, national holidays and the lender's own are no working days. Where one of
    them is worked after all, the offer is open longer than it has to be.
    """
    day, left = issued_on, VALIDITY_WORKING_DAYS
    while left > 0:
        day = day_after(day)
        if is_working_day(day, holidays):
            left -= 1
    return day


def is_working_day(day: date, holidays: Collection[date] = ()) -> bool:
    """Return whether the day is surely worked."""
    return (
        day.weekday() < _SATURDAY
        and (day.month, day.day) not in _NATIONAL_HOLIDAYS
        and day not in holidays
    )
