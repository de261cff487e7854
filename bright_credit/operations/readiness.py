"""Whether requests may be sent here, part by part. Only the database decides.

Payments work without the broker and without a worker, so those are reported and turn nobody away.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db import DatabaseError, InterfaceError

from bright_credit.common.deadline import finish_within
from bright_credit.operations.broker import BrokerState, broker_state
from loan.selectors.billing_state import BillingState, billing_state

#: The sweeper comes twice a minute; six in a row that nobody did is no accident.
WORKER_SILENT_AFTER = timedelta(minutes=3)


#: Less than those wait who probe.
DATABASE_PATIENCE = timedelta(seconds=2)


class Standing(StrEnum):
    """How a part stands."""

    UP = "up"
    DOWN = "down"
    SILENT = "silent"
    LATE = "late"
    NOT_YET = "not_yet"
    UNKNOWN = "unknown"


class Readiness(StrEnum):
    """How the whole stands: all is well, something is missing that requests do without, or not."""

    READY = "ready"
    DEGRADED = "degraded"
    UNAVAILABLE = "unavailable"


_WELL = frozenset({Standing.UP, Standing.NOT_YET})


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What was found out at an instant. None is a server that did not answer."""

    at: datetime
    billing: BillingState | None
    broker: BrokerState | None

    @property
    def database_standing(self) -> Standing:
        """Return whether the database answered."""
        return Standing.DOWN if self.billing is None else Standing.UP

    @property
    def broker_standing(self) -> Standing:
        """Return whether the broker answered."""
        return Standing.DOWN if self.broker is None else Standing.UP

    @property
    def worker_standing(self) -> Standing:
        """Return whether a worker did a task not long ago; only the broker would know."""
        if self.broker is None:
            return Standing.UNKNOWN
        last = self.broker.last_task_at
        if last is None or self.at - last > WORKER_SILENT_AFTER:
            return Standing.SILENT
        return Standing.UP

    @property
    def billing_standing(self) -> Standing:
        """Return whether every day was closed that should be by now."""
        if self.billing is None:
            return Standing.UNKNOWN
        if self.billing.closed_through is None:
            return Standing.NOT_YET
        return Standing.LATE if self.billing.days_behind(self.at) else Standing.UP

    @property
    def standings(self) -> dict[str, Standing]:
        """Return the standing of each part, by its name."""
        return {
            "database": self.database_standing,
            "broker": self.broker_standing,
            "worker": self.worker_standing,
            "billing": self.billing_standing,
        }

    @property
    def readiness(self) -> Readiness:
        """Return how the whole stands."""
        if self.database_standing is Standing.DOWN:
            return Readiness.UNAVAILABLE
        well = all(standing in _WELL for standing in self.standings.values())
        return Readiness.READY if well else Readiness.DEGRADED


def situation(*, at: datetime) -> Situation:
    """Ask the database and the broker, each within its time-out."""
    try:
        with finish_within(DATABASE_PATIENCE):
            billing = billing_state()
    except (DatabaseError, InterfaceError):
        billing = None
    return Situation(at=at, billing=billing, broker=broker_state())


def report(found: Situation) -> dict[str, Any]:
    """Return what is told of a situation: each part's standing, and since when."""
    parts: dict[str, dict[str, Any]] = {
        name: {"status": standing.value} for name, standing in found.standings.items()
    }
    if found.broker is not None:
        last = found.broker.last_task_at
        parts["worker"]["last_task_at"] = last and last.isoformat()
    if found.billing is not None:
        closed, through = found.billing.last_closed_at, found.billing.closed_through
        parts["billing"] |= {
            "closed_through": through and through.isoformat(),
            "last_run": found.billing.last_status,
            "last_closed_at": closed and closed.isoformat(),
            "days_behind": found.billing.days_behind(found.at),
        }
    return {"status": found.readiness.value, "parts": parts}
