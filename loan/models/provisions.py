"""Provisions for loans that may not be repaid: the rates, and what was set aside when."""

from functools import reduce
from operator import or_

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from bright_credit.common.append_only import AppendOnly
from loan.domain.asset_class import AssetClass
from loan.domain.provisioning import MINIMUM_RATES, WHOLE_BPS
from loan.models.products import LoanProduct

_CLASSES = [(member.value, member.value) for member in MINIMUM_RATES]


class ProvisionRate(models.Model):
    """How much of the exposure of a class is set aside: the regulator's minimum, or more."""

    asset_class = models.CharField(max_length=12, primary_key=True, choices=_CLASSES)
    rate_bps = models.PositiveIntegerField(
        validators=[MaxValueValidator(WHOLE_BPS)],
        help_text="Of the exposure, in basis points: 1000 is 10 %. Never below RBI's minimum.",
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=reduce(
                    or_,
                    (
                        Q(asset_class=asset_class.value, rate_bps__gte=minimum)
                        for asset_class, minimum in MINIMUM_RATES.items()
                    ),
                ),
                name="provision_rate_is_at_least_the_regulators",
                violation_error_message="Must be at least RBI's minimum for the class.",
            ),
            models.CheckConstraint(
                condition=Q(rate_bps__lte=WHOLE_BPS), name="provision_rate_is_at_most_the_whole"
            ),
        ]

    def __str__(self) -> str:
        return self.asset_class

    def clean(self) -> None:
        """Refuse a rate below the regulator's in words, before the constraint does.

        A form that does not offer the class leaves the constraint to the database.
        """
        minimum = MINIMUM_RATES[AssetClass(self.asset_class)]
        if (self.rate_bps or 0) < minimum:
            raise ValidationError({"rate_bps": f"RBI's minimum for {self.asset_class} is higher."})


class Provision(AppendOnly):
    """What is set aside for the whole book as of a day that is closed; the last one holds.

    The ledger got the difference to the one before.
    """

    as_of = models.DateField(unique=True)
    exposure_paise = models.BigIntegerField()
    provision_paise = models.BigIntegerField()
    booked_on = models.DateField()
    booked_at = models.DateTimeField(db_default=Now())
    actor = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(provision_paise__gte=0), name="provision_is_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"provision as of {self.as_of}"


class ProvisionShare(AppendOnly):
    """What of a provision is for a product's loans of one class."""

    provision = models.ForeignKey(Provision, on_delete=models.PROTECT, related_name="shares")
    product = models.ForeignKey(LoanProduct, on_delete=models.PROTECT, db_index=False)
    asset_class = models.CharField(max_length=12, choices=_CLASSES)
    loans = models.PositiveIntegerField()
    exposure_paise = models.BigIntegerField()
    rate_bps = models.PositiveIntegerField()
    provision_paise = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["provision", "product", "asset_class"],
                name="provision_has_one_share_a_product_and_class",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.asset_class} of {self.product_id}, {self.provision_id}"
