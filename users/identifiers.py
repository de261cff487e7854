"""What numbers that tell who a person is must look like, and how much of one is ever shown.

Each has one stored spelling, which goes to the vault (`users.vault`) and nowhere else. No function
here logs, and no refusal quotes what was given or is chained to an error that might.
"""

import re
from typing import Final

from django.views.decorators.debug import sensitive_variables
from stdnum.in_ import aadhaar, pan

from bright_credit.common.errors import InvalidInput

#: More than any spelling of a phone number needs.
MAX_PHONE_LENGTH: Final = 24
PAN_LENGTH: Final = 10

_TWELVE_DIGITS: Final = re.compile(r"[0-9]{12}", re.ASCII)
#: The fourth letter says whose it is: P is a person's. Borrowers are persons.
_PERSONS_PAN: Final = re.compile(r"[A-Za-z]{3}[Pp][A-Za-z][0-9]{4}[A-Za-z]", re.ASCII)
# India's numbering plan (Department of Telecommunications, 2003, and its supplements): a mobile
# number is ten digits, the first of them 6 to 9; people write 0, 91, +91 or 0091 before it.
_MOBILE: Final = re.compile(r"(?:(?:\+|00)?91|0)?([6-9][0-9]{9})", re.ASCII)
_BETWEEN_DIGITS: Final = re.compile(r"(?<=[0-9)])[ -](?=[0-9(])|[()]", re.ASCII)


class InvalidAadhaar(InvalidInput):
    """The text is not an Aadhaar number: twelve digits, the last of which checks the others."""

    code = "invalid_aadhaar"


class InvalidPan(InvalidInput):
    """The text is not a person's PAN: five letters, the fourth a P, four digits and a letter."""

    code = "invalid_pan"


class InvalidPhone(InvalidInput):
    """The text is not a mobile number of India: +91 and ten digits, the first of them 6 to 9."""

    code = "invalid_phone"


@sensitive_variables()
def checked_aadhaar(text: str) -> str:
    """Return the text when it is an Aadhaar number: exactly twelve ASCII digits that pass Verhoeff.

    Raises `InvalidAadhaar`, which names the field and the rule and never the value.
    """
    field = "aadhar_id"
    if _TWELVE_DIGITS.fullmatch(text) is None:
        raise InvalidAadhaar("Must be exactly 12 digits, with nothing between them.", field=field)
    if not aadhaar.is_valid(text):
        raise InvalidAadhaar("Is not an Aadhaar number; check its digits.", field=field)
    return text


@sensitive_variables()
def normalised_pan(text: str) -> str:
    """Return a person's PAN trimmed and in capitals: ABCPK1234F. Raises `InvalidPan`.

    Its last letter checks the others by a rule that is not published, so it is taken as it is.
    """
    given = text.strip(" ")
    if _PERSONS_PAN.fullmatch(given) is None or not pan.is_valid(given):
        raise InvalidPan("Must be the PAN of a person, such as ABCPK1234F.", field="pan")
    return given.upper()


@sensitive_variables()
def normalised_phone(text: str) -> str:
    """Return a mobile number of India as E.164 writes it: +919876543210. Raises `InvalidPhone`.

    Single spaces, hyphens and brackets between its digits are left out.
    """
    given = text.strip(" ")
    found = None
    if len(given) <= MAX_PHONE_LENGTH:
        found = _MOBILE.fullmatch(_BETWEEN_DIGITS.sub("", given))
    if found is None:
        raise InvalidPhone(
            "Must be a mobile number of India, such as +91 98765 43210.", field="phone"
        )
    return f"+91{found[1]}"


def shown_aadhaar(last_four: str | None) -> str | None:
    """Return an Aadhaar number as far as anyone may see it; None for none."""
    return f"XXXX-XXXX-{last_four}" if last_four else None


def shown_pan(last_four: str | None) -> str | None:
    """Return a PAN as far as anyone may see it: XXXXXX234F; None for none."""
    return f"XXXXXX{last_four}" if last_four else None


def shown_phone(last_four: str | None) -> str | None:
    """Return a phone number as far as anyone may see it: +91 XXXXXX3210; None for none."""
    return f"+91 XXXXXX{last_four}" if last_four else None
