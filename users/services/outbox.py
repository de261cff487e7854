"""The outbox: what partners will be told, written in the transaction of what it tells.

One statement finds the endpoints that asked for it, writes the message once for each partner, and a
delivery for each endpoint. If the transaction fails, nobody is told; once it commits, the sweeper
sends it, whatever became of the process that wrote it. Telling a fact again adds nothing: its key
is unique for its partner.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db import connection
from psycopg.types.json import Jsonb

from users.domain.webhooks import EventType, Fact
from users.selectors import listening_endpoints

# `told` has the columns (place, borrower_id, type, key, data). Rows are made in the order of their
# places, which is what their sequence tells.
_TELL: Final = """
WITH told AS MATERIALIZED ({told}),
listening AS (
    SELECT e.id, e.partner_id, e.events
    FROM users_webhookendpoint e JOIN users_partner p ON p.id = e.partner_id
    WHERE e.disabled_at IS NULL AND p.active
),
message AS (
    INSERT INTO users_webhookmessage (uid, partner_id, type, key, data)
    SELECT gen_random_uuid(), b.partner_id, t.type, t.key, t.data
    FROM told t JOIN users_borrower b ON b.id = t.borrower_id
    WHERE EXISTS (
        SELECT FROM listening e WHERE e.partner_id = b.partner_id AND t.type = ANY(e.events)
    )
    ORDER BY t.place
    ON CONFLICT DO NOTHING
    RETURNING id, partner_id, type
)
INSERT INTO users_webhookdelivery (message_id, endpoint_id)
SELECT m.id, e.id FROM message m
JOIN listening e ON e.partner_id = m.partner_id AND m.type = ANY(e.events)
ORDER BY m.id, e.id
ON CONFLICT DO NOTHING
"""

_FACTS: Final = """
    SELECT fact.place, %(borrower)s::bigint AS borrower_id, fact.type, fact.key, fact.data
    FROM unnest(%(types)s::text[], %(keys)s::text[], %(datas)s::jsonb[])
         WITH ORDINALITY AS fact (type, key, data, place)
"""


def tell(borrower_key: int, facts: Sequence[Fact]) -> None:
    """Write facts about a borrower, in their order, for the partner that registered them, if any.

    Inside the transaction that made them so.
    """
    if not facts:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            _TELL.format(told=_FACTS),
            {
                "borrower": borrower_key,
                "types": [fact.type.value for fact in facts],
                "keys": [fact.key for fact in facts],
                "datas": [Jsonb(fact.data) for fact in facts],
            },
        )


def tell_set(told: str, values: Mapping[str, Any]) -> int:
    """Write what a SELECT tells, set-based; return how many deliveries that makes.

    `told` is trusted SQL that gives (place, borrower_id, type, key, data), by these names.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TELL.format(told=told), values)
        return int(cursor.rowcount)


def listening_partners(events: Sequence[EventType]) -> list[int]:
    """Return the keys of the partners that some endpoint wants to be told of one of the events."""
    return list(
        listening_endpoints()
        .filter(events__overlap=[event.value for event in events])
        .values_list("partner_id", flat=True)
        .distinct()
        .order_by("partner_id")
    )
