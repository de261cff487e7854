"""Recording what a borrower agrees to and takes back."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet

from loan.selectors.borrowing import is_borrowing
from users.domain.callers import SYSTEM, Caller
from users.domain.consents import Action, Purpose, refuse_needless
from users.models import Borrower, Consent
from users.selectors import borrower_for, standing_consents


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a person said about a purpose, having seen a version of its text, and from where."""

    purpose: Purpose
    action: Action
    text_version: str
    address: str = ""


@transaction.atomic
def record_consent(user_id: str, said: Said, *, caller: Caller = SYSTEM) -> Consent:
    """Write that a borrower whom the caller may reach gives or withdraws a consent.

    Holds the borrower's row, so that no loan is taken out meanwhile. Raises `BorrowerNotFound`,
    `ConsentNotGiven`, `ConsentNeeded`.
    """
    rows: QuerySet[Borrower] = Borrower.objects.select_for_update(no_key=True)
    borrower = borrower_for(caller, user_id, queryset=rows)
    if said.action is Action.WITHDRAWN:
        newest = standing_consents(borrower).get(said.purpose)
        refuse_needless(
            said.purpose,
            said.action,
            stands=newest is not None and newest.action == Action.GIVEN,
            is_borrowing=is_borrowing(borrower),
        )
    return Consent.objects.create(
        borrower=borrower,
        purpose=said.purpose.value,
        action=said.action.value,
        text_version=said.text_version,
        actor=caller.name,
        address=said.address,
    )
