"""The serializer every request goes through: it refuses what it was not told about.

And the one of answers, which does once what the framework does anew for each answer.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import cache, cached_property
from operator import attrgetter
from typing import Any

from django.http import QueryDict
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from bright_credit.common.api.fields import PercentField, RupeesField, json_kind
from bright_credit.common.api.literals import shown
from bright_credit.common.money import percent, rupees

#: A body may hold thousands of unknown keys; naming the first few is enough.
MAX_UNKNOWN_NAMED = 20


class StrictSerializer(serializers.Serializer[Any]):
    """A serializer for a JSON object or a query string that refuses unknown and repeated fields.

    `StrictSerializer(data=request.data)` for bodies, `StrictSerializer(data=request.query_params)`
    for query strings (use the `Query…` fields there).
    """

    @cached_property
    def fields(self) -> Any:
        """The form's fields, made once in the life of a process: they know of no request."""
        return _fields_of(type(self))

    def to_internal_value(self, data: Any) -> Any:
        """Return the validated values, or raise with every field at fault at once."""
        if not isinstance(data, Mapping):
            raise ValidationError(
                {
                    "non_field_errors": [
                        ErrorDetail(f"Must be an object, not {json_kind(data)}.", "not_an_object")
                    ]
                }
            )
        errors: dict[str, Any] = self._unknown(data)
        if isinstance(data, QueryDict):
            errors |= _repeated(data)
            data = data.dict()
        values: Any = {}
        try:
            values = super().to_internal_value(data)
        except ValidationError as error:
            if not isinstance(error.detail, dict):
                raise
            errors = {**error.detail, **errors}
        if errors:
            raise ValidationError(errors)
        return values

    def _unknown(self, data: Mapping[str, Any]) -> dict[str, Any]:
        allowed = [name for name, field in self.fields.items() if not field.read_only]
        unknown = [name for name in data if name not in allowed][:MAX_UNKNOWN_NAMED]
        words = f"No such field. Allowed: {', '.join(allowed)}." if allowed else "Nothing is taken."
        return {shown(name): [ErrorDetail(words, "unknown_field")] for name in unknown}


@cache
def _fields_of(form: type[StrictSerializer]) -> Any:
    return super(StrictSerializer, form()).fields


def _repeated(data: QueryDict) -> dict[str, Any]:
    return {
        shown(name): [ErrorDetail("Given more than once.", "repeated_parameter")]
        for name, values in data.lists()
        if len(values) > 1
    }


class Answer(serializers.Serializer[Any]):
    """The form of an answer, or of a part of one: fields that read attributes, and nothing else.

    Its fields are made once in the life of a process, so they know of no context and no request.
    """

    @property
    def data(self) -> Any:
        """The answer's data: no input stands beside it that could be at fault."""
        return self.to_representation(self.instance)

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """Return the answer's data: what `Serializer` returns, by a shorter way."""
        plan = _plan_of(type(self))
        try:
            values = plan.read(instance)
        except AttributeError:  # a mapping's key, a default, an error
            return super().to_representation(instance)
        if any(map(callable, values)):  # a method
            return super().to_representation(instance)
        return {
            name: None if value is None else write(value)
            for name, write, value in zip(plan.names, plan.writers, values, strict=True)
        }


_Write = Callable[[Any], Any]

#: How fields write that do nothing else: without the field's own method in between.
_WRITERS: Mapping[type[Any], _Write] = {
    RupeesField: rupees,
    PercentField: percent,
    serializers.CharField: str,
    serializers.IntegerField: int,
    serializers.DateField: date.isoformat,
}


class _Plan:
    """How the fields of a form are read and written, in their order."""

    def __init__(self, fields: Mapping[str, Any]) -> None:
        shown = {name: field for name, field in fields.items() if not field.write_only}
        sources = [str(field.source) for field in shown.values()]
        self.names = tuple(shown)
        self.writers = tuple(
            _WRITERS.get(type(field), field.to_representation) for field in shown.values()
        )
        self._whole = tuple(place for place, source in enumerate(sources) if source == "*")
        # Two at least: of one alone `attrgetter` makes no tuple.
        self._attributes = attrgetter("__class__", *(each for each in sources if each != "*"))

    def read(self, instance: Any) -> Sequence[Any]:
        """Return the values of an object, one for each name."""
        _, *values = self._attributes(instance)
        for place in self._whole:
            values.insert(place, instance)
        return values


@cache
def _plan_of(form: type[Answer]) -> _Plan:
    return _Plan(form().fields)
