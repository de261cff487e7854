"""What the clock does to single loans on a day, through the core: advances, penal charges, NPA."""

from datetime import date

from django.db import connection, transaction

from loan.domain.delinquency import NPA_DAYS
from loan.domain.servicing import end_day
from loan.models import Loan
from loan.selectors.loans import state_of
from loan.services.business_day import hold_open_date
from loan.services.recording import record_step

# Three index seeks: loans whose advance meets a due, loans with an instalment whose grace has just
# run out, loans that have been overdue for 90 days. A loan that has moved past the day already (a
# payment dated later did the day's work first) needs nothing.
_MOVED = """
SELECT l.id FROM loan_loan l
JOIN loan_instalment i ON i.loan_id = l.id AND i.due_date = %(day)s
WHERE l.advance_paise > 0 AND l.status = 'ACTIVE' AND l.position_date <= %(day)s
  AND NOT EXISTS (SELECT 1 FROM loan_due d WHERE d.loan_id = l.id AND d.number = i.number)
UNION
SELECT l.id FROM loan_loan l
JOIN loan_instalment i
  ON i.loan_id = l.id AND i.due_date = %(day)s - l.penal_grace_days - 1
WHERE l.oldest_unpaid_due_date < %(day)s AND l.status = 'ACTIVE' AND l.position_date <= %(day)s
  AND l.penal_charge_paise > 0 AND i.number > l.penal_levied_through AND i.number >= l.next_number
UNION
SELECT l.id FROM loan_loan l
WHERE l.oldest_unpaid_due_date <= %(npa_edge)s AND l.npa_since IS NULL
  AND l.status = 'ACTIVE' AND l.position_date <= %(day)s
ORDER BY 1
"""


def loans_moved_by_the_clock(day: date) -> list[int]:
    """Return the keys of the loans that the end of `day` changes beyond a plain due."""
    edge = date.fromordinal(day.toordinal() - NPA_DAYS)
    with connection.cursor() as cursor:
        cursor.execute(_MOVED, {"day": day, "npa_edge": edge})
        return [key for (key,) in cursor.fetchall()]


@transaction.atomic
def end_day_for(loan_key: int, day: date) -> None:
    """Bring one loan to the end of `day` under its row lock: a transaction of milliseconds.

    A day that another run has closed meanwhile is left alone.
    """
    if hold_open_date(as_of=day) > day:
        return
    loan = Loan.objects.select_for_update(no_key=True).get(pk=loan_key)
    if loan.position_date > day or loan.status != Loan.Status.ACTIVE:
        return
    state = state_of(loan)
    record_step(state, end_day(state.terms, state.schedule, state.position, day))
