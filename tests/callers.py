"""Callers of every kind, made as the product makes them, and the headers they call with."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_totp.models import TOTPDevice

from users import tokens
from users.domain.scopes import Scope
from users.models import Borrower, Partner, SignInCode, User
from users.services.partners import NewKey, make_partner_key
from users.services.sign_in import SignedIn, ask_for_code, sign_in

#: An address that is not this machine's: the sandbox's open door is shut to it.
ELSEWHERE = "203.0.113.7"


def signed_in(borrower: Borrower, *, now: datetime | None = None) -> SignedIn:
    """Return a borrower's tokens, from a code that was asked for and answered."""
    at = now or timezone.now()
    challenge = ask_for_code(email=borrower.email, place=ELSEWHERE, now=at)
    code = tokens.one_time_code(challenge.challenge_id)
    return sign_in(challenge_id=challenge.challenge_id, code=code, place=ELSEWHERE, now=at)


def bearer(token: str) -> dict[str, str]:
    """Return the header that carries a token, for a call from elsewhere."""
    return {"HTTP_AUTHORIZATION": f"Bearer {token}", "REMOTE_ADDR": ELSEWHERE}


def as_borrower(borrower: Borrower) -> dict[str, str]:
    """Return the headers of a borrower who has signed in."""
    return bearer(signed_in(borrower).access_token)


def a_partner(name: str = "Partner") -> Partner:
    """Return a partner."""
    return Partner.objects.create(name=name)


def a_key(partner: Partner, scopes: Iterable[Scope] = Scope) -> NewKey:
    """Return a new key of a partner, good for everything unless said otherwise."""
    return make_partner_key(
        partner, scopes=[scope.value for scope in scopes], expires_at=None, now=timezone.now()
    )


def as_partner(partner: Partner, scopes: Iterable[Scope] = Scope) -> dict[str, str]:
    """Return the headers of a partner's back-end."""
    return bearer(a_key(partner, scopes).text)


def a_login(name: str, *, role: str | None = None, **values: Any) -> User:
    """Return a login of staff, with a role or none."""
    user = User.objects.create_user(name, is_staff=values.pop("is_staff", True), **values)
    if role is not None:
        user.groups.add(Group.objects.get(name=role))
    return user


def as_staff(user: User, *, verified: bool = True) -> Client:
    """Return a browser in which staff are signed in, with their second factor or without."""
    client = Client(REMOTE_ADDR=ELSEWHERE)
    client.force_login(user)
    if verified:
        device = TOTPDevice.objects.create(user=user, confirmed=True)
        session = client.session
        session[DEVICE_ID_SESSION_KEY] = device.persistent_id
        session.save()
    return client


def newest_code() -> str:
    """Return the code that was asked for last."""
    return tokens.one_time_code(SignInCode.objects.latest("asked_at").id)
