"""Ratios are taken inside their rounds, and the report says what was reached and what was not."""

import pytest

from benchmarks.figures import Comparison, Round


def _comparison(*pairs: tuple[float, float], goal: float | None = None) -> Comparison:
    rounds = tuple(Round(floor_seconds=floor, subject_seconds=run) for floor, run in pairs)
    return Comparison(subject="a day", rows=10, rounds=rounds, goal=goal)


def test_the_ratio_is_the_median_of_the_rounds_own_ratios() -> None:
    # A neighbour slowed the whole second round down; its ratio is as good as the others'.
    comparison = _comparison((1.0, 1.5), (4.0, 6.4), (1.0, 1.7))

    assert comparison.ratio == pytest.approx(1.6)
    assert comparison.spread == "1.50–1.70"
    assert (comparison.floor_seconds, comparison.subject_seconds) == (1.0, 1.7)


@pytest.mark.parametrize(
    ("goal", "verdict"), [(1.6, "≤ 1.6: yes"), (1.2, "≤ 1.2: no"), (None, "—")]
)
def test_the_verdict_names_the_goal(goal: float | None, verdict: str) -> None:
    assert _comparison((1.0, 1.5), goal=goal).verdict == verdict
