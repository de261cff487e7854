"""Income of non-performing borrowers, held in suspense set by set: `loan.domain.unrealised`.

The suspense of a loan is a level, so it does not matter how often or in which order loans are
brought to it: a chunk does it for the loans that it moved, the day's end for those of borrowers
whose class changed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection

from ledger.domain.entries import TransferDraft
from loan.domain.posting_rules import suspense_transfers
from loan.domain.unrealised import NO_SUSPENSE, Suspense

# Parameters: the keys of the loans, whose rows this transaction holds; the borrowers whose class
# changes now, each with the date since which the class is, NULL for standard again.
#
# A bill counts as long as the schedule in force has its revision, as a first schedule always does.
# GST comes off a charge as the rounded share of what is unpaid: half a paisa up. A borrower who is
# standard has no income in suspense, nor has a loan that ended.
_SUSPEND = """
WITH standing AS (
    SELECT l.*, c.borrower IS NOT NULL AS changes,
           CASE WHEN c.borrower IS NULL THEN l.borrower_npa_since ELSE c.since END AS is_since
    FROM loan_loan l
    LEFT JOIN unnest(%(borrowers)s::bigint[], %(since)s::date[]) AS c (borrower, since)
      ON c.borrower = l.borrower_id
    WHERE l.id = ANY(%(loans)s::bigint[])
),
level AS (
    SELECT s.id, s.product_id, s.changes, s.is_since,
           s.suspended_interest_paise AS held_interest,
           s.suspended_charges_paise AS held_charges,
           s.suspended_penal_paise AS held_penal,
           s.suspended_fees_paise AS held_fees,
           coalesce(billed.interest - s.next_interest_paid_paise, 0) AS interest,
           coalesce(open.charges, 0) AS charges, coalesce(open.penal, 0) AS penal,
           coalesce(open.fees, 0) AS fees
    FROM standing s
    LEFT JOIN LATERAL (
        SELECT coalesce(sum(d.interest_paise), 0)::bigint AS interest
        FROM loan_due d
        WHERE d.loan_id = s.id AND d.number >= s.next_number
          AND (s.schedule_version = 1
               OR EXISTS (SELECT FROM loan_instalment i
                          WHERE (i.loan_id, i.version, i.number, i.revision)
                              = (s.id, s.schedule_version, d.number, d.revision)))
    ) billed ON s.is_since IS NOT NULL AND s.status = 'ACTIVE'
    LEFT JOIN LATERAL (
        SELECT sum(untaxed.paise)
                   FILTER (WHERE c.kind NOT IN ('PENAL', 'REFUND', 'PROCESSING_FEE'))::bigint
                   AS charges,
               sum(c.amount_paise - c.paid_paise) FILTER (WHERE c.kind = 'PENAL')::bigint AS penal,
               sum(untaxed.paise) FILTER (WHERE c.kind = 'PROCESSING_FEE')::bigint AS fees
        FROM loan_charge c
        CROSS JOIN LATERAL (
            SELECT c.amount_paise - c.paid_paise - c.gst_paise
                   + div(2 * c.paid_paise::numeric * c.gst_paise + c.amount_paise,
                         2 * c.amount_paise::numeric) AS paise
        ) untaxed
        WHERE c.loan_id = s.id AND c.cancelled_by_id IS NULL AND c.paid_paise < c.amount_paise
    ) open ON s.is_since IS NOT NULL AND s.status = 'ACTIVE'
),
moved AS (
    UPDATE loan_loan l SET
        borrower_npa_since = v.is_since,
        suspended_interest_paise = v.interest,
        suspended_charges_paise = v.charges,
        suspended_penal_paise = v.penal,
        suspended_fees_paise = v.fees
    FROM level v
    WHERE l.id = v.id
      AND (v.changes AND l.borrower_npa_since IS DISTINCT FROM v.is_since
           OR (v.interest, v.charges, v.penal, v.fees)
              <> (v.held_interest, v.held_charges, v.held_penal, v.held_fees))
)
SELECT product_id, count(*), sum(interest - held_interest)::bigint,
       sum(charges - held_charges)::bigint, sum(penal - held_penal)::bigint,
       sum(fees - held_fees)::bigint
FROM level
WHERE (interest, charges, penal, fees)
      <> (held_interest, held_charges, held_penal, held_fees)
GROUP BY product_id ORDER BY product_id
"""


@dataclass(frozen=True, slots=True)
class Suspended:
    """What was moved into suspense of a product's loans, taken together; out of it where less."""

    product: str
    loans: int
    transfers: tuple[TransferDraft, ...]


def suspend(
    loans: Sequence[int], *, since: Mapping[int, date | None] | None = None
) -> Iterable[Suspended]:
    """Bring the suspense of loans to its level, and write the classes that change with it.

    `loans` are their keys; this transaction holds their rows. `since` has, by the keys of borrowers
    whose class changes, the date since which they are non-performing, None if they are no longer.
    """
    if not loans:
        return ()
    changes = since or {}
    with connection.cursor() as cursor:
        cursor.execute(
            _SUSPEND,
            {"loans": list(loans), "borrowers": list(changes), "since": list(changes.values())},
        )
        rows = cursor.fetchall()
    suspended = (_suspended(*row) for row in rows)
    return tuple(one for one in suspended if one.transfers)


def _suspended(
    product: str, loans: int, interest: int, charges: int, penal: int, fees: int
) -> Suspended:
    level = Suspense(
        interest_paise=interest, charges_paise=charges, penal_paise=penal, fees_paise=fees
    )
    return Suspended(product, loans, suspense_transfers(NO_SUSPENSE, level))
