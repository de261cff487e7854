"""The portfolio that is measured is a true one: its books verify, and the run can bill it."""

from datetime import date, timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection

from benchmarks.choices import Layout, PortfolioSpec, draw
from benchmarks.portfolio import build
from benchmarks.shapes import shapes
from loan.models import Due, Loan
from loan.services.billing.run import run_day
from tests.audit import assert_books_verify

DAY = date(2026, 6, 16)


def _raw_connection() -> psycopg.Connection[Any]:
    connection.ensure_connection()
    raw: psycopg.Connection[Any] = connection.connection
    return raw


def _build(spec: PortfolioSpec) -> None:
    build(_raw_connection(), spec)


@pytest.mark.django_db
@pytest.mark.parametrize("layout", list(Layout))
def test_the_books_of_a_built_portfolio_verify(layout: Layout) -> None:
    _build(PortfolioSpec(loans=600, day=DAY, layout=layout, constant_dues=10))

    assert Loan.objects.count() == 600
    assert Loan.objects.filter(oldest_unpaid_due_date__lt=DAY).count() == 54
    assert Loan.objects.filter(advance_paise__gt=0).count() == 12
    assert Loan.objects.filter(npa_since__isnull=False).exists()
    assert_books_verify()


@pytest.mark.django_db
def test_the_days_of_a_built_portfolio_are_billed_and_the_books_still_verify() -> None:
    spec = PortfolioSpec(loans=600, day=DAY, constant_dues=10)
    _build(spec)

    run_day(spec.day)
    run_day(spec.constant_day)

    assert Due.objects.filter(due_date=spec.day).count() == 20
    assert Due.objects.filter(due_date=spec.constant_day).count() == 10
    assert_books_verify()


@pytest.mark.django_db
def test_all_loans_fall_due_on_the_one_date() -> None:
    spec = PortfolioSpec(loans=300, day=DAY, layout=Layout.ONE_DATE)
    _build(spec)

    run_day(spec.day)

    assert Due.objects.filter(due_date=spec.day).count() == 300
    assert_books_verify()


def test_a_portfolio_is_drawn_alike_from_a_seed_and_otherwise_from_another() -> None:
    spec = PortfolioSpec(loans=1_000, day=DAY)
    kinds = len(shapes())

    assert draw(spec, shapes=kinds).equals(draw(spec, shapes=kinds))
    other = PortfolioSpec(loans=1_000, day=DAY, seed=1)
    assert not draw(spec, shapes=kinds).equals(draw(other, shapes=kinds))


def test_the_constant_day_has_as_many_dues_in_a_portfolio_of_any_size() -> None:
    for loans in (3_000, 30_000):
        spec = PortfolioSpec(loans=loans, day=DAY, constant_dues=50)
        drawn = draw(spec, shapes=1)
        assert (drawn["due_day"] == spec.constant_day.day).sum() == 50
        assert (drawn["due_day"] == spec.day.day).sum() == loans // 30
        levy_day = (spec.constant_day - timedelta(days=4)).day
        assert (drawn["unpaid"][drawn["due_day"] == levy_day] == 0).all()
