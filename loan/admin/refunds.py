"""The page of a loan that records excess paid back."""

from typing import Any, ClassVar

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from bright_credit.common.admin.columns import rupees
from bright_credit.common.admin.pages import PageAdmin, form_page
from bright_credit.common.admin.panels import facts
from bright_credit.common.admin.theme import button
from bright_credit.common.money import format_rupees
from loan.admin.proposing import propose
from loan.admin.reasons import RefundForm
from loan.services.approvals.asking import Asked
from loan.services.approvals.kinds import refund
from loan.services.refunds import RefundOrder


class RefundsExcess(PageAdmin):
    """A loan's admin that offers to pay back what is held as excess."""

    actions_detail: ClassVar[tuple[str, ...]] = ("refund_it",)

    def has_refund_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the person may pay excess back."""
        return request.user.has_perm("loan.change_loan")

    @button("Refund excess", path="refund", permission="refund", icon="undo", danger=True)
    def refund_it(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask how much went back by which transfer; a second person then approves it."""
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
            done = propose(request, lambda: refund(order), reason=asked["reason"])
            paid_back = f"{format_rupees(order.amount_paise)} of {loan}"
            if isinstance(done, Asked):
                self.log_change(request, loan, f"Refund asked for: {paid_back}")
            elif done is not None:
                self.log_change(request, loan, f"{paid_back} went back: {order.reference_id}")
                messages.success(request, f"{paid_back} went back as {order.reference_id}.")
            return HttpResponseRedirect(back)
        return form_page(
            request,
            self.admin_site,
            opts=self.opts,
            title=f"Refund excess of {loan}",
            submit="Ask for the refund",
            back=back,
            form=form,
            panels=[facts("Held", ("Refundable excess", rupees(loan.excess_paise)))],
            danger=True,
        )
