"""Dates, rates and counts as documents and explanations write them."""

from datetime import date
from fractions import Fraction

from bright_credit.common.money import percent


def date_words(day: date) -> str:
    """Return a date in words: `5 April 2025`."""
    return f"{day.day} {day:%B %Y}"


def rate_words(bps: int) -> str:
    """Return basis points as a percentage: `16 %`, `18.46 %`."""
    return f"{percent(bps)} %"


def years_words(years: Fraction) -> str:
    """Return some time in words: `1/12 of a year`, `1 year`, `25/12 years`."""
    if years < 1:
        return f"{years} of a year"
    return "1 year" if years == 1 else f"{years} years"


def counted(count: int, noun: str) -> str:
    """Return a count with its noun: `1 instalment`, `24 instalments`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"
