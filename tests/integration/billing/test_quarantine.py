"""A loan that cannot be billed is found, set aside with its reason, and brought back."""

import logging
from datetime import date, timedelta

import pytest
from django.db import connection
from pytest_django.fixtures import Settings

from loan.models import BillingChunk, BillingRun, Charge, Due, Instalment, Loan, QuarantinedLoan
from loan.selectors.books.audit import audit
from loan.services.billing import chunks, quarantine
from loan.services.billing.opening import open_run
from loan.services.billing.quarantine import (
    BillingHalted,
    LoanNotInQuarantine,
    StillNotBillable,
    release,
)
from loan.services.billing.run import carry_on, run_billing, run_day
from tests.audit import assert_books_verify, findings
from tests.integration.billing.books import DAY, a_book, content
from tests.integration.billing.workers import workers

MORNING_AFTER = DAY + timedelta(days=1)


def _due_today(place: int) -> int:
    """Return the key of a loan that falls due on the day and holds nothing in advance."""
    keys = Instalment.objects.filter(due_date=DAY, loan__advance_paise=0, loan__status="ACTIVE")
    return list(keys.order_by("loan_id").values_list("loan_id", flat=True))[place]


def _charged_today() -> tuple[int, int]:
    """Return a loan whose grace runs out on the day, and the instalment it is charged for."""
    missed = DAY - timedelta(days=4)
    row = (
        Instalment.objects.filter(due_date=missed, loan__oldest_unpaid_due_date__lte=missed)
        .order_by("loan_id")
        .values_list("loan_id", "number")
        .first()
    )
    assert row is not None
    return row


def _plant_a_charge() -> int:
    """Let the day's penal charge be there already, which its unique key refuses."""
    loan_key, number = _charged_today()
    Charge.objects.create(
        loan_id=loan_key,
        key=f"PENAL-{number}",
        kind=Charge.Kind.OTHER,
        levied_on=date(2026, 1, 1),
        amount_paise=1,
        paid_paise=1,
    )
    return loan_key


def _plant_an_overflow() -> int:
    """Let the amount paid so far be as large as a number can be: what is added does not fit."""
    loan_key = Loan.objects.filter(oldest_unpaid_due_date=DAY, advance_paise__gt=0).values_list(
        "pk", flat=True
    )[0]
    Loan.objects.filter(pk=loan_key).update(interest_paid_paise=2**63 - 1)
    return loan_key


def _plant_a_broken_row() -> int:
    """Let a trigger refuse one loan's due, as a broken row or index does."""
    loan_key = _due_today(5)
    with connection.cursor() as cursor:
        cursor.execute(_REFUSING.format(loan_key))
    return loan_key


_REFUSING = """
CREATE FUNCTION refuse_due() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.loan_id = {} THEN RAISE EXCEPTION 'this page is broken'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER refuse_due BEFORE INSERT ON loan_due FOR EACH ROW EXECUTE FUNCTION refuse_due();
"""


@pytest.mark.django_db
@pytest.mark.parametrize("plant", [_plant_a_charge, _plant_an_overflow, _plant_a_broken_row])
def test_a_loan_that_cannot_be_billed_is_set_aside_and_the_rest_is_billed(
    plant: object, caplog: pytest.LogCaptureFixture
) -> None:
    a_book(600)
    dues = Instalment.objects.filter(due_date=DAY, loan__status="ACTIVE")
    poison = plant()  # type: ignore[operator]
    expected = set(dues.exclude(loan=poison).values_list("loan_id", flat=True))
    with caplog.at_level(logging.CRITICAL):
        run = run_day(DAY)
    held = QuarantinedLoan.objects.get()
    assert (held.loan_id, held.business_date, held.released_at) == (poison, DAY, None)
    assert held.reason
    assert "Traceback" not in held.reason
    assert run.status == BillingRun.Status.PARTIAL
    assert run.manifest["skipped"] == {"count": 1, "reasons": {held.reason: 1}}
    assert set(Due.objects.filter(due_date=DAY).values_list("loan_id", flat=True)) == expected
    assert BillingChunk.objects.filter(run=run).count() <= 2 + 11  # one cut a halving
    assert [each.loan_key for each in audit().quarantined] == [poison]
    assert not [found for found in findings() if found.check in {"fold", "seal", "journal"}]


@pytest.mark.django_db
def test_a_loan_in_quarantine_is_left_out_until_it_is_released_and_then_is_up_to_date() -> None:
    a_book(600)
    loan_key = _plant_a_broken_row()
    run_day(DAY)
    last = DAY + timedelta(days=40)
    report = run_billing(last, today=last + timedelta(days=1), may_run_ahead=False)
    assert {run.status for run in report.closed} == {BillingRun.Status.PARTIAL}
    assert not Due.objects.filter(loan=loan_key, due_date__gte=DAY).exists()
    assert findings() == []

    held = QuarantinedLoan.objects.get()
    with pytest.raises(StillNotBillable, match="this page is broken"):
        release(held.pk, as_of=last + timedelta(days=1))
    assert QuarantinedLoan.objects.get().released_at is None
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER refuse_due ON loan_due")
    release(held.pk, as_of=last + timedelta(days=1))
    assert Due.objects.filter(loan=loan_key, due_date__gte=DAY).count() == 2
    with pytest.raises(LoanNotInQuarantine):
        release(held.pk, as_of=last + timedelta(days=1))
    assert_books_verify()
    following = run_day(last + timedelta(days=1))
    assert following.status == BillingRun.Status.CLOSED
    assert_books_verify()


@pytest.mark.django_db
def test_a_loan_released_while_a_run_is_under_way_is_brought_to_that_day() -> None:
    a_book(600)
    loan_key = _due_today(3)
    run = open_run(DAY)
    held = QuarantinedLoan.objects.create(
        loan_id=loan_key, run=run, business_date=DAY, reason="planted"
    )
    while (claim := chunks.claim_chunk(run)) is not None:
        chunks.work_on(claim)
    assert not Due.objects.filter(loan=loan_key, due_date=DAY).exists()
    release(held.pk, as_of=MORNING_AFTER)
    assert Due.objects.filter(loan=loan_key, due_date=DAY).exists()
    carry_on()
    assert BillingRun.objects.get().status == BillingRun.Status.CLOSED
    assert_books_verify()


@pytest.mark.django_db
def test_when_everything_fails_the_run_halts_and_does_not_set_the_book_aside(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    a_book(600)
    monkeypatch.setattr(quarantine, "MAX_A_RUN", 4)

    def fail(day: date, *, low: int, high: int) -> None:
        raise ValueError("nothing can be billed")

    monkeypatch.setattr(chunks, "bill_range", fail)
    with caplog.at_level(logging.CRITICAL), pytest.raises(BillingHalted):
        run_day(DAY)
    assert QuarantinedLoan.objects.count() == 4
    assert BillingRun.objects.get().status == BillingRun.Status.RUNNING


@pytest.mark.django_db(transaction=True)
def test_a_loan_that_kills_its_worker_is_found_and_set_aside(settings: Settings) -> None:
    settings.BILLING_LEASE_SECONDS = 1
    a_book(120)
    poison = _due_today(2)
    others = Instalment.objects.filter(due_date=DAY, loan__status="ACTIVE").exclude(loan=poison)
    open_run(DAY)
    killed = 0
    for _ in range(20):
        with workers(2, through=DAY, poison=poison) as crew:
            killed += sum(worker.finish() == -9 for worker in crew)
        if BillingRun.objects.get().is_closed:
            break
    assert 3 <= killed <= 9 + 3 + 2  # a halving each, the first three, and two at once
    assert QuarantinedLoan.objects.get().loan_id == poison
    assert "ended its worker" in QuarantinedLoan.objects.get().reason
    assert BillingRun.objects.get().status == BillingRun.Status.PARTIAL
    assert set(Due.objects.filter(due_date=DAY).values_list("loan_id", flat=True)) == set(
        others.values_list("loan_id", flat=True)
    )
    assert content().journal
