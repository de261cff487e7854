"""Secrets that the sandbox makes for itself, kept under `var/secrets` for its owner's eyes only."""

import re
import secrets

from bright_credit.embedded.files import create_private, private_directory
from bright_credit.embedded.paths import var_directory

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}", re.ASCII)


def sandbox_secret(name: str, *, size_bytes: int = 48) -> str:
    """Return the secret of that name, made on first use of `size_bytes` random bytes.

    Two processes that ask for it at the same moment get the same one.
    """
    if not _NAME.fullmatch(name):
        raise ValueError(f"not the name of a secret: {name!r}")
    path = private_directory(var_directory() / "secrets") / name
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return create_private(path, secrets.token_urlsafe(size_bytes))
