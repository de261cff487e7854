"""The forms of signing in to the admin."""

import base64
from typing import Any

from django import forms
from django_otp.forms import OTPAuthenticationFormMixin
from django_otp.plugins.otp_totp.models import TOTPDevice
from unfold.forms import AuthenticationForm
from unfold.widgets import BASE_INPUT_CLASSES

from users.models import User
from users.services.staff import forget_password_attempts, has_authenticator

_CODE_BOX = {
    "autocomplete": "one-time-code",
    "inputmode": "numeric",
    "class": " ".join(BASE_INPUT_CLASSES),
}


class StaffSignInForm(OTPAuthenticationFormMixin, AuthenticationForm):
    """A password, and a code for a login that has an authenticator."""

    otp_token = forms.CharField(
        required=False,
        max_length=6,
        label="Code of your authenticator",
        help_text="Leave it empty while you have none.",
        widget=forms.TextInput(_CODE_BOX),
    )
    otp_device = forms.CharField(required=False, widget=forms.HiddenInput)
    otp_challenge = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """Check the password, then the code."""
        cleaned: dict[str, Any] = super().clean()
        user: User | None = self.get_user()
        if user is None:  # no name or no password was given; the fields say so
            return cleaned
        if has_authenticator(user):
            self.clean_otp(user)  # type: ignore[no-untyped-call]
        forget_password_attempts(user)
        return cleaned

    def _chosen_device(self, user: Any) -> TOTPDevice | None:
        # Locked until the code is judged, so that guesses at once wait for each other's throttle.
        devices = TOTPDevice.objects.devices_for_user(user, confirmed=True)
        chosen: TOTPDevice | None = devices.select_for_update().first()
        return chosen


class ConfirmationForm(forms.Form):
    """The first code of a new authenticator."""

    token = forms.CharField(
        max_length=6, label="The code it shows", widget=forms.TextInput(_CODE_BOX)
    )

    def __init__(self, *args: Any, device: TOTPDevice, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.device = device

    @property
    def secret(self) -> str:
        """Return the device's secret as people type it, in groups of four."""
        text = base64.b32encode(self.device.bin_key).decode("ascii").rstrip("=")
        return " ".join(text[at : at + 4] for at in range(0, len(text), 4))

    def clean_token(self) -> str:
        """Confirm the device when the code is its own."""
        token = str(self.cleaned_data["token"])
        allowed, _ = self.device.verify_is_allowed()
        if not allowed or not self.device.verify_token(token):
            raise forms.ValidationError("This is not the code that the authenticator shows now.")
        self.device.confirmed = True
        self.device.save(update_fields=["confirmed"])
        return token
