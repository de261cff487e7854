"""Erasing a borrower in the admin: what it takes away, why, and then for good."""

from collections.abc import Sequence
from typing import Any, ClassVar, Final

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from bright_credit.common import business_day
from bright_credit.common.admin.pages import attempt, form_page
from bright_credit.common.admin.panels import facts
from bright_credit.common.admin.theme import ModelAdmin, button
from loan.admin.reasons import ReasonForm
from loan.services.erasure import erase_personal_data, refuse_erasure
from users.models import Borrower

_WHAT_GOES: Final = facts(
    "What is erased",
    ("Goes for good", "name, e-mail address, birth date, income, employment"),
    ("With its seal", "Aadhaar number, PAN, phone number"),
    ("Stays", "the number of the borrower, loans, payments, ledger, scores, consents, logs"),
    ("Signing in", "ends at once"),
)


class ErasureMixin(ModelAdmin):
    """The button that erases who a borrower is, for administrators."""

    actions_detail: ClassVar[Sequence[str]] = ("erase",)

    def has_erase_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the person may erase who a borrower is."""
        return request.user.has_perm("users.erase_borrower")

    @button("Erase", path="erase", permission="erase", icon="person_off", danger=True)
    def erase(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Say what erasing takes away, ask why, and do it; or say why it cannot be done yet.

        The audit trail takes the reason from the form.
        """
        borrower: Any = self.get_object(request, object_id)
        if borrower is None:
            raise Http404
        back = reverse("admin:users_borrower_change", args=[borrower.pk])
        form = ReasonForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            attempt(request, lambda: self._erase(request, borrower))
            return HttpResponseRedirect(back)
        if attempt(request, lambda: _may_be_erased(borrower)) is None:
            return HttpResponseRedirect(back)
        return form_page(
            request,
            self.admin_site,
            opts=self.opts,
            title=f"Erase {borrower.public_id}",
            submit="Erase for good",
            back=back,
            form=form,
            panels=[_WHAT_GOES],
            danger=True,
        )

    def _erase(self, request: HttpRequest, borrower: Borrower) -> Borrower:
        erased = erase_personal_data(
            borrower.public_id, as_of=business_day.today(), now=timezone.now()
        )
        self.message_user(request, f"{borrower.public_id} was erased.")
        return erased


def _may_be_erased(borrower: Borrower) -> bool:
    refuse_erasure(borrower, as_of=business_day.today())
    return True
