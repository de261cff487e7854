"""The serializer every request goes through: it refuses what it was not told about."""

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

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
