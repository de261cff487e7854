"""Statements in one message do what they would do one by one, and cost one journey."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.db.models import BigIntegerField, Exists, OuterRef, QuerySet
from django.db.transaction import TransactionManagementError
from pytest_django import DjangoAssertNumQueries

from bright_credit.common.postgresql.messages import (
    ReadyQuery,
    Slot,
    Statement,
    change,
    insertion,
    send,
)
from loan.models import BusinessDay, Loan, LoanProduct, Payment
from tests.builders import a_disbursed_loan, a_product
from tests.integration.loan.racing import await_waiters, start

pytestmark = pytest.mark.django_db

DAY = "SELECT closed_through_date FROM loan_businessday"


def test_each_statement_gives_its_own_rows_for_one_query(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    told: list[Any] = []
    with django_assert_num_queries(1):
        answers = send(
            Statement("SELECT %s::text, 1", ["100 % of it; and -- more"]),
            Statement("SELECT 2 WHERE false"),
            Statement("SET LOCAL lock_timeout = '5s'"),
            Statement("SELECT generate_series(1, %s)", [3], told.append),
        )
    assert answers == [[("100 % of it; and -- more", 1)], [], (), [(1,), (2,), (3,)]]
    assert told == [[(1,), (2,), (3,)]]


def test_a_statement_sees_what_those_before_it_did() -> None:
    a_disbursed_loan()
    moved = Statement("UPDATE loan_businessday SET closed_through_date = %s", [date(2027, 1, 1)])
    _, rows = send(moved, Statement(DAY))
    assert rows == [(date(2027, 1, 1),)]


def test_nothing_of_a_message_stays_when_its_last_statement_fails() -> None:
    loan = a_disbursed_loan()
    with pytest.raises(IntegrityError), transaction.atomic():
        send(
            Statement("UPDATE loan_loan SET penal_grace_days = 99 WHERE id = %s", [loan.pk]),
            Statement("UPDATE loan_loan SET advance_paise = -1 WHERE id = %s", [loan.pk]),
            Statement("UPDATE loan_loan SET penal_grace_days = 98 WHERE id = %s", [loan.pk]),
        )
    loan.refresh_from_db()
    assert loan.penal_grace_days not in {98, 99}


@pytest.mark.parametrize("ready", [False, True])
@pytest.mark.django_db(transaction=True)
def test_what_is_read_after_a_lock_in_its_message_was_committed_by_whoever_held_it(
    *, ready: bool
) -> None:
    """The snapshot of a statement is taken when it begins, not when its message is sent."""
    BusinessDay.objects.create(closed_through_date=date(2026, 1, 1))
    lock = Statement("SELECT pg_advisory_xact_lock(%s)", [42], ready=ready)
    with ThreadPoolExecutor(max_workers=1) as pool:
        with transaction.atomic():
            send(lock)
            reader = start(pool, lambda: send(lock, Statement(DAY, ready=ready))[1])
            await_waiters(1)
            BusinessDay.objects.update(closed_through_date=date(2026, 1, 2))
        assert reader.result(30) == [(date(2026, 1, 2),)]


def the_loan(key: Any) -> QuerySet[Loan]:
    paid = Payment.objects.filter(loan=OuterRef("pk"))
    return Loan.objects.filter(pk=key).annotate(is_paid=Exists(paid))


def test_a_query_worded_once_finds_what_the_queryset_finds() -> None:
    a_product()
    loans = [a_disbursed_loan(), a_disbursed_loan()]
    Loan.objects.filter(pk=loans[1].pk).update(
        penal_charge_paise=0, penal_by_rule=True, penal_slabs=[[3, 500_00], [30, 900_00]]
    )
    query = ReadyQuery(the_loan(Slot("key", BigIntegerField())))
    for loan in loans:
        (rows,) = send(query.asking(key=loan.pk))
        (found,) = query.read(rows)
        same: Any = the_loan(loan.pk).get()
        assert vars(found) | {"_state": None} == vars(same) | {"_state": None}
        assert (found._state.adding, found._state.db) == (False, "default")
    assert found.penal_slabs == [[3, 500_00], [30, 900_00]]


def test_columns_worded_once_come_as_rows() -> None:
    product = a_product()
    by_code = LoanProduct.objects.filter(code=Slot("code", LoanProduct._meta.get_field("code")))
    query: ReadyQuery[LoanProduct] = ReadyQuery(by_code.values_list("code", "name"))
    assert send(query.asking(code=product.code)) == [[(product.code, product.name)]]
    assert send(query.asking(code="' OR true --")) == [[]]


@pytest.mark.django_db(transaction=True)
def test_a_lock_is_refused_where_no_transaction_would_hold_it() -> None:
    query = ReadyQuery(Loan.objects.select_for_update().filter(pk=Slot("key", BigIntegerField())))
    with transaction.atomic():
        send(query.asking(key=1))
    with pytest.raises(TransactionManagementError):
        query.asking(key=1)


def test_rows_are_added_with_their_keys_and_changed_in_the_named_fields() -> None:
    groups = [Group(name="tellers"), Group(name="' -- 100 %")]
    send(*insertion(groups))
    stored = Group.objects.in_bulk([group.pk for group in groups])
    assert [stored[group.pk].name for group in groups] == ["tellers", "' -- 100 %"]
    assert not any(group._state.adding for group in groups)
    loan = a_disbursed_loan()
    loan.penal_grace_days, loan.penal_slabs, loan.apr_bps = 9, [[1, 2]], 1
    send(change(loan, ["penal_grace_days"]))
    stored_loan = Loan.objects.get(pk=loan.pk)
    assert (stored_loan.penal_grace_days, stored_loan.penal_slabs) == (9, [])
    assert stored_loan.apr_bps != 1


def test_no_rows_make_no_statement() -> None:
    assert insertion([]) == ()
