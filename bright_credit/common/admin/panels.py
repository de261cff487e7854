"""What a page of the admin is made of besides its form: lists of facts, and tables."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from django.utils.safestring import SafeString

Cell = str | SafeString


@dataclass(frozen=True, slots=True)
class Fact:
    """A name and what it is."""

    label: str
    value: Cell


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Names and values beside each other."""

    template: ClassVar[str] = "admin/brightlend/facts.html"

    title: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows under headings. `note` stands below; `empty` in the place of rows that are not there.

    Columns whose heading is in `numeric` stand to the right.
    """

    template: ClassVar[str] = "admin/brightlend/table.html"

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    numeric: frozenset[str] = frozenset()
    empty: str = "None."
    note: Cell = ""

    @property
    def columns(self) -> tuple[tuple[str, bool], ...]:
        """The headings, each with whether its column stands to the right."""
        return tuple((heading, heading in self.numeric) for heading in self.headings)

    @property
    def body(self) -> Iterable[Iterable[tuple[Cell, bool]]]:
        """The rows, each cell with whether it stands to the right."""
        flags = tuple(heading in self.numeric for heading in self.headings)
        return (zip(row, flags, strict=True) for row in self.rows)


Panel = Facts | Table


def facts(title: str, *pairs: tuple[str, Cell]) -> Facts:
    """Return facts given as pairs of a name and a value."""
    return Facts(title=title, facts=tuple(Fact(label, value) for label, value in pairs))
