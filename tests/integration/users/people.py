"""People to register in tests: valid declarations, each with numbers of its own."""

from datetime import date
from typing import TypedDict, Unpack

from stdnum import verhoeff

from users.services.registration import Registration, register_borrower

AS_OF = date(2026, 11, 23)


class Declaration(TypedDict, total=False):
    """What a borrower declares, by the names of `register_borrower`."""

    aadhaar_number: str
    name: str
    email: str
    annual_income_paise: int
    employment_type: str
    date_of_birth: date | None
    pan: str | None
    phone: str | None


def aadhaar_number(person: int) -> str:
    """Return the valid Aadhaar number of the n-th test person."""
    digits = f"5{person:010d}"
    return f"{digits}{verhoeff.calc_check_digit(digits)}"


def pan(person: int) -> str:
    """Return the PAN of the n-th test person."""
    return f"ABCPK{person:04d}F"


def phone(person: int) -> str:
    """Return the phone number of the n-th test person."""
    return f"+9198765{person:05d}"


def declaration(person: int = 1, **changes: Unpack[Declaration]) -> Declaration:
    """Return what the n-th test person declares."""
    given: Declaration = {
        "aadhaar_number": aadhaar_number(person),
        "name": "Rahul Sharma",
        "email": f"person-{person}@brightlend.example",
        "annual_income_paise": 180_000_000,
        "employment_type": "SALARIED",
    }
    return {**given, **changes}


def registered(person: int = 1, **changes: Unpack[Declaration]) -> Registration:
    """Register the n-th test person."""
    return register_borrower(**declaration(person, **changes), as_of=AS_OF)
