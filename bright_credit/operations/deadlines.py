"""No request waits for ever: how long it may wait for the database, in all."""

from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from bright_credit.common.deadline import finish_within

Handler = Callable[[HttpRequest], HttpResponseBase]


class DeadlineMiddleware:
    """Give each request its time. What it waits for beyond that is given up, and answered 503."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response
        self.limit = timedelta(seconds=settings.REQUEST_SECONDS)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request."""
        with finish_within(self.limit):
            return self.get_response(request)
