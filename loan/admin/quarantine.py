"""The admin of loans in quarantine: why each could not be billed, and the button that retries."""

import logging
from collections.abc import Sequence

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect

from bright_credit.common import business_day
from bright_credit.common.admin.columns import NOTHING, day, instant, link, list_url
from bright_credit.common.admin.pages import PageAdmin, attempt, form_page
from bright_credit.common.admin.panels import Panel, facts
from bright_credit.common.admin.theme import button, column
from loan.models import QuarantinedLoan
from loan.services.billing.quarantine import release

log = logging.getLogger(__name__)


@admin.register(QuarantinedLoan)
class QuarantinedLoanAdmin(PageAdmin):
    """Loans that were set aside by a billing run, those still there first."""

    list_display = ("loan_id", "business_date", "reason", "since", "released_at")
    list_filter = ("business_date", ("released_at", admin.EmptyFieldListFilter))
    list_select_related = ("loan",)
    ordering = ("-released_at", "-business_date", "-pk")
    actions_detail = ("retry",)

    @column("Loan", ordering="loan")
    def loan_id(self, held: QuarantinedLoan) -> str:
        """Return the loan's public id."""
        return held.loan.public_id

    def panels(self, request: HttpRequest, obj: QuarantinedLoan) -> Sequence[Panel]:
        """Return the loan, since when it is left out, and why."""
        return [
            facts(
                "Quarantine",
                ("Loan", link(obj.loan.public_id, obj.loan)),
                ("Left out since", day(obj.business_date)),
                ("Reason", obj.reason),
                ("Set aside", instant(obj.since)),
                ("Run", link(day(obj.run.business_date), obj.run)),
                ("Released", instant(obj.released_at) if obj.released_at else NOTHING),
            )
        ]

    def has_retry_permission(self, request: HttpRequest, object_id: object = None) -> bool:
        """Return whether the person may bring a loan back."""
        return request.user.has_perm("loan.change_quarantinedloan")

    @button("Retry", path="retry", permission="retry", icon="refresh")
    def retry(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask first; then bring the loan to date and release it, or say why that still fails."""
        held = _in_quarantine(object_id)
        if request.method == "POST":
            loan = attempt(request, lambda: release(held.pk, as_of=business_day.today()))
            if loan is not None:
                log.info("%s released from quarantine by %s", loan, request.user.get_username())
                messages.success(request, f"{loan} is up to date and is billed again.")
            return HttpResponseRedirect(list_url(QuarantinedLoan))
        return form_page(
            request,
            self.admin_site,
            opts=self.opts,
            title=f"Bring {held.loan.public_id} to date and bill it again",
            submit="Retry",
            back=list_url(QuarantinedLoan),
            panels=self.panels(request, held),
        )


def _in_quarantine(key: str) -> QuarantinedLoan:
    if not key.isdecimal():
        raise Http404
    held = QuarantinedLoan.objects.select_related("loan", "run").filter(pk=int(key)).first()
    if held is None:
        raise Http404
    return held
