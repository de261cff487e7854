"""Taking chunks of a run, one after the other, and doing each in one transaction.

The database is the work list. A claim is a short transaction of its own, so that it is known of
after a crash; the work is another one, which first locks the chunk's row and finds its own token in
it, and marks the chunk done as its last act. A living worker holds that lock, so its chunk is never
taken from it; a dead one's is free for whoever comes after the lease.
"""

import logging
import os
import socket
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db import DatabaseError, connection, transaction

from loan.models import BillingChunk, BillingRun
from loan.services.billing.bill_range import RangeCounts, bill_range
from loan.services.billing.quarantine import divide

log = logging.getLogger(__name__)

#: Claims of a chunk that may end without a word before its loans are suspected.
MAX_ATTEMPTS = 3

# Classes of SQLSTATE that say nothing about the loans: a deadlock or conflict, no resources, a lock
# not had in time. The work is done again a little later.
_BUSY = frozenset({"40", "53", "55"})

# No row of a loan is asked for twice, so remembering the answers only costs.
_SETTINGS = """
SELECT set_config('statement_timeout', %s, true), set_config('enable_memoize', 'off', true)
"""

_CLAIM = """
UPDATE loan_billingchunk
SET token = token + 1, attempts = attempts + 1, claimed_at = now(), worker = %(worker)s
WHERE id = (
    SELECT id FROM loan_billingchunk
    WHERE run_id = %(run)s AND status = 'PENDING'
      AND (claimed_at IS NULL OR claimed_at < now() - make_interval(secs => %(lease)s))
    ORDER BY low FOR UPDATE SKIP LOCKED LIMIT 1
)
RETURNING id, token, attempts, low, high
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A chunk as one worker has claimed it; the token says whether it still is."""

    chunk_id: int
    token: int
    attempts: int
    low: int
    high: int
    day: date


def claim_chunk(run: BillingRun) -> Claim | None:
    """Claim a chunk that is pending and in nobody's hands, if there is one."""
    with connection.cursor() as cursor:
        cursor.execute(
            _CLAIM,
            {
                "run": run.pk,
                "worker": f"{socket.gethostname()}:{os.getpid()}"[:100],
                "lease": settings.BILLING_LEASE_SECONDS,
            },
        )
        row = cursor.fetchone()
    if row is None:
        return None
    chunk_id, token, attempts, low, high = row
    return Claim(
        chunk_id=chunk_id,
        token=token,
        attempts=attempts,
        low=low,
        high=high,
        day=run.business_date,
    )


def work_on(claim: Claim) -> None:
    """Do a claimed chunk, or whatever brings it nearer to being done.

    A chunk that fails is cut in two, until the loan that makes it fail is alone and set aside.
    Raises `BillingHalted` when that would set aside too many.
    """
    if claim.attempts > MAX_ATTEMPTS:
        _suspect(claim, reason="Billing this loan ended its worker, again and again.")
        return
    try:
        _do(claim)
    except DatabaseError as error:
        _recover(claim, error)
    except Exception as error:
        log.exception("Chunk %s to %s of %s failed.", claim.low, claim.high, claim.day)
        _suspect(claim, reason=f"{type(error).__name__}: {error}")


def pending(run: BillingRun) -> int:
    """Return how many chunks of a run are not done."""
    return BillingChunk.objects.filter(run=run, status=BillingChunk.Status.PENDING).count()


def _do(claim: Claim) -> None:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_SETTINGS, [f"{settings.BILLING_STATEMENT_TIMEOUT_SECONDS}s"])
        if not hold_claim(claim):
            return
        _finish(claim, bill_range(claim.day, low=claim.low, high=claim.high))


def hold_claim(claim: Claim) -> bool:
    """Lock the chunk's row until the transaction ends; return whether the claim still stands."""
    held = BillingChunk.objects.select_for_update().filter(
        pk=claim.chunk_id, token=claim.token, status=BillingChunk.Status.PENDING
    )
    return held.first() is not None


def _finish(claim: Claim, counts: RangeCounts) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE loan_billingchunk SET status = 'DONE', finished_at = clock_timestamp(), "
            "loans_seen = %s, dues = %s, advances_applied = %s, penal_charges = %s, "
            "became_npa = %s WHERE id = %s AND token = %s AND status = 'PENDING'",
            [
                counts.loans_seen,
                counts.dues,
                counts.advances_applied,
                counts.penal_charges,
                counts.became_npa,
                claim.chunk_id,
                claim.token,
            ],
        )
        if cursor.rowcount != 1:
            raise RuntimeError("a chunk was finished by somebody else under its own lock")


def _recover(claim: Claim, error: DatabaseError) -> None:
    """Find out what a database error was about: the connection, the moment, or a loan."""
    if connection.connection is None or connection.connection.closed:
        # The backend is gone and so is what it did; the claim is free when its lease is over.
        connection.close()
        log.warning("The connection broke while billing %s to %s.", claim.low, claim.high)
        return
    state = getattr(error.__cause__, "sqlstate", None) or ""
    if state[:2] in _BUSY:
        log.warning("Loans %s to %s are busy: %s", claim.low, claim.high, error)
        BillingChunk.objects.filter(pk=claim.chunk_id, token=claim.token).update(
            attempts=claim.attempts - 1
        )
        return
    log.warning("Loans %s to %s cannot be billed together: %s", claim.low, claim.high, error)
    _suspect(claim, reason=str(error).partition("\n")[0])


def _suspect(claim: Claim, *, reason: str) -> None:
    with transaction.atomic():
        if hold_claim(claim):
            divide(claim.chunk_id, reason=reason, attempts=MAX_ATTEMPTS - 1)
