"""The admin of the journal: to look at. Nothing booked is changed, by nobody and nowhere."""

import re
from collections.abc import Sequence

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest

from bright_credit.common.admin.columns import (
    NOTHING,
    day,
    instant,
    link,
    number_column,
    rupees,
    rupees_column,
)
from bright_credit.common.admin.pages import PageAdmin, SearchMixin
from bright_credit.common.admin.panels import Panel, Table, facts
from bright_credit.common.admin.theme import column
from ledger.models import Account, Entry, Transfer

_NUMBER = re.compile(r"[0-9]{1,18}", re.ASCII)


@admin.register(Account)
class AccountAdmin(PageAdmin):
    """The chart of accounts."""

    list_display = ("code", "name", "type", "normal_side", "is_control")
    list_filter = ("type", "is_control")
    search_fields = ("code", "name")
    ordering = ("code",)

    def panels(self, request: HttpRequest, obj: Account) -> Sequence[Panel]:
        """Return what the account is."""
        return [
            facts(
                "Account",
                ("Code", obj.code),
                ("Name", obj.name),
                ("Type", obj.get_type_display()),
                ("Grows by", obj.get_normal_side_display()),
                ("Has the loans as its subledger", "Yes" if obj.is_control else "No"),
            )
        ]


@admin.register(Entry)
class EntryAdmin(PageAdmin):
    """Journal entries."""

    list_display = ("id", "value_date", "kind", "reference", "lines", "narrative", "booked_at")
    list_display_links = ("id", "reference")
    search_fields = ("reference__startswith",)
    search_help_text = "The reference, or how it begins, such as PAYMENT/ or DISBURSEMENT/456"
    ordering = ("-id",)

    lines = number_column("transfer_count", "Transfers")

    def panels(self, request: HttpRequest, obj: Entry) -> Sequence[Panel]:
        """Return the entry and its transfers."""
        reversed_by = Entry.objects.filter(reverses=obj).first()
        return [
            facts(
                "Journal entry",
                ("Kind", obj.kind),
                ("Reference", obj.reference),
                ("Value date", day(obj.value_date)),
                ("Booked", instant(obj.booked_at)),
                ("By", obj.actor),
                ("Narrative", obj.narrative or NOTHING),
                ("Reverses", _entry_link(obj.reverses)),
                ("Reversed by", _entry_link(reversed_by)),
            ),
            _transfers(obj),
        ]


def _entry_link(entry: Entry | None) -> str:
    return NOTHING if entry is None else link(entry.reference, entry)


def _transfers(entry: Entry) -> Table:
    lines = entry.transfers.select_related("debit", "credit").order_by("line_number")
    return Table(
        title="Transfers",
        headings=("Line", "Debit", "Credit", "Loan", "Amount"),
        numeric=frozenset({"Line", "Loan", "Amount"}),
        rows=tuple(
            (
                str(line.line_number),
                str(line.debit),
                str(line.credit),
                NOTHING if line.loan_id is None else str(line.loan_id),
                rupees(line.amount_paise),
            )
            for line in lines
        ),
    )


@admin.register(Transfer)
class TransferAdmin(SearchMixin, PageAdmin):
    """Transfers: what was debited, what was credited, for which loan."""

    list_display = ("id", "value_date", "entry_reference", "debit", "credit", "amount", "loan_id")
    list_select_related = ("entry", "debit", "credit")
    list_filter = ("debit", "credit")
    search_help_text = "The number of a loan, such as 456"
    ordering = ("-id",)

    amount = rupees_column("amount_paise", "Amount")

    def matching(self, text: str) -> Q:
        """Return the condition of a loan's transfers; none for what is no number."""
        return Q(loan_id=int(text)) if _NUMBER.fullmatch(text) else Q(pk__in=[])

    @column("Value date")
    def value_date(self, transfer: Transfer) -> str:
        """Return the entry's value date."""
        return day(transfer.entry.value_date)

    @column("Entry")
    def entry_reference(self, transfer: Transfer) -> str:
        """Return the entry's reference."""
        return transfer.entry.reference

    def panels(self, request: HttpRequest, obj: Transfer) -> Sequence[Panel]:
        """Return the transfer with its entry."""
        return [
            facts(
                "Transfer",
                ("Entry", link(obj.entry.reference, obj.entry)),
                ("Value date", day(obj.entry.value_date)),
                ("Line", str(obj.line_number)),
                ("Debit", str(obj.debit)),
                ("Credit", str(obj.credit)),
                ("Amount", rupees(obj.amount_paise)),
                ("Loan", NOTHING if obj.loan_id is None else str(obj.loan_id)),
            )
        ]
