"""Gathering what the explanations of a statement's amounts are drawn from."""

from dataclasses import dataclass
from datetime import date, datetime

from loan.models import Loan
from statements.domain.explanations.account import Account, ShownPayment
from statements.domain.explanations.catalogue import explanations
from statements.domain.explanations.steps import Explanation
from statements.selectors.statement import PaymentLine, Statement, statement
from users.domain.callers import SYSTEM, Caller


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """A loan's statement as of a day, its amounts explained."""

    loan: Loan
    as_of: date
    explanations: tuple[Explanation, ...]


def explained_amounts(
    loan_id: str,
    *,
    amount: str | None,
    as_of: date | None,
    today: date,
    caller: Caller = SYSTEM,
    known_at: datetime | None = None,
) -> Explained:
    """Return the explanation of an amount of a statement, of a group of them, or of all.

    Two messages to the database, as for the statement itself. Raises what `statement` raises, and
    `AmountNotFound`.
    """
    drawn = statement(loan_id, as_of=as_of, today=today, caller=caller, known_at=known_at)
    return Explained(
        loan=drawn.loan,
        as_of=drawn.as_of,
        explanations=explanations(account_of(drawn), amount=amount),
    )


def account_of(drawn: Statement) -> Account:
    """Return a statement as the values that explanations take."""
    return Account(
        terms=drawn.terms,
        schedule=drawn.schedule,
        holidays=drawn.holidays,
        effects=drawn.effects,
        as_of=drawn.as_of,
        day_ended=drawn.day_ended,
        summary=drawn.summary,
        lines=drawn.history + drawn.upcoming,
        charges=drawn.charges,
        payments=tuple(_shown(line) for line in drawn.payments),
    )


def _shown(line: PaymentLine) -> ShownPayment:
    return ShownPayment(
        reference_id=line.payment.reference_id,
        value_date=line.payment.value_date,
        amount_paise=line.payment.amount_paise,
        split=line.split,
    )
