"""Loans kept twice: in the database, where the billing run moves them, and in the pure core."""

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date, timedelta
from typing import Any

from bright_credit.common.errors import Conflict
from ledger.models import Transfer
from loan.domain.allocation import AllocationOrder
from loan.domain.day_counts import DayCount
from loan.domain.effects import Allocated, Effect, InstalmentBilled, PenalLevied
from loan.domain.events import (
    ChangeOfTerms,
    ChargeLevied,
    ChargeWaived,
    DueDay,
    EventReversed,
    ExcessRefunded,
    Holiday,
    HolidayInterest,
    Keeping,
    LoanEvent,
    PaymentReceived,
    Rescheduled,
    Tenor,
    Towards,
)
from loan.domain.frequency import Frequency
from loan.domain.in_force import PutOffInterest
from loan.domain.lifecycle import LoanStatus
from loan.domain.penal import PenalSlab
from loan.domain.position import Position, initial_position, oldest_unpaid_due_date
from loan.domain.schedule import InstalmentPlan, repayment_plan
from loan.domain.servicing import Step, apply, end_day, replay
from loan.domain.terms import (
    BrokenPeriodInterest,
    FeeCollection,
    InstalmentRounding,
    InterestMethod,
    LoanTerms,
    MoratoriumInterest,
    SplitRounding,
)
from loan.models import Allocation, Charge, Due, Loan, LoanProduct
from loan.selectors.events import events_of, waiver_key
from loan.selectors.loans import billed_through, open_charges, stored_position
from loan.services.happening import SYSTEM, next_sequence, tell, write
from loan.services.offering import Offer
from loan.services.origination import write_loan
from loan.services.payments import PaymentOrder, take_payment
from loan.services.recording import ScheduleKey, entry_drafts
from tests.builders import RUPEE, a_borrower, a_product
from users.models import Borrower

BY_THE_CLOCK = ("INTEREST_CAPITALISED", "INTEREST_DUE", "PENAL_CHARGE", "ADVANCE_APPLIED")


@dataclass(slots=True)
class Twin:
    """One loan: its key in the database, and its position as the core has it."""

    key: int
    product: str
    terms: LoanTerms
    schedule: Sequence[InstalmentPlan]
    position: Position
    told: list[LoanEvent] = field(default_factory=list)
    holidays: tuple[PutOffInterest, ...] = ()

    @classmethod
    def of_terms(cls, terms: LoanTerms, *, product: LoanProduct, pays_fee: bool = False) -> "Twin":
        """Return a new loan, written and in memory. Its processing fee, if any, is paid apart."""
        fee_paise = terms.principal_paise // 50 if pays_fee else 0
        plan = repayment_plan(terms)
        offer = Offer(
            product=product,
            terms=terms,
            plan=plan,
            processing_fee_paise=fee_paise,
            fee_gst_paise=fee_paise * 18 // 100,
            apr_bps=terms.annual_rate_bps,
            fee_collection=FeeCollection.PAID,
        )
        loan = write_loan(offer, borrower=_borrower())
        twin = cls(loan.pk, product.code, terms, plan.rows, initial_position(terms))
        # Before all others of the day, as it is numbered first in the database.
        twin.told += [replace(event, sequence=-1) for event in events_of(loan)]
        twin.position = replay(terms, twin.told, terms.disbursed_on, day_ended=False).position
        return twin

    def happen(self, event: LoanEvent) -> None:
        """Let an event happen to both, unless nothing is owed any more, or not what it asks for."""
        try:
            step = self._step(event)
        except Conflict:
            return
        self.told.append(event)
        loan = Loan.objects.get(pk=self.key)
        match event:
            case PaymentReceived():
                order = PaymentOrder(
                    loan_id=loan.public_id,
                    amount_paise=event.amount_paise,
                    payment_method="UPI",
                    reference_id=f"{self.key}/{event.key}/{event.value_date}",
                    towards=event.towards,
                )
                take_payment(loan, order, value_date=event.value_date)
            case ChargeLevied() | ChargeWaived() | ExcessRefunded() | Rescheduled():
                sequence = next_sequence(loan)
                if isinstance(event, ChargeWaived):
                    event = replace(event, key=waiver_key(sequence))
                told = tell(loan, replace(event, sequence=sequence), open_date=event.value_date)
                write(told, by=SYSTEM, booked_on=event.value_date)
        self.position, self.schedule = step.position, step.schedule
        if not isinstance(event, EventReversed) and event.replaces_schedule:
            self.holidays = step.in_force.capitalised

    def _step(self, event: LoanEvent) -> Step:
        """Return what an event brings in the core: told from the start where the schedule may
        change, else from where the loan stands."""
        if not isinstance(event, EventReversed) and event.replaces_schedule:
            return replay(
                self.terms,
                [*self.told, event],
                max(event.value_date, self.position.as_of),
                day_ended=False,
                new=event,
            )
        return apply(self.terms, self.schedule, self.position, event)

    def end(self, day: date) -> tuple[Effect, ...]:
        """Bring the core's loan to the end of a day; return what that changed."""
        if self.position.status is LoanStatus.CLOSED:
            return ()
        step = end_day(self.terms, self.schedule, self.position, day)
        self.position = step.position
        return step.effects


def _borrower() -> Borrower:
    return Borrower.objects.order_by("pk").first() or a_borrower()


def random_twins(seed: int, *, count: int, day: date) -> list[Twin]:
    """Return loans of every kind whose life lies around `day`, with payments before it."""
    chance = random.Random(seed)
    products = [a_product(), a_product_like("SECOND_LOAN")]
    twins: list[Twin] = []
    while len(twins) < count:
        # Every sixth has a moratorium whose interest becomes principal in the days to come.
        capitalises = len(twins) % 6 == 0
        disbursed_on = day - timedelta(days=chance.randint(1, 10 if capitalises else 260))
        terms = random_terms(chance, disbursed_on, capitalises=capitalises)
        twin = Twin.of_terms(terms, product=chance.choice(products), pays_fee=len(twins) % 4 == 2)
        for event in _payments(chance, twin, until=day - timedelta(days=1)):
            twin.happen(event)
        if len(twins) % 5 == 1:
            twin.happen(a_reschedule(chance, on=day - timedelta(days=1)))
        twins.append(twin)
    return twins


def a_product_like(code: str) -> LoanProduct:
    """Return a second product with the terms of the first."""
    product = LoanProduct.objects.get(code=a_product().code)
    product.pk = code
    LoanProduct.objects.bulk_create([product], ignore_conflicts=True)
    return LoanProduct.objects.get(code=code)


def random_terms(chance: random.Random, disbursed_on: date, *, capitalises: bool) -> LoanTerms:
    frequency = chance.choice([Frequency.MONTHLY, *Frequency])
    due_day = chance.choice([1, 5, 28, 29, 30, 31]) if frequency.has_due_day else None
    shortest = 2 if capitalises else 1
    tenure_months = chance.randint(shortest, 3) * 3
    if frequency.months != 3:
        tenure_months = chance.randint(shortest, 9)
    method = chance.choice(list(InterestMethod)[: 1 if capitalises else None])
    most = min(3, frequency.periods_in(tenure_months) - 1)
    idle = 1 if capitalises else chance.choice([0, 0, chance.randint(0, most)])
    silent = 1 if capitalises else chance.randint(0, idle)
    may_capitalise = silent > 0 and method is not InterestMethod.FLAT
    first = frequency.first_due_date(
        disbursed_on, due_day=due_day, minimum_gap_days=chance.randint(1, 20)
    )
    return LoanTerms(
        principal_paise=chance.randint(30_000, 90_000) * RUPEE,
        annual_rate_bps=chance.choice([0, 1_150, 2_400]) or 900,
        tenure_months=tenure_months,
        interest_method=method,
        instalment_rounding=chance.choice(list(InstalmentRounding)),
        split_rounding=chance.choice(list(SplitRounding)),
        disbursed_on=disbursed_on,
        first_due_date=frequency.shifted(first, silent, anchor_day=due_day),
        due_day=due_day,
        frequency=frequency,
        day_count=chance.choice(list(DayCount)),
        broken_period_interest=chance.choice(list(BrokenPeriodInterest)),
        principal_moratorium_periods=idle,
        interest_moratorium_periods=silent,
        moratorium_interest=chance.choice(
            [MoratoriumInterest.CAPITALISED] * 2
            if may_capitalise
            else [
                MoratoriumInterest.WITH_FIRST_INSTALMENT,
                MoratoriumInterest.WITH_LAST_INSTALMENT,
            ]
        ),
        penal_grace_days=chance.choice([0, 3, 3, 27, 35]),
        **_penal_rule(chance),
        waterfall=chance.choice(list(AllocationOrder)).waterfall,
        npa_waterfall=chance.choice([None, *(order.waterfall for order in AllocationOrder)]),
    )


def _penal_rule(chance: random.Random) -> dict[str, Any]:
    """Return a rule of penal charges: none, flat, by rate, or by slab."""
    slabs = (
        PenalSlab(after_days=0, amount_paise=10_000),
        PenalSlab(after_days=9, amount_paise=25_000),
        PenalSlab(after_days=40, amount_paise=60_000),
    )
    return chance.choice(
        [
            {},
            {"penal_charge_paise": 50_000},
            {"penal_charge_paise": 50_000},
            {"penal_rate_bps": 2_400},
            {"penal_slabs": slabs},
        ]
    )


def a_reschedule(chance: random.Random, *, on: date) -> Rescheduled:
    """Return a change of terms of the day, for a borrower in difficulty or not."""
    changes: list[ChangeOfTerms] = [
        DueDay(due_day=chance.choice([3, 12, 31])),
        Holiday(instalments=1, interest=HolidayInterest.WITH_FIRST_INSTALMENT),
        Holiday(instalments=1, interest=HolidayInterest.WITH_LAST_INSTALMENT),
        Holiday(instalments=1, interest=HolidayInterest.CAPITALISED),
        Holiday(instalments=2, interest=HolidayInterest.CAPITALISED, keeping=Keeping.EMI),
        Tenor(instalments=chance.randint(2, 12)),
    ]
    return Rescheduled(
        key="RESCHEDULE",
        value_date=on,
        sequence=90,
        change=chance.choice(changes),
        from_date=on,
        restructures=chance.random() < 0.6,
    )


def _payments(chance: random.Random, twin: Twin, *, until: date) -> Iterable[PaymentReceived]:
    usual = twin.schedule[0].total_paise
    everything = sum(row.total_paise for row in twin.schedule)
    offsets = sorted(chance.sample(range(260), chance.choice([0, 1, 2, 4, 7])))
    for sequence, offset in enumerate(offsets):
        on = twin.terms.disbursed_on + timedelta(days=offset)
        if on <= until:
            yield PaymentReceived(
                key=f"P{sequence}",
                value_date=on,
                sequence=sequence,
                amount_paise=chance.choice(
                    [1, usual // 3, usual, usual, 2 * usual, 5 * usual, everything]
                ),
                towards=chance.choice([*Towards, Towards.DUES, Towards.DUES]),
            )


def assert_same(twins: Sequence[Twin], day: date, effects: dict[int, tuple[Effect, ...]]) -> None:
    """Fail unless the database has, of every loan and of the day, what the core has."""
    assert_same_positions(twins)
    flat = [(key, effect) for key, changed in effects.items() for effect in changed]
    assert set(_dues(twins, day)) == {
        (key, e.number, e.principal_paise, e.interest_paise)
        for key, e in flat
        if isinstance(e, InstalmentBilled)
    }
    assert set(
        Charge.objects.filter(levied_on=day, kind="PENAL").values_list(
            "loan_id", "key", "instalment_number", "amount_paise"
        )
    ) == {
        (key, e.key, e.instalment_number, e.amount_paise)
        for key, e in flat
        if isinstance(e, PenalLevied)
    }
    assert set(
        Allocation.objects.filter(value_date=day, source="ADVANCE").values_list(
            "loan_id", "instalment_number", "interest_paise", "principal_paise"
        )
    ) == {
        (key, e.instalment_number, e.interest_paise, e.principal_paise)
        for key, e in flat
        if isinstance(e, Allocated)
    }
    assert booked_by_the_clock(day) == _core_books(twins, effects)


def assert_same_positions(twins: Sequence[Twin]) -> None:
    """Fail unless every loan stands in the database where it stands in the core."""
    assert _positions(twins) == [(t.key, *_known(t.position), _oldest(t)) for t in twins]


def booked_by_the_clock(day: date) -> Counter[tuple[str, str, str]]:
    """Return what a day's run booked, by kind, debit and credit."""
    sums: Counter[tuple[str, str, str]] = Counter()
    for line in Transfer.objects.filter(
        entry__value_date=day, entry__kind__in=BY_THE_CLOCK
    ).select_related("entry"):
        sums[line.entry.kind, line.debit_id, line.credit_id] += line.amount_paise
    return sums


def _core_books(
    twins: Sequence[Twin], effects: dict[int, tuple[Effect, ...]]
) -> Counter[tuple[str, str, str]]:
    sums: Counter[tuple[str, str, str]] = Counter()
    for twin in twins:
        for draft in entry_drafts(ScheduleKey(twin.key, 1), effects[twin.key], payment=None):
            for transfer in draft.transfers:
                sums[draft.kind, transfer.debit, transfer.credit] += transfer.amount_paise
    return sums


def _positions(twins: Sequence[Twin]) -> list[tuple[object, ...]]:
    keys = [twin.key for twin in twins]
    charges: defaultdict[int, list[Charge]] = defaultdict(list)
    for charge in open_charges().filter(loan__in=keys):
        charges[charge.loan_id].append(charge)
    loans = Loan.objects.in_bulk(keys)
    rows: list[tuple[object, ...]] = []
    for key in keys:
        loan = loans[key]
        stored = stored_position(
            loan, billed_through=billed_through(loan), open_charges=charges[key]
        )
        rows.append((key, *_known(stored), loan.oldest_unpaid_due_date))
    return rows


def _known(position: Position) -> tuple[object, ...]:
    """Return everything a position says but its date: a row may rest at that of its last event."""
    names = [field.name for field in fields(position) if field.name != "as_of"]
    return tuple(getattr(position, name) for name in names)


def _oldest(twin: Twin) -> date | None:
    return oldest_unpaid_due_date(twin.position, twin.schedule)


def _dues(twins: Sequence[Twin], day: date) -> Iterable[tuple[int, int, int, int]]:
    return Due.objects.filter(due_date=day, loan__in=[twin.key for twin in twins]).values_list(
        "loan_id", "number", "principal_paise", "interest_paise"
    )
