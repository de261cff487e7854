"""What callers may send."""

from bright_credit.common.api.fields import (
    CleanCharField,
    PercentField,
    RupeesField,
    StrictBooleanField,
    StrictChoiceField,
    StrictDateField,
    StrictIntegerField,
)
from bright_credit.common.api.pagination import PageQuery
from bright_credit.common.api.serializers import StrictSerializer
from loan.models import Loan, LoanApplication, Payment

_REFERENCE = r"[A-Za-z0-9][A-Za-z0-9._/:-]*"
_REFERENCE_WORDS = "Must be letters, digits and . _ / : - only, not starting with a sign."
_BOUNCED = "The bank returned it: the bounce charge of the loan's terms is levied, with GST."


def _tenure() -> StrictIntegerField:
    return StrictIntegerField(min_value=1, max_value=360, help_text="Number of instalments.")


class QuoteRequest(StrictSerializer):
    """A loan to be priced; with a borrower at the borrower's rate, else at the indicative one."""

    product = CleanCharField(max_length=40)
    amount = RupeesField()
    tenure_months = _tenure()
    user_id = CleanCharField(max_length=30, required=False)


class ApplyRequest(StrictSerializer):
    """A loan applied for."""

    user_id = CleanCharField(max_length=30)
    product = CleanCharField(max_length=40)
    amount = RupeesField()
    tenure_months = _tenure()
    purpose = StrictChoiceField(choices=LoanApplication.Purpose.choices)


def _reference() -> CleanCharField:
    return CleanCharField(
        max_length=64,
        pattern=_REFERENCE,
        pattern_words=_REFERENCE_WORDS,
    )


class PaymentRequest(StrictSerializer):
    """Money received for a loan. The reference is the payer's proof (a UTR, a UPI reference)."""

    loan_id = CleanCharField(max_length=30)
    amount = RupeesField()
    value_date = StrictDateField(
        required=False,
        help_text="The day the money came, when that is earlier than today (default: today).",
    )
    payment_method = StrictChoiceField(choices=Payment.Method.choices)
    reference_id = _reference()


class PrepaymentRequest(StrictSerializer):
    """A part of the loan repaid early, today, after everything that is due."""

    amount = RupeesField()
    reduce = StrictChoiceField(
        choices=["TENURE", "EMI"],
        help_text="TENURE keeps the instalment and ends earlier; EMI keeps the last due date.",
    )
    payment_method = StrictChoiceField(choices=Payment.Method.choices)
    reference_id = _reference()


class ForeclosureQuoteQuery(StrictSerializer):
    """The day on which the loan is to be closed."""

    on = StrictDateField(required=False, help_text="Today (the default), or up to 31 days later.")


class ForeclosureRequest(StrictSerializer):
    """Exactly what closes the loan today."""

    amount = RupeesField()
    quoted_on = StrictDateField(
        required=False, help_text="The day that the quote was for: it is valid on that day only."
    )
    payment_method = StrictChoiceField(choices=Payment.Method.choices)
    reference_id = _reference()


class CancellationQuoteQuery(StrictSerializer):
    """The day on which the loan is to be given back."""

    on = StrictDateField(required=False, help_text="Today by default.")


class CancellationRequest(ForeclosureRequest):
    """Exactly what gives the loan back today."""


class ReversalRequest(StrictSerializer):
    """Why a payment is taken back: a returned mandate, a bounced cheque, the wrong loan."""

    reason = CleanCharField(max_length=200)
    bounced = StrictBooleanField(required=False, help_text=_BOUNCED)


class ReversalPreviewRequest(StrictSerializer):
    """A payment that would be taken back."""

    bounced = StrictBooleanField(required=False, help_text=_BOUNCED)


class ChargeRequest(StrictSerializer):
    """A charge that a person puts on a loan; GST comes on top of the amount."""

    charge = CleanCharField(
        max_length=40,
        pattern=_REFERENCE,
        pattern_words=_REFERENCE_WORDS,
        help_text="Its name, once in the loan.",
    )
    amount = RupeesField(help_text="Without GST, which comes on top.")
    reason = CleanCharField(max_length=200)


class WaiverPreviewRequest(StrictSerializer):
    """A charge that would be waived."""

    amount = RupeesField(required=False, help_text="Default: all that is unpaid of it.")


class WaiverRequest(WaiverPreviewRequest):
    """A charge, or a part of it, that the borrower need not pay, and why."""

    reason = CleanCharField(max_length=200)


class RefundPreviewRequest(StrictSerializer):
    """Money beyond everything owed that would be paid back."""

    amount = RupeesField()


class RefundRequest(RefundPreviewRequest):
    """Money beyond everything owed that is paid back. The reference is that of the transfer."""

    reference_id = CleanCharField(max_length=64, pattern=_REFERENCE, pattern_words=_REFERENCE_WORDS)
    reason = CleanCharField(max_length=200, required=False)


class RateChangeRequest(StrictSerializer):
    """Another yearly rate, from today or a later day on."""

    interest_rate = PercentField(max_bps=6_000, help_text="Per cent a year.")
    from_date = StrictDateField(required=False, help_text="Today by default.")
    keep = StrictChoiceField(
        choices=["TENURE", "EMI"],
        help_text="TENURE: the instalment changes. EMI: their number does.",
    )
    restructuring = StrictBooleanField(
        required=False,
        help_text="The borrower is in financial difficulty: the loan is marked and downgraded.",
    )
    reason = CleanCharField(max_length=200)


class WriteOffRequest(StrictSerializer):
    """How a loan leaves the books, and why."""

    kind = StrictChoiceField(
        choices=["TECHNICAL", "FULL"],
        help_text="TECHNICAL: the claim is kept. FULL: it is given up.",
    )
    reason = CleanCharField(max_length=200)


class ClassMarkRequest(StrictSerializer):
    """As what a borrower is marked, or that the mark is lifted, and why."""

    mark = StrictChoiceField(
        choices=["SUBSTANDARD", "DOUBTFUL_1", "DOUBTFUL_2", "DOUBTFUL_3", "LOSS", "LIFTED"],
        help_text="A class worse than the borrower's. LIFTED: it is again what the loans give.",
    )
    from_date = StrictDateField(
        required=False, help_text="The open business date, to make sure of it; no other is taken."
    )
    reason = CleanCharField(max_length=200)


class SettlementRequest(StrictSerializer):
    """What was agreed and paid of a loan, and why the rest is given up."""

    amount = RupeesField()
    payment_method = StrictChoiceField(choices=Payment.Method.choices)
    reference_id = CleanCharField(max_length=64, pattern=_REFERENCE, pattern_words=_REFERENCE_WORDS)
    reason = CleanCharField(max_length=200)


class LoanListQuery(PageQuery):
    """Whose loans to list, and which of them."""

    user_id = CleanCharField(max_length=30, help_text="Such as BC-USER-009.")
    status = StrictChoiceField(
        choices=Loan.Status.choices, required=False, help_text="As the loan stands today."
    )
    product = CleanCharField(max_length=40, required=False, help_text="The product's code.")
    disbursed_from = StrictDateField(required=False, help_text="Paid out on this day or later.")
    disbursed_to = StrictDateField(required=False, help_text="Paid out on this day or before.")
