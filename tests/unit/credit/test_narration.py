"""How narrations are understood."""

import re

import pytest

from credit.domain import narration
from tests.unit.credit.narrations import NARRATIONS

PATTERNS = ("SALARY", "INSTALMENT", "BOUNCE", "PASSING_THROUGH")


@pytest.mark.parametrize(("text", "expected"), NARRATIONS)
def test_a_narration_matches_the_patterns_it_should(text: str, expected: frozenset[str]) -> None:
    matched = {
        name for name in PATTERNS if re.search(getattr(narration, name), text, re.IGNORECASE)
    }
    assert matched == expected
