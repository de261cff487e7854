"""The admin of scores, bank transactions and the files they came in: to look at."""

import csv
from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils.html import format_html

from bright_credit.common.admin.columns import (
    NOTHING,
    Tone,
    badge,
    badge_column,
    day,
    grouped,
    instant,
    link,
    list_url,
    number,
    number_column,
    rupees,
    rupees_column,
    state,
)
from bright_credit.common.admin.pages import PageAdmin, SearchMixin, may_view
from bright_credit.common.admin.panels import Panel, Table, facts
from bright_credit.common.admin.records import rows_of
from bright_credit.common.admin.theme import button, column
from credit.domain.spreadsheet import inert_cell
from credit.models import BankTransaction, CreditScore, RejectedRow, TransactionFile
from credit.transactions_file.layout import RejectCode
from users.admin.borrowers import borrowers_like

FILE_TONES = {"LOADED": Tone.GOOD, "REFUSED": Tone.DANGER, "RECEIVED": Tone.WARNING}
REJECTIONS_SHOWN = 50


class _OfABorrower(SearchMixin, PageAdmin):
    """Rows that are found by their borrower."""

    search_help_text = "Borrower: BC-USER id, name or e-mail"

    def matching(self, text: str) -> Q:
        """Return the condition of rows whose borrower a text finds."""
        return borrowers_like(text, path="borrower__")

    @column("Borrower")
    def who(self, row: Any) -> str:
        """Return the borrower's id and name."""
        return str(row.borrower)


@admin.register(CreditScore)
class CreditScoreAdmin(_OfABorrower):
    """Scores with what led to them."""

    list_display = ("id", "who", "score", "as_of_date", "trigger", "thin_file", "overlay", "basis")
    list_select_related = ("borrower",)
    list_filter = ("trigger", "thin_file")
    ordering = ("-id",)

    def panels(self, request: HttpRequest, obj: CreditScore) -> Sequence[Panel]:
        """Return the score, its points, what would raise it, and its inputs."""
        return [*score_panels(obj), _inputs(obj)]


def score_panels(score: CreditScore) -> list[Panel]:
    """Return what a score is, what gave it, and what would raise it."""
    return [
        facts(
            "Score",
            ("Borrower", link(str(score.borrower), score.borrower)),
            ("Score", str(score.score)),
            ("As of", day(score.as_of_date)),
            ("Computed", instant(score.computed_at)),
            ("Because of", score.get_trigger_display()),
            ("Thin file", "Yes" if score.thin_file else "No"),
            ("Basis", score.basis),
            ("Ceiling", score.overlay or NOTHING),
            ("Model", score.model_version),
        ),
        _points(score),
        _improvements(score),
    ]


def _points(score: CreditScore) -> Table:
    costly = set(score.reason_codes)
    return Table(
        title="Points",
        headings=("Characteristic", "Points", "Of", "Band", "Code", "Reason"),
        numeric=frozenset({"Points", "Of"}),
        rows=tuple(
            (
                str(row["characteristic"]).replace("_", " ").capitalize(),
                str(row["points"]),
                str(row["maximum"]),
                str(row["band"]),
                str(row["code"]),
                badge("cost points", Tone.WARNING) if row["code"] in costly else "",
            )
            for row in score.points
        ),
        note="Marked are the reasons given to the borrower: what cost the most points.",
    )


def _improvements(score: CreditScore) -> Table:
    return Table(
        title="What would raise it",
        headings=("Code", "Points at most", "What to do"),
        numeric=frozenset({"Points at most"}),
        rows=tuple(
            (str(row["code"]), f"+{row['points']}", str(row["text"])) for row in score.improvements
        ),
        empty="Nothing: every characteristic has all its points.",
    )


def _inputs(score: CreditScore) -> Table:
    return Table(title="Inputs", headings=("Input", "Value"), rows=tuple(rows_of(score.inputs)))


@admin.register(BankTransaction)
class BankTransactionAdmin(_OfABorrower):
    """Bank transactions as files told them."""

    list_display = ("id", "who", "transaction_date", "type", "amount", "description")
    list_select_related = ("borrower",)
    list_filter = ("type",)
    ordering = ("-id",)

    amount = rupees_column("amount_paise", "Amount")

    def panels(self, request: HttpRequest, obj: BankTransaction) -> Sequence[Panel]:
        """Return the transaction."""
        return [
            facts(
                "Bank transaction",
                ("Borrower", link(str(obj.borrower), obj.borrower)),
                ("Date", day(obj.transaction_date)),
                ("Type", obj.type),
                ("Amount", rupees(obj.amount_paise)),
                ("Description", obj.description or NOTHING),
                ("File", link(str(obj.file), obj.file)),
                ("Among identical rows", f"number {obj.ordinal + 1}"),
            )
        ]


@admin.register(TransactionFile)
class TransactionFileAdmin(PageAdmin):
    """Bank-transaction files with what became of their rows."""

    list_display = ("id", "name", "state", "received_at", "n_rows", "accepted", "known", "rejected")
    list_display_links = ("id", "name")
    list_filter = ("status",)
    search_fields = ("name", "sha256__startswith")
    ordering = ("-id",)
    actions_detail = ("export_rejected",)

    state = badge_column("status", "Status", tones=FILE_TONES)
    n_rows = number_column("rows", "Rows")
    accepted = number_column("accepted_rows", "Accepted")
    known = number_column("duplicate_rows", "Duplicate")
    rejected = number_column("rejected_rows", "Rejected")

    def panels(self, request: HttpRequest, obj: TransactionFile) -> Sequence[Panel]:
        """Return the file, its control totals and its first rejected rows."""
        return file_panels(obj)

    def has_view_rejected_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the person may look at rejected rows."""
        return may_view(request, RejectedRow)

    @button(
        "Export rejected rows", path="rejected.csv", permission="view_rejected", icon="download"
    )
    def export_rejected(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """Send the rejected rows as CSV in which no cell acts as a formula."""
        file = self.get_object(request, object_id)
        if file is None:
            raise Http404
        answer = StreamingHttpResponse(
            _csv_lines(file.rejections.order_by("line_number")), content_type="text/csv"
        )
        answer["Content-Disposition"] = f'attachment; filename="rejected-rows-{file.pk}.csv"'
        return answer


def file_panels(file: TransactionFile) -> list[Panel]:
    """Return what a file was, what became of its rows, and the first that were rejected."""
    return [_file_facts(file), _control_totals(file), _rejections(file)]


def _file_facts(file: TransactionFile) -> Panel:
    return facts(
        "File",
        ("Name", file.name),
        ("Status", state(file.status, FILE_TONES)),
        ("Refused because", file.refusal_text or NOTHING),
        ("Received", instant(file.received_at)),
        ("Finished", instant(file.finished_at)),
        ("Transactions believed up to", day(file.as_of_date)),
        ("Size in bytes", number(file.size_bytes)),
        ("SHA-256", format_html('<span class="bl-mono">{}</span>', file.sha256 or NOTHING)),
        ("Warnings", ", ".join(str(warning) for warning in file.warnings) or NOTHING),
    )


def _control_totals(file: TransactionFile) -> Table:
    totals = (
        ("Accepted", file.accepted_rows, file.accepted_amount_paise),
        ("Duplicate", file.duplicate_rows, file.duplicate_amount_paise),
        ("Rejected", file.rejected_rows, file.rejected_amount_paise),
        ("In the file", file.rows, file.amount_paise),
    )
    unreadable = file.unreadable_amounts
    return Table(
        title="Control totals",
        headings=("", "Rows", "Amount"),
        numeric=frozenset({"Rows", "Amount"}),
        rows=tuple((label, number(rows), rupees(paise)) for label, rows, paise in totals),
        note=f"Rejected rows without a readable amount: {grouped(unreadable)}."
        if unreadable
        else "",
    )


def _rejections(file: TransactionFile) -> Table:
    shown = file.rejections.order_by("line_number")[:REJECTIONS_SHOWN]
    everything = list_url(RejectedRow, file__id__exact=file.pk)
    more = file.rejected_rows > REJECTIONS_SHOWN
    return Table(
        title="Rejected rows",
        headings=("Line", "Code", "Reason", "As it stood"),
        numeric=frozenset({"Line"}),
        rows=tuple((number(row.line_number), row.code, row.reason, _raw(row)) for row in shown),
        note=format_html(
            '<a class="bl-link" href="{}">All {} rejected rows</a>',
            everything,
            grouped(file.rejected_rows),
        )
        if more
        else "",
    )


def _raw(row: RejectedRow) -> str:
    return format_html('<span class="bl-raw">{}</span>', row.raw)


class _Line:
    """A file for `csv.writer` that keeps nothing: what is written is given back."""

    def write(self, text: str) -> str:
        return text


def _csv_lines(rows: QuerySet[RejectedRow]) -> Iterator[str]:
    writer = csv.writer(_Line())
    yield writer.writerow(("line_number", "code", "reason", "raw"))
    for row in rows.iterator(chunk_size=2_000):
        yield writer.writerow(
            (row.line_number, row.code, inert_cell(row.reason), inert_cell(row.raw))
        )


class RejectCodeFilter(admin.SimpleListFilter):
    """By the reason of the rejection; the codes are known, so the table need not be searched."""

    title = "code"
    parameter_name = "code"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return every code."""
        return [(code.value, code.value.replace("_", " ")) for code in RejectCode]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows rejected for the chosen reason."""
        return queryset.filter(code=self.value()) if self.value() else queryset


@admin.register(RejectedRow)
class RejectedRowAdmin(PageAdmin):
    """Rows of files that were not posted."""

    list_display = ("line_number", "file", "code", "reason", "as_it_stood")
    list_select_related = ("file",)
    list_filter = (RejectCodeFilter,)
    ordering = ("-file_id", "line_number")

    @column("As it stood")
    def as_it_stood(self, row: RejectedRow) -> str:
        """Return the row as text."""
        return _raw(row)

    def panels(self, request: HttpRequest, obj: RejectedRow) -> Sequence[Panel]:
        """Return the row and why it was not posted."""
        return [
            facts(
                "Rejected row",
                ("File", link(str(obj.file), obj.file)),
                ("Line", number(obj.line_number)),
                ("Code", obj.code),
                ("Reason", obj.reason),
                ("As it stood", _raw(obj)),
            )
        ]
