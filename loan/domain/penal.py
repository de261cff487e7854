"""Penal charges: how much for an unpaid instalment, and on which days (RBI, 18 August 2023).

A product has one of three rules. **Flat**: one sum, when the days of grace are over. **By rate**:
per cent a year on what is unpaid of the instalment, for the days it was: levied first when the days
of grace are over, for all days since the due date, then every thirty days for those. Days after the
last levy and before the payment are not charged. **By slab**: a sum for each slab of days past due
that the instalment reaches unpaid. Each is a charge: never added to the principal nor to any base
of interest or of further charges, and without GST.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

from bright_credit.common.business_day import days_between
from bright_credit.common.money import BPS_PER_WHOLE, round_to_paisa

if TYPE_CHECKING:
    from loan.domain.terms import LoanTerms

#: How far apart two charges by rate for the same instalment are, in days.
RATE_PERIOD_DAYS = 30
_DAYS_OF_A_YEAR = 365


@dataclass(frozen=True, slots=True, kw_only=True)
class PenalSlab:
    """A sum, in paise, for an instalment still unpaid so many days after its due date."""

    after_days: int
    amount_paise: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PenalStep:
    """One charge that an instalment may draw: which of them it is, counted from 1, and its day."""

    place: int
    on: date


def next_step(terms: "LoanTerms", due_date: date, *, after: date) -> PenalStep | None:
    """Return the next charge by rate or slab that an instalment may draw after a day."""
    if terms.penal_rate_bps:
        first = due_date + timedelta(days=terms.penal_grace_days + 1)
        place = 1 if after < first else days_between(first, after) // RATE_PERIOD_DAYS + 2
        on = first + timedelta(days=RATE_PERIOD_DAYS * (place - 1))
        return PenalStep(place=place, on=on)
    for place, slab in enumerate(terms.penal_slabs, start=1):
        on = due_date + timedelta(days=slab.after_days + 1)
        if on > after:
            return PenalStep(place=place, on=on)
    return None


def days_charged(terms: "LoanTerms", place: int) -> int:
    """Return for how many days the charge by rate of this place is."""
    return terms.penal_grace_days + 1 if place == 1 else RATE_PERIOD_DAYS


def amount_paise(terms: "LoanTerms", place: int, *, unpaid_paise: int) -> int:
    """Return what the charge of this place comes to: `unpaid × rate × days/365`, or the slab's."""
    if not terms.penal_rate_bps:
        return terms.penal_slabs[place - 1].amount_paise
    days = days_charged(terms, place)
    return round_to_paisa(
        Fraction(unpaid_paise * terms.penal_rate_bps * days, BPS_PER_WHOLE * _DAYS_OF_A_YEAR)
    )


def penal_charge_key(instalment_number: int, place: int = 1) -> str:
    """Return the key of a penal charge for an instalment: `PENAL-7`, `PENAL-7-2` for the second."""
    return f"PENAL-{instalment_number}" + (f"-{place}" if place > 1 else "")
