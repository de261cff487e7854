"""What stands recorded of a loan, net of earlier corrections, as the effects it came from."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from loan.domain.difference import Recorded
from loan.domain.effects import (
    AdvanceHeld,
    Allocated,
    AllocationSource,
    ChargeBooked,
    ClaimGivenUp,
    ExcessHeld,
    ExcessPaidBack,
    InstalmentBilled,
    InterestCapitalised,
    LoanWrittenOff,
    PenalLevied,
)
from loan.domain.event_steps import refund_charge_key
from loan.domain.events import (
    ChargeKind,
    ExcessRefunded,
    LoanEvent,
    WriteOffKind,
    WrittenOff,
    in_effect,
)
from loan.domain.in_force import PutOffInterest
from loan.domain.receipts import PaymentSplit
from loan.models import (
    Allocation,
    Charge,
    Due,
    Instalment,
    Loan,
    Payment,
    PaymentRevision,
    ScheduleVersion,
)
from loan.selectors.loans import ORDER_OF_LEVY

#: The row that holds an effect: the key of its charge, allocation or payment; 0 for a bill, and for
#: what the loan's own row tells.
RecordedRow = Recorded[int]

_PARTS = (
    "interest_paise",
    "principal_paise",
    "charges_paise",
    "penal_paise",
    "advance_paise",
    "excess_paise",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentUse:
    """A payment's key, and what it pays as things stand."""

    payment_key: int
    value_date: date
    split: PaymentSplit


def payment_uses(loan: Loan) -> Mapping[str, PaymentUse]:
    """Return what each payment of a loan pays as things stand, by its reference."""
    revised = {
        payment_key: PaymentSplit(**dict(zip(_PARTS, parts, strict=True)))
        for payment_key, *parts in PaymentRevision.objects.filter(payment__loan=loan)
        .order_by("id")
        .values_list("payment_id", *_PARTS)
    }
    rows = Payment.objects.filter(loan=loan).values_list(
        "id", "reference_id", "value_date", *_PARTS
    )
    return {
        reference: PaymentUse(
            payment_key=key,
            value_date=value_date,
            split=revised.get(key) or PaymentSplit(**dict(zip(_PARTS, parts, strict=True))),
        )
        for key, reference, value_date, *parts in rows
    }


def recorded_effects(
    loan: Loan,
    *,
    since: date,
    charges: Mapping[str, Charge],
    uses: Mapping[str, PaymentUse],
    events: Sequence[LoanEvent],
) -> Iterator[RecordedRow]:
    """Yield everything recorded that counts from `since` on, in the order it was recorded.

    `charges` are the loan's charges that are not cancelled, by key; `events` those recorded.
    """
    yield from _capitalised(loan, since)
    yield from _bills(loan, since)
    off_books = _owed_off_the_books(loan, charges, events)
    for charge in charges.values():
        if charge.levied_on >= since:
            effect = _charge_effect(charge, off_books=charge.key in off_books)
            yield Recorded(effect, charge.pk)
    yield from _allocations(loan, since)
    for reference, use in uses.items():
        if use.value_date >= since:
            yield from _held(reference, use)
    owed_later_paise = sum(charge.amount_paise for charge in off_books.values())
    yield from _written_off(loan, since, events, owed_later_paise=owed_later_paise)
    for event in events:
        if isinstance(event, ExcessRefunded) and event.value_date >= since:
            yield from _paid_back(event, owed_again=charges.get(refund_charge_key(event.sequence)))


def standing_allocations(loan: Loan) -> QuerySet[Allocation]:
    """Return a loan's allocations that hold: neither undone nor undoing."""
    return Allocation.objects.filter(loan=loan, undoes=None, undone_by=None)


def live_charges(loan: Loan) -> list[Charge]:
    """Return the loan's charges that are not cancelled, paid ones too, in the order of levy."""
    return list(Charge.objects.filter(loan=loan, cancelled_by=None).order_by(*ORDER_OF_LEVY))


def _capitalised(loan: Loan, since: date) -> Iterator[RecordedRow]:
    """Yield what has become principal, as the loan's row and its schedule in force tell."""
    on = loan.capitalises_on
    of_moratorium = loan.capitalised_paise > 0 and on is not None
    paise = loan.moratorium_interest_paise if of_moratorium else 0
    if on is not None and on >= since and of_moratorium:
        yield Recorded(InterestCapitalised(on=on, amount_paise=paise), 0)
    for holiday in _holidays_of(loan) if loan.capitalised_paise > paise else ():
        if holiday.until >= since and holiday.until != loan.holiday_ends_on:
            became = InterestCapitalised(
                on=holiday.until, amount_paise=holiday.amount_paise, of_holiday=True
            )
            yield Recorded(became, 0)


def _holidays_of(loan: Loan) -> tuple[PutOffInterest, ...]:
    """Return the holidays of the schedule in force whose interest becomes, or became, principal."""
    version = ScheduleVersion.objects.get(loan=loan, version=loan.schedule_version)
    return tuple(
        PutOffInterest(
            since=date.fromisoformat(since),
            until=date.fromisoformat(until),
            base_paise=base_paise,
            amount_paise=amount_paise,
            becomes_principal=True,
        )
        for since, until, base_paise, amount_paise in version.holidays
    )


def _owed_off_the_books(
    loan: Loan, charges: Mapping[str, Charge], events: Iterable[LoanEvent]
) -> dict[str, Charge]:
    """Return the charges for refunds that were owed again when the loan had left the books."""
    moments = {
        refund_charge_key(event.sequence): (event.value_date, event.sequence)
        for event in events
        if isinstance(event, ExcessRefunded)
    }
    first = min(
        (
            (event.value_date, event.sequence)
            for event in in_effect(events)
            if isinstance(event, WrittenOff) and event.value_date == loan.written_off_on
        ),
        default=None,
    )
    return {
        key: charges[key]
        for key, moment in moments.items()
        if key in charges and first is not None and moment > first
    }


def _written_off(
    loan: Loan, since: date, events: Iterable[LoanEvent], *, owed_later_paise: int
) -> Iterator[RecordedRow]:
    """Yield that the loan left the books, and that its claim was given up, as its row tells.

    What was owed again later is among the row's amounts, and no part of the write-off itself.
    """
    told = [event for event in in_effect(events) if isinstance(event, WrittenOff)]
    if loan.written_off_on is None or not told:
        return
    first = next(event for event in told if event.value_date == loan.written_off_on)
    if loan.written_off_on >= since:
        yield Recorded(
            LoanWrittenOff(
                on=loan.written_off_on,
                event_key=first.key,
                principal_paise=loan.written_off_principal_paise,
                interest_paise=loan.written_off_interest_paise,
                charges_paise=loan.written_off_charges_paise,
                other_paise=loan.written_off_other_paise - owed_later_paise,
                penal_paise=loan.written_off_penal_paise,
                fees_paise=loan.written_off_fees_paise,
            ),
            0,
        )
    if loan.given_up_paise and loan.closed_on is not None and loan.closed_on >= since:
        last = next(
            event
            for event in told
            if event.value_date == loan.closed_on and event.kind is not WriteOffKind.TECHNICAL
        )
        given_up = ClaimGivenUp(
            on=loan.closed_on, event_key=last.key, amount_paise=loan.given_up_paise
        )
        yield Recorded(given_up, 0)


def _bills(loan: Loan, since: date) -> Iterator[RecordedRow]:
    rows = Due.objects.filter(loan=loan, due_date__gte=since).order_by("number")
    if loan.schedule_version > 1:
        in_force = Instalment.objects.filter(loan=loan, version=loan.schedule_version)
        revisions = set(in_force.values_list("number", "revision"))
        kept = [row for row in rows if (row.number, row.revision) in revisions]
    else:
        kept = list(rows)
    for row in kept:
        bill = InstalmentBilled(
            number=row.number,
            due_date=row.due_date,
            principal_paise=row.principal_paise,
            interest_paise=row.interest_paise,
        )
        yield Recorded(bill, 0)


def _charge_effect(charge: Charge, *, off_books: bool) -> PenalLevied | ChargeBooked:
    if charge.kind == Charge.Kind.PENAL:
        return PenalLevied(
            key=charge.key,
            instalment_number=charge.instalment_number or 0,
            levied_on=charge.levied_on,
            amount_paise=charge.amount_paise,
        )
    return ChargeBooked(
        key=charge.key,
        kind=ChargeKind(charge.kind),
        levied_on=charge.levied_on,
        amount_paise=charge.amount_paise,
        gst_paise=charge.gst_paise,
        off_books=off_books,
    )


def _allocations(loan: Loan, since: date) -> Iterator[RecordedRow]:
    rows = standing_allocations(loan).filter(value_date__gte=since).order_by("id")
    for (
        key,
        source,
        value_date,
        reference,
        number,
        charge_key,
        charge_kind,
        interest_paise,
        principal_paise,
        charge_paise,
        waiver_key,
        gst_paise,
        is_recovery,
    ) in rows.values_list(
        "id",
        "source",
        "value_date",
        "payment__reference_id",
        "instalment_number",
        "charge__key",
        "charge__kind",
        "interest_paise",
        "principal_paise",
        "charge_paise",
        "waiver_key",
        "gst_paise",
        "is_recovery",
    ):
        penal = charge_kind == Charge.Kind.PENAL
        effect = Allocated(
            source=AllocationSource(source),
            value_date=value_date,
            event_key=reference or waiver_key,
            instalment_number=number,
            charge_key=charge_key,
            interest_paise=interest_paise,
            principal_paise=principal_paise,
            charge_paise=0 if penal else charge_paise,
            penal_paise=charge_paise if penal else 0,
            gst_paise=gst_paise,
            waives_fee=source == AllocationSource.WAIVER
            and charge_kind == Charge.Kind.PROCESSING_FEE,
            recovers=is_recovery,
        )
        yield Recorded(effect, key)


def _held(reference: str, use: PaymentUse) -> Iterator[RecordedRow]:
    if use.split.advance_paise > 0:
        advance = AdvanceHeld(
            value_date=use.value_date,
            event_key=reference,
            amount_paise=use.split.advance_paise,
        )
        yield Recorded(advance, use.payment_key)
    if use.split.excess_paise > 0:
        excess = ExcessHeld(
            value_date=use.value_date, event_key=reference, amount_paise=use.split.excess_paise
        )
        yield Recorded(excess, use.payment_key)


def _paid_back(event: ExcessRefunded, *, owed_again: Charge | None) -> Iterator[RecordedRow]:
    """Yield what a refund took from what was held: all but what is owed again."""
    amount_paise = event.amount_paise - (owed_again.amount_paise if owed_again else 0)
    if amount_paise > 0:
        effect = ExcessPaidBack(
            value_date=event.value_date, event_key=event.key, amount_paise=amount_paise
        )
        yield Recorded(effect, 0)
