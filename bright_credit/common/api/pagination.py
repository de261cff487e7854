"""Lists in pages by key, newest first: each page costs the same, however deep it lies."""

import re
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, NotFound, ValidationError
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response

from bright_credit.common.api.fields import CleanCharField, QueryIntegerField
from bright_credit.common.api.serializers import StrictSerializer

DEFAULT_LIMIT = 20
MAX_LIMIT = 100

_KEY = re.compile(r"[0-9]{1,18}")


class PageQuery(StrictSerializer):
    """The query parameters of a list; its filters are added in a subclass."""

    limit = QueryIntegerField(
        min_value=1, max_value=MAX_LIMIT, default=DEFAULT_LIMIT, help_text="Rows per page."
    )
    cursor = CleanCharField(
        max_length=200, required=False, help_text="Where the page starts, from next or previous."
    )


class PageAnswer(serializers.Serializer[Any]):
    """A page of a list, and the addresses of its neighbours; `results` is added in a subclass."""

    next = serializers.URLField(allow_null=True, help_text="The page of older rows, if any.")
    previous = serializers.URLField(allow_null=True, help_text="The page of newer rows, if any.")


class KeysetPagination(CursorPagination):
    """Pages of a queryset by its primary key: `limit` (1 to 100) and `cursor`.

    Raises a clear 400 for a limit or a cursor that no page has given.
    """

    page_size = DEFAULT_LIMIT
    max_page_size = MAX_LIMIT
    page_size_query_param = "limit"
    ordering = "-pk"

    def get_page_size(self, request: Request) -> int:
        """Return the limit asked for."""
        text = request.query_params.get("limit")
        if text is None:
            return DEFAULT_LIMIT
        field = QueryIntegerField(min_value=1, max_value=MAX_LIMIT)
        try:
            limit: int = field.run_validation(text)
        except ValidationError as error:
            raise ValidationError({"limit": error.detail}) from error
        return limit

    def decode_cursor(self, request: Request) -> Cursor | None:
        """Return where the page starts, checked before it reaches the database."""
        try:
            cursor = super().decode_cursor(request)
        except NotFound as error:
            raise _unknown_cursor() from error
        if cursor is not None and not _KEY.fullmatch(str(cursor.position)):
            raise _unknown_cursor()
        return cursor

    def get_paginated_response(self, data: Any) -> Response:
        """Return the page with the addresses of its neighbours."""
        return Response(
            {
                "results": data,
                "next": self.get_next_link(),
                "previous": self.get_previous_link(),
            }
        )


def _unknown_cursor() -> ValidationError:
    words = "Must be the cursor of a page's next or previous address."
    return ValidationError({"cursor": [ErrorDetail(words, "invalid_cursor")]})
