"""Erasing a person: what names them goes, and what was booked stays under their number."""

from datetime import datetime

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType

from bright_credit.common.errors import RuleViolated
from users.models import (
    AadhaarRecord,
    Borrower,
    PanRecord,
    PhoneRecord,
    SignInCode,
    SignInSession,
)
from users.services.sign_in import end_sessions

ERASED_NAME = "Erased"


class BorrowerErased(RuleViolated):
    """Who the borrower is has been erased: nothing new is begun under their number."""

    code = "borrower_erased"


def refuse_erased(borrower: Borrower) -> None:
    """Raise `BorrowerErased` for a borrower whose data were erased."""
    if borrower.erased_at is not None:
        raise BorrowerErased("The data of this borrower were erased.", field="user_id")


def erase(borrower: Borrower, *, now: datetime) -> None:
    """Take from a locked borrower what tells who they are; inside a transaction.

    Name, e-mail address, birth date, income and employment are replaced, the vault's records of
    Aadhaar number, PAN and phone number are removed with their ciphertexts and fingerprints,
    sessions end, and the admin's own history forgets the name. The audit trail never held any of
    it.
    """
    end_sessions(borrower_key=borrower.pk, reason=SignInSession.EndReason.CLOSED_BY_STAFF, now=now)
    SignInCode.objects.filter(borrower=borrower).delete()
    for records in (AadhaarRecord, PanRecord, PhoneRecord):
        records._default_manager.filter(borrower=borrower).delete()
    LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(Borrower), object_id=str(borrower.pk)
    ).update(object_repr=borrower.public_id)
    borrower.name = ERASED_NAME
    borrower.email = f"erased-{borrower.pk}@erased.invalid"
    borrower.date_of_birth = None
    borrower.annual_income_paise = 0
    borrower.employment_type = Borrower.EmploymentType.OTHER
    borrower.may_sign_in = False
    borrower.erased_at = now
    borrower.save()
