"""How the admin shows values: money the Indian way, rates, ids as links, states as badges."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from django.db import models
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from bright_credit.common.admin import theme
from bright_credit.common.money import PAISE_PER_RUPEE, format_rupees, percent

NOTHING = "–"

Column = Callable[[Any, Any], Any]


class Tone(StrEnum):
    """What a badge's colour says."""

    GOOD = "good"
    INFO = "info"
    WARNING = "warning"
    DANGER = "danger"
    PLAIN = "plain"


def rupees(paise: int | None) -> SafeString:
    """Return an amount as `₹1,23,456.78`, to stand at the right of its column."""
    text = NOTHING if paise is None else format_rupees(paise)
    return format_html('<span class="bl-number">{}</span>', text)


def rate(bps: int | None) -> SafeString:
    """Return basis points as a percentage: 1846 is `18.46 %`."""
    text = NOTHING if bps is None else f"{percent(bps)} %"
    return format_html('<span class="bl-number">{}</span>', text)


def grouped(count: int) -> str:
    """Return a count with its digits grouped as those of an amount are: `1,23,456`."""
    return format_rupees(count * PAISE_PER_RUPEE).replace("₹", "").removesuffix(".00")


def counted(count: int, noun: str) -> str:
    """Return a count with its noun: `1 loan`, `1,234 loans`."""
    return f"{grouped(count)} {noun}{'' if count == 1 else 's'}"


def number(value: int | None) -> SafeString:
    """Return a count, to stand at the right of its column."""
    text = NOTHING if value is None else grouped(value)
    return format_html('<span class="bl-number">{}</span>', text)


def day(value: date | None) -> str:
    """Return a date as the admin writes dates."""
    return NOTHING if value is None else formats.date_format(value, "DATE_FORMAT")


def instant(value: datetime | None) -> str:
    """Return an instant by the clocks of India."""
    if value is None:
        return NOTHING
    return formats.date_format(timezone.localtime(value), "DATETIME_FORMAT")


def link(text: str, row: type[models.Model] | models.Model, key: object = None) -> SafeString:
    """Return a link to the page of a row; without an instance, of the row with this key."""
    opts = row._meta
    target = row.pk if isinstance(row, models.Model) else key
    url = reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[target])
    return format_html('<a class="bl-link" href="{}">{}</a>', url, text)


def public_id(text: str) -> SafeString:
    """Return an id that is not broken over two lines."""
    return format_html('<span class="bl-id">{}</span>', text)


def list_url(model: type[models.Model], **filters: object) -> str:
    """Return the address of a model's list, filtered."""
    opts = model._meta
    return reverse(
        f"admin:{opts.app_label}_{opts.model_name}_changelist",
        query={name: str(value) for name, value in filters.items()},
    )


def newest(shown: int, *, at_most: int, url: str, what: str) -> SafeString:
    """Return a link to the whole list when a page may not show all of it, else nothing."""
    if shown < at_most:
        return SafeString("")
    return format_html(
        'The newest {} are shown. <a class="bl-link" href="{}">All {}</a>', shown, url, what
    )


def badge(text: str, tone: Tone = Tone.PLAIN) -> SafeString:
    """Return a word in a coloured field."""
    words = text.replace("_", " ")
    return format_html('<span class="bl-badge bl-{}">{}</span>', tone.value, words)


def state(value: str, tones: Mapping[str, Tone]) -> SafeString:
    """Return a state as a badge; one without a tone is plain."""
    return badge(value, tones.get(value, Tone.PLAIN)) if value else SafeString(NOTHING)


def rupees_column(field: str, description: str) -> Column:
    """Return a column that shows a field of paise, and sorts by it."""
    return _column(lambda row: rupees(getattr(row, field)), description, ordering=field)


def rate_column(field: str, description: str) -> Column:
    """Return a column that shows a field of basis points, and sorts by it."""
    return _column(lambda row: rate(getattr(row, field)), description, ordering=field)


def number_column(field: str, description: str) -> Column:
    """Return a column that shows a count, and sorts by it."""
    return _column(lambda row: number(getattr(row, field)), description, ordering=field)


def badge_column(field: str, description: str, *, tones: Mapping[str, Tone]) -> Column:
    """Return a column that shows a state as a badge, and sorts by it."""
    return _column(lambda row: state(str(getattr(row, field)), tones), description, ordering=field)


def _column(show: Callable[[Any], Any], description: str, *, ordering: str) -> Column:
    @theme.column(description, ordering=ordering)
    def column(_admin: Any, row: Any) -> Any:
        return show(row)

    return column
