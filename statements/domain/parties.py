"""Who a document is from and to."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class GrievanceOfficer:
    """Whom a borrower turns to with a complaint."""

    name: str
    phone: str
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lender:
    """The lender, as its documents name it.

    `cooling_off_days` is how long a borrower may give the loan back by its board's policy; the RBI
    (Digital Lending) Directions, 2025 ask for one day at least.
    """

    name: str
    address: str
    registration: str
    cin: str
    gstin: str
    phone: str
    email: str
    website: str
    grievance_officer: GrievanceOfficer
    cooling_off_days: int
    cooling_off_returns_fee: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """The borrower, as documents address them."""

    name: str
    user_id: str
    email: str
