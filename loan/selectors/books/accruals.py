"""The last accrual, reckoned again from what it knew."""

from collections.abc import Iterator

from loan.selectors.accruals import accrued_on, known_by, last_accrual, shares_of
from loan.selectors.books.findings import Finding


def accrual_findings() -> Iterator[Finding]:
    """Yield the products whose last accrual is not what their loans give, as known at that time."""
    last = last_accrual()
    if last is None:
        return
    booked = shares_of(last)
    reckoned = {each.product: each.accrued_paise for each in accrued_on(last.as_of, known_by(last))}
    for product in sorted(booked.keys() | reckoned.keys()):
        held, found = booked.get(product, 0), reckoned.get(product, 0)
        if held != found:
            yield Finding(
                check="accrual",
                subject=f"{product} as of {last.as_of}",
                detail=f"booked {held} paise, its loans give {found}",
            )
    if sum(booked.values()) != last.accrued_paise:
        yield Finding(
            check="accrual",
            subject=f"as of {last.as_of}",
            detail=f"is {last.accrued_paise} paise, its shares {sum(booked.values())}",
        )
