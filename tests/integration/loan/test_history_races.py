"""Mixed events on a few loans from fifty threads, while the days are being closed."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from itertools import count
from random import Random

import pytest
from django.db import connection

from bright_credit.common.errors import DomainError
from loan.domain.event_steps import ChargeNotOpen, RefundExceedsExcess
from loan.domain.events import (
    ChangeOfTerms,
    ChargeKind,
    DueDay,
    Holiday,
    HolidayInterest,
    Keeping,
    Tenor,
    Towards,
)
from loan.domain.rescheduling import OverlappingChange
from loan.models import BusinessDay, Charge, Event, Loan, Payment
from loan.selectors.loans import loan_key
from loan.services.billing.run import run_billing
from loan.services.business_day import hold_close
from loan.services.charges import ChargeNotFound, waive_charge
from loan.services.early_repayment import (
    PrepaymentImpossible,
    PrepaymentTooLarge,
    PrepaymentTooSmall,
    prepay,
)
from loan.services.happening import Author
from loan.services.payments import (
    PaymentAlreadyReversed,
    PaymentOrder,
    post_payment,
    reverse_payment,
)
from loan.services.refunds import RefundOrder, refund_excess
from loan.services.rescheduling import (
    CapitalisingInDefault,
    NotReschedulable,
    RateOrder,
    RescheduleOrder,
    change_rate,
    reschedule,
)
from tests.audit import assert_books_verify
from tests.builders import FIRST_DUE, RUPEE, a_disbursed_loan, a_product, pay
from tests.integration.loan.journal import assert_nothing_was_posted_into_a_closed_day
from tests.integration.loan.racing import collide, deadlocks

EMI = 24_482 * RUPEE
ACTS = 5
LAKH = 100_000 * RUPEE
A_LONG_WHILE = 240.0  # seconds, for a busy machine; it takes a few on an idle one
ACTED = (
    *("pay", "late", "reverse", "bounce", "prepay", "waive"),
    *("refund", "rate", "reschedule", "restructure"),
)
#: Of these a loan takes one of a kind a day, so that most of those who want one are refused.
AGREED = frozenset({"rate", "reschedule", "restructure"})
#: A charge that is gone or met by then, a prepayment that has become too large or too small, excess
#: that is not held any more, interest of a loan in default that would become principal, and terms
#: that somebody else has just changed.
_MAY_BE_REFUSED = (
    CapitalisingInDefault,
    ChargeNotFound,
    ChargeNotOpen,
    NotReschedulable,
    OverlappingChange,
    PrepaymentImpossible,
    PrepaymentTooLarge,
    PrepaymentTooSmall,
    RefundExceedsExcess,
)
TELLER = Author(actor="teller", reason="returned")

pytestmark = pytest.mark.django_db(transaction=True)


def test_fifty_threads_of_mixed_events_on_ten_loans_while_the_days_are_closed() -> None:
    """Nobody is refused, no two wait for each other, no paisa is lost, and the books verify."""
    a_product(bounce_charge_paise=500 * RUPEE)
    loans = [a_disbursed_loan() for _ in range(10)]
    paid_ahead = loans[-2:]  # everything to come is held in advance, and more as excess
    for loan in paid_ahead:
        pay(loan, 7 * LAKH, on=FIRST_DUE)
    first, last = date(2026, 3, 1), date(2026, 3, 10)  # a due date, and a day of penal charges
    run_billing(first - timedelta(days=1), today=first, may_run_ahead=True)
    before, numbers = deadlocks(), count()

    def keep_going(thread: int) -> Callable[[], Counter[str]]:
        def run() -> Counter[str]:
            _be_patient()
            chance, done, mine = Random(thread), Counter[str](), list[int]()
            while sum(done.values()) < ACTS:
                act = chance.choice([*ACTED, "pay", "pay", "late", "waive"])
                if act in ("reverse", "bounce") and not mine:
                    act = "pay"
                loan_id = chance.choice(paid_ahead if act == "refund" else loans).public_id
                order = _order(loan_id, chance, f"MIX-{thread}-{next(numbers)}")
                try:
                    _do(act, order, chance, mine, as_of=first)
                except _MAY_BE_REFUSED:
                    act = "refused"
                done[act] += 1
            return done

        return run

    def close_them() -> Counter[str]:
        _be_patient()
        run_billing(last, today=last + timedelta(days=1), may_run_ahead=True)
        return Counter()

    everybody = [close_them, *map(keep_going, range(50))]
    outcomes = collide(everybody, hold=hold_close, patience=A_LONG_WHILE)
    assert [one for one in outcomes if isinstance(one, Exception)] == []
    done = sum((one for one in outcomes if isinstance(one, Counter)), Counter[str]())
    assert min(done[act] for act in {*ACTED} - AGREED) >= 5
    assert min(done[act] for act in AGREED) >= 1
    assert sum(done[act] for act in AGREED) >= 10
    assert deadlocks() == before
    assert BusinessDay.objects.get().closed_through_date == last
    assert Event.objects.filter(kind="PAYMENT").count() == Payment.objects.count()
    assert Event.objects.filter(kind="REFUND").count() == done["refund"]
    _assert_no_paisa_is_lost()
    assert_nothing_was_posted_into_a_closed_day()
    assert_books_verify()


def _assert_no_paisa_is_lost() -> None:
    """What came and stands met what was owed, or is held, or was paid back as long as it was held:
    what was paid back beyond that is owed again, as a charge."""
    reversed_ones = Event.objects.filter(kind="REVERSAL").values("reverses__payment")
    standing = Payment.objects.exclude(pk__in=reversed_ones)
    for loan in Loan.objects.all():
        refunds = Event.objects.filter(loan=loan, kind="REFUND").values_list("payload", flat=True)
        owed_again = Charge.objects.filter(loan=loan, kind=ChargeKind.REFUND, cancelled_by=None)
        paid_back_paise = sum(payload["amount_paise"] for payload in refunds)
        assert sum(standing.filter(loan=loan).values_list("amount_paise", flat=True)) == (
            paid_back_paise
            - sum(owed_again.values_list("amount_paise", flat=True))
            + loan.principal_paid_paise
            + loan.interest_paid_paise
            + loan.charges_paid_paise
            + loan.penal_paid_paise
            + loan.advance_paise
            + loan.excess_paise
        )


def _do(act: str, order: PaymentOrder, chance: Random, mine: list[int], *, as_of: date) -> None:
    """Do one thing; `mine` are the payments of this thread that stand."""
    match act:
        case "reverse" | "bounce":
            taken = mine.pop(chance.randrange(len(mine)))
            reverse_payment(taken, as_of=as_of, by=TELLER, bounced=act == "bounce")
        case "waive":
            _waive_one(order.loan_id, chance, as_of=as_of)
        case "refund":
            back = RefundOrder(
                loan_id=order.loan_id,
                amount_paise=chance.choice([1, 90_000 * RUPEE]),
                reference_id=order.reference_id,
            )
            refund_excess(back, as_of=as_of, by=TELLER)
        case "rate":
            rate = RateOrder(
                loan_id=order.loan_id,
                annual_rate_bps=chance.randrange(900, 2_400),
                keeping=chance.choice(list(Keeping)),
            )
            change_rate(rate, as_of=as_of, by=TELLER)
        case "reschedule" | "restructure":
            reschedule(
                RescheduleOrder(
                    loan_id=order.loan_id,
                    change=_any_change(chance),
                    restructures=act == "restructure",
                ),
                as_of=as_of,
                by=TELLER,
            )
        case "prepay":
            aim = chance.choice([Towards.REDUCE_EMI, Towards.REDUCE_TENURE])
            large = replace(order, amount_paise=80_000 * RUPEE, towards=aim)
            mine.append(prepay(large, as_of=as_of).payment.pk)
        case "late":
            late = replace(order, value_date=_earlier(chance.randint(0, 60)))
            mine.append(post_payment(late, as_of=as_of).payment.pk)
        case _:
            mine.append(post_payment(order, as_of=as_of).payment.pk)


def _any_change(chance: Random) -> ChangeOfTerms:
    """Return another due day, another tenor or, seldom, a holiday: until it ends, it is the last
    change that its loan takes."""
    match chance.randrange(10):
        case 0:
            return Holiday(instalments=1, interest=chance.choice(list(HolidayInterest)))
        case 1 | 2 | 3 | 4:
            return DueDay(due_day=chance.randint(6, 28))
        case _:
            return Tenor(instalments=chance.randint(12, 48))


def _be_patient() -> None:
    """Let this session wait for locks: fifty at once may take a busy machine longer than callers
    are let wait. Sessions that wait for each other are found all the same."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = '{int(A_LONG_WHILE)}s'")
        cursor.execute(f"SET statement_timeout = '{int(A_LONG_WHILE)}s'")


def _order(loan_id: str, chance: Random, reference: str) -> PaymentOrder:
    return PaymentOrder(
        loan_id=loan_id,
        amount_paise=chance.choice([1, 1_000 * RUPEE, EMI // 10]),
        payment_method="UPI",
        reference_id=reference,
    )


def _waive_one(loan_id: str, chance: Random, *, as_of: date) -> None:
    """Waive a part of a charge that is owed as this thread sees it; another may be faster."""
    owed = Charge.objects.filter(loan=loan_key(loan_id), cancelled_by=None)
    key = chance.choice([*owed.values_list("key", flat=True), "PENAL-2"])
    waive_charge(loan_id, key, amount_paise=1, as_of=as_of, by=TELLER)


def _earlier(days: int) -> date:
    return max(date(2026, 1, 10), date(2026, 3, 1) - timedelta(days=days))


def test_f42_of_many_reversals_of_one_payment_exactly_one_succeeds() -> None:
    loan = a_disbursed_loan()
    payments = [pay(loan, 1_000 * RUPEE, on=FIRST_DUE) for _ in range(8)]

    def take_back(key: int) -> Callable[[], DomainError | Event | None]:
        return lambda: reverse_payment(key, as_of=FIRST_DUE, by=TELLER).event

    twice = [take_back(payment.pk) for payment in payments for _ in range(2)]
    outcomes = collide(twice, hold=hold_close)
    refused = [one for one in outcomes if isinstance(one, Exception)]
    assert [type(one) for one in refused] == [PaymentAlreadyReversed] * 8
    loan.refresh_from_db()
    assert loan.principal_paid_paise == loan.interest_paid_paise == loan.advance_paise == 0
    assert_books_verify()
