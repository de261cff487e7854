"""What one person asks for and another decides on: maker and checker."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from bright_credit.common.append_only import AppendOnly
from loan.models.events import Event
from loan.models.loans import Loan


class ApprovalRequest(AppendOnly):
    """What a maker asks for, whole: the payload is all that its service needs.

    The kind is one of `loan.services.approvals.kinds`. `maker` names the caller for good
    (`staff:7`), `maker_name` as the loan's events do. Nothing has happened to the loan yet.
    """

    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, related_name="approval_requests")
    kind = models.CharField(max_length=30)
    payload = models.JSONField(default=dict)
    amount_paise = models.BigIntegerField(null=True, help_text="What the borrower gains, if known.")
    reason = models.CharField(max_length=200, blank=True, default="")
    maker = models.CharField(max_length=100)
    maker_name = models.CharField(max_length=80)
    asked_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField(help_text="From then on nobody can approve it.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind="") & ~Q(maker=""), name="approval_request_has_kind_and_maker"
            ),
            models.CheckConstraint(
                condition=Q(amount_paise__isnull=True) | Q(amount_paise__gt=0),
                name="approval_request_amount_is_positive",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("asked_at")), name="approval_request_can_be_decided"
            ),
        ]
        permissions = [("decide_approvalrequest", "Can decide on what another person asks for")]

    def __str__(self) -> str:
        return f"request {self.pk}"


class ApprovalDecision(AppendOnly):
    """What became of a request: one decision, ever. An approval names the event that it brought."""

    class Outcome(models.TextChoices):
        APPROVED = "APPROVED"
        REJECTED = "REJECTED"
        WITHDRAWN = "WITHDRAWN"

    request = models.OneToOneField(
        ApprovalRequest, on_delete=models.PROTECT, related_name="decision"
    )
    outcome = models.CharField(max_length=10, choices=Outcome)
    maker = models.CharField(max_length=100, help_text="Of the request, to be held against:")
    checker = models.CharField(max_length=100)
    checker_name = models.CharField(max_length=80)
    note = models.CharField(max_length=200, blank=True, default="")
    decided_at = models.DateTimeField(db_default=Now())
    event = models.OneToOneField(
        Event, on_delete=models.PROTECT, null=True, related_name="approval"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=(Q(outcome="WITHDRAWN") & Q(checker=F("maker")))
                | (Q(outcome__in=["APPROVED", "REJECTED"]) & ~Q(checker=F("maker"))),
                name="approval_checker_is_not_the_maker",
            ),
            models.CheckConstraint(
                condition=Q(outcome="APPROVED", event__isnull=False)
                | (~Q(outcome="APPROVED") & Q(event__isnull=True)),
                name="approval_names_the_event_it_brought",
            ),
            models.CheckConstraint(
                condition=~Q(outcome="REJECTED") | ~Q(note=""), name="rejection_has_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"decision on request {self.request_id}"
