"""Interest that has run and is not billed: what it came to at the end of each closed day."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from bright_credit.common.append_only import AppendOnly
from loan.models.products import LoanProduct


class Accrual(AppendOnly):
    """The accrual of the whole book as of a day that is closed; the last one holds.

    The ledger got, by product, the difference to the one before. The `through_` keys are the last
    rows that it knew: what was booked since is left to the next accrual, and an audit reckons this
    one again from what was known.
    """

    as_of = models.DateField(unique=True)
    accrued_paise = models.BigIntegerField()
    through_loan = models.BigIntegerField()
    through_schedule = models.BigIntegerField()
    through_class_change = models.BigIntegerField()
    booked_on = models.DateField()
    booked_at = models.DateTimeField(db_default=Now())
    actor = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(accrued_paise__gte=0), name="accrual_is_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"accrual as of {self.as_of}"


class AccrualShare(AppendOnly):
    """What of an accrual is of a product's loans. A product of which nothing runs has no share."""

    accrual = models.ForeignKey(Accrual, on_delete=models.PROTECT, related_name="shares")
    product = models.ForeignKey(LoanProduct, on_delete=models.PROTECT, db_index=False)
    loans = models.PositiveIntegerField()
    accrued_paise = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["accrual", "product"], name="accrual_has_one_share_a_product"
            ),
            models.CheckConstraint(
                condition=Q(accrued_paise__gt=0), name="accrual_share_is_of_something"
            ),
        ]

    def __str__(self) -> str:
        return f"accrual of {self.product_id}, {self.accrual_id}"
