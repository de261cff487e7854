"""The admin of accruals: what had run unbilled at the end of each day. Nobody writes them here."""

from collections.abc import Sequence

from django.contrib import admin
from django.http import HttpRequest

from bright_credit.common.admin.columns import day, instant, number, rupees, rupees_column
from bright_credit.common.admin.pages import PageAdmin
from bright_credit.common.admin.panels import Panel, Table, facts
from loan.models import Accrual


@admin.register(Accrual)
class AccrualAdmin(PageAdmin):
    """Accruals, newest first; each one's page has its shares by product."""

    list_display = ("as_of", "accrued", "booked_on", "actor")
    ordering = ("-as_of",)

    accrued = rupees_column("accrued_paise", "Accrued, not due")

    def panels(self, request: HttpRequest, obj: Accrual) -> Sequence[Panel]:
        """Return the accrual and its shares."""
        return [
            facts(
                f"Accrual as of {day(obj.as_of)}",
                ("Accrued, not due", rupees(obj.accrued_paise)),
                ("Booked on", day(obj.booked_on)),
                ("Booked", instant(obj.booked_at)),
                ("By", obj.actor),
            ),
            Table(
                title="By product",
                headings=("Product", "Loans", "Accrued"),
                numeric=frozenset({"Loans", "Accrued"}),
                rows=tuple(
                    (share.product_id, number(share.loans), rupees(share.accrued_paise))
                    for share in obj.shares.order_by("product_id")
                ),
            ),
        ]
