"""The usual way to bill, for comparison: loan by loan through the ORM, a transaction each.

It does what the day does to a loan that is due: the bill, its interest in the books, and the due
met from what is held in advance. It is written as one would write it, not to be slow.
"""

from datetime import date

from django.db import transaction

from ledger.models import Entry, Transfer
from loan.models import Allocation, Due, Instalment, Loan


def bill_by_loan(day: date, *, loans: int) -> int:
    """Bill the first `loans` loans that are due on the day; return how many there were."""
    due = Instalment.objects.filter(due_date=day).order_by("loan_id")[:loans]
    keys = list(due.values_list("loan_id", flat=True))
    for key in keys:
        with transaction.atomic():
            _bill(Loan.objects.select_for_update().get(pk=key), day)
    return len(keys)


def _bill(loan: Loan, day: date) -> None:
    instalment = Instalment.objects.get(loan=loan, due_date=day)
    if Due.objects.filter(loan=loan, number=instalment.number).exists():
        return
    Due.objects.create(
        loan=loan,
        number=instalment.number,
        due_date=day,
        principal_paise=instalment.principal_paise,
        interest_paise=instalment.interest_paise,
    )
    _book(loan, day, f"DUE/{loan.pk}/{instalment.number}", instalment.interest_paise)
    if loan.advance_paise > 0:
        _meet_from_advance(loan, instalment, day)


def _book(loan: Loan, day: date, reference: str, interest_paise: int) -> None:
    entry = Entry.objects.create(
        value_date=day, kind="INTEREST_DUE", reference=reference, transfer_count=1
    )
    Transfer.objects.create(
        entry=entry,
        line_number=1,
        debit_id="1200",
        credit_id="4000",
        amount_paise=interest_paise,
        loan_id=loan.pk,
    )


def _meet_from_advance(loan: Loan, instalment: Instalment, day: date) -> None:
    interest_paise = min(loan.advance_paise, instalment.interest_paise)
    principal_paise = min(loan.advance_paise - interest_paise, instalment.principal_paise)
    Allocation.objects.create(
        loan=loan,
        source=Allocation.Source.ADVANCE,
        value_date=day,
        instalment_number=instalment.number,
        interest_paise=interest_paise,
        principal_paise=principal_paise,
    )
    loan.advance_paise -= interest_paise + principal_paise
    loan.interest_paid_paise += interest_paise
    loan.principal_paid_paise += principal_paise
    loan.position_date = day
    loan.save()
