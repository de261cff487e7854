"""Public ids: a prefix, sometimes a year, and the row's own key, zero-padded, growing past it."""

import re

MAX_KEY = 2**63 - 1
_KEY = re.compile(r"[0-9]{1,19}", re.ASCII)


def key_of(text: str, *, prefix: str, width: int) -> int | None:
    """Return the key in `prefix` + zero-padded digits, or None unless it is written exactly so."""
    digits = text.removeprefix(prefix)
    if not text.startswith(prefix) or _KEY.fullmatch(digits) is None:
        return None
    key = int(digits)
    return key if f"{key:0{width}d}" == digits and 0 < key <= MAX_KEY else None


def year_and_key_of(text: str, *, prefix: str, width: int) -> tuple[int, int] | None:
    """Return (year, key) of `LN-2026-0457` for prefix `LN-`, or None unless written exactly so."""
    year, dash, _ = text.removeprefix(prefix).partition("-")
    if not dash or re.fullmatch(r"[0-9]{4}", year, re.ASCII) is None:
        return None
    key = key_of(text, prefix=f"{prefix}{year}-", width=width)
    return None if key is None else (int(year), key)
