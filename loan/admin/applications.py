"""The admin of applications: the queue of those that wait, and a person's decision on one."""

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from unfold.widgets import UnfoldAdminTextareaWidget

from bright_credit.common import business_day
from bright_credit.common.admin.columns import (
    badge_column,
    instant,
    link,
    number_column,
    public_id,
    rate_column,
    rupees_column,
    state,
)
from bright_credit.common.admin.pages import PageAdmin, SearchMixin, attempt, form_page
from bright_credit.common.admin.panels import Panel, facts
from bright_credit.common.admin.theme import button, column
from loan.admin.application_panels import application_panels, summary_panel
from loan.admin.tones import APPLICATION_TONES
from loan.models import ApplicationDecision, LoanApplication
from loan.services.referrals import decide_referred
from users.admin.borrowers import PLAIN_NUMBER, borrowers_like

_APPLICATION_ID = re.compile(r"AP-[0-9]{4}-(?P<key>[0-9]{1,18})", re.ASCII | re.IGNORECASE)


class DecisionForm(forms.Form):
    """Why a person decides as they do."""

    note = forms.CharField(
        label="Reason",
        max_length=500,
        widget=UnfoldAdminTextareaWidget({"rows": 4}),
        help_text="Kept with the decision for good, with your name. At most 500 characters.",
    )


@admin.register(LoanApplication)
class LoanApplicationAdmin(SearchMixin, PageAdmin):
    """Applications with their reasons; the referred ones are decided here, through the service."""

    list_display = (
        "application_id",
        "who",
        "kind",
        "amount",
        "tenure",
        "score",
        "foir",
        "state",
        "submitted_on",
    )
    list_select_related = ("borrower", "credit_score")
    list_filter = ("status", "product", "purpose")
    search_help_text = "Application: AP-2026-0001 or 1; borrower: BC-USER id, name or e-mail"
    ordering = ("-pk",)
    actions_detail = ("approve", "reject")

    amount = rupees_column("amount_paise", "Amount")
    tenure = number_column("tenure_months", "Months")
    foir = rate_column("foir_bps", "FOIR")
    state = badge_column("status", "Status", tones=APPLICATION_TONES)

    def matching(self, text: str) -> Q:
        """Return the condition of applications that a text finds."""
        written = _APPLICATION_ID.fullmatch(text)
        if written:
            return Q(pk=int(written["key"]))
        if PLAIN_NUMBER.fullmatch(text):
            return Q(pk=int(text))
        return borrowers_like(text, path="borrower__")

    def get_queryset(self, request: HttpRequest) -> QuerySet[LoanApplication]:
        """Return applications with what their pages name."""
        queryset: QuerySet[LoanApplication] = super().get_queryset(request)
        return queryset.select_related("borrower", "product", "credit_score")

    def has_decide_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the person may decide on referred applications."""
        return request.user.has_perm("loan.change_loanapplication")

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Offer the decision only on an application that waits for one."""
        waits = (
            _referred().filter(pk=object_id) if str(object_id).isdecimal() else _referred().none()
        )
        return super().get_actions_detail(request, object_id) if waits.exists() else []

    def panels(self, request: HttpRequest, obj: LoanApplication) -> Sequence[Panel]:
        """Return the application, why it stands as it does, and who decided."""
        return application_panels(obj)

    @button("Approve", path="approve", permission="decide", icon="check")
    def approve(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask why, then approve and pay out."""
        return self._decide(request, object_id, approve=True)

    @button("Reject", path="reject", permission="decide", icon="close", danger=True)
    def reject(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask why, then reject."""
        return self._decide(request, object_id, approve=False)

    @column("Application", ordering="pk")
    def application_id(self, application: LoanApplication) -> str:
        """Return the public id."""
        return public_id(application.public_id)

    @column("Borrower", ordering="borrower__name")
    def who(self, application: LoanApplication) -> str:
        """Return the borrower's id and name."""
        return str(application.borrower)

    @column("Product", ordering="product")
    def kind(self, application: LoanApplication) -> str:
        """Return the product's code."""
        return application.product_id

    @column("Score", ordering="credit_score__score")
    def score(self, application: LoanApplication) -> str:
        """Return the score it was decided on."""
        return str(application.credit_score.score) if application.credit_score else "–"

    def _decide(self, request: HttpRequest, object_id: str, *, approve: bool) -> HttpResponse:
        application: Any = self.get_object(request, object_id)
        if application is None:
            raise Http404
        back = reverse("admin:loan_loanapplication_change", args=[application.pk])
        form = DecisionForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            self._record(request, application, approve=approve, note=form.cleaned_data["note"])
            return HttpResponseRedirect(back)
        verb = "Approve" if approve else "Reject"
        return form_page(
            request,
            self.admin_site,
            opts=self.opts,
            title=f"{verb} {application.public_id}",
            submit="Approve and pay out" if approve else "Reject",
            back=back,
            form=form,
            panels=[summary_panel(application)],
            danger=not approve,
        )

    def _record(
        self, request: HttpRequest, application: LoanApplication, *, approve: bool, note: str
    ) -> None:
        outcome = attempt(
            request,
            lambda: decide_referred(
                application.pk,
                approve=approve,
                by=request.user,  # type: ignore[arg-type]  # the admin lets nobody anonymous in
                note=note,
                as_of=business_day.today(),
            ),
        )
        if outcome is None:
            return
        self.log_change(request, application, f"{outcome.application.status}: {note}")
        if outcome.loan is None:
            messages.success(request, f"{application.public_id} is rejected.")
        else:
            messages.success(
                request, f"{application.public_id} is approved; {outcome.loan} is paid out."
            )


def _referred() -> QuerySet[LoanApplication]:
    return LoanApplication.objects.filter(status=LoanApplication.Status.REFERRED)


@admin.register(ApplicationDecision)
class ApplicationDecisionAdmin(PageAdmin):
    """Decisions on applications, by the policy and by people."""

    list_display = ("id", "number", "result", "decided_by", "decided_at", "note")
    list_select_related = ("application", "decided_by")
    list_filter = ("outcome",)
    ordering = ("-id",)

    result = badge_column("outcome", "Outcome", tones=APPLICATION_TONES)

    @column("Application", ordering="application")
    def number(self, decision: ApplicationDecision) -> str:
        """Return the application's public id."""
        return decision.application.public_id

    def panels(self, request: HttpRequest, obj: ApplicationDecision) -> Sequence[Panel]:
        """Return the decision."""
        return [
            facts(
                "Decision",
                ("Application", link(str(obj.application), obj.application)),
                ("Outcome", state(obj.outcome, APPLICATION_TONES)),
                ("By", str(obj.decided_by) if obj.decided_by else "The policy"),
                ("When", instant(obj.decided_at)),
                ("Reason", obj.note or "–"),
            )
        ]
