"""Dates, rates and counts as documents and explanations write them."""

from datetime import date

from bright_credit.common.money import percent


def date_words(day: date) -> str:
    """Return a date in words: `5 April 2025`."""
    return f"{day.day} {day:%B %Y}"


def rate_words(bps: int) -> str:
    """Return basis points as a percentage: `16 %`, `18.46 %`."""
    return f"{percent(bps)} %"


def counted(count: int, noun: str) -> str:
    """Return a count with its noun: `1 instalment`, `24 instalments`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"
