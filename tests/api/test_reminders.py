"""Borrowers refuse reminders, and want them again."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from bright_credit.common.audit_trail.models import AuditEntry
from tests.api.problem import problem_of
from tests.builders import a_borrower
from tests.callers import as_borrower

pytestmark = pytest.mark.django_db

ADDRESS = "/api/v1/users/reminders"


def test_a_borrower_chooses_for_themselves_alone(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    borrower, other = a_borrower(), a_borrower()
    headers = as_borrower(borrower)
    for wanted in (False, True, False):
        # Who calls; begin, the borrower locked, the choice, commit.
        with django_assert_num_queries(5):
            answer = client.post(
                ADDRESS,
                {"wanted": wanted},
                content_type="application/json",
                **headers,  # type: ignore[arg-type]
            )
        assert (answer.status_code, answer.json()) == (200, {"wanted": wanted})
        borrower.refresh_from_db()
        assert borrower.wants_reminders is wanted
    other.refresh_from_db()
    assert other.wants_reminders


def test_who_refused_reminders_is_in_the_audit_trail(client: Client) -> None:
    borrower = a_borrower()
    headers = as_borrower(borrower)
    client.post(
        ADDRESS,
        {"wanted": False},
        content_type="application/json",
        **headers,  # type: ignore[arg-type]
    )
    (entry,) = AuditEntry.objects.filter(table_name="users_borrower", change="UPDATE")
    assert (entry.origin, entry.actor) == ("API", f"borrower:{borrower.pk}")
    assert (entry.before, entry.after) == ({"wants_reminders": True}, {"wants_reminders": False})


@pytest.mark.parametrize(
    "body", [{}, {"wanted": "no"}, {"wanted": False, "user_id": "BC-USER-001"}]
)
def test_what_is_no_choice_is_refused(client: Client, body: dict[str, object]) -> None:
    borrower = a_borrower()
    headers = as_borrower(borrower)
    answer = client.post(
        ADDRESS,
        body,
        content_type="application/json",
        **headers,  # type: ignore[arg-type]
    )
    problem_of(answer, status=400)
    borrower.refresh_from_db()
    assert borrower.wants_reminders


def test_the_lenders_own_machine_chooses_for_nobody(client: Client) -> None:
    a_borrower()
    a_borrower()
    answer = client.post(ADDRESS, {"wanted": False}, content_type="application/json")
    problem_of(answer, status=422, code="only_borrowers")
