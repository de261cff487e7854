"""The admin of requests: what makers ask for, and checkers decide on."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from unfold.widgets import UnfoldAdminTextareaWidget

from bright_credit.common import business_day
from bright_credit.common.admin.columns import (
    NOTHING,
    Tone,
    instant,
    link,
    rupees_column,
    state,
)
from bright_credit.common.admin.pages import attempt, form_page
from bright_credit.common.admin.panels import Panel, facts
from bright_credit.common.admin.theme import button, column
from loan.admin.change_panels import change_panels
from loan.admin.proposing import staff_caller
from loan.admin.servicing import OfALoan
from loan.models import ApprovalRequest
from loan.selectors.approvals import (
    EXPIRED,
    PENDING,
    STATUSES,
    RequestFilter,
    requests_matching,
    status_of,
    words_of,
)
from loan.services.approvals.asking import withdraw
from loan.services.approvals.deciding import Checker, Decided, approve, reject
from loan.services.approvals.kinds import KINDS
from loan.services.approvals.looking import look_at

TONES = {
    PENDING: Tone.WARNING,
    "APPROVED": Tone.GOOD,
    "REJECTED": Tone.DANGER,
    EXPIRED: Tone.DANGER,
}


class NoteForm(forms.Form):
    """What the checker has to say."""

    note = forms.CharField(
        label="Note",
        max_length=200,
        widget=UnfoldAdminTextareaWidget({"rows": 3}),
        help_text="Kept for good, with your name. At most 200 characters.",
    )


class StatusFilter(admin.SimpleListFilter):
    """By what became of a request."""

    title = "status"
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return every status."""
        return [(each, each.capitalize()) for each in STATUSES]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the requests of the chosen status."""
        chosen = self.value()
        if chosen not in STATUSES:
            return queryset
        found = requests_matching(RequestFilter(status=chosen), now=timezone.now())
        return queryset.filter(pk__in=found.values("pk"))


@admin.register(ApprovalRequest)
class ApprovalRequestAdmin(OfALoan):
    """Requests that take two people: who has made one does not decide on it."""

    list_display = ("id", "loan_number", "what", "amount", "maker_name", "asked_at", "standing")
    list_select_related = ("loan", "decision")
    list_filter = (StatusFilter, "kind")
    actions_detail = ("approve_it", "reject_it", "withdraw_it")

    amount = rupees_column("amount_paise", "Amount")

    @column("Kind", ordering="kind")
    def what(self, row: ApprovalRequest) -> str:
        """Return what is asked for."""
        return KINDS[row.kind].label

    @column("Status")
    def standing(self, row: ApprovalRequest) -> str:
        """Return how it stands now."""
        return state(status_of(row, now=timezone.now()), TONES)

    def panels(self, request: HttpRequest, obj: ApprovalRequest) -> Sequence[Panel]:
        """Return the request, its decision, and what it would change now."""
        seen = look_at(obj, as_of=business_day.today(), now=timezone.now())
        decision = getattr(obj, "decision", None)
        panels: list[Panel] = [self._facts(obj, now=timezone.now())]
        if decision is not None:
            panels.append(
                facts(
                    "Decision",
                    ("Outcome", state(decision.outcome, TONES)),
                    ("By", decision.checker_name),
                    ("When", instant(decision.decided_at)),
                    ("Note", decision.note or NOTHING),
                    ("Event", link(str(decision.event), decision.event))
                    if decision.event
                    else ("Event", NOTHING),
                )
            )
        if seen.refusal is not None:
            panels.append(facts("As things are", ("It would be refused", seen.refusal.message)))
        return panels + (change_panels(seen.comparison) if seen.comparison else [])

    def _facts(self, obj: ApprovalRequest, *, now: datetime) -> Panel:
        return facts(
            "Request",
            ("Loan", link(obj.loan.public_id, obj.loan)),
            ("What", KINDS[obj.kind].label),
            *words_of(obj.payload),
            ("Reason", obj.reason or NOTHING),
            ("Made by", obj.maker_name),
            ("Made", instant(obj.asked_at)),
            ("Can be approved until", instant(obj.expires_at)),
            ("Status", state(status_of(obj, now=now), TONES)),
        )

    def has_decide_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the person may decide on what others ask for."""
        return request.user.has_perm("loan.decide_approvalrequest")

    def has_withdraw_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the person may look at requests; the service knows whose it is."""
        return self.has_view_permission(request, obj)

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Offer makers to withdraw and others to decide, while the request waits."""
        row = self.get_object(request, str(object_id))
        if row is None or status_of(row, now=timezone.now()) != PENDING:
            return []
        own = row.maker == staff_caller(request).name
        return [
            action
            for action in super().get_actions_detail(request, object_id)
            if action.action_name.endswith("withdraw_it") is own
        ]

    @button("Approve", path="approve", permission="decide", icon="check")
    def approve_it(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show what approving would change, ask for a note, and do it."""

        def decide(pk: int, by: Checker) -> Decided:
            return approve(pk, by=by, as_of=business_day.today(), now=timezone.now())

        return self._decide(request, object_id, verb="Approve", decide=decide, danger=False)

    @button("Reject", path="reject", permission="decide", icon="close", danger=True)
    def reject_it(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask why, and reject."""

        def decide(pk: int, by: Checker) -> Decided:
            return reject(pk, by=by, now=timezone.now())

        return self._decide(request, object_id, verb="Reject", decide=decide, danger=True)

    @button("Withdraw", path="withdraw", permission="withdraw", icon="undo", danger=True)
    def withdraw_it(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Take one's own request back."""

        def decide(pk: int, by: Checker) -> Decided:
            taken = withdraw(pk, maker=by.caller, name=by.name, now=timezone.now())
            return Decided(request=taken)

        return self._decide(
            request, object_id, verb="Withdraw", decide=decide, danger=True, asks=False
        )

    def _decide(
        self,
        request: HttpRequest,
        object_id: str,
        *,
        verb: str,
        decide: Callable[[int, Checker], Decided],
        danger: bool,
        asks: bool = True,
    ) -> HttpResponse:
        row: Any = self.get_object(request, object_id)
        if row is None:
            raise Http404
        back = reverse("admin:loan_approvalrequest_change", args=[row.pk])
        form = NoteForm(request.POST or None) if asks else None
        if request.method == "POST" and (form is None or form.is_valid()):
            note = form.cleaned_data["note"] if form else ""
            by = Checker(
                caller=staff_caller(request), name=request.user.get_username()[:80], note=note
            )
            done = attempt(request, lambda: decide(row.pk, by))
            if done is not None:
                outcome = done.request.decision.outcome.lower()
                self.log_change(request, row, f"{outcome.capitalize()}: {note}")
                messages.success(request, f"{row.loan}: request {row.pk} is {outcome}.")
            return HttpResponseRedirect(back)
        return form_page(
            request,
            self.admin_site,
            opts=self.opts,
            title=f"{verb} request {row.pk} of {row.loan}",
            submit=verb,
            back=back,
            form=form,
            panels=self.panels(request, row),
            danger=danger,
        )
