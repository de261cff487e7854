"""Deadlines: the earliest one counts, and only inside its block."""

from datetime import timedelta

from bright_credit.common.deadline import finish_within, time_left

SECOND = timedelta(seconds=1)


def left() -> timedelta:
    found = time_left()
    assert found is not None
    return found


def test_work_without_a_deadline_takes_its_time() -> None:
    assert time_left() is None


def test_a_deadline_is_for_its_block() -> None:
    with finish_within(60 * SECOND):
        assert 59 * SECOND < left() <= 60 * SECOND
    assert time_left() is None


def test_the_earlier_of_two_counts_whichever_is_inside() -> None:
    with finish_within(60 * SECOND):
        with finish_within(5 * SECOND):
            assert left() <= 5 * SECOND
        assert left() > 59 * SECOND
        with finish_within(600 * SECOND):
            assert left() <= 60 * SECOND


def test_nothing_is_left_after_it_and_never_less() -> None:
    with finish_within(timedelta(0)):
        assert left() == timedelta(0)
