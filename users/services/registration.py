"""Registering borrowers."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db import IntegrityError, transaction
from django.views.decorators.debug import sensitive_variables

from users.domain.age import checked_date_of_birth
from users.domain.callers import SYSTEM, Caller, CallerKind
from users.domain.consents import Said, refuse_needless_at_first
from users.domain.emails import InvalidEmail, normalise_email
from users.domain.employment import checked_annual_income, known_employment_type
from users.domain.names import normalise_name
from users.identifiers import checked_aadhaar, normalised_pan, normalised_phone
from users.models import AadhaarRecord, Borrower, PanRecord, PhoneRecord
from users.services.consents import record_first_consents
from users.services.keeping import (
    already_registered,
    is_taken_identity,
    keep,
    known_by,
    known_by_email,
)
from users.signals import borrower_registered


@dataclass(frozen=True, slots=True)
class Registration:
    """A new borrower and the score they start with."""

    borrower: Borrower
    initial_credit_score: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Numbers:
    """What goes to the vault, each checked and in its one spelling."""

    aadhaar: str = field(repr=False)
    pan: str | None = field(repr=False)
    phone: str | None = field(repr=False)


@sensitive_variables()
def register_borrower(
    *,
    aadhaar_number: str,
    name: str,
    email: str,
    annual_income_paise: int,
    employment_type: str,
    date_of_birth: date | None = None,
    pan: str | None = None,
    phone: str | None = None,
    consents: Sequence[Said] = (),
    as_of: date,
    caller: Caller = SYSTEM,
) -> Registration:
    """Register a borrower: all of it, the first score too, or nothing.

    Name and e-mail are normalised; Aadhaar number, PAN and phone number go to the vault. A borrower
    whom a partner registers belongs to it. Raises `InvalidInput` naming the API's field for a
    detail that breaks a rule, `UnderAge` for a minor, `ConsentNotGiven` for one that is withdrawn
    and was not given, and `AlreadyRegistered` when the Aadhaar number, the PAN or the e-mail
    address is taken.
    """
    numbers = _Numbers(
        aadhaar=checked_aadhaar(aadhaar_number),
        pan=None if pan is None else normalised_pan(pan),
        phone=None if phone is None else normalised_phone(phone),
    )
    employment = known_employment_type(employment_type)
    borrower = Borrower(
        name=normalise_name(name),
        email=_email_without(numbers, email),
        annual_income_paise=checked_annual_income(annual_income_paise, employment_type=employment),
        employment_type=employment.value,
        date_of_birth=date_of_birth and checked_date_of_birth(date_of_birth, as_of=as_of),
        partner_id=caller.key if caller.kind is CallerKind.PARTNER else None,
    )
    refuse_needless_at_first(consents)
    try:
        with transaction.atomic():
            _add(borrower, numbers)
            record_first_consents(borrower, consents, caller=caller)
            score = _initial_score(borrower, as_of=as_of)
    except IntegrityError as error:
        if not is_taken_identity(error):
            raise
    else:
        return Registration(borrower=borrower, initial_credit_score=score)
    # Raised out here, because in there the database's words, which quote the e-mail address, would
    # be its context.
    raise already_registered()


@sensitive_variables()
def _email_without(numbers: _Numbers, email: str) -> str:
    """Return the normalised address, which must not spell out what only the vault may keep.

    A phone number it may: many people's address is their number, and is masked as an address.
    """
    address = normalise_email(email)
    if numbers.aadhaar in "".join(filter(str.isdecimal, address)):
        raise InvalidEmail("Must not contain the Aadhaar number.", field="email")
    if numbers.pan is not None and numbers.pan in "".join(filter(str.isalnum, address)).upper():
        raise InvalidEmail("Must not contain the PAN.", field="email")
    return address


@sensitive_variables()
def _add(borrower: Borrower, numbers: _Numbers) -> None:
    """Write the borrower and the vault's records.

    Who is known already is refused before a key is drawn from the sequence, because public ids are
    made of keys; the unique keys catch whoever registers between that look and the insert.
    """
    known = [known_by(numbers.aadhaar, records=AadhaarRecord)]
    if numbers.pan is not None:
        known.append(known_by(numbers.pan, records=PanRecord))
    if known_by_email(borrower.email).union(*known, all=True).exists():
        raise already_registered()
    borrower.save(force_insert=True)
    keep(numbers.aadhaar, AadhaarRecord(borrower=borrower))
    if numbers.pan is not None:
        keep(numbers.pan, PanRecord(borrower=borrower))
    if numbers.phone is not None:
        keep(numbers.phone, PhoneRecord(borrower=borrower))


def _initial_score(borrower: Borrower, *, as_of: date) -> int:
    """Return the score given by the one receiver that scores new borrowers."""
    answers = borrower_registered.send(sender=Borrower, borrower=borrower, as_of=as_of)
    scores = [answer for _, answer in answers if answer is not None]
    if len(scores) != 1:
        raise RuntimeError(f"a new borrower must be scored once, not {len(scores)} times")
    return int(scores[0])
