"""One-time codes: their form, and the limits that make guessing them pointless.

A code has six digits, so a guess is right once in a million. Five guesses a code, twenty a day for
an address, and a budget over all addresses together keep that a theory, however many ask at once.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

CODE_DIGITS: Final = 6
CODE_LIFE: Final = timedelta(minutes=5)
GUESSES_A_CODE: Final = 5


@dataclass(frozen=True, slots=True)
class Limit:
    """So many attempts in a window of time, counted under a name."""

    name: str
    attempts: int
    window: timedelta


# A place is a network address, which thousands share behind a mobile carrier's own.
CODES_AN_ADDRESS: Final = Limit("code-asked-address", 5, timedelta(hours=1))
CODES_A_PLACE: Final = Limit("code-asked-place", 300, timedelta(hours=1))
GUESSES_AN_ADDRESS: Final = Limit("code-guessed-address", 20, timedelta(days=1))
GUESSES_A_PLACE: Final = Limit("code-guessed-place", 300, timedelta(hours=1))

#: Wrong guesses of everybody together, against guessing once at very many addresses: at two
#: thousand an hour, hour after hour, one guess in three weeks would be right.
WRONG_GUESSES: Final = Limit("code-guessed-wrong", 2_000, timedelta(hours=1))

PASSWORDS_A_LOGIN: Final = Limit("password-login", 5, timedelta(minutes=15))
PASSWORDS_A_PLACE: Final = Limit("password-place", 50, timedelta(hours=1))


def code_from(digest: bytes) -> str:
    """Return the code that a digest stands for: its first eight bytes, as six digits."""
    return f"{int.from_bytes(digest[:8], 'big') % 10**CODE_DIGITS:0{CODE_DIGITS}d}"
