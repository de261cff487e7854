"""Which accounts each change of a loan moves. All rules of posting are on this page.

    What happened                        Debit                        Credit
    -----------------------------------  ---------------------------  ---------------------------
    Disbursement, paid out               1100 Loan principal          1000 Bank
      - processing fee kept back         1100 Loan principal          4100 Processing fee income
      - GST on the fee                   1100 Loan principal          2300 GST payable
      - broken-period interest upfront   1100 Loan principal          4000 Interest income
    Processing fee due, paid apart       1300 Charges receivable      4100 Processing fee income
      - GST on it                        1300 Charges receivable      2300 GST payable
    Instalment billed, its interest      1200 Interest receivable     4000 Interest income
    Interest capitalised, of a           1100 Loan principal          4000 Interest income
    moratorium or a holiday
    Penal charge levied                  1310 Penal receivable        4300 Penal income
    Other charge levied                  1300 Charges receivable      4200 Charges income
      - GST on it                        1300 Charges receivable      2300 GST payable
    Payment, what it pays of interest    1000 Bank                    1200 Interest receivable
      - of principal                     1000 Bank                    1100 Loan principal
      - of charges                       1000 Bank                    1300 Charges receivable
      - of penal charges                 1000 Bank                    1310 Penal receivable
      - held for the dues to come        1000 Bank                    2100 Borrower advances
      - beyond everything owed           1000 Bank                    2110 Refundable excess
    Due met from what is held            2100 Borrower advances       1200, 1100 as above
    Charge met from excess               2110 Refundable excess       1300, 1310 as above
    Charge waived                        4200 Charges income          1300 Charges receivable
      - GST on it                        2300 GST payable             1300 Charges receivable
      - a penal charge                   4300 Penal income            1310 Penal receivable
      - a processing fee                 4100 Processing fee income   1300 Charges receivable
    Excess paid back                     2110 Refundable excess       1000 Bank
      - what was not held after all      1300 Charges receivable      1000 Bank
    Foreclosed with what is held         2100, 2110 as above          1200, 1100, 1300 as above
    Cancelled: fee returned              4100 Processing fee income   1100 Loan principal
      - GST on it                        2300 GST payable             1100 Loan principal
      - interest kept back returned      4000 Interest income         1100 Loan principal
    Non-performing: income not received  4000, 4100, 4200, 4300       2400 Income in suspense
      - received after all, or upgraded  2400 Income in suspense      4000, 4100, 4200, 4300
    Written off: principal               5000 Loans written off       1100 Loan principal
      - income never received            4000, 4100, 4200, 4300       1200, 1300, 1310
      - GST in charges, refunds owed     5000 Loans written off       1300 Charges receivable
      - the claim, off the books         1900 Written-off claims      2900 its contra
    Refund owed again, off the books     5000 Loans written off       1000 Bank
      - and the claim                    1900 Written-off claims      2900 its contra
    Recovery after that                  1000 Bank                    4400 Recoveries
      - and the claim, or given up       2900 contra                  1900 Written-off claims
    Accrued and not due, a day's growth  1210 Interest accrued        4010 Accrued income
      - where more was billed than ran   4010 Accrued income          1210 Interest accrued
    Provision, by how much it grew       5100 Provisions made         2500 Provisions for loans
      - by how much it fell              2500 Provisions for loans    5100 Provisions made
    NPA marked or lifted, loan closed    nothing
    or opened again, schedule replaced,
    loan restructured
    What turns out not to have happened  the opposite of the above

Principal is an asset from disbursement on, due or not; a loan's interest becomes one on its due
date, or when it becomes principal, and what has run before stands in 1210 for a product as a whole:
billing leaves it alone, and the next day's entry follows. So the
control accounts equal the loans at any time: 1100 the principal outstanding, 1200 the interest
billed and unpaid, 1300 and 1310 the charges unpaid, 2100 the advances, 2110 the excess, and 2400
the income among the unpaid amounts of borrowers who are non-performing.
"""

from collections.abc import Iterable, Iterator, Mapping

from bright_credit.common.errors import InvalidInput
from ledger.domain.chart import AccountCode
from ledger.domain.entries import TransferDraft
from loan.domain.allocation import Component
from loan.domain.effects import (
    AdvanceHeld,
    Allocated,
    AllocationSource,
    BecameNpa,
    ChargeBooked,
    ClaimGivenUp,
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
    Restructured,
    ScheduleReplaced,
)
from loan.domain.events import ChargeKind
from loan.domain.unrealised import Suspense


class FeesExceedPrincipal(InvalidInput):
    """What is kept back leaves nothing of the principal to pay out."""

    code = "fees_exceed_principal"


#: Where money comes from when it meets an amount owed.
FUNDING: Mapping[AllocationSource, AccountCode] = {
    AllocationSource.PAYMENT: AccountCode.BANK,
    AllocationSource.ADVANCE: AccountCode.BORROWER_ADVANCES,
    AllocationSource.EXCESS: AccountCode.REFUNDABLE_EXCESS,
}

#: The account that is owed less when money meets a component.
RECEIVABLES: Mapping[Component, AccountCode] = {
    Component.INTEREST: AccountCode.INTEREST_RECEIVABLE,
    Component.PRINCIPAL: AccountCode.LOAN_PRINCIPAL,
    Component.CHARGE: AccountCode.CHARGES_RECEIVABLE,
    Component.PENAL_CHARGE: AccountCode.PENAL_RECEIVABLE,
}

#: What a charge earns where it is no income of charges: money that was paid out is none.
_EARNED: Mapping[ChargeKind, AccountCode] = {
    ChargeKind.PROCESSING_FEE: AccountCode.PROCESSING_FEE_INCOME,
    ChargeKind.REFUND: AccountCode.BANK,
}


def disbursement_transfers(
    principal_paise: int, *, fee_paise: int, gst_paise: int, upfront_interest_paise: int = 0
) -> tuple[TransferDraft, ...]:
    """Return the transfers of paying a loan out, and of what is kept back from it.

    That is the fee and its GST, where they are deducted from the payout (else they are a charge),
    and the interest of a broken period where it is collected upfront.
    """
    net_paise = principal_paise - fee_paise - gst_paise - upfront_interest_paise
    if net_paise <= 0:
        raise FeesExceedPrincipal("what is kept back must leave something to pay out")
    parts = (
        (AccountCode.BANK, net_paise),
        (AccountCode.PROCESSING_FEE_INCOME, fee_paise),
        (AccountCode.GST_PAYABLE, gst_paise),
        (AccountCode.INTEREST_INCOME, upfront_interest_paise),
    )
    return tuple(
        TransferDraft(debit=AccountCode.LOAN_PRINCIPAL, credit=account, amount_paise=amount_paise)
        for account, amount_paise in parts
        if amount_paise != 0
    )


def interest_billed_transfers(interest_paise: int) -> tuple[TransferDraft, ...]:
    """Return the transfers of billing interest, of one instalment or of many added up."""
    return tuple(
        _transfer(AccountCode.INTEREST_RECEIVABLE, AccountCode.INTEREST_INCOME, interest_paise)
    )


def interest_capitalised_transfers(amount_paise: int) -> tuple[TransferDraft, ...]:
    """Return the transfers of interest that becomes principal, of one loan or of many added up."""
    return tuple(_transfer(AccountCode.LOAN_PRINCIPAL, AccountCode.INTEREST_INCOME, amount_paise))


def penal_levied_transfers(amount_paise: int) -> tuple[TransferDraft, ...]:
    """Return the transfers of levying penal charges, one or many added up."""
    return tuple(_transfer(AccountCode.PENAL_RECEIVABLE, AccountCode.PENAL_INCOME, amount_paise))


def advance_applied_transfers(
    *, interest_paise: int, principal_paise: int
) -> tuple[TransferDraft, ...]:
    """Return the transfers of meeting dues from what was held in advance, one or many added up."""
    held = FUNDING[AllocationSource.ADVANCE]
    return (
        *_transfer(held, RECEIVABLES[Component.INTEREST], interest_paise),
        *_transfer(held, RECEIVABLES[Component.PRINCIPAL], principal_paise),
    )


def suspense_transfers(before: Suspense, after: Suspense) -> tuple[TransferDraft, ...]:
    """Return the transfers that bring income held in suspense from one level to another.

    They may be of one loan or the sums of many.
    """
    moves = (
        (AccountCode.INTEREST_INCOME, after.interest_paise - before.interest_paise),
        (AccountCode.PROCESSING_FEE_INCOME, after.fees_paise - before.fees_paise),
        (AccountCode.CHARGES_INCOME, after.charges_paise - before.charges_paise),
        (AccountCode.PENAL_INCOME, after.penal_paise - before.penal_paise),
    )
    suspense = AccountCode.INCOME_SUSPENSE
    return tuple(
        TransferDraft(debit=income, credit=suspense, amount_paise=more_paise)
        if more_paise > 0
        else TransferDraft(debit=suspense, credit=income, amount_paise=-more_paise)
        for income, more_paise in moves
        if more_paise != 0
    )


def accrual_transfers(more_paise: int) -> tuple[TransferDraft, ...]:
    """Return the transfers of more interest that has run unbilled, or of less where negative."""
    accrued, income = AccountCode.INTEREST_ACCRUED, AccountCode.ACCRUED_INCOME
    if more_paise < 0:
        return tuple(_transfer(income, accrued, -more_paise))
    return tuple(_transfer(accrued, income, more_paise))


def provision_transfers(more_paise: int) -> tuple[TransferDraft, ...]:
    """Return the transfers of setting more aside, or less where it is negative."""
    made, held = AccountCode.PROVISIONS_MADE, AccountCode.LOAN_PROVISIONS
    if more_paise < 0:
        return tuple(_transfer(held, made, -more_paise))
    return tuple(_transfer(made, held, more_paise))


def transfers_for(effects: Iterable[Effect]) -> tuple[TransferDraft, ...]:
    """Return the transfers of the effects in order, those between the same accounts added up."""
    sums: dict[tuple[AccountCode, AccountCode], int] = {}
    for effect in effects:
        for transfer in effect_transfers(effect):
            pair = (transfer.debit, transfer.credit)
            sums[pair] = sums.get(pair, 0) + transfer.amount_paise
    return tuple(
        TransferDraft(debit=debit, credit=credit, amount_paise=amount_paise)
        for (debit, credit), amount_paise in sums.items()
    )


def correcting_transfers(
    *, appeared: Iterable[Effect], vanished: Iterable[Effect]
) -> tuple[TransferDraft, ...]:
    """Return what puts the books right: the transfers of what appeared less those of what vanished.

    Between two accounts there is one transfer at most, in the direction that is left.
    """
    sums: dict[tuple[AccountCode, AccountCode], int] = {}
    for effects, sign in ((vanished, -1), (appeared, 1)):
        for effect in effects:
            for transfer in effect_transfers(effect):
                pair, opposite = (
                    (transfer.debit, transfer.credit),
                    (transfer.credit, transfer.debit),
                )
                if opposite in sums:
                    sums[opposite] -= sign * transfer.amount_paise
                else:
                    sums[pair] = sums.get(pair, 0) + sign * transfer.amount_paise
    return tuple(
        TransferDraft(debit=debit, credit=credit, amount_paise=amount_paise)
        if amount_paise > 0
        else TransferDraft(debit=credit, credit=debit, amount_paise=-amount_paise)
        for (debit, credit), amount_paise in sums.items()
        if amount_paise != 0
    )


def effect_transfers(effect: Effect) -> tuple[TransferDraft, ...]:
    """Return the transfers of one effect; none for an effect that moves no money."""
    return tuple(_transfers(effect))


def _transfers(effect: Effect) -> Iterator[TransferDraft]:
    match effect:
        case InstalmentBilled(interest_paise=amount_paise):
            yield from interest_billed_transfers(amount_paise)
        case InterestCapitalised(amount_paise=amount_paise):
            yield from interest_capitalised_transfers(amount_paise)
        case PenalLevied(amount_paise=amount_paise):
            yield from penal_levied_transfers(amount_paise)
        case ChargeBooked(off_books=True, amount_paise=amount_paise):
            yield from _transfer(AccountCode.WRITE_OFFS, AccountCode.BANK, amount_paise)
            yield from _claim_more(amount_paise)
        case ChargeBooked(kind=kind, amount_paise=amount_paise, gst_paise=gst_paise):
            yield from charge_levied_transfers(kind, amount_paise=amount_paise, gst_paise=gst_paise)
        case Allocated(source=AllocationSource.WAIVER):
            yield from _waiver_transfers(effect)
        case Allocated(source=AllocationSource.FEE_BACK):
            fee_paise = effect.principal_paise - effect.gst_paise
            principal = AccountCode.LOAN_PRINCIPAL
            yield from _transfer(AccountCode.PROCESSING_FEE_INCOME, principal, fee_paise)
            yield from _transfer(AccountCode.GST_PAYABLE, principal, effect.gst_paise)
        case Allocated(source=AllocationSource.INTEREST_BACK, principal_paise=amount_paise):
            yield from _transfer(
                AccountCode.INTEREST_INCOME, AccountCode.LOAN_PRINCIPAL, amount_paise
            )
        case Allocated(recovers=True):
            yield from _transfer(AccountCode.BANK, AccountCode.RECOVERIES, effect.total_paise)
            yield from _claim_less(effect.total_paise)
        case Allocated():
            yield from _allocation_transfers(effect)
        case LoanWrittenOff():
            yield from _write_off_transfers(effect)
        case ClaimGivenUp(amount_paise=amount_paise):
            yield from _claim_less(amount_paise)
        case AdvanceHeld(amount_paise=amount_paise):
            yield from _transfer(AccountCode.BANK, AccountCode.BORROWER_ADVANCES, amount_paise)
        case ExcessHeld(amount_paise=amount_paise):
            yield from _transfer(AccountCode.BANK, AccountCode.REFUNDABLE_EXCESS, amount_paise)
        case ExcessPaidBack(amount_paise=amount_paise):
            yield from _transfer(AccountCode.REFUNDABLE_EXCESS, AccountCode.BANK, amount_paise)
        case ScheduleReplaced() | Restructured() | BecameNpa() | NpaLifted():
            return
        case LoanClosed() | LoanReopened():
            return


def charge_levied_transfers(
    kind: ChargeKind, *, amount_paise: int, gst_paise: int
) -> tuple[TransferDraft, ...]:
    """Return the transfers of a charge with the tax in it, or of a refund that is owed again."""
    owed = AccountCode.CHARGES_RECEIVABLE
    earned = _EARNED.get(kind, AccountCode.CHARGES_INCOME)
    return (
        *_transfer(owed, earned, amount_paise - gst_paise),
        *_transfer(owed, AccountCode.GST_PAYABLE, gst_paise),
    )


def _write_off_transfers(effect: LoanWrittenOff) -> Iterator[TransferDraft]:
    lost, charges = AccountCode.WRITE_OFFS, AccountCode.CHARGES_RECEIVABLE
    parts = (
        (lost, AccountCode.LOAN_PRINCIPAL, effect.principal_paise),
        (AccountCode.INTEREST_INCOME, AccountCode.INTEREST_RECEIVABLE, effect.interest_paise),
        (AccountCode.CHARGES_INCOME, charges, effect.charges_paise),
        (AccountCode.PROCESSING_FEE_INCOME, charges, effect.fees_paise),
        (lost, charges, effect.other_paise),
        (AccountCode.PENAL_INCOME, AccountCode.PENAL_RECEIVABLE, effect.penal_paise),
    )
    for debit, credit, amount_paise in parts:
        yield from _transfer(debit, credit, amount_paise)
    yield from _claim_more(effect.total_paise)


def _claim_more(amount_paise: int) -> Iterator[TransferDraft]:
    yield from _transfer(
        AccountCode.WRITTEN_OFF_CLAIMS, AccountCode.WRITTEN_OFF_CONTRA, amount_paise
    )


def _claim_less(amount_paise: int) -> Iterator[TransferDraft]:
    yield from _transfer(
        AccountCode.WRITTEN_OFF_CONTRA, AccountCode.WRITTEN_OFF_CLAIMS, amount_paise
    )


def _waiver_transfers(effect: Allocated) -> Iterator[TransferDraft]:
    owed, penal = AccountCode.CHARGES_RECEIVABLE, AccountCode.PENAL_RECEIVABLE
    earned = _EARNED[ChargeKind.PROCESSING_FEE] if effect.waives_fee else AccountCode.CHARGES_INCOME
    yield from _transfer(earned, owed, effect.charge_paise - effect.gst_paise)
    yield from _transfer(AccountCode.GST_PAYABLE, owed, effect.gst_paise)
    yield from _transfer(AccountCode.PENAL_INCOME, penal, effect.penal_paise)


def _allocation_transfers(effect: Allocated) -> Iterator[TransferDraft]:
    parts = (
        (Component.INTEREST, effect.interest_paise),
        (Component.PRINCIPAL, effect.principal_paise),
        (Component.CHARGE, effect.charge_paise),
        (Component.PENAL_CHARGE, effect.penal_paise),
    )
    for component, amount_paise in parts:
        yield from _transfer(FUNDING[effect.source], RECEIVABLES[component], amount_paise)


def _transfer(
    debit: AccountCode, credit: AccountCode, amount_paise: int
) -> Iterator[TransferDraft]:
    if amount_paise != 0:
        yield TransferDraft(debit=debit, credit=credit, amount_paise=amount_paise)
