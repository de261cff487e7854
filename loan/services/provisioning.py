"""Setting aside for loans that may not be repaid: as the difference to the last time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from bright_credit.common.errors import Conflict, InvalidInput
from ledger.domain.entries import EntryDraft
from ledger.services import post_entry
from loan.domain.posting_rules import provision_transfers
from loan.domain.provisioning import ProvisionLine
from loan.models import Provision, ProvisionShare
from loan.selectors.provisions import provision_on
from loan.services.business_day import closed_through, hold_classifying, hold_open_date


class ProvisionDayOpen(InvalidInput):
    """Provisions are reckoned as of the end of a day that is closed."""

    code = "provision_day_open"


class ProvisionOutOfOrder(Conflict):
    """A provision as of a later day, or of the same one, is booked already."""

    code = "provision_out_of_order"


@dataclass(frozen=True, slots=True, kw_only=True)
class Provisioned:
    """What is set aside as of a day, by product and class, beside the last time."""

    as_of: date
    lines: Sequence[ProvisionLine]
    before_paise: int

    @property
    def provision_paise(self) -> int:
        """All that is set aside."""
        return sum(line.provision_paise for line in self.lines)

    @property
    def exposure_paise(self) -> int:
        """All that it is set aside for."""
        return sum(line.exposure.exposure_paise for line in self.lines)


def preview_provision(day: date, *, today: date) -> Provisioned:
    """Return what a provision as of a closed day would be. Writes nothing.

    Raises `ProvisionDayOpen`, `ProvisionOutOfOrder`.
    """
    if day > closed_through(as_of=today):
        raise ProvisionDayOpen(f"{day} is not closed yet.", field="as_of")
    last = Provision.objects.order_by("as_of").last()
    if last is not None and last.as_of >= day:
        raise ProvisionOutOfOrder(
            f"The provision as of {last.as_of} is booked already.", field="as_of"
        )
    return Provisioned(
        as_of=day,
        lines=provision_on(day),
        before_paise=last.provision_paise if last else 0,
    )


@transaction.atomic
def post_provision(day: date, *, today: date, actor: str) -> Provisioned:
    """Book the provision as of a closed day; the ledger gets the difference, in the open day.

    Raises like `preview_provision`; of two at once the second finds the first one's.
    """
    hold_classifying()
    open_date = hold_open_date(as_of=today)
    made = preview_provision(day, today=today)
    provision = Provision.objects.create(
        as_of=day,
        exposure_paise=made.exposure_paise,
        provision_paise=made.provision_paise,
        booked_on=open_date,
        actor=actor,
    )
    ProvisionShare.objects.bulk_create(
        ProvisionShare(
            provision=provision,
            product_id=line.exposure.product,
            asset_class=line.exposure.asset_class.value,
            loans=line.exposure.loans,
            exposure_paise=line.exposure.exposure_paise,
            rate_bps=line.rate_bps,
            provision_paise=line.provision_paise,
        )
        for line in made.lines
    )
    transfers = provision_transfers(made.provision_paise - made.before_paise)
    if transfers:
        post_entry(
            EntryDraft(
                value_date=open_date,
                kind="PROVISION",
                reference=f"PROVISION/{day}",
                transfers=transfers,
                narrative=f"Provision as of {day}, less the last one",
            ),
            actor=actor,
        )
    return made
