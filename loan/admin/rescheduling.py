"""The button of a loan's page that changes its instalments: see what changes, then agree it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldBooleanWidget,
)

from bright_credit.common import business_day
from bright_credit.common.admin.pages import attempt, form_page
from bright_credit.common.admin.panels import Panel
from bright_credit.common.admin.theme import button
from loan.admin.change_forms import SeenForm
from loan.admin.change_panels import change_panels
from loan.admin.proposing import propose
from loan.admin.reasons import ReasonForm
from loan.domain.events import (
    MAX_HOLIDAY_INSTALMENTS,
    ChangeOfTerms,
    DueDay,
    Holiday,
    HolidayInterest,
    Keeping,
    Tenor,
)
from loan.domain.terms import MAX_INSTALMENTS
from loan.models import Loan
from loan.services.approvals.kinds import restructuring
from loan.services.happening import Author
from loan.services.rescheduling import RescheduleOrder, reschedule


class RescheduleForm(ReasonForm, SeenForm):
    """What changes, from when, and whether it is for a borrower in difficulty."""

    change = forms.ChoiceField(
        label="Change",
        choices=[
            ("DUE_DAY", "The due day"),
            ("HOLIDAY", "A payment holiday"),
            ("TENOR", "The number of instalments"),
        ],
        widget=UnfoldAdminSelectWidget,
    )
    due_day = forms.IntegerField(
        label="Due day",
        required=False,
        min_value=1,
        max_value=31,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text="For another due day: the day of the month.",
    )
    instalments = forms.IntegerField(
        label="Instalments",
        required=False,
        min_value=1,
        max_value=MAX_INSTALMENTS,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text="Of a holiday, how many are skipped; else how many are to follow.",
    )
    interest = forms.ChoiceField(
        label="Interest of a holiday",
        choices=[
            (HolidayInterest.WITH_FIRST_INSTALMENT, "With the first instalment after it"),
            (HolidayInterest.WITH_LAST_INSTALMENT, "With the last instalment of the loan"),
            (HolidayInterest.CAPITALISED, "Added to the principal when it ends"),
        ],
        widget=UnfoldAdminSelectWidget,
    )
    keeping = forms.ChoiceField(
        label="A holiday keeps",
        choices=[(Keeping.EMI, "The instalment"), (Keeping.TENURE, "The last due date")],
        widget=UnfoldAdminSelectWidget,
    )
    from_date = forms.DateField(
        label="From",
        required=False,
        widget=UnfoldAdminSingleDateWidget,
        help_text="The first instalment due on this day or later is the first to change. "
        "Empty: today.",
    )
    restructures = forms.BooleanField(
        label="The borrower is in financial difficulty: mark the loan as restructured",
        required=False,
        widget=UnfoldBooleanWidget,
        help_text="The day's end makes it non-performing. It takes a second person.",
    )

    field_order = (
        "change",
        "due_day",
        "instalments",
        "interest",
        "keeping",
        "from_date",
        "restructures",
        "reason",
        "confirmed",
    )

    def clean(self) -> dict[str, Any] | None:
        """Ask for what the change needs."""
        asked = super().clean() or self.cleaned_data
        change = asked.get("change")
        needed = "due_day" if change == "DUE_DAY" else "instalments"
        if asked.get(needed) is None and needed not in self.errors:
            self.add_error(needed, "This change needs it.")
        skipped = asked.get("instalments") or 0
        if change == "HOLIDAY" and skipped > MAX_HOLIDAY_INSTALMENTS:
            self.add_error("instalments", f"A holiday has at most {MAX_HOLIDAY_INSTALMENTS}.")
        return asked

    def agreed(self) -> ChangeOfTerms:
        """Return what was filled in."""
        asked = self.cleaned_data
        match asked["change"]:
            case "DUE_DAY":
                return DueDay(due_day=asked["due_day"])
            case "HOLIDAY":
                return Holiday(
                    instalments=asked["instalments"],
                    interest=HolidayInterest(asked["interest"]),
                    keeping=Keeping(asked["keeping"]),
                )
            case _:
                return Tenor(instalments=asked["instalments"])


class Reschedules:
    """The button, for the admin of loans."""

    def has_reschedule_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the person may change what was agreed."""
        return request.user.has_perm("loan.change_loan")

    @button("Change terms", path="reschedule", permission="reschedule", icon="event_repeat")
    def reschedule_it(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show what a change of the instalments would change; then agree it."""
        admin: Any = self
        loan: Loan | None = admin.get_object(request, object_id)
        if loan is None:
            raise Http404
        page = reverse("admin:loan_loan_change", args=[loan.pk])
        form, panels = RescheduleForm(request.POST or None), []
        if request.method == "POST" and form.is_valid():
            order, reason = _order(loan, form), form.cleaned_data["reason"]
            if not form.cleaned_data["confirmed"]:
                panels = _preview(request, order)
            elif self._agreed(request, loan, order, reason=reason):
                return HttpResponseRedirect(page)
        return form_page(
            request,
            admin.admin_site,
            opts=admin.opts,
            title=f"Change the terms of {loan}",
            submit="Go on",
            back=page,
            form=form,
            panels=panels,
        )

    def _agreed(
        self, request: HttpRequest, loan: Loan, order: RescheduleOrder, *, reason: str
    ) -> bool:
        """Agree it, or ask a second person for it where the borrower is in difficulty."""
        admin: Any = self
        if order.restructures:
            asked = propose(request, lambda: restructuring(order), reason=reason)
            if asked is not None:
                admin.log_change(request, loan, f"Restructuring asked for: {reason}")
            return asked is not None
        by = Author(actor=request.user.get_username()[:80], reason=reason)
        change = attempt(request, lambda: reschedule(order, as_of=business_day.today(), by=by))
        if change is not None:
            admin.log_change(request, loan, f"Terms changed: {reason}")
            messages.success(request, f"The terms of {loan} are changed.")
        return change is not None


def _order(loan: Loan, form: RescheduleForm) -> RescheduleOrder:
    return RescheduleOrder(
        loan_id=loan.public_id,
        change=form.agreed(),
        from_date=form.cleaned_data["from_date"],
        restructures=form.cleaned_data["restructures"],
    )


def _preview(request: HttpRequest, order: RescheduleOrder) -> list[Panel]:
    change = attempt(
        request,
        lambda: reschedule(order, as_of=business_day.today(), by=Author(), preview=True),
    )
    return [] if change is None else change_panels(change.comparison)
