"""Finding borrowers."""

from django.db.models import QuerySet

from bright_credit.common.errors import NotFound
from users.domain.identity import NotABorrowerId, parse_borrower_public_id
from users.models import Borrower


class BorrowerNotFound(NotFound):
    """There is no borrower with this id."""

    code = "borrower_not_found"


def borrower_by_public_id(text: str, *, queryset: QuerySet[Borrower] | None = None) -> Borrower:
    """Return the borrower with this public id, such as `BC-USER-009`, from `queryset` if given.

    Raises `BorrowerNotFound`, for an id that is not written as one too: nobody has it.
    """
    borrowers = Borrower.objects.all() if queryset is None else queryset
    try:
        borrower = borrowers.filter(pk=parse_borrower_public_id(text)).first()
    except NotABorrowerId:
        borrower = None
    if borrower is None:
        raise BorrowerNotFound("There is no borrower with this id.", field="user_id")
    return borrower
