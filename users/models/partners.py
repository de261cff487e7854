"""Partners, whose back-ends call in the name of the borrowers they registered, and their keys."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact
from django.utils import timezone

DIGEST_BYTES = 32
SLOTS = (1, 2)


class Partner(models.Model):
    """A company whose back-end calls the API, and sees its own borrowers only."""

    name = models.CharField(max_length=100)
    active = models.BooleanField(
        default=True, help_text="An inactive partner's keys open nothing, and may be kept."
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name"], name="partner_name_is_unique"),
            models.CheckConstraint(
                condition=Q(name__regex=r"^\S") & Q(name__regex=r"\S$"),
                name="partner_name_is_trimmed_and_not_blank",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PartnerKey(models.Model):
    """A partner's credential. The secret is shown once; here is only its digest.

    A partner has two places for keys that are not revoked, so that a new key can be put to use
    while the old one still works.
    """

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="keys")
    key_id = models.CharField(max_length=16)
    secret_digest = models.BinaryField()
    slot = models.PositiveSmallIntegerField()
    scopes = ArrayField(models.CharField(max_length=30))
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key_id"], name="partner_key_id_is_unique"),
            models.UniqueConstraint(
                fields=["partner", "slot"],
                condition=Q(revoked_at=None),
                name="partner_has_at_most_two_keys_in_use",
            ),
            models.CheckConstraint(
                condition=Q(slot__in=SLOTS), name="partner_key_is_in_one_of_two_places"
            ),
            models.CheckConstraint(
                condition=Exact(Length("secret_digest"), DIGEST_BYTES),
                name="partner_key_digest_is_32_bytes",
            ),
            models.CheckConstraint(condition=Q(scopes__len__gt=0), name="partner_key_has_a_scope"),
        ]

    def __str__(self) -> str:
        return f"{self.partner} {self.key_id}"
