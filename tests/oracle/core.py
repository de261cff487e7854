"""The product's core, told the same story: where it says that a loan stands."""

from collections import Counter
from collections.abc import Iterable
from datetime import date

from loan.domain.cancellation import KeptBack, cancellation_quote, may_be_cancelled
from loan.domain.delinquency import bucket, days_past_due
from loan.domain.early_repayment import ClosingRates, foreclosure_quote
from loan.domain.event_steps import ChargeNotOpen, RefundExceedsExcess, WaiverExceedsCharge
from loan.domain.events import EventReversed, LoanEvent
from loan.domain.lifecycle import LoanStatus
from loan.domain.posting_rules import disbursement_transfers, transfers_for
from loan.domain.receipts import payment_splits
from loan.domain.rescheduling import OverlappingChange
from loan.domain.running_period import is_in_moratorium
from loan.domain.schedule import amortization_schedule, upfront_interest_of
from loan.domain.servicing import (
    LoanAlreadyClosed,
    Step,
    advance_to,
    apply,
    end_day,
    initial_position,
    oldest_unpaid_due_date,
    paid_of,
    principal_outstanding_paise,
    replay,
)
from loan.domain.terms import LoanTerms
from loan.domain.write_off import AlreadyWrittenOff, NothingToWriteOff, WriteOffInMoratorium
from tests.oracle.core_events import event_of, terms_of
from tests.oracle.story import (
    Closing,
    Deal,
    GivingBack,
    Happening,
    Instalment,
    LeftTheBooks,
    OpenCharge,
    Refused,
    Standing,
)
from tests.oracle.telling import CLOSING_BPS, CLOSING_GST_BPS

_REFUSALS = (
    AlreadyWrittenOff,
    ChargeNotOpen,
    NothingToWriteOff,
    OverlappingChange,
    RefundExceedsExcess,
    WaiverExceedsCharge,
    WriteOffInMoratorium,
)


class CoreTelling:
    """A loan of the core that hears of things as they become known, as its services do."""

    def __init__(self, deal: Deal) -> None:
        self.terms = terms_of(deal)
        self.first_schedule = amortization_schedule(self.terms)
        self.events: list[LoanEvent] = []
        self.schedule, self.position = self.first_schedule, initial_position(self.terms)

    def hear(self, happening: Happening) -> None:
        """Take a new happening: the next step, or the whole history told anew."""
        event = event_of(happening)
        try:
            step = self._after(event)
        except LoanAlreadyClosed as refusal:
            raise Refused("loan_closed") from refusal
        except _REFUSALS as refusal:
            raise Refused(refusal.code) from refusal
        self.events.append(event)
        self.schedule, self.position = tuple(step.schedule), step.position

    def wait_until(self, day: date) -> None:
        """Let time pass, as billing runs do: a step at a time."""
        self.position = advance_to(self.terms, self.schedule, self.position, day).position

    def end_day(self) -> None:
        """End the day on which the loan stands."""
        day = self.position.as_of
        self.position = end_day(self.terms, self.schedule, self.position, day).position

    def _after(self, event: LoanEvent) -> Step:
        late = event.value_date < self.position.as_of
        if not late and not isinstance(event, EventReversed) and not event.replaces_schedule:
            return apply(self.terms, self.schedule, self.position, event)
        return replay(
            self.terms,
            [*self.events, event],
            max(self.position.as_of, event.value_date),
            schedule=self.first_schedule,
            day_ended=False,
            new=event,
        )

    def replayed(self, day: date, *, ended: bool) -> Step:
        """Return the whole history, folded from the beginning."""
        return replay(self.terms, self.events, day, schedule=self.first_schedule, day_ended=ended)


def standing_of(deal: Deal, terms: LoanTerms, step: Step, *, ended: bool, quoted: bool) -> Standing:
    """Return where the core says that a loan stands, with all its effects since disbursement."""
    position, schedule = step.position, step.schedule
    oldest = oldest_unpaid_due_date(position, schedule)
    return Standing(
        on=position.as_of,
        instalments=tuple(
            Instalment(
                number=plan.number,
                due=plan.due_date,
                opening=plan.opening_principal_paise,
                interest=plan.interest_paise,
                principal=plan.principal_paise,
                interest_paid=paid_of(position, plan).interest_paise,
                principal_paid=paid_of(position, plan).principal_paise,
            )
            for plan in schedule
        ),
        charges=tuple(
            OpenCharge(
                key=charge.key,
                levied_on=charge.levied_on,
                amount=charge.amount_paise,
                gst=charge.gst_paise,
                settled=charge.paid_paise,
            )
            for charge in position.open_charges
        ),
        lent_outstanding=principal_outstanding_paise(terms, position),
        capitalised=position.capitalised_paise,
        advance=position.advance_paise,
        excess=position.excess_paise,
        charges_paid=position.charges_paid_paise,
        penal_paid=position.penal_paid_paise,
        npa_since=position.npa_since,
        restructured_on=position.restructured_on,
        closed_on=position.closed_on,
        status=position.status.value,
        written_off_on=position.written_off_on,
        written_off=LeftTheBooks(
            principal=position.written_off_principal_paise,
            interest=position.written_off_interest_paise,
            charges=position.written_off_charges_paise,
            other=position.written_off_other_paise,
            penal=position.written_off_penal_paise,
        ),
        given_up=position.given_up_paise,
        days_past_due=days_past_due(oldest, position.as_of),
        bucket=bucket(oldest, position.as_of, day_ended=ended, npa_since=position.npa_since).value,
        uses=_uses(step),
        accounts=_accounts(deal, terms, step),
        closing=_closing(terms, step) if quoted and not position.given_up_paise else None,
        giving_back=_giving_back(terms, step, deal),
    )


def may_be_quoted(terms: LoanTerms, day: date) -> bool:
    """Return whether the loan can be foreclosed at all on a day."""
    return not is_in_moratorium(terms, day)


def _uses(step: Step) -> tuple[tuple[int, tuple[int, int, int, int, int, int]], ...]:
    return tuple(
        (
            int(key),
            (
                split.interest_paise,
                split.principal_paise,
                split.charges_paise,
                split.penal_paise,
                split.advance_paise,
                split.excess_paise,
            ),
        )
        for key, split in sorted(payment_splits(step.effects).items(), key=lambda one: int(one[0]))
    )


def _accounts(deal: Deal, terms: LoanTerms, step: Step) -> tuple[tuple[str, int], ...]:
    balances: Counter[str] = Counter()
    paid_out = disbursement_transfers(
        terms.principal_paise,
        fee_paise=deal.fee - deal.fee_gst,
        gst_paise=deal.fee_gst,
        upfront_interest_paise=upfront_interest_of(terms),
    )
    for transfer in (*paid_out, *transfers_for(step.effects)):
        balances[str(transfer.debit.value)] += transfer.amount_paise
        balances[str(transfer.credit.value)] -= transfer.amount_paise
    return tuple(sorted((code, sum_) for code, sum_ in balances.items() if sum_))


def _closing(terms: LoanTerms, step: Step) -> Closing:
    quote = foreclosure_quote(
        terms,
        step.in_force,
        step.schedule,
        step.position,
        rates=ClosingRates(charge_bps=CLOSING_BPS, gst_bps=CLOSING_GST_BPS),
    )
    return Closing(
        principal=quote.principal_paise,
        interest_due=quote.interest_due_paise,
        interest_run=quote.accrued_interest_paise,
        per_diem=quote.per_diem_paise,
        charges=quote.charges_paise + quote.penal_paise,
        closing_charge=quote.closing_charge_paise,
        closing_gst=quote.closing_gst_paise,
        held=quote.held_paise,
        amount=quote.amount_paise,
        left_over=quote.refundable_paise,
    )


def _giving_back(terms: LoanTerms, step: Step, deal: Deal) -> tuple[int, GivingBack] | None:
    position = step.position
    if position.status is LoanStatus.CLOSED or not may_be_cancelled(position):
        return None
    quote = cancellation_quote(
        terms,
        step.in_force,
        position,
        kept_back=KeptBack(
            fee_paise=deal.fee if deal.fee_returned else 0,
            gst_paise=deal.fee_gst if deal.fee_returned else 0,
            interest_paise=upfront_interest_of(terms),
        ),
        last_day=position.as_of,
    )
    back = quote.cancelling
    return quote.amount_paise, GivingBack(
        interest=back.interest_paise,
        fee=back.returned_fee_paise,
        gst=back.returned_gst_paise,
        kept_interest=back.returned_interest_paise,
    )


def differences(ours: object, theirs: object, path: str = "") -> Iterable[str]:
    """Yield each field in which two standings differ."""
    if ours == theirs:
        return
    slots = getattr(type(ours), "__dataclass_fields__", None)
    if slots and type(ours) is type(theirs):
        for name in slots:
            yield from differences(getattr(ours, name), getattr(theirs, name), f"{path}.{name}")
    elif isinstance(ours, tuple) and isinstance(theirs, tuple) and len(ours) == len(theirs):
        for place, (one, other) in enumerate(zip(ours, theirs, strict=True)):
            yield from differences(one, other, f"{path}[{place}]")
    else:
        yield f"{path.lstrip('.')}: the oracle says {ours}, the core {theirs}"
