"""The chain over the trail: each link a digest over one entry and the digest before it.

Entries are chained soon after they were written, and not by who writes them: a chain that every
writer had to extend would let only one of them commit at a time. Who changes, removes or inserts a
chained entry breaks every link after it. The digest of the last link, kept elsewhere, also tells
whether the end was cut off.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from bright_credit.common.audit_trail.models import AuditLink

#: What the first link is linked to.
FIRST_LINK = "0" * 64
AT_ONCE = 5_000

_LOCK = 0x61756469745F74  # one chains at a time

# JSON arrays keep apart what a separator inside a text could shift from one column to the next.
_HASH = """
    encode(sha256(convert_to(json_build_array(e.id, extract(epoch FROM e.at), e.table_name,
        e.row_key, e.change, e.before, e.after, e.reason, e.origin, e.actor, e.actor_name,
        e.address, e.request_id, e.action, e.database_user)::text, 'UTF8')), 'hex')
"""

# A transaction that began earlier may commit later, with lower keys; so it is looked a long way
# back, and never through the whole trail.
_UNCHAINED = f"""
SELECT e.id, {_HASH}
FROM audit_trail_auditentry e
WHERE e.id > (SELECT coalesce(max(entry_id), 0) - 1000000 FROM audit_trail_auditlink)
  AND NOT EXISTS (SELECT 1 FROM audit_trail_auditlink l WHERE l.entry_id = e.id)
ORDER BY e.id LIMIT {AT_ONCE}
"""  # noqa: S608 - made of constants

_CHAINED = f"""
SELECT l.position, l.digest, l.entry_id, CASE WHEN e.id IS NOT NULL THEN {_HASH} END
FROM audit_trail_auditlink l LEFT JOIN audit_trail_auditentry e ON e.id = l.entry_id
WHERE l.position > %s ORDER BY l.position LIMIT {AT_ONCE}
"""  # noqa: S608 - made of constants


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The end of the chain, and how many entries wait to be chained."""

    position: int
    digest: str
    unchained: int


def chain_entries() -> int:
    """Chain what is not chained yet, and return how many entries that were."""
    chained = 0
    while count := _chain_some():
        chained += count
    return chained


@transaction.atomic
def _chain_some() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        cursor.execute(_UNCHAINED)
        rows: list[tuple[int, str]] = cursor.fetchall()
    last = AuditLink.objects.order_by("-position").first()
    position, digest = (last.position, last.digest) if last else (0, FIRST_LINK)
    links = []
    for entry_id, entry_hash in rows:
        position, digest = position + 1, _next(digest, entry_hash)
        links.append(AuditLink(position=position, entry_id=entry_id, digest=digest))
    AuditLink.objects.bulk_create(links)
    return len(links)


def chain_faults() -> Iterator[tuple[str, str]]:
    """Yield (which link, what is wrong with it); nothing when the trail is whole."""
    position, digest = 0, FIRST_LINK
    while rows := _links_after(position):
        for place, kept, entry_id, entry_hash in rows:
            if place != position + 1:
                yield f"link {place}", f"follows link {position}: links are missing"
            if entry_hash is None:
                yield f"link {place}", f"the entry {entry_id} is missing"
            elif kept != _next(digest, entry_hash):
                yield f"link {place}", f"the entry {entry_id} or one before it was changed"
            position, digest = place, kept


def head_of_chain() -> Head:
    """Return the last link, to be kept elsewhere, and how many entries wait."""
    last = AuditLink.objects.order_by("-position").first()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM audit_trail_auditentry e WHERE NOT EXISTS "
            "(SELECT 1 FROM audit_trail_auditlink l WHERE l.entry_id = e.id)"
        )
        (unchained,) = cursor.fetchone()
    return Head(
        position=last.position if last else 0,
        digest=last.digest if last else FIRST_LINK,
        unchained=unchained,
    )


def _links_after(position: int) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(_CHAINED, [position])
        return list(cursor.fetchall())


def _next(digest: str, entry_hash: str) -> str:
    return hashlib.sha256(f"{digest}{entry_hash}".encode()).hexdigest()
