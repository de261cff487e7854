"""Buttons of a loan's page that take it off the books, or settle it: see what changes first."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from unfold.widgets import UnfoldAdminSelectWidget

from bright_credit.common import business_day
from bright_credit.common.admin.pages import attempt, form_page
from bright_credit.common.admin.panels import Panel
from bright_credit.common.admin.theme import button
from loan.admin.change_forms import AmountForm, SeenForm
from loan.admin.change_panels import change_panels
from loan.admin.proposing import propose
from loan.admin.reasons import ReasonForm
from loan.domain.events import WriteOffKind
from loan.services.approvals.kinds import Change, Wanted, settlement, write_off_of
from loan.services.happening import Author
from loan.services.payments import PaymentOrder
from loan.services.writing_off import preview_settlement, write_off


class WriteOffForm(ReasonForm, SeenForm):
    """What becomes of the claim."""

    kind = forms.ChoiceField(
        label="The claim on the borrower",
        choices=[
            (WriteOffKind.TECHNICAL, "Is kept: what is paid of it is a recovery"),
            (WriteOffKind.FULL, "Is given up"),
        ],
        widget=UnfoldAdminSelectWidget,
    )

    field_order = ("kind", "reason", "confirmed")


class SettlementForm(ReasonForm, AmountForm):
    """What was agreed and paid."""

    field_order = ("amount", "payment_method", "reference_id", "reason", "confirmed")


class WritesOff:
    """The two buttons, for the admin of loans. A second person then approves what is asked for."""

    def has_write_off_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the person may ask for loans to be taken off the books."""
        return request.user.has_perm("loan.change_loan")

    @button("Write off", path="write-off", permission="write_off", icon="delete", danger=True)
    def write_off_it(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show what a write-off would change; then ask for it."""
        loan, form = loan_of(self, request, object_id), WriteOffForm(request.POST or None)

        def kind() -> WriteOffKind:
            return WriteOffKind(form.cleaned_data["kind"])

        return ask_for(
            self,
            request,
            loan,
            form,
            title=f"Write {loan} off",
            show=lambda: write_off(
                loan.public_id, kind(), as_of=business_day.today(), by=Author(), preview=True
            ),
            want=lambda: write_off_of(loan.public_id, kind()),
        )

    @button("Settle", path="settle", permission="write_off", icon="handshake", danger=True)
    def settle_it(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show what a settlement would change; then ask for it."""
        loan, form = loan_of(self, request, object_id), SettlementForm(request.POST or None)

        def order() -> PaymentOrder:
            return PaymentOrder(
                loan_id=loan.public_id,
                amount_paise=form.cleaned_data["amount"],
                payment_method=form.cleaned_data["payment_method"],
                reference_id=form.cleaned_data["reference_id"],
            )

        return ask_for(
            self,
            request,
            loan,
            form,
            title=f"Settle {loan}",
            show=lambda: preview_settlement(order(), as_of=business_day.today()),
            want=lambda: settlement(order()),
        )


def loan_of(admin: Any, request: HttpRequest, object_id: str) -> Any:
    """Return the loan of a page, or say that there is none."""
    loan = admin.get_object(request, object_id)
    if loan is None:
        raise Http404
    return loan


def ask_for(
    admin: Any,
    request: HttpRequest,
    loan: Any,
    form: ReasonForm,
    *,
    title: str,
    show: Callable[[], Change],
    want: Callable[[], Wanted],
) -> HttpResponse:
    """Return the form, with what would change once it is filled in; ask for it once confirmed."""
    shown: list[Panel] = []
    back = reverse("admin:loan_loan_change", args=[loan.pk])
    if request.method == "POST" and form.is_valid():
        if form.cleaned_data["confirmed"]:
            if propose(request, want, reason=form.cleaned_data["reason"]) is not None:
                admin.log_change(request, loan, f"{title}: asked for")
                return HttpResponseRedirect(back)
        else:
            seen = attempt(request, show)
            if seen is not None and seen.comparison is not None:
                shown = list(change_panels(seen.comparison))
    return form_page(
        request,
        admin.admin_site,
        opts=admin.opts,
        title=title,
        submit="Go on",
        back=back,
        form=form,
        panels=shown,
        danger=True,
    )
