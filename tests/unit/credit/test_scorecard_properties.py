"""What holds for every score, whatever the inputs."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from credit.domain.features import CashFlow
from credit.domain.history import CreditHistory
from credit.domain.scorecard import (
    HIGHEST_SCORE,
    LOWEST_SCORE,
    OVERLAY_CAPS,
    Applicant,
    Characteristic,
    ScoreCard,
    ScoreInputs,
    score_card,
)
from tests.unit.credit.cases import AS_OF, unhurried
from users.domain.employment import MAX_ANNUAL_INCOME_PAISE, EmploymentType

small = st.integers(min_value=0, max_value=10)
paise = st.integers(min_value=0, max_value=10**10)
histories = st.builds(
    CreditHistory,
    worst_days_past_due_24m=st.integers(min_value=0, max_value=200) | st.just(0),
    npa_or_written_off=st.booleans(),
    dues_observed=st.integers(min_value=0, max_value=60),
    monthly_obligations_paise=paise | st.just(0),
    oldest_line_opened_on=st.none() | st.dates(min_value=date(2010, 1, 1), max_value=AS_OF),
    accounts_opened_6m=small,
    enquiries_90d=st.none() | small,
)
cash_flows = st.builds(
    CashFlow,
    months_covered=st.integers(min_value=0, max_value=6),
    income_months=st.integers(min_value=0, max_value=6),
    salary_months=st.integers(min_value=0, max_value=6),
    salary_credits=small,
    income_paise=paise,
    spending_paise=paise,
    average_balance_paise=st.integers(min_value=-(10**9), max_value=10**9),
    outside_obligations_paise=paise | st.just(0),
    bounces=small,
)
all_inputs = st.builds(
    ScoreInputs,
    applicant=st.builds(
        Applicant,
        annual_income_paise=st.integers(min_value=0, max_value=MAX_ANNUAL_INCOME_PAISE),
        employment_type=st.sampled_from(EmploymentType),
    ),
    history=histories,
    cash_flow=cash_flows,
    as_of=st.just(AS_OF),
)


def with_history(inputs: ScoreInputs, **changes: object) -> ScoreCard:
    """Return the score after these changes of the history."""
    return score_card(replace(inputs, history=replace(inputs.history, **changes)))  # type: ignore[arg-type]


def given_points(card: ScoreCard, characteristic: Characteristic) -> int:
    """Return the points of one characteristic."""
    return next(row.points for row in card.points if row.characteristic is characteristic)


@unhurried
@given(all_inputs)
def test_a_score_is_from_300_to_900_and_the_sum_of_its_points_but_for_the_cap(
    inputs: ScoreInputs,
) -> None:
    card = score_card(inputs)
    total = LOWEST_SCORE + sum(row.points for row in card.points)
    assert LOWEST_SCORE <= card.score <= total <= HIGHEST_SCORE
    assert all(0 <= row.points <= row.maximum for row in card.points)
    assert card.score == (min(total, OVERLAY_CAPS[card.overlay]) if card.overlay else total)
    assert tuple(row.characteristic for row in card.points) == tuple(Characteristic)


@unhurried
@given(all_inputs)
def test_the_explanation_names_what_costs_and_promises_only_what_can_be_had(
    inputs: ScoreInputs,
) -> None:
    card = score_card(inputs)
    costs = {row.code: row.lost for row in card.points if row.lost}
    assert list(card.reason_codes) == sorted(costs, key=lambda code: -costs[code])[:4]
    assert all(0 < better.points <= costs[better.code] for better in card.improvements)
    assert all("{" not in better.text for better in card.improvements)


@unhurried
@given(all_inputs, st.integers(min_value=1, max_value=100))
def test_longer_delays_never_raise_the_score(inputs: ScoreInputs, days: int) -> None:
    later = inputs.history.worst_days_past_due_24m + days
    worse = with_history(inputs, worst_days_past_due_24m=later)
    assert worse.score <= score_card(inputs).score


@unhurried
@given(all_inputs)
def test_a_default_never_raises_the_score(inputs: ScoreInputs) -> None:
    assert with_history(inputs, npa_or_written_off=True).score <= score_card(inputs).score


@unhurried
@given(all_inputs, st.integers(min_value=1, max_value=30))
def test_more_dues_paid_never_lower_the_score(inputs: ScoreInputs, dues: int) -> None:
    longer = inputs.history.dues_observed + dues
    assert with_history(inputs, dues_observed=longer).score >= score_card(inputs).score


@unhurried
@given(all_inputs, paise)
def test_more_obligations_never_raise_the_utilization_points_once_there_are_some(
    inputs: ScoreInputs, more_paise: int
) -> None:
    some = replace(inputs.history, monthly_obligations_paise=1)
    start = replace(inputs, history=some)
    heavier = with_history(start, monthly_obligations_paise=1 + more_paise)
    utilization = Characteristic.CREDIT_UTILIZATION
    assert given_points(heavier, utilization) <= given_points(score_card(start), utilization)


@unhurried
@given(all_inputs, paise)
def test_a_higher_income_never_lowers_the_score(inputs: ScoreInputs, more_paise: int) -> None:
    richer = replace(
        inputs.applicant, annual_income_paise=inputs.applicant.annual_income_paise + more_paise
    )
    raised = score_card(replace(inputs, applicant=richer))
    assert raised.score >= score_card(inputs).score


@unhurried
@given(all_inputs)
def test_more_bounces_enquiries_and_new_accounts_never_raise_the_score(
    inputs: ScoreInputs,
) -> None:
    before = score_card(inputs).score
    bounced = replace(inputs.cash_flow, bounces=inputs.cash_flow.bounces + 1)
    assert score_card(replace(inputs, cash_flow=bounced)).score <= before
    more_accounts = inputs.history.accounts_opened_6m + 1
    assert with_history(inputs, accounts_opened_6m=more_accounts).score <= before
    if inputs.history.enquiries_90d is not None:
        more_enquiries = inputs.history.enquiries_90d + 1
        assert with_history(inputs, enquiries_90d=more_enquiries).score <= before


@unhurried
@given(all_inputs, st.integers(min_value=0, max_value=4_000))
def test_time_never_lowers_the_points_for_credit_age(inputs: ScoreInputs, days: int) -> None:
    later = score_card(replace(inputs, as_of=inputs.as_of + timedelta(days=days)))
    age = Characteristic.CREDIT_AGE
    assert given_points(later, age) >= given_points(score_card(inputs), age)


@unhurried
@given(all_inputs)
def test_taking_a_first_loan_never_lowers_payment_history_or_credit_age(
    inputs: ScoreInputs,
) -> None:
    before = score_card(replace(inputs, history=CreditHistory()))
    borrowing = CreditHistory(
        monthly_obligations_paise=24_482_00,
        instalment_amounts_paise=(24_482_00,),
        oldest_line_opened_on=inputs.as_of,
        accounts_opened_6m=1,
    )
    after = score_card(replace(inputs, history=borrowing))
    for kept in (Characteristic.PAYMENT_HISTORY, Characteristic.CREDIT_AGE):
        assert given_points(after, kept) >= given_points(before, kept)
