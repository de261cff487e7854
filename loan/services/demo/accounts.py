"""Bank accounts of made-up borrowers: months of believable rows for the bank-transaction file."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from io import StringIO
from itertools import islice
from random import Random

from bright_credit.common.business_day import add_months, clamp_day, first_of_month
from bright_credit.common.money import round_down_to_step, rupees, share_in_bps
from loan.services.takeover import PastPayment
from users.domain.employment import EmploymentType

RUPEE = 100
HEADER = ("user_id", "transaction_date", "amount", "type", "description")

#: What people spend on through the month: the narration, and the share of the income in basis
#: points that one such payment takes, from and to.
_SPENDING: tuple[tuple[str, int, int], ...] = (
    ("UPI/KIRANA STORE/GROCERIES", 120, 320),
    ("UPI/SABZI MANDI", 30, 90),
    ("POS/SUPERMARKET", 150, 450),
    ("UPI/AUTO RICKSHAW", 10, 40),
    ("UPI/METRO CARD TOP UP", 30, 80),
    ("BILLPAY/ELECTRICITY BOARD", 120, 350),
    ("BILLPAY/BROADBAND", 60, 140),
    ("UPI/MOBILE RECHARGE", 30, 70),
    ("UPI/MEDICAL STORE", 50, 300),
    ("ATM/CASH WITHDRAWAL", 250, 700),
    ("POS/PETROL PUMP", 120, 350),
    ("UPI/TIFFIN SERVICE", 80, 200),
    ("UPI/SCHOOL FEES", 300, 900),
    ("POS/MEHTA & SONS, CLOTHIERS", 150, 500),
    ("SIP/MUTUAL FUND", 300, 800),
    ("BILLPAY/INSURANCE PREMIUM", 200, 500),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BankRow:
    """One line of the file."""

    user_id: str
    on: date
    amount_paise: int
    credit: bool
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingDebit:
    """The same debit every month on a day, up to and including `until`."""

    day: int
    amount_paise: int
    description: str
    until: date = date.max


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """How money comes into a bank account each month and goes out of it.

    `monthly_income_paise` is what arrives, on `payday` or, for the self-employed, in several
    receipts. `standing` are debits of every month until a date. `narration` is how the income is
    called, `payments_a_month` how many small ones go out.
    """

    user_id: str
    employment_type: EmploymentType
    monthly_income_paise: int
    narration: str
    payday: int
    payments_a_month: int = 6
    standing: tuple[StandingDebit, ...] = ()


def account_rows(account: Account, *, first: date, last: date, rng: Random) -> Iterator[BankRow]:
    """Yield the account's rows from one day to another, month by month."""
    month = first_of_month(first)
    while month <= last:
        for row in _month_rows(account, month, rng):
            if first <= row.on <= last:
                yield row
        month = add_months(month, 1)


def paid_to_us(payment: PastPayment, *, user_id: str, loan_id: str, usual_paise: int) -> BankRow:
    """Return the debit by which a borrower has paid us: the usual instalment or another sum."""
    what = "EMI" if payment.amount_paise == usual_paise else "PAYMENT"
    return BankRow(
        user_id=user_id,
        on=payment.value_date,
        amount_paise=payment.amount_paise,
        credit=False,
        description=f"{payment.payment_method}/BRIGHTLEND/{what}/{loan_id}",
    )


def returned_mandate(user_id: str, *, on: date, loan_id: str) -> BankRow:
    """Return the charge that a bank takes when it returns a mandate unpaid."""
    return BankRow(
        user_id=user_id,
        on=on,
        amount_paise=590 * RUPEE,
        credit=False,
        description=f"NACH RTN CHG/INSUFFICIENT FUNDS/{loan_id}",
    )


def csv_text(rows: Iterable[BankRow], *, header: bool = True) -> str:
    """Return rows as the file has them: amounts in rupees, quotes only where they are needed."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if header:
        writer.writerow(HEADER)
    for row in rows:
        kind = "CREDIT" if row.credit else "DEBIT"
        amount = str(rupees(row.amount_paise))
        writer.writerow((row.user_id, row.on.isoformat(), amount, kind, row.description))
    return text.getvalue()


def _month_rows(account: Account, month: date, rng: Random) -> list[BankRow]:
    rows = [*_income(account, month, rng), *_standing(account, month)]
    rows += islice(_spending(account, month, rng), account.payments_a_month)
    return sorted(rows, key=lambda row: row.on)


def _income(account: Account, month: date, rng: Random) -> Iterator[BankRow]:
    """Yield a salary on its day; or three to five receipts that make up about a month's income."""
    if account.employment_type is not EmploymentType.SELF_EMPLOYED:
        payday = clamp_day(month.year, month.month, account.payday)
        yield _credit(account, payday, account.monthly_income_paise, account.narration)
        return
    receipts = rng.randint(3, 5)
    for number in range(receipts):
        on = month + timedelta(days=rng.randint(1, 26))
        share_bps = rng.randint(7_000, 12_500) // receipts
        amount_paise = _whole_rupees(share_in_bps(account.monthly_income_paise, bps=share_bps))
        yield _credit(account, on, amount_paise, f"{account.narration}/{number + 1:02d}")


def _standing(account: Account, month: date) -> Iterator[BankRow]:
    for debit in account.standing:
        on = clamp_day(month.year, month.month, debit.day)
        if on <= debit.until:
            yield _debit(account, on, debit.amount_paise, debit.description)


def _spending(account: Account, month: date, rng: Random) -> Iterator[BankRow]:
    for description, low_bps, high_bps in rng.sample(_SPENDING, len(_SPENDING)):
        paise = share_in_bps(account.monthly_income_paise, bps=rng.randint(low_bps, high_bps))
        # Shops charge paise now and then; people pay each other in whole rupees.
        amount_paise = _whole_rupees(paise) + rng.choice((0, 0, 0, 50, 25, 99))
        yield _debit(account, month + timedelta(days=rng.randint(0, 27)), amount_paise, description)


def _whole_rupees(paise: int) -> int:
    return max(RUPEE, round_down_to_step(paise, step_paise=RUPEE))


def _credit(account: Account, on: date, amount_paise: int, description: str) -> BankRow:
    return BankRow(
        user_id=account.user_id,
        on=on,
        amount_paise=amount_paise,
        credit=True,
        description=description,
    )


def _debit(account: Account, on: date, amount_paise: int, description: str) -> BankRow:
    return BankRow(
        user_id=account.user_id,
        on=on,
        amount_paise=amount_paise,
        credit=False,
        description=description,
    )
