"""The public id of a borrower: `BC-USER-009`, made from the row's own key."""

from bright_credit.common.public_id import key_of

_PREFIX = "BC-USER-"
_WIDTH = 3


class NotABorrowerId(ValueError):
    """The text is not written as a borrower's public id."""


def borrower_public_id(pk: int) -> str:
    """Return the public id of the borrower with this key: three digits, more as it grows."""
    if pk <= 0:
        raise ValueError("a borrower's key is positive")
    return f"{_PREFIX}{pk:0{_WIDTH}d}"


def parse_borrower_public_id(text: str) -> int:
    """Return the key in a public id.

    Only the one canonical spelling is taken, in ASCII: `BC-USER-9`, `BC-USER-0009`, `bc-user-009`
    and Devanagari digits raise `NotABorrowerId`, so one borrower never has two ids.
    """
    key = key_of(text, prefix=_PREFIX, width=_WIDTH)
    if key is None:
        raise NotABorrowerId("must be a borrower's id such as BC-USER-009")
    return key
