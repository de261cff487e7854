"""What the tests of users share."""

from collections.abc import Callable
from datetime import date

import pytest

from users.models import Borrower
from users.signals import borrower_registered

Scorer = Callable[[Borrower, date], object]


@pytest.fixture
def score_with(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return a function that makes these the only receivers of `borrower_registered`."""

    def replace(*scorers: Scorer) -> None:
        monkeypatch.setattr(borrower_registered, "receivers", [])
        for scorer in scorers:
            borrower_registered.connect(_receiver(scorer), weak=False, dispatch_uid=id(scorer))

    return replace


@pytest.fixture
def scored_700(score_with: Callable[..., None]) -> None:
    """Score every new borrower 700, without the credit app."""
    score_with(lambda borrower, as_of: 700)


def _receiver(scorer: Scorer) -> Callable[..., object]:
    def receive(sender: object, borrower: Borrower, as_of: date, **_: object) -> object:
        return scorer(borrower, as_of)

    return receive
