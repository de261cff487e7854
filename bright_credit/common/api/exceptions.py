"""Refusals of the HTTP layer itself, before any lending code is asked."""

from rest_framework.exceptions import APIException

from bright_credit.common.api.codes import http_code


class BodyRefused(APIException):
    """The request's body cannot be read; the code says why and carries the status."""

    def __init__(self, code: str, detail: str) -> None:
        self.status_code = http_code(code).status
        super().__init__(detail, code)
