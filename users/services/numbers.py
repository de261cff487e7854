"""What a registered borrower gives later, or changes: their PAN and their phone number."""

from django.db import IntegrityError, transaction
from django.views.decorators.debug import sensitive_variables

from bright_credit.common.errors import Conflict
from users.domain.callers import SYSTEM, Caller, CallerKind
from users.identifiers import normalised_pan, normalised_phone, shown_pan, shown_phone
from users.models import Borrower, PanRecord, PhoneRecord
from users.selectors import borrower_for
from users.services.erasure import refuse_erased
from users.services.keeping import already_registered, is_taken_identity, keep, known_by


class PanOnRecord(Conflict):
    """A PAN is kept for the borrower already; only the lender's staff replace it."""

    code = "pan_on_record"


@sensitive_variables()
def change_pan(user_id: str, *, pan: str, caller: Caller = SYSTEM) -> str | None:
    """Keep the PAN of a borrower whom the caller may reach; return it as far as it is shown.

    Partners give one that was not known; to replace one is staff's, who see papers. Raises
    `InvalidPan`, `BorrowerNotFound`, `BorrowerErased`, `PanOnRecord`, and `AlreadyRegistered` when
    it is another borrower's.
    """
    number = normalised_pan(pan)
    try:
        with transaction.atomic():
            _keep_pan(_locked(user_id, caller=caller), number, caller=caller)
    except IntegrityError as error:
        if not is_taken_identity(error):
            raise
    else:
        return shown_pan(number[-4:])
    # Out here, so that the database's words are not its context.
    raise already_registered()


@sensitive_variables()
def _keep_pan(borrower: Borrower, number: str, *, caller: Caller) -> None:
    held = PanRecord.objects.filter(borrower=borrower).first()
    if held is not None and caller.kind is CallerKind.PARTNER:
        raise PanOnRecord("A PAN is kept already; ask the lender to replace it.", field="pan")
    if known_by(number, records=PanRecord, besides=borrower).exists():
        raise already_registered()
    keep(number, held or PanRecord(borrower=borrower))


@sensitive_variables()
@transaction.atomic
def change_phone(user_id: str, *, phone: str | None, caller: Caller = SYSTEM) -> str | None:
    """Keep the phone number of a borrower whom the caller may reach, or none from now on.

    Return it as far as it is shown. Raises `InvalidPhone`, `BorrowerNotFound`, `BorrowerErased`.
    """
    number = None if phone is None else normalised_phone(phone)
    borrower = _locked(user_id, caller=caller)
    held = PhoneRecord.objects.filter(borrower=borrower).first()
    if number is not None:
        keep(number, held or PhoneRecord(borrower=borrower))
        return shown_phone(number[-4:])
    if held is not None:
        held.delete()
    return None


def _locked(user_id: str, *, caller: Caller) -> Borrower:
    """Return the borrower, whose row is held: two changes at once follow one another."""
    rows = Borrower.objects.select_for_update(no_key=True)
    borrower = borrower_for(caller, user_id, queryset=rows)
    refuse_erased(borrower)
    return borrower
