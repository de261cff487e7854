"""Which rows may be posted, and why the others may not: each distinct text is judged once.

Real files repeat themselves (a few thousand borrowers, a few hundred days, two types), so a column
is reduced to its distinct texts, those are judged one by one by the rules below, and the verdicts
are spread back over the rows. Amounts and narrations repeat less: those that are plainly in order
are told apart by the column, and only the others are judged so.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TypeAlias

import numpy as np
import pandas as pd

from bright_credit.common.money import NotAnAmount, parse_rupees
from credit.domain.narration import MAX_DESCRIPTION_LENGTH
from credit.transactions_file.amounts import UNREADABLE, plain_paise
from credit.transactions_file.layout import (
    EARLIEST_YEAR,
    MAX_AMOUNT_PAISE,
    RejectCode,
)
from credit.transactions_file.records import Flags, Numbers
from users.domain.identity import NotABorrowerId, parse_borrower_public_id

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TOO_MANY_DIGITS = re.compile(r"[0-9]{14,}(\.[0-9]{1,2})?")
_TYPES = frozenset({"CREDIT", "DEBIT"})
_NOBODY = 0

#: Verdicts as small numbers: the place of the code in this table, 0 for a row that may be posted.
_CODES: tuple[RejectCode | None, ...] = (None, *RejectCode)
_PLACE = {code: place for place, code in enumerate(_CODES)}

Verdicts: TypeAlias = np.ndarray[tuple[int], np.dtype[np.int8]]
WhichAreKnown: TypeAlias = Callable[[Numbers], Flags]


@dataclass(frozen=True, slots=True)
class Checked:
    """The verdict on every row of a table, and the amounts that could be read, in paise."""

    verdicts: Verdicts
    amounts_paise: Numbers

    @property
    def good(self) -> Flags:
        """Which rows may be posted."""
        good: Flags = self.verdicts == 0
        return good

    @property
    def readable(self) -> Flags:
        """Which rows have an amount that could be read."""
        readable: Flags = self.amounts_paise != UNREADABLE
        return readable

    def code(self, row: int) -> RejectCode:
        """Return why a row that may not be posted is rejected."""
        code = _CODES[int(self.verdicts[row])]
        if code is None:
            raise ValueError(f"row {row} is not rejected")
        return code


def check(table: pd.DataFrame, *, as_of: date, known_borrowers: WhichAreKnown) -> Checked:
    """Return the verdict on each row: the first rule it breaks, in the order of the columns.

    `known_borrowers` returns which of some keys are borrowers'; it is asked once.
    """
    amounts = _judge_amounts(table["amount"])
    columns = (
        _judge_users(table["user_id"], known_borrowers),
        _judge(table["transaction_date"], lambda text: judge_date(text, as_of=as_of)),
        amounts.verdicts,
        _judge(table["type"], judge_type),
        _judge_descriptions(table["description"]),
    )
    verdicts = columns[-1]
    for earlier in reversed(columns[:-1]):
        verdicts = np.where(earlier != 0, earlier, verdicts)
    return Checked(verdicts, amounts.amounts_paise)


def judge_date(text: str, *, as_of: date) -> RejectCode | None:
    """Return why a text is no date a transaction can have on the business date `as_of`."""
    if _DATE.fullmatch(text) is None:
        return RejectCode.DATE_MALFORMED
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return RejectCode.DATE_IMPOSSIBLE
    if day > as_of:
        return RejectCode.DATE_IN_FUTURE
    return RejectCode.DATE_TOO_OLD if day.year < EARLIEST_YEAR else None


def judge_amount(text: str) -> RejectCode | None:
    """Return why a text is no amount that a transaction can have."""
    try:
        paise = parse_rupees(text)
    except NotAnAmount:
        too_large = _TOO_MANY_DIGITS.fullmatch(text)
        return RejectCode.AMOUNT_TOO_LARGE if too_large else RejectCode.AMOUNT_MALFORMED
    if paise <= 0:
        return RejectCode.AMOUNT_NOT_POSITIVE
    return RejectCode.AMOUNT_TOO_LARGE if paise > MAX_AMOUNT_PAISE else None


def judge_type(text: str) -> RejectCode | None:
    """Return why a text is no type of transaction."""
    return None if text in _TYPES else RejectCode.TYPE_UNKNOWN


def judge_description(text: str) -> RejectCode | None:
    """Return why a text is no description; an empty one is."""
    too_long = len(text) > MAX_DESCRIPTION_LENGTH
    return RejectCode.DESCRIPTION_TOO_LONG if too_long else None


def readable_paise(text: str) -> int | None:
    """Return the paise of a plain amount from zero to the largest; None for anything else."""
    try:
        paise = parse_rupees(text)
    except NotAnAmount:
        return None
    return paise if 0 <= paise <= MAX_AMOUNT_PAISE else None


def _judge(column: "pd.Series[str]", rule: Callable[[str], RejectCode | None]) -> Verdicts:
    places, texts = _distinct(column)
    return _verdicts(map(rule, texts), count=len(texts))[places]


def _judge_descriptions(column: "pd.Series[str]") -> Verdicts:
    lengths = np.fromiter(
        map(len, column.to_numpy(dtype=object)), dtype=np.int64, count=len(column)
    )
    verdicts = np.zeros(len(column), dtype=np.int8)
    rest = np.flatnonzero(lengths > MAX_DESCRIPTION_LENGTH)
    verdicts[rest] = _judge(column.iloc[rest], judge_description)
    return verdicts


def _judge_amounts(column: "pd.Series[str]") -> Checked:
    amounts_paise = plain_paise(column.tolist())
    verdicts = np.zeros(len(column), dtype=np.int8)
    rest = np.flatnonzero(amounts_paise <= 0)
    judged = _judge_each_amount(column.iloc[rest])
    verdicts[rest], amounts_paise[rest] = judged.verdicts, judged.amounts_paise
    return Checked(verdicts, amounts_paise)


def _judge_each_amount(column: "pd.Series[str]") -> Checked:
    places, texts = _distinct(column)
    paise = [readable_paise(text) for text in texts]
    verdicts = (
        None if amount else judge_amount(text) for amount, text in zip(paise, texts, strict=True)
    )
    readable = (UNREADABLE if amount is None else amount for amount in paise)
    return Checked(
        _verdicts(verdicts, count=len(texts))[places],
        np.fromiter(readable, dtype=np.int64, count=len(texts))[places],
    )


def _judge_users(column: "pd.Series[str]", known_borrowers: WhichAreKnown) -> Verdicts:
    places, texts = _distinct(column)
    keys = np.fromiter(map(_borrower_key, texts), dtype=np.int64, count=len(texts))
    verdicts = np.where(known_borrowers(keys), _PLACE[None], _PLACE[RejectCode.UNKNOWN_USER])
    return verdicts.astype(np.int8)[places]


def _distinct(column: "pd.Series[str]") -> tuple[Numbers, list[str]]:
    """Return for each row the place of its text among the distinct ones, and those."""
    places, texts = pd.factorize(column.to_numpy(dtype=object))
    return places, texts.tolist()


# A file names the same few thousand borrowers in each of its blocks.
@lru_cache(maxsize=65_536)
def _borrower_key(text: str) -> int:
    """Return the key in a public id, or one that no borrower has."""
    try:
        return parse_borrower_public_id(text)
    except NotABorrowerId:
        return _NOBODY


def _verdicts(codes: Iterable[RejectCode | None], *, count: int) -> Verdicts:
    return np.fromiter((_PLACE[code] for code in codes), dtype=np.int8, count=count)
