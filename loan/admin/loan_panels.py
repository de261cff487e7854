"""The panels of a loan's page."""

from django.utils.html import format_html, format_html_join

from bright_credit.common.admin.columns import (
    NOTHING,
    day,
    instant,
    link,
    list_url,
    newest,
    number,
    rate,
    rupees,
    state,
)
from bright_credit.common.admin.panels import Cell, Panel, Table, facts
from bright_credit.common.money import percent
from ledger.models import Transfer
from loan.admin.tones import LOAN_TONES, bucket_badge, instalment_badge
from loan.domain.penal import RATE_PERIOD_DAYS
from loan.models import Allocation, Event, Loan, LoanApplication, LoanProduct, Payment
from loan.selectors.loan_page import SHOWN_AT_MOST, LoanPage
from loan.selectors.standing import PaymentReceipt


def loan_panels(page: LoanPage, *, application: LoanApplication | None) -> list[Panel]:
    """Return the panels in the order in which staff ask: who, how it stands, what happened."""
    panels: list[Panel] = [
        _terms(page, application),
        _position(page),
        _schedule(page),
        _dues(page),
        _charges(page),
        _payments(page),
    ]
    if page.met_from_held:
        panels.append(_met_from_held(page))
    if page.class_changes:
        panels.append(_class_changes(page))
    return [*panels, _entries(page)]


def _terms(page: LoanPage, application: LoanApplication | None) -> Panel:
    loan = page.loan
    return facts(
        "Terms",
        ("Loan", loan.public_id),
        ("Borrower", link(str(loan.borrower), loan.borrower)),
        ("Product", link(loan.product.name, loan.product)),
        ("Application", link(str(application), application) if application else NOTHING),
        ("Principal", rupees(loan.principal_paise)),
        ("Yearly rate", rate(loan.annual_rate_bps)),
        ("APR", rate(loan.apr_bps)),
        ("Interest", loan.get_interest_method_display()),
        ("Day count", loan.get_day_count_display()),
        ("Tenure", f"{loan.tenure_months} months"),
        ("Repaid", loan.get_frequency_display()),
        ("Instalment", rupees(loan.instalment_paise)),
        ("Disbursed", day(loan.disbursed_on)),
        ("First due date", day(loan.first_due_date)),
        ("Processing fee", rupees(loan.processing_fee_paise)),
        ("GST on the fee", rupees(loan.fee_gst_paise)),
        ("The fee is", loan.get_fee_collection_display()),
        *_first_periods(loan),
        ("Paid out", rupees(loan.net_disbursed_paise)),
        ("Penal charge", _penal(loan)),
    )


def _penal(loan: Loan) -> Cell:
    """Return the rule of penal charges in words."""
    if loan.penal_slabs:
        slabs = ((rupees(paise), days) for days, paise in loan.penal_slabs)
        return format_html_join(", ", "{} after {} days", slabs)
    grace = loan.penal_grace_days
    if loan.penal_rate_bps:
        rate = f"{percent(loan.penal_rate_bps)} %"
        return format_html("{} a year after {} days, every {} days", rate, grace, RATE_PERIOD_DAYS)
    return format_html("{} after {} days", rupees(loan.penal_charge_paise), grace)


def _first_periods(loan: Loan) -> tuple[tuple[str, Cell], ...]:
    """Return what is agreed of a broken period and of a moratorium, where there is one."""
    facts_shown: list[tuple[str, Cell]] = []
    if loan.broken_period_interest != LoanProduct.BrokenPeriodInterests.NONE:
        facts_shown.append(
            (
                "Broken-period interest",
                format_html(
                    "{}: {}",
                    loan.get_broken_period_interest_display(),
                    rupees(loan.broken_interest_paise),
                ),
            )
        )
    if loan.principal_moratorium_periods:
        facts_shown.append(
            (
                "Moratorium",
                f"{loan.principal_moratorium_periods} periods without principal, "
                f"{loan.interest_moratorium_periods} of them without any payment",
            )
        )
    if loan.interest_moratorium_periods:
        facts_shown.append(
            (
                "Interest of the moratorium",
                format_html(
                    "{}: {}",
                    loan.get_moratorium_interest_display(),
                    rupees(loan.moratorium_interest_paise),
                ),
            )
        )
    if loan.capitalises_on is not None:
        facts_shown.append(("Becomes principal on", day(loan.capitalises_on)))
    return tuple(facts_shown)


def _position(page: LoanPage) -> Panel:
    loan, standing = page.loan, page.standing
    return facts(
        f"Position on {day(standing.as_of)}",
        ("Status", state(loan.status, LOAN_TONES)),
        ("Bucket", bucket_badge(standing.bucket)),
        ("Days past due", number(standing.days_past_due)),
        ("Asset class", standing.asset_class.value),
        ("NPA since", day(standing.npa_since)),
        ("Restructured", day(loan.restructured_on)),
        ("Principal outstanding", rupees(loan.principal_outstanding_paise)),
        ("Overdue", rupees(standing.overdue_paise)),
        ("Due, today's included", rupees(standing.due_paise)),
        ("Oldest unpaid due date", day(loan.oldest_unpaid_due_date)),
        ("Interest capitalised", rupees(loan.capitalised_paise)),
        ("To be capitalised, of a holiday", rupees(loan.holiday_interest_paise)),
        ("Holiday ends", day(loan.holiday_ends_on)),
        ("Principal paid", rupees(loan.principal_paid_paise)),
        ("Interest paid", rupees(loan.interest_paid_paise)),
        ("Charges paid", rupees(loan.charges_paid_paise)),
        ("Penal charges paid", rupees(loan.penal_paid_paise)),
        ("Advance held", rupees(loan.advance_paise)),
        ("Refundable excess", rupees(loan.excess_paise)),
        ("Income in suspense", rupees(loan.suspended_paise)),
        ("Closed", day(loan.closed_on)),
    )


def _schedule(page: LoanPage) -> Table:
    amounts = ("Principal", "Interest", "Instalment", "Principal paid", "Interest paid")
    return Table(
        title="Schedule",
        headings=("No.", "Due date", *amounts, "Status", "Paid on"),
        numeric=frozenset({"No.", *amounts}),
        rows=tuple(
            (
                str(line.number),
                day(line.due_date),
                rupees(line.principal_paise),
                rupees(line.interest_paise),
                rupees(line.total_paise),
                rupees(line.principal_paid_paise),
                rupees(line.interest_paid_paise),
                instalment_badge(line.status),
                day(line.paid_on),
            )
            for line in page.instalments
        ),
    )


def _dues(page: LoanPage) -> Table:
    return Table(
        title="Dues billed",
        headings=("Instalment", "Due date", "Principal", "Interest", "Billed at"),
        numeric=frozenset({"Instalment", "Principal", "Interest"}),
        rows=tuple(
            (
                str(due.number),
                day(due.due_date),
                rupees(due.principal_paise),
                rupees(due.interest_paise),
                instant(due.billed_at),
            )
            for due in page.dues
        ),
        empty="Nothing has fallen due yet.",
    )


def _charges(page: LoanPage) -> Table:
    return Table(
        title="Charges",
        headings=(
            "Charge",
            "Kind",
            "Instalment",
            "Levied on",
            "Amount",
            "Paid or waived",
            "Unpaid",
        ),
        numeric=frozenset({"Instalment", "Amount", "Paid or waived", "Unpaid"}),
        rows=tuple(
            (
                link(charge.key, charge),
                charge.get_kind_display().capitalize(),
                number(charge.instalment_number),
                day(charge.levied_on),
                rupees(charge.amount_paise),
                rupees(charge.paid_paise),
                rupees(charge.amount_paise - charge.paid_paise),
            )
            for charge in page.charges
        ),
    )


def _payments(page: LoanPage) -> Table:
    return Table(
        title="Payments",
        headings=("Value date", "Reference", "Method", "Amount", "Allocated to", "Received"),
        numeric=frozenset({"Amount"}),
        rows=tuple(_payment_row(receipt) for receipt in page.payments),
        note=newest(
            len(page.payments),
            at_most=SHOWN_AT_MOST,
            url=list_url(Payment, q=page.loan.public_id),
            what="payments",
        ),
    )


def _payment_row(receipt: PaymentReceipt) -> tuple[Cell, ...]:
    payment = receipt.payment
    held = (("Advance", payment.advance_paise), ("Refundable excess", payment.excess_paise))
    parts = [_allocation(line) for line in receipt.lines]
    parts += [format_html("{}: {}", name, rupees(paise)) for name, paise in held if paise]
    return (
        day(payment.value_date),
        link(payment.reference_id, payment),
        payment.payment_method,
        rupees(payment.amount_paise),
        format_html_join("", "<div>{}</div>", ((part,) for part in parts)),
        instant(payment.received_at),
    )


def _allocation(line: Allocation) -> Cell:
    """Return what an allocation met: an instalment's two components, or a charge."""
    if line.instalment_number is None:
        return format_html("{}: {}", line.charge_key, rupees(line.charge_paise))
    return format_html(
        "Instalment {}: {} interest, {} principal",
        line.instalment_number,
        rupees(line.interest_paise),
        rupees(line.principal_paise),
    )


def _met_from_held(page: LoanPage) -> Table:
    return Table(
        title="Met from what was held, or waived",
        headings=("Value date", "From", "Allocated to"),
        rows=tuple(
            (day(line.value_date), line.source.capitalize(), _allocation(line))
            for line in page.met_from_held
        ),
    )


def _cause(event: Event | None) -> str:
    if event is None:
        return "The day's end"
    why = f", {event.actor}: {event.reason}" if event.kind == Event.Kind.CLASS_MARK else ""
    return f"{event.loan}: {event.kind}{why}"


def _class_changes(page: LoanPage) -> Table:
    return Table(
        title="Asset class of the borrower",
        headings=("From", "Class", "NPA since", "Marked as", "Because of", "Booked"),
        rows=tuple(
            (
                day(row.effective_on),
                row.asset_class,
                day(row.npa_since),
                row.marked_class or "–",
                _cause(row.event),
                instant(row.booked_at),
            )
            for row in page.class_changes
        ),
        note="A later row says how it is from its date on, whatever earlier rows say.",
    )


def _entries(page: LoanPage) -> Table:
    note = format_html(
        "Interest that a billing run bills is booked as one entry for all loans of a product; "
        "the dues above are its detail. {}",
        newest(
            len(page.transfers),
            at_most=SHOWN_AT_MOST,
            url=list_url(Transfer, q=page.loan.pk),
            what="transfers",
        ),
    )
    return Table(
        title="Ledger entries",
        headings=("Value date", "Kind", "Reference", "Debit", "Credit", "Amount", "Booked"),
        numeric=frozenset({"Amount"}),
        rows=tuple(
            (
                day(line.entry.value_date),
                line.entry.kind,
                link(line.entry.reference, line.entry),
                str(line.debit),
                str(line.credit),
                rupees(line.amount_paise),
                instant(line.entry.booked_at),
            )
            for line in page.transfers
        ),
        note=note,
    )
