"""The Key Facts Statement of an offer: of a loan that is not there yet. Writes nothing."""

import base64
import hashlib
from datetime import date

from django.conf import settings

from loan.services.offering import Offer
from loan.services.quotes import quote
from statements.domain.credit import Credit
from statements.domain.key_facts import KeyFacts, offer_valid_until
from statements.domain.parties import Addressee
from statements.selectors.documents import addressee_of, processing_fee
from statements.selectors.lender import lender_of, the_lender
from users.domain.callers import SYSTEM, Caller
from users.selectors import borrower_for

_NUMBER_LETTERS = 10


def offered_key_facts(
    *,
    product_code: str,
    amount_paise: int,
    tenure_months: int,
    user_id: str | None,
    today: date,
    caller: Caller = SYSTEM,
) -> KeyFacts:
    """Return the Key Facts Statement of a loan as it would be paid out today.

    Raises what `quote` raises, and `LenderNotConfigured`. The proposal number is made from what is
    offered, to whom and when: the same offer has the same number, another one another.
    """
    the_lender()  # refuse before anything is read
    priced = quote(
        product_code=product_code,
        amount_paise=amount_paise,
        tenure_months=tenure_months,
        user_id=user_id,
        as_of=today,
        caller=caller,
    )
    addressee = None if user_id is None else addressee_of(borrower_for(caller, user_id))
    credit = credit_of_offer(priced.offer)
    issued_on = priced.offer.terms.disbursed_on
    number = _proposal_number(credit, product_code, addressee)
    return KeyFacts(
        number=f"KFS-{number}",
        proposal_number=number,
        issued_on=issued_on,
        valid_until=offer_valid_until(issued_on, settings.LENDER_HOLIDAYS),
        lender=lender_of(priced.offer.product),
        addressee=addressee,
        credit=credit,
    )


def credit_of_offer(offer: Offer) -> Credit:
    """Return an offer as documents disclose it."""
    return Credit(
        product=offer.product.name,
        terms=offer.terms,
        schedule=offer.schedule,
        fees=processing_fee(
            offer.processing_fee_paise,
            gst_paise=offer.fee_gst_paise,
            collection=offer.fee_collection,
        ),
        apr_bps=offer.apr_bps,
    )


def _proposal_number(credit: Credit, product_code: str, addressee: Addressee | None) -> str:
    """Return the offer's date and fifty bits of the digest of all that it says."""
    said = repr((product_code, credit.terms, credit.schedule, credit.fees, addressee))
    digest = base64.b32encode(hashlib.sha256(said.encode()).digest()).decode()
    return f"OF-{credit.terms.disbursed_on:%Y%m%d}-{digest[:_NUMBER_LETTERS]}"
