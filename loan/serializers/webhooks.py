"""What partners are told by webhook, for the description of the API.

Messages are made by `loan.services.announcing` and, for the billing run, by SQL; a test holds both
against these forms.
"""

from typing import Any, Final

from drf_spectacular.utils import OpenApiResponse, OpenApiWebhook, extend_schema
from rest_framework import serializers

from bright_credit.common.api.fields import percent_out, rupees_out
from users.domain.webhooks import EVENT_WORDS, EventType


class _AboutALoan(serializers.Serializer[Any]):
    """Whose loan it is about."""

    loan_id = serializers.CharField()
    user_id = serializers.CharField()


class ApplicationDecidedData(serializers.Serializer[Any]):
    """A decided application. `reasons` are codes; `loan_id` is there when it was approved."""

    application_id = serializers.CharField()
    user_id = serializers.CharField()
    product = serializers.CharField()
    amount = rupees_out("amount_paise")
    tenure_months = serializers.IntegerField()
    status = serializers.CharField(help_text="APPROVED or REJECTED.")
    reasons = serializers.ListField(child=serializers.CharField())
    loan_id = serializers.CharField(allow_null=True)


class LoanDisbursedData(_AboutALoan):
    """A loan that was paid out."""

    application_id = serializers.CharField()
    product = serializers.CharField()
    amount = rupees_out("amount_paise")
    processing_fee = rupees_out("processing_fee_paise")
    fee_gst = rupees_out("fee_gst_paise")
    fee_collection = serializers.CharField(
        default="NETTED",
        help_text="NETTED: deducted from the payout. PAID: by the borrower, apart.",
    )
    interest_rate = percent_out("interest_rate_bps", help_text="Per cent a year.")
    tenure_months = serializers.IntegerField()
    emi = rupees_out("emi_paise")
    disbursed_on = serializers.DateField()
    first_due_date = serializers.DateField()


class InstalmentDueData(_AboutALoan):
    """A bill: an EMI that came due."""

    instalment_number = serializers.IntegerField()
    due_date = serializers.DateField()
    amount = rupees_out("amount_paise")
    principal = rupees_out("principal_paise")
    interest = rupees_out("interest_paise")


class _AboutAPayment(_AboutALoan):
    """Which payment it is about."""

    payment_id = serializers.IntegerField()
    reference_id = serializers.CharField()
    amount = rupees_out("amount_paise")


class PaymentPostedData(_AboutAPayment):
    """A payment with its allocation."""

    payment_method = serializers.CharField()
    value_date = serializers.DateField()
    interest = rupees_out("interest_paise")
    principal = rupees_out("principal_paise")
    charges = rupees_out("charges_paise")
    penal = rupees_out("penal_paise")
    advance = rupees_out("advance_paise")
    excess = rupees_out("excess_paise")
    principal_outstanding = rupees_out("principal_outstanding_paise")
    loan_status = serializers.CharField()


class PaymentReversedData(_AboutAPayment):
    """A payment taken back, and where that leaves the loan."""

    reversed_on = serializers.DateField()
    principal_outstanding = rupees_out("principal_outstanding_paise")
    oldest_unpaid_due_date = serializers.DateField(
        allow_null=True, help_text="Overdue when it is past; it may lie in the future."
    )
    loan_status = serializers.CharField()


class LoanOverdueData(_AboutALoan):
    """The oldest unpaid EMI of a loan, at the end of its due date."""

    instalment_number = serializers.IntegerField()
    due_date = serializers.DateField()
    overdue = rupees_out("overdue_paise", help_text="What is unpaid of it.")


class LoanClosedData(_AboutALoan):
    """A loan repaid to its end."""

    closed_on = serializers.DateField()


DATA: Final[dict[EventType, type[serializers.Serializer[Any]]]] = {
    EventType.APPLICATION_DECIDED: ApplicationDecidedData,
    EventType.LOAN_DISBURSED: LoanDisbursedData,
    EventType.INSTALMENT_DUE: InstalmentDueData,
    EventType.PAYMENT_POSTED: PaymentPostedData,
    EventType.PAYMENT_REVERSED: PaymentReversedData,
    EventType.LOAN_OVERDUE: LoanOverdueData,
    EventType.LOAN_CLOSED: LoanClosedData,
}


def _described(event: EventType) -> OpenApiWebhook:
    """Return the description of one event's message."""
    data = DATA[event]
    message = type(
        data.__name__.removesuffix("Data") + "Message",
        (serializers.Serializer,),
        {
            "__doc__": "A message, signed in the header `webhook-signature`.",
            "id": serializers.CharField(help_text="The same at every attempt; also `webhook-id`."),
            "type": serializers.ChoiceField(choices=[event.value]),
            "timestamp": serializers.DateTimeField(help_text="When it happened."),
            "sequence": serializers.IntegerField(
                help_text="Grows; messages may arrive in another order."
            ),
            "data": data(),
        },
    )
    words = EVENT_WORDS[event]
    return OpenApiWebhook(
        name=event.value,
        decorator=extend_schema(
            summary=words[0].upper() + words[1:],
            description="Sent to the endpoints that asked for it, until one of 2xx is answered.",
            tags=["webhooks"],
            request={"application/json": message},
            responses={"2XX": OpenApiResponse(description="Taken. The body is not read.")},
        ),
    )


APPLICATION_DECIDED = _described(EventType.APPLICATION_DECIDED)
LOAN_DISBURSED = _described(EventType.LOAN_DISBURSED)
INSTALMENT_DUE = _described(EventType.INSTALMENT_DUE)
PAYMENT_POSTED = _described(EventType.PAYMENT_POSTED)
PAYMENT_REVERSED = _described(EventType.PAYMENT_REVERSED)
LOAN_OVERDUE = _described(EventType.LOAN_OVERDUE)
LOAN_CLOSED = _described(EventType.LOAN_CLOSED)
