"""The parts that several documents of a loan share: its instalments, its charges, its schedule."""

from bright_credit.common.money import format_rupees
from loan.domain.day_counts import DayCount
from loan.domain.schedule import InstalmentPlan
from loan.domain.terms import FeeCollection, InterestMethod
from statements.domain.credit import ContingentCharge, Credit
from statements.domain.papers.paper import Column, Grid, amounts, right, rows_with_total
from statements.domain.words import counted, date_words, rate_words

_DAY_COUNTS = {
    DayCount.EQUAL_PERIODS: "with rests on the due dates",
    DayCount.THIRTY_360: "by days, 30/360",
    DayCount.THIRTY_E_360: "by days, 30E/360",
    DayCount.ACTUAL_365: "by days, actual/365",
    DayCount.ACTUAL_360: "by days, actual/360",
    DayCount.ACTUAL_ACTUAL: "by days, actual/actual",
}

#: How a fee is collected, in words.
COLLECTED = {
    FeeCollection.NETTED: "Deducted from the payout",
    FeeCollection.PAID: "Payable by you",
}


def fees_words(credit: Credit) -> str:
    """Return the fees with their tax in words: how much, and how they are collected."""
    deducted, apart = credit.fees_deducted_paise, credit.fees_paid_apart_paise
    on = date_words(credit.terms.disbursed_on)
    parts = (
        f"{format_rupees(deducted)} deducted from the payout" if deducted else "",
        f"{format_rupees(apart)} payable by you, due on {on}" if apart else "",
    )
    return " and ".join(filter(None, parts)) or "Nil"


def interest_words(credit: Credit) -> str:
    """Return the rate and how it is reckoned, in words."""
    terms = credit.terms
    rate = f"{rate_words(terms.annual_rate_bps)} a year, fixed"
    if terms.interest_method is InterestMethod.FLAT:
        return (
            f"{rate}, flat on the amount lent; this equals "
            f"{rate_words(credit.reducing_rate_bps)} a year on the reducing balance"
        )
    return f"{rate}, on the reducing balance, {_DAY_COUNTS[terms.day_count]}"


def instalments_words(credit: Credit) -> str:
    """Return the instalments in words: how many, of what, how much."""
    first, last = format_rupees(credit.first.total_paise), format_rupees(credit.last.total_paise)
    rows, often = len(credit.schedule), credit.terms.frequency.value.lower()
    if rows == 1:
        return f"1 instalment of {first}"
    method = credit.terms.interest_method
    if method is InterestMethod.EQUAL_PRINCIPAL:
        return f"{counted(rows, f'{often} instalment')} of principal and interest, {_range(credit)}"
    if method is InterestMethod.INTEREST_ONLY:
        before = counted(rows - 1, f"{often} instalment")
        each = _range(credit, but_last=True)
        return f"{before} of interest, {each}, and a last one of {last} with the principal"
    totals = [row.total_paise for row in credit.schedule]
    if len(set(totals)) == 1:
        return f"{rows} equal {often} instalments of {first}"
    if len(set(totals[:-1])) == 1:
        before = counted(rows - 1, f"equal {often} instalment")
        return f"{before} of {first} and a last one of {last}"
    return f"{rows} {often} instalments, {_range(credit)}; see the schedule"


def _range(credit: Credit, *, but_last: bool = False) -> str:
    """Return the least and the greatest instalment in words, or the one that all are."""
    totals = [row.total_paise for row in credit.schedule]
    least, most = min(totals[: -1 if but_last else None]), max(totals[: -1 if but_last else None])
    if least == most:
        return f"{format_rupees(least)} each"
    return f"from {format_rupees(least)} to {format_rupees(most)}"


def commencement_words(credit: Credit) -> str:
    """Return when repayment begins, in words."""
    days = counted(credit.days_to_first_due_date, "day")
    return f"{date_words(credit.first.due_date)}, {days} after disbursement"


def charge_words(charge: ContingentCharge) -> str:
    """Return what a contingent charge is, in words."""
    if charge.amount_paise is None:
        return charge.text
    return f"{format_rupees(charge.amount_paise)} {charge.text}"


def charges_grid(charges: tuple[ContingentCharge, ...]) -> Grid:
    """Return the contingent charges as a table."""
    return Grid(
        columns=(Column(heading="If it happens", weight=2), Column(heading="Charge", weight=3)),
        rows=tuple((charge.name, charge_words(charge)) for charge in charges),
    )


def schedule_grid(credit: Credit) -> Grid:
    """Return the amortisation schedule in the columns of RBI's Annex C, with its due dates."""
    return Grid(
        columns=(
            right("No."),
            Column(heading="Due date", weight=3),
            right("Outstanding principal", 3),
            right("Principal", 3),
            right("Interest", 3),
            right("Instalment", 3),
        ),
        rows=rows_with_total(
            (_schedule_row(row) for row in credit.schedule),
            (
                "",
                "Total",
                "",
                *amounts(
                    sum(row.principal_paise for row in credit.schedule),
                    sum(row.interest_paise for row in credit.schedule),
                    sum(row.total_paise for row in credit.schedule),
                ),
            ),
        ),
        has_total=True,
    )


def _schedule_row(row: InstalmentPlan) -> tuple[str, ...]:
    return (
        str(row.number),
        date_words(row.due_date),
        *amounts(
            row.opening_principal_paise, row.principal_paise, row.interest_paise, row.total_paise
        ),
    )
