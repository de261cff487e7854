"""The button of a loan's page that marks its borrower as of a worse class, or lifts the mark."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from unfold.widgets import UnfoldAdminSelectWidget

from bright_credit.common import business_day
from bright_credit.common.admin.theme import button
from loan.admin.change_forms import SeenForm
from loan.admin.reasons import ReasonForm
from loan.admin.write_offs import ask_for, loan_of
from loan.domain.asset_class import AssetClass
from loan.services.approvals.kinds import class_mark
from loan.services.class_marks import LIFTED, MarkOrder, mark_class
from loan.services.happening import Author


class ClassMarkForm(ReasonForm, SeenForm):
    """As what the borrower is marked."""

    mark = forms.ChoiceField(
        label="The borrower, with all loans,",
        choices=[
            *((member.value, f"Is {member.value}") for member in AssetClass if member.is_npa),
            (LIFTED, "Is what the loans give: the mark is lifted"),
        ],
        initial=AssetClass.LOSS.value,
        widget=UnfoldAdminSelectWidget,
        help_text="A class worse than it is of now, from the open business date on.",
    )

    field_order = ("mark", "reason", "confirmed")


class MarksClass:
    """The button, for the admin of loans. A second person then approves what is asked for."""

    def has_mark_class_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the person may ask for borrowers to be marked."""
        return request.user.has_perm("loan.change_loan")

    @button("Mark class", path="mark-class", permission="mark_class", icon="flag", danger=True)
    def mark_class_of_it(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show what a mark would change; then ask for it."""
        loan, form = loan_of(self, request, object_id), ClassMarkForm(request.POST or None)

        def order() -> MarkOrder:
            return MarkOrder.named(loan.public_id, form.cleaned_data["mark"])

        return ask_for(
            self,
            request,
            loan,
            form,
            title=f"Mark the class of {loan}",
            show=lambda: mark_class(order(), as_of=business_day.today(), by=Author(), preview=True),
            want=lambda: class_mark(order()),
        )
