"""Form fields in rupees and per cent for columns of paise and basis points, exact."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminTextInputWidget

from bright_credit.common.admin.theme import BaseModelAdmin
from bright_credit.common.money import NotAnAmount, parse_rupees, percent, rupees


class _HundredthsField(forms.CharField):
    """A text of at most two decimals for a whole number of hundredths; empty is None."""

    unit: dict[str, str] = {}

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", UnfoldAdminTextInputWidget(dict(self.unit)))
        super().__init__(empty_value="", max_length=20, **kwargs)

    def shown(self, hundredths: int) -> str:
        """Return a stored number as people write it."""
        raise NotImplementedError

    def parsed(self, text: str) -> int:
        """Return the number that a text stands for. Raises `ValidationError`."""
        raise NotImplementedError

    def prepare_value(self, value: Any) -> Any:
        """Return what the box shows: a stored number as people write it, bad input as it came."""
        return self.shown(value) if isinstance(value, int) else value

    def clean(self, value: Any) -> Any:
        """Return the number, None for an empty box that may be empty."""
        text = super().clean(value)
        if not text:
            return None
        parsed = self.parsed(text)
        if parsed < 0:
            raise ValidationError("Must not be negative.", code="min_value")
        return parsed

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare numbers, not spellings: `25000` and `25000.00` are one amount."""
        try:
            return bool(initial != self.clean(data))
        except ValidationError:
            return True


class RupeesFormField(_HundredthsField):
    """An amount in rupees, kept as whole paise."""

    unit = {"prefix": "₹", "class": "bl-prefixed"}

    def shown(self, hundredths: int) -> str:
        """Return `25000` or `20833.33`."""
        return str(rupees(hundredths))

    def parsed(self, text: str) -> int:
        """Return the paise."""
        try:
            return parse_rupees(text)
        except NotAnAmount as error:
            raise ValidationError(f"The amount {error}.", code="not_an_amount") from error


class PercentFormField(_HundredthsField):
    """A percentage, kept as whole basis points."""

    unit = {"suffix": "%"}

    def shown(self, hundredths: int) -> str:
        """Return `16` or `18.46`."""
        return str(percent(hundredths))

    def parsed(self, text: str) -> int:
        """Return the basis points: a hundredth of a per cent each, as paise are of a rupee."""
        try:
            return parse_rupees(text)
        except NotAnAmount:
            message = "Must be a percentage with at most two decimals, such as 16 or 18.46."
            raise ValidationError(message, code="not_a_percentage") from None


class UnitsFormMixin(BaseModelAdmin):
    """Let forms of a model speak in rupees and per cent where its fields hold paise and bps.

    `help_in_units` replaces help texts that speak of the stored unit.
    """

    help_in_units: dict[str, str] = {}

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Return the form field of a model field, in the unit that people use."""
        for suffix, field in (("_paise", RupeesFormField), ("_bps", PercentFormField)):
            if db_field.name.endswith(suffix):
                return field(
                    required=not db_field.blank,
                    label=kwargs.get("label") or _label(db_field.name.removesuffix(suffix)),
                    help_text=self.help_in_units.get(db_field.name, db_field.help_text),
                    initial=db_field.default if db_field.has_default() else None,
                )
        return super().formfield_for_dbfield(db_field, request, **kwargs)


def _label(name: str) -> str:
    return name.replace("_", " ").capitalize()
