"""The one room where Aadhaar numbers, PANs and phone numbers are fingerprinted, sealed, unsealed.

What is kept of each is none of them: a ciphertext (AES-256-GCM under a key of the ring) that only
this module opens, and the last four characters. Of what one borrower alone may have there is also a
keyed fingerprint (HMAC-SHA256 under the pepper), which finds a duplicate. There are but 10^11
possible Aadhaar numbers and fewer PANs, so whoever holds the pepper can try them all: it is a
secret of its own, apart from the keys and the database. Phones are shared in families, so nothing
asks whose a number is, and no fingerprint of it is kept that could be tried.

No function here logs, and no fault quotes what is sealed or is chained to an error that might.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.views.decorators.debug import sensitive_variables

FINGERPRINT_BYTES: Final = 32

# Layout of a ciphertext: version (1 byte) | nonce (12) | encrypted text (as long as it is) | tag.
_VERSION: Final = b"\x01"
_NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16


class VaultFault(RuntimeError):
    """A sealed text cannot be opened: another row's, altered, or its key is not in the ring."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of text that the vault keeps: its name, the table of its records, its length."""

    name: str
    table: str
    length: int

    @property
    def sealed_bytes(self) -> int:
        """How long each ciphertext is."""
        return len(_VERSION) + _NONCE_BYTES + self.length + _TAG_BYTES


AADHAAR: Final = Kind(name="aadhaar", table="users_aadhaarrecord", length=12)
PAN: Final = Kind(name="pan", table="users_panrecord", length=10)
#: With the country's code: +919876543210.
PHONE: Final = Kind(name="phone", table="users_phonerecord", length=13)


@dataclass(frozen=True, slots=True)
class Sealed:
    """A ciphertext and the id of the key that opens it."""

    key_id: str
    ciphertext: bytes


@sensitive_variables()
def fingerprint(text: str, *, kind: Kind) -> bytes:
    """Return the keyed fingerprint under which a text is unique: always the same 32 bytes."""
    return _under(settings.AADHAAR_PEPPER, text, kind)


@sensitive_variables()
def known_fingerprints(text: str, *, kind: Kind) -> list[bytes]:
    """Return every fingerprint a text may be kept under: the pepper's, and earlier ones'.

    While records are moved to a new pepper, a duplicate is found under either.
    """
    peppers = (settings.AADHAAR_PEPPER, *settings.AADHAAR_OLD_PEPPERS)
    return [_under(pepper, text, kind) for pepper in peppers]


def pepper_id() -> str:
    """Return a name of the pepper that fingerprints are made under now; it tells nothing of it."""
    return hmac.digest(settings.AADHAAR_PEPPER, b"pepper id", hashlib.sha256).hex()[:16]


@sensitive_variables()
def _under(pepper: bytes, text: str, kind: Kind) -> bytes:
    return hmac.digest(pepper, f"{kind.name}|{text}".encode("ascii"), hashlib.sha256)


@sensitive_variables()
def seal(text: str, *, kind: Kind, record_id: UUID) -> Sealed:
    """Return the text encrypted under the active key, bound to the row that will hold it."""
    key_id = settings.AADHAAR_ACTIVE_KEY
    nonce = secrets.token_bytes(_NONCE_BYTES)
    encrypted = AESGCM(settings.AADHAAR_KEYS[key_id]).encrypt(
        nonce, text.encode("ascii"), _bound_to(kind, record_id)
    )
    return Sealed(key_id=key_id, ciphertext=_VERSION + nonce + encrypted)


@sensitive_variables()
def unseal(sealed: Sealed, *, kind: Kind, record_id: UUID) -> str:
    """Return the text that `seal` was given for this row.

    Raises `VaultFault` for a ciphertext of another row, an altered one, or an unknown key.
    """
    version, rest = sealed.ciphertext[:1], sealed.ciphertext[1:]
    key = settings.AADHAAR_KEYS.get(sealed.key_id)
    if version != _VERSION or key is None:
        raise VaultFault(f"record {record_id} is sealed in a way or by a key unknown here")
    nonce, encrypted = rest[:_NONCE_BYTES], rest[_NONCE_BYTES:]
    try:
        return AESGCM(key).decrypt(nonce, encrypted, _bound_to(kind, record_id)).decode("ascii")
    except (InvalidTag, ValueError):
        fault = VaultFault(f"record {record_id} does not open: altered, or not its own ciphertext")
    raise fault


def _bound_to(kind: Kind, record_id: UUID) -> bytes:
    """Return what a ciphertext is tied to: table, column, row. Moved elsewhere it does not open."""
    return f"{kind.table}|ciphertext|{record_id}".encode("ascii")
