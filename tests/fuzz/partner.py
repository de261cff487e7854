"""A partner that may do everything a partner may, whose customers all the sample borrowers are."""

from django.utils import timezone

from users.domain.scopes import Scope
from users.models import Borrower, Partner
from users.services.partners import make_partner_key


def new_key() -> str:
    """Make the partner over the sample data; return the text of its key."""
    partner, _is_new = Partner.objects.get_or_create(name="Fuzz")
    Borrower.objects.update(partner=partner)
    partner.keys.update(revoked_at=timezone.now())  # a partner has two at most
    return make_partner_key(partner, scopes=Scope, expires_at=None, now=timezone.now()).text
