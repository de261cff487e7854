"""Staff's second factor, and the lock-out of whoever guesses passwords."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables
from django_otp import devices_for_user
from django_otp.plugins.otp_totp.models import TOTPDevice

from bright_credit.common.api.client_address import place_of
from users.domain.codes import PASSWORDS_A_LOGIN, PASSWORDS_A_PLACE
from users.models import User
from users.services.attempts import TooManyAttempts, forget_attempts, take_attempt


def is_verified(user: Any) -> bool:
    """Return whether staff may go on: with the second factor, where it is asked for."""
    return not settings.STAFF_SECOND_FACTOR or bool(user.is_verified())


def has_authenticator(user: User) -> bool:
    """Return whether a login has an authenticator that was confirmed."""
    return next(devices_for_user(user), None) is not None


def new_authenticator(user: User) -> TOTPDevice:
    """Return a new authenticator that waits to be confirmed, in the place of one that waited.

    Whoever saw the earlier one's secret has seen nothing of use.
    """
    TOTPDevice.objects.filter(user=user, confirmed=False).delete()
    made: TOTPDevice = TOTPDevice.objects.create(user=user, confirmed=False, name="Authenticator")
    return made


def waiting_authenticator(user: User) -> TOTPDevice | None:
    """Return the authenticator that waits to be confirmed."""
    waiting: TOTPDevice | None = TOTPDevice.objects.filter(user=user, confirmed=False).first()
    return waiting


def forget_authenticators(user: User) -> int:
    """Remove a login's authenticators, so that its next sign-in sets up a new one."""
    return int(TOTPDevice.objects.filter(user=user).delete()[0])


class GuardedPasswords(ModelBackend):
    """Passwords, of which only so many may be tried for a login, and from a place.

    The attempt is counted before the password is looked at, so that any number of attempts at once
    are as many; a locked login is refused with the right password, too, and nothing tells it from
    one that does not exist.
    """

    @sensitive_variables()
    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> Any:
        """Return the login, None for a wrong password or after too many attempts."""
        if not username or password is None:
            return None
        if not _may_try(username, request, now=timezone.now()):
            return None
        return super().authenticate(request, username=username, password=password, **kwargs)


def _may_try(username: str, request: HttpRequest | None, *, now: datetime) -> bool:
    place = "terminal" if request is None else place_of(request.META)
    try:
        take_attempt(PASSWORDS_A_PLACE, place, now=now)
        take_attempt(PASSWORDS_A_LOGIN, username, now=now)
    except TooManyAttempts:
        return False
    return True


def forget_password_attempts(user: User) -> None:
    """Begin anew for a login that has signed in, second factor and all."""
    forget_attempts(PASSWORDS_A_LOGIN, user.get_username())
