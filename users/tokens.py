"""Secrets that callers carry: access tokens (JWT), refresh tokens, partners' keys, one-time codes.

An access token is signed, short-lived, and says whose session it belongs to and nothing else. The
others are random, or computed from a key of ours, and only their digests are stored: they have 256
bits, so a plain SHA-256 keeps them; codes have few digits, so they are stored nowhere at all.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import jwt
from django.conf import settings
from django.utils.crypto import salted_hmac
from django.views.decorators.debug import sensitive_variables

from users.domain.codes import code_from

ISSUER: Final = "brightlend"
AUDIENCE: Final = "brightlend-api"
ACCESS_LIFE: Final = timedelta(minutes=10)

#: RFC 9068: an access token says that it is one, so no other JWT of ours passes for it.
_TYPE: Final = "at+jwt"
_ALGORITHM: Final = "HS256"
_CLAIMS: Final = ["iss", "aud", "sub", "sid", "iat", "exp", "jti"]
_MAX_TOKEN: Final = 2_000

_KEY: Final = re.compile(r"blk_([0-9a-f]{16})_([A-Za-z0-9_-]{43})", re.ASCII)
_REFRESH: Final = re.compile(r"blr_([0-9a-f]{32})_[A-Za-z0-9_-]{43}", re.ASCII)

KEY_PREFIX: Final = "blk_"


class InvalidToken(ValueError):
    """The text is no token of ours, or no longer one. It is never told which."""


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """What an access token says: whose, and of which session."""

    borrower_id: str
    session_id: UUID


def issue_access_token(claims: AccessClaims, *, now: datetime) -> str:
    """Return a signed access token that ends after `ACCESS_LIFE`."""
    key_id = settings.TOKEN_ACTIVE_KEY
    payload = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": claims.borrower_id,
        "sid": claims.session_id.hex,
        "iat": now,
        "exp": now + ACCESS_LIFE,
        "jti": secrets.token_hex(16),
    }
    return jwt.encode(
        payload,
        settings.TOKEN_KEYS[key_id],
        algorithm=_ALGORITHM,
        headers={"kid": key_id, "typ": _TYPE},
    )


@sensitive_variables()
def read_access_token(text: str) -> AccessClaims:
    """Return what a token says, when it is one of ours and has not ended. Raises `InvalidToken`.

    The key is looked up by its id in our ring; the algorithm is ours to say, never the token's.
    """
    try:
        if len(text) > _MAX_TOKEN:
            raise InvalidToken
        header = jwt.get_unverified_header(text)
        key = settings.TOKEN_KEYS.get(str(header.get("kid")))
        if key is None or header.get("typ") != _TYPE:
            raise InvalidToken
        said: dict[str, Any] = jwt.decode(
            text,
            key,
            algorithms=[_ALGORITHM],
            audience=AUDIENCE,
            issuer=ISSUER,
            options={"require": _CLAIMS, "strict_aud": True},
        )
        return AccessClaims(borrower_id=said["sub"], session_id=UUID(hex=said["sid"]))
    except (jwt.PyJWTError, ValueError, TypeError, AttributeError):
        refusal = InvalidToken("not a valid access token")
    raise refusal


@sensitive_variables()
def digest_of(secret: str) -> bytes:
    """Return what is stored of a random secret."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


@sensitive_variables()
def new_refresh_token(session_id: UUID) -> str:
    """Return a new refresh token of a session."""
    return f"blr_{session_id.hex}_{secrets.token_urlsafe(32)}"


@sensitive_variables()
def session_of_refresh_token(token: str) -> UUID | None:
    """Return the session that a refresh token names, None when the text is no such token."""
    match = _REFRESH.fullmatch(token)
    return UUID(hex=match[1]) if match else None


@sensitive_variables()
def new_partner_key() -> tuple[str, str, bytes]:
    """Return a new key's public id, its whole text, and the digest of its secret part."""
    key_id, secret = secrets.token_hex(8), secrets.token_urlsafe(32)
    return key_id, f"{KEY_PREFIX}{key_id}_{secret}", digest_of(secret)


@sensitive_variables()
def parts_of_partner_key(text: str) -> tuple[str, bytes]:
    """Return a key's public id and the digest of its secret part. Raises `InvalidToken`."""
    match = _KEY.fullmatch(text)
    if match is None:
        raise InvalidToken("not a partner's key")
    return match[1], digest_of(match[2])


@sensitive_variables()
def one_time_code(challenge_id: UUID) -> str:
    """Return the code of a challenge: computed from our key, so it is kept and sent nowhere."""
    return code_from(
        salted_hmac("brightlend.sign_in.code", challenge_id.bytes, algorithm="sha256").digest()
    )


@sensitive_variables()
def subject_digest(text: str) -> bytes:
    """Return a keyed digest under which attempts of an address, a login or a place are counted."""
    return salted_hmac("brightlend.attempts", text, algorithm="sha256").digest()


@sensitive_variables()
def same(one: str, other: str) -> bool:
    """Return whether two secrets are equal, taking as long for any two of a length."""
    return hmac.compare_digest(
        one.encode("utf-8", "surrogatepass"), other.encode("utf-8", "surrogatepass")
    )
