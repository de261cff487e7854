"""Made-up people: names of many languages, believable incomes, an account for each."""

from dataclasses import dataclass, field
from datetime import date
from random import Random

from stdnum import verhoeff
from stdnum.in_ import aadhaar

from bright_credit.common.money import round_down_to_step, share_in_bps
from loan.services.demo.accounts import RUPEE, Account, StandingDebit
from users.domain.employment import EmploymentType

MONTHS = 12

_GIVEN: tuple[str, ...] = (
    "Aarav", "Aditi", "Amina", "Anil", "Asha", "Bhavna", "Charan", "Deepa", "Devika", "Dinesh",
    "Farida", "Gauri", "Harish", "Imran", "Ishita", "Jaya", "Joseph", "Kabir", "Kavitha", "Kiran",
    "Lalita", "Manoj", "Meera", "Mohan", "Nandini", "Naveen", "Neha", "Omkar", "Pallavi", "Prakash",
    "Rafiq", "Rekha", "Rohan", "Sangeeta", "Shabnam", "Sunita", "Tenzin", "Usha", "Varun", "Zoya",
    "अमित", "कविता", "सुनील", "மீனா", "கார்த்திக்", "রিনা", "అనిల్", "ಲತಾ",
)  # fmt: skip
_FAMILY: tuple[str, ...] = (
    "Agarwal", "Ansari", "Bora", "Chatterjee", "D'Silva", "Das", "Deshpande", "Fernandes", "Gill",
    "Gogoi", "Gupta", "Hegde", "Iyer", "Jadhav", "Joshi", "Kaur", "Khan", "Kulkarni", "Lepcha",
    "Mehta", "Menon", "Mishra", "Nair", "Naidu", "Patel", "Pillai", "Rao", "Reddy", "Sahoo", "Shah",
    "Sharma", "Sheikh", "Singh", "Thakur", "Thomas", "Varghese", "Verma", "Yadav",
    "शर्मा", "पाटील", "முருகன்", "সেন", "రెడ్డి", "ಗೌಡ",
)  # fmt: skip

#: Kinds of employment, how common each is, and its monthly income in rupees, from and to.
_LIVELIHOODS: tuple[tuple[EmploymentType, int, int, int], ...] = (
    (EmploymentType.SALARIED, 64, 28_000, 180_000),
    (EmploymentType.SELF_EMPLOYED, 22, 30_000, 160_000),
    (EmploymentType.PENSIONER, 7, 25_000, 60_000),
    (EmploymentType.OTHER, 4, 18_000, 45_000),
    (EmploymentType.STUDENT, 3, 9_000, 16_000),
)
_NARRATIONS = {
    EmploymentType.SALARIED: (
        "NEFT/GODAVARI FOODS/SALARY",
        "NEFT/NILGIRI SYSTEMS/SALARY",
        "NEFT/ARAVALI MOTORS/SALARY",
        "ACH/STATE TREASURY/SALARY",
    ),
    EmploymentType.SELF_EMPLOYED: ("UPI/CR/CUSTOMER", "NEFT/CR/INVOICE", "UPI/CR/SHOP SALES"),
    EmploymentType.PENSIONER: ("PENSION CREDIT",),
    EmploymentType.OTHER: ("UPI/CR/FAMILY", "NEFT/CR/RENT RECEIVED"),
    EmploymentType.STUDENT: ("STIPEND/FELLOWSHIP", "UPI/CR/FAMILY"),
}
_AGES = {EmploymentType.PENSIONER: (50, 57), EmploymentType.STUDENT: (21, 26)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A made-up borrower before registration. The Aadhaar number is valid and made up too."""

    name: str
    email: str
    aadhaar_number: str = field(repr=False)
    date_of_birth: date
    employment_type: EmploymentType
    monthly_income_paise: int
    registered_on: date

    @property
    def annual_income_paise(self) -> int:
        """What the person declares to earn in a year."""
        return self.monthly_income_paise * MONTHS


def a_person(rng: Random, *, batch: int, number: int, registered_on: date) -> Person:
    """Return person `number` of a batch: another batch, or another number, is somebody else."""
    employment_type, low, high = _livelihood(rng)
    youngest, oldest = _AGES.get(employment_type, (23, 49))
    born_in = registered_on.year - rng.randint(youngest + 1, oldest)
    # Incomes crowd near the lower end, as they do.
    monthly_rupees = min(rng.randint(low, high), rng.randint(low, high))
    return Person(
        name=f"{rng.choice(_GIVEN)} {rng.choice(_FAMILY)}",
        email=f"borrower{number:05d}@{email_domain(batch)}",
        aadhaar_number=_aadhaar_number(batch=batch, number=number),
        date_of_birth=date(born_in, rng.randint(1, 12), rng.randint(1, 28)),
        employment_type=employment_type,
        monthly_income_paise=round_down_to_step(monthly_rupees * RUPEE, step_paise=500 * RUPEE),
        registered_on=registered_on,
    )


def email_domain(batch: int) -> str:
    """Return the domain of a batch's e-mail addresses; `.example` is nobody's."""
    return f"demo{batch}.example"


def bank_account(person: Person, user_id: str, rng: Random) -> Account:
    """Return the person's bank account: income, rent for most, a loan elsewhere for some."""
    standing = []
    if rng.random() < 0.6:
        standing.append(_share(person, rng.randint(1_200, 2_400), day=3, description="NEFT/RENT"))
    if rng.random() < 0.25:
        loan = rng.choice(("ACH/CAR LOAN/EMI", "ACH/CONSUMER FINANCE/EMI", "LOAN_EMI"))
        standing.append(_share(person, rng.randint(400, 1_100), day=12, description=loan))
    return Account(
        user_id=user_id,
        employment_type=person.employment_type,
        monthly_income_paise=person.monthly_income_paise,
        narration=rng.choice(_NARRATIONS[person.employment_type]),
        payday=rng.choice((1, 1, 7, 28, 30)),
        payments_a_month=rng.randint(4, 9),
        standing=tuple(standing),
    )


def _share(person: Person, bps: int, *, day: int, description: str) -> StandingDebit:
    paise = share_in_bps(person.monthly_income_paise, bps=bps)
    return StandingDebit(
        day=day,
        amount_paise=max(RUPEE, round_down_to_step(paise, step_paise=50 * RUPEE)),
        description=description,
    )


def _livelihood(rng: Random) -> tuple[EmploymentType, int, int]:
    weights = [weight for _, weight, _, _ in _LIVELIHOODS]
    employment_type, _, low, high = rng.choices(_LIVELIHOODS, weights)[0]
    return employment_type, low, high


def _aadhaar_number(*, batch: int, number: int) -> str:
    """Return a number that passes every check, made from the batch and the person's number."""
    for first in range(2, 10):
        body = f"{first}{batch % 10_000:04d}{number:06d}"
        candidate = body + str(verhoeff.calc_check_digit(body))
        if aadhaar.is_valid(candidate):
            return candidate
    raise AssertionError("two first digits cannot both make a palindrome")
