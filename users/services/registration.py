"""Registering borrowers."""

import uuid
from dataclasses import dataclass
from datetime import date

from django.db import IntegrityError, transaction
from django.views.decorators.debug import sensitive_variables
from psycopg.errors import UniqueViolation

from bright_credit.common.errors import Conflict
from users import aadhaar_vault
from users.domain.age import checked_date_of_birth
from users.domain.callers import SYSTEM, Caller, CallerKind
from users.domain.emails import InvalidEmail, normalise_email
from users.domain.employment import checked_annual_income, known_employment_type
from users.domain.names import normalise_name
from users.models import AadhaarRecord, Borrower
from users.signals import borrower_registered

#: The unique keys that decide who was first when two registrations race.
_IDENTITY_CONSTRAINTS = frozenset({"borrower_email_is_unique", "aadhaar_number_is_unique"})


class AlreadyRegistered(Conflict):
    """An account exists with a detail given; which one, and whose, is not told."""

    code = "already_registered"


@dataclass(frozen=True, slots=True)
class Registration:
    """A new borrower and the score they start with."""

    borrower: Borrower
    initial_credit_score: int


@sensitive_variables()
def register_borrower(
    *,
    aadhaar_number: str,
    name: str,
    email: str,
    annual_income_paise: int,
    employment_type: str,
    date_of_birth: date | None = None,
    as_of: date,
    caller: Caller = SYSTEM,
) -> Registration:
    """Register a borrower: all of it, the first score too, or nothing.

    Name and e-mail are normalised; the Aadhaar number goes to the vault. A borrower whom a partner
    registers belongs to it. Raises `InvalidInput`
    naming the API's field for a detail that breaks a rule, `UnderAge` for a minor, and
    `AlreadyRegistered` when the Aadhaar number or the e-mail address is taken.
    """
    number = aadhaar_vault.checked_number(aadhaar_number)
    employment = known_employment_type(employment_type)
    borrower = Borrower(
        name=normalise_name(name),
        email=_email_without_number(email, number=number),
        annual_income_paise=checked_annual_income(annual_income_paise, employment_type=employment),
        employment_type=employment.value,
        date_of_birth=date_of_birth and checked_date_of_birth(date_of_birth, as_of=as_of),
        partner_id=caller.key if caller.kind is CallerKind.PARTNER else None,
    )
    try:
        with transaction.atomic():
            _add(borrower, number=number)
            score = _initial_score(borrower, as_of=as_of)
    except IntegrityError as error:
        if not _is_taken_identity(error):
            raise
    else:
        return Registration(borrower=borrower, initial_credit_score=score)
    # Raised out here, because in there the database's words, which quote the e-mail address, would
    # be its context.
    raise _already_registered()


@sensitive_variables()
def _email_without_number(email: str, *, number: str) -> str:
    """Return the normalised address, which must not spell out the number kept in the vault."""
    address = normalise_email(email)
    if number in "".join(filter(str.isdecimal, address)):
        raise InvalidEmail("Must not contain the Aadhaar number.", field="email")
    return address


@sensitive_variables()
def _add(borrower: Borrower, *, number: str) -> None:
    """Write the borrower and the vault's record.

    Who is known already is refused before a key is drawn from the sequence, because public ids are
    made of keys; the unique keys catch whoever registers between that look and the insert.
    """
    known = aadhaar_vault.known_fingerprints(number)
    with_email = Borrower.objects.filter(email=borrower.email).values("pk")
    with_number = AadhaarRecord.objects.filter(number_hmac__in=known).values("borrower_id")
    if with_email.union(with_number, all=True).exists():
        raise _already_registered()
    borrower.save(force_insert=True)
    record_id = uuid.uuid4()
    sealed = aadhaar_vault.seal(number, record_id=record_id)
    AadhaarRecord.objects.create(
        id=record_id,
        borrower=borrower,
        number_hmac=known[0],
        pepper_id=aadhaar_vault.pepper_id(),
        ciphertext=sealed.ciphertext,
        key_id=sealed.key_id,
        last_four=number[-4:],
    )


def _initial_score(borrower: Borrower, *, as_of: date) -> int:
    """Return the score given by the one receiver that scores new borrowers."""
    answers = borrower_registered.send(sender=Borrower, borrower=borrower, as_of=as_of)
    scores = [answer for _, answer in answers if answer is not None]
    if len(scores) != 1:
        raise RuntimeError(f"a new borrower must be scored once, not {len(scores)} times")
    return int(scores[0])


def _already_registered() -> AlreadyRegistered:
    return AlreadyRegistered(
        "An account with these details already exists. If it is yours, sign in or ask support."
    )


def _is_taken_identity(error: IntegrityError) -> bool:
    """Tell whether it was a borrower's e-mail address or Aadhaar number that is taken."""
    cause = error.__cause__
    return (
        isinstance(cause, UniqueViolation) and cause.diag.constraint_name in _IDENTITY_CONSTRAINTS
    )
