"""The admin of what happened to loans: events, allocations, charges. To look at."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest

from bright_credit.common.admin.columns import (
    NOTHING,
    day,
    instant,
    link,
    number,
    rupees,
    rupees_column,
)
from bright_credit.common.admin.pages import PageAdmin, SearchMixin
from bright_credit.common.admin.panels import Panel, facts
from bright_credit.common.admin.theme import column
from loan.admin.loans import loans_like
from loan.models import Allocation, Event


class OfALoan(SearchMixin, PageAdmin):
    """Rows of loans, found by their loan or its borrower."""

    search_help_text = "Loan: LN-2025-0456 or 456; borrower: BC-USER id, name or e-mail"
    list_select_related: ClassVar[tuple[str, ...]] = ("loan",)
    ordering = ("-id",)

    def matching(self, text: str) -> Q:
        """Return the condition of rows whose loan a text finds."""
        return loans_like(text, path="loan__")

    @column("Loan", ordering="loan")
    def loan_number(self, row: Any) -> str:
        """Return the loan's public id."""
        return str(row.loan.public_id)


@admin.register(Allocation)
class AllocationAdmin(OfALoan):
    """Money that met instalments and charges."""

    list_display = (
        "id",
        "loan_number",
        "value_date",
        "source",
        "met",
        "interest",
        "principal",
        "charge_amount",
    )
    list_filter = ("source",)
    list_select_related = ("loan", "charge")

    interest = rupees_column("interest_paise", "Interest")
    principal = rupees_column("principal_paise", "Principal")
    charge_amount = rupees_column("charge_paise", "Charge")

    @column("Met")
    def met(self, row: Allocation) -> str:
        """Return what it met."""
        return row.charge_key or f"Instalment {row.instalment_number}"

    def panels(self, request: HttpRequest, obj: Allocation) -> Sequence[Panel]:
        """Return the allocation and where its money came from."""
        payment = obj.payment
        return [
            facts(
                "Allocation",
                ("Loan", link(obj.loan.public_id, obj.loan)),
                ("Money from", obj.source.capitalize()),
                ("Payment", link(payment.reference_id, payment) if payment else NOTHING),
                ("Value date", day(obj.value_date)),
                ("Booked", instant(obj.booked_at)),
                ("Met", self.met(obj)),
                ("Undoes", link(str(obj.undoes), obj.undoes) if obj.undoes else NOTHING),
                ("Moved by", link(str(obj.event), obj.event) if obj.event else NOTHING),
                ("Interest", rupees(obj.interest_paise)),
                ("Principal", rupees(obj.principal_paise)),
                ("Charge", rupees(obj.charge_paise)),
            )
        ]


@admin.register(Event)
class EventAdmin(OfALoan):
    """Everything that happened to loans: when it counts, when we knew, who said so and why."""

    list_display = (
        "sequence",
        "loan_number",
        "kind",
        "value_date",
        "booked_on",
        "booked_at",
        "actor",
        "reason",
    )
    list_filter = ("kind",)

    def panels(self, request: HttpRequest, obj: Event) -> Sequence[Panel]:
        """Return the event."""
        payment, taken_back = obj.payment, obj.reverses
        return [
            facts(
                "Event",
                ("Loan", link(obj.loan.public_id, obj.loan)),
                ("Number", number(obj.sequence)),
                ("Kind", obj.get_kind_display()),
                ("Value date", day(obj.value_date)),
                ("Booked on", day(obj.booked_on)),
                ("Booked", instant(obj.booked_at)),
                ("By", obj.actor),
                ("Reason", obj.reason or NOTHING),
                ("Payment", link(payment.reference_id, payment) if payment else NOTHING),
                ("Takes back", link(str(taken_back), taken_back) if taken_back else NOTHING),
                *((name.replace("_", " ").capitalize(), str(v)) for name, v in obj.payload.items()),
            )
        ]
