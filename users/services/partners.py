"""Partners' keys: made, shown once, known again, revoked."""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q
from django.views.decorators.debug import sensitive_variables

from bright_credit.common.errors import InvalidInput, RuleViolated
from users import tokens
from users.domain.scopes import Scope
from users.models import Partner, PartnerKey
from users.models.partners import SLOTS

#: A key's last use is written down at most this often.
_LAST_USE_STEP: Final = timedelta(minutes=10)

_NO_DIGEST: Final = bytes(32)
_KNOWN_SCOPES: Final = frozenset(Scope)


class TwoKeysInUse(RuleViolated):
    """The partner has two keys in use already: revoke the one that is no longer needed."""

    code = "two_keys_in_use"


class UnknownScope(InvalidInput):
    """A key's scopes are among those that exist, and it has at least one."""

    code = "unknown_scope"


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key just made, with the only sight of its text."""

    key: PartnerKey
    text: str

    def __repr__(self) -> str:
        return f"NewKey({self.key.key_id})"


@sensitive_variables()
@transaction.atomic
def make_partner_key(
    partner: Partner, *, scopes: Iterable[str], expires_at: datetime | None, now: datetime
) -> NewKey:
    """Make a key in the partner's free place. Raises `TwoKeysInUse`, `UnknownScope`."""
    wanted = sorted(set(scopes))
    if not wanted or not _KNOWN_SCOPES.issuperset(wanted):
        raise UnknownScope("Choose at least one of the scopes there are.", field="scopes")
    locked = Partner.objects.select_for_update().get(pk=partner.pk)
    _retire_expired(locked, now=now)
    taken = set(locked.keys.filter(revoked_at=None).values_list("slot", flat=True))
    free = [slot for slot in SLOTS if slot not in taken]
    if not free:
        raise TwoKeysInUse(f"{locked} has two keys in use; revoke one of them first.")
    key_id, text, digest = tokens.new_partner_key()
    key = PartnerKey.objects.create(
        partner=locked,
        key_id=key_id,
        secret_digest=digest,
        slot=free[0],
        scopes=wanted,
        created_at=now,
        expires_at=expires_at,
    )
    return NewKey(key=key, text=text)


def _retire_expired(partner: Partner, *, now: datetime) -> None:
    partner.keys.filter(revoked_at=None, expires_at__lte=now).update(revoked_at=now)


def revoke_partner_key(key: PartnerKey, *, now: datetime) -> None:
    """Make a key open nothing from now on. Revoking twice changes nothing."""
    PartnerKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=now)


@sensitive_variables()
def partner_key_of(text: str, *, now: datetime) -> PartnerKey | None:
    """Return the key in use that a text is, with its partner; None for any other text.

    An unknown key and a wrong secret take the same statement and the same comparison.
    """
    try:
        key_id, digest = tokens.parts_of_partner_key(text)
    except tokens.InvalidToken:
        return None
    in_use = Q(revoked_at=None, partner__active=True) & (Q(expires_at=None) | Q(expires_at__gt=now))
    key = PartnerKey.objects.select_related("partner").filter(in_use, key_id=key_id).first()
    known = hmac.compare_digest(bytes(_NO_DIGEST if key is None else key.secret_digest), digest)
    if key is None or not known:
        return None
    _note_use(key, now=now)
    return key


def _note_use(key: PartnerKey, *, now: datetime) -> None:
    if key.last_used_at is None or now - key.last_used_at >= _LAST_USE_STEP:
        PartnerKey.objects.filter(pk=key.pk).update(last_used_at=now)
