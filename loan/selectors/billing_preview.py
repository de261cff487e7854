"""What a billing run would post, day by day, for the dry run. Reads only, in one statement.

It supposes that no payment arrives meanwhile. Then an instalment is missed when what is held in
advance does not reach it, and everything else follows from its date.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection

from loan.domain.delinquency import NPA_DAYS
from loan.domain.penal import RATE_PERIOD_DAYS

_PREVIEW = """
WITH asked AS (
    SELECT i.loan_id, i.version, i.revision, i.number, i.due_date,
           i.principal_paise + i.interest_paise
               - CASE WHEN i.number = l.next_number
                      THEN l.next_interest_paid_paise + l.next_principal_paid_paise
                      ELSE 0 END AS unpaid
    FROM loan_loan l
    JOIN loan_instalment i ON i.loan_id = l.id AND i.version = l.schedule_version
                          AND i.number >= l.next_number
    WHERE l.status = 'ACTIVE' AND i.due_date <= %(last)s
),
reached AS (
    SELECT a.*, sum(a.unpaid) OVER (PARTITION BY a.loan_id ORDER BY a.number) AS through
    FROM asked a
),
happening AS (
    SELECT r.due_date AS day, 1 AS dues, i.principal_paise + i.interest_paise AS billed,
           least(r.unpaid, greatest(0, l.advance_paise - (r.through - r.unpaid))) AS from_advance,
           0 AS penal_charges, 0::bigint AS penal, 0 AS npa, 0::bigint AS capitalised
    FROM reached r
    JOIN loan_loan l ON l.id = r.loan_id
    JOIN loan_instalment i
      ON i.loan_id = r.loan_id AND i.version = r.version AND i.number = r.number
    WHERE NOT EXISTS (SELECT 1 FROM loan_due d WHERE d.loan_id = r.loan_id AND d.number = r.number
                                                 AND d.revision = r.revision)
  UNION ALL
    SELECT r.due_date + l.penal_grace_days + 1, 0, 0, 0, 1, l.penal_charge_paise, 0, 0
    FROM reached r JOIN loan_loan l ON l.id = r.loan_id
    WHERE r.through > l.advance_paise AND l.penal_charge_paise > 0
      AND r.number > l.penal_levied_through
  UNION ALL
    SELECT r.due_date + step.late + 1, 0, 0, 0, 1, step.amount, 0, 0
    FROM reached r
    JOIN loan_loan l ON l.id = r.loan_id AND l.penal_by_rule
    CROSS JOIN LATERAL (
        SELECT l.penal_grace_days + k * %(penal_period)s AS late,
               round(least(r.unpaid, r.through - l.advance_paise)::numeric * l.penal_rate_bps
                     * CASE WHEN k = 0 THEN l.penal_grace_days + 1 ELSE %(penal_period)s END
                     / 3650000)::bigint AS amount
        FROM generate_series(0, (%(last)s::date - r.due_date) / %(penal_period)s) k
        WHERE l.penal_rate_bps > 0
      UNION ALL
        SELECT (slab->>0)::int, (slab->>1)::bigint FROM jsonb_array_elements(l.penal_slabs) slab
    ) step
    WHERE r.through > l.advance_paise AND step.amount > 0
      AND r.due_date + step.late + 1 > l.position_date
  UNION ALL
    SELECT min(r.due_date) + %(npa_days)s, 0, 0, 0, 0, 0, 1, 0
    FROM reached r JOIN loan_loan l ON l.id = r.loan_id
    WHERE r.through > l.advance_paise AND l.npa_since IS NULL
    GROUP BY r.loan_id
  UNION ALL
    SELECT capitalises_on, 0, 0, 0, 0, 0, 0, moratorium_interest_paise
    FROM loan_loan
    WHERE capitalises_on <= %(last)s AND capitalised_paise = 0 AND status = 'ACTIVE'
  UNION ALL
    SELECT holiday_ends_on, 0, 0, 0, 0, 0, 0, holiday_interest_paise
    FROM loan_loan WHERE holiday_ends_on <= %(last)s AND status = 'ACTIVE'
)
SELECT day, sum(dues), sum(billed)::bigint, sum(from_advance)::bigint,
       sum(penal_charges), sum(penal)::bigint, sum(npa), sum(capitalised)::bigint
FROM happening
WHERE day BETWEEN %(first)s AND %(last)s
GROUP BY day
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayPreview:
    """What a day would post. Amounts in paise."""

    day: date
    dues: int = 0
    billed_paise: int = 0
    from_advance_paise: int = 0
    penal_charges: int = 0
    penal_paise: int = 0
    became_npa: int = 0
    capitalised_paise: int = 0


def preview_days(days: Sequence[date]) -> list[DayPreview]:
    """Return what each of these consecutive days would post."""
    if not days:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            _PREVIEW,
            {
                "first": days[0],
                "last": days[-1],
                "npa_days": NPA_DAYS,
                "penal_period": RATE_PERIOD_DAYS,
            },
        )
        found = {day: figures for day, *figures in cursor.fetchall()}
    return [_preview(day, found.get(day)) for day in days]


def _preview(day: date, figures: list[int] | None) -> DayPreview:
    if figures is None:
        return DayPreview(day=day)
    dues, billed, from_advance, penal_charges, penal, became_npa, capitalised = figures
    return DayPreview(
        day=day,
        dues=dues,
        billed_paise=billed,
        from_advance_paise=from_advance,
        penal_charges=penal_charges,
        penal_paise=penal,
        became_npa=became_npa,
        capitalised_paise=capitalised,
    )
