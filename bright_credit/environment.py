"""What the settings read from: the environment, in one of two modes, and secrets.

`sandbox` (the default with the embedded database) makes its own secrets under `var/` and lets
anonymous callers from this machine use the API. `live` (the default with `DATABASE_URL`) has no
default for anything secret and refuses to start without it.
"""

import base64
import getpass
import hashlib
import sys
from collections.abc import Mapping
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


#: The lender that the sandbox makes up, by the variables that name a real one.
_SANDBOX_LENDER = {
    "BRIGHTLEND_LENDER_NAME": "BrightLend Sandbox Finance Limited",
    "BRIGHTLEND_LENDER_ADDRESS": "1 Example Road, Bengaluru 560001, Karnataka",
    "BRIGHTLEND_LENDER_REGISTRATION": "N-00.00000",
    "BRIGHTLEND_LENDER_CIN": "U00000KA2026PLC000000",
    "BRIGHTLEND_LENDER_GSTIN": "29AAAAA0000A1Z5",
    "BRIGHTLEND_LENDER_PHONE": "+91 80 0000 0000",
    "BRIGHTLEND_LENDER_EMAIL": "care@example.com",
    "BRIGHTLEND_LENDER_WEBSITE": "https://example.com",
    "BRIGHTLEND_GRIEVANCE_OFFICER": "Asha Example",
    "BRIGHTLEND_GRIEVANCE_PHONE": "+91 80 0000 0001",
    "BRIGHTLEND_GRIEVANCE_EMAIL": "grievance@example.com",
}


def lender() -> dict[str, str]:
    """Return what the lender's documents name it by; live mode makes nothing up."""
    return {
        name: env.str(name, default="" if LIVE else invented).strip()
        for name, invented in _SANDBOX_LENDER.items()
    }


def whole_number(name: str, default: int, *, least: int = 0) -> int:
    """Return a whole number from the environment, no smaller than the least."""
    value: int = env.int(name, default=default)
    if value < least:
        raise ImproperlyConfigured(f"{name} must be {least} at least")
    return value


def process_name() -> str:
    """Return what this process is, and whose: `brightlend run_billing (asha)`; 63 characters."""
    program = Path(sys.argv[0] or "python").name
    what = sys.argv[1] if program == "manage.py" and len(sys.argv) > 1 else program
    try:
        who = getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        who = "unknown"
    return f"brightlend {what[:30]} ({who[:18]})"


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


def active_key(name: str, ring: Mapping[str, bytes]) -> str:
    """Return which key of a ring is used from now on: the one that is named, or the first."""
    key_id: str = env.str(name, default=next(iter(ring)))
    if key_id not in ring:
        raise ImproperlyConfigured(f"{name} must name a key of the ring")
    return key_id


def former_secrets(name: str) -> tuple[bytes, ...]:
    """Return secrets that nothing new is made with, from `old,older`; none by default."""
    return tuple(text.encode() for text in env.list(name, default=[]))
