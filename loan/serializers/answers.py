"""What is answered: amounts in rupees, rates in per cent."""

from typing import Any

from rest_framework import serializers

from bright_credit.common.api.fields import PercentField, RupeesField, percent_out, rupees_out
from bright_credit.common.api.pagination import PageAnswer
from bright_credit.common.api.serializers import Answer

#: Of figures that are the loan's own, in the answer to an application that led to none.
_WITHOUT_LOAN: dict[str, Any] = {"default": None, "allow_null": True}

_COLLECTION = (
    "How the processing fee is collected. NETTED: deducted from the payout. PAID: the payout is "
    "whole, and the fee is a charge of the loan."
)


class ScheduleRow(Answer):
    """One instalment of a schedule."""

    number = serializers.IntegerField()
    due_date = serializers.DateField()
    amount = rupees_out("total_paise")
    principal = rupees_out("principal_paise")
    interest = rupees_out("interest_paise")
    opening_principal = rupees_out("opening_principal_paise")


class ConventionsAnswer(Answer):
    """How a loan is reckoned, and what becomes of its first periods."""

    frequency = serializers.CharField(help_text="MONTHLY, QUARTERLY, FORTNIGHTLY or WEEKLY.")
    day_count = serializers.CharField()
    due_day = serializers.IntegerField(
        allow_null=True, help_text="The agreed day of the month; none when repaid by weeks."
    )
    broken_period_interest = serializers.CharField(
        help_text="NONE, UPFRONT or WITH_FIRST_INSTALMENT."
    )
    principal_moratorium_periods = serializers.IntegerField()
    interest_moratorium_periods = serializers.IntegerField()
    moratorium_interest = serializers.CharField(
        help_text="WITH_FIRST_INSTALMENT, WITH_LAST_INSTALMENT or CAPITALISED."
    )


class QuoteAnswer(Answer):
    """A priced loan. Nothing was written."""

    product = serializers.CharField(source="offer.product.code")
    amount = rupees_out("offer.terms.principal_paise")
    tenure_months = serializers.IntegerField(source="offer.terms.tenure_months")
    rate_basis = serializers.ChoiceField(choices=["INDICATIVE", "CREDIT_SCORE"])
    interest_rate = percent_out("offer.terms.annual_rate_bps", help_text="Per cent a year.")
    interest_method = serializers.CharField(source="offer.terms.interest_method")
    conventions = ConventionsAnswer(source="offer.terms")
    emi = rupees_out(
        "offer.instalment_paise", help_text="The regular instalment; see the schedule for each."
    )
    apr = percent_out("offer.apr_bps", help_text="Yearly cost of credit with fees and GST on them.")
    processing_fee = rupees_out("offer.processing_fee_paise")
    fee_gst = rupees_out("offer.fee_gst_paise")
    fee_collection = serializers.CharField(source="offer.fee_collection", help_text=_COLLECTION)
    broken_period_interest = rupees_out(
        "offer.plan.broken_interest_paise",
        help_text="Of the days before the first whole period; within the first instalment, or "
        "kept back, as the conventions say.",
    )
    upfront_interest = rupees_out(
        "offer.plan.upfront_interest_paise",
        help_text="The broken period's interest as far as it is kept back.",
    )
    moratorium_interest = rupees_out(
        "offer.plan.moratorium_interest_paise",
        help_text="Of the periods in which nothing is paid; collected later, or capitalised.",
    )
    capitalised_interest = rupees_out(
        "offer.plan.capitalised_interest_paise",
        help_text="The moratorium's interest as far as it becomes principal.",
    )
    capitalises_on = serializers.DateField(source="offer.plan.capitalised_on", allow_null=True)
    net_disbursed = rupees_out("offer.net_disbursed_paise")
    total_interest = rupees_out("offer.total_interest_paise")
    total_cost = rupees_out("offer.total_cost_paise")
    total_payable = rupees_out("offer.total_payable_paise")
    first_due_date = serializers.DateField(source="offer.terms.first_due_date")
    schedule = ScheduleRow(many=True, source="offer.schedule")


class ReasonAnswer(Answer):
    """A reason of a decision, and what would change it."""

    code = serializers.CharField()
    text = serializers.CharField()
    remedy = serializers.CharField()


class CounterOfferAnswer(Answer):
    """What could be lent instead."""

    amount = RupeesField(source="amount_paise", read_only=True)
    tenure_months = serializers.IntegerField()
    interest_rate = PercentField(source="annual_rate_bps", read_only=True)
    emi = RupeesField(source="instalment_paise", read_only=True)
    needs_review = serializers.BooleanField(help_text="A person would still have to decide.")


class ApplicationAnswer(Answer):
    """A decided application; the loan's own figures are there when it was approved."""

    application_id = serializers.CharField(source="application.public_id")
    user_id = serializers.CharField(source="application.borrower.public_id")
    product = serializers.CharField(source="application.product_id")
    amount = rupees_out("application.amount_paise")
    tenure_months = serializers.IntegerField(source="application.tenure_months")
    purpose = serializers.CharField(source="application.purpose")
    status = serializers.ChoiceField(
        source="application.status", choices=["APPROVED", "REFERRED", "REJECTED"]
    )
    reasons = ReasonAnswer(many=True, source="application.reasons")
    counter_offer = CounterOfferAnswer(source="application.counter_offer", allow_null=True)
    interest_rate = percent_out("application.annual_rate_bps", allow_null=True)
    emi = RupeesField(
        source="instalment_paise",
        allow_null=True,
        read_only=True,
        help_text="The loan's regular instalment, or the one the request was judged by.",
    )
    loan_id = serializers.CharField(source="loan.public_id", **_WITHOUT_LOAN)
    apr = percent_out("loan.apr_bps", **_WITHOUT_LOAN)
    processing_fee = rupees_out("loan.processing_fee_paise", **_WITHOUT_LOAN)
    fee_gst = rupees_out("loan.fee_gst_paise", **_WITHOUT_LOAN)
    fee_collection = serializers.CharField(
        source="loan.fee_collection", help_text=_COLLECTION, **_WITHOUT_LOAN
    )
    conventions = ConventionsAnswer(source="loan", **_WITHOUT_LOAN)
    broken_period_interest = rupees_out("loan.broken_interest_paise", **_WITHOUT_LOAN)
    upfront_interest = rupees_out("loan.upfront_interest_paise", **_WITHOUT_LOAN)
    moratorium_interest = rupees_out("loan.moratorium_interest_paise", **_WITHOUT_LOAN)
    capitalises_on = serializers.DateField(source="loan.capitalises_on", **_WITHOUT_LOAN)
    net_disbursed = rupees_out("loan.net_disbursed_paise", **_WITHOUT_LOAN)
    disbursed_on = serializers.DateField(source="loan.disbursed_on", **_WITHOUT_LOAN)
    first_due_date = serializers.DateField(source="loan.first_due_date", **_WITHOUT_LOAN)
    schedule = ScheduleRow(many=True)


class AllocationRow(Answer):
    """What one part of a payment met: an instalment, or a charge."""

    instalment = serializers.IntegerField(source="instalment_number", allow_null=True)
    charge = serializers.CharField(source="charge_key", allow_null=True)
    principal = rupees_out("principal_paise")
    interest = rupees_out("interest_paise")
    charge_amount = rupees_out("charge_paise")


class AllocationTotals(Answer):
    """How a payment was allocated; the six parts add up to its amount."""

    interest = rupees_out("interest_paise")
    principal = rupees_out("principal_paise")
    charges = rupees_out("charges_paise")
    penal_charges = rupees_out("penal_paise")
    advance = RupeesField(
        source="advance_paise", read_only=True, help_text="Held for the next due dates."
    )
    excess = RupeesField(
        source="excess_paise",
        read_only=True,
        help_text="Above everything owed: refundable.",
    )


class PaymentAnswer(Answer):
    """A posted payment, and what it paid."""

    payment_id = serializers.IntegerField(source="payment.pk")
    loan_id = serializers.CharField(source="payment.loan.public_id")
    reference_id = serializers.CharField(source="payment.reference_id")
    payment_method = serializers.CharField(source="payment.payment_method")
    amount = rupees_out("payment.amount_paise")
    value_date = serializers.DateField(source="payment.value_date")
    allocation = AllocationTotals(source="payment")
    lines = AllocationRow(many=True)
    outstanding = RupeesField(
        source="payment.principal_outstanding_after_paise",
        read_only=True,
        help_text="Principal outstanding after this payment.",
    )
    loan_status = serializers.CharField(source="payment.loan_status_after")


class LoanAnswer(Answer):
    """A loan in a list."""

    loan_id = serializers.CharField(source="public_id")
    user_id = serializers.CharField(source="borrower.public_id")
    product = serializers.CharField(source="product_id")
    status = serializers.CharField()
    amount = rupees_out("principal_paise")
    tenure_months = serializers.IntegerField()
    interest_rate = percent_out("annual_rate_bps")
    interest_method = serializers.CharField()
    emi = rupees_out("instalment_paise")
    apr = percent_out("apr_bps")
    disbursed_on = serializers.DateField()
    first_due_date = serializers.DateField()
    principal_paid = rupees_out("principal_paid_paise")
    interest_paid = rupees_out("interest_paid_paise")
    outstanding = rupees_out("principal_outstanding_paise")
    advance = rupees_out("advance_paise")
    excess = rupees_out("excess_paise")
    oldest_unpaid_due_date = serializers.DateField(allow_null=True)
    npa_since = serializers.DateField(
        source="non_performing_since",
        allow_null=True,
        help_text="Since when the borrower, with all loans, is non-performing.",
    )
    restructured_on = serializers.DateField(
        allow_null=True, help_text="Terms changed for the borrower's financial difficulty."
    )
    closed_on = serializers.DateField(allow_null=True)


class LoanPage(PageAnswer):
    """A page of loans, newest first."""

    results = LoanAnswer(many=True)


class LoanDetailAnswer(LoanAnswer):
    """A loan with its schedule and where it stands today."""

    as_of = serializers.DateField(source="standing.as_of")
    days_past_due = serializers.IntegerField(source="standing.days_past_due")
    bucket = serializers.CharField(source="standing.bucket")
    asset_class = serializers.CharField(source="standing.asset_class")
    due = rupees_out("standing.due_paise")
    overdue = rupees_out("standing.overdue_paise")
    processing_fee = rupees_out("processing_fee_paise")
    fee_gst = rupees_out("fee_gst_paise")
    fee_collection = serializers.CharField(help_text=_COLLECTION)
    conventions = ConventionsAnswer(source="*")
    broken_period_interest = rupees_out("broken_interest_paise")
    upfront_interest = rupees_out("upfront_interest_paise")
    moratorium_interest = rupees_out("moratorium_interest_paise")
    capitalised_interest = rupees_out("capitalised_paise")
    capitalises_on = serializers.DateField(allow_null=True)
    holiday_interest = rupees_out(
        "holiday_interest_paise", help_text="Becomes principal when an agreed holiday ends."
    )
    holiday_ends_on = serializers.DateField(allow_null=True)
    net_disbursed = rupees_out("net_disbursed_paise")
    schedule = ScheduleRow(many=True)
