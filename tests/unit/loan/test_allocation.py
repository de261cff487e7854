"""What a sum pays, and in which order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loan.domain.allocation import (
    CHARGES_FIRST,
    OLDEST_INSTALMENT_FIRST,
    Component,
    InvalidWaterfall,
    Portion,
    Waterfall,
    allocate,
)
from tests.unit.loan.histories import few_examples

CLAIMS = (
    Portion(instalment_number=1, interest_paise=30, principal_paise=100),
    Portion(instalment_number=2, interest_paise=20, principal_paise=110),
    Portion(charge_key="BOUNCE", charge_paise=50),
    Portion(charge_key="PENAL-1", penal_paise=40),
)


def met(amount_paise: int, *, waterfall: Waterfall = OLDEST_INSTALMENT_FIRST) -> list[Portion]:
    """Return the portions that a sum meets of the claims."""
    return list(allocate(amount_paise, claims=CLAIMS, waterfall=waterfall).portions)


@pytest.mark.parametrize(
    ("amount_paise", "portions"),
    [
        (0, []),
        (1, [Portion(instalment_number=1, interest_paise=1)]),
        (30, [Portion(instalment_number=1, interest_paise=30)]),
        (31, [Portion(instalment_number=1, interest_paise=30, principal_paise=1)]),
        (130, [CLAIMS[0]]),
        (131, [CLAIMS[0], Portion(instalment_number=2, interest_paise=1)]),
        (260, [CLAIMS[0], CLAIMS[1]]),
        (261, [CLAIMS[0], CLAIMS[1], Portion(charge_key="BOUNCE", charge_paise=1)]),
        (311, [*CLAIMS[:3], Portion(charge_key="PENAL-1", penal_paise=1)]),
        (350, list(CLAIMS)),
    ],
)
def test_the_default_takes_the_oldest_instalment_whole_then_charges_then_penal(
    amount_paise: int, portions: list[Portion]
) -> None:
    assert met(amount_paise) == portions


def test_what_is_beyond_all_claims_is_left() -> None:
    assert allocate(351, claims=CLAIMS).unallocated_paise == 1


def test_another_order_is_another_declaration() -> None:
    assert met(100, waterfall=CHARGES_FIRST) == [
        CLAIMS[2],
        CLAIMS[3],
        Portion(instalment_number=1, interest_paise=10),
    ]


@pytest.mark.parametrize(
    "stages",
    [
        (),
        ((Component.INTEREST, Component.PRINCIPAL), (Component.CHARGE,)),
        ((Component.INTEREST, Component.PRINCIPAL), tuple(Component)),
        ((Component.INTEREST,), (Component.PRINCIPAL,), (Component.CHARGE, Component.PENAL_CHARGE)),
        ((Component.INTEREST, Component.PRINCIPAL, Component.CHARGE), (Component.PENAL_CHARGE,)),
    ],
)
def test_a_waterfall_names_every_component_once_and_keeps_an_instalment_together(
    stages: tuple[tuple[Component, ...], ...],
) -> None:
    with pytest.raises(InvalidWaterfall):
        Waterfall(stages=stages)


amounts = st.integers(0, 200)
claims = st.lists(
    st.one_of(
        st.builds(
            Portion, instalment_number=st.just(1), interest_paise=amounts, principal_paise=amounts
        ),
        st.builds(Portion, charge_key=st.just("C"), charge_paise=amounts),
        st.builds(Portion, charge_key=st.just("P"), penal_paise=amounts),
    ),
    max_size=6,
)


@few_examples
@given(st.integers(0, 1_500), claims, st.sampled_from([OLDEST_INSTALMENT_FIRST, CHARGES_FIRST]))
def test_i21_portions_and_rest_make_up_the_sum_and_stay_within_what_was_open(
    amount_paise: int, open_claims: list[Portion], waterfall: Waterfall
) -> None:
    allocation = allocate(amount_paise, claims=open_claims, waterfall=waterfall)
    spent = sum(portion.total_paise for portion in allocation.portions)
    assert spent + allocation.unallocated_paise == amount_paise
    assert spent == min(amount_paise, sum(claim.total_paise for claim in open_claims))
    assert all(portion.total_paise > 0 for portion in allocation.portions)
    for component in Component:
        took = sum(portion.amount_of(component) for portion in allocation.portions)
        assert 0 <= took <= sum(claim.amount_of(component) for claim in open_claims)


@few_examples
@given(st.integers(0, 1_500), claims, st.sampled_from([OLDEST_INSTALMENT_FIRST, CHARGES_FIRST]))
def test_i22_no_junior_stage_is_paid_while_a_senior_one_is_open(
    amount_paise: int, open_claims: list[Portion], waterfall: Waterfall
) -> None:
    allocation = allocate(amount_paise, claims=open_claims, waterfall=waterfall)
    senior_is_open = False
    for stage in waterfall.stages:
        took = sum(portion.amount_of(part) for portion in allocation.portions for part in stage)
        asked = sum(claim.amount_of(part) for claim in open_claims for part in stage)
        assert not (senior_is_open and took)
        senior_is_open = senior_is_open or took < asked
