"""Partners' webhook endpoints: made, their secrets changed, disabled and enabled again."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from bright_credit.common.errors import Conflict, InvalidInput, RuleViolated
from users import webhook_secrets
from users.domain.callers import SYSTEM, Caller, CallerKind
from users.domain.webhooks import (
    MAX_OVERLAP_HOURS,
    USUAL_OVERLAP_HOURS,
    EventType,
    checked_url,
)
from users.models import Partner, WebhookDelivery, WebhookEndpoint, WebhookSecret
from users.selectors import endpoint_for

log = logging.getLogger(__name__)

MAX_ENDPOINTS: Final = 10

_KNOWN_EVENTS: Final = frozenset(EventType)


class EndpointExists(Conflict):
    """The partner has an endpoint in use with this address."""

    code = "webhook_endpoint_exists"


class TooManyEndpoints(RuleViolated):
    """The partner has as many endpoints in use as there may be: disable one first."""

    code = "too_many_webhook_endpoints"


class EndpointDisabled(RuleViolated):
    """The endpoint is disabled: enable it first."""

    code = "webhook_endpoint_disabled"


class UnknownEvent(InvalidInput):
    """An endpoint is told of events that exist, and of one at least."""

    code = "unknown_webhook_event"


class OverlapRefused(InvalidInput):
    """The former secret signs beside the new one for 0 to 72 hours."""

    code = "webhook_overlap_refused"


class OnlyPartners(RuleViolated):
    """Webhooks are a partner's: call with a partner's key."""

    code = "only_partners"


@dataclass(frozen=True, slots=True)
class NewSecret:
    """An endpoint with its newest secret, and the only sight of it."""

    endpoint: WebhookEndpoint
    text: str
    former_expires_at: datetime | None = None

    def __repr__(self) -> str:
        return f"NewSecret({self.endpoint.pk})"


def partner_of(caller: Caller) -> Partner:
    """Return the partner whose back-end calls. Raises `OnlyPartners` for anybody else."""
    if caller.kind is not CallerKind.PARTNER or caller.key is None:
        raise OnlyPartners("Call with the key of a partner: the endpoint will be the partner's.")
    return Partner.objects.get(pk=caller.key)


@sensitive_variables()
@transaction.atomic
def make_endpoint(
    partner: Partner, *, url: str, events: Iterable[str], https_only: bool, now: datetime
) -> NewSecret:
    """Make an endpoint with its first secret.

    Raises `UrlRefused`, `UnknownEvent`, `EndpointExists`, `TooManyEndpoints`.
    """
    wanted = sorted(set(events))
    if not wanted or not _KNOWN_EVENTS.issuperset(wanted):
        raise UnknownEvent("Choose at least one of the events there are.", field="events")
    checked_url(url, https_only=https_only)
    locked = Partner.objects.select_for_update(no_key=True).get(pk=partner.pk)
    _require_room(locked, url)
    endpoint = WebhookEndpoint.objects.create(
        partner=locked, url=url, events=wanted, created_at=now
    )
    return NewSecret(endpoint, _add_secret(endpoint, now=now))


@sensitive_variables()
@transaction.atomic
def rotate_secret(
    endpoint_id: int,
    *,
    overlap_hours: int = USUAL_OVERLAP_HOURS,
    now: datetime,
    caller: Caller = SYSTEM,
) -> NewSecret:
    """Give an endpoint a new secret; the one before signs beside it for `overlap_hours`.

    Only the two newest sign: one that was still signing from an earlier change ends now. With 0
    hours the former ends at once, as is right for one that has leaked. Raises `EndpointNotFound`,
    `OverlapRefused`.
    """
    if not 0 <= overlap_hours <= MAX_OVERLAP_HOURS:
        raise OverlapRefused("Must be 0 to 72 hours.", field="overlap_hours")
    endpoint = _locked(caller, endpoint_id)
    until = now + timedelta(hours=overlap_hours)
    endpoint.secrets.filter(expires_at__gt=now).update(expires_at=now)
    endpoint.secrets.filter(expires_at=None).update(expires_at=until)
    endpoint.secrets.filter(expires_at__lt=now - timedelta(days=1)).delete()
    return NewSecret(endpoint, _add_secret(endpoint, now=now), former_expires_at=until)


@transaction.atomic
def disable_endpoint(
    endpoint_id: int, *, now: datetime, caller: Caller = SYSTEM
) -> WebhookEndpoint:
    """Send an endpoint nothing more; what waits for it is given up. Twice changes nothing.

    Raises `EndpointNotFound`.
    """
    endpoint = _locked(caller, endpoint_id)
    if endpoint.is_enabled:
        stop(endpoint, because=WebhookEndpoint.DisabledBecause.ASKED, now=now)
    return endpoint


@transaction.atomic
def enable_endpoint(endpoint_id: int, *, caller: Caller = SYSTEM) -> WebhookEndpoint:
    """Tell an endpoint again of what happens from now on. Twice changes nothing.

    What was given up meanwhile is sent by a replay. Raises `EndpointNotFound`, `EndpointExists`,
    `TooManyEndpoints`.
    """
    endpoint = endpoint_for(caller, endpoint_id)
    partner = Partner.objects.select_for_update(no_key=True).get(pk=endpoint.partner_id)
    endpoint = _locked(caller, endpoint_id)
    if not endpoint.is_enabled:
        _require_room(partner, endpoint.url)
        endpoint.disabled_at, endpoint.disabled_because = None, ""
        endpoint.failing_since = None
        endpoint.save(update_fields=["disabled_at", "disabled_because", "failing_since"])
    return endpoint


def stop(
    endpoint: WebhookEndpoint, *, because: WebhookEndpoint.DisabledBecause, now: datetime
) -> None:
    """Disable an endpoint whose row is locked, and give up what waits for it."""
    endpoint.disabled_at, endpoint.disabled_because = now, because
    endpoint.save(update_fields=["disabled_at", "disabled_because"])
    WebhookDelivery.objects.filter(endpoint=endpoint, status=WebhookDelivery.Status.PENDING).update(
        status=WebhookDelivery.Status.DEAD, outcome="endpoint_disabled"
    )


def _locked(caller: Caller, endpoint_id: int) -> WebhookEndpoint:
    rows = WebhookEndpoint.objects.select_for_update(no_key=True, of=("self",))
    return endpoint_for(caller, endpoint_id, queryset=rows)


def _require_room(partner: Partner, url: str) -> None:
    in_use = set(partner.endpoints.filter(disabled_at=None).values_list("url", flat=True))
    if url in in_use:
        raise EndpointExists("An endpoint with this address is in use.", field="url")
    if len(in_use) >= MAX_ENDPOINTS:
        raise TooManyEndpoints(f"There may be {MAX_ENDPOINTS} in use; disable one first.")


@sensitive_variables()
def _add_secret(endpoint: WebhookEndpoint, *, now: datetime) -> str:
    text, record_id = webhook_secrets.new_secret(), uuid4()
    key_id, ciphertext = webhook_secrets.seal(text, record_id=record_id)
    WebhookSecret.objects.create(
        id=record_id, endpoint=endpoint, ciphertext=ciphertext, key_id=key_id, created_at=now
    )
    return text
