"""Maker and checker: what one person asks for is done once, by another's decision."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from pytest_django import Settings

from bright_credit.common.append_only import AppendOnlyViolation
from loan.domain.event_steps import WaiverExceedsCharge
from loan.domain.events import Keeping
from loan.domain.rescheduling import OverlappingChange
from loan.models import ApprovalDecision, ApprovalRequest, Event, Loan
from loan.selectors.approvals import ApprovalRequestNotFound, status_of
from loan.services.approvals.asking import Asked, NotTheMaker, ask, withdraw
from loan.services.approvals.deciding import (
    AlreadyDecided,
    ApprovalExpired,
    Checker,
    Decided,
    OwnRequest,
    approve,
    reject,
)
from loan.services.approvals.kinds import Wanted, rate_change, refund, waiver
from loan.services.charges import ChargeNotFound, levy_charge
from loan.services.happening import Author
from loan.services.refunds import RefundOrder, RefundReferenceReused
from loan.services.rescheduling import RateOrder
from tests.audit import assert_books_verify
from tests.builders import FIRST_DUE, RUPEE, a_disbursed_loan, pay
from tests.integration.loan.racing import collide
from users.domain.callers import Caller, CallerKind

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 1, 20, 6, tzinfo=UTC)
TODAY = date(2026, 1, 20)
MAKER, OTHER, THIRD = (Caller(CallerKind.STAFF, key) for key in (1, 2, 3))
BY = Author(actor="meera", reason="goodwill")


def a_charged_loan() -> Loan:
    loan = a_disbursed_loan()
    by = Author(reason="a test")
    levy_charge(loan.public_id, key="SWAP-1", amount_paise=500 * RUPEE, as_of=TODAY, by=by)
    return loan


def a_waiver(loan: Loan, paise: int | None = 100 * RUPEE) -> Wanted:
    return waiver(loan.public_id, "SWAP-1", amount_paise=paise, as_of=TODAY)


def asked(wanted: Wanted, *, maker: Caller = MAKER, now: datetime = NOW) -> ApprovalRequest:
    done = ask(wanted, by=BY, maker=maker, as_of=TODAY, now=now)
    assert isinstance(done, Asked)
    return done.request


def approved(request: ApprovalRequest, *, by: Caller = OTHER, now: datetime = NOW) -> Decided:
    checker = Checker(caller=by, name="ravi", note="seen")
    return approve(request.pk, by=checker, as_of=TODAY, now=now)


def waived() -> int:
    return Event.objects.filter(kind="WAIVER").count()


def test_what_is_asked_for_is_done_when_a_second_person_approves_it() -> None:
    loan = a_charged_loan()
    request = asked(a_waiver(loan))
    assert waived() == 0
    assert status_of(request, now=NOW) == "PENDING"
    done = approved(request)
    decision = ApprovalDecision.objects.get()
    event = Event.objects.get(kind="WAIVER")
    assert (event.actor, event.reason) == ("meera", "goodwill")
    assert (decision.checker, decision.checker_name) == ("staff:2", "ravi")
    assert decision.event == event
    assert done.comparison is not None
    assert status_of(ApprovalRequest.objects.get(), now=NOW) == "APPROVED"
    assert_books_verify()


def test_the_maker_does_not_check() -> None:
    request = asked(a_waiver(a_charged_loan()))
    with pytest.raises(OwnRequest):
        approved(request, by=MAKER)
    with pytest.raises(OwnRequest):
        reject(request.pk, by=Checker(caller=MAKER, name="meera", note="x"), now=NOW)
    assert waived() == ApprovalDecision.objects.count() == 0
    # The database has the last word, whatever the services do.
    event = Event.objects.filter(kind="CHARGE").get()
    own = ApprovalDecision(
        request=request,
        outcome="APPROVED",
        maker="staff:1",
        checker="staff:1",
        checker_name="meera",
        event=event,
    )
    with pytest.raises(IntegrityError, match="checker_is_not_the_maker"), transaction.atomic():
        own.save()


def test_a_decision_is_taken_once() -> None:
    request = asked(a_waiver(a_charged_loan()))
    approved(request)
    for decide in (
        lambda: approved(request, by=THIRD),
        lambda: reject(request.pk, by=Checker(caller=THIRD, name="x", note="no"), now=NOW),
        lambda: withdraw(request.pk, maker=MAKER, name="meera", now=NOW),
    ):
        with pytest.raises(AlreadyDecided):
            decide()
    assert waived() == 1


def test_a_rejection_does_nothing_and_only_the_maker_withdraws() -> None:
    loan = a_charged_loan()
    refused = asked(a_waiver(loan))
    reject(refused.pk, by=Checker(caller=OTHER, name="ravi", note="no ground"), now=NOW)
    taken_back = asked(a_waiver(loan))
    assert taken_back.pk != refused.pk
    with pytest.raises(NotTheMaker):
        withdraw(taken_back.pk, maker=OTHER, name="ravi", now=NOW)
    withdraw(taken_back.pk, maker=MAKER, name="meera", now=NOW)
    assert waived() == 0
    outcomes = ApprovalDecision.objects.values_list("outcome", flat=True)
    assert sorted(outcomes) == ["REJECTED", "WITHDRAWN"]


def test_what_the_service_refuses_is_refused_when_asked_and_writes_nothing() -> None:
    loan = a_charged_loan()
    with pytest.raises(WaiverExceedsCharge):
        asked(a_waiver(loan, 600 * RUPEE))
    with pytest.raises(ChargeNotFound):
        waiver(loan.public_id, "NONE", amount_paise=None, as_of=TODAY)
    assert not ApprovalRequest.objects.exists()


def test_a_request_that_the_loan_has_outrun_is_refused_and_goes_on_waiting() -> None:
    loan = a_charged_loan()
    first, second = asked(a_waiver(loan, 400 * RUPEE)), asked(a_waiver(loan, 300 * RUPEE))
    approved(first)
    with pytest.raises(WaiverExceedsCharge):
        approved(second)
    assert status_of(second, now=NOW) == "PENDING"
    assert waived() == 1
    reject(second.pk, by=Checker(caller=OTHER, name="ravi", note="too much"), now=NOW)


def test_a_request_expires(settings: Settings) -> None:
    settings.APPROVAL_DAYS = 2
    request = asked(a_waiver(a_charged_loan()))
    late = NOW + timedelta(days=2)
    assert status_of(request, now=late) == "EXPIRED"
    with pytest.raises(ApprovalExpired):
        approved(request, now=late)
    assert approved(request, now=late - timedelta(seconds=1)).comparison is not None


def test_the_same_request_again_is_the_one_that_waits() -> None:
    loan = a_charged_loan()
    first = ask(a_waiver(loan), by=BY, maker=MAKER, as_of=TODAY, now=NOW)
    again = ask(a_waiver(loan), by=BY, maker=OTHER, as_of=TODAY, now=NOW)
    assert isinstance(first, Asked)
    assert isinstance(again, Asked)
    assert (again.request, again.repeated) == (first.request, True)
    # The second maker may go on to approve the first one's.
    assert again.request.maker == "staff:1"


def test_a_refund_is_paid_once_however_often_it_is_asked_for() -> None:
    loan = a_disbursed_loan(tenure_months=6, amount_paise=60_000 * RUPEE)
    pay(loan, 6 * loan.instalment_paise + 4_000 * RUPEE, on=FIRST_DUE)

    def order(rupees: int) -> Wanted:
        wanted = RefundOrder(
            loan_id=loan.public_id, amount_paise=rupees * RUPEE, reference_id="UTR-1"
        )
        return refund(wanted)

    one, other = asked(order(100)), asked(order(200))
    approved(one)
    with pytest.raises(RefundReferenceReused):
        approved(other)
    done = ask(order(100), by=BY, maker=MAKER, as_of=FIRST_DUE, now=NOW)
    assert not isinstance(done, Asked)
    assert done.event == Event.objects.get(kind="REFUND")
    assert_books_verify()


def test_a_change_of_the_rate_takes_two_people_whatever_the_limit(settings: Settings) -> None:
    settings.APPROVALS_DIRECT_UP_TO_PAISE = 1_000_000 * RUPEE
    loan = a_disbursed_loan()

    def to(bps: int) -> Wanted:
        order = RateOrder(
            loan_id=loan.public_id, annual_rate_bps=bps, keeping=Keeping.TENURE, from_date=TODAY
        )
        return rate_change(order)

    first, second = asked(to(1_400)), asked(to(1_500))
    approved(first)
    with pytest.raises(OverlappingChange):
        approved(second)
    assert Event.objects.get().payload["annual_rate_bps"] == 1_400
    assert_books_verify()


def test_up_to_the_lenders_limit_one_person_is_enough(settings: Settings) -> None:
    settings.APPROVALS_DIRECT_UP_TO_PAISE = 100 * RUPEE
    loan = a_charged_loan()
    done = ask(a_waiver(loan, 100 * RUPEE), by=BY, maker=MAKER, as_of=TODAY, now=NOW)
    assert not isinstance(done, Asked)
    assert waived() == 1
    assert asked(a_waiver(loan, 100 * RUPEE + 1)).amount_paise == 100 * RUPEE + 1
    assert waived() == 1


def test_nobody_decides_on_what_is_not_there() -> None:
    with pytest.raises(ApprovalRequestNotFound):
        approve(1, by=Checker(caller=OTHER, name="ravi"), as_of=TODAY, now=NOW)


def test_requests_and_decisions_only_grow() -> None:
    request = asked(a_waiver(a_charged_loan()))
    with pytest.raises(AppendOnlyViolation):
        ApprovalRequest.objects.filter(pk=request.pk).update(maker="staff:9")
    approved(request)
    for statement in (
        "UPDATE loan_approvalrequest SET maker = 'x'",
        "DELETE FROM loan_approvalrequest",
        "UPDATE loan_approvaldecision SET checker = 'x'",
        "DELETE FROM loan_approvaldecision",
    ):
        with (
            pytest.raises(IntegrityError, match="only grows"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


@pytest.mark.django_db(transaction=True)
def test_two_checkers_at_once_have_one_effect() -> None:
    loan = a_charged_loan()
    request = asked(a_waiver(loan))

    def hold() -> object:
        return Loan.objects.select_for_update().get(pk=loan.pk)

    # One holds the request and waits for the loan; the others wait for the request.
    results = collide(
        [lambda: approved(request, by=OTHER), lambda: approved(request, by=THIRD)],
        hold=hold,
    )
    assert sorted(type(result).__name__ for result in results) == ["AlreadyDecided", "Decided"]
    assert waived() == ApprovalDecision.objects.count() == 1
    assert_books_verify()


@pytest.mark.django_db(transaction=True)
def test_an_approval_and_a_withdrawal_at_once_are_one_decision() -> None:
    loan = a_charged_loan()
    request = asked(a_waiver(loan))

    def hold() -> object:
        return ApprovalRequest.objects.select_for_update().get(pk=request.pk)

    results = collide(
        [
            lambda: approved(request),
            lambda: withdraw(request.pk, maker=MAKER, name="meera", now=NOW),
        ],
        hold=hold,
    )
    assert sum(isinstance(result, AlreadyDecided) for result in results) == 1
    decision = ApprovalDecision.objects.get()
    assert waived() == (1 if decision.outcome == "APPROVED" else 0)
