"""Properties of the services over random lives of a small book, on the real database."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.conf import settings as project_settings
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from loan.models import Loan, Payment
from loan.selectors.standing import loan_detail
from loan.services.billing.run import run_billing
from loan.services.impairment import SUSPENSE_KIND
from statements.selectors.statement import statement
from tests.audit import assert_books_verify
from tests.integration.loan.journal import (
    assert_nothing_was_posted_into_a_closed_day,
    dues,
    journal,
    netted,
)
from tests.integration.loan.living import Life, a_book, live_day, lives, undone
from tests.properties import as_many

pytestmark = pytest.mark.django_db

few = settings(
    max_examples=as_many(8),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

_ALLOCATION = (
    "value_date",
    "source",
    "instalment_number",
    "charge__key",
    "interest_paise",
    "principal_paise",
    "charge_paise",
)


def close_through(day: date) -> None:
    run_billing(day, today=day + timedelta(days=1), may_run_ahead=False)


def lived(life: Life, *, runs: frozenset[int]) -> list[Loan]:
    """Live a life with billing runs on the mornings of some of its days, and one after it."""
    loans = a_book(life)
    for number, day in enumerate(life.dates()):
        if number in runs and number > 0:
            close_through(day - timedelta(days=1))
        live_day(life, loans, day)
    close_through(life.last)
    return loans


def story(loans: list[Loan]) -> list[object]:
    """Return everything that happened to the loans, without keys, instants and references."""
    told: list[object] = [journal(), len(dues())]
    for loan in loans:
        loan.refresh_from_db()
        told += [
            _figures(loan),
            list(loan.dues.order_by("number").values_list("number", "due_date", "interest_paise")),
            list(loan.charges.order_by("key").values_list("key", "levied_on", "paid_paise")),
            list(loan.allocations.order_by("id").values_list(*_ALLOCATION)),
        ]
    return told


def _figures(loan: Loan) -> dict[str, object]:
    """Return a loan's row without what differs from one book to another.

    Nor its position's date: the row of a loan that only had a plain due rests at its last event.
    """
    left_out = {"id", "borrower", "application", "disbursed_at", "position_date"}
    fields = [field for field in Loan._meta.fields if field.name not in left_out]
    return {field.name: getattr(loan, field.attname) for field in fields}


@few
@given(life=lives(), runs=st.frozensets(st.integers(0, 39)))
def test_any_life_leaves_books_that_verify(life: Life, runs: frozenset[int]) -> None:
    with undone():
        loans = lived(life, runs=runs)
        assert_books_verify()
        assert_nothing_was_posted_into_a_closed_day()
        for payment in Payment.objects.all():
            parts = (
                payment.interest_paise,
                payment.principal_paise,
                payment.charges_paise,
                payment.penal_paise,
                payment.advance_paise,
                payment.excess_paise,
            )
            assert sum(parts) == payment.amount_paise
            assert min(parts) >= 0
        for loan in loans:
            loan.refresh_from_db()
            event(
                f"{loan.status}, npa {loan.npa_since is not None}, advance {loan.advance_paise > 0}"
            )
            paid = sum(payment.amount_paise for payment in loan.payments.all())
            assert paid == (
                loan.principal_paid_paise
                + loan.interest_paid_paise
                + loan.charges_paid_paise
                + loan.penal_paid_paise
                + loan.advance_paise
                + loan.excess_paise
            )


@few
@given(
    life=lives(longest=20),
    runs=st.frozensets(st.integers(0, 19)),
    range_size=st.sampled_from([1, 7]),
)
def test_when_and_in_what_pieces_the_runs_are_made_makes_no_difference(
    life: Life, runs: frozenset[int], range_size: int
) -> None:
    """Every morning in one piece, or now and then in small ones, before payments or after."""
    with undone():
        punctual = story(lived(life, runs=frozenset(range(life.days))))
    with undone(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(project_settings, "BILLING_CHUNK_LOANS", range_size)
        assert story(lived(life, runs=runs)) == punctual


@few
@given(life=lives(longest=20), runs=st.frozensets(st.integers(0, 19)))
def test_what_is_read_of_a_loan_is_the_same_before_the_run_and_after(
    life: Life, runs: frozenset[int]
) -> None:
    with undone():
        loans = a_book(life)
        for number, day in enumerate(life.dates()):
            if number in runs and number > 0:
                before = _readings(loans, today=day)
                close_through(day - timedelta(days=1))
                assert _readings(loans, today=day) == before
            live_day(life, loans, day)


def _readings(loans: list[Loan], *, today: date) -> list[object]:
    """Return the figures of each loan's page, having checked that its statement has the same."""
    figures: list[object] = []
    for loan in loans:
        page = loan_detail(loan.public_id, as_of=today)
        drawn = statement(loan.public_id, as_of=None, today=today)
        shown = (
            page.loan.principal_paid_paise,
            page.loan.interest_paid_paise,
            page.loan.advance_paise,
            page.loan.excess_paise,
            page.standing.due_paise,
            page.standing.overdue_paise,
            page.standing.days_past_due,
            page.standing.bucket,
            page.loan.npa_since,
            page.loan.status,
        )
        summary = drawn.summary
        assert shown == (
            summary.principal_paid_paise,
            summary.interest_paid_paise,
            summary.advance_paise,
            summary.excess_paise,
            summary.due_paise,
            summary.overdue_paise,
            summary.days_past_due,
            summary.bucket,
            summary.npa_since,
            summary.status,
        )
        figures.append((shown, drawn.history, drawn.upcoming, drawn.charges, drawn.payments))
    return figures


@few
@given(life=lives(longest=10), split=st.integers(1, 99))
def test_a_payment_in_two_parts_leaves_the_loan_as_one_payment_does(life: Life, split: int) -> None:
    parts = [
        replace(act, amount_paise=amount_paise)
        for act in life.payments
        for first in [act.amount_paise * split // 100]
        for amount_paise in (first, act.amount_paise - first)
        if amount_paise > 0
    ]
    with undone():
        whole = _outcome(lived(life, runs=frozenset()))
        refused = Payment.objects.count() < len(life.payments)
    with undone():
        parted = _outcome(lived(replace(life, payments=tuple(parts)), runs=frozenset()))
        refused = refused or Payment.objects.count() < len(parts)
    # A loan that the first part closes refuses the second, which the whole holds as excess.
    event(f"a part was refused: {refused}")
    assert refused or whole == parted


def _outcome(loans: list[Loan]) -> list[object]:
    """Return the journal, and each loan's row. Suspense may rise and fall again between parts."""
    for loan in loans:
        loan.refresh_from_db()
    return [netted(journal(), kind=SUSPENSE_KIND), [_figures(loan) for loan in loans]]
