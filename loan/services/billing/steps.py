"""Bringing single loans to the end of a day through the core."""

from datetime import date

from loan.domain.servicing import end_day
from loan.models import Loan
from loan.selectors.loans import state_of
from loan.services.recording import record_step


def bring_to_end(loan: Loan, day: date) -> None:
    """Do for a locked loan all that the clock had for it up to the end of `day`.

    A loan that stands at a later date already, or is closed, is left as it is.
    """
    if loan.position_date > day or loan.status != Loan.Status.ACTIVE:
        return
    state = state_of(loan)
    record_step(state, end_day(state.terms, state.schedule, state.position, day))
