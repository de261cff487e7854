"""The one spelling of an e-mail address that is stored and compared."""

import re
from typing import Final

from bright_credit.common.errors import InvalidInput

MAX_EMAIL_LENGTH: Final = 254
_MAX_LOCAL_LENGTH: Final = 64

# An address identifies a borrower, so it is plain ASCII: no homoglyph can make two that look
# alike, and an internationalised domain is written in its `xn--` form. Quoted local parts, address
# literals and dotless domains are not taken: no mail provider gives them to people.
_WORD = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_TOP = r"(?:[a-z]{2,63}|xn--[a-z0-9]{1,59})"
_EMAIL = re.compile(
    rf"(?P<local>{_WORD}(?:\.{_WORD})*)@(?:{_LABEL}\.)+{_TOP}", re.ASCII
)  # matched against lower-case text only


class InvalidEmail(InvalidInput):
    """The e-mail address is not one that mail can be sent to."""

    code = "invalid_email"


def normalise_email(text: str) -> str:
    """Return the address trimmed and in lower case, so that letter case never makes two of one.

    Raises `InvalidEmail` for anything but a plain ASCII address of at most 254 characters.
    """
    address = text.strip(" ")
    if not address.isascii() or len(address) > MAX_EMAIL_LENGTH:
        raise InvalidEmail("Must be a plain address of at most 254 characters.", field="email")
    address = address.lower()
    match = _EMAIL.fullmatch(address)
    if match is None or len(match["local"]) > _MAX_LOCAL_LENGTH:
        raise InvalidEmail("Must be an e-mail address such as name@example.com.", field="email")
    return address
