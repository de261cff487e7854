"""Taking personal and secret things out of a text, as the second line of defence of the log.

The first is that nothing personal is given to the log at all. What an exception of somebody else's
quotes, or a careless line, is caught here by its form: Aadhaar numbers, PANs, mobile numbers of
India, e-mail addresses, bearers. A name has no form, so names are kept out by the first line alone.
"""

import re
from typing import Any, Final

from stdnum import verhoeff

# Every repetition has an end, so that no text takes long.
_TWELVE: Final = re.compile(r"(?<![0-9])[2-9][0-9]{3}[ -]?[0-9]{4}[ -]?[0-9]{4}(?![0-9])", re.ASCII)
_PAN: Final = re.compile(
    r"(?<![A-Za-z0-9])[A-Za-z]{3}[ABCFGHJLPTabcfghjlpt][A-Za-z][0-9]{4}[A-Za-z](?![A-Za-z0-9])"
)
# Ten digits, the first of them 6 to 9, at once or grouped as people group them, with or without
# what stands for India before them. Digits of a fraction are none, nor is an amount with paise.
_PHONE: Final = re.compile(
    r"(?<![A-Za-z0-9])(?<![0-9]\.)(?:(?:\+|%2B|00)?\(?91\)?[ -]?|0)?"
    r"[6-9](?:[0-9]{4}[ -]?[0-9]{5}|[0-9]{2}[ -]?[0-9]{3}[ -]?[0-9]{4}"
    r"|[0-9]{3}[ -][0-9]{3}[ -]?[0-9]{3})"
    r"(?![A-Za-z0-9]|\.[0-9])",
    re.ASCII,
)
_EMAIL: Final = re.compile(
    r"[^\s@<>\"'(),;:\[\]{}=]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}"
)
_BEARER: Final = re.compile(r"(?i)\bbearer\s{1,4}[A-Za-z0-9._~+/=-]{8,4096}")
#: Our own keys and refresh tokens, and JSON web tokens, wherever they stand.
_TOKEN: Final = re.compile(
    r"\bbl[a-z]{1,3}_[A-Za-z0-9_-]{16,4096}"
    r"|\beyJ[A-Za-z0-9_-]{8,2048}\.[A-Za-z0-9_-]{2,2048}\.[A-Za-z0-9_-]{2,2048}"
)


def masked(text: str) -> str:
    """Return the text with what looks personal or secret replaced by what it was."""
    if "@" in text:
        text = _EMAIL.sub("[e-mail]", text)
    text = _TOKEN.sub("[token]", _BEARER.sub("Bearer [token]", text))
    return _PHONE.sub("[phone]", _PAN.sub("[PAN]", _without_aadhaar(text)))


def masked_value(value: Any) -> Any:
    """Return a value of a record of the log, masked within; a number that is one becomes a text."""
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        text = masked(str(value))
        return value if text == str(value) else text
    if isinstance(value, dict):
        return {masked_value(name): masked_value(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [masked_value(inner) for inner in value]
    return value


def _without_aadhaar(text: str) -> str:
    """Return the text without the twelve digits, grouped or not, that check as an Aadhaar number.

    Groups may overlap: of sixteen digits in fours, the last twelve may be the number.
    """
    parts, start, at = [], 0, 0
    while found := _TWELVE.search(text, at):
        if verhoeff.is_valid(re.sub(r"[ -]", "", found[0])):
            parts += [text[start : found.start()], "[Aadhaar]"]
            start = at = found.end()
        else:
            at = found.start() + 1
    return "".join([*parts, text[start:]])
