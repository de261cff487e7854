"""Loans that were set aside because they could not be billed."""

from dataclasses import dataclass
from datetime import date

from loan.models import QuarantinedLoan


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """A loan in quarantine: since which business date it is left out, and why."""

    loan_key: int
    loan_id: str
    since_date: date
    reason: str

    def __str__(self) -> str:
        return f"{self.loan_id} is left out since {self.since_date}: {self.reason}"


def quarantined_loans() -> tuple[Quarantined, ...]:
    """Return the loans in quarantine, the longest there first."""
    held = QuarantinedLoan.objects.filter(released_at__isnull=True).select_related("loan")
    return tuple(
        Quarantined(
            loan_key=row.loan_id,
            loan_id=row.loan.public_id,
            since_date=row.business_date,
            reason=row.reason,
        )
        for row in held.order_by("business_date", "loan_id")
    )


def quarantined_keys(low: int, high: int) -> list[int]:
    """Return the keys of the loans of a range that are in quarantine."""
    held = QuarantinedLoan.objects.filter(released_at__isnull=True, loan__gte=low, loan__lte=high)
    return list(held.values_list("loan_id", flat=True))
