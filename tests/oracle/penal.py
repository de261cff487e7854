"""The oracle's penal charges: what an instalment unpaid on a day costs on that day (RBI, 2023)."""

from collections.abc import Iterator
from datetime import date
from fractions import Fraction

from tests.oracle.plan import half_up
from tests.oracle.story import Deal

#: A charge by rate comes again after so many days, for those.
AGAIN_AFTER = 30


def penal_charges(deal: Deal, due: date, day: date, unpaid: int) -> Iterator[tuple[int, int]]:
    """Yield what is levied on a day for an instalment: which of its charges, and how much.

    A day is past the grace, or past a slab, when more days than that have gone by since the due
    date. A charge by rate is for all days since then, or since the charge before it.
    """
    late = (day - due).days
    if not unpaid or late <= 0:
        return
    if deal.penal and late == deal.grace_days + 1:
        yield 1, deal.penal
    if deal.penal_bps and late > deal.grace_days:
        again, into = divmod(late - deal.grace_days - 1, AGAIN_AFTER)
        days = AGAIN_AFTER if again else deal.grace_days + 1
        amount = half_up(Fraction(unpaid * deal.penal_bps * days, 10_000 * 365))
        if into == 0 and amount:
            yield again + 1, amount
    for place, (after, amount) in enumerate(deal.penal_slabs, start=1):
        if late == after + 1:
            yield place, amount
