"""What gunicorn refuses by itself, as RFC 9457 problems.

A header with control characters or a request line without end never reaches Django.
"""

import logging
import socket
import uuid

from gunicorn import util

from bright_credit.common.api.codes import http_code
from bright_credit.common.api.problems import PROBLEM_MEDIA_TYPE, problem
from bright_credit.common.api.renderers import to_json
from bright_credit.common.api.request_id import REQUEST_ID_HEADER

_CODES = {414: "uri_too_long", 431: "headers_too_large", 500: "internal_error"}
_ANSWER = """\
HTTP/1.1 {status} {reason}\r
Connection: close\r
Content-Type: {media_type}\r
Content-Length: {length}\r
Cache-Control: no-store\r
X-Content-Type-Options: nosniff\r
Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r
{request_id_header}: {request_id}\r
\r
"""

_log = logging.getLogger(__name__)


def answer_with_problems() -> None:
    """Have this worker of gunicorn write its refusals as problems."""
    util.write_error = write_problem


def write_problem(client: socket.socket, status: int, reason: str, message: str) -> None:
    """Write what gunicorn refuses; what it says of the cause is logged, not told."""
    entry = http_code(_CODES.get(status, "bad_request"))
    request_id = uuid.uuid4().hex
    if message:
        # What follows the colon quotes the request: perhaps the very header that carries a token.
        rule = message.partition(":")[0].encode("unicode_escape")
        _log.warning("Refused before Django, %s: %s", request_id, rule)
    body = to_json(problem(entry, detail=entry.meaning, path="/"))
    head = _ANSWER.format(
        status=entry.status,
        reason=reason if entry.status == status else "Bad Request",
        media_type=PROBLEM_MEDIA_TYPE,
        length=len(body),
        request_id_header=REQUEST_ID_HEADER,
        request_id=request_id,
    )
    util.write_nonblock(client, head.encode("ascii") + body)
