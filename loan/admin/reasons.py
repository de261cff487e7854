"""The forms that ask for the reason of what cannot be undone."""

from django import forms
from unfold.widgets import (
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from bright_credit.common.admin.fields import RupeesFormField


class ReasonForm(forms.Form):
    """Why a person does what cannot be undone."""

    reason = forms.CharField(
        label="Reason",
        max_length=200,
        widget=UnfoldAdminTextareaWidget({"rows": 3}),
        help_text="Kept with the event for good, with your name. At most 200 characters.",
    )


class ReversalForm(ReasonForm):
    """Why a payment is taken back, and whether that costs the borrower the bounce charge."""

    bounced = forms.BooleanField(
        label="The bank returned it: levy the bounce charge of the loan's terms, with GST",
        required=False,
        widget=UnfoldBooleanWidget,
    )


class WaiverForm(ReasonForm):
    """How much of a charge is waived, and why."""

    amount = RupeesFormField(
        label="Amount", required=False, help_text="In rupees. Empty: all that is unpaid."
    )


class RefundForm(forms.Form):
    """How much excess went back, and by which transfer."""

    amount = RupeesFormField(label="Amount", help_text="In rupees, at most what is held as excess.")
    reference_id = forms.RegexField(
        r"^[A-Za-z0-9][A-Za-z0-9._/:-]*$",
        label="Reference of the transfer",
        max_length=64,
        widget=UnfoldAdminTextInputWidget,
        help_text="Letters, digits and . _ / : - only; used once.",
    )
    reason = forms.CharField(
        label="Reason",
        max_length=200,
        required=False,
        widget=UnfoldAdminTextareaWidget({"rows": 3}),
        help_text="Kept with the event for good, with your name. At most 200 characters.",
    )
