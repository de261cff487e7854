"""The journal entries of a day's work on a range of loans: one a product and kind."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from ledger.domain.entries import EntryDraft, TransferDraft
from loan.domain.posting_rules import (
    advance_applied_transfers,
    interest_billed_transfers,
    interest_capitalised_transfers,
    penal_levied_transfers,
)
from loan.services.billing.suspending import Suspended
from loan.services.impairment import SUSPENSE_KIND

Rows = Sequence[Sequence[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeSums:
    """What a day brought to a range of loans, added up by product: the product, how many, paise."""

    penal: Rows
    capitalised: Rows
    dues: Rows
    advances: Rows
    suspended: Iterable[Suspended] = ()


class _Booking(NamedTuple):
    kind: str
    product: str
    transfers: tuple[TransferDraft, ...]
    narrative: str


def entries_of(sums: RangeSums, *, day: date, low: int) -> list[EntryDraft]:
    """Return an entry a product and kind, named after the range, which is done once."""
    return [
        EntryDraft(
            value_date=day,
            kind=booking.kind,
            reference=f"{booking.kind}/{day}/{booking.product}/{low}",
            transfers=booking.transfers,
            narrative=f"{booking.narrative} of {booking.product}",
        )
        for booking in _bookings(sums)
    ]


def _bookings(sums: RangeSums) -> Iterator[_Booking]:
    for product, count, paise in sums.capitalised:
        transfers = interest_capitalised_transfers(paise)
        words = f"Capitalised interest of {count} loans"
        yield _Booking("INTEREST_CAPITALISED", product, transfers, words)
    for product, count, paise in sums.penal:
        transfers = penal_levied_transfers(paise)
        yield _Booking("PENAL_CHARGE", product, transfers, f"{count} penal charges")
    for product, count, paise in sums.dues:
        if paise > 0:
            transfers = interest_billed_transfers(paise)
            yield _Booking("INTEREST_DUE", product, transfers, f"{count} dues")
    for product, count, interest, principal in sums.advances:
        transfers = advance_applied_transfers(interest_paise=interest, principal_paise=principal)
        yield _Booking("ADVANCE_APPLIED", product, transfers, f"{count} dues met from advance")
    for one in sums.suspended:
        words = f"Income held in suspense, {one.loans} loans"
        yield _Booking(SUSPENSE_KIND, one.product, one.transfers, words)
