"""A loan and what happened to it in plain words and numbers: what oracle and core are told.

Nothing here knows the product: amounts are whole paise, rates basis points a year, choices are the
words of the documents. Happenings stand in the order in which they became known (`number`), and
each counts from its own day (`on`).
"""

from dataclasses import dataclass
from datetime import date
from typing import TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """What lender and borrower agreed on. A tenure is counted in periods, those of rest included.

    In the first `idle_periods` no principal is repaid, in the first `silent_periods`, which are
    among them, nothing at all; `silent_interest` says what becomes of the interest of those. What
    an instalment costs that stays unpaid is one of three: a sum (`penal`), so much a year of what
    is unpaid (`penal_bps`), or sums by the days past due that it reaches (`penal_slabs`). The `fee`
    is kept back when the loan is paid out, its tax in it; `fee_returned` says whether it comes back
    to a borrower who gives the loan back at once. `later_days` are days of the month agreed later,
    each for the due dates from one on. Money meets what is owed in the `order`: of an NPA in the
    `npa_order`, where one is agreed.
    """

    lent: int
    rate_bps: int
    tenure_months: int
    method: str
    instalment_rounding: str
    split_rounding: str
    frequency: str
    day_count: str
    disbursed: date
    first_due: date
    due_day: int | None
    broken_interest: str = "NONE"
    idle_periods: int = 0
    silent_periods: int = 0
    silent_interest: str = "WITH_FIRST_INSTALMENT"
    grace_days: int = 3
    penal: int = 0
    penal_bps: int = 0
    penal_slabs: tuple[tuple[int, int], ...] = ()
    order: str = "OLDEST_INSTALMENT_FIRST"
    fee: int = 0
    fee_gst: int = 0
    fee_returned: bool = False
    later_days: tuple[tuple[date, int], ...] = ()
    npa_order: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GivingBack:
    """What giving the loan back costs beside the amount lent, and what of that kept back returns.

    `interest` is that of the days, `fee` has the `gst` in it, `kept_interest` is of broken days.
    """

    interest: int
    fee: int
    gst: int
    kept_interest: int

    @property
    def returned(self) -> int:
        return self.fee + self.kept_interest


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """Money came. `aim` is DUES, REDUCE_TENURE, REDUCE_EMI, FORECLOSURE or CANCELLATION."""

    number: int
    on: date
    amount: int
    aim: str = "DUES"
    closing_charge: int = 0
    closing_gst: int = 0
    giving_back: GivingBack | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenBack:
    """An earlier happening turned out not to have happened: a payment bounced, for one."""

    number: int
    on: date
    which: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Charged:
    """The lender put a charge on the loan; `gst` is the tax in its amount."""

    number: int
    on: date
    key: str
    amount: int
    gst: int = 0
    for_bounce: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Waived:
    """The lender let go of a charge, or of a part of it."""

    number: int
    on: date
    charge: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Refunded:
    """Money beyond everything owed went back to the borrower."""

    number: int
    on: date
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RateSet:
    """Another rate was agreed, from a day on. `keep` is TENURE or EMI."""

    number: int
    on: date
    rate_bps: int
    since: date
    keep: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rearranged:
    """Other instalments were agreed for those due from a day on.

    `what` is DUE_DAY, HOLIDAY or TENOR, and `figure` the day, or how many instalments are skipped
    or follow. What a holiday costs comes with the `interest_with` FIRST or LAST instalment, and it
    keeps the TENURE or the EMI. `in_distress` says that the borrower could not have gone on.
    """

    number: int
    on: date
    since: date
    what: str
    figure: int
    interest_with: str = "FIRST"
    keep: str = "EMI"
    in_distress: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenOff:
    """The lender took the loan off the books. `kind` is TECHNICAL, where the claim is kept, FULL,
    where it is given up, or SETTLEMENT: it is given up against the payment `settled_by`."""

    number: int
    on: date
    kind: str
    settled_by: int | None = None


Happening: TypeAlias = (
    Paid | TakenBack | Charged | Waived | Refunded | RateSet | Rearranged | WrittenOff
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """A person marked a borrower as of a class, or (None) lifted that mark."""

    on: date
    asset_class: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Instalment:
    """A row of the schedule with what is paid of it."""

    number: int
    due: date
    opening: int
    interest: int
    principal: int
    interest_paid: int
    principal_paid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCharge:
    """A charge of which something is still asked."""

    key: str
    levied_on: date
    amount: int
    gst: int
    settled: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """What closes the loan on a day, and its parts."""

    principal: int
    interest_due: int
    interest_run: int
    per_diem: int
    charges: int
    closing_charge: int
    closing_gst: int
    held: int
    amount: int
    left_over: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftTheBooks:
    """What was owed when a loan was written off: `other` is tax in charges, and refunds owed."""

    principal: int = 0
    interest: int = 0
    charges: int = 0
    other: int = 0
    penal: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a loan stands on a day: all that the two reckonings are compared in.

    `uses` tells of each payment what it met: interest, principal, charges, penal charges, advance,
    excess. `accounts` are the balances of the ledger, debits positive, those of zero left out.
    `giving_back` is what has to be paid to give the loan back, where that can still be, and why.
    """

    on: date
    instalments: tuple[Instalment, ...]
    charges: tuple[OpenCharge, ...]
    lent_outstanding: int
    capitalised: int
    advance: int
    excess: int
    charges_paid: int
    penal_paid: int
    npa_since: date | None
    restructured_on: date | None
    closed_on: date | None
    status: str
    written_off_on: date | None
    written_off: LeftTheBooks
    given_up: int
    days_past_due: int
    bucket: str
    uses: tuple[tuple[int, tuple[int, int, int, int, int, int]], ...]
    accounts: tuple[tuple[str, int], ...]
    closing: Closing | None
    giving_back: tuple[int, GivingBack] | None


class Refused(Exception):
    """The rules do not allow a new happening; `rule` is the code that the answer has."""

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule
