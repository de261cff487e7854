"""The admin of the access log: who looked at whom."""

from collections.abc import Sequence

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest

from bright_credit.common.admin.columns import NOTHING, instant, link, list_url, newest
from bright_credit.common.admin.pages import PageAdmin, SearchMixin
from bright_credit.common.admin.panels import Cell, Panel, Table, facts
from bright_credit.common.admin.theme import column
from users.domain.identity import NotABorrowerId, borrower_public_id, parse_borrower_public_id
from users.models import AccessLogEntry, Borrower
from users.selectors import looks_at

LOOKS_SHOWN = 20


@admin.register(AccessLogEntry)
class AccessLogAdmin(SearchMixin, PageAdmin):
    """Who looked at whose data, newest first."""

    list_display = ("at", "who", "whom", "record", "filter", "action", "address", "request_id")
    list_filter = ("origin",)
    search_help_text = "A borrower (BC-USER-009), a caller (staff:7), a login, or a request's id"
    ordering = ("-id",)

    def matching(self, text: str) -> Q:
        """Return the condition of the looks at a borrower, or of a person or request."""
        try:
            return Q(borrower=parse_borrower_public_id(text.upper()))
        except NotABorrowerId:
            return Q(actor=text) | Q(actor_name=text) | Q(request_id=text)

    @column("By", ordering="actor")
    def who(self, entry: AccessLogEntry) -> str:
        """Return who looked."""
        return _who(entry)

    @column("At whom", ordering="borrower")
    def whom(self, entry: AccessLogEntry) -> Cell:
        """Return whose data it was."""
        return _whom(entry)

    def panels(self, request: HttpRequest, obj: AccessLogEntry) -> Sequence[Panel]:
        """Return all of the entry."""
        return [
            facts(
                "Look",
                ("When", instant(obj.at)),
                ("By", _who(obj)),
                ("At whom", _whom(obj)),
                ("Record", obj.record or NOTHING),
                ("Filter", obj.filter or NOTHING),
                ("Called", obj.action),
                ("From", obj.address or NOTHING),
                ("Request", obj.request_id or NOTHING),
            )
        ]


def looks_panel(borrower: Borrower) -> Table:
    """Return who looked at a borrower of late."""
    looks = list(looks_at(borrower)[:LOOKS_SHOWN])
    return Table(
        title="Who looked",
        headings=("When", "By", "Record", "Called", "From"),
        rows=tuple(
            (instant(each.at), _who(each), each.record, each.action, each.address) for each in looks
        ),
        note=newest(
            len(looks),
            at_most=LOOKS_SHOWN,
            url=list_url(AccessLogEntry, q=borrower.public_id),
            what="looks",
        ),
        empty="Nobody has looked at this borrower.",
    )


def _who(entry: AccessLogEntry) -> str:
    return f"{entry.actor} {entry.actor_name}".strip()


def _whom(entry: AccessLogEntry) -> Cell:
    if entry.borrower_id is None:
        return "Many people"
    return link(borrower_public_id(entry.borrower_id), Borrower, entry.borrower_id)
