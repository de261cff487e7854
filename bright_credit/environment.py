"""What the settings read from: the environment, in one of two modes, and secrets.

`sandbox` (the default with the embedded database) makes its own secrets under `var/` and lets
anonymous callers from this machine use the API. `live` (the default with `DATABASE_URL`) has no
default for anything secret and refuses to start without it.
"""

import base64
import hashlib
import sys
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

from bright_credit.embedded.secrets import sandbox_secret

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()  # type: ignore[no-untyped-call]

_EMBEDDED = env.bool("BRIGHTLEND_EMBEDDED", default=False)
MODE = env.str("BRIGHTLEND_MODE", default="sandbox" if _EMBEDDED else "live")
if MODE not in {"sandbox", "live"}:
    raise ImproperlyConfigured("BRIGHTLEND_MODE must be 'sandbox' or 'live'")
LIVE = MODE == "live"
if LIVE and not sys.flags.hash_randomization:
    raise ImproperlyConfigured(
        "live mode needs PYTHONHASHSEED unset: where hashes are known, keys can be made to collide"
    )


def secret(name: str) -> str:
    """Return a secret from the environment; in the sandbox one is made and kept under `var/`."""
    value = env.str(name, default="")
    if value:
        return value
    if LIVE:
        raise ImproperlyConfigured(f"{name} must be set in live mode")
    return sandbox_secret(name.lower())


def key_ring(name: str) -> dict[str, bytes]:
    """Return a ring of keys, `key id → 32 bytes`, from `id:base64,id:base64`.

    In the sandbox a single key is derived from a generated secret.
    """
    text = env.str(name, default="")
    if not text:
        return {"sandbox-1": hashlib.sha256(secret(name).encode()).digest()}
    ring: dict[str, bytes] = {}
    for part in text.split(","):
        key_id, _, encoded = part.partition(":")
        try:
            key = base64.b64decode(encoded, validate=True)
        except ValueError:
            key = b""
        if not key_id or len(key) != 32:
            raise ImproperlyConfigured(f"{name} must be id:base64-of-32-bytes,…")
        ring[key_id] = key
    return ring
