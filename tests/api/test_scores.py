"""GET /api/v1/credit/scores."""

from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from credit.domain.history import NO_HISTORY, CreditHistory
from credit.models import CreditScore
from credit.services.scoring import score_borrower
from tests.api.problem import faults, problem_of
from tests.integration.credit.bank_files import AS_OF, borrowers
from tests.integration.users.people import registered
from users.models import Borrower

URL = "/api/v1/credit/scores"

pytestmark = pytest.mark.django_db


@pytest.fixture
def rahul() -> Borrower:
    """Return the contract's borrower, just registered."""
    return registered(1, annual_income_paise=1_800_000_00, employment_type="SALARIED").borrower


def get(client: Client, **query: Any) -> Any:
    """Ask for scores."""
    return client.get(URL, query)


def rescore(borrower: Borrower, history: CreditHistory = NO_HISTORY) -> CreditScore:
    """Score a borrower once more."""
    return score_borrower(
        borrower, history=history, as_of=AS_OF, trigger=CreditScore.Trigger.BILLING_RUN
    )


def test_the_contracts_borrower_has_the_contracts_answer(client: Client, rahul: Borrower) -> None:
    answer = get(client, user_id=rahul.public_id).json()
    assert answer["score"] == 720
    assert answer["factors"] == {
        "payment_history": "EXCELLENT",
        "credit_utilization": "LOW_RISK",
        "credit_age": "GOOD",
    }


def test_the_answer_explains_the_score(client: Client, rahul: Borrower) -> None:
    answer = get(client, user_id=rahul.public_id).json()
    assert answer.keys() == {
        "score",
        "factors",
        "model_version",
        "as_of",
        "computed_at",
        "trigger",
        "thin_file",
        "basis",
        "overlay",
        "points",
        "reason_codes",
        "improvements",
    }
    assert answer["model_version"] == "brightlend-1"
    assert answer["thin_file"] is True
    assert answer["basis"] == "NO_ADVERSE_RECORD"
    assert answer["overlay"] is None
    assert answer["points"][0] == {
        "characteristic": "payment_history",
        "points": 145,
        "maximum": 200,
        "band": "EXCELLENT",
        "code": "PAYMENT_HISTORY_UNPROVEN",
    }
    assert sum(row["points"] for row in answer["points"]) == 420
    assert answer["reason_codes"][0] == "PAYMENT_HISTORY_UNPROVEN"
    assert answer["improvements"][0] == {
        "code": "CASH_FLOW_NOT_KNOWN",
        "points": 40,
        "text": "Share bank transactions of at least 3 full months.",
    }


def test_the_newest_score_is_served(client: Client, rahul: Borrower) -> None:
    rescore(rahul, CreditHistory(npa_or_written_off=True))
    answer = get(client, user_id=rahul.public_id).json()
    assert answer["score"] == 500
    assert answer["overlay"] == "NPA"
    assert answer["as_of"] == AS_OF.isoformat()
    assert answer["trigger"] == "BILLING_RUN"
    assert answer["factors"]["payment_history"] == "POOR"


class TestHistory:
    def test_it_lists_the_scores_newest_first(self, client: Client, rahul: Borrower) -> None:
        rescore(rahul, CreditHistory(worst_days_past_due_24m=45))
        answer = get(client, user_id=rahul.public_id, history="true").json()
        assert [score["score"] for score in answer["history"]] == [650, 720]
        newest = dict(answer)
        assert newest.pop("history")[0] == newest

    @pytest.mark.parametrize("query", [{}, {"history": "false"}])
    def test_it_is_left_out_unless_asked_for(
        self, client: Client, rahul: Borrower, query: dict[str, str]
    ) -> None:
        assert "history" not in get(client, user_id=rahul.public_id, **query).json()

    def test_it_has_at_most_as_many_as_asked_for(self, client: Client, rahul: Borrower) -> None:
        for _ in range(24):
            rescore(rahul)
        for limit, expected in (({}, 20), ({"limit": 3}, 3), ({"limit": 100}, 25)):
            answer = get(client, user_id=rahul.public_id, history="true", **limit).json()
            assert len(answer["history"]) == expected

    def test_its_length_does_not_change_the_number_of_statements(
        self,
        client: Client,
        rahul: Borrower,
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        for _ in range(2):
            with django_assert_num_queries(2):
                get(client, user_id=rahul.public_id)
            with django_assert_num_queries(2):
                get(client, user_id=rahul.public_id, history="true", limit=100)
            for _ in range(30):
                rescore(rahul)


class TestRefusals:
    @pytest.mark.parametrize(
        "user_id",
        ["BC-USER-999", "BC-USER-9", "bc-user-001", "1", "BC-USER-" + "9" * 20, "BC-USER-००१"],
    )
    def test_an_unknown_borrower_is_not_found(self, client: Client, user_id: str) -> None:
        body = problem_of(get(client, user_id=user_id), status=404, code="borrower_not_found")
        assert faults(body) == [("user_id", "borrower_not_found")]

    def test_a_borrower_who_was_never_scored_has_no_score(self, client: Client) -> None:
        unscored = borrowers(1)[0]
        for query in ({}, {"history": "true"}):
            answer = get(client, user_id=unscored.public_id, **query)
            problem_of(answer, status=404, code="score_not_found")

    @pytest.mark.parametrize(
        ("query", "fault"),
        [
            ({}, ("user_id", "required")),
            ({"user_id": ""}, ("user_id", "blank")),
            ({"user_id": "x" * 33}, ("user_id", "max_length")),
            ({"user_id": "BC-USER-001\0"}, ("user_id", "invalid_characters")),
            ({"user_id": ["BC-USER-001", "BC-USER-002"]}, ("user_id", "repeated_parameter")),
            ({"user_id": "BC-USER-001", "history": "1"}, ("history", "not_a_boolean")),
            ({"user_id": "BC-USER-001", "history": "True"}, ("history", "not_a_boolean")),
            ({"user_id": "BC-USER-001", "limit": "0"}, ("limit", "min_value")),
            ({"user_id": "BC-USER-001", "limit": "101"}, ("limit", "max_value")),
            ({"user_id": "BC-USER-001", "limit": "१"}, ("limit", "not_an_integer")),
            ({"user_id": "BC-USER-001", "page": "1"}, ("page", "unknown_field")),
        ],
    )
    def test_a_malformed_query_names_its_fault(
        self, client: Client, query: dict[str, object], fault: tuple[str, str]
    ) -> None:
        assert fault in faults(problem_of(get(client, **query), status=400))

    @pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
    def test_scores_are_only_read(self, client: Client, method: str) -> None:
        problem_of(getattr(client, method)(URL), status=405, code="method_not_allowed")
