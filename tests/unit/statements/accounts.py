"""Loans as their statements show them, for the tests of explanations."""

from loan.domain.events import PaymentReceived
from loan.domain.receipts import NOTHING, payment_splits
from loan.domain.servicing import replay
from loan.domain.standing import instalment_lines
from statements.domain.explanations.account import Account, ShownPayment
from statements.domain.explanations.catalogue import explanations
from statements.domain.explanations.steps import Explanation
from statements.domain.history import charge_lines
from statements.domain.statement import summary
from tests.unit.loan.histories import History


def account_of(history: History, *, day_ended: bool = True) -> Account:
    """Return what a statement shows of a history, drawn as `statements.selectors` draws it."""
    step = replay(
        history.terms,
        history.events,
        history.as_of,
        schedule=history.schedule,
        day_ended=day_ended,
    )
    lines = instalment_lines(
        history.schedule,
        step.position,
        as_of=history.as_of,
        day_ended=day_ended,
        last_paid_on={},
    )
    splits = payment_splits(step.effects)
    return Account(
        terms=history.terms,
        schedule=history.schedule,
        effects=step.effects,
        as_of=history.as_of,
        day_ended=day_ended,
        summary=summary(
            history.terms,
            history.schedule,
            step.position,
            as_of=history.as_of,
            day_ended=day_ended,
        ),
        lines=lines.history + lines.upcoming,
        charges=charge_lines(step.effects),
        payments=tuple(
            ShownPayment(
                reference_id=event.key,
                value_date=event.value_date,
                amount_paise=event.amount_paise,
                split=splits.get(event.key, NOTHING),
            )
            for event in history.events
            if isinstance(event, PaymentReceived) and event.value_date <= history.as_of
        ),
    )


def explained(account: Account, amount: str | None = None) -> dict[str, Explanation]:
    """Return explanations by the amount they explain."""
    return {each.amount: each for each in explanations(account, amount=amount)}
