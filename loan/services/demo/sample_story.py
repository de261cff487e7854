"""Who is in the sample book and what they do: fixed numbers, fixed dates, no database.

The borrowers are fictional and have no record in the Aadhaar vault.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from loan.models import LoanProduct
from loan.services.demo.catalogue import LAKH, PERSONAL_LOAN, PERSONAL_LOAN_FLAT, RUPEE
from loan.services.demo.payers import Intention, Schedule, payments_of
from loan.services.offering import Offer, make_offer
from loan.services.takeover import PastPayment
from users.domain.employment import EmploymentType

#: The last closed day of the sample book: the first billing run begins with 1 November.
CLOSED_THROUGH = date(2026, 10, 31)


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleBorrower:
    """A borrower of the sample; `key` 1 is BC-USER-001."""

    key: int
    name: str
    email: str
    date_of_birth: date
    annual_income_paise: int
    employment_type: EmploymentType
    registered_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleLoan:
    """A loan of the sample and how it is paid; `key` 456 of 2025 is LN-2025-0456."""

    key: int
    borrower_key: int
    amount_paise: int
    tenure_months: int
    annual_rate_bps: int
    disbursed_on: date
    paid: Callable[[Schedule], Iterable[Intention]]
    product: str = PERSONAL_LOAN


def sample_offer(sample: SampleLoan, product: LoanProduct) -> Offer:
    """Return the loan as it was disbursed."""
    return make_offer(
        product,
        principal_paise=sample.amount_paise,
        tenure_months=sample.tenure_months,
        annual_rate_bps=sample.annual_rate_bps,
        disbursed_on=sample.disbursed_on,
    )


def sample_payments(sample: SampleLoan, offer: Offer) -> tuple[PastPayment, ...]:
    """Return what was paid for the loan until the book was closed."""
    return payments_of(
        offer.terms,
        offer.schedule,
        sample.paid(offer.schedule),
        until=CLOSED_THROUGH,
        reference=f"PAY-{sample.key:04d}",
    )


def _punctually(schedule: Schedule) -> Iterator[Intention]:
    """Pay every instalment on its day."""
    for row in schedule:
        yield Intention(on=row.due_date, method="UPI" if row.number % 4 else "IMPS")


def _by_mandate(schedule: Schedule) -> Iterator[Intention]:
    for row in schedule:
        yield Intention(on=row.due_date, method="NACH")


def _generously(schedule: Schedule) -> Iterator[Intention]:
    """Pay a little more than the last instalment asks, which stays as refundable excess."""
    for row in schedule:
        last = row.number == len(schedule)
        yield Intention(
            on=row.due_date, extra_paise=251 * RUPEE + 50 if last else 0, method="CHEQUE"
        )


def _ahead(schedule: Schedule) -> Iterator[Intention]:
    """Pay before the day, and from time to time for the months to come."""
    for row in schedule:
        yield Intention(
            on=row.due_date - timedelta(days=2),
            ahead=3 if row.number % 6 == 4 else 1,
            method="NEFT",
        )


def _late_and_in_parts(schedule: Schedule) -> Iterator[Intention]:
    """Pay some days late, every third month in two parts; since September not in full."""
    for row in schedule:
        some_days_later = row.due_date + timedelta(days=2)
        in_parts = row.number % 3 == 1
        if row.due_date < date(2026, 10, 1):
            yield Intention(on=some_days_later, owed_bps=5_000 if in_parts else 10_000)
        if in_parts and row.due_date < date(2026, 9, 1):
            yield Intention(on=some_days_later + timedelta(days=9 + row.number % 8))


def _no_more_since_july(schedule: Schedule) -> Iterator[Intention]:
    for row in schedule:
        if row.due_date < date(2026, 7, 1):
            yield Intention(on=row.due_date, method="NACH")


BORROWERS: tuple[SampleBorrower, ...] = (
    SampleBorrower(
        key=1,
        name="Ananya Iyer",
        email="ananya.iyer@example.com",
        date_of_birth=date(1988, 6, 14),
        annual_income_paise=36 * LAKH,
        employment_type=EmploymentType.SALARIED,
        registered_on=date(2025, 3, 6),
    ),
    SampleBorrower(
        key=2,
        name="விக்னேஷ் சுப்பிரமணியன்",
        email="vignesh.s@example.com",
        date_of_birth=date(1984, 11, 2),
        annual_income_paise=960_000 * RUPEE,
        employment_type=EmploymentType.SELF_EMPLOYED,
        registered_on=date(2024, 12, 11),
    ),
    SampleBorrower(
        key=3,
        name="प्रिया देशमुख",
        email="priya.deshmukh@example.com",
        date_of_birth=date(1993, 2, 27),
        annual_income_paise=12 * LAKH,
        employment_type=EmploymentType.SALARIED,
        registered_on=date(2024, 10, 15),
    ),
    SampleBorrower(
        key=4,
        name="Mohammed Farhan Qureshi",
        email="farhan.q@example.com",
        date_of_birth=date(1990, 8, 19),
        annual_income_paise=720_000 * RUPEE,
        employment_type=EmploymentType.SALARIED,
        registered_on=date(2025, 2, 10),
    ),
    SampleBorrower(
        key=5,
        name="Lakshmi Venkataraman",
        email="lakshmi.v@example.com",
        date_of_birth=date(1968, 1, 8),
        annual_income_paise=480_000 * RUPEE,
        employment_type=EmploymentType.PENSIONER,
        registered_on=date(2024, 5, 10),
    ),
    SampleBorrower(
        key=6,
        name="Arjun D'Souza",
        email="arjun.dsouza@example.com",
        date_of_birth=date(2003, 9, 30),
        annual_income_paise=120_000 * RUPEE,
        employment_type=EmploymentType.STUDENT,
        registered_on=date(2025, 3, 12),
    ),
    SampleBorrower(
        key=7,
        name="Gurpreet Kaur Sandhu",
        email="gurpreet.sandhu@example.com",
        date_of_birth=date(1979, 4, 23),
        annual_income_paise=15 * LAKH,
        employment_type=EmploymentType.SELF_EMPLOYED,
        registered_on=date(2025, 1, 9),
    ),
    SampleBorrower(
        key=8,
        name="Thangjam Ibemhal Devi",
        email="ibemhal.devi@example.com",
        date_of_birth=date(1986, 12, 5),
        annual_income_paise=24 * LAKH,
        employment_type=EmploymentType.SALARIED,
        registered_on=date(2024, 8, 7),
    ),
)

LOANS: tuple[SampleLoan, ...] = (
    # Repaid in full, with a little over.
    SampleLoan(
        key=388,
        borrower_key=5,
        amount_paise=LAKH,
        tenure_months=12,
        annual_rate_bps=1600,
        disbursed_on=date(2024, 5, 14),
        paid=_generously,
    ),
    # Repaid in full, to the paisa.
    SampleLoan(
        key=402,
        borrower_key=8,
        amount_paise=2 * LAKH,
        tenure_months=6,
        annual_rate_bps=1600,
        disbursed_on=date(2024, 8, 12),
        paid=_by_mandate,
    ),
    # Running, never late.
    SampleLoan(
        key=417,
        borrower_key=3,
        amount_paise=3 * LAKH,
        tenure_months=36,
        annual_rate_bps=1600,
        disbursed_on=date(2024, 10, 18),
        paid=_by_mandate,
    ),
    # Running, with money held in advance.
    SampleLoan(
        key=429,
        borrower_key=2,
        amount_paise=250_000 * RUPEE,
        tenure_months=30,
        annual_rate_bps=1600,
        disbursed_on=date(2024, 12, 16),
        paid=_ahead,
    ),
    # Non-performing since October.
    SampleLoan(
        key=438,
        borrower_key=7,
        amount_paise=4 * LAKH,
        tenure_months=36,
        annual_rate_bps=1600,
        disbursed_on=date(2025, 1, 15),
        paid=_no_more_since_july,
    ),
    # Overdue, with penal charges and part payments.
    SampleLoan(
        key=447,
        borrower_key=4,
        amount_paise=150_000 * RUPEE,
        tenure_months=24,
        annual_rate_bps=2000,
        disbursed_on=date(2025, 2, 13),
        paid=_late_and_in_parts,
    ),
    # 24,500 a month at 8.8 % flat: 20,833 of principal and 3,667 of interest.
    SampleLoan(
        key=456,
        borrower_key=1,
        amount_paise=5 * LAKH,
        tenure_months=24,
        annual_rate_bps=880,
        disbursed_on=date(2025, 3, 10),
        paid=_punctually,
        product=PERSONAL_LOAN_FLAT,
    ),
)
