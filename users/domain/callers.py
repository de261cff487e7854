"""Who calls, and what a call needs: values that every app's selectors and views speak in.

A caller reaches people's records by what they are: a borrower their own, a partner those of the
borrowers it registered, staff by their permissions. Nothing is reached by knowing an id.
"""

from dataclasses import dataclass
from enum import StrEnum

from users.domain.scopes import Scope


class CallerKind(StrEnum):
    """What a caller is."""

    BORROWER = "borrower"
    PARTNER = "partner"
    STAFF = "staff"
    SANDBOX = "sandbox"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Caller:
    """A caller whose identity was proven; `key` is the row's key of a borrower, partner or login.

    `session_id` is a borrower's session, `scopes` what a partner's key holds. DRF takes a caller
    for the request's user, hence the `is_…` names.
    """

    kind: CallerKind
    key: int | None = None
    scopes: frozenset[Scope] = frozenset()
    session_id: str | None = None

    @property
    def name(self) -> str:
        """Return the caller's stable name, such as `borrower:9`: one for each identity."""
        return self.kind.value if self.key is None else f"{self.kind.value}:{self.key}"

    @property
    def pk(self) -> int | None:
        """Return the row's key."""
        return self.key

    @property
    def is_authenticated(self) -> bool:
        """Return True: who a caller is has been proven."""
        return True

    @property
    def is_anonymous(self) -> bool:
        """Return False."""
        return False

    @property
    def is_active(self) -> bool:
        """Return True: who may not call is refused before there is a caller."""
        return True

    @property
    def is_staff(self) -> bool:
        """Return whether the caller is staff."""
        return self.kind is CallerKind.STAFF

    def get_username(self) -> str:
        """Return the caller's name, where a login would have its own."""
        return self.name

    def __str__(self) -> str:
        return self.name


#: The product itself: tasks, commands, the admin after its own checks, and tests of services.
SYSTEM = Caller(CallerKind.SYSTEM)

#: Whoever sits at this machine, while the sandbox is open to them.
SANDBOX = Caller(CallerKind.SANDBOX)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What a caller needs for one method of an endpoint. What is not named is refused.

    `permission` is the Django permission that staff need, `scope` what a partner's key must hold;
    `borrowers` lets borrowers call, about themselves. `anybody` opens the endpoint to callers who
    have not said who they are: signing in, and nothing else.
    """

    permission: str = ""
    scope: Scope | None = None
    borrowers: bool = False
    anybody: bool = False

    def allows(self, caller: Caller) -> bool:
        """Return whether a caller may call; for staff their permissions are asked beside this."""
        match caller.kind:
            case CallerKind.BORROWER:
                return self.borrowers
            case CallerKind.PARTNER:
                return self.scope is not None and self.scope in caller.scopes
            case CallerKind.STAFF:
                return self.permission != ""
            case CallerKind.SANDBOX | CallerKind.SYSTEM:
                return True
