"""A loan before and after a change, as panels: what staff see before they confirm it."""

from bright_credit.common.admin.columns import NOTHING, day, number, rupees, state
from bright_credit.common.admin.panels import Cell, Panel, Table
from loan.admin.tones import LOAN_TONES, bucket_badge, instalment_badge
from loan.domain.comparison import ChargeChange, Comparison, Figures, InstalmentChange
from loan.domain.standing import InstalmentLine


def change_panels(comparison: Comparison) -> list[Panel]:
    """Return the figures on both sides, the instalments touched, and the charges."""
    return [
        Table(
            title=f"The loan on {day(comparison.as_of)}",
            headings=("", "Before", "After"),
            numeric=frozenset({"Before", "After"}),
            rows=tuple(
                (name, before, after)
                for (name, before), (_, after) in zip(
                    _figures(comparison.before), _figures(comparison.after), strict=True
                )
            ),
        ),
        Table(
            title="Instalments that change",
            headings=("No.", "Due date", "Paid before", "Paid after", "Before", "After"),
            numeric=frozenset({"No.", "Paid before", "Paid after"}),
            rows=tuple(_instalment(change) for change in comparison.instalments),
        ),
        Table(
            title="Charges that change",
            headings=("Charge", "Levied on", "Amount", "Change"),
            numeric=frozenset({"Amount"}),
            rows=(
                *(_charge(charge, "Vanishes") for charge in comparison.charges_vanished),
                *(_charge(charge, "Appears") for charge in comparison.charges_appeared),
            ),
        ),
    ]


def _figures(figures: Figures) -> list[tuple[str, Cell]]:
    return [
        ("Status", state(figures.status, LOAN_TONES)),
        ("Bucket", bucket_badge(figures.bucket)),
        ("Days past due", number(figures.days_past_due)),
        ("Asset class", figures.asset_class.value),
        ("NPA since", day(figures.npa_since)),
        ("Restructured", day(figures.restructured_on)),
        ("Oldest unpaid due date", day(figures.oldest_unpaid_due_date)),
        ("Due", rupees(figures.due_paise)),
        ("Overdue", rupees(figures.overdue_paise)),
        ("Principal paid", rupees(figures.principal_paid_paise)),
        ("Interest paid", rupees(figures.interest_paid_paise)),
        ("Charges unpaid", rupees(figures.charges_unpaid_paise + figures.penal_unpaid_paise)),
        ("Interest to come", rupees(figures.interest_to_come_paise)),
        ("Becomes principal", rupees(figures.holiday_interest_paise)),
        ("Instalments to come", number(figures.instalments_to_come)),
        ("Last due date", day(figures.last_due_date)),
        ("Advance held", rupees(figures.advance_paise)),
        ("Refundable excess", rupees(figures.excess_paise)),
    ]


def _instalment(change: InstalmentChange) -> tuple[Cell, ...]:
    known = change.after or change.before
    return (
        str(change.number),
        day(known.due_date) if known else NOTHING,
        _paid(change.before),
        _paid(change.after),
        _status(change.before),
        _status(change.after),
    )


def _paid(line: InstalmentLine | None) -> Cell:
    if line is None:
        return NOTHING
    return rupees(line.principal_paid_paise + line.interest_paid_paise)


def _status(line: InstalmentLine | None) -> Cell:
    return NOTHING if line is None else instalment_badge(line.status)


def _charge(charge: ChargeChange, what: str) -> tuple[Cell, ...]:
    return charge.key, day(charge.levied_on), rupees(charge.amount_paise), what
