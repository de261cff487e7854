"""The class of borrowers: when it changed, as it was known."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from bright_credit.common.append_only import AppendOnly
from loan.domain.asset_class import AssetClass
from loan.models.events import Event
from users.models import Borrower


class AssetClassChange(AppendOnly):
    """From `effective_on` a borrower is of this class, as it was known from `booked_at` on.

    A later row says how it is from its date on, whatever earlier rows said of that time. Only what
    is state is written: STANDARD, and the non-performing classes. SMA-0 to SMA-2 follow from the
    days past due. `event` is what a person or a payer did; the calendar's own changes have none.
    `marked_class` is what a person has the borrower marked as; the mark's event says who and why.
    """

    borrower = models.ForeignKey(
        Borrower, on_delete=models.PROTECT, related_name="class_changes", db_index=False
    )
    effective_on = models.DateField()
    asset_class = models.CharField(
        max_length=12, choices=[(member.value, member.value) for member in AssetClass]
    )
    npa_since = models.DateField(null=True)
    marked_class = models.CharField(
        max_length=12,
        null=True,
        choices=[(member.value, member.value) for member in AssetClass if member.is_npa],
    )
    booked_on = models.DateField(help_text="The business date that was open when it was booked.")
    booked_at = models.DateTimeField(db_default=Now())
    event = models.ForeignKey(
        Event, on_delete=models.PROTECT, null=True, related_name="class_changes", db_index=False
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(asset_class="STANDARD", npa_since__isnull=True)
                | Q(
                    asset_class__in=[member.value for member in AssetClass if member.is_npa],
                    npa_since__isnull=False,
                ),
                name="class_change_is_of_a_state_and_says_since_when",
            ),
            models.CheckConstraint(
                condition=Q(marked_class__isnull=True) | Q(npa_since__isnull=False),
                name="class_change_marks_only_who_is_non_performing",
            ),
        ]
        indexes = [
            models.Index(fields=["borrower", "id"], name="class_change_by_borrower"),
            models.Index(fields=["booked_on"], name="class_change_by_day_booked"),
        ]

    def __str__(self) -> str:
        return f"{self.asset_class} from {self.effective_on} of borrower {self.borrower_id}"
