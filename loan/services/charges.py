"""Charges by decision: put on a loan with their tax, and waived."""

from dataclasses import dataclass
from datetime import date

from django.db import transaction

from bright_credit.common.errors import InvalidInput, NotFound
from bright_credit.common.money import share_in_bps
from loan.domain.comparison import Comparison
from loan.domain.event_steps import ChargeKeyTaken, ChargeNotOpen
from loan.domain.events import PROCESSING_FEE_KEY
from loan.domain.servicing import (
    ChargeKind,
    ChargeLevied,
    ChargeWaived,
    EventReversed,
    OpenCharge,
    advance_to,
)
from loan.domain.terms import FeeCollection
from loan.models import Charge, Event, Loan
from loan.selectors.calendar import current_date
from loan.selectors.events import waiver_key
from loan.selectors.loans import loan_by_public_id, state_of
from loan.services.business_day import hold_open_date
from loan.services.happening import (
    Author,
    comparison_of,
    lock_loan,
    next_sequence,
    standing_date,
    tell,
    write,
)

#: What the keys of charges begin with that follow from the terms and the events.
RESERVED_PREFIXES = ("PENAL-", "BOUNCE-", "REFUND-", "FORECLOSURE-", PROCESSING_FEE_KEY)

#: Who puts a processing fee on a loan, and why.
DISBURSEMENT = Author(reason="Processing fee, due at the disbursement")


class ChargeNotFound(NotFound):
    """The loan has no charge of this name."""

    code = "charge_not_found"


class ChargeKeyReserved(InvalidInput):
    """The name is one that penal, bounce, refund and foreclosure charges or a fee get."""

    code = "charge_key_reserved"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeChange:
    """What a charge, or waiving one, changes of its loan. The event is None in a preview."""

    loan: Loan
    comparison: Comparison
    event: Event | None


@transaction.atomic
def levy_charge(
    loan_id: str, *, key: str, amount_paise: int, as_of: date, by: Author
) -> ChargeChange:
    """Put a charge on a loan, as of now; the product's GST comes on top of the amount.

    Raises `LoanNotFound`, `LoanAlreadyClosed`, `ChargeKeyReserved`, `ChargeKeyTaken`.
    """
    if key.upper().startswith(RESERVED_PREFIXES):
        raise ChargeKeyReserved(
            f"Must not begin with {', '.join(RESERVED_PREFIXES)}.", field="charge"
        )
    open_date = hold_open_date(as_of=as_of)
    loan = lock_loan(loan_id)
    if Charge.objects.filter(loan=loan, key=key, cancelled_by=None).exists():
        raise ChargeKeyTaken("The loan has a charge of this name already.", field="charge")
    gst_paise = share_in_bps(amount_paise, bps=loan.product.fee_gst_bps)
    event = ChargeLevied(
        key=key,
        kind=ChargeKind.OTHER,
        value_date=standing_date(loan, open_date),
        sequence=next_sequence(loan),
        amount_paise=amount_paise + gst_paise,
        gst_paise=gst_paise,
    )
    told = tell(loan, event, open_date=open_date)
    comparison = comparison_of(told)
    return ChargeChange(
        loan=loan, comparison=comparison, event=write(told, by=by, booked_on=open_date)
    )


@transaction.atomic
def waive_charge(
    loan_id: str,
    key: str,
    *,
    amount_paise: int | None,
    as_of: date,
    by: Author,
    preview: bool = False,
) -> ChargeChange:
    """Waive an amount of a charge (None: all that is unpaid), as of now; `by` says why.

    A preview writes nothing and returns the same comparison. Raises `LoanNotFound`,
    `ChargeNotFound`, `ChargeNotOpen`, `WaiverExceedsCharge`.
    """
    open_date = current_date(today=as_of) if preview else hold_open_date(as_of=as_of)
    loan = loan_by_public_id(loan_id) if preview else lock_loan(loan_id)
    on = standing_date(loan, open_date)
    charge = _unpaid_charge(loan, key, on=on)
    sequence = next_sequence(loan)
    event = ChargeWaived(
        key=waiver_key(sequence),
        charge_key=charge.key,
        value_date=on,
        sequence=sequence,
        amount_paise=charge.unpaid_paise if amount_paise is None else amount_paise,
    )
    told = tell(loan, event, open_date=open_date)
    comparison = comparison_of(told)
    written = None if preview else write(told, by=by, booked_on=open_date)
    return ChargeChange(loan=loan, comparison=comparison, event=written)


def unpaid_of_charge(loan_id: str, key: str, *, as_of: date) -> int:
    """Return what is unpaid of a charge, in paise.

    Raises `LoanNotFound`, `ChargeNotFound`, `ChargeNotOpen`.
    """
    loan = loan_by_public_id(loan_id)
    on = standing_date(loan, current_date(today=as_of))
    return _unpaid_charge(loan, key, on=on).unpaid_paise


def bounce_charges(loan: Loan, reversal: EventReversed) -> tuple[ChargeLevied, ...]:
    """Return the charge that a bounced payment brings, with its GST; none if the terms have none.

    The amount is that of the loan's terms, the tax that of the product today.
    """
    amount_paise = loan.bounce_charge_paise
    if amount_paise == 0:
        return ()
    gst_paise = share_in_bps(amount_paise, bps=loan.product.fee_gst_bps)
    sequence = reversal.sequence + 1
    return (
        ChargeLevied(
            key=f"BOUNCE-{sequence}",
            kind=ChargeKind.BOUNCE,
            value_date=reversal.value_date,
            sequence=sequence,
            amount_paise=amount_paise + gst_paise,
            gst_paise=gst_paise,
        ),
    )


def levy_processing_fee(loan: Loan) -> None:
    """Put the processing fee on a loan that is being paid out, where it is paid apart.

    It counts from the disbursement and is booked with it, as all that is taken over. Inside the
    transaction of the disbursement, which has just written the loan.
    """
    gst_paise = loan.fee_gst_paise
    amount_paise = loan.processing_fee_paise + gst_paise
    if loan.fee_collection != FeeCollection.PAID or amount_paise == 0:
        return
    event = ChargeLevied(
        key=PROCESSING_FEE_KEY,
        kind=ChargeKind.PROCESSING_FEE,
        value_date=loan.disbursed_on,
        sequence=next_sequence(loan),
        amount_paise=amount_paise,
        gst_paise=gst_paise,
    )
    told = tell(loan, event, open_date=loan.disbursed_on)
    write(told, by=DISBURSEMENT, booked_on=loan.disbursed_on)


def _unpaid_charge(loan: Loan, key: str, *, on: date) -> OpenCharge:
    """Return the charge as it stands on a day, also one that the calendar has just brought."""
    state = state_of(loan)
    waiting = advance_to(state.terms, state.schedule, state.position, on).position
    for charge in waiting.open_charges:
        if charge.key == key:
            return charge
    if Charge.objects.filter(loan=loan, key=key, cancelled_by=None).exists():
        raise ChargeNotOpen("Nothing is owed of this charge any more.", field="charge")
    raise ChargeNotFound("The loan has no charge of this name.", field="charge")
