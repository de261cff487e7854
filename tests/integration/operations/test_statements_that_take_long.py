"""The client's own clock: a statement that outlasts a deadline is given up, and the next is not."""

import time
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.test import RequestFactory

from bright_credit.common.api.problems import exception_handler
from bright_credit.common.deadline import finish_within

pytestmark = pytest.mark.django_db(transaction=True)


def sleep(seconds: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(%s)", [seconds])


def test_a_statement_that_outlasts_the_deadline_is_given_up_on_time() -> None:
    began = time.monotonic()
    with (
        pytest.raises(OperationalError, match="did not answer in time"),
        finish_within(timedelta(seconds=1)),
    ):
        sleep(60)
    assert 1 <= time.monotonic() - began < 10
    connection.close()
    sleep(0)  # a new connection, without a deadline


def test_the_server_ends_a_statement_that_nobody_waits_for_any_more() -> None:
    with pytest.raises(OperationalError), finish_within(timedelta(seconds=1)):
        sleep(61)
    connection.close()
    running = 1
    for _ in range(100):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%%pg_sleep(61)%%' "
                "AND state = 'active' AND pid <> pg_backend_pid()"
            )
            (running,) = cursor.fetchone()
        if not running:
            break
        time.sleep(0.1)
    assert running == 0


def test_what_the_server_itself_ends_is_answered_503() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = '100ms'")
    with pytest.raises(OperationalError) as ended:
        sleep(60)
    connection.close()
    request = RequestFactory().get("/api/v1/loans")
    answer = exception_handler(ended.value, {"request": request})
    assert answer is not None
    assert (answer.status_code, answer.data["code"]) == (503, "took_too_long")
    assert answer["Retry-After"] == "5"
