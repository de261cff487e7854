"""Every amount of a statement by its place in it, and the explanations of those asked for."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bright_credit.common.errors import NotFound
from loan.domain.standing import InstalmentLine
from statements.domain.explanations.account import Account, ShownPayment
from statements.domain.explanations.history_amounts import (
    COMPONENTS,
    charge_outstanding_steps,
    charge_paid_steps,
    charge_steps,
    charge_waived_steps,
    held_as_advance_steps,
    held_as_excess_steps,
    met_by_payment_steps,
    paid_steps,
    received_steps,
)
from statements.domain.explanations.replaced_amounts import (
    agreed_schedule,
    is_as_agreed,
    replaced_steps,
)
from statements.domain.explanations.schedule_amounts import (
    Agreement,
    agreement_of,
    interest_steps,
    principal_steps,
    total_steps,
)
from statements.domain.explanations.steps import Explanation, Step
from statements.domain.explanations.summary_amounts import FIGURES
from statements.domain.history import ChargeLine

Steps = tuple[Step, ...]


class AmountNotFound(NotFound):
    """The statement shows no such amount on that day."""

    code = "amount_not_found"


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """An amount of the statement: its place, its words, what is shown, and how to explain it.

    `groups` are the places that hold it, such as `instalments` and `instalments.3`.
    """

    name: str
    groups: tuple[str, ...]
    label: str
    shown: int
    steps: Callable[[], Steps]

    def explained(self) -> Explanation:
        """Return the amount with its steps."""
        return Explanation(
            amount=self.name,
            groups=self.groups,
            label=self.label,
            value=self.shown,
            steps=self.steps(),
        )


def explanations(account: Account, *, amount: str | None) -> tuple[Explanation, ...]:
    """Return the explanations of all amounts, of those of a group, or of one.

    `amount` is a place in the statement, such as `instalments.3.interest`, or a group of them:
    `loan_summary`, `instalments`, `instalments.3`, `payments.PAY-1`. Raises `AmountNotFound`.
    """
    asked = [
        each
        for each in amounts(account)
        if amount is None or each.name == amount or amount in each.groups
    ]
    if not asked:
        raise AmountNotFound("The statement shows no such amount on that day.", field="amount")
    return tuple(each.explained() for each in asked)


def amounts(account: Account) -> Iterator[Amount]:
    """Yield every amount of the statement, in its order."""
    for name in FIGURES:
        yield _of_summary(account, name)
    agreement = agreement_of(account.terms, agreed_schedule(account))
    for line in account.lines:
        yield from _of_instalment(account, agreement, line)
    for charge in account.charges:
        yield from _of_charge(account, charge)
    for payment in account.payments:
        yield from _of_payment(account, payment)


def _of_summary(account: Account, name: str) -> Amount:
    label, shown, steps = FIGURES[name]
    return Amount(
        name=f"loan_summary.{name}",
        groups=("loan_summary",),
        label=label,
        shown=shown(account),
        steps=lambda: steps(account),
    )


def _of_instalment(
    account: Account, agreement: Agreement, line: InstalmentLine
) -> Iterator[Amount]:
    number, paid = line.number, COMPONENTS
    agreed = is_as_agreed(agreement, account.schedule[number - 1])

    def reckoned(steps: Callable[[Agreement, int], Steps], part: str) -> Callable[[], Steps]:
        return lambda: steps(agreement, number) if agreed else replaced_steps(account, number, part)

    rows: tuple[tuple[str, str, int, Callable[[], Steps]], ...] = (
        ("amount", "Amount", line.total_paise, reckoned(total_steps, "amount")),
        ("principal", "Principal", line.principal_paise, reckoned(principal_steps, "principal")),
        ("interest", "Interest", line.interest_paise, reckoned(interest_steps, "interest")),
        (
            "principal_paid",
            "Principal paid",
            line.principal_paid_paise,
            lambda: paid_steps(account, number, paid["principal"]),
        ),
        (
            "interest_paid",
            "Interest paid",
            line.interest_paid_paise,
            lambda: paid_steps(account, number, paid["interest"]),
        ),
    )
    yield from _rows("instalments", str(number), f"of instalment {number}", rows)


def _of_charge(account: Account, charge: ChargeLine) -> Iterator[Amount]:
    key = charge.key
    rows: tuple[tuple[str, str, int, Callable[[], Steps]], ...] = (
        ("amount", "Amount", charge.amount_paise, lambda: charge_steps(account, key)),
        ("paid", "Paid", charge.paid_paise, lambda: charge_paid_steps(account, key)),
        ("waived", "Waived", charge.waived_paise, lambda: charge_waived_steps(account, key)),
        (
            "outstanding",
            "Unpaid",
            charge.outstanding_paise,
            lambda: charge_outstanding_steps(account, key),
        ),
    )
    yield from _rows("charges", key, f"of charge {key}", rows)


def _of_payment(account: Account, payment: ShownPayment) -> Iterator[Amount]:
    split = payment.split
    met_parts = (
        ("interest", "Interest", split.interest_paise),
        ("principal", "Principal", split.principal_paise),
        ("charges", "Charges", split.charges_paise),
        ("penal_charges", "Penal charges", split.penal_paise),
    )
    rows: tuple[tuple[str, str, int, Callable[[], Steps]], ...] = (
        ("amount", "Amount", payment.amount_paise, lambda: received_steps(payment)),
        *(
            (f"allocation.{name}", label, shown, _met_part(account, payment, name))
            for name, label, shown in met_parts
        ),
        (
            "allocation.advance",
            "Held in advance",
            split.advance_paise,
            lambda: held_as_advance_steps(account, payment),
        ),
        (
            "allocation.excess",
            "Refundable excess",
            split.excess_paise,
            lambda: held_as_excess_steps(account, payment),
        ),
    )
    reference = payment.reference_id
    yield from _rows("payments", reference, f"of payment {reference}", rows)


def _met_part(account: Account, payment: ShownPayment, component: str) -> Callable[[], Steps]:
    return lambda: met_by_payment_steps(account, payment, COMPONENTS[component])


def _rows(
    group: str, key: str, whose: str, rows: tuple[tuple[str, str, int, Callable[[], Steps]], ...]
) -> Iterator[Amount]:
    place = f"{group}.{key}"
    for name, label, shown, steps in rows:
        yield Amount(
            name=f"{place}.{name}",
            groups=(group, place),
            label=f"{label} {whose}",
            shown=shown,
            steps=steps,
        )
