"""The serializer every request goes through: it refuses what it was not told about.

And the one of answers, which does once what the framework does anew for each answer.
"""

from collections.abc import Callable, Mapping
from functools import cache
from operator import attrgetter
from typing import Any

from django.http import QueryDict
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.fields import SkipField

from bright_credit.common.api.fields import json_kind
from bright_credit.common.api.literals import shown

#: A body may hold thousands of unknown keys; naming the first few is enough.
MAX_UNKNOWN_NAMED = 20


class StrictSerializer(serializers.Serializer[Any]):
    """A serializer for a JSON object or a query string that refuses unknown and repeated fields.

    `StrictSerializer(data=request.data)` for bodies, `StrictSerializer(data=request.query_params)`
    for query strings (use the `Query…` fields there).
    """

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

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """Return the answer's data: what `Serializer` returns, by a shorter way."""
        data: dict[str, Any] = {}
        for name, read, write, field in _plan_of(type(self)):
            try:
                value = read(instance)
            except AttributeError:
                value = _elsewhere
            if callable(value):  # a method; or a mapping's key, a default, an error
                try:
                    value = field.get_attribute(instance)
                except SkipField:
                    continue
            data[name] = None if value is None else write(value)
        return data


_Read = Callable[[Any], Any]
_Plan = tuple[tuple[str, _Read, Callable[[Any], Any], Any], ...]


@cache
def _plan_of(form: type[Answer]) -> _Plan:
    """Return how each field of a form is read and written, in their order."""
    return tuple(
        (name, _reader(str(field.source)), field.to_representation, field)
        for name, field in form().fields.items()
        if not field.write_only
    )


def _reader(source: str) -> _Read:
    return _whole if source == "*" else attrgetter(source)


def _whole(instance: Any) -> Any:
    return instance


def _elsewhere() -> None:
    """Stand for a value that is no attribute."""
