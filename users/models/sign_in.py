"""Borrowers' sign-in: codes asked for, sessions, their refresh tokens; and attempts counted."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact
from django.utils import timezone

from users.domain.codes import GUESSES_A_CODE
from users.models.partners import DIGEST_BYTES
from users.models.people import Borrower


class SignInCode(models.Model):
    """A code asked for. The code itself is nowhere: it is computed from the key of this row.

    Without a borrower the address asked for is nobody's; the row is there all the same, because
    who asks must not learn the difference.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    borrower = models.ForeignKey(
        Borrower, on_delete=models.CASCADE, null=True, related_name="sign_in_codes"
    )
    address_digest = models.BinaryField()
    guesses = models.PositiveSmallIntegerField(default=0)
    asked_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(guesses__lte=GUESSES_A_CODE), name="sign_in_code_has_few_guesses"
            ),
        ]
        indexes = [models.Index(fields=["expires_at"], name="sign_in_code_by_expiry")]

    def __str__(self) -> str:
        return f"code {self.id}"


class SignInSession(models.Model):
    """A borrower signed in on one device, until it ends: the family of its refresh tokens."""

    class EndReason(models.TextChoices):
        SIGNED_OUT = "SIGNED_OUT", "Signed out"
        SIGNED_OUT_EVERYWHERE = "SIGNED_OUT_EVERYWHERE", "Signed out everywhere"
        TOKEN_REUSED = "TOKEN_REUSED", "A refresh token was used twice"
        CLOSED_BY_STAFF = "CLOSED_BY_STAFF", "Closed by staff"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    borrower = models.ForeignKey(
        Borrower, on_delete=models.CASCADE, related_name="sign_in_sessions"
    )
    started_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=21, choices=EndReason, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at=None, end_reason="")
                | (Q(ended_at__isnull=False) & ~Q(end_reason="")),
                name="sign_in_session_ends_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("started_at")),
                name="sign_in_session_expires_after_it_starts",
            ),
        ]
        indexes = [
            models.Index(
                fields=["borrower"], condition=Q(ended_at=None), name="sign_in_session_open"
            )
        ]

    def __str__(self) -> str:
        return f"session {self.id}"


class RefreshToken(models.Model):
    """A refresh token of a session, as its digest. Used once; a second use ends the session."""

    session = models.ForeignKey(
        SignInSession, on_delete=models.CASCADE, related_name="refresh_tokens"
    )
    digest = models.BinaryField()
    issued_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["digest"], name="refresh_token_is_unique"),
            models.UniqueConstraint(
                fields=["session"],
                condition=Q(used_at=None),
                name="session_has_one_unused_refresh_token",
            ),
            models.CheckConstraint(
                condition=Exact(Length("digest"), DIGEST_BYTES),
                name="refresh_token_digest_is_32_bytes",
            ),
        ]

    def __str__(self) -> str:
        return f"refresh token of {self.session_id}"


class AttemptCount(models.Model):
    """How often something was tried under a limit in its window. Subjects are digests only.

    Kept here and not in the cache, because a count that can be lost, or read before it is written,
    limits nothing.
    """

    limit_name = models.CharField(max_length=30)
    subject = models.BinaryField()
    taken = models.PositiveIntegerField()
    window_ends_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["limit_name", "subject"], name="attempts_are_counted_once"
            )
        ]
        indexes = [models.Index(fields=["window_ends_at"], name="attempt_count_by_end")]

    def __str__(self) -> str:
        return f"{self.limit_name}: {self.taken}"
