"""What the tests of the API share."""

from collections.abc import Callable
from datetime import date

import pytest

from bright_credit.common import business_day
from tests.builders import DISBURSED

SetDate = Callable[[date], None]


@pytest.fixture
def today(monkeypatch: pytest.MonkeyPatch) -> SetDate:
    """Return a function that sets the date in India; it starts as the day loans are paid out."""

    def set_date(day: date) -> None:
        monkeypatch.setattr(business_day, "today", lambda: day)

    set_date(DISBURSED)
    return set_date
