"""When a webhook is tried again, and how its amounts are written."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from users.domain.webhooks import EVENT_WORDS, MAX_ATTEMPTS, EventType, delay_after, in_rupees


@pytest.mark.parametrize(
    ("attempt", "seconds"), [(1, 10), (2, 40), (3, 160), (4, 640), (5, 2560), (6, 10_240)]
)
def test_each_wait_is_four_times_the_one_before(attempt: int, seconds: int) -> None:
    assert delay_after(attempt, jitter_permille=0) == timedelta(seconds=seconds) / 2


@given(st.integers(1, 1_000), st.integers(0, 999))
def test_a_wait_is_between_half_and_the_whole_and_never_above_twelve_hours(
    attempt: int, jitter: int
) -> None:
    least, most = (delay_after(attempt, jitter_permille=part) for part in (0, 999))
    assert least <= delay_after(attempt, jitter_permille=jitter) <= most
    assert timedelta(seconds=5) <= least < most <= 2 * least <= timedelta(hours=12)


def test_a_round_of_attempts_lasts_from_one_to_three_days() -> None:
    for jitter, days in ((0, 1), (999, 2)):
        waits = [delay_after(number, jitter_permille=jitter) for number in range(1, MAX_ATTEMPTS)]
        assert timedelta(days=days) < sum(waits, timedelta()) < timedelta(days=days + 2)


def test_amounts_are_rupees_and_rates_per_cent_as_everywhere_in_the_api() -> None:
    data = {
        "amount_paise": 20_833_33,
        "rate_bps": 1650,
        "emi_paise": None,
        "n": 1,
        "reasons": ["A"],
    }
    assert in_rupees(data | {"lines": [{"interest_paise": 500}]}) == {
        "amount": Decimal("20833.33"),
        "rate": Decimal("16.50"),
        "emi": None,
        "n": 1,
        "reasons": ["A"],
        "lines": [{"interest": 5}],
    }


def test_every_event_is_said_in_words() -> None:
    assert set(EVENT_WORDS) == set(EventType)
