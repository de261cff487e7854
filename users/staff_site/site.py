"""The admin's own site: staff get in with a password and a code of their authenticator.

A login without an authenticator sets one up at its first sign-in, before it sees anything else.
In the sandbox the second factor may be switched off (`BRIGHTLEND_STAFF_SECOND_FACTOR`).
"""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django_otp import login as otp_login
from django_otp.plugins.otp_totp.models import TOTPDevice
from unfold.sites import UnfoldAdminSite

from users.services.staff import (
    has_authenticator,
    is_verified,
    new_authenticator,
    waiting_authenticator,
)
from users.staff_site.forms import ConfirmationForm, StaffSignInForm
from users.staff_site.picture import qr_code


class StaffAdminSite(UnfoldAdminSite):
    """The admin, closed to staff who have not used their second factor."""

    login_form = StaffSignInForm
    login_template = "admin/brightlend/sign_in.html"

    def has_permission(self, request: HttpRequest) -> bool:
        """Return whether somebody may open the admin at all."""
        return bool(super().has_permission(request)) and is_verified(request.user)

    def extra_urls(self) -> list[URLPattern]:
        """Return the address of the page that sets up an authenticator."""
        return [path("authenticator/", self.authenticator, name="authenticator")]

    @method_decorator(never_cache)
    @method_decorator(sensitive_post_parameters())
    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Sign staff in; one who has no authenticator yet goes on to set one up."""
        if _may_set_up(request):
            return HttpResponseRedirect(reverse("admin:authenticator"))
        answer: HttpResponse = super().login(request, extra_context)
        return answer

    @method_decorator(never_cache)
    @method_decorator(csrf_protect)
    @method_decorator(sensitive_post_parameters())
    def authenticator(self, request: HttpRequest) -> HttpResponseBase:
        """Show a new authenticator's QR code, and take the first code as the proof of it."""
        if not _may_set_up(request):
            return HttpResponseRedirect(reverse("admin:index"))
        device = _shown_before(request) or new_authenticator(request.user)  # type: ignore[arg-type]
        form = ConfirmationForm(request.POST or None, device=device)
        if request.method == "POST" and form.is_valid():
            otp_login(request, device)
            return HttpResponseRedirect(reverse("admin:index"))
        context = {
            **self.each_context(request),
            "title": "Set up your authenticator",
            "form": form,
            "picture": qr_code(device.config_url),
            "secret": form.secret,
        }
        return TemplateResponse(request, "admin/brightlend/authenticator.html", context)


def _shown_before(request: HttpRequest) -> TOTPDevice | None:
    """Return the authenticator whose first code is being sent; a page that is opened shows anew."""
    if request.method != "POST":
        return None
    return waiting_authenticator(request.user)  # type: ignore[arg-type]


def _may_set_up(request: HttpRequest) -> bool:
    user: Any = request.user
    signed_in = user.is_authenticated and user.is_active and user.is_staff
    return bool(signed_in and not is_verified(user) and not has_authenticator(user))
