"""The scorecard: the worked borrowers, every edge of every bin, the overlays, the explanation."""

from datetime import date

import pytest

from credit.domain.bins import Band
from credit.domain.features import CashFlow
from credit.domain.history import CreditHistory
from credit.domain.scorecard import (
    HIGHEST_SCORE,
    LOWEST_SCORE,
    MAXIMUM_POINTS,
    MODEL_VERSION,
    Basis,
    Characteristic,
    CharacteristicPoints,
    Overlay,
    ScoreInputs,
    score_card,
)
from tests.unit.credit.cases import AS_OF, EIGHTEEN_LAKH, LAKH, STEADY, inputs, record
from users.domain.employment import EmploymentType


def row(of: ScoreInputs, characteristic: Characteristic) -> CharacteristicPoints:
    """Return what one characteristic gave."""
    return next(row for row in score_card(of).points if row.characteristic is characteristic)


def points(of: ScoreInputs, characteristic: Characteristic) -> tuple[int, str]:
    """Return the points and the band of one characteristic."""
    found = row(of, characteristic)
    return found.points, found.band.value


class TestWorkedBorrowers:
    def test_the_contracts_borrower_has_720(self) -> None:
        card = score_card(inputs())
        assert card.score == 720
        assert [row.points for row in card.points] == [145, 90, 35, 75, 35, 20, 20]
        assert card.band(Characteristic.PAYMENT_HISTORY) == Band.EXCELLENT
        assert card.band(Characteristic.CREDIT_UTILIZATION) == Band.LOW_RISK
        assert card.band(Characteristic.CREDIT_AGE) == Band.GOOD
        assert card.thin_file
        assert card.basis is Basis.NO_ADVERSE_RECORD
        assert card.overlay is None
        assert card.model_version == MODEL_VERSION == "brightlend-1"

    @pytest.mark.parametrize(
        ("annual_income_paise", "employment_type", "score"),
        [
            (6 * LAKH, EmploymentType.SALARIED, 695),
            (3 * LAKH, EmploymentType.SELF_EMPLOYED, 670),
            (0, EmploymentType.STUDENT, 615),
        ],
    )
    def test_others_new_to_credit_have_the_scores_worked_by_hand(
        self, annual_income_paise: int, employment_type: EmploymentType, score: int
    ) -> None:
        new = inputs(annual_income_paise=annual_income_paise, employment_type=employment_type)
        assert score_card(new).score == score

    def test_a_year_of_clean_instalments_at_a_sixth_of_the_income_leads_to_805(self) -> None:
        """185 + 95 + 35 + 75 + 40 + 45 + 30, with the salary seen, some of it kept, one enquiry."""
        proven = inputs(
            history=record(
                dues_observed=12,
                monthly_obligations_paise=24_482_00,
                instalment_amounts_paise=(24_482_00,),
                oldest_line_opened_on=date(2024, 12, 20),
                enquiries_90d=1,
            ),
            cash_flow=CashFlow(
                months_covered=6,
                income_months=6,
                salary_months=6,
                salary_credits=6,
                income_paise=9 * LAKH,
                spending_paise=7 * LAKH,
                average_balance_paise=30_000_00,
            ),
        )
        card = score_card(proven)
        assert [row.points for row in card.points] == [185, 95, 35, 75, 40, 45, 30]
        assert card.score == 805
        assert not card.thin_file
        assert card.basis is Basis.OBSERVED_REPAYMENT

    def test_the_best_possible_borrower_has_900(self) -> None:
        best = inputs(
            annual_income_paise=25 * LAKH,
            history=record(
                dues_observed=24,
                monthly_obligations_paise=1_00,
                oldest_line_opened_on=date(2021, 1, 15),
                enquiries_90d=0,
            ),
            cash_flow=STEADY,
        )
        card = score_card(best)
        assert card.score == HIGHEST_SCORE == 900
        assert card.reason_codes == ()
        assert card.improvements == ()

    def test_the_worst_possible_borrower_has_300(self) -> None:
        worst = inputs(
            annual_income_paise=0,
            employment_type=EmploymentType.UNEMPLOYED,
            history=record(
                npa_or_written_off=True,
                monthly_obligations_paise=1,
                accounts_opened_6m=5,
                enquiries_90d=6,
            ),
            cash_flow=CashFlow(months_covered=6, spending_paise=1, bounces=9),
        )
        assert score_card(worst).score == LOWEST_SCORE == 300

    def test_the_maximum_points_fill_the_range(self) -> None:
        assert LOWEST_SCORE + sum(MAXIMUM_POINTS.values()) == HIGHEST_SCORE


PAYMENT_EDGES = [
    (record(), (145, "EXCELLENT")),
    (record(dues_observed=5), (145, "EXCELLENT")),
    (record(dues_observed=6), (165, "EXCELLENT")),
    (record(dues_observed=11), (165, "EXCELLENT")),
    (record(dues_observed=12), (185, "EXCELLENT")),
    (record(dues_observed=23), (185, "EXCELLENT")),
    (record(dues_observed=24), (200, "EXCELLENT")),
    (record(dues_observed=240), (200, "EXCELLENT")),
    (record(dues_observed=24, worst_days_past_due_24m=1), (120, "GOOD")),
    (record(worst_days_past_due_24m=29), (120, "GOOD")),
    (record(worst_days_past_due_24m=30), (80, "FAIR")),
    (record(worst_days_past_due_24m=59), (80, "FAIR")),
    (record(worst_days_past_due_24m=60), (40, "POOR")),
    (record(worst_days_past_due_24m=89), (40, "POOR")),
    (record(worst_days_past_due_24m=90), (0, "POOR")),
    (record(worst_days_past_due_24m=5_000), (0, "POOR")),
    (record(dues_observed=24, npa_or_written_off=True), (0, "POOR")),
]


@pytest.mark.parametrize(("history", "expected"), PAYMENT_EDGES)
def test_payment_history_at_its_edges(history: CreditHistory, expected: tuple[int, str]) -> None:
    assert points(inputs(history=history), Characteristic.PAYMENT_HISTORY) == expected


# Eighteen lakh a year is 1,50,000 a month: a tenth is 15,000.
@pytest.mark.parametrize(
    ("obligations_paise", "expected"),
    [
        (0, (90, "LOW_RISK")),
        (1, (110, "LOW_RISK")),
        (15_000_00, (110, "LOW_RISK")),
        (15_000_01, (95, "LOW_RISK")),
        (45_000_00, (95, "LOW_RISK")),
        (45_000_01, (65, "MEDIUM_RISK")),
        (75_000_00, (65, "MEDIUM_RISK")),
        (75_000_01, (30, "HIGH_RISK")),
        (1_12_500_00, (30, "HIGH_RISK")),
        (1_12_500_01, (0, "HIGH_RISK")),
        (10**15, (0, "HIGH_RISK")),
    ],
)
def test_credit_utilization_at_its_edges(obligations_paise: int, expected: tuple[int, str]) -> None:
    history = record(monthly_obligations_paise=obligations_paise)
    assert points(inputs(history=history), Characteristic.CREDIT_UTILIZATION) == expected


def test_any_obligation_without_an_income_is_high_risk() -> None:
    owing = inputs(
        annual_income_paise=0,
        employment_type=EmploymentType.STUDENT,
        history=record(monthly_obligations_paise=1),
    )
    assert points(owing, Characteristic.CREDIT_UTILIZATION) == (0, "HIGH_RISK")


def test_obligations_elsewhere_count_with_our_own() -> None:
    elsewhere = CashFlow(months_covered=1, outside_obligations_paise=30_000_00)
    both = inputs(history=record(monthly_obligations_paise=15_000_01), cash_flow=elsewhere)
    assert points(both, Characteristic.CREDIT_UTILIZATION) == (65, "MEDIUM_RISK")


@pytest.mark.parametrize(
    ("opened_on", "accounts_opened_6m", "expected"),
    [
        (None, 0, (35, "GOOD")),
        (AS_OF, 1, (35, "GOOD")),
        (date(2024, 1, 16), 0, (35, "GOOD")),
        (date(2024, 1, 15), 0, (55, "GOOD")),
        (date(2021, 1, 16), 0, (55, "GOOD")),
        (date(2021, 1, 15), 0, (70, "EXCELLENT")),
        (date(2021, 1, 15), 2, (70, "EXCELLENT")),
        (date(2021, 1, 15), 3, (15, "FAIR")),
        (None, 4, (15, "FAIR")),
        (date(2021, 1, 15), 5, (0, "POOR")),
    ],
)
def test_credit_age_at_its_edges(
    opened_on: date | None, accounts_opened_6m: int, expected: tuple[int, str]
) -> None:
    history = record(oldest_line_opened_on=opened_on, accounts_opened_6m=accounts_opened_6m)
    assert points(inputs(history=history), Characteristic.CREDIT_AGE) == expected


@pytest.mark.parametrize(
    ("edge_paise", "below", "from_there"),
    [
        (LAKH * 3 // 2, 0, 20),
        (3 * LAKH, 20, 35),
        (5 * LAKH, 35, 50),
        (8 * LAKH, 50, 60),
        (12 * LAKH, 60, 68),
        (15 * LAKH, 68, 75),
        (25 * LAKH, 75, 90),
    ],
)
def test_annual_income_edges_belong_to_the_bin_above(
    edge_paise: int, below: int, from_there: int
) -> None:
    for income_paise, expected in ((edge_paise - 1, below), (edge_paise, from_there)):
        of = inputs(annual_income_paise=income_paise)
        assert row(of, Characteristic.ANNUAL_INCOME).points == expected


@pytest.mark.parametrize(
    ("employment_type", "declared", "seen"),
    [
        (EmploymentType.SALARIED, 35, 40),
        (EmploymentType.PENSIONER, 30, 35),
        (EmploymentType.SELF_EMPLOYED, 25, 33),
        (EmploymentType.OTHER, 10, 10),
        (EmploymentType.STUDENT, 5, 5),
        (EmploymentType.UNEMPLOYED, 0, 0),
    ],
)
def test_employment_gives_more_once_the_income_was_seen_three_times(
    employment_type: EmploymentType, declared: int, seen: int
) -> None:
    for times, expected in ((0, declared), (2, declared), (3, seen)):
        flow = CashFlow(months_covered=3, income_months=times, salary_credits=times)
        of = inputs(employment_type=employment_type, cash_flow=flow)
        assert row(of, Characteristic.EMPLOYMENT).points == expected


@pytest.mark.parametrize(
    ("enquiries_90d", "expected"),
    [(None, 20), (0, 30), (1, 30), (2, 20), (3, 20), (4, 10), (5, 10), (6, 0), (60, 0)],
)
def test_enquiries_at_their_edges(enquiries_90d: int | None, expected: int) -> None:
    of = inputs(history=record(enquiries_90d=enquiries_90d))
    assert row(of, Characteristic.ENQUIRIES).points == expected


class TestOverlays:
    @pytest.mark.parametrize(
        ("history", "overlay", "cap"),
        [
            (record(npa_or_written_off=True), Overlay.NPA, 500),
            (record(worst_days_past_due_24m=90), Overlay.NPA, 500),
            (record(worst_days_past_due_24m=89), Overlay.SIXTY_DAYS_LATE, 580),
            (record(worst_days_past_due_24m=60), Overlay.SIXTY_DAYS_LATE, 580),
            (record(worst_days_past_due_24m=59), Overlay.THIRTY_DAYS_LATE, 650),
            (record(worst_days_past_due_24m=30), Overlay.THIRTY_DAYS_LATE, 650),
        ],
    )
    def test_a_grave_delay_caps_the_whole_score(
        self, history: CreditHistory, overlay: Overlay, cap: int
    ) -> None:
        card = score_card(inputs(annual_income_paise=25 * LAKH, history=history, cash_flow=STEADY))
        assert card.overlay is overlay
        assert card.score == cap
        assert sum(row.points for row in card.points) + LOWEST_SCORE > cap

    def test_a_score_below_the_cap_is_left_alone(self) -> None:
        poor = inputs(
            annual_income_paise=0,
            employment_type=EmploymentType.UNEMPLOYED,
            history=record(npa_or_written_off=True, enquiries_90d=6, accounts_opened_6m=5),
        )
        assert score_card(poor).score == 300 + 90 + 20

    def test_29_days_late_put_no_cap(self) -> None:
        late = inputs(annual_income_paise=EIGHTEEN_LAKH, history=record(worst_days_past_due_24m=29))
        assert score_card(late).overlay is None
        assert score_card(late).score == 695


class TestExplanation:
    def test_reasons_are_the_four_that_cost_most_worst_first(self) -> None:
        assert score_card(inputs()).reason_codes == (
            "PAYMENT_HISTORY_UNPROVEN",
            "CASH_FLOW_NOT_KNOWN",
            "CREDIT_AGE_UNDER_2_YEARS",
            "UTILIZATION_NOT_OBSERVED",
        )

    def test_equal_losses_keep_the_order_of_the_characteristics(self) -> None:
        card = score_card(inputs(history=record(dues_observed=12, enquiries_90d=0)))
        lost = {row.code: row.lost for row in card.points}
        assert lost["PAYMENT_HISTORY_UNDER_24_DUES"] == lost["INCOME_FROM_15_LAKH"] == 15
        assert card.reason_codes[-1] == "PAYMENT_HISTORY_UNDER_24_DUES"

    def test_improvements_come_with_the_points_they_bring(self) -> None:
        first, second = score_card(inputs()).improvements[:2]
        assert (first.code, first.points) == ("CASH_FLOW_NOT_KNOWN", 40)
        assert second.text == "Pay 6 more instalments on time."
        assert second.points == 20

    def test_the_advice_counts_the_instalments_that_are_missing(self) -> None:
        card = score_card(inputs(history=record(dues_observed=11)))
        assert "Pay 1 more instalment on time." in {better.text for better in card.improvements}

    def test_following_the_advice_on_instalments_brings_its_points(self) -> None:
        before = score_card(inputs(history=record(dues_observed=6)))
        promised = next(
            better.points
            for better in before.improvements
            if better.code == "PAYMENT_HISTORY_UNDER_12_DUES"
        )
        assert score_card(inputs(history=record(dues_observed=12))).score == before.score + promised

    @pytest.mark.parametrize(("dues_observed", "thin"), [(0, True), (5, True), (6, False)])
    def test_a_file_is_thin_until_six_dues_were_observed(
        self, dues_observed: int, thin: bool
    ) -> None:
        assert score_card(inputs(history=record(dues_observed=dues_observed))).thin_file is thin

    def test_a_thin_file_with_a_delay_rests_on_what_was_observed(self) -> None:
        late = score_card(inputs(history=record(dues_observed=2, worst_days_past_due_24m=3)))
        assert late.thin_file
        assert late.basis is Basis.OBSERVED_REPAYMENT


@pytest.mark.parametrize(
    "field",
    [
        "worst_days_past_due_24m",
        "dues_observed",
        "monthly_obligations_paise",
        "accounts_opened_6m",
        "enquiries_90d",
    ],
)
def test_a_history_refuses_negative_figures(field: str) -> None:
    with pytest.raises(ValueError, match=field):
        record(**{field: -1})
