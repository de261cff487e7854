"""What the tests of the API share."""

from collections.abc import Callable
from datetime import date

import pytest
from pytest_django import Settings

from bright_credit.common import business_day
from bright_credit.common.api.rates import DEFAULT_RATES
from tests.builders import DISBURSED
from users import tokens

SetDate = Callable[[date], None]


@pytest.fixture(autouse=True)
def without_rate_limits(settings: Settings) -> None:
    """Let a test call as often as it likes; the tests of the limits set their own."""
    settings.API_RATE_LIMITS = dict.fromkeys(DEFAULT_RATES)


@pytest.fixture
def today(monkeypatch: pytest.MonkeyPatch) -> SetDate:
    """Return a function that sets the date in India; it starts as the day loans are paid out."""

    def set_date(day: date) -> None:
        monkeypatch.setattr(business_day, "today", lambda: day)

    set_date(DISBURSED)
    return set_date


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the guesses that were compared with a code: those that could have been right."""
    seen: list[str] = []
    same = tokens.same

    def counting(one: str, other: str) -> bool:
        seen.append(other)
        return same(one, other)

    monkeypatch.setattr(tokens, "same", counting)
    return seen
