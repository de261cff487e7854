"""Reading the books: balances as of any day, and as they were known at any time."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import BigIntegerField, Case, F, Q, QuerySet, Sum, When

from ledger.domain.chart import CHART, AccountCode, AccountSpec, Side, account_spec
from ledger.domain.entries import EntryDraft, TransferDraft
from ledger.models import Entry, Transfer


@dataclass(frozen=True, slots=True)
class AccountBalance:
    """What was debited and credited to an account, in paise."""

    account: AccountSpec
    debit_paise: int
    credit_paise: int

    @property
    def balance_paise(self) -> int:
        """Return the balance, positive on the side on which the account grows."""
        surplus = self.debit_paise - self.credit_paise
        return surplus if self.account.normal_side is Side.DEBIT else -surplus


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """Every account of the chart with its turnover and balance, in the chart's order."""

    as_of: date
    rows: tuple[AccountBalance, ...]

    @property
    def total_debit_paise(self) -> int:
        """Return the sum of all debits."""
        return sum(row.debit_paise for row in self.rows)

    @property
    def total_credit_paise(self) -> int:
        """Return the sum of all credits."""
        return sum(row.credit_paise for row in self.rows)

    @property
    def difference_paise(self) -> int:
        """Return debits less credits over all accounts: zero in books that are in order."""
        return self.total_debit_paise - self.total_credit_paise

    def balance_paise(self, code: AccountCode) -> int:
        """Return the balance of one account, on its normal side."""
        return next(row.balance_paise for row in self.rows if row.account.code == code)


@dataclass(frozen=True, slots=True)
class LoanBalance:
    """The balance of an account for one loan; `loan_id` None gathers what has no loan."""

    loan_id: int | None
    balance_paise: int


def transfers_as_of(as_of: date, *, known_at: datetime | None = None) -> QuerySet[Transfer]:
    """Return the transfers that count by the end of a day; `known_at` drops those booked later."""
    transfers = Transfer.objects.filter(entry__value_date__lte=as_of)
    return transfers if known_at is None else transfers.filter(entry__booked_at__lte=known_at)


def trial_balance(*, as_of: date, known_at: datetime | None = None) -> TrialBalance:
    """Return the trial balance by the end of a day. One statement, one pass over the transfers."""
    debits = dict.fromkeys(AccountCode, 0)
    credits_ = dict.fromkeys(AccountCode, 0)
    sums = (
        transfers_as_of(as_of, known_at=known_at)
        .values_list("debit_id", "credit_id")
        .annotate(total_paise=Sum("amount_paise"))
    )
    for debit, credit, total_paise in sums:
        debits[AccountCode(debit)] += int(total_paise)
        credits_[AccountCode(credit)] += int(total_paise)
    rows = tuple(AccountBalance(spec, debits[spec.code], credits_[spec.code]) for spec in CHART)
    return TrialBalance(as_of=as_of, rows=rows)


def balance_paise(code: AccountCode, *, as_of: date, known_at: datetime | None = None) -> int:
    """Return the balance of one account by the end of a day, on its normal side."""
    total = (
        transfers_as_of(as_of, known_at=known_at)
        .filter(Q(debit=code) | Q(credit=code))
        .aggregate(total=Sum(_signed(code)))["total"]
    )
    return int(total or 0)


def loan_balances(code: AccountCode, *, as_of: date) -> Iterator[LoanBalance]:
    """Yield the balance of one account for each loan that has any, by loan; None comes last.

    Streams: the number of loans does not matter to memory.
    """
    rows = (
        transfers_as_of(as_of)
        .filter(Q(debit=code) | Q(credit=code))
        .values_list("loan_id")
        .annotate(total=Sum(_signed(code)))
        .order_by(F("loan_id").asc(nulls_last=True))
    )
    for loan_id, total in rows.iterator(chunk_size=10_000):
        yield LoanBalance(loan_id=loan_id, balance_paise=int(total))


def transfers_of_loan(loan_id: int) -> QuerySet[Transfer]:
    """Return a loan's transfers with their entries and accounts, as booked."""
    return (
        Transfer.objects.filter(loan_id=loan_id)
        .select_related("entry", "debit", "credit")
        .order_by("id")
    )


def drafts_standing(references: Collection[str]) -> dict[str, EntryDraft]:
    """Return what is booked under these references, without entries that were reversed."""
    entries = Entry.objects.filter(reference__in=references, reversed_by__isnull=True)
    return {
        entry.reference: entry_draft(entry)
        for entry in entries.select_related("reverses").prefetch_related("transfers")
    }


def entry_draft(entry: Entry) -> EntryDraft:
    """Return the draft that an entry was booked from. Prefetch `transfers` to read many at once."""
    lines = sorted(entry.transfers.all(), key=lambda line: line.line_number)
    return EntryDraft(
        value_date=entry.value_date,
        kind=entry.kind,
        reference=entry.reference,
        transfers=tuple(
            TransferDraft(
                debit=AccountCode(line.debit_id),
                credit=AccountCode(line.credit_id),
                amount_paise=line.amount_paise,
            )
            for line in lines
        ),
        loan_id=lines[0].loan_id,
        reverses=entry.reverses.reference if entry.reverses else None,
        narrative=entry.narrative,
    )


def _signed(code: AccountCode) -> Case:
    """Return the expression that adds on the account's normal side and subtracts on the other."""
    grows = "debit" if account_spec(code).normal_side is Side.DEBIT else "credit"
    return Case(
        When(**{grows: code}, then=F("amount_paise")),
        default=-F("amount_paise"),
        output_field=BigIntegerField(),
    )
