"""What forms share that show a change of a loan first, and make it once it was seen."""

from django import forms
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget, UnfoldBooleanWidget

from bright_credit.common.admin.fields import RupeesFormField
from loan.models import Payment


class SeenForm(forms.Form):
    """Whether it has been seen what changes."""

    confirmed = forms.BooleanField(
        label="I have seen what changes",
        required=False,
        widget=UnfoldBooleanWidget,
        help_text="Without it, what changes is shown and nothing is written.",
    )


class MoneyForm(SeenForm):
    """Money received now, by which method and under which reference."""

    payment_method = forms.ChoiceField(
        label="Method", choices=Payment.Method.choices, widget=UnfoldAdminSelectWidget
    )
    reference_id = forms.RegexField(
        r"\A[A-Za-z0-9][A-Za-z0-9._/:-]*\Z",
        label="Reference",
        max_length=64,
        widget=UnfoldAdminTextInputWidget,
    )


class AmountForm(MoneyForm):
    """Money received now, and how much."""

    amount = RupeesFormField(label="Amount", help_text="In rupees, more than zero.")

    def clean_amount(self) -> int:
        """Return the amount in paise."""
        paise: int = self.cleaned_data["amount"]
        if paise == 0:
            raise forms.ValidationError("The amount must be more than zero.")
        return paise
