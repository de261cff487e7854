"""Signing borrowers in: a one-time code, then a session that its refresh tokens keep alive."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction
from django.views.decorators.debug import sensitive_variables

from bright_credit.common.errors import NotAuthenticated, NotPermitted
from users import tokens
from users.delivery import send_code
from users.domain.callers import Caller
from users.domain.codes import (
    CODE_LIFE,
    CODES_A_PLACE,
    CODES_AN_ADDRESS,
    GUESSES_A_CODE,
    GUESSES_A_PLACE,
    GUESSES_AN_ADDRESS,
    WRONG_GUESSES,
)
from users.domain.emails import normalise_email
from users.models import Borrower, RefreshToken, SignInCode, SignInSession
from users.services.attempts import give_back, take_attempt

REFRESH_LIFE: Final = timedelta(days=30)
SESSION_LIFE: Final = timedelta(days=90)

_EVERYBODY: Final = "everybody"


class CodeRefused(NotAuthenticated):
    """The code is not the one that was sent, or it is used up or too old. Ask for a new one."""

    code = "code_refused"


class RefreshRefused(NotAuthenticated):
    """The refresh token is unknown, used, or its session has ended. Sign in again."""

    code = "refresh_refused"


class NoSession(NotPermitted):
    """The caller is no borrower who has signed in, so there is no session to end."""

    code = "no_session"


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """A code asked for: its id goes back with the code."""

    challenge_id: uuid.UUID
    expires_in_seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A borrower's tokens, fresh."""

    borrower: Borrower
    access_token: str
    refresh_token: str
    refresh_expires_in_seconds: int

    @property
    def access_expires_in_seconds(self) -> int:
        """How long the access token is good for."""
        return int(tokens.ACCESS_LIFE.total_seconds())


@sensitive_variables()
def ask_for_code(*, email: str, place: str, now: datetime) -> Challenge:
    """Send a code to the borrower of an address; to an address of nobody's, nothing.

    The two are alike to whoever asks: the same statements, the same answer. `place` is the
    caller's network address. Raises `InvalidEmail`, `TooManyAttempts`.
    """
    address = normalise_email(email)
    take_attempt(CODES_A_PLACE, place, now=now)
    take_attempt(CODES_AN_ADDRESS, address, now=now)
    borrower = Borrower.objects.filter(email=address, may_sign_in=True).first()
    challenge = SignInCode.objects.create(
        borrower=borrower,
        address_digest=tokens.subject_digest(address),
        asked_at=now,
        expires_at=now + CODE_LIFE,
    )
    code = tokens.one_time_code(challenge.id)
    if borrower is not None:
        transaction.on_commit(lambda: send_code(code, to=address))
    return Challenge(challenge_id=challenge.id, expires_in_seconds=int(CODE_LIFE.total_seconds()))


# One statement, so that of any number of guesses at once each takes a try of its own.
_TAKE_GUESS: Final = """
UPDATE users_signincode SET guesses = guesses + 1
 WHERE id = %(id)s AND used_at IS NULL AND expires_at > %(now)s AND guesses < %(most)s
RETURNING address_digest
"""


@sensitive_variables()
def sign_in(*, challenge_id: uuid.UUID, code: str, place: str, now: datetime) -> SignedIn:
    """Open a session for whoever knows the code of a challenge.

    Every guess is counted before it is looked at. Raises `CodeRefused`, whatever was wrong with it,
    and `TooManyAttempts`.
    """
    take_attempt(GUESSES_A_PLACE, place, now=now)
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_GUESS, {"id": challenge_id, "now": now, "most": GUESSES_A_CODE})
        taken = cursor.fetchone()
    if taken is None:
        raise _code_refused()
    address = bytes(taken[0]).hex()
    take_attempt(GUESSES_AN_ADDRESS, address, now=now)
    # Only of challenges that exist: whoever makes them up uses nobody's budget but their own.
    take_attempt(WRONG_GUESSES, _EVERYBODY, now=now)
    if not tokens.same(tokens.one_time_code(challenge_id), code):
        raise _code_refused()
    signed_in = _open_session(challenge_id, now=now)
    give_back(WRONG_GUESSES, _EVERYBODY)
    give_back(GUESSES_A_PLACE, place)
    give_back(GUESSES_AN_ADDRESS, address)
    return signed_in


@transaction.atomic
def _open_session(challenge_id: uuid.UUID, *, now: datetime) -> SignedIn:
    """Use the challenge up, and open the session it stands for."""
    unused = SignInCode.objects.filter(pk=challenge_id, used_at=None, borrower__may_sign_in=True)
    challenge = unused.select_for_update(of=("self",)).select_related("borrower").first()
    if challenge is None or challenge.borrower is None:
        raise _code_refused()
    challenge.used_at = now
    challenge.save(update_fields=["used_at"])
    session = SignInSession.objects.create(
        borrower=challenge.borrower, started_at=now, expires_at=now + SESSION_LIFE
    )
    return _with_new_tokens(session, now=now)


@sensitive_variables()
def refresh(*, refresh_token: str, now: datetime) -> SignedIn:
    """Return new tokens for a refresh token, which is used up by that.

    A token that comes a second time was stolen from somebody, so its whole session ends: neither
    the thief nor the owner goes on with it. Raises `RefreshRefused`.
    """
    session_id = tokens.session_of_refresh_token(refresh_token)
    if session_id is None:
        raise _refresh_refused()
    signed_in = _rotate(session_id, tokens.digest_of(refresh_token), now=now)
    if signed_in is None:
        raise _refresh_refused()
    return signed_in


@transaction.atomic
def _rotate(session_id: uuid.UUID, digest: bytes, *, now: datetime) -> SignedIn | None:
    """Use a token of a locked session; None, with what that led to written, when it is refused."""
    session = (
        SignInSession.objects.select_for_update(of=("self",))
        .select_related("borrower")
        .filter(pk=session_id)
        .first()
    )
    if session is None:
        return None
    token = session.refresh_tokens.filter(digest=digest).first()
    if token is None:
        return None
    if token.used_at is not None and session.ended_at is None:
        _end([session], reason=SignInSession.EndReason.TOKEN_REUSED, now=now)
    if session.ended_at is not None or not session.borrower.may_sign_in:
        return None
    if min(token.expires_at, session.expires_at) <= now:
        return None
    token.used_at = now
    token.save(update_fields=["used_at"])
    return _with_new_tokens(session, now=now)


def sign_out(caller: Caller, *, everywhere: bool, now: datetime) -> int:
    """End the caller's session, or all of the borrower's, and return how many were ended.

    Access tokens of an ended session are refused from the next call on. Raises `NoSession`.
    """
    if caller.session_id is None or caller.key is None:
        raise NoSession("Only a borrower who has signed in can sign out here.")
    if everywhere:
        return end_sessions(
            borrower_key=caller.key, reason=SignInSession.EndReason.SIGNED_OUT_EVERYWHERE, now=now
        )
    own = SignInSession.objects.filter(pk=caller.session_id, ended_at=None)
    return own.update(ended_at=now, end_reason=SignInSession.EndReason.SIGNED_OUT)


def end_sessions(*, borrower_key: int, reason: SignInSession.EndReason, now: datetime) -> int:
    """End every open session of a borrower, and return how many there were."""
    opened = SignInSession.objects.filter(borrower_id=borrower_key, ended_at=None)
    return opened.update(ended_at=now, end_reason=reason)


def _end(sessions: list[SignInSession], *, reason: SignInSession.EndReason, now: datetime) -> None:
    for session in sessions:
        session.ended_at, session.end_reason = now, reason
        session.save(update_fields=["ended_at", "end_reason"])


@sensitive_variables()
def _with_new_tokens(session: SignInSession, *, now: datetime) -> SignedIn:
    refresh_token = tokens.new_refresh_token(session.id)
    expires_at = min(now + REFRESH_LIFE, session.expires_at)
    RefreshToken.objects.create(
        session=session,
        digest=tokens.digest_of(refresh_token),
        issued_at=now,
        expires_at=expires_at,
    )
    claims = tokens.AccessClaims(borrower_id=session.borrower.public_id, session_id=session.id)
    return SignedIn(
        borrower=session.borrower,
        access_token=tokens.issue_access_token(claims, now=now),
        refresh_token=refresh_token,
        refresh_expires_in_seconds=int((expires_at - now).total_seconds()),
    )


def _code_refused() -> CodeRefused:
    return CodeRefused("The code is wrong, used, or too old. Ask for a new one.")


def _refresh_refused() -> RefreshRefused:
    return RefreshRefused("The refresh token is not good any more. Sign in again.")
