"""Finding borrowers, and those of them that a caller may reach."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from bright_credit.common.errors import NotFound
from users.domain.callers import SYSTEM, Caller, CallerKind
from users.domain.identity import NotABorrowerId, parse_borrower_public_id
from users.identifiers import shown_aadhaar, shown_pan, shown_phone
from users.looks import notice
from users.models import AccessLogEntry, Borrower, Consent, SignInSession, WebhookEndpoint


class BorrowerNotFound(NotFound):
    """There is no borrower with this id."""

    code = "borrower_not_found"


class EndpointNotFound(NotFound):
    """There is no webhook endpoint with this id."""

    code = "webhook_endpoint_not_found"


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


def borrowers_within(caller: Caller, *, path: str = "") -> Q:
    """Return the condition of the borrowers whose records a caller may reach.

    `path` leads from the filtered table to the borrower, such as `borrower__`. Whether the caller
    may make this kind of call at all was asked before, of the view's rule.
    """
    match caller.kind:
        case CallerKind.BORROWER:
            return Q(**{f"{path}pk": caller.key})
        case CallerKind.PARTNER:
            return Q(**{f"{path}partner_id": caller.key})
        case CallerKind.STAFF | CallerKind.SANDBOX | CallerKind.SYSTEM:
            return Q()


def borrower_for(
    caller: Caller, user_id: str, *, queryset: QuerySet[Borrower] | None = None
) -> Borrower:
    """Return the borrower with this public id, when the caller may reach them.

    Raises `BorrowerNotFound` for anybody else's as for nobody's, after the same statement. The look
    is noticed for the access log.
    """
    borrowers = Borrower.objects.all() if queryset is None else queryset
    found = borrower_by_public_id(user_id, queryset=borrowers.filter(borrowers_within(caller)))
    notice(caller, found.pk, record=found.public_id)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownNumbers:
    """A borrower's numbers as far as anyone may see them; None for one that is not kept."""

    aadhaar: str | None
    pan: str | None
    phone: str | None


def shown_numbers(borrower: Borrower) -> ShownNumbers:
    """Return what may be seen of a borrower's numbers, and nothing else of the vault."""
    kept = Borrower.objects.filter(pk=borrower.pk).values_list(
        "aadhaar_record__last_four", "pan_record__last_four", "phone_record__last_four"
    )
    last_of_aadhaar, last_of_pan, last_of_phone = kept.get()
    return ShownNumbers(
        aadhaar=shown_aadhaar(last_of_aadhaar),
        pan=shown_pan(last_of_pan),
        phone=shown_phone(last_of_phone),
    )


def looks_at(borrower: Borrower) -> QuerySet[AccessLogEntry]:
    """Return who looked at a borrower's data, newest first."""
    return AccessLogEntry.objects.filter(borrower=borrower).order_by("-id")


def consents_of(user_id: str, *, caller: Caller = SYSTEM) -> QuerySet[Consent]:
    """Return what a borrower whom the caller may reach has agreed to and withdrawn.

    Raises `BorrowerNotFound`.
    """
    return Consent.objects.filter(borrower=borrower_for(caller, user_id)).select_related("borrower")


def standing_consents(borrower: Borrower) -> dict[str, Consent]:
    """Return the newest row of each purpose: how it stands."""
    rows = Consent.objects.filter(borrower=borrower).order_by("purpose", "-id").distinct("purpose")
    return {row.purpose: row for row in rows}


def open_session(session_id: UUID, *, borrower_id: str, now: datetime) -> SignInSession | None:
    """Return a borrower's session, when it is open and the borrower may sign in."""
    try:
        borrower_key = parse_borrower_public_id(borrower_id)
    except NotABorrowerId:
        return None
    return SignInSession.objects.filter(
        pk=session_id,
        borrower_id=borrower_key,
        ended_at=None,
        expires_at__gt=now,
        borrower__may_sign_in=True,
    ).first()


def endpoints_for(
    caller: Caller, *, queryset: QuerySet[WebhookEndpoint] | None = None
) -> QuerySet[WebhookEndpoint]:
    """Return the webhook endpoints that a caller may reach: a partner its own, a borrower none."""
    endpoints = WebhookEndpoint.objects.all() if queryset is None else queryset
    match caller.kind:
        case CallerKind.PARTNER:
            return endpoints.filter(Q(partner_id=caller.key))
        case CallerKind.BORROWER:
            return endpoints.none()
        case CallerKind.STAFF | CallerKind.SANDBOX | CallerKind.SYSTEM:
            return endpoints


def listening_endpoints() -> QuerySet[WebhookEndpoint]:
    """Return the endpoints that are told of things: enabled, and of an active partner."""
    return WebhookEndpoint.objects.filter(disabled_at=None, partner__active=True)


def endpoint_for(
    caller: Caller, endpoint_id: int, *, queryset: QuerySet[WebhookEndpoint] | None = None
) -> WebhookEndpoint:
    """Return an endpoint that the caller may reach. Raises `EndpointNotFound`."""
    endpoint = endpoints_for(caller, queryset=queryset).filter(pk=endpoint_id).first()
    if endpoint is None:
        raise EndpointNotFound("There is no endpoint with this id.", field="endpoint_id")
    return endpoint
