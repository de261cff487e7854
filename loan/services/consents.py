"""Recording what a borrower agrees to and takes back."""

from django.db import transaction
from django.db.models import QuerySet

from loan.selectors.borrowing import is_borrowing
from users.domain.callers import SYSTEM, Caller
from users.domain.consents import Action, Said, refuse_needless
from users.models import Borrower, Consent
from users.selectors import borrower_for, standing_consents
from users.services.consents import consent_row


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
    consent = consent_row(borrower, said, caller=caller)
    consent.save(force_insert=True)
    return consent
