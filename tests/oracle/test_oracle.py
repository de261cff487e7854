"""The core agrees with the oracle about loans of every kind, whatever happens to them.

The oracle is a second reckoning, written from the rules: whole fractions, one day after the other,
and no code in common with the core. `make oracle` tells both 10,000 stories and more.
"""

import ast
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loan.domain.position import principal_outstanding_paise
from tests.oracle.borrower_stories import BorrowerStory, borrower_stories
from tests.oracle.comparing import Disagreement, Seen, compare
from tests.oracle.comparing_borrowers import compare_borrower
from tests.oracle.deals import deals
from tests.oracle.moves import Move, moves
from tests.oracle.story import Deal
from tests.properties import as_many

#: What knows the core: it translates, and compares.
BRIDGES = frozenset(
    {
        "core",
        "core_events",
        "core_borrower",
        "comparing",
        "comparing_borrowers",
        "test_oracle",
        "__main__",
    }
)

LIBRARY = frozenset(
    {
        "calendar",
        "collections",
        "dataclasses",
        "datetime",
        "fractions",
        "functools",
        "hypothesis",
        "itertools",
        "math",
        "typing",
    }
)


@settings(max_examples=as_many(120), deadline=None)
@given(deal=deals(), done=moves(10), then_days=st.integers(0, 120), ended=st.booleans())
def test_the_core_and_the_oracle_agree(
    deal: Deal, done: list[Move], then_days: int, ended: bool
) -> None:
    compare(deal, done, then_days=then_days, ended=ended, seen=Seen())


@settings(max_examples=as_many(60), deadline=None)
@given(story=borrower_stories())
def test_the_core_and_the_oracle_agree_about_borrowers_day_by_day(story: BorrowerStory) -> None:
    """Class, since when, days past due, income, suspense, accrual and provision of every day."""
    compare_borrower(story, Seen())


def test_the_oracle_shares_no_code_with_what_it_judges() -> None:
    shared = {
        f"{path.name} imports {name}"
        for path in Path(__file__).parent.glob("*.py")
        if path.stem not in BRIDGES
        for name in _imports(path)
        if not _is_its_own(name)
    }
    assert shared == set()


def test_a_disagreement_is_told_as_a_story(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With a core that is a paisa wrong, the search fails, and says with which loan."""
    monkeypatch.setattr(
        "tests.oracle.core.principal_outstanding_paise",
        lambda terms, position: principal_outstanding_paise(terms, position) + 1,
    )
    deal = Deal(
        lent=3_000_00,
        rate_bps=1_200,
        tenure_months=3,
        method="FLAT",
        instalment_rounding="RUPEE",
        split_rounding="RUPEE",
        frequency="MONTHLY",
        day_count="EQUAL_PERIODS",
        disbursed=date(2025, 1, 5),
        first_due=date(2025, 2, 5),
        due_day=5,
    )
    pays = Move(act="PAY", wait_days=31, amount="DUE", thousandths=1, pick=0)
    with pytest.raises(Disagreement) as told:
        compare(deal, [pays], then_days=3, ended=True, seen=Seen())
    assert str(told.value).splitlines() == [
        "₹3,000.00 over 3 months at 12 %, FLAT, MONTHLY, EQUAL_PERIODS;"
        " instalment to RUPEE, interest to RUPEE.",
        "  paid out 2025-01-05, first due 2025-02-05, due day 5; broken days: NONE.",
        "1. 2025-02-05: ₹1,030.00 is paid",
        "on 2025-02-08, ended:",
        "lent_outstanding: the oracle says 200000, the core 200001",
    ]


def _is_its_own(name: str) -> bool:
    package, _, rest = name.partition(".")
    if package in LIBRARY:
        return True
    folder, _, module = rest.partition(".")
    return (package, folder) == ("tests", "oracle") and module.partition(".")[0] not in BRIDGES


def _imports(path: Path) -> set[str]:
    names = set[str]()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names
