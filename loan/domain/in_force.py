"""What is agreed for the rest of a loan: its terms, as far as events have changed them."""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Self

from loan.domain.frequency import EarlierAnchor
from loan.domain.interest import RateChange, Rates
from loan.domain.terms import Conventions, LoanTerms


class Agreed(StrEnum):
    """What a change of terms has changed."""

    RATE = "RATE"
    DUE_DAY = "DUE_DAY"
    HOLIDAY = "HOLIDAY"
    TENOR = "TENOR"


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreedChange:
    """A change of terms, and the last day that it settles: that it begins on, or a holiday ends."""

    kind: Agreed
    until: date

    def overlaps(self, kind: Agreed, *, from_date: date) -> bool:
        """Return whether another change from a date on would disturb this one."""
        return self.until > from_date or (self.until == from_date and self.kind is kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class PutOffInterest:
    """Interest of a holiday that the first instalment after it does not collect, the time it is
    for, and what it is reckoned on. In paise.

    The last instalment collects it, or it becomes principal when the holiday ends.
    """

    since: date
    until: date
    base_paise: int
    amount_paise: int
    becomes_principal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """The rates over time, the agreed days of the month, what flat interest is reckoned on, the
    interest that holidays have put off, and which changes led to all this.

    Only a fold from the disbursement on knows them: a position does not keep them.
    """

    rates: Rates
    anchor_day: int | None
    flat_base_paise: int
    earlier_anchors: tuple[EarlierAnchor, ...] = ()
    put_off: tuple[PutOffInterest, ...] = ()
    changes: tuple[AgreedChange, ...] = ()

    @classmethod
    def agreed(cls, terms: LoanTerms) -> Self:
        """Return what the terms say, before any event."""
        return cls(
            rates=Rates(annual_rate_bps=terms.annual_rate_bps),
            anchor_day=terms.due_day,
            flat_base_paise=terms.principal_paise,
        )

    def with_rate(self, annual_rate_bps: int, *, from_date: date) -> Self:
        """Return the same with another rate from a date on, in the place of any later change."""
        earlier = (change for change in self.rates.changes if change.from_date < from_date)
        change = RateChange(from_date=from_date, annual_rate_bps=annual_rate_bps)
        return replace(self, rates=replace(self.rates, changes=(*earlier, change)))

    def with_anchor(self, anchor_day: int, *, first_due_date: date) -> Self:
        """Return the same with another day of the month, for a due date and those after it."""
        if self.anchor_day is None:
            raise ValueError("a loan repaid by weeks has no day of the month")
        before = EarlierAnchor(before=first_due_date, anchor_day=self.anchor_day)
        return replace(self, anchor_day=anchor_day, earlier_anchors=(*self.earlier_anchors, before))

    def with_put_off(self, interest: PutOffInterest) -> Self:
        """Return the same with interest of a holiday that is put off."""
        return replace(self, put_off=(*self.put_off, interest))

    def called_in(self, on: date) -> Self:
        """Return the same for a loan that ends on a day: nothing becomes principal any more."""
        kept = (one for one in self.put_off if not (one.becomes_principal and on < one.until))
        return replace(self, put_off=tuple(kept))

    @property
    def capitalised(self) -> tuple[PutOffInterest, ...]:
        """Return the interest of holidays that becomes principal, or has become it."""
        return tuple(interest for interest in self.put_off if interest.becomes_principal)

    def with_change(self, kind: Agreed, *, until: date) -> Self:
        """Return the same with one more change that has led to it."""
        return replace(self, changes=(*self.changes, AgreedChange(kind=kind, until=until)))

    @property
    def put_off_paise(self) -> int:
        """Return the interest of holidays that the last instalment collects."""
        return sum(one.amount_paise for one in self.put_off if not one.becomes_principal)

    def is_putting_off(self, on: date) -> bool:
        """Return whether a holiday whose interest is put off ends later."""
        return any(on < interest.until for interest in self.put_off)

    def conventions(self, terms: LoanTerms) -> Conventions:
        """Return how the rest of the loan is reckoned."""
        return replace(
            terms.conventions, anchor_day=self.anchor_day, earlier_anchors=self.earlier_anchors
        )
