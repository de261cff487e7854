"""What is offered instead: a longer tenure first, then a smaller amount, or nothing."""

from dataclasses import replace

from loan.domain.eligibility import CounterOffer, LoanRequest, decide
from tests.unit.loan.histories import LAKH, RUPEE
from tests.unit.loan.policies import NEWCOMER, PERSONAL_LOAN


def offered(
    amount_paise: int,
    tenure_months: int,
    *,
    obligations_paise: int = 0,
    score: int = 720,
    age_years: int | None = None,
) -> CounterOffer | None:
    """Return what the newcomer is offered instead of a request."""
    someone = replace(
        NEWCOMER,
        monthly_obligations_paise=obligations_paise,
        score=score,
        age_years=age_years,
    )
    request = LoanRequest(amount_paise=amount_paise, tenure_months=tenure_months)
    return decide(request, someone, PERSONAL_LOAN).counter_offer


def test_the_shortest_longer_tenure_that_is_affordable_comes_first() -> None:
    """55 % of 1.5 lakh a month is 82,500: over 6 months it takes 87,265, over 7 months 75,289."""
    assert offered(5 * LAKH, 6) == CounterOffer(
        amount_paise=5 * LAKH,
        tenure_months=7,
        rate_bps=1_600,
        instalment_paise=75_289 * RUPEE,
        needs_review=False,
    )


def test_when_no_tenure_helps_the_amount_is_cut_down_to_whole_thousands() -> None:
    """2,500 of room a month over 60 months at 16 % bear 102,804, that is 102 thousand."""
    offer = offered(5 * LAKH, 60, obligations_paise=80_000 * RUPEE)
    assert offer is not None
    assert (offer.amount_paise, offer.tenure_months) == (102_000 * RUPEE, 60)
    assert offer.instalment_paise <= 2_500 * RUPEE


def test_an_amount_above_a_cap_is_cut_at_the_tenure_asked_for() -> None:
    """20 lakh are above ten times the income; 82,500 a month over 6 months bear 4.72 lakh."""
    offer = offered(20 * LAKH, 6)
    assert offer is not None
    assert (offer.amount_paise, offer.tenure_months) == (472_000 * RUPEE, 6)


def test_the_cut_amount_keeps_the_tenure_asked_for_when_it_can() -> None:
    offer = offered(5 * LAKH, 24, obligations_paise=80_000 * RUPEE)
    assert offer is not None
    assert (offer.amount_paise, offer.tenure_months) == (51_000 * RUPEE, 24)


def test_the_longest_tenure_is_the_last_resort() -> None:
    """1,000 of room over 24 months bear 20,423, less than is lent at all; over 60 months 41,121."""
    offer = offered(5 * LAKH, 24, obligations_paise=81_500 * RUPEE)
    assert offer is not None
    assert (offer.amount_paise, offer.tenure_months) == (41_000 * RUPEE, 60)


def test_nothing_is_offered_when_the_room_is_below_the_smallest_loan() -> None:
    assert offered(5 * LAKH, 24, obligations_paise=82_400 * RUPEE) is None


def test_a_score_with_a_cap_is_offered_the_cap_and_told_that_a_person_decides() -> None:
    offer = offered(3 * LAKH, 24, score=620)
    assert offer is not None
    assert (offer.amount_paise, offer.rate_bps, offer.needs_review) == (LAKH, 2_400, True)


def test_an_amount_between_two_steps_is_offered_the_lower_one() -> None:
    offer = offered(LAKH + 50_000, 24)
    assert offer is not None
    assert (offer.amount_paise, offer.tenure_months) == (LAKH, 24)


def test_a_tenure_that_is_not_offered_is_moved_to_the_nearest_one() -> None:
    assert [getattr(offered(LAKH, months), "tenure_months", None) for months in (3, 90)] == [6, 60]


def test_the_last_instalment_stays_within_the_age_limit() -> None:
    offer = offered(LAKH, 36, age_years=58)
    assert offer is not None
    assert offer.tenure_months == 24


def test_nothing_is_offered_when_another_rule_refuses_too() -> None:
    someone = replace(NEWCOMER, overdue=True)
    request = LoanRequest(amount_paise=5 * LAKH, tenure_months=6)
    assert decide(request, someone, PERSONAL_LOAN).counter_offer is None


def test_nothing_is_offered_to_those_too_young_or_too_old_for_any_tenure() -> None:
    assert offered(LAKH, 24, age_years=20) is None
    assert offered(LAKH, 24, age_years=60) is None


def test_a_request_below_the_smallest_loan_is_not_raised() -> None:
    assert offered(10_000 * RUPEE, 24) is None
