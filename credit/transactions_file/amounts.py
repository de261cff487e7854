"""Plain amounts read by the column: digits, and perhaps a point and one or two decimals.

It takes what is certain and leaves the rest: whatever is longer, larger or otherwise written is
read one by one by `parse_rupees`, whose answers these are held to.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from credit.transactions_file.layout import MAX_AMOUNT_PAISE
from credit.transactions_file.records import Flags, Numbers

UNREADABLE: Final = -1

_MAX_LENGTH = 13
_MOST_DECIMALS = 2
_ZERO, _NINE, _POINT = ord("0"), ord("9"), ord(".")
_PAISE_A_UNIT = np.array([100, 10, 1], dtype=np.int64)


def plain_paise(texts: Sequence[str]) -> Numbers:
    """Return the paise of each plain amount; `UNREADABLE` for any text that is not one."""
    lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    short: Flags = (lengths > 0) & (lengths <= _MAX_LENGTH)
    paise = np.full(len(texts), UNREADABLE, dtype=np.int64)
    if short.all():
        paise[:] = _short_paise(np.asarray(texts, dtype=f"U{_MAX_LENGTH}"), lengths)
    elif short.any():
        chosen = [texts[place] for place in np.flatnonzero(short).tolist()]
        paise[short] = _short_paise(np.array(chosen, dtype=f"U{_MAX_LENGTH}"), lengths[short])
    return paise


def _short_paise(texts: "np.ndarray[tuple[int], np.dtype[np.str_]]", lengths: Numbers) -> Numbers:
    """Read the texts from left to right, one place of all of them at a time."""
    characters = texts.view(np.uint32).reshape(len(texts), _MAX_LENGTH)
    value = np.zeros(len(texts), dtype=np.int64)
    digits, decimals, read = np.zeros_like(value), np.zeros_like(value), np.zeros_like(value)
    points: Numbers = np.zeros_like(value)
    for place in range(int(lengths.max(initial=0))):
        character = characters[:, place]
        is_digit: Flags = (character >= _ZERO) & (character <= _NINE)
        is_point: Flags = (character == _POINT) & (digits > 0)
        value = np.where(is_digit, value * 10 + character - _ZERO, value)
        digits += is_digit
        decimals += is_digit & (points > 0)
        points += is_point
        read += is_digit | is_point
    plain: Flags = (read == lengths) & (points <= 1) & (decimals <= _MOST_DECIMALS)
    plain &= (points == 0) | (decimals > 0)
    paise = value * _PAISE_A_UNIT[np.minimum(decimals, _MOST_DECIMALS)]
    return np.where(plain & (paise <= MAX_AMOUNT_PAISE), paise, UNREADABLE)
