"""The admin of the billing run: its manifests, and the button that starts one."""

import logging
from collections.abc import Sequence
from datetime import date, timedelta

from celery import current_app
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from kombu.exceptions import OperationalError as BrokerUnreachable

from bright_credit.common import business_day
from bright_credit.common.admin.columns import (
    NOTHING,
    badge_column,
    counted,
    day,
    instant,
    link,
    list_url,
    number,
    rupees,
    state,
)
from bright_credit.common.admin.pages import PageAdmin, form_page
from bright_credit.common.admin.panels import Panel, Table, facts
from bright_credit.common.admin.records import rows_of
from bright_credit.common.admin.theme import button, column
from credit.admin import file_panels
from loan.admin.tones import RUN_TONES
from loan.admin.transaction_files import may_upload
from loan.models import BillingRun, BusinessDay
from loan.selectors.billing_preview import preview_days
from loan.tasks import process_daily_billing

DAYS_SHOWN = 31
BROKER_PATIENCE_SECONDS = 3

log = logging.getLogger(__name__)


def run_figures(run: BillingRun) -> tuple[str, ...]:
    """Return what a run did, in the columns of the list: dues, billed, overdue, NPA."""
    dues, loans = run.manifest.get("dues", {}), run.manifest.get("loans", {})
    billed = dues.get("principal_paise", 0) + dues.get("interest_paise", 0)
    return (
        number(dues.get("count")),
        rupees(billed if dues else None),
        number(loans.get("overdue")),
        number(loans.get("npa")),
    )


@admin.register(BillingRun)
class BillingRunAdmin(PageAdmin):
    """Billing runs, one a business date."""

    list_display = ("business_date", "state", "dues", "billed", "overdue", "npa", "closed_at")
    list_filter = ("status",)
    ordering = ("-business_date",)
    actions_list = ("run_now", "upload")

    state = badge_column("status", "Status", tones=RUN_TONES)

    @column("Dues")
    def dues(self, run: BillingRun) -> str:
        """Return how many dues were billed."""
        return run_figures(run)[0]

    @column("Billed")
    def billed(self, run: BillingRun) -> str:
        """Return what the dues of the day add up to."""
        return run_figures(run)[1]

    @column("Overdue loans")
    def overdue(self, run: BillingRun) -> str:
        """Return how many loans were overdue at the end of the day."""
        return run_figures(run)[2]

    @column("NPA")
    def npa(self, run: BillingRun) -> str:
        """Return how many loans were non-performing at the end of the day."""
        return run_figures(run)[3]

    def panels(self, request: HttpRequest, obj: BillingRun) -> Sequence[Panel]:
        """Return the run, its manifest, and the file it read."""
        file = obj.transaction_file
        return [
            _run_facts(obj),
            Table(
                title="Manifest",
                headings=("Figure", "Value"),
                numeric=frozenset({"Value"}),
                rows=tuple(rows_of(obj.manifest)),
                empty="Not closed yet.",
            ),
            *(file_panels(file) if file else ()),
        ]

    def has_run_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Return whether the person may start a run."""
        return request.user.has_perm("loan.add_billingrun")

    def has_upload_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Return whether the person may hand in files."""
        return may_upload(request)

    @button("Run now", path="run-now", permission="run", icon="play_arrow")
    def run_now(self, request: HttpRequest) -> HttpResponse:
        """Show what a run would do; when it is wanted, queue it."""
        if request.method == "POST":
            _queue(request)
            return HttpResponseRedirect(list_url(BillingRun))
        return form_page(
            request,
            self.admin_site,
            opts=self.opts,
            title="Run the daily billing now",
            submit="Run now",
            back=list_url(BillingRun),
            panels=_what_a_run_would_do(business_day.today()),
        )

    @button("Upload a transaction file", path="upload", permission="upload", icon="upload")
    def upload(self, request: HttpRequest) -> HttpResponse:
        """Go to where files are uploaded."""
        return HttpResponseRedirect(reverse("admin:credit_transactionfile_upload"))


def _run_facts(run: BillingRun) -> Panel:
    file = run.transaction_file
    return facts(
        "Billing run",
        ("Business date", day(run.business_date)),
        ("Status", state(run.status, RUN_TONES)),
        ("Started", instant(run.started_at)),
        ("Closed", instant(run.closed_at)),
        ("Scores refreshed", instant(run.rescored_at)),
        ("Transaction file", link(file.name, file) if file else NOTHING),
        ("Sealed through journal entry", str(run.sealed_through_entry)),
        ("Digest", _mono(run.digest)),
        ("Digest of the day before", _mono(run.previous_digest)),
    )


def _mono(text: str) -> str:
    return format_html('<span class="bl-mono">{}</span>', text or NOTHING)


def _what_a_run_would_do(today: date) -> list[Panel]:
    """Return the open days that have ended, and the dues they would bill."""
    last = today - timedelta(days=1)
    closed = BusinessDay.objects.first()
    days = _open_days(closed.closed_through_date, last) if closed else []
    previews = preview_days(days)
    return [
        facts(
            "A run now",
            ("Closed through", day(closed.closed_through_date) if closed else NOTHING),
            (
                "Would close",
                f"{counted(len(days), 'day')}, through {day(last)}" if days else "no further day",
            ),
            ("Dues to bill", number(sum(preview.dues for preview in previews))),
            ("To bill", rupees(sum(preview.billed_paise for preview in previews))),
            ("From advance", rupees(sum(preview.from_advance_paise for preview in previews))),
            ("Penal charges", number(sum(preview.penal_charges for preview in previews))),
            ("Become NPA", number(sum(preview.became_npa for preview in previews))),
        ),
        Table(
            title="Days with dues",
            headings=("Day", "Dues", "To bill"),
            numeric=frozenset({"Dues", "To bill"}),
            rows=tuple(
                (day(preview.day), number(preview.dues), rupees(preview.billed_paise))
                for preview in [preview for preview in previews if preview.dues][:DAYS_SHOWN]
            ),
            note="The run also reads the bank-transaction file first and refreshes scores after. "
            "Running it again changes nothing.",
        ),
    ]


def _open_days(closed_through: date, last: date) -> list[date]:
    return [closed_through + timedelta(days=n + 1) for n in range((last - closed_through).days)]


def _queue(request: HttpRequest) -> None:
    """Hand the run to a worker, or say that the broker does not answer."""
    try:
        with current_app.connection_for_write(
            connect_timeout=BROKER_PATIENCE_SECONDS
        ) as connection:
            connection.ensure_connection(max_retries=1, interval_start=0)
            process_daily_billing.apply_async(
                connection=connection,  # type: ignore[call-arg]  # missing in the stubs
                retry=False,
            )
    except (BrokerUnreachable, OSError):
        log.exception("the billing run could not be queued")
        messages.error(
            request,
            "The broker does not answer, so nothing was queued. Start it and try again, or run "
            "`manage.py run_billing` on the server.",
        )
        return
    log.info("billing run queued by %s", request.user.get_username())
    messages.success(
        request,
        "The billing run has been queued; a worker takes it up at once. Reload this list to see "
        "the days it has closed.",
    )


@admin.register(BusinessDay)
class BusinessDayAdmin(PageAdmin):
    """The business calendar: the last closed day. Only a billing run moves it."""

    list_display = ("closed_through_date",)

    def panels(self, request: HttpRequest, obj: BusinessDay) -> Sequence[Panel]:
        """Return the last closed day."""
        return [facts("Business day", ("Closed through", day(obj.closed_through_date)))]
