"""The interest that has run unbilled, by product, at the end of a day, from what was known."""

from dataclasses import asdict, dataclass
from datetime import date

from django.db import connection
from django.db.models import Max, Model

from loan.models import Accrual, AssetClassChange, Loan, ScheduleVersion

# The same as `loan.domain.accrual`, of the whole book. Of each loan whose borrower is standard: the
# instalment that is due next by the schedule that was in force, as far as was known; the due date
# before it, where the first period begins, or the end of a holiday; and the interest of a
# moratorium, or of a holiday, that becomes principal, which runs by itself. The numbers of a
# schedule have no gaps, so `previous` is one look-up. `div` is exact.
_ACCRUED = """
WITH classes AS (
    SELECT DISTINCT ON (borrower_id) borrower_id, asset_class
    FROM loan_assetclasschange
    WHERE effective_on <= %(day)s AND id <= %(through_class_change)s
    ORDER BY borrower_id, id DESC
),
open AS (
    SELECT l.id, l.product_id, l.disbursed_on, l.first_due_date, l.capitalises_on,
           l.moratorium_interest_paise AS moratorium,
           l.moratorium_interest = 'WITH_LAST_INSTALMENT'
               AND l.interest_moratorium_periods > 0 AS is_deferred,
           CASE WHEN l.schedule_version = 1 THEN 1 ELSE coalesce(
               (SELECT max(v.version) FROM loan_scheduleversion v
                WHERE v.loan_id = l.id AND v.id <= %(through_schedule)s), 1) END AS version
    FROM loan_loan l
    LEFT JOIN classes c ON c.borrower_id = l.borrower_id
    WHERE l.disbursed_on <= %(day)s AND l.id <= %(through_loan)s
      AND coalesce(c.asset_class, 'STANDARD') = 'STANDARD'
),
running AS (
    SELECT o.*, next.due_date, next.interest_paise AS interest,
           CASE WHEN o.capitalises_on < next.due_date THEN o.capitalises_on END AS capitalised_on,
           (SELECT p.due_date FROM loan_instalment p
            WHERE p.loan_id = o.id AND p.version = o.version
              AND p.number = next.number - 1) AS previous,
           o.is_deferred AND NOT EXISTS (
               SELECT FROM loan_instalment a
               WHERE a.loan_id = o.id AND a.version = o.version
                 AND a.number = next.number + 1) AS is_last
    FROM open o
    CROSS JOIN LATERAL (
        SELECT i.number, i.due_date, i.interest_paise FROM loan_instalment i
        WHERE i.loan_id = o.id AND i.version = o.version AND i.due_date > %(day)s
        ORDER BY i.number LIMIT 1
    ) next
),
holidays AS (
    SELECT r.id, r.product_id, greatest((h->>0)::date, r.disbursed_on) AS since,
           (h->>1)::date AS until, (h->>3)::bigint AS amount
    FROM running r
    JOIN loan_scheduleversion v ON v.loan_id = r.id AND v.version = r.version
    CROSS JOIN LATERAL jsonb_array_elements(v.holidays) h
    WHERE r.version > 1 AND (h->>1)::date < r.due_date
      AND (h->>1)::date > coalesce(r.previous, r.capitalised_on, r.disbursed_on)
),
stretches AS (
    SELECT id, product_id,
           greatest(coalesce(previous, capitalised_on, disbursed_on),
                    (SELECT max(h.until) FROM holidays h WHERE h.id = r.id)) AS since,
           due_date AS until,
           greatest(interest - CASE WHEN is_last THEN moratorium ELSE 0 END, 0) AS amount
    FROM running r
    UNION ALL
    SELECT id, product_id, since, until, amount
    FROM holidays WHERE until > %(day)s
    UNION ALL
    SELECT id, product_id, disbursed_on, first_due_date, moratorium
    FROM running WHERE is_deferred
    UNION ALL
    SELECT id, product_id, disbursed_on, capitalised_on, moratorium
    FROM running WHERE capitalised_on > %(day)s
),
accrued AS (
    SELECT id, product_id, div(
               amount::numeric * least(greatest(%(day)s::date + 1 - since, 0), until - since),
               until - since) AS paise
    FROM stretches
)
SELECT product_id, count(DISTINCT id), sum(paise)::bigint
FROM accrued WHERE paise > 0
GROUP BY product_id ORDER BY product_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The last rows that an accrual knows of what it is reckoned from."""

    through_loan: int
    through_schedule: int
    through_class_change: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Accrued:
    """What has run unbilled of a product's loans, in paise, and of how many loans."""

    product: str
    loans: int
    accrued_paise: int


def known_now() -> Known:
    """Return the last rows there are."""
    return Known(
        through_loan=_last(Loan),
        through_schedule=_last(ScheduleVersion),
        through_class_change=_last(AssetClassChange),
    )


def accrued_on(day: date, known: Known) -> tuple[Accrued, ...]:
    """Return what has run unbilled at the end of a closed day, by product. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(_ACCRUED, {"day": day, **asdict(known)})
        return tuple(
            Accrued(product=product, loans=loans, accrued_paise=paise)
            for product, loans, paise in cursor.fetchall()
        )


def last_accrual() -> Accrual | None:
    """Return the accrual of the latest day, or None before the first one."""
    return Accrual.objects.order_by("as_of").last()


def known_by(accrual: Accrual) -> Known:
    """Return what an accrual was reckoned from."""
    return Known(
        through_loan=accrual.through_loan,
        through_schedule=accrual.through_schedule,
        through_class_change=accrual.through_class_change,
    )


def shares_of(accrual: Accrual | None) -> dict[str, int]:
    """Return what an accrual came to by product, in paise; nothing before the first one."""
    if accrual is None:
        return {}
    return dict(accrual.shares.values_list("product_id", "accrued_paise"))


def _last(model: type[Model]) -> int:
    last: int | None = model._default_manager.aggregate(last=Max("pk"))["last"]
    return last or 0
