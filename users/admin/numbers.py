"""Giving or changing a borrower's PAN and phone number in the admin."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from unfold.widgets import UnfoldAdminTextInputWidget, UnfoldBooleanWidget

from bright_credit.common.admin.pages import attempt, form_page
from bright_credit.common.admin.theme import ModelAdmin, button
from users.identifiers import MAX_PHONE_LENGTH, PAN_LENGTH
from users.models import Borrower
from users.services.numbers import change_pan, change_phone


class UnrepeatedInput(UnfoldAdminTextInputWidget):
    """A box that never shows what was typed into it before."""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Return what the box is drawn from, without a value."""
        context: dict[str, Any] = super().get_context(name, None, attrs)
        return context


class NumbersForm(forms.Form):
    """A PAN or a phone number, as the person states it."""

    pan = forms.CharField(
        label="PAN",
        required=False,
        max_length=PAN_LENGTH,
        widget=UnrepeatedInput({"autocomplete": "off"}),
        help_text="Empty: it stays as it is.",
    )
    phone = forms.CharField(
        label="Phone",
        required=False,
        max_length=MAX_PHONE_LENGTH,
        widget=UnrepeatedInput({"autocomplete": "off"}),
        help_text="A mobile number of India. Empty: it stays as it is.",
    )
    no_phone = forms.BooleanField(
        label="The borrower has no phone number any more",
        required=False,
        widget=UnfoldBooleanWidget,
    )


class NumbersMixin(ModelAdmin):
    """The button that gives or changes a borrower's PAN and phone number."""

    actions_detail: ClassVar[Sequence[str]] = ("numbers",)

    def has_numbers_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the person may change borrowers."""
        return request.user.has_perm("users.change_borrower")

    @button("PAN and phone", path="numbers", permission="numbers", icon="badge")
    @method_decorator(sensitive_post_parameters())
    def numbers(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask for what is new, and keep it; or say why it cannot be kept."""
        borrower: Any = self.get_object(request, object_id)
        if borrower is None:
            raise Http404
        back = reverse("admin:users_borrower_change", args=[borrower.pk])
        form = NumbersForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            self._keep(request, borrower, form.cleaned_data)
            return HttpResponseRedirect(back)
        return form_page(
            request,
            self.admin_site,
            opts=self.opts,
            title=f"PAN and phone number of {borrower.public_id}",
            submit="Keep",
            back=back,
            form=form,
        )

    @sensitive_variables()
    def _keep(self, request: HttpRequest, borrower: Borrower, given: dict[str, Any]) -> None:
        # No lambdas: a report of a failure would show what they hold.
        @sensitive_variables()
        def keep_pan() -> None:
            change_pan(borrower.public_id, pan=given["pan"])
            self.message_user(request, "The PAN is kept.")

        @sensitive_variables()
        def keep_phone() -> None:
            shown = change_phone(borrower.public_id, phone=given["phone"] or None)
            said = "The phone number is kept." if shown else "The phone number is taken away."
            self.message_user(request, said)

        if given["pan"]:
            attempt(request, keep_pan)
        if given["phone"] or given["no_phone"]:
            attempt(request, keep_phone)
