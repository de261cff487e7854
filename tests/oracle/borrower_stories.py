"""Random stories of one borrower with up to three loans, over weeks or over years."""

from dataclasses import dataclass
from datetime import date, timedelta

from hypothesis import strategies as st

from tests.oracle.borrower import SUB_CLASSES
from tests.oracle.deals import deals
from tests.oracle.moves import (
    ACTS,
    AFTER_WRITE_OFFS,
    CHANGES,
    WRITE_OFFS,
    Move,
    moves_of,
)
from tests.oracle.story import Deal

LOANS = 3
#: What makes and ends arrears, and little else.
PAYING = (*("SETTLE_DUES",) * 6, *("PAY",) * 4, "PAY_LATE", "BOUNCE", "BOUNCE", "CHARGE", "WAIVE")
MOST_STEPS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Somebody does something on a loan, some days after the step before; or a person marks the
    borrower, where the act is MARK, or lifts the mark, where it is LIFT."""

    loan: int
    move: Move


@dataclass(frozen=True, slots=True, kw_only=True)
class BorrowerStory:
    """Loans of one borrower, what is done in its order, and how many days follow it."""

    deals: tuple[Deal, ...]
    steps: tuple[Step, ...]
    then_days: int


@st.composite
def borrower_stories(draw: st.DrawFn) -> BorrowerStory:
    """Draw a story. Loans are paid out within the same months, most of them small and short."""
    begins = draw(st.dates(date(2019, 1, 1), date(2025, 12, 31)))
    window = (begins, begins + timedelta(days=200))
    agreed = draw(st.lists(deals(months=9, disbursing=window), min_size=1, max_size=LOANS))
    waits = st.one_of(st.integers(0, 3), st.integers(0, 45), st.integers(0, 130))
    acts = (*PAYING * 2, *ACTS, *CHANGES, *WRITE_OFFS, *AFTER_WRITE_OFFS, *("MARK", "LIFT") * 2)
    steps = draw(
        st.lists(
            st.builds(Step, loan=st.integers(0, LOANS - 1), move=moves_of(acts, waits)),
            min_size=2,
            max_size=MOST_STEPS,
        )
    )
    soon, years = st.integers(0, 200), st.integers(300, 1_700)
    then_days = draw(st.one_of(soon, soon, soon, soon, years))
    return BorrowerStory(deals=tuple(agreed), steps=tuple(steps), then_days=then_days)


def marked_class(move: Move) -> str:
    """Return the class that a person marks a borrower as."""
    return SUB_CLASSES[move.pick % len(SUB_CLASSES)]
