"""The events of loans, from their rows to the core's values and back."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from django.db.models import BigIntegerField, DateTimeField

from bright_credit.common.postgresql.messages import ReadyQuery, Rows, Slot, Statement, send
from loan.domain.asset_class import AssetClass, Mark
from loan.domain.events import (
    Cancelling,
    ChangeOfTerms,
    ChargeKind,
    ChargeLevied,
    ChargeWaived,
    ClassMarked,
    DueDay,
    EventReversed,
    ExcessRefunded,
    Holiday,
    HolidayInterest,
    Keeping,
    LoanEvent,
    PaymentReceived,
    RateChanged,
    Rescheduled,
    Tenor,
    Towards,
    WriteOffKind,
    WrittenOff,
)
from loan.models import Event, Loan

#: What the fold needs to know of an event, in the order `_event` takes it.
_COLUMNS = (
    "loan_id",
    "sequence",
    "kind",
    "value_date",
    "payload",
    "reverses__sequence",
    "payment__reference_id",
    "payment__amount_paise",
)


_LOAN, _KNOWN_AT = Slot("loan", BigIntegerField()), Slot("known_at", DateTimeField())


@cache
def _of_loan(*, as_known: bool) -> ReadyQuery[Event]:
    """Return the query of a loan's events: all, or those that were known at an instant."""
    rows = Event.objects.filter(loan=_LOAN)
    if as_known:
        rows = rows.filter(booked_at__lte=_KNOWN_AT)
    return ReadyQuery(rows.order_by("sequence").values_list(*_COLUMNS))


def events_of(loan: Loan) -> list[LoanEvent]:
    """Return a loan's events as booked."""
    (rows,) = send(reading_events(loan))
    return events_in(rows)


def reading_events(loan: Loan, *, known_at: datetime | None = None) -> Statement:
    """Return the statement whose rows `events_in` takes: all, or as far as known at an instant."""
    if known_at is None:
        return _of_loan(as_known=False).asking(loan=loan.pk)
    return _of_loan(as_known=True).asking(loan=loan.pk, known_at=known_at)


def events_in(rows: Rows, *, until: date | None = None) -> list[LoanEvent]:
    """Return the events in these rows, those that count by `until`.

    A reversal always counts from its event's own date on, however late it was booked.
    """
    events = [_event(*columns) for _, *columns in _of_loan(as_known=False).values(rows)]
    if until is None:
        return events
    return [
        event for event in events if isinstance(event, EventReversed) or event.value_date <= until
    ]


def events_by_loan(loan_keys: Collection[int]) -> Mapping[int, list[LoanEvent]]:
    """Return the events of many loans, by the key of the loan."""
    events: defaultdict[int, list[LoanEvent]] = defaultdict(list)
    rows = Event.objects.filter(loan__in=loan_keys).order_by("loan_id", "sequence")
    for loan_key, *columns in rows.values_list(*_COLUMNS):
        events[loan_key].append(_event(*columns))
    return events


@dataclass(frozen=True, slots=True, kw_only=True)
class EventContent:
    """How an event is written: its kind, and what the kind needs beyond dates and sequence."""

    kind: Event.Kind
    payload: dict[str, Any]


def content_of(event: LoanEvent) -> EventContent:
    """Return what the row of an event holds; `_event` reads the same back."""
    match event:
        case PaymentReceived():
            return EventContent(kind=Event.Kind.PAYMENT, payload=_aim(event))
        case EventReversed():
            return EventContent(kind=Event.Kind.REVERSAL, payload={})
        case ChargeLevied():
            return EventContent(
                kind=Event.Kind.CHARGE,
                payload={
                    "key": event.key,
                    "kind": event.kind.value,
                    "amount_paise": event.amount_paise,
                    "gst_paise": event.gst_paise,
                },
            )
        case ChargeWaived():
            return EventContent(
                kind=Event.Kind.WAIVER,
                payload={"charge": event.charge_key, "amount_paise": event.amount_paise},
            )
        case ExcessRefunded():
            return EventContent(
                kind=Event.Kind.REFUND,
                payload={"reference_id": event.key, "amount_paise": event.amount_paise},
            )
        case RateChanged():
            return EventContent(kind=Event.Kind.RATE_CHANGE, payload=_rate_payload(event))
        case Rescheduled():
            return EventContent(kind=Event.Kind.RESCHEDULE, payload=_reschedule_payload(event))
        case WrittenOff():
            return EventContent(kind=Event.Kind.WRITE_OFF, payload=_write_off_payload(event))
        case ClassMarked(asset_class=marked):
            return EventContent(
                kind=Event.Kind.CLASS_MARK, payload={"asset_class": marked and marked.value}
            )


def waiver_key(sequence: int) -> str:
    """Return the key of the waiver that is the loan's event of this number."""
    return f"WAIVER-{sequence}"


def _aim(payment: PaymentReceived) -> dict[str, Any]:
    """Return what a payment is for, where that is not the dues."""
    if payment.towards is Towards.DUES:
        return {}
    charged: dict[str, Any] = {
        "closing_charge_paise": payment.closing_charge_paise,
        "closing_gst_paise": payment.closing_gst_paise,
    }
    aim = {"towards": payment.towards.value} | {k: v for k, v in charged.items() if v}
    if payment.cancelling is not None:
        aim["cancelling"] = asdict(payment.cancelling)
    return aim


def _event(
    sequence: int,
    kind: str,
    value_date: date,
    payload: dict[str, Any],
    reverses: int | None,
    reference_id: str | None,
    amount_paise: int | None,
) -> LoanEvent:
    match kind, reference_id, amount_paise, reverses:
        case Event.Kind.PAYMENT, str(), int(), None:
            return _payment(sequence, value_date, payload, reference_id, amount_paise)
        case Event.Kind.REVERSAL, None, None, int():
            return EventReversed(
                key=f"REVERSAL-{sequence}",
                value_date=value_date,
                sequence=sequence,
                reverses=reverses,
            )
        case Event.Kind.CHARGE, None, None, None:
            return ChargeLevied(
                key=payload["key"],
                kind=ChargeKind(payload["kind"]),
                value_date=value_date,
                sequence=sequence,
                amount_paise=payload["amount_paise"],
                gst_paise=payload.get("gst_paise", 0),
            )
        case Event.Kind.WAIVER, None, None, None:
            return ChargeWaived(
                key=waiver_key(sequence),
                charge_key=payload["charge"],
                value_date=value_date,
                sequence=sequence,
                amount_paise=payload["amount_paise"],
            )
        case Event.Kind.REFUND, None, None, None:
            return ExcessRefunded(
                key=payload["reference_id"],
                value_date=value_date,
                sequence=sequence,
                amount_paise=payload["amount_paise"],
            )
        case Event.Kind.RATE_CHANGE, None, None, None:
            return _rate_changed(sequence, value_date, payload)
        case Event.Kind.RESCHEDULE, None, None, None:
            return _rescheduled(sequence, value_date, payload)
        case Event.Kind.WRITE_OFF, None, None, None:
            return _written_off(sequence, value_date, payload)
        case Event.Kind.CLASS_MARK, None, None, None:
            return ClassMarked(
                key=class_mark_key(sequence),
                value_date=value_date,
                sequence=sequence,
                asset_class=_marked(payload),
            )
    raise ValueError(f"event {sequence} of kind {kind} cannot be read")


def _payment(
    sequence: int, value_date: date, payload: dict[str, Any], reference: str, amount_paise: int
) -> PaymentReceived:
    cancelling = payload.get("cancelling")
    return PaymentReceived(
        key=reference,
        value_date=value_date,
        sequence=sequence,
        amount_paise=amount_paise,
        towards=Towards(payload.get("towards", Towards.DUES)),
        closing_charge_paise=payload.get("closing_charge_paise", 0),
        closing_gst_paise=payload.get("closing_gst_paise", 0),
        cancelling=None if cancelling is None else Cancelling(**cancelling),
    )


def _rate_changed(sequence: int, value_date: date, payload: dict[str, Any]) -> RateChanged:
    return RateChanged(
        key=f"RATE-{sequence}",
        value_date=value_date,
        sequence=sequence,
        annual_rate_bps=payload["annual_rate_bps"],
        from_date=date.fromisoformat(payload["from_date"]),
        keeping=Keeping(payload["keeping"]),
        restructures=payload.get("restructures", False),
    )


def _rate_payload(event: RateChanged) -> dict[str, Any]:
    payload: dict[str, Any] = {
        "annual_rate_bps": event.annual_rate_bps,
        "from_date": event.from_date.isoformat(),
        "keeping": event.keeping.value,
    }
    return payload | ({"restructures": True} if event.restructures else {})


def _written_off(sequence: int, value_date: date, payload: dict[str, Any]) -> WrittenOff:
    return WrittenOff(
        key=write_off_key(sequence),
        value_date=value_date,
        sequence=sequence,
        kind=WriteOffKind(payload["kind"]),
        settled_by=payload.get("settled_by"),
    )


def _write_off_payload(event: WrittenOff) -> dict[str, Any]:
    agreed = {} if event.settled_by is None else {"settled_by": event.settled_by}
    return {"kind": event.kind.value} | agreed


def write_off_key(sequence: int) -> str:
    """Return the key of the write-off that is the loan's event of this number."""
    return f"WRITE-OFF-{sequence}"


def class_mark_key(sequence: int) -> str:
    """Return the key of the mark that is the loan's event of this number."""
    return f"CLASS-MARK-{sequence}"


def marks_by_borrower(borrower_keys: Collection[int]) -> Mapping[int, list[Mark]]:
    """Return what borrowers were marked as, in the order it was said, by the borrower's key."""
    rows = Event.objects.filter(
        kind=Event.Kind.CLASS_MARK, loan__borrower__in=borrower_keys
    ).order_by("value_date", "id")
    marks: defaultdict[int, list[Mark]] = defaultdict(list)
    for borrower, on, payload in rows.values_list("loan__borrower", "value_date", "payload"):
        marks[borrower].append(Mark(on, _marked(payload)))
    return marks


def _marked(payload: Mapping[str, Any]) -> AssetClass | None:
    named = payload["asset_class"]
    return None if named is None else AssetClass(named)


def reschedule_key(sequence: int) -> str:
    """Return the key of the reschedule that is the loan's event of this number."""
    return f"RESCHEDULE-{sequence}"


def _reschedule_payload(event: Rescheduled) -> dict[str, Any]:
    payload: dict[str, Any] = {"from_date": event.from_date.isoformat()}
    if event.restructures:
        payload["restructures"] = True
    return payload | change_payload(event.change)


def change_payload(change: ChangeOfTerms) -> dict[str, Any]:
    """Return a change of the instalments as it is kept; see `change_of_payload`."""
    match change:
        case DueDay(due_day=due_day):
            return {"change": "DUE_DAY", "due_day": due_day}
        case Holiday(instalments=instalments, interest=interest, keeping=keeping):
            return {
                "change": "HOLIDAY",
                "instalments": instalments,
                "interest": interest.value,
                "keeping": keeping.value,
            }
        case Tenor(instalments=instalments):
            return {"change": "TENOR", "instalments": instalments}


def change_of_payload(payload: Mapping[str, Any]) -> ChangeOfTerms:
    """Return the change of the instalments that was kept so."""
    match payload["change"]:
        case "DUE_DAY":
            return DueDay(due_day=payload["due_day"])
        case "HOLIDAY":
            return Holiday(
                instalments=payload["instalments"],
                interest=HolidayInterest(payload["interest"]),
                keeping=Keeping(payload["keeping"]),
            )
        case "TENOR":
            return Tenor(instalments=payload["instalments"])
    raise ValueError(f"a change of the {payload['change']} cannot be read")


def _rescheduled(sequence: int, value_date: date, payload: dict[str, Any]) -> Rescheduled:
    return Rescheduled(
        key=reschedule_key(sequence),
        value_date=value_date,
        sequence=sequence,
        change=change_of_payload(payload),
        from_date=date.fromisoformat(payload["from_date"]),
        restructures=payload.get("restructures", False),
    )
