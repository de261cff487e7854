"""What a client wrote, kept exactly: number literals, and text made safe to show again."""

from dataclasses import dataclass

MAX_SHOWN = 60


@dataclass(frozen=True, slots=True)
class NumberLiteral:
    """A JSON number with a fraction or an exponent, as it was typed.

    `20833.33` read as a float is another number; kept as its text, money can be read from it
    exactly, and `1E+2000000` costs nothing.
    """

    text: str


def shown(text: str) -> str:
    """Return a client's own text fit to be shown in an answer: short, printable, one line."""
    short = text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 1] + "…"
    return "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in short)
