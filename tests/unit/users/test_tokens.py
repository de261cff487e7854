"""Access tokens: ours are read, and every forged, changed, old or foreign one is refused alike."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import jwt
import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.test import override_settings

from users import tokens
from users.tokens import AccessClaims, InvalidToken, issue_access_token, read_access_token

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
CLAIMS = AccessClaims(borrower_id="BC-USER-009", session_id=UUID(int=9))
KEY, OLD_KEY = b"k" * 32, b"o" * 32
RING = {"2026-02": KEY, "2026-01": OLD_KEY}

in_ring = override_settings(TOKEN_KEYS=RING, TOKEN_ACTIVE_KEY="2026-02")


@pytest.fixture(autouse=True)
def _ring_and_clock() -> Any:
    with in_ring, time_machine.travel(NOW, tick=False):
        yield


def payload(**changes: Any) -> dict[str, Any]:
    """Return what a token of ours says, changed; None leaves a claim out."""
    said = {
        "iss": tokens.ISSUER,
        "aud": tokens.AUDIENCE,
        "sub": CLAIMS.borrower_id,
        "sid": CLAIMS.session_id.hex,
        "iat": NOW,
        "exp": NOW + timedelta(minutes=10),
        "jti": "1",
    } | changes
    return {name: value for name, value in said.items() if value is not None}


def signed(
    said: dict[str, Any] | None = None,
    *,
    key: Any = KEY,
    algorithm: str = "HS256",
    **header: Any,
) -> str:
    """Return a token signed by whoever holds the key, with a header of their choice."""
    headers = {"kid": "2026-02", "typ": "at+jwt"} | header
    return jwt.encode(said or payload(), key, algorithm=algorithm, headers=headers)


def test_a_token_of_ours_says_whose_session_it_is() -> None:
    assert read_access_token(issue_access_token(CLAIMS, now=NOW)) == CLAIMS
    assert read_access_token(signed()) == CLAIMS
    assert read_access_token(_by_hand({"kid": "2026-02"})) == CLAIMS


def test_a_token_of_an_older_key_of_the_ring_is_good_until_the_key_is_gone() -> None:
    token = signed(key=OLD_KEY, kid="2026-01")
    assert read_access_token(token) == CLAIMS
    with override_settings(TOKEN_KEYS={"2026-02": KEY}), pytest.raises(InvalidToken):
        read_access_token(token)


def test_a_token_ends_with_its_tenth_minute() -> None:
    token = issue_access_token(CLAIMS, now=NOW)
    with time_machine.travel(NOW + timedelta(minutes=9, seconds=59), tick=False):
        assert read_access_token(token) == CLAIMS
    with time_machine.travel(NOW + timedelta(minutes=10), tick=False), pytest.raises(InvalidToken):
        read_access_token(token)


def test_two_tokens_of_one_moment_differ() -> None:
    assert issue_access_token(CLAIMS, now=NOW) != issue_access_token(CLAIMS, now=NOW)


def _part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _unsigned(algorithm: str) -> str:
    said = payload(iat=int(NOW.timestamp()), exp=int(NOW.timestamp()) + 600)
    header = {"alg": algorithm, "kid": "2026-02", "typ": "at+jwt"}
    return f"{_part(header)}.{_part(said)}."


def _changed_payload() -> str:
    head, _, signature = signed().split(".")
    said = payload(iat=int(NOW.timestamp()), exp=int(NOW.timestamp()) + 600, sub="BC-USER-001")
    return f"{head}.{_part(said)}.{signature}"


def _rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _by_hand(header: dict[str, Any], *, key: bytes = KEY) -> str:
    """Return a token signed with HS256 under a key, with a header no library would write."""
    said = payload(iat=int(NOW.timestamp()), exp=int(NOW.timestamp()) + 600)
    text = f"{_part({'alg': 'HS256', 'typ': 'at+jwt'} | header)}.{_part(said)}"
    signature = hmac.digest(key, text.encode(), hashlib.sha256)
    return f"{text}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def _public_key() -> bytes:
    """Return the text of an RSA public key, which everybody knows: the stuff of key confusion."""
    return _rsa_key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


FORGED: dict[str, Callable[[], str]] = {
    "nothing": lambda: "",
    "no token": lambda: "nonsense",
    "two dots": lambda: "..",
    "another key": lambda: signed(key=b"x" * 32),
    "another key of the ring": lambda: signed(key=OLD_KEY),
    "unknown key id": lambda: signed(kid="2026-03"),
    "no key id": lambda: _by_hand({}),
    "key id that is a path": lambda: signed(kid="../../etc/passwd"),
    "key id that is a list": lambda: _by_hand({"kid": ["2026-02"]}),
    "alg none": lambda: _unsigned("none"),
    "alg None": lambda: _unsigned("None"),
    "alg NONE": lambda: _unsigned("NONE"),
    "signature cut off": lambda: signed().rpartition(".")[0] + ".",
    "HS384 under the right key": lambda: signed(key=KEY * 2, algorithm="HS384"),
    "HS512 under the right key": lambda: signed(key=KEY * 2, algorithm="HS512"),
    "RS256 under a key of their own": lambda: signed(key=_rsa_key(), algorithm="RS256"),
    "HS256 under a public key": lambda: _by_hand({"kid": "2026-02"}, key=_public_key()),
    "changed payload": _changed_payload,
    "ended": lambda: signed(payload(exp=NOW)),
    "never ends": lambda: signed(payload(exp=None)),
    "of the future": lambda: signed(payload(iat=NOW + timedelta(hours=1))),
    "not yet good": lambda: signed(payload(nbf=NOW + timedelta(hours=1))),
    "another audience": lambda: signed(payload(aud="brightlend-admin")),
    "several audiences": lambda: signed(payload(aud=[tokens.AUDIENCE, "x"])),
    "no audience": lambda: signed(payload(aud=None)),
    "another issuer": lambda: signed(payload(iss="somebody")),
    "no issuer": lambda: signed(payload(iss=None)),
    "another type": lambda: signed(typ="JWT"),
    "no type": lambda: signed(typ=None),
    "a refresh token": lambda: tokens.new_refresh_token(CLAIMS.session_id),
    "no subject": lambda: signed(payload(sub=None)),
    "no session": lambda: signed(payload(sid=None)),
    "a session that is no UUID": lambda: signed(payload(sid="9")),
    "a session that is a number": lambda: signed(payload(sid=9)),
    "no id": lambda: signed(payload(jti=None)),
    "too long": lambda: signed(payload(more="x" * 3_000)),
    "surrogates": lambda: "\ud800.\ud800.\ud800",
}


@pytest.mark.parametrize("kind", FORGED)
def test_a_token_that_is_not_ours_is_refused_in_the_same_words(kind: str) -> None:
    with pytest.raises(InvalidToken) as refusal:
        read_access_token(FORGED[kind]())
    assert str(refusal.value) == "not a valid access token"
    assert refusal.value.__cause__ is None
    assert refusal.value.__context__ is None


@pytest.mark.parametrize(
    "text",
    ["", "blk_", "blk_0_0", "blk_0123456789abcdef_short", "blk_0123456789ABCDEF_" + "A" * 43],
)
def test_a_text_that_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(InvalidToken):
        tokens.parts_of_partner_key(text)


def test_a_new_key_is_known_again_by_its_id_and_digest() -> None:
    key_id, text, digest = tokens.new_partner_key()
    assert tokens.parts_of_partner_key(text) == (key_id, digest)
    assert tokens.new_partner_key()[1] != text


def test_codes_have_six_digits_and_are_as_good_as_random() -> None:
    codes = [tokens.one_time_code(UUID(int=number)) for number in range(2_000)]
    assert all(len(code) == 6 and code.isdecimal() for code in codes)
    assert len(set(codes)) > 1_980
    firsts = [sum(code[0] == digit for code in codes) for digit in "0123456789"]
    assert min(firsts) > 140
    with override_settings(SECRET_KEY="another"):
        assert tokens.one_time_code(UUID(int=1)) != codes[1]
