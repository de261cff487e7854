"""`Idempotency-Key` on requests that change something: once done, whatever happens to the answer.

As the IETF draft "The Idempotency-Key HTTP Header Field" has it: the key belongs to the caller and
stands for one request (route, query and body). The same request again gets the first answer, byte
for byte, and a header that says so; while the first is being worked on, 409; another request under
the key, 422. A refusal by the lending rules is an answer and is kept. A request that was never
taken up (malformed, throttled, not permitted), or that failed on our side, leaves its key free.
"""

import re
from collections.abc import Callable
from functools import wraps
from typing import Any

import orjson
from django.db import transaction
from django.http import HttpResponse
from django.views.decorators.debug import sensitive_variables
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from bright_credit.common.api.caller import caller_of
from bright_credit.common.api.codes import http_code
from bright_credit.common.api.literals import NumberLiteral
from bright_credit.common.api.problems import exception_handler
from bright_credit.common.errors import DomainError
from bright_credit.common.idempotency.services import (
    KeptAnswer,
    KeyedRequest,
    KeyInFlight,
    KeyReused,
    claim,
    keep,
)

KEY_HEADER = "Idempotency-Key"
REPLAYED_HEADER = "Idempotent-Replayed"
MAX_KEY_LENGTH = 255

Post = Callable[..., Response | HttpResponse]

# A structured header's string, as the draft asks for, or the same without its quotes, as most
# clients write it. Printable ASCII only; a header given twice arrives joined by a comma.
_QUOTED = re.compile(r'"((?:[ !#-\[\]-~]|\\["\\])*)"')
_BARE = re.compile(r"[!#-+\--:<-\[\]-~]+")

#: The same, with the bounds of length, for the description of the API.
KEY_PATTERN = r'^(?:"(?:[ !#-\[\]-~]|\\["\\]){1,255}"|[!#-+\--:<-\[\]-~]{1,255})$'


class KeyRefused(APIException):
    """The key cannot be used; the code says why and carries the status."""

    def __init__(self, code: str, *, wait: int | None = None) -> None:
        entry = http_code(code)
        self.status_code = entry.status
        self.wait = wait
        super().__init__(entry.meaning, code)


def idempotent(post: Post) -> Post:
    """Return the view method so that it heeds the caller's `Idempotency-Key`, if there is one."""

    @wraps(post)
    def keyed(view: APIView, request: Request, *args: Any, **kwargs: Any) -> Any:
        given = request.headers.get(KEY_HEADER)
        if given is None:
            return post(view, request, *args, **kwargs)
        asked = KeyedRequest(
            caller=caller_of(request).name, key=parse_key(given), content=_content(request)
        )
        try:
            with transaction.atomic():
                return _answer(asked, lambda: post(view, request, *args, **kwargs), view=view)
        except KeyInFlight as error:
            raise KeyRefused("idempotency_key_in_flight", wait=1) from error
        except KeyReused as error:
            raise KeyRefused("idempotency_key_reused") from error

    keyed.heeds_idempotency_key = True  # type: ignore[attr-defined]
    return keyed


def without_idempotency_key(reason: str) -> Callable[[Post], Post]:
    """Declare that a POST takes no key, and why: its answer must not be kept, as a token's."""

    def declared(post: Post) -> Post:
        post.no_idempotency_key_because = reason  # type: ignore[attr-defined]
        return post

    return declared


def parse_key(header: str) -> str:
    """Return the key in a header's value. Raises `KeyRefused` for what is none."""
    text = header.strip(" \t")
    if quoted := _QUOTED.fullmatch(text):
        key = re.sub(r'\\(["\\])', r"\1", quoted[1])
    else:
        key = text if _BARE.fullmatch(text) else ""
    if not 1 <= len(key) <= MAX_KEY_LENGTH:
        raise KeyRefused("idempotency_key_malformed")
    return key


def _answer(
    asked: KeyedRequest, work: Callable[[], Response | HttpResponse], *, view: APIView
) -> HttpResponse:
    """Return the kept answer, or do the work and keep its answer; inside the transaction."""
    kept = claim(asked)
    if kept is not None:
        return _response(kept, replayed=True)
    try:
        # The refused work is undone; its key and its answer stay.
        with transaction.atomic():
            response = work()
    except DomainError as refusal:
        response = _refused(refusal, view=view)
    answer = _bytes_of(response, request=view.request)
    keep(asked, answer)
    return _response(answer, replayed=REPLAYED_HEADER in response.headers)


def _refused(refusal: DomainError, *, view: APIView) -> Response:
    response = exception_handler(refusal, {"request": view.request})
    if response is None:
        raise refusal
    return response


def _bytes_of(response: Response | HttpResponse, *, request: Request) -> KeptAnswer:
    headers = {name: value for name, value in response.items() if name != REPLAYED_HEADER}
    if isinstance(response, Response):
        renderer: Any = request.accepted_renderer
        headers["Content-Type"] = renderer.media_type
        body = renderer.render(response.data)
    else:
        body = response.content
    return KeptAnswer(status=response.status_code, headers=headers, body=body)


def _response(answer: KeptAnswer, *, replayed: bool) -> HttpResponse:
    response = HttpResponse(answer.body, status=answer.status)
    for name, value in answer.headers.items():
        response[name] = value
    if replayed:
        response[REPLAYED_HEADER] = "true"
    return response


@sensitive_variables()
def _content(request: Request) -> bytes:
    """Return what a request asks for: route, query, and the body's meaning, not its spelling."""
    route = f"{request.method} {request.get_full_path()}\n".encode()
    return route + orjson.dumps(request.data, default=_literal, option=orjson.OPT_SORT_KEYS)


def _literal(value: object) -> object:
    if isinstance(value, NumberLiteral):
        return {"number": value.text}
    raise TypeError(f"{type(value).__name__} is not part of a JSON body")
