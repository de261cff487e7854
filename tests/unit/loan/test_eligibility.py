"""Decisions: approved, referred, or rejected with every reason."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loan.domain.eligibility import (
    Applicant,
    Decision,
    InvalidPolicy,
    LoanRequest,
    ProductPolicy,
    ReasonCode,
    decide,
)
from loan.domain.frequency import Frequency
from loan.domain.lifecycle import ApplicationStatus
from loan.domain.terms import Moratorium, MoratoriumInterest
from tests.unit.loan.histories import LAKH, RUPEE, few_examples
from tests.unit.loan.policies import NEWCOMER, PERSONAL_LOAN

FIVE_LAKH = LoanRequest(amount_paise=5 * LAKH, tenure_months=24)
SMALL = LoanRequest(amount_paise=50_000 * RUPEE, tenure_months=24)


def codes(decision: Decision) -> list[str]:
    """Return the reasons' codes, in their order."""
    return [reason.code.value for reason in decision.reasons]


def applicant(**changes: Any) -> Applicant:
    """Return the newcomer with something different."""
    return replace(NEWCOMER, **changes)


def policy(**changes: Any) -> ProductPolicy:
    """Return the personal loan's policy with something different."""
    return replace(PERSONAL_LOAN, **changes)


def test_the_newcomer_is_approved_for_five_lakh_at_16_percent() -> None:
    decision = decide(FIVE_LAKH, NEWCOMER, PERSONAL_LOAN)
    assert decision.outcome is ApplicationStatus.APPROVED
    assert decision.reasons == ()
    assert (decision.rate_bps, decision.instalment_paise) == (1_600, 24_482 * RUPEE)
    assert decision.foir_bps == 1_633
    assert decision.counter_offer is None


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"kyc_status": "FAILED"}, ReasonCode.KYC_INCOMPLETE),
        ({"age_years": 20}, ReasonCode.AGE_OUT_OF_RANGE),
        ({"age_years": 59}, ReasonCode.AGE_OUT_OF_RANGE),  # 61 when the last instalment is due
        ({"age_years": 64, "employment_type": "SELF_EMPLOYED"}, ReasonCode.AGE_OUT_OF_RANGE),
        ({"employment_type": "UNEMPLOYED"}, ReasonCode.EMPLOYMENT_INELIGIBLE),
        ({"annual_income_paise": 179_999_99}, ReasonCode.INCOME_BELOW_MIN),
        ({"npa": True}, ReasonCode.EXISTING_NPA),
        ({"overdue": True}, ReasonCode.EXISTING_OVERDUE),
        ({"duplicate_application": True}, ReasonCode.DUPLICATE_APPLICATION),
        ({"in_cooldown": True}, ReasonCode.COOLDOWN_ACTIVE),
        ({"recent_enquiries": 6}, ReasonCode.RECENT_ENQUIRIES),
        ({"bounces_recent": 3}, ReasonCode.BOUNCES_RECENT),
        ({"score": 599}, ReasonCode.SCORE_BELOW_CUTOFF),
        ({"monthly_obligations_paise": 81_000 * RUPEE}, ReasonCode.FOIR_EXCEEDED),
        ({"active_loans": 2}, ReasonCode.MAX_ACTIVE_LOANS),
    ],
)
def test_each_rule_refuses_alone_with_words_and_a_remedy(
    changes: dict[str, Any], code: ReasonCode
) -> None:
    decision = decide(SMALL, applicant(**changes), PERSONAL_LOAN)
    assert decision.outcome is ApplicationStatus.REJECTED
    assert [reason.code for reason in decision.reasons] == [code]
    assert decision.reasons[0].text.endswith(".")
    assert decision.reasons[0].remedy.endswith(".")


@pytest.mark.parametrize(
    "changes",
    [
        {"kyc_status": "VERIFIED"},
        {"age_years": 21},
        {"age_years": 58},  # 60 at the last instalment
        {"age_years": 63, "employment_type": "SELF_EMPLOYED"},
        {"annual_income_paise": 180_000 * RUPEE},
        {"recent_enquiries": 5},
        {"recent_enquiries": None},
        {"bounces_recent": 2},
        {"active_loans": 1},
        {"thin_file": False},
        {"employment_type": "STUDENT"},
    ],
)
def test_a_value_on_the_limit_is_within_it(changes: dict[str, Any]) -> None:
    request = LoanRequest(amount_paise=30_000 * RUPEE, tenure_months=24)
    decision = decide(request, applicant(**changes), PERSONAL_LOAN)
    assert decision.outcome is ApplicationStatus.APPROVED


@pytest.mark.parametrize(
    ("amount_paise", "tenure_months", "code"),
    [
        (24_000 * RUPEE, 24, ReasonCode.AMOUNT_OUT_OF_RANGE),
        (25_500 * RUPEE, 24, ReasonCode.AMOUNT_OUT_OF_RANGE),  # between two steps
        (0, 24, ReasonCode.AMOUNT_OUT_OF_RANGE),
        (-LAKH, 24, ReasonCode.AMOUNT_OUT_OF_RANGE),
        (LAKH, 5, ReasonCode.TENURE_OUT_OF_RANGE),
        (LAKH, 61, ReasonCode.TENURE_OUT_OF_RANGE),
        (LAKH, 10**9, ReasonCode.TENURE_OUT_OF_RANGE),
        (LAKH, 0, ReasonCode.TENURE_OUT_OF_RANGE),
    ],
)
def test_an_amount_or_tenure_that_is_not_offered_is_not_priced(
    amount_paise: int, tenure_months: int, code: ReasonCode
) -> None:
    request = LoanRequest(amount_paise=amount_paise, tenure_months=tenure_months)
    decision = decide(request, NEWCOMER, PERSONAL_LOAN)
    assert [reason.code for reason in decision.reasons] == [code]
    assert decision.instalment_paise is decision.foir_bps is None


@pytest.mark.parametrize(("one_paisa", "expected"), [(0, []), (1, ["FOIR_EXCEEDED"])])
def test_obligations_may_take_exactly_the_cap_and_no_paisa_more(
    one_paisa: int, expected: list[str]
) -> None:
    """55 % of 1.5 lakh a month is 82,500; the instalment takes 24,482 of it."""
    others = (82_500 - 24_482) * RUPEE + one_paisa
    decision = decide(FIVE_LAKH, applicant(monthly_obligations_paise=others), PERSONAL_LOAN)
    assert codes(decision) == expected


@pytest.mark.parametrize(
    ("monthly_rupees", "cap_bps"),
    [(0, 4_000), (24_999, 4_000), (25_000, 4_500), (50_000, 5_000), (100_000, 5_500)],
)
def test_a_slab_ends_below_its_bound(monthly_rupees: int, cap_bps: int) -> None:
    slab = PERSONAL_LOAN.slab_for(monthly_rupees * 12 * RUPEE)
    assert slab.foir_cap_bps == cap_bps


def test_all_reasons_are_given_at_once_in_the_order_of_the_checks() -> None:
    hopeless = applicant(
        annual_income_paise=100_000 * RUPEE,
        employment_type="UNEMPLOYED",
        kyc_status="FAILED",
        age_years=70,
        npa=True,
        overdue=True,
        score=310,
        active_loans=5,
    )
    request = LoanRequest(amount_paise=30 * LAKH, tenure_months=100)
    assert codes(decide(request, hopeless, PERSONAL_LOAN)) == [
        "AMOUNT_OUT_OF_RANGE",
        "TENURE_OUT_OF_RANGE",
        "KYC_INCOMPLETE",
        "AGE_OUT_OF_RANGE",
        "EMPLOYMENT_INELIGIBLE",
        "INCOME_BELOW_MIN",
        "EXISTING_NPA",
        "EXISTING_OVERDUE",
        "SCORE_BELOW_CUTOFF",
        "MULTIPLIER_EXCEEDED",
        "MAX_ACTIVE_LOANS",
    ]


def test_having_no_history_is_no_reason_by_itself() -> None:
    assert decide(SMALL, applicant(thin_file=True), PERSONAL_LOAN).reasons == ()


def test_the_income_multiplier_is_halved_without_history_or_bank_data() -> None:
    """Eighteen lakh a year is 1.5 lakh a month: twenty times that is 30 lakh, halved 15 lakh."""
    request = LoanRequest(amount_paise=16 * LAKH, tenure_months=60)
    rich = {"score": 800}
    assert codes(decide(request, applicant(**rich), PERSONAL_LOAN)) == ["MULTIPLIER_EXCEEDED"]
    known = applicant(**rich, has_bank_data=True)
    assert decide(request, known, PERSONAL_LOAN).outcome is ApplicationStatus.APPROVED


@pytest.mark.parametrize(
    ("changes", "amount_paise", "expected"),
    [
        ({"score": 750}, 15 * LAKH, ["INCOME_UNVERIFIED"]),
        ({"score": 720}, 6 * LAKH, ["AMOUNT_ABOVE_AUTO_LIMIT"]),
        ({"score": 699}, LAKH, ["SCORE_NEEDS_REVIEW"]),
        ({"score": 649}, LAKH, ["SCORE_NEEDS_REVIEW"]),
        ({"fraud_suspected": True}, LAKH, ["FRAUD_SUSPECT"]),
    ],
)
def test_a_person_decides_what_no_rule_refuses_but_one_questions(
    changes: dict[str, Any], amount_paise: int, expected: list[str]
) -> None:
    request = LoanRequest(amount_paise=amount_paise, tenure_months=48)
    decision = decide(request, applicant(**changes), PERSONAL_LOAN)
    assert decision.outcome is ApplicationStatus.REFERRED
    assert codes(decision) == expected
    assert decision.rate_bps is not None


def test_verified_identity_may_be_required() -> None:
    strict = policy(requires_verified_kyc=True)
    assert codes(decide(SMALL, NEWCOMER, strict)) == ["KYC_INCOMPLETE"]
    assert decide(SMALL, applicant(kyc_status="VERIFIED"), strict).reasons == ()


@pytest.mark.parametrize(
    ("score", "rate_bps"),
    [(900, 1_200), (800, 1_200), (799, 1_400), (700, 1_600), (699, 2_000), (600, 2_400)],
)
def test_the_price_follows_the_score(score: int, rate_bps: int) -> None:
    assert decide(SMALL, applicant(score=score), PERSONAL_LOAN).rate_bps == rate_bps


def test_an_income_of_nothing_is_refused_without_dividing_by_it() -> None:
    lenient = policy(minimum_annual_income_paise=0)
    decision = decide(SMALL, applicant(annual_income_paise=0), lenient)
    assert codes(decision) == ["FOIR_EXCEEDED", "MULTIPLIER_EXCEEDED"]
    assert decision.foir_bps is None


def test_an_absurd_ratio_is_reported_up_to_a_bound() -> None:
    lenient = policy(minimum_annual_income_paise=0)
    assert decide(SMALL, applicant(annual_income_paise=1), lenient).foir_bps == 1_000_000


FIRST_BAND, *OTHER_BANDS = PERSONAL_LOAN.pricing_bands
LOW, *HIGHER_SLABS = PERSONAL_LOAN.affordability_slabs


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("minimum_amount", {"minimum_amount_paise": 0}),
        ("minimum_amount", {"minimum_amount_paise": 26 * LAKH}),
        ("amount_step", {"amount_step_paise": 0}),
        ("minimum_tenure", {"minimum_tenure_months": 0}),
        ("minimum_tenure", {"minimum_tenure_months": 61}),
        ("pricing_bands", {"pricing_bands": (FIRST_BAND, FIRST_BAND)}),
        ("pricing_bands", {"pricing_bands": (replace(FIRST_BAND, rate_bps=-1),)}),
        ("affordability_slabs", {"affordability_slabs": ()}),
        ("affordability_slabs", {"affordability_slabs": (LOW,)}),
        ("affordability_slabs", {"affordability_slabs": (LOW, LOW, HIGHER_SLABS[-1])}),
        ("affordability_slabs", {"affordability_slabs": (HIGHER_SLABS[-1], HIGHER_SLABS[-1])}),
    ],
)
def test_a_policy_that_contradicts_itself_is_refused(field: str, changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidPolicy) as refusal:
        policy(**changes)
    assert refusal.value.field == field


requests = st.builds(
    LoanRequest,
    amount_paise=st.integers(20, 2_600).map(lambda thousands: thousands * 1_000 * RUPEE),
    tenure_months=st.integers(3, 70),
)
applicants = st.builds(
    Applicant,
    annual_income_paise=st.integers(10_000 * RUPEE, 60 * LAKH),
    employment_type=st.sampled_from(["SALARIED", "SELF_EMPLOYED", "PENSIONER", "UNEMPLOYED"]),
    score=st.integers(300, 900),
    thin_file=st.booleans(),
    has_bank_data=st.booleans(),
    monthly_obligations_paise=st.one_of(st.just(0), st.integers(0, 2 * LAKH)),
    active_loans=st.integers(0, 3),
    overdue=st.just(False),
    npa=st.just(False),
    age_years=st.one_of(st.none(), st.integers(18, 70)),
)


@few_examples
@given(requests, applicants)
def test_a_decision_has_reasons_exactly_when_it_is_no_approval(
    request: LoanRequest, someone: Applicant
) -> None:
    decision = decide(request, someone, PERSONAL_LOAN)
    assert (decision.outcome is ApplicationStatus.APPROVED) == (decision.reasons == ())
    assert len(set(codes(decision))) == len(decision.reasons)
    if decision.outcome is not ApplicationStatus.REJECTED:
        assert decision.counter_offer is None


@few_examples
@given(requests, applicants)
def test_what_is_offered_instead_would_not_be_refused(
    request: LoanRequest, someone: Applicant
) -> None:
    offer = decide(request, someone, PERSONAL_LOAN).counter_offer
    if offer is None:
        return
    again = decide(
        LoanRequest(amount_paise=offer.amount_paise, tenure_months=offer.tenure_months),
        someone,
        PERSONAL_LOAN,
    )
    assert offer.amount_paise <= request.amount_paise
    assert again.outcome is (
        ApplicationStatus.REFERRED if offer.needs_review else ApplicationStatus.APPROVED
    )
    assert (again.rate_bps, again.instalment_paise) == (offer.rate_bps, offer.instalment_paise)


@few_examples
@given(requests, applicants, st.integers(1, 10 * LAKH))
def test_a_higher_income_never_finds_a_new_reason_to_refuse(
    request: LoanRequest, someone: Applicant, more_paise: int
) -> None:
    richer = replace(someone, annual_income_paise=someone.annual_income_paise + more_paise)
    after = decide(request, richer, PERSONAL_LOAN)
    if after.outcome is ApplicationStatus.REJECTED:
        assert set(codes(after)) <= set(codes(decide(request, someone, PERSONAL_LOAN)))


def test_instalments_of_weeks_and_quarters_are_judged_by_the_year() -> None:
    """52 weeks of 10,420 or 4 quarters of 1,37,745 beside an income of 18 lakh."""
    weekly = replace(PERSONAL_LOAN, frequency=Frequency.WEEKLY)
    quarterly = replace(PERSONAL_LOAN, frequency=Frequency.QUARTERLY)
    request = LoanRequest(amount_paise=5 * LAKH, tenure_months=12)
    by_weeks, by_quarters = (decide(request, applicant(), policy) for policy in (weekly, quarterly))
    assert by_weeks.instalment_paise == 10_420 * RUPEE
    assert by_weeks.foir_bps == 3_011  # 52 × 10,420 ÷ 18,00,000, rounded up
    assert by_quarters.instalment_paise == 137_745 * RUPEE
    assert by_quarters.foir_bps == 3_061


def test_a_tenure_of_broken_quarters_is_refused_and_a_whole_one_offered() -> None:
    quarterly = replace(PERSONAL_LOAN, frequency=Frequency.QUARTERLY)
    decision = decide(LoanRequest(amount_paise=5 * LAKH, tenure_months=13), applicant(), quarterly)
    assert [reason.code for reason in decision.reasons] == [ReasonCode.TENURE_OUT_OF_RANGE]
    assert decision.counter_offer is not None
    assert decision.counter_offer.tenure_months == 12


def test_what_a_moratorium_leaves_is_repaid_in_fewer_and_larger_instalments() -> None:
    """5,20,000 over 21 months at 16 %: 28,553.79."""
    moratorium = Moratorium(
        principal_periods=3, interest_periods=3, interest=MoratoriumInterest.CAPITALISED
    )
    policy = replace(PERSONAL_LOAN, moratorium=moratorium)
    decision = decide(LoanRequest(amount_paise=5 * LAKH, tenure_months=24), applicant(), policy)
    assert decision.instalment_paise == 28_554 * RUPEE


def test_a_moratorium_as_long_as_the_shortest_loan_is_no_policy() -> None:
    with pytest.raises(InvalidPolicy, match="shorter than the shortest loan"):
        replace(PERSONAL_LOAN, moratorium=Moratorium(principal_periods=6))
