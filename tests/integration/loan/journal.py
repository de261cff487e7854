"""The journal as an accountant reads it: sums by day, kind and accounts, whoever booked them."""

from collections import Counter
from datetime import date
from typing import NamedTuple

from ledger.models import Entry, Transfer
from loan.models import BillingRun, Due


class Line(NamedTuple):
    """What all transfers of one day, kind and pair of accounts have in common."""

    value_date: date
    kind: str
    debit: str
    credit: str


def journal() -> Counter[Line]:
    """Return the paise of each line."""
    sums: Counter[Line] = Counter()
    for line in Transfer.objects.select_related("entry"):
        key = Line(line.entry.value_date, line.entry.kind, line.debit_id, line.credit_id)
        sums[key] += line.amount_paise
    return sums


def netted(lines: Counter[Line], *, kind: str) -> Counter[Line]:
    """Return the journal with the lines of a kind that go to and fro set off against each other."""
    net: Counter[Line] = Counter()
    for line, paise in lines.items():
        back = line._replace(debit=line.credit, credit=line.debit)
        net[line] = paise if line.kind != kind else max(0, paise - lines[back])
    return +net


def dues() -> list[tuple[int, int]]:
    """Return loan and number of every due."""
    return sorted(Due.objects.values_list("loan_id", "number"))


def assert_nothing_was_posted_into_a_closed_day() -> None:
    """Fail when an entry booked after the seal of a day is dated on or before that day."""
    runs = list(
        BillingRun.objects.filter(status=BillingRun.Status.CLOSED).order_by("business_date")
    )
    entries = list(Entry.objects.order_by("id").values_list("id", "value_date", "reference"))
    for run in runs:
        late = [
            reference
            for key, value_date, reference in entries
            if key > run.sealed_through_entry and value_date <= run.business_date
        ]
        assert late == [], run.business_date
