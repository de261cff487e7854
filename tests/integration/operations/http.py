"""Calls of the served product, timed."""

import json
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

from tests.served import Served


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer, and the seconds it took."""

    status: int
    headers: dict[str, str]
    body: Any
    seconds: float


def call(server: Served, path: str, body: object = None, **headers: str) -> Answered:
    """Call an address: a POST when there is a body."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(  # noqa: S310
        server.url + path, data=data, headers={"Content-Type": "application/json", **headers}
    )
    began = time.monotonic()
    try:
        with urllib.request.urlopen(request, timeout=60) as response:  # noqa: S310
            text, status, given = response.read(), response.status, response.headers
    except urllib.error.HTTPError as refused:
        with refused:
            text, status, given = refused.read(), refused.code, refused.headers
    seconds = time.monotonic() - began
    return Answered(status, dict(given), _read(text), seconds)


def _read(text: bytes) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text.decode(errors="replace")


def a_payment(reference: str, *, amount: int = 100) -> dict[str, Any]:
    """Return a payment to the sample's loan."""
    return {
        "loan_id": "LN-2025-0456",
        "amount": amount,
        "payment_method": "UPI",
        "reference_id": reference,
    }
