"""Secrets of webhooks: made, sealed for the database, opened again to sign with.

Kept as the vault keeps numbers, under a ring of its own: AES-256-GCM, bound to the row. A
signature needs the secret itself, so a digest would not do. Nothing here logs.
"""

import base64
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.views.decorators.debug import sensitive_variables
from standardwebhooks import Webhook

SECRET_PREFIX: Final = "whsec_"  # noqa: S105 - how secrets begin, and no secret
_SECRET_BYTES: Final = 32
_NONCE_BYTES: Final = 12


class WebhookSecretFault(RuntimeError):
    """A sealed secret cannot be opened: another row's, altered, or its key is not in the ring."""


@sensitive_variables()
def new_secret() -> str:
    """Return a new secret as its receiver gets it: `whsec_` and 32 random bytes in base64."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode("ascii")


@sensitive_variables()
def seal(secret: str, *, record_id: UUID) -> tuple[str, bytes]:
    """Return the id of the key used, and the secret encrypted for the row with this id."""
    key_id = next(iter(settings.WEBHOOK_KEYS))
    nonce = secrets.token_bytes(_NONCE_BYTES)
    sealed = AESGCM(settings.WEBHOOK_KEYS[key_id]).encrypt(
        nonce, secret.encode("ascii"), _bound_to(record_id)
    )
    return key_id, nonce + sealed


@sensitive_variables()
def unseal(ciphertext: bytes, *, key_id: str, record_id: UUID) -> str:
    """Return the secret that was sealed for this row. Raises `WebhookSecretFault`."""
    key = settings.WEBHOOK_KEYS.get(key_id)
    if key is None:
        raise WebhookSecretFault(f"secret {record_id} is sealed by a key unknown here")
    nonce, sealed = ciphertext[:_NONCE_BYTES], ciphertext[_NONCE_BYTES:]
    try:
        return AESGCM(key).decrypt(nonce, sealed, _bound_to(record_id)).decode("ascii")
    except (InvalidTag, ValueError):
        fault = WebhookSecretFault(f"secret {record_id} does not open")
    raise fault


@sensitive_variables()
def signatures(using: Iterable[str], *, message_id: str, at: datetime, body: str) -> str:
    """Return the header `webhook-signature`: a `v1` signature by each secret, the newest first."""
    return " ".join(Webhook(secret).sign(message_id, at.astimezone(UTC), body) for secret in using)


def _bound_to(record_id: UUID) -> bytes:
    """Return what a ciphertext is tied to: table, column, row. Moved elsewhere it does not open."""
    return f"users_webhooksecret|ciphertext|{record_id}".encode("ascii")
