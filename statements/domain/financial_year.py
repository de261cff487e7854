"""India's financial year: April to March, named by both years, such as 2025-26."""

import re
from dataclasses import dataclass
from datetime import date

from bright_credit.common.errors import InvalidInput

_NAME = re.compile(r"(?P<begins>20[0-9]{2})-(?P<ends>[0-9]{2})", re.ASCII)
_APRIL = 4


class InvalidFinancialYear(InvalidInput):
    """A financial year is written with both of its years, such as 2025-26."""

    code = "invalid_financial_year"


@dataclass(frozen=True, slots=True, kw_only=True)
class FinancialYear:
    """The year from 1 April of `begins` to 31 March of the next."""

    begins: int

    @property
    def name(self) -> str:
        """The year as it is written: 2025-26."""
        return f"{self.begins}-{(self.begins + 1) % 100:02d}"

    @property
    def first_day(self) -> date:
        """The first of April."""
        return date(self.begins, _APRIL, 1)

    @property
    def last_day(self) -> date:
        """The thirty-first of March."""
        return date(self.begins + 1, 3, 31)


def financial_year_of(day: date) -> FinancialYear:
    """Return the financial year that a day lies in."""
    return FinancialYear(begins=day.year if day.month >= _APRIL else day.year - 1)


def financial_years(first: date, last: date) -> tuple[FinancialYear, ...]:
    """Return the financial years from that of one day to that of another."""
    begins, ends = financial_year_of(first).begins, financial_year_of(last).begins
    return tuple(FinancialYear(begins=year) for year in range(begins, ends + 1))


def parse_financial_year(text: str) -> FinancialYear:
    """Return the year that `2025-26` names. Raises `InvalidFinancialYear`."""
    match = _NAME.fullmatch(text)
    if match is not None:
        year = FinancialYear(begins=int(match["begins"]))
        if year.name == text:
            return year
    raise InvalidFinancialYear(
        "Must be two years that follow each other, written like 2025-26.", field="financial_year"
    )
