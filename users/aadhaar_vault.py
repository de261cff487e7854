"""The one room where Aadhaar numbers are handled: checked, fingerprinted, sealed, unsealed.

A number is stored as three things, none of which is the number: a keyed fingerprint (HMAC-SHA256
under the pepper) that finds a duplicate, a ciphertext (AES-256-GCM under a key of the ring) that
only this module opens, and the last four digits. There are but 10^11 possible numbers, so whoever
holds the pepper can try them all: it is a secret of its own, apart from the keys and the database.

No function here logs, and no refusal quotes the number or is chained to an error that might.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.views.decorators.debug import sensitive_variables
from stdnum.in_ import aadhaar

from bright_credit.common.errors import InvalidInput

FINGERPRINT_BYTES: Final = 32

# Layout of a ciphertext: version (1 byte) | nonce (12) | encrypted digits (12) | tag (16).
_VERSION: Final = b"\x01"
_NONCE_BYTES: Final = 12
SEALED_BYTES: Final = len(_VERSION) + _NONCE_BYTES + 12 + 16

_TWELVE_DIGITS: Final = re.compile(r"[0-9]{12}", re.ASCII)


class InvalidAadhaar(InvalidInput):
    """The text is not an Aadhaar number: twelve digits, the last of which checks the others."""

    code = "invalid_aadhaar"


class VaultFault(RuntimeError):
    """A sealed number cannot be opened: another row's, altered, or its key is not in the ring."""


@dataclass(frozen=True, slots=True)
class SealedNumber:
    """A ciphertext and the id of the key that opens it."""

    key_id: str
    ciphertext: bytes


@sensitive_variables()
def checked_number(text: str) -> str:
    """Return the text when it is an Aadhaar number: exactly twelve ASCII digits that pass Verhoeff.

    Raises `InvalidAadhaar`, which names the field and the rule and never the value.
    """
    field = "aadhar_id"
    if _TWELVE_DIGITS.fullmatch(text) is None:
        raise InvalidAadhaar("Must be exactly 12 digits, with nothing between them.", field=field)
    if not aadhaar.is_valid(text):
        raise InvalidAadhaar("Is not an Aadhaar number; check its digits.", field=field)
    return text


@sensitive_variables()
def fingerprint(number: str) -> bytes:
    """Return the keyed fingerprint under which a number is unique: always the same 32 bytes."""
    return _under(settings.AADHAAR_PEPPER, number)


@sensitive_variables()
def known_fingerprints(number: str) -> list[bytes]:
    """Return every fingerprint a number may be kept under: the pepper's, and earlier ones'.

    While records are moved to a new pepper, a duplicate is found under either.
    """
    peppers = (settings.AADHAAR_PEPPER, *settings.AADHAAR_OLD_PEPPERS)
    return [_under(pepper, number) for pepper in peppers]


def pepper_id() -> str:
    """Return a name of the pepper that fingerprints are made under now; it tells nothing of it."""
    return hmac.digest(settings.AADHAAR_PEPPER, b"pepper id", hashlib.sha256).hex()[:16]


@sensitive_variables()
def _under(pepper: bytes, number: str) -> bytes:
    return hmac.digest(pepper, b"aadhaar|" + number.encode("ascii"), hashlib.sha256)


@sensitive_variables()
def seal(number: str, *, record_id: UUID) -> SealedNumber:
    """Return the number encrypted under the active key, bound to the row that will hold it."""
    key_id = settings.AADHAAR_ACTIVE_KEY
    nonce = secrets.token_bytes(_NONCE_BYTES)
    encrypted = AESGCM(settings.AADHAAR_KEYS[key_id]).encrypt(
        nonce, number.encode("ascii"), _bound_to(record_id)
    )
    return SealedNumber(key_id=key_id, ciphertext=_VERSION + nonce + encrypted)


@sensitive_variables()
def unseal(sealed: SealedNumber, *, record_id: UUID) -> str:
    """Return the number that `seal` was given for this row.

    Raises `VaultFault` for a ciphertext of another row, an altered one, or an unknown key.
    """
    version, rest = sealed.ciphertext[:1], sealed.ciphertext[1:]
    key = settings.AADHAAR_KEYS.get(sealed.key_id)
    if version != _VERSION or key is None:
        raise VaultFault(f"record {record_id} is sealed in a way or by a key unknown here")
    nonce, encrypted = rest[:_NONCE_BYTES], rest[_NONCE_BYTES:]
    try:
        return AESGCM(key).decrypt(nonce, encrypted, _bound_to(record_id)).decode("ascii")
    except (InvalidTag, ValueError):
        fault = VaultFault(f"record {record_id} does not open: altered, or not its own ciphertext")
    raise fault


def _bound_to(record_id: UUID) -> bytes:
    """Return what a ciphertext is tied to: table, column, row. Moved elsewhere it does not open."""
    return f"users_aadhaarrecord|ciphertext|{record_id}".encode("ascii")
