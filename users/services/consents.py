"""What people agree to as rows: one, or those that a registration brings."""

from collections.abc import Sequence

from users.domain.callers import Caller
from users.domain.consents import Said
from users.models import Borrower, Consent


def consent_row(borrower: Borrower, said: Said, *, caller: Caller) -> Consent:
    """Return the row, not written yet, of what a borrower said by a caller."""
    return Consent(
        borrower=borrower,
        purpose=said.purpose.value,
        action=said.action.value,
        text_version=said.text_version,
        actor=caller.name,
        address=said.address,
    )


def record_first_consents(borrower: Borrower, said: Sequence[Said], *, caller: Caller) -> None:
    """Write what a new borrower said, in its order; inside the registration's transaction.

    `refuse_needless_at_first` has looked at it.
    """
    if said:
        Consent.objects.bulk_create(consent_row(borrower, each, caller=caller) for each in said)
