"""A document as words and tables, before it becomes pages: what a renderer is given."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeAlias

from bright_credit.common.money import format_rupees
from statements.domain.parties import Addressee, Lender
from statements.domain.words import date_words


class Align(StrEnum):
    """Where the cells of a column stand."""

    LEFT = "LEFT"
    RIGHT = "RIGHT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """The title of a part. A part that begins a page says so."""

    text: str
    on_new_page: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """Running text; small print is set smaller."""

    text: str
    small: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FactList:
    """Names and values, a row each."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """A few figures to be seen first, large and side by side: name and value."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a table: its heading, its share of the width, where its cells stand."""

    heading: str
    weight: int = 1
    align: Align = Align.LEFT


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A table. With `has_total` the last row is a sum."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    has_total: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Signatures:
    """Lines to be signed, side by side, each with what stands below it."""

    below: tuple[str, ...]


Block: TypeAlias = Heading | Paragraph | FactList | Figures | Grid | Signatures


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A document: what stands at its head, and its blocks in order. `filename` has no ending."""

    title: str
    subtitle: str
    filename: str
    number: str
    issued_on: date
    lender: Lender
    addressee: Addressee | None
    blocks: tuple[Block, ...]


def facts(*rows: tuple[str, str]) -> FactList:
    """Return names and values as a list of facts."""
    return FactList(rows=rows)


def right(heading: str, weight: int = 1) -> Column:
    """Return a column whose cells stand to the right: amounts and counts."""
    return Column(heading=heading, weight=weight, align=Align.RIGHT)


def amounts(*paise: int) -> tuple[str, ...]:
    """Return amounts in words of digits: `₹1,23,456.78`."""
    return tuple(format_rupees(amount) for amount in paise)


def rows_with_total(
    rows: Iterable[tuple[str, ...]], total: tuple[str, ...]
) -> tuple[tuple[str, ...], ...]:
    """Return the rows of a table and its sum below them."""
    return (*rows, total)


def day_or_dash(day: date | None) -> str:
    """Return a date in words, or a dash where there is none."""
    return "–" if day is None else date_words(day)
