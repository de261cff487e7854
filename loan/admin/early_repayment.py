"""Buttons of a loan's page that repay it early: see what changes, then take the money."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from unfold.widgets import UnfoldAdminSelectWidget

from bright_credit.common import business_day
from bright_credit.common.admin.columns import day, rupees
from bright_credit.common.admin.pages import attempt, form_page
from bright_credit.common.admin.panels import Panel, facts
from bright_credit.common.admin.theme import button
from loan.admin.change_forms import AmountForm, MoneyForm
from loan.admin.change_panels import change_panels
from loan.domain.events import Towards
from loan.models import Loan
from loan.selectors.cancellation import QuotedCancellation
from loan.selectors.foreclosure import Quoted
from loan.services.early_repayment import (
    cancel,
    cancellation_quote_for,
    foreclose,
    foreclosure_quote_for,
    prepay,
    preview_cancellation,
    preview_foreclosure,
    preview_prepayment,
)
from loan.services.happening import Author
from loan.services.payments import PaymentChange, PaymentOrder


class PrepaymentForm(AmountForm):
    """A part prepayment: how much, and what it reduces."""

    reduces = forms.ChoiceField(
        label="Reduces",
        choices=[(Towards.REDUCE_TENURE, "The tenure"), (Towards.REDUCE_EMI, "The instalment")],
        widget=UnfoldAdminSelectWidget,
    )

    field_order = ("amount", "reduces", "payment_method", "reference_id", "confirmed")


class EarlyRepayment:
    """The two buttons, for the admin of loans."""

    def has_repay_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the person may take money for loans."""
        return request.user.has_perm("loan.add_payment")

    @button("Prepay a part", path="prepay", permission="repay", icon="payments")
    def prepay_it(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show what a part prepayment would change; then take it."""
        loan = _loan(self, request, object_id)
        form = PrepaymentForm(request.POST or None)

        def order() -> PaymentOrder:
            return _order(
                loan,
                form,
                amount_paise=form.cleaned_data["amount"],
                towards=Towards(form.cleaned_data["reduces"]),
            )

        return _ask(
            self,
            request,
            loan,
            form,
            title=f"Prepay a part of {loan}",
            show=lambda: preview_prepayment(order(), as_of=business_day.today()),
            do=lambda by: prepay(order(), as_of=business_day.today(), by=by),
        )

    @button("Foreclose", path="foreclose", permission="repay", icon="done_all", danger=True)
    def foreclose_it(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show what closes the loan today, and what that changes; then close it."""
        loan, form = _loan(self, request, object_id), MoneyForm(request.POST or None)
        today = business_day.today()
        quoted = attempt(
            request, lambda: foreclosure_quote_for(loan.public_id, on=None, as_of=today)
        )
        if quoted is None:
            return HttpResponseRedirect(_page_of(loan))

        def order() -> PaymentOrder:
            return _order(
                loan,
                form,
                amount_paise=quoted.quote.amount_paise,
                towards=Towards.FORECLOSURE,
            )

        return _ask(
            self,
            request,
            loan,
            form,
            title=f"Foreclose {loan}",
            panels=[quote_panel(quoted)],
            show=lambda: preview_foreclosure(order(), quoted_on=None, as_of=today),
            do=lambda by: foreclose(order(), quoted_on=None, as_of=today, by=by),
        )

    @button("Cancel", path="cancel", permission="repay", icon="undo", danger=True)
    def cancel_it(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show what gives the loan back in its cooling-off period; then take it, and close it."""
        loan, form = _loan(self, request, object_id), MoneyForm(request.POST or None)
        today = business_day.today()
        quoted = attempt(
            request, lambda: cancellation_quote_for(loan.public_id, on=None, as_of=today)
        )
        if quoted is None:
            return HttpResponseRedirect(_page_of(loan))

        def order() -> PaymentOrder:
            return _order(
                loan,
                form,
                amount_paise=quoted.quote.amount_paise,
                towards=Towards.CANCELLATION,
            )

        return _ask(
            self,
            request,
            loan,
            form,
            title=f"Cancel {loan}",
            panels=[cancellation_panel(quoted)],
            show=lambda: preview_cancellation(order(), quoted_on=None, as_of=today),
            do=lambda by: cancel(order(), quoted_on=None, as_of=today, by=by),
        )


def cancellation_panel(quoted: QuotedCancellation) -> Panel:
    """Return what gives a loan back, part by part."""
    quote = quoted.quote
    return facts(
        f"What gives the loan back on {day(quote.on)}",
        ("Cooling-off period ends", day(quote.last_day)),
        ("Principal", rupees(quote.principal_paise)),
        ("Interest of the days", rupees(quote.cancelling.interest_paise)),
        ("Charges", rupees(quote.charges_paise)),
        ("Less fee returned, with GST", rupees(quote.cancelling.returned_fee_paise)),
        ("Less interest returned", rupees(quote.cancelling.returned_interest_paise)),
        ("Less money held", rupees(quote.held_paise)),
        ("To be paid", rupees(quote.amount_paise)),
    )


def quote_panel(quoted: Quoted) -> Panel:
    """Return what closes a loan, part by part."""
    quote = quoted.quote
    return facts(
        f"What closes the loan on {day(quote.on)}",
        ("Principal outstanding", rupees(quote.principal_paise)),
        ("Interest due", rupees(quote.interest_due_paise)),
        ("Interest accrued", rupees(quote.accrued_interest_paise)),
        ("Each further day", rupees(quote.per_diem_paise)),
        ("Charges", rupees(quote.charges_paise + quote.penal_paise)),
        ("Foreclosure charge", rupees(quote.closing_charge_paise)),
        ("GST on it", rupees(quote.closing_gst_paise)),
        ("Less money held", rupees(quote.held_paise)),
        ("To be paid", rupees(quote.amount_paise)),
    )


def _ask(
    admin: Any,
    request: HttpRequest,
    loan: Loan,
    form: MoneyForm,
    *,
    title: str,
    show: Callable[[], PaymentChange],
    do: Callable[[Author], object],
    panels: list[Panel] | None = None,
) -> HttpResponse:
    """Return the form, with what would change once it is filled in; do it once confirmed."""
    shown = list(panels or ())
    if request.method == "POST" and form.is_valid():
        if form.cleaned_data["confirmed"]:
            by = Author(actor=request.user.get_username()[:80])
            if attempt(request, lambda: do(by)) is not None:
                admin.log_change(request, loan, f"{title}: {form.cleaned_data['reference_id']}")
                messages.success(request, f"{title}: done.")
                return HttpResponseRedirect(_page_of(loan))
        else:
            change = attempt(request, show)
            shown += [] if change is None else change_panels(change.comparison)
    return form_page(
        request,
        admin.admin_site,
        opts=admin.opts,
        title=title,
        submit="Go on",
        back=_page_of(loan),
        form=form,
        panels=shown,
    )


def _loan(admin: Any, request: HttpRequest, object_id: str) -> Loan:
    loan: Loan | None = admin.get_object(request, object_id)
    if loan is None:
        raise Http404
    return loan


def _order(loan: Loan, form: MoneyForm, *, amount_paise: int, towards: Towards) -> PaymentOrder:
    return PaymentOrder(
        loan_id=loan.public_id,
        amount_paise=amount_paise,
        payment_method=form.cleaned_data["payment_method"],
        reference_id=form.cleaned_data["reference_id"],
        towards=towards,
    )


def _page_of(loan: Loan) -> str:
    return reverse("admin:loan_loan_change", args=[loan.pk])
