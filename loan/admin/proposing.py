"""Asking, in the admin, for what takes two people."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest
from django.utils import timezone

from bright_credit.common import business_day
from bright_credit.common.admin.pages import attempt
from loan.services.approvals.asking import Asked, ask
from loan.services.approvals.kinds import KINDS, Change, Wanted
from loan.services.happening import Author
from users.domain.callers import Caller, CallerKind


def staff_caller(request: HttpRequest) -> Caller:
    """Return who is signed in to the admin."""
    return Caller(CallerKind.STAFF, request.user.pk)


def propose(
    request: HttpRequest, want: Callable[[], Wanted], *, reason: str
) -> Asked | Change | None:
    """Ask for something that takes two people, as who is signed in; say what became of it."""
    by = Author(actor=request.user.get_username()[:80], reason=reason)

    def do() -> Asked | Change:
        return ask(
            want(),
            by=by,
            maker=staff_caller(request),
            as_of=business_day.today(),
            now=timezone.now(),
        )

    done = attempt(request, do)
    if isinstance(done, Asked):
        label = KINDS[done.request.kind].label
        waits = f"{label}: request {done.request.pk} waits for a second person."
        messages.success(request, waits)
    return done
