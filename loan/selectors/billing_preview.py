"""What a billing run would bill, for the dry run. Reads only."""

from dataclasses import dataclass
from datetime import date

from django.db import connection

_PREVIEW = """
SELECT i.due_date, count(*), sum(i.principal_paise + i.interest_paise)::bigint
FROM loan_instalment i
JOIN loan_loan l ON l.id = i.loan_id AND l.status = 'ACTIVE'
WHERE i.due_date BETWEEN %(first)s AND %(last)s
  AND NOT EXISTS (SELECT 1 FROM loan_due d WHERE d.loan_id = i.loan_id AND d.number = i.number)
GROUP BY i.due_date
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayPreview:
    """The dues a day would bill, and their sum in paise."""

    day: date
    dues: int
    amount_paise: int


def preview_days(days: list[date]) -> list[DayPreview]:
    """Return what each of these consecutive days would bill, in one statement."""
    if not days:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_PREVIEW, {"first": days[0], "last": days[-1]})
        found = {day: (count, amount) for day, count, amount in cursor.fetchall()}
    return [
        DayPreview(day=day, dues=found.get(day, (0, 0))[0], amount_paise=found.get(day, (0, 0))[1])
        for day in days
    ]
