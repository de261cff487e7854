"""The page of a loan that records excess paid back."""

from typing import Any, ClassVar

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from bright_credit.common import business_day
from bright_credit.common.admin.columns import rupees
from bright_credit.common.admin.pages import PageAdmin, attempt, form_page
from bright_credit.common.admin.panels import facts
from bright_credit.common.admin.theme import button
from bright_credit.common.money import format_rupees
from loan.admin.reasons import RefundForm
from loan.services.happening import Author
from loan.services.refunds import RefundOrder, refund_excess


class RefundsExcess(PageAdmin):
    """A loan's admin that offers to pay back what is held as excess."""

    actions_detail: ClassVar[tuple[str, ...]] = ("refund_it",)

    def has_refund_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the person may pay excess back."""
        return request.user.has_perm("loan.change_loan")

    @button("Refund excess", path="refund", permission="refund", icon="undo", danger=True)
    def refund_it(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask how much went back by which transfer, and record it."""
        loan: Any = self.get_object(request, object_id)
        if loan is None:
            raise Http404
        back = reverse("admin:loan_loan_change", args=[loan.pk])
        form = RefundForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            asked = form.cleaned_data
            order = RefundOrder(
                loan_id=loan.public_id,
                amount_paise=asked["amount"],
                reference_id=asked["reference_id"],
            )
            by = Author(actor=request.user.get_username()[:80], reason=asked["reason"])
            done = attempt(request, lambda: refund_excess(order, as_of=business_day.today(), by=by))
            if done is not None:
                paid_back = f"{format_rupees(done.amount_paise)} of {loan} went back"
                self.log_change(request, loan, f"{paid_back}: {done.reference_id}")
                messages.success(request, f"{paid_back} as {done.reference_id}.")
            return HttpResponseRedirect(back)
        return form_page(
            request,
            self.admin_site,
            opts=self.opts,
            title=f"Refund excess of {loan}",
            submit="Record the refund",
            back=back,
            form=form,
            panels=[facts("Held", ("Refundable excess", rupees(loan.excess_paise)))],
            danger=True,
        )
