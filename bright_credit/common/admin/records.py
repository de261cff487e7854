"""A JSON record as rows for people: names in words, amounts in rupees, rates in per cent."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.html import format_html_join

from bright_credit.common.admin.columns import NOTHING, grouped, rate, rupees
from bright_credit.common.admin.panels import Cell

_UNITS = {"_paise": rupees, "_bps": rate}


def rows_of(record: Mapping[str, Any], *, group: str = "") -> Iterator[tuple[Cell, Cell]]:
    """Yield (name, value) for each figure of a record, by name; inner records become groups."""
    for name, value in sorted(record.items()):
        if isinstance(value, Mapping):
            yield from rows_of(value, group=f"{group}{_words(name)}: ")
            continue
        unit = next((unit for unit in _UNITS if name.endswith(unit)), "")
        label = name.removesuffix(unit)
        yield (f"{group}{_plain(label)}" if group else _words(label)), _cell(value, unit)


def _words(name: str) -> str:
    words = _plain(name)
    return words[:1].upper() + words[1:]


def _plain(name: str) -> str:
    return name.replace("_", " ").replace("npa", "NPA")


def _cell(value: Any, unit: str) -> Cell:
    if value is None or value == []:
        return NOTHING
    if isinstance(value, list | tuple):
        return format_html_join(", ", "{}", ((_cell(item, unit),) for item in value))
    if unit and isinstance(value, int):
        return _UNITS[unit](value)
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return grouped(value) if isinstance(value, int) else str(value)
