"""The statement of a loan account in words and tables."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from bright_credit.common.money import format_rupees
from loan.domain.delinquency import Bucket
from loan.domain.receipts import PaymentSplit
from loan.domain.standing import InstalmentLine
from statements.domain.history import ChargeLine
from statements.domain.letters import Heads
from statements.domain.papers.paper import (
    Block,
    Column,
    Figures,
    Grid,
    Heading,
    Paper,
    Paragraph,
    amounts,
    day_or_dash,
    facts,
    right,
)
from statements.domain.statement import Summary
from statements.domain.words import counted, date_words


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A payment as a statement lists it, in paise."""

    value_date: date
    reference_id: str
    payment_method: str
    amount_paise: int
    split: PaymentSplit


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountStatement:
    """A loan's statement as of a day, as it is printed."""

    heads: Heads
    product: str
    disbursed_on: date
    as_of: date
    summary: Summary
    history: tuple[InstalmentLine, ...]
    upcoming: tuple[InstalmentLine, ...]
    charges: tuple[ChargeLine, ...]
    receipts: tuple[Receipt, ...]


def statement_paper(drawn: AccountStatement) -> Paper:
    """Return the statement as a document."""
    heads = drawn.heads
    return Paper(
        title="Statement of account",
        subtitle=f"Loan account {heads.loan_id}, as of {date_words(drawn.as_of)}",
        filename=heads.number,
        number=heads.number,
        issued_on=heads.issued_on,
        lender=heads.lender,
        addressee=heads.addressee,
        blocks=(
            Figures(
                rows=(
                    ("Principal outstanding", format_rupees(drawn.summary.outstanding_paise)),
                    ("Due now", format_rupees(drawn.summary.due_paise)),
                    ("Overdue", format_rupees(drawn.summary.overdue_paise)),
                )
            ),
            _summary(drawn),
            Heading(text="Instalments due or paid"),
            _instalments(drawn.history, nothing="No instalment has fallen due yet."),
            Heading(text="Payments"),
            _receipts(drawn.receipts),
            Heading(text="Charges"),
            _charges(drawn.charges),
            Heading(text="Instalments to come"),
            _instalments(drawn.upcoming, nothing="None."),
        ),
    )


def _summary(drawn: AccountStatement) -> Block:
    summary = drawn.summary
    standing = "Closed" if summary.status == "CLOSED" else _bucket_words(summary.bucket)
    return facts(
        ("Type of loan", drawn.product),
        ("Disbursed on", date_words(drawn.disbursed_on)),
        ("Amount lent", format_rupees(summary.principal_paise)),
        *_where_any("Interest added to the principal", summary.capitalised_paise),
        *_where_any("To be added when the holiday ends", summary.holiday_interest_paise),
        *_where_any("Interest kept back at disbursement", summary.upfront_interest_paise),
        ("Principal paid", format_rupees(summary.principal_paid_paise)),
        ("Interest paid", format_rupees(summary.interest_paid_paise)),
        (
            "Charges and penal charges paid",
            format_rupees(summary.charges_paid_paise + summary.penal_paid_paise),
        ),
        ("Held in advance", format_rupees(summary.advance_paise)),
        ("Refundable", format_rupees(summary.excess_paise)),
        ("Standing", standing),
        ("Past due", counted(summary.days_past_due, "day")),
    )


def _where_any(label: str, paise: int) -> tuple[tuple[str, str], ...]:
    return ((label, format_rupees(paise)),) if paise else ()


def _bucket_words(bucket: Bucket) -> str:
    return "Current" if bucket is Bucket.CURRENT else bucket.value.replace("_", "-")


def _instalments(lines: Iterable[InstalmentLine], *, nothing: str) -> Block:
    rows = tuple(_instalment_row(line) for line in lines)
    if not rows:
        return Paragraph(text=nothing)
    return Grid(
        columns=(
            right("No.", 2),
            Column(heading="Due date", weight=7),
            right("Principal", 6),
            right("Interest", 6),
            right("Instalment", 6),
            right("Paid", 6),
            Column(heading="Status", weight=5),
            Column(heading="Paid on", weight=7),
        ),
        rows=rows,
    )


def _instalment_row(line: InstalmentLine) -> tuple[str, ...]:
    return (
        str(line.number),
        date_words(line.due_date),
        *amounts(
            line.principal_paise,
            line.interest_paise,
            line.total_paise,
            line.principal_paid_paise + line.interest_paid_paise,
        ),
        line.status.value.replace("_", " ").capitalize(),
        day_or_dash(line.paid_on),
    )


def _receipts(receipts: tuple[Receipt, ...]) -> Block:
    if not receipts:
        return Paragraph(text="No payment has been received yet.")
    return Grid(
        columns=(
            Column(heading="Value date", weight=6),
            Column(heading="Reference and method", weight=8),
            right("Amount", 5),
            right("Interest", 5),
            right("Principal", 5),
            right("Charges", 4),
            right("Held", 5),
        ),
        rows=tuple(_receipt_row(receipt) for receipt in receipts),
    )


def _receipt_row(receipt: Receipt) -> tuple[str, ...]:
    split = receipt.split
    return (
        date_words(receipt.value_date),
        f"{receipt.reference_id}, {receipt.payment_method}",
        *amounts(
            receipt.amount_paise,
            split.interest_paise,
            split.principal_paise,
            split.charges_paise + split.penal_paise,
            split.advance_paise + split.excess_paise,
        ),
    )


def _charges(charges: tuple[ChargeLine, ...]) -> Block:
    if not charges:
        return Paragraph(text="No charge has been levied.")
    return Grid(
        columns=(
            Column(heading="Charge", weight=5),
            Column(heading="Kind", weight=3),
            Column(heading="Levied on", weight=4),
            right("Amount", 4),
            right("Paid", 4),
            right("Waived", 4),
            right("Unpaid", 4),
        ),
        rows=tuple(
            (
                charge.key,
                charge.kind.value.replace("_", " ").capitalize(),
                date_words(charge.levied_on),
                *amounts(
                    charge.amount_paise,
                    charge.paid_paise,
                    charge.waived_paise,
                    charge.outstanding_paise,
                ),
            )
            for charge in charges
        ),
    )
