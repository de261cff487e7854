"""The people of a batch: registered one by one, with months of bank transactions behind them."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from bright_credit.common.business_day import add_months, first_of_month
from credit.services.transactions import load_transaction_file
from loan.models import Payment
from loan.services.demo.accounts import BankRow, account_rows, csv_text, paid_to_us
from loan.services.demo.batch import Batch, Member
from loan.services.demo.people import a_person, bank_account
from loan.services.takeover import PastPayment
from users.services.registration import register_borrower

#: Incomes are judged by the months before an application, so accounts begin before the book does.
_EARLIER_MONTHS = 4


def register_members(batch: Batch, *, borrowers: int) -> list[Member]:
    """Register so many people, over the span of the batch but for its last days."""
    days = max(0, (batch.now - batch.start).days - 20)
    joined = sorted(
        batch.start + timedelta(days=batch.rng.randint(0, days)) for _ in range(borrowers)
    )
    members = []
    for number, registered_on in enumerate(joined, start=1):
        person = a_person(batch.rng, batch=batch.number, number=number, registered_on=registered_on)
        registration = register_borrower(
            aadhaar_number=person.aadhaar_number,
            name=person.name,
            email=person.email,
            annual_income_paise=person.annual_income_paise,
            employment_type=person.employment_type.value,
            date_of_birth=person.date_of_birth,
            as_of=registered_on,
        )
        members.append(Member(person, registration.borrower))
        batch.progress("borrowers", number, borrowers)
    return members


def load_accounts(batch: Batch, members: Sequence[Member]) -> int:
    """Load the members' bank transactions from a file; return how many rows were new."""
    first = add_months(first_of_month(batch.start), -_EARLIER_MONTHS)
    accounts = (
        bank_account(member.person, member.borrower.public_id, batch.rng) for member in members
    )
    return _load(
        batch,
        "accounts",
        (
            row
            for account in accounts
            for row in account_rows(account, first=first, last=batch.now, rng=batch.rng)
        ),
    )


def load_instalments(batch: Batch, members: Sequence[Member]) -> int:
    """Load what the members have paid us, as their banks saw it; return how many rows were new."""
    keys = [member.borrower.pk for member in members]
    payments = Payment.objects.filter(loan__borrower__in=keys).select_related("loan__borrower")
    return _load(
        batch,
        "instalments",
        (
            paid_to_us(
                PastPayment(
                    value_date=payment.value_date,
                    amount_paise=payment.amount_paise,
                    payment_method=payment.payment_method,
                    reference_id=payment.reference_id,
                ),
                user_id=payment.loan.borrower.public_id,
                loan_id=payment.loan.public_id,
                usual_paise=payment.loan.instalment_paise,
            )
            for payment in payments.order_by("id")
        ),
    )


def _load(batch: Batch, what: str, rows: Iterable[BankRow]) -> int:
    """Write rows to a file and let the loader read it, as it reads any bank's."""
    name = f"demo-{batch.number}-{what}.csv"
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_text(csv_text(rows), encoding="utf-8")
        loaded = load_transaction_file(
            path,
            name=name,
            as_of=batch.now,
            progress=lambda read: batch.progress(
                f"bank file: {what}", read.bytes_done, read.bytes_total or read.bytes_done
            ),
        )
    if loaded.file.rejected_rows or loaded.file.refusal_code:
        raise RuntimeError(f"{name} does not load: {loaded.file.refusal_text or 'rejected rows'}")
    return loaded.file.accepted_rows
