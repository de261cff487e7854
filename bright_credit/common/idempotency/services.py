"""Claiming a key, keeping its answer, forgetting it when its time is over.

A claim takes part in the transaction that does the work: the key, the work and the answer commit
together or not at all. So there is no key that is taken and never answered, whatever dies when.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db import connection
from django.utils.crypto import salted_hmac
from django.views.decorators.debug import sensitive_variables

from bright_credit.common.idempotency.models import IdempotencyKey

PRUNED_AT_ONCE = 10_000

_SALT = "bright_credit.common.idempotency"

# The lock is let go by the transaction's end, whatever end that is. It is only tried for: who is
# second does not wait, holding a worker and a connection, but is told that the first is at work.
_CLAIM = """
INSERT INTO idempotency_key (caller, key, fingerprint)
SELECT %s, %s, %s WHERE pg_try_advisory_xact_lock(%s)
ON CONFLICT DO NOTHING
RETURNING key
"""

_PRUNE = """
DELETE FROM idempotency_key WHERE (caller, key) IN (
    SELECT caller, key FROM idempotency_key WHERE created_at < %s
    ORDER BY created_at LIMIT %s FOR UPDATE SKIP LOCKED
)
"""


class KeyInFlight(Exception):
    """Another request with this key is being worked on."""


class KeyReused(Exception):
    """The key stands for another request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAnswer:
    """What a request was answered, byte for byte."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyedRequest:
    """A request with a key: whose, and for what (route, query and body, as one text)."""

    caller: str
    key: str
    content: bytes = field(repr=False)


def claim(request: KeyedRequest) -> KeptAnswer | None:
    """Claim a key until the transaction ends; return the answer, if it has been given before.

    Raises `KeyInFlight` while another session works on it, `KeyReused` when it was another request
    that was answered under it. Inside a transaction.
    """
    lock = hashlib.sha256(f"{request.caller}\0{request.key}".encode()).digest()[:8]
    number = int.from_bytes(lock, signed=True)
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [request.caller, request.key, _fingerprint(request.content), number])
        if cursor.fetchone():
            return None
    row = IdempotencyKey.objects.filter(caller=request.caller, key=request.key).first()
    if row is None:
        raise KeyInFlight
    if not _is_same(request.content, row.fingerprint):
        raise KeyReused
    if row.status is None or row.body is None:
        raise KeyInFlight  # claimed by this very transaction
    return KeptAnswer(status=row.status, headers=row.headers or {}, body=bytes(row.body))


def keep(request: KeyedRequest, answer: KeptAnswer) -> None:
    """Keep the answer to a request whose key was claimed; inside the same transaction."""
    IdempotencyKey.objects.filter(caller=request.caller, key=request.key).update(
        status=answer.status, headers=dict(answer.headers), body=answer.body
    )


def prune(*, before: datetime) -> int:
    """Forget the keys claimed before an instant; return how many. Small transactions, many."""
    forgotten = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_PRUNE, [before, PRUNED_AT_ONCE])
            count: int = cursor.rowcount
        forgotten += count
        if count < PRUNED_AT_ONCE:
            return forgotten


@sensitive_variables()
def _fingerprint(content: bytes, *, secret: str | bytes | None = None) -> str:
    """Return a keyed digest: a plain one of a body with an Aadhaar number could be guessed from."""
    return salted_hmac(_SALT, content, secret=secret, algorithm="sha256").hexdigest()


@sensitive_variables()
def _is_same(content: bytes, fingerprint: str) -> bool:
    """Return whether a fingerprint is that of a content, also across a change of the secret."""
    secrets = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return any(
        hmac.compare_digest(_fingerprint(content, secret=secret), fingerprint) for secret in secrets
    )
