"""The form of documents: what each says, amounts in rupees, rates in per cent."""

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from bright_credit.common.api.fields import (
    CleanCharField,
    RupeesField,
    StrictChoiceField,
    StrictDateField,
    percent_out,
    rupees_out,
)
from bright_credit.common.api.serializers import StrictSerializer
from bright_credit.common.money import rupees
from statements.domain.credit import Credit, Payee
from statements.selectors.document_list import ListedDocument

FORMATS = ("json", "pdf")


class DocumentQuery(StrictSerializer):
    """As what to answer; without it the `Accept` header decides."""

    format = StrictChoiceField(choices=FORMATS, required=False)


class StatementDocumentQuery(DocumentQuery):
    """As of which day."""

    as_of = StrictDateField(required=False)


class ForeclosureLetterQuery(DocumentQuery):
    """For which day."""

    on = StrictDateField(required=False, help_text="Today (the default), or up to 31 days later.")


class InterestCertificateQuery(DocumentQuery):
    """Which financial year."""

    financial_year = CleanCharField(max_length=7)


class GrievanceOfficerAnswer(serializers.Serializer[Any]):
    """Whom a borrower turns to with a complaint."""

    name = serializers.CharField()
    phone = serializers.CharField()
    email = serializers.CharField()


class LenderAnswer(serializers.Serializer[Any]):
    """The lender."""

    name = serializers.CharField()
    address = serializers.CharField()
    registration = serializers.CharField(help_text="The RBI certificate of registration.")
    cin = serializers.CharField()
    gstin = serializers.CharField()
    phone = serializers.CharField()
    email = serializers.CharField()
    website = serializers.CharField()
    grievance_officer = GrievanceOfficerAnswer()


class AddresseeAnswer(serializers.Serializer[Any]):
    """The borrower."""

    user_id = serializers.CharField()
    name = serializers.CharField()
    email = serializers.CharField()


class FeeAnswer(serializers.Serializer[Any]):
    """A fee due once, at the disbursement."""

    name = serializers.CharField()
    payee = serializers.CharField(help_text="LENDER (A) or THIRD_PARTY (B).")
    amount = rupees_out("amount_paise")
    gst = rupees_out("gst_paise")
    collection = serializers.CharField(
        help_text="NETTED: deducted from the payout. PAID: by the borrower, apart."
    )


class ContingentChargeAnswer(serializers.Serializer[Any]):
    """A charge that only comes if something happens; without an amount there is none."""

    name = serializers.CharField()
    amount = RupeesField(source="amount_paise", read_only=True, allow_null=True)
    text = serializers.CharField()


class AmortisationRow(serializers.Serializer[Any]):
    """A row of the amortisation schedule, in the columns of Annex C."""

    number = serializers.IntegerField()
    due_date = serializers.DateField()
    outstanding_principal = rupees_out("opening_principal_paise")
    principal = rupees_out("principal_paise")
    interest = rupees_out("interest_paise")
    instalment = rupees_out("total_paise")


class InstalmentsAnswer(serializers.Serializer[Any]):
    """How the loan is repaid."""

    frequency = serializers.CharField(source="terms.frequency")
    count = serializers.SerializerMethodField()
    first_amount = rupees_out("first.total_paise")
    last_amount = rupees_out("last.total_paise")
    first_due_date = serializers.DateField(source="first.due_date")
    days_to_first_due_date = serializers.IntegerField()

    @extend_schema_field({"type": "integer"})
    def get_count(self, credit: Any) -> int:
        """Return how many instalments there are."""
        return len(credit.schedule)


class CreditAnswer(serializers.Serializer[Any]):
    """The loan that a document is about."""

    product = serializers.CharField()
    amount = rupees_out("amount_paise")
    tenure_months = serializers.IntegerField(source="terms.tenure_months")
    instalments = InstalmentsAnswer(source="*")
    interest_rate = percent_out("terms.annual_rate_bps", help_text="Per cent a year.")
    interest_method = serializers.CharField(source="terms.interest_method")
    day_count = serializers.CharField(source="terms.day_count")
    interest_type = serializers.CharField(default="FIXED")
    reducing_balance_rate = percent_out(
        "reducing_rate_bps",
        help_text="What these instalments come to on the reducing balance, without fees.",
    )
    apr = percent_out("apr_bps", help_text="Yearly cost of credit with fees and GST on them.")


class AprComputation(serializers.Serializer[Any]):
    """The computation of the APR, in the rows of Annex B."""

    sanctioned_amount = rupees_out("amount_paise")
    total_interest = rupees_out("total_interest_paise")
    fees = rupees_out("fees_paise")
    fees_to_lender = serializers.SerializerMethodField()
    fees_to_third_parties = serializers.SerializerMethodField()
    fees_deducted = rupees_out("fees_deducted_paise")
    fees_paid_apart = rupees_out(
        "fees_paid_apart_paise", help_text="By the borrower, on the day of disbursement."
    )
    interest_kept_back = rupees_out("interest_kept_back_paise")
    net_disbursed = rupees_out("net_disbursed_paise")
    total_payable = rupees_out("total_payable_paise")
    apr = percent_out("apr_bps")

    @extend_schema_field(RupeesField(min_paise=0, read_only=True))
    def get_fees_to_lender(self, credit: Credit) -> object:
        """Return row 6 A."""
        return rupees(credit.fees_to(Payee.LENDER))

    @extend_schema_field(RupeesField(min_paise=0, read_only=True))
    def get_fees_to_third_parties(self, credit: Credit) -> object:
        """Return row 6 B."""
        return rupees(credit.fees_to(Payee.THIRD_PARTY))


class KeyFactsAnswer(serializers.Serializer[Any]):
    """A Key Facts Statement. `valid_until` is an offer's last day; null once it is paid out."""

    number = serializers.CharField()
    proposal_number = serializers.CharField()
    issued_on = serializers.DateField()
    valid_until = serializers.DateField(allow_null=True)
    language = serializers.CharField(default="en")
    lender = LenderAnswer()
    borrower = AddresseeAnswer(source="addressee", allow_null=True)
    loan = CreditAnswer(source="credit")
    fees = FeeAnswer(many=True, source="credit.fees")
    contingent_charges = ContingentChargeAnswer(many=True)
    cooling_off_days = serializers.IntegerField(source="lender.cooling_off_days")
    transferable = serializers.BooleanField(
        default=True, help_text="Whether the loan may be transferred or securitised."
    )
    apr_computation = AprComputation(source="credit")
    amortisation_schedule = AmortisationRow(many=True, source="credit.schedule")


class _Headed(serializers.Serializer[Any]):
    """What the documents of a loan that is paid out begin with."""

    number = serializers.CharField(source="heads.number")
    loan_id = serializers.CharField(source="heads.loan_id")
    issued_on = serializers.DateField(source="heads.issued_on")
    lender = LenderAnswer(source="heads.lender")
    borrower = AddresseeAnswer(source="heads.addressee")


class MilestoneAnswer(serializers.Serializer[Any]):
    """A class that an unpaid first instalment would lead to, and from which day-end."""

    name = serializers.CharField()
    since = serializers.DateField()


class SanctionLetterAnswer(_Headed):
    """A sanction letter."""

    application_id = serializers.CharField(allow_null=True)
    purpose = serializers.CharField(allow_null=True)
    sanctioned_on = serializers.DateField()
    loan = CreditAnswer(source="credit")
    fees = FeeAnswer(many=True, source="credit.fees")
    net_disbursed = rupees_out("credit.net_disbursed_paise")
    contingent_charges = ContingentChargeAnswer(many=True)
    if_first_instalment_stays_unpaid = MilestoneAnswer(many=True, source="milestones")
    amortisation_schedule = AmortisationRow(many=True, source="credit.schedule")


class RepaymentAnswer(serializers.Serializer[Any]):
    """What was paid of principal and interest on a day."""

    paid_on = serializers.DateField()
    principal = rupees_out("principal_paise")
    interest = rupees_out("interest_paise")


class InterestCertificateAnswer(_Headed):
    """An interest certificate; provisional while its year has not ended."""

    financial_year = serializers.CharField(source="financial_year.name")
    until = serializers.DateField()
    provisional = serializers.BooleanField(source="is_provisional")
    interest_paid = rupees_out("interest_paid_paise")
    principal_paid = rupees_out("principal_paid_paise")
    opening_principal = rupees_out("opening_principal_paise")
    disbursed_in_year = rupees_out("disbursed_in_year_paise")
    capitalised_in_year = rupees_out(
        "capitalised_in_year_paise", help_text="Interest that became principal in the year."
    )
    closing_principal = rupees_out("closing_principal_paise")
    repayments = RepaymentAnswer(many=True)


class ForeclosureLetterAnswer(_Headed):
    """What closes the loan on a day. Amounts in rupees."""

    on = serializers.DateField(source="quote.on")
    disbursed_on = serializers.DateField()
    amount_lent = rupees_out("amount_lent_paise")
    principal_outstanding = rupees_out("quote.principal_paise")
    interest_due = rupees_out("quote.interest_due_paise")
    interest_accrued = rupees_out("quote.accrued_interest_paise")
    per_diem = rupees_out("quote.per_diem_paise", help_text="Interest of one more day.")
    charges = rupees_out("quote.charges_paise")
    penal_charges = rupees_out("quote.penal_paise")
    foreclosure_charge = rupees_out("quote.closing_charge_paise")
    foreclosure_charge_gst = rupees_out("quote.closing_gst_paise")
    held = rupees_out("quote.held_paise", help_text="Taken off.")
    amount = rupees_out("quote.amount_paise", help_text="To be paid on the day.")


class NoDuesCertificateAnswer(_Headed):
    """A certificate that nothing is owed on a loan."""

    disbursed_on = serializers.DateField()
    closed_on = serializers.DateField()
    amount_lent = rupees_out("amount_lent_paise")
    principal_paid = rupees_out("principal_paid_paise")
    interest_paid = rupees_out("interest_paid_paise")
    charges_paid = rupees_out("charges_paid_paise")
    refundable = rupees_out("refundable_paise")


class ListedDocumentAnswer(serializers.Serializer[Any]):
    """A document of a loan, and where it is."""

    document = serializers.CharField()
    title = serializers.CharField()
    url = serializers.SerializerMethodField(help_text="As JSON; `format=pdf` for pages.")

    def get_url(self, listed: ListedDocument) -> str:
        """Return the document's address."""
        return address_of(listed, loan_id=self.context["loan_id"])


class DocumentListAnswer(serializers.Serializer[Any]):
    """The documents that a loan has today."""

    loan_id = serializers.CharField(source="loan.public_id")
    as_of = serializers.DateField()
    documents = ListedDocumentAnswer(many=True)


def address_of(listed: ListedDocument, *, loan_id: str, **parameters: str) -> str:
    """Return the address of a document of a loan, with further parameters if given."""
    return reverse(
        f"v1:statements:{listed.document}",
        args=[loan_id],
        query={**listed.parameters, **parameters} or None,
    )
