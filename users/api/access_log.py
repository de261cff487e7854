"""The access log's one place: every answer that shows people's data is written down first.

It fails closed. The row is committed before the answer leaves; when it cannot be written, there is
no answer (503), because a look that nobody can be asked about is worse than a page to load again.
The row and the data are in one database, so that this costs hardly any look.
"""

import re
from collections.abc import Callable
from typing import Any

from django.contrib.admin.utils import unquote
from django.http import HttpRequest, HttpResponseBase

from bright_credit.common.api.caller import CallerKind, caller_of
from bright_credit.common.api.request_id import current_request_id
from bright_credit.common.masking import masked
from users.looks import noticing
from users.models import path_to_borrower
from users.services.access_log import Look, record_list, record_looks, record_row

Handler = Callable[[HttpRequest], HttpResponseBase]

_ADMIN_PAGE = "_brightlend_admin_page"
_LONGEST = 200
#: Of a filter these are kept: codes, numbers and public ids. What was typed into a search is not.
_CODE = re.compile(r"[A-Z0-9_-]{1,40}", re.ASCII)
_PUBLIC_ID = re.compile(r"(?:BC-USER|LN|AP)-[0-9-]{1,20}", re.ASCII)


class AccessLogMiddleware:
    """Write down whom an answer was about, before it leaves.

    What changes something is in the audit trail; here is what was read: answered with 200 (what
    creates answers 201 or 202, what is refused shows nobody's data).
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request."""
        with noticing() as looks:
            response = self.get_response(request)
        if response.status_code == 200:
            if looks.people or looks.many:
                record_looks(looks, by=_look(request))
            _record_page(request)
        return response

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: dict[str, Any]
    ) -> None:
        """Remember which table's page of the admin is asked for."""
        model_admin = getattr(view, "model_admin", None)
        if model_admin is not None:
            setattr(request, _ADMIN_PAGE, (model_admin.model, kwargs.get("object_id")))


def _record_page(request: HttpRequest) -> None:
    model, key = getattr(request, _ADMIN_PAGE, (None, None))
    if model is None or path_to_borrower(model) is None:
        return
    look = _look(request)
    if not look.actor.startswith(f"{CallerKind.STAFF}:"):
        return  # the page to sign in on
    if key is None:
        record_list(look, record=model._meta.label_lower)
    else:
        record_row(model, unquote(key), by=look)


def _look(request: HttpRequest) -> Look:
    caller = caller_of(request)
    staff = caller.kind is CallerKind.STAFF
    in_admin = hasattr(request, _ADMIN_PAGE)
    route = request.resolver_match.route if request.resolver_match else request.path
    return Look(
        actor=caller.name,
        actor_name=request.user.get_username() if staff else "",
        origin="ADMIN" if in_admin else "API",
        action=f"{request.method} /{route.lstrip('/')}"[:_LONGEST],
        address=caller.address,
        request_id=current_request_id(),
        filter=masked_filter(request)[:_LONGEST],
    )


def masked_filter(request: HttpRequest) -> str:
    """Return what a list was asked for, without words that could be a person's: `q=***`."""
    return "&".join(
        f"{name}={value if _may_be_kept(name, value) else '***'}"
        for name, values in request.GET.lists()
        for value in values
        if value
    )


def _may_be_kept(name: str, value: str) -> bool:
    if name == "q":
        return _PUBLIC_ID.fullmatch(value) is not None
    return _CODE.fullmatch(value) is not None and masked(value) == value
