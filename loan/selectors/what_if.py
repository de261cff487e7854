"""What would become of a loan if things happened to it that have not. Writes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bright_credit.common.errors import InvalidInput
from loan.domain.early_repayment import ClosingRates
from loan.domain.lifecycle import LoanStatus
from loan.domain.scenario import Closing, Outcome, Unfulfilled, Wish, outcome
from loan.domain.servicing import LoanAlreadyClosed
from loan.models import Loan
from loan.selectors.calendar import current_date
from loan.selectors.cancellation import cooling_off_ends, kept_back_of
from loan.selectors.events import events_of
from loan.selectors.loans import first_schedule_of, loan_for, terms_of
from loan.selectors.standing_date import standing_date
from users.domain import callers
from users.domain.callers import Caller


class ImaginedInThePast(InvalidInput):
    """What is imagined can only come today or later."""

    code = "imagined_in_the_past"


class CannotHappen(InvalidInput):
    """What is imagined cannot happen to the loan on its day."""

    code = "cannot_happen"


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """How a loan ends as it is agreed, and how with what is imagined."""

    loan: Loan
    today: date
    before: Outcome
    after: Outcome

    @property
    def interest_saved_paise(self) -> int:
        """Return how much less interest is paid; negative when it is more."""
        return self.before.interest_paise - self.after.interest_paise


def what_if(
    loan_id: str, *, wishes: Sequence[Wish], as_of: date, caller: Caller = callers.SYSTEM
) -> WhatIf:
    """Return how a loan ends without and with imagined events. Four statements of SQL.

    Raises `LoanNotFound`, `LoanAlreadyClosed`, `ImaginedInThePast`, `CannotHappen`.
    """
    open_date = current_date(today=as_of)
    loan = loan_for(caller, loan_id, queryset=Loan.objects.select_related("product"))
    if loan.status == LoanStatus.CLOSED:
        raise LoanAlreadyClosed("The loan is closed: nothing can happen to it.")
    for place, wish in enumerate(wishes):
        if wish.on < open_date:
            raise ImaginedInThePast(
                f"Must not be earlier than {open_date}, today.", field=f"events.{place}.on"
            )
    terms, schedule, events = terms_of(loan), first_schedule_of(loan), events_of(loan)
    closing = Closing(
        rates=ClosingRates(
            charge_bps=terms.foreclosure_charge_bps, gst_bps=loan.product.fee_gst_bps
        ),
        cooling_off_ends=cooling_off_ends(loan),
        kept_back=kept_back_of(loan),
    )
    sides = []
    for imagined in ((), wishes):
        side = outcome(
            terms,
            schedule,
            events,
            today=standing_date(loan, open_date),
            wishes=imagined,
            closing=closing,
        )
        if isinstance(side, Unfulfilled):
            raise CannotHappen(f"Cannot happen: {side.why}.", field=f"events.{side.place}")
        sides.append(side)
    return WhatIf(loan=loan, today=open_date, before=sides[0], after=sides[1])
