"""The books follow the loan: each effect's transfers, and the control accounts in any history."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given

from ledger.domain.chart import AccountCode
from ledger.domain.entries import TransferDraft
from loan.domain.effects import (
    AdvanceHeld,
    Allocated,
    AllocationSource,
    BecameNpa,
    ChargeBooked,
    Effect,
    ExcessHeld,
    ExcessPaidBack,
    InstalmentBilled,
    InterestCapitalised,
    LoanClosed,
    LoanReopened,
    LoanWrittenOff,
    NpaLifted,
    PenalLevied,
)
from loan.domain.events import ChargeKind, ExcessRefunded, PaymentReceived
from loan.domain.posting_rules import (
    FeesExceedPrincipal,
    disbursement_transfers,
    effect_transfers,
    suspense_transfers,
    transfers_for,
)
from loan.domain.servicing import (
    charges_unpaid_paise,
    penal_unpaid_paise,
    principal_outstanding_paise,
    replay,
    unpaid_of,
)
from loan.domain.unrealised import Suspense
from tests.unit.loan.histories import History, few_examples, histories

DAY = date(2025, 2, 5)


def lines(transfers: Iterable[TransferDraft]) -> list[tuple[str, str, int]]:
    """Return (debit, credit, paise) of each transfer."""
    return [(t.debit.value, t.credit.value, t.amount_paise) for t in transfers]


def balances(transfers: Iterable[TransferDraft]) -> defaultdict[AccountCode, int]:
    """Return debits less credits of every account."""
    sums: defaultdict[AccountCode, int] = defaultdict(int)
    for transfer in transfers:
        sums[transfer.debit] += transfer.amount_paise
        sums[transfer.credit] -= transfer.amount_paise
    return sums


def allocated(
    source: AllocationSource,
    *,
    interest_paise: int = 0,
    principal_paise: int = 0,
    charge_paise: int = 0,
    penal_paise: int = 0,
) -> Allocated:
    """Return an allocation of these amounts."""
    return Allocated(
        source=source,
        value_date=DAY,
        event_key="P",
        instalment_number=1,
        charge_key=None,
        interest_paise=interest_paise,
        principal_paise=principal_paise,
        charge_paise=charge_paise,
        penal_paise=penal_paise,
    )


def test_a_disbursement_keeps_back_the_fee_and_its_tax() -> None:
    """500,000 less 2 % and 18 % of that: 10,000 and 1,800 are kept, 488,200 are paid."""
    transfers = disbursement_transfers(50_000_000, fee_paise=1_000_000, gst_paise=180_000)
    assert lines(transfers) == [
        ("1100", "1000", 48_820_000),
        ("1100", "4100", 1_000_000),
        ("1100", "2300", 180_000),
    ]


def test_a_disbursement_without_fee_is_one_transfer() -> None:
    assert lines(disbursement_transfers(100, fee_paise=0, gst_paise=0)) == [("1100", "1000", 100)]


@pytest.mark.parametrize(("fee", "gst"), [(100, 0), (85, 15), (101, 0)])
def test_fees_that_leave_nothing_to_pay_out_are_refused(fee: int, gst: int) -> None:
    with pytest.raises(FeesExceedPrincipal):
        disbursement_transfers(100, fee_paise=fee, gst_paise=gst)


@pytest.mark.parametrize(
    ("effect", "expected"),
    [
        (
            InstalmentBilled(number=1, due_date=DAY, principal_paise=100, interest_paise=30),
            [("1200", "4000", 30)],
        ),
        (InstalmentBilled(number=1, due_date=DAY, principal_paise=100, interest_paise=0), []),
        (
            PenalLevied(key="PENAL-1", instalment_number=1, levied_on=DAY, amount_paise=50),
            [("1310", "4300", 50)],
        ),
        (
            ChargeBooked(key="C", kind=ChargeKind.BOUNCE, levied_on=DAY, amount_paise=50),
            [("1300", "4200", 50)],
        ),
        (
            ChargeBooked(
                key="PROCESSING-FEE",
                kind=ChargeKind.PROCESSING_FEE,
                levied_on=DAY,
                amount_paise=118,
                gst_paise=18,
            ),
            [("1300", "4100", 100), ("1300", "2300", 18)],
        ),
        (
            allocated(AllocationSource.PAYMENT, interest_paise=30, principal_paise=100),
            [("1000", "1200", 30), ("1000", "1100", 100)],
        ),
        (allocated(AllocationSource.PAYMENT, charge_paise=7), [("1000", "1300", 7)]),
        (allocated(AllocationSource.PAYMENT, penal_paise=7), [("1000", "1310", 7)]),
        (
            allocated(AllocationSource.ADVANCE, interest_paise=30, principal_paise=100),
            [("2100", "1200", 30), ("2100", "1100", 100)],
        ),
        (allocated(AllocationSource.EXCESS, charge_paise=7), [("2110", "1300", 7)]),
        (AdvanceHeld(value_date=DAY, event_key="P", amount_paise=9), [("1000", "2100", 9)]),
        (ExcessHeld(value_date=DAY, event_key="P", amount_paise=9), [("1000", "2110", 9)]),
        (ExcessPaidBack(value_date=DAY, event_key="R", amount_paise=9), [("2110", "1000", 9)]),
        (
            replace(allocated(AllocationSource.WAIVER, charge_paise=118), gst_paise=18),
            [("4200", "1300", 100), ("2300", "1300", 18)],
        ),
        (
            replace(
                allocated(AllocationSource.WAIVER, charge_paise=118), gst_paise=18, waives_fee=True
            ),
            [("4100", "1300", 100), ("2300", "1300", 18)],
        ),
        (allocated(AllocationSource.WAIVER, penal_paise=7), [("4300", "1310", 7)]),
        (BecameNpa(since=DAY), []),
        (NpaLifted(on=DAY), []),
        (LoanClosed(on=DAY), []),
        (LoanReopened(on=DAY), []),
    ],
)
def test_each_effect_has_its_transfers(
    effect: Effect, expected: list[tuple[str, str, int]]
) -> None:
    assert lines(effect_transfers(effect)) == expected


def test_income_in_suspense_is_taken_from_where_it_stands() -> None:
    held = Suspense(interest_paise=40, charges_paise=30, penal_paise=20, fees_paise=10)
    assert sorted(lines(suspense_transfers(Suspense(), held))) == [
        ("4000", "2400", 40),
        ("4100", "2400", 10),
        ("4200", "2400", 30),
        ("4300", "2400", 20),
    ]
    assert lines(suspense_transfers(held, replace(held, fees_paise=4))) == [("2400", "4100", 6)]


def test_a_fee_that_was_never_received_is_written_off_against_its_income() -> None:
    lost = LoanWrittenOff(
        on=DAY,
        event_key="WRITE-OFF-1",
        principal_paise=0,
        interest_paise=0,
        charges_paise=5,
        other_paise=18,
        penal_paise=0,
        fees_paise=100,
    )
    assert lines(effect_transfers(lost)) == [
        ("4200", "1300", 5),
        ("4100", "1300", 100),
        ("5000", "1300", 18),
        ("1900", "2900", 123),
    ]


def test_transfers_between_the_same_accounts_are_added_up() -> None:
    effects = [
        allocated(AllocationSource.PAYMENT, interest_paise=30, principal_paise=100),
        allocated(AllocationSource.PAYMENT, interest_paise=20, principal_paise=110),
    ]
    assert lines(transfers_for(effects)) == [("1000", "1200", 50), ("1000", "1100", 210)]


@few_examples
@given(histories())
def test_i9_the_control_accounts_equal_the_position_in_any_history(history: History) -> None:
    step = replay(history.terms, history.events, history.as_of, schedule=history.schedule)
    paid_out = disbursement_transfers(history.terms.principal_paise, fee_paise=0, gst_paise=0)
    books = balances((*paid_out, *transfers_for(step.effects)))
    standing = step.position
    billed = history.schedule[: standing.billed_through]
    received = sum(
        event.amount_paise for event in history.events if isinstance(event, PaymentReceived)
    )
    assert books[AccountCode.LOAN_PRINCIPAL] == principal_outstanding_paise(history.terms, standing)
    assert books[AccountCode.INTEREST_RECEIVABLE] == sum(
        unpaid_of(standing, plan).interest_paise for plan in billed
    )
    assert books[AccountCode.CHARGES_RECEIVABLE] == charges_unpaid_paise(standing)
    assert books[AccountCode.PENAL_RECEIVABLE] == penal_unpaid_paise(standing)
    assert -books[AccountCode.BORROWER_ADVANCES] == standing.advance_paise
    assert -books[AccountCode.REFUNDABLE_EXCESS] == standing.excess_paise
    refunded = sum(e.amount_paise for e in history.events if isinstance(e, ExcessRefunded))
    assert books[AccountCode.BANK] == received - refunded - history.terms.principal_paise
    tax = sum(e.gst_paise for e in step.effects if isinstance(e, ChargeBooked))
    forgone = sum(e.gst_paise for e in step.effects if isinstance(e, Allocated))
    assert -books[AccountCode.GST_PAYABLE] == tax - forgone >= 0
    assert -books[AccountCode.INTEREST_INCOME] == sum(plan.interest_paise for plan in billed)


@few_examples
@given(histories())
def test_i8_no_receivable_is_ever_in_credit_and_no_liability_in_debit(history: History) -> None:
    step = replay(history.terms, history.events, history.as_of, schedule=history.schedule)
    books = balances(
        disbursement_transfers(history.terms.principal_paise, fee_paise=0, gst_paise=0)
    )
    for effect in step.effects:
        for account, change in balances(effect_transfers(effect)).items():
            books[account] += change
        for account in (
            AccountCode.LOAN_PRINCIPAL,
            AccountCode.INTEREST_RECEIVABLE,
            AccountCode.CHARGES_RECEIVABLE,
            AccountCode.PENAL_RECEIVABLE,
        ):
            assert books[account] >= 0
        for account in (AccountCode.BORROWER_ADVANCES, AccountCode.REFUNDABLE_EXCESS):
            assert books[account] <= 0


def test_a_disbursement_keeps_back_the_interest_of_a_broken_period() -> None:
    booked = disbursement_transfers(1_000, fee_paise=0, gst_paise=0, upfront_interest_paise=100)
    assert lines(booked) == [("1100", "1000", 900), ("1100", "4000", 100)]


def test_interest_that_is_capitalised_is_principal_and_income() -> None:
    capitalised = InterestCapitalised(on=date(2026, 4, 5), amount_paise=20_000)
    assert lines(transfers_for([capitalised])) == [("1100", "4000", 20_000)]
