"""The parts that several documents of a loan share: its instalments, its charges, its schedule."""

from bright_credit.common.money import format_rupees
from loan.domain.schedule import InstalmentPlan
from loan.domain.terms import InterestMethod
from statements.domain.credit import ContingentCharge, Credit
from statements.domain.papers.paper import Column, Grid, amounts, right, rows_with_total
from statements.domain.words import counted, date_words, rate_words


def interest_words(credit: Credit) -> str:
    """Return the rate and how it is reckoned, in words."""
    rate = f"{rate_words(credit.terms.annual_rate_bps)} a year, fixed"
    match credit.terms.interest_method:
        case InterestMethod.FLAT:
            return (
                f"{rate}, flat on the amount lent; this equals "
                f"{rate_words(credit.reducing_rate_bps)} a year on the reducing balance"
            )
        case (
            InterestMethod.REDUCING_BALANCE
            | InterestMethod.EQUAL_PRINCIPAL
            | InterestMethod.INTEREST_ONLY
        ):
            return f"{rate}, on the reducing balance, with monthly rests"


def instalments_words(credit: Credit) -> str:
    """Return the instalments in words: how many, of what, how much."""
    first, last = credit.first, credit.last
    count = len(credit.schedule)
    if count == 1:
        return f"1 instalment of {format_rupees(first.total_paise)}"
    if credit.terms.interest_method is InterestMethod.EQUAL_PRINCIPAL:
        return (
            f"{counted(count, 'monthly instalment')} of equal principal, from "
            f"{format_rupees(first.total_paise)} down to {format_rupees(last.total_paise)}"
        )
    if credit.terms.interest_method is InterestMethod.INTEREST_ONLY:
        return (
            f"{counted(count - 1, 'monthly instalment')} of interest, "
            f"{format_rupees(first.total_paise)} each, and a last one of "
            f"{format_rupees(last.total_paise)} with the principal"
        )
    if first.total_paise == last.total_paise:
        return f"{count} equal monthly instalments of {format_rupees(first.total_paise)}"
    return (
        f"{counted(count - 1, 'equal monthly instalment')} of {format_rupees(first.total_paise)} "
        f"and a last one of {format_rupees(last.total_paise)}"
    )


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
                    credit.amount_paise, credit.total_interest_paise, credit.total_payable_paise
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
