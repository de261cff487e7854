"""The exposure of the book by product and class, as of the end of a day."""

from collections.abc import Mapping
from datetime import date

from django.db import connection

from loan.domain.asset_class import AssetClass
from loan.domain.provisioning import Exposure, ProvisionLine, provision_lines
from loan.models import ProvisionRate

# What each loan owed on its books at the day's end, from the rows that say what was lent, billed
# and met by then; what is known now counts, whenever it was booked. Money that met an instalment
# and was moved since has a row that takes it back, of the same value date. Interest counts while
# the borrower is standard.
_EXPOSURES = """
WITH classes AS (
    SELECT DISTINCT ON (borrower_id) borrower_id, asset_class
    FROM loan_assetclasschange WHERE effective_on <= %(day)s
    ORDER BY borrower_id, id DESC
),
met AS (
    SELECT loan_id, sum(principal_paise) AS principal, sum(interest_paise) AS interest
    FROM loan_allocation WHERE value_date <= %(day)s GROUP BY loan_id
),
billed AS (
    SELECT d.loan_id, sum(d.interest_paise) AS interest
    FROM loan_due d
    JOIN loan_loan l ON l.id = d.loan_id
    JOIN loan_instalment i ON (i.loan_id, i.version, i.number, i.revision)
                            = (d.loan_id, l.schedule_version, d.number, d.revision)
    WHERE d.due_date <= %(day)s
    GROUP BY d.loan_id
),
owed AS (
    SELECT l.product_id, coalesce(c.asset_class, 'STANDARD') AS asset_class,
           l.principal_paise
           + CASE WHEN l.capitalises_on <= %(day)s AND l.capitalised_paise > 0
                  THEN l.moratorium_interest_paise ELSE 0 END
           + CASE WHEN l.schedule_version = 1 THEN 0 ELSE
                 (SELECT coalesce(sum((h->>3)::bigint), 0) FROM loan_scheduleversion v
                  CROSS JOIN LATERAL jsonb_array_elements(v.holidays) h
                  WHERE v.loan_id = l.id AND v.version = l.schedule_version
                    AND (h->>1)::date <= %(day)s
                    AND (h->>1)::date IS DISTINCT FROM l.holiday_ends_on) END
           - coalesce(m.principal, 0) AS principal,
           coalesce(b.interest, 0) - coalesce(m.interest, 0) AS interest
    FROM loan_loan l
    LEFT JOIN classes c ON c.borrower_id = l.borrower_id
    LEFT JOIN met m ON m.loan_id = l.id
    LEFT JOIN billed b ON b.loan_id = l.id
    WHERE l.disbursed_on <= %(day)s AND (l.written_off_on > %(day)s OR l.written_off_on IS NULL)
)
SELECT product_id, asset_class, count(*),
       sum(principal + CASE WHEN asset_class = 'STANDARD' THEN interest ELSE 0 END)::bigint
FROM owed WHERE principal > 0 OR interest > 0
GROUP BY product_id, asset_class ORDER BY product_id, asset_class
"""


def exposures(day: date) -> tuple[Exposure, ...]:
    """Return the exposures at the end of a closed day. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(_EXPOSURES, {"day": day})
        return tuple(
            Exposure(
                product=product,
                asset_class=AssetClass(asset_class),
                loans=loans,
                exposure_paise=paise,
            )
            for product, asset_class, loans, paise in cursor.fetchall()
        )


def rates() -> Mapping[AssetClass, int]:
    """Return the rates of the table, by class."""
    rows = ProvisionRate.objects.values_list("asset_class", "rate_bps")
    return {AssetClass(asset_class): rate_bps for asset_class, rate_bps in rows}


def provision_on(day: date) -> tuple[ProvisionLine, ...]:
    """Return what is to be set aside as of the end of a closed day, by product and class."""
    return provision_lines(exposures(day), rates=rates())
