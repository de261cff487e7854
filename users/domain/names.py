"""The one spelling of a person's name that is stored: any script, nothing invisible.

Letters and their marks of every script are welcome, in Unicode's composed form (NFC), because the
same name typed on two keyboards must be one text. What the eye cannot see or what turns the line
around it (controls, bidirectional overrides, fillers, zero-width characters) is refused, save the
two joiners that Indic and Persian spelling needs. Emoji and symbols are no letters.
"""

import unicodedata
from collections.abc import Iterator
from typing import Final

from bright_credit.common.errors import InvalidInput

MAX_NAME_LENGTH: Final = 200
#: NFC may shorten a name, so a longer text is looked at, but the work on it is bounded.
MAX_RAW_NAME_LENGTH: Final = 4 * MAX_NAME_LENGTH

#: An identity or telephone number typed into the wrong box must never be kept as a name.
_MAX_DIGITS: Final = 3
#: The longest stacks of real orthographies are shorter; longer ones only smear the page.
_MAX_MARKS_IN_A_ROW: Final = 8

_TOO_LONG: Final = f"Must have at most {MAX_NAME_LENGTH} characters."

_APOSTROPHES: Final = frozenset("'’‘՚")
_PUNCTUATION: Final = _APOSTROPHES | frozenset(" .,-‐‑·・॰׳״()/")
_JOINERS: Final = frozenset("\u200c\u200d")
_FIRST_LETTER_THAT_JOINS: Final = "\u0590"

# Letters and marks by category that show nothing (Unicode's Default_Ignorable_Code_Point).
_INVISIBLE: Final = frozenset(
    chr(code)
    for span in (
        range(0x034F, 0x0350),
        range(0x115F, 0x1161),
        range(0x17B4, 0x17B6),
        range(0x180B, 0x1810),
        range(0x3164, 0x3165),
        range(0xFE00, 0xFE10),
        range(0xFFA0, 0xFFA1),
        range(0xE0100, 0xE01F0),
    )
    for code in span
)


class InvalidName(InvalidInput):
    """The name holds something that no name is written with."""

    code = "invalid_name"


def normalise_name(text: str) -> str:
    """Return the name composed (NFC), trimmed, with single spaces. Raises `InvalidName`.

    The result has 1 to 200 code points, begins with a letter (or an apostrophe, as in ’t Hooft),
    and normalising it again changes nothing.
    """
    if len(text) > MAX_RAW_NAME_LENGTH:
        raise InvalidName(_TOO_LONG, field="name")
    composed = unicodedata.normalize("NFC", text)
    spaced = "".join(" " if unicodedata.category(char) == "Zs" else char for char in composed)
    name = " ".join(part for part in spaced.split(" ") if part)
    broken_rule = next(_broken_rules(name), None)
    if broken_rule is not None:
        raise InvalidName(broken_rule, field="name")
    return name


def _broken_rules(name: str) -> Iterator[str]:
    """Yield a sentence for each rule that the name breaks; none of them quotes the name."""
    if not name:
        yield "Must not be empty."
    if len(name) > MAX_NAME_LENGTH:
        yield _TOO_LONG
    if not all(map(_is_writable, name)):
        yield "Must be written with letters, spaces and . , ' - ( ) / only."
    if not any(map(_is_letter, name)):
        yield "Must contain a letter."
    if name and not (_is_letter(name[0]) or name[0] in _APOSTROPHES):
        yield "Must begin with a letter."
    if sum(unicodedata.category(char) == "Nd" for char in name) > _MAX_DIGITS:
        yield f"Must not contain more than {_MAX_DIGITS} digits."
    if not _marks_follow_letters(name):
        yield "Must not contain accents or joiners that belong to no letter."


def _is_letter(char: str) -> bool:
    return unicodedata.category(char).startswith("L")


def _is_mark(char: str) -> bool:
    return unicodedata.category(char).startswith("M")


def _is_writable(char: str) -> bool:
    if char in _INVISIBLE or unicodedata.decomposition(char).startswith("<font>"):
        return False
    category = unicodedata.category(char)
    return category[0] in "LM" or category == "Nd" or char in _PUNCTUATION or char in _JOINERS


def _marks_follow_letters(name: str) -> bool:
    """Tell whether marks sit on letters, and joiners after a sign of a script that joins."""
    previous, marks = " ", 0
    for char in name:
        if char in _JOINERS:
            if not (_is_letter(previous) or _is_mark(previous)):
                return False
            if previous < _FIRST_LETTER_THAT_JOINS:
                return False
        elif _is_mark(char):
            marks += 1
            on_a_letter = _is_letter(previous) or _is_mark(previous) or previous in _JOINERS
            if not on_a_letter or marks > _MAX_MARKS_IN_A_ROW:
                return False
        else:
            marks = 0
        previous = char
    return True
