"""A second reckoning of a loan, for the tests only: slow, plain, one day after the other.

It shares the events and the schedule with the core and nothing else, keeps every instalment and
charge as a row with what is paid of it, and looks at all of them every day.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta

from loan.domain.allocation import CHARGES_FIRST, PRINCIPAL_FIRST, Waterfall
from loan.domain.events import (
    ChargeLevied,
    ChargeWaived,
    EffectiveEvent,
    ExcessRefunded,
    PaymentReceived,
    in_effect,
)
from tests.unit.loan.histories import History


@dataclass
class Row:
    """An instalment or a charge, with what is paid of it."""

    number: int
    due: date
    interest: int = 0
    principal: int = 0
    charge: int = 0
    penal: bool = False
    interest_paid: int = 0
    principal_paid: int = 0
    charge_paid: int = 0
    key: str = ""
    waived: int = 0

    @property
    def unpaid(self) -> int:
        return (
            self.interest
            + self.principal
            + self.charge
            - self.interest_paid
            - self.principal_paid
            - self.charge_paid
            - self.waived
        )

    def pay(self, money: int, *, principal_first: bool = False) -> int:
        parts = ("interest", "principal", "charge")
        for part in ("principal", "interest", "charge") if principal_first else parts:
            taken = min(money, self.unpaid, getattr(self, part) - getattr(self, f"{part}_paid"))
            setattr(self, f"{part}_paid", getattr(self, f"{part}_paid") + taken)
            money -= taken
        return money


@dataclass
class Daybook:
    """The rows of one loan and the money held on it."""

    history: History
    instalments: list[Row] = field(default_factory=list)
    charges: list[Row] = field(default_factory=list)
    advance: int = 0
    excess: int = 0
    npa_since: date | None = None
    closed_on: date | None = None

    def run(self) -> "Daybook":
        for plan in self.history.schedule:
            self.instalments.append(
                Row(plan.number, plan.due_date, plan.interest_paise, plan.principal_paise)
            )
        day = self.history.terms.disbursed_on
        while day <= self.history.as_of:
            self._levy_penal(day)
            self.advance = self._pay_dues(day, self.advance) if self._is_due(day) else self.advance
            self._note_standing(day)
            for event in in_effect(self.history.events):
                if event.value_date == day:
                    self._take(event, day)
                    self._note_standing(day)
            if self.npa_since is None and self._late_since() == day - timedelta(days=90):
                self.npa_since = day
            day += timedelta(days=1)
        return self

    def _is_due(self, day: date) -> bool:
        return any(row.due == day for row in self.instalments)

    def _late_since(self) -> date | None:
        return min((row.due for row in self.instalments if row.unpaid), default=None)

    def _levy_penal(self, day: date) -> None:
        terms = self.history.terms
        for row in self.instalments:
            levied_on = row.due + timedelta(days=terms.penal_grace_days + 1)
            if levied_on == day and row.unpaid and terms.penal_charge_paise:
                self.charges.append(
                    Row(
                        row.number,
                        day,
                        charge=terms.penal_charge_paise,
                        penal=True,
                        key=f"PENAL-{row.number}",
                    )
                )

    def _pay_dues(self, day: date, money: int) -> int:
        principal_first = self._order() == PRINCIPAL_FIRST
        for row in self.instalments:
            if row.due <= day:
                money = row.pay(money, principal_first=principal_first)
        return money

    def _order(self) -> Waterfall:
        terms = self.history.terms
        if self.npa_since is not None and terms.npa_waterfall is not None:
            return terms.npa_waterfall
        return terms.waterfall

    def _take(self, event: EffectiveEvent, day: date) -> None:
        if isinstance(event, ChargeLevied):
            self.charges.append(Row(0, day, charge=event.amount_paise, key=event.key))
            self.excess = self._pay_charges(self.excess)
            return
        if isinstance(event, ChargeWaived):
            for row in self.charges:
                if row.key == event.charge_key:
                    row.waived += min(row.unpaid, event.amount_paise)
            return
        if isinstance(event, ExcessRefunded):
            self.excess -= event.amount_paise
            if self.excess < 0:
                self.charges.append(Row(0, day, charge=-self.excess))
                self.excess = 0
            return
        assert isinstance(event, PaymentReceived), "the daybook keeps its schedule"
        if self._order() == CHARGES_FIRST:
            money = self._pay_dues(day, self._pay_charges(event.amount_paise))
        else:
            money = self._pay_charges(self._pay_dues(day, event.amount_paise))
        to_come = sum(row.unpaid for row in self.instalments if row.due > day)
        held = min(money, to_come - self.advance)
        self.advance += held
        self.excess += money - held

    def _pay_charges(self, money: int) -> int:
        for row in sorted(self.charges, key=lambda row: row.penal):
            money = row.pay(money)
        return money

    def _note_standing(self, day: date) -> None:
        if not any(row.unpaid for row in self.instalments if row.due <= day):
            self.npa_since = None
        if any(row.unpaid for row in [*self.instalments, *self.charges]):
            self.closed_on = None
        elif self.closed_on is None:
            self.closed_on = day
