"""How long a person's identity is kept after they have borrowed."""

from datetime import date

from bright_credit.common.business_day import add_months


def erasable_from(ended_on: date | None, *, years: int) -> date | None:
    """Return the first day on which a borrower may be erased; None: at any time.

    `ended_on` is when the last loan ended, None for somebody who never had one. Prevention of
    Money-laundering Act, 2002, s. 12: records of identity are kept for five years after the
    relationship has ended. Until then the law asks for them, and the right to erasure (DPDP Act,
    2023, s. 12(3)) yields to it.
    """
    return None if ended_on is None else add_months(ended_on, 12 * years)
