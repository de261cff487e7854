"""Scores computed from what is stored, and kept."""

from datetime import date

import pytest
from pytest_django import DjangoAssertNumQueries

from credit.domain.history import NO_HISTORY, CreditHistory
from credit.models import CreditScore
from credit.selectors import ScoreNotFound, latest_score, score_history
from credit.services.scoring import ScoreRequest, score_borrower, score_borrowers
from tests.integration.credit.bank_files import AS_OF, borrowers, load, row
from tests.integration.users.people import registered
from users.models import Borrower
from users.signals import borrower_registered

pytestmark = pytest.mark.django_db

BILLING_RUN = CreditScore.Trigger.BILLING_RUN
PROVEN = CreditHistory(
    dues_observed=12,
    monthly_obligations_paise=5_000_00,
    instalment_amounts_paise=(5_000_00,),
    oldest_line_opened_on=date(2024, 12, 20),
    accounts_opened_6m=0,
)


@pytest.fixture
def someone() -> Borrower:
    """Return a salaried borrower of six lakh a year."""
    return borrowers(1)[0]


def test_a_new_borrower_is_scored_by_registering() -> None:
    registration = registered(1, annual_income_paise=1_800_000_00, employment_type="SALARIED")
    score = CreditScore.objects.get(borrower=registration.borrower)
    assert registration.initial_credit_score == score.score == 720
    assert score.trigger == CreditScore.Trigger.REGISTRATION
    assert (score.thin_file, score.basis, score.overlay) == (True, "NO_ADVERSE_RECORD", "")


def test_exactly_one_receiver_scores_new_borrowers(someone: Borrower) -> None:
    answers = borrower_registered.send(sender=Borrower, borrower=someone, as_of=AS_OF)
    scores: list[object] = [answer for _, answer in answers]
    assert scores == [695]


def test_a_score_is_kept_with_its_inputs_and_explanation(someone: Borrower) -> None:
    load([row(someone, day=f"2025-{month:02d}-28", amount="50000") for month in range(7, 13)])
    score = score_borrower(someone, history=PROVEN, as_of=AS_OF, trigger=BILLING_RUN)
    kept = CreditScore.objects.get(pk=score.pk)
    assert kept.model_version == "brightlend-1"
    assert kept.as_of_date == AS_OF
    assert kept.inputs["applicant"] == {
        "annual_income_paise": 60_000_000,
        "employment_type": "SALARIED",
    }
    assert kept.inputs["history"]["oldest_line_opened_on"] == "2024-12-20"
    assert kept.inputs["history"]["instalment_amounts_paise"] == [5_000_00]
    assert kept.inputs["cash_flow"]["salary_months"] == 6
    assert kept.inputs["as_of"] == "2026-01-15"
    assert {row["characteristic"]: row["points"] for row in kept.points} == {
        "payment_history": 185,
        "credit_utilization": 110,
        "credit_age": 35,
        "annual_income": 50,
        "employment": 40,
        "cash_flow": 60,
        "enquiries": 20,
    }
    assert kept.score == 300 + sum(row["points"] for row in kept.points) == 800
    assert kept.reason_codes[0] == "INCOME_FROM_5_LAKH"
    assert kept.improvements[0].keys() == {"code", "points", "text"}
    assert not kept.thin_file


def test_bank_transactions_change_the_next_score(someone: Borrower) -> None:
    score_borrower(someone, history=NO_HISTORY, as_of=AS_OF, trigger=BILLING_RUN)
    load(
        [
            row(someone, day=f"2025-{month:02d}-05", amount="30000", kind="DEBIT",
                description="LOAN_EMI")
            for month in range(10, 13)
        ]
    )  # fmt: skip
    score_borrower(someone, history=NO_HISTORY, as_of=AS_OF, trigger=BILLING_RUN)
    after, before = score_history(someone)
    assert before.points[1]["code"] == "UTILIZATION_NOT_OBSERVED"
    assert after.points[1]["code"] == "UTILIZATION_TO_75_PERCENT"
    assert after.score < before.score


def test_an_unchanged_score_is_kept_as_well_and_the_newest_wins(someone: Borrower) -> None:
    requests = [ScoreRequest(someone.pk, NO_HISTORY)]
    scores = [score_borrowers(requests, as_of=AS_OF, trigger=BILLING_RUN)[0].pk for _ in range(3)]
    assert latest_score(someone).pk == scores[-1]
    newest: list[int | None] = [score.pk for score in score_history(someone, limit=2)]
    assert newest == scores[:0:-1]


def test_a_borrower_without_a_score_has_none(someone: Borrower) -> None:
    with pytest.raises(ScoreNotFound):
        latest_score(someone)
    assert score_history(someone) == []


@pytest.mark.parametrize("many", [1, 40])
def test_any_number_of_borrowers_is_scored_in_three_statements(
    django_assert_num_queries: DjangoAssertNumQueries, many: int
) -> None:
    people = borrowers(many)
    requests = [ScoreRequest(person.pk, NO_HISTORY) for person in people]
    with django_assert_num_queries(3):
        scores = score_borrowers(requests, as_of=AS_OF, trigger=BILLING_RUN)
    assert [score.borrower_id for score in scores] == [person.pk for person in people]
    assert CreditScore.objects.filter(score=695).count() == many


def test_each_borrower_is_scored_on_their_own_record() -> None:
    one, other = borrowers(2)
    defaulted = CreditHistory(npa_or_written_off=True)
    scores = score_borrowers(
        [ScoreRequest(other.pk, defaulted), ScoreRequest(one.pk, NO_HISTORY)],
        as_of=AS_OF,
        trigger=BILLING_RUN,
    )
    assert [(score.borrower_id, score.score) for score in scores] == [
        (other.pk, 500),
        (one.pk, 695),
    ]
    assert scores[0].overlay == "NPA"


def test_nobody_is_scored_when_one_of_them_is_unknown(someone: Borrower) -> None:
    requests = [ScoreRequest(someone.pk, NO_HISTORY), ScoreRequest(someone.pk + 1, NO_HISTORY)]
    with pytest.raises(Borrower.DoesNotExist):
        score_borrowers(requests, as_of=AS_OF, trigger=BILLING_RUN)
    assert not CreditScore.objects.exists()
