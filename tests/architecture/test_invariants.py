"""docs/invariants.md names every invariant, and the tests that hold it are there."""

import ast
import re

from tests.architecture.source_tree import ROOT, sources_of_tests

NUMBERS = range(1, 50)
ROW = re.compile(r"\| I(?P<number>\d+) \| (?P<what>[^|]+) \| (?P<held>[^|]+) \|")
TEST = re.compile(r"`(test_\w+)`")
NUMBERED = re.compile(r"_i(\d+)(?=_)")


def rows() -> dict[int, str]:
    text = (ROOT / "docs/invariants.md").read_text(encoding="utf-8")
    return {int(row["number"]): row["held"] for row in ROW.finditer(text)}


def names_of_tests() -> frozenset[str]:
    return frozenset(
        node.name
        for source in sources_of_tests()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    )


def numbers_of(name: str) -> list[int]:
    """Return the numbers that a name begins with: `test_i12_i20_a_prepayment_...`."""
    lead = re.match(r"test(?:_i\d+)+_", name)
    return [int(number) for number in NUMBERED.findall(lead[0])] if lead else []


def test_no_number_is_missing_and_each_is_held_or_has_its_reason() -> None:
    held = rows()
    assert sorted(held) == list(NUMBERS)
    bare = [number for number, cell in held.items() if not TEST.search(cell) and len(cell) < 40]
    assert bare == []


def test_every_test_that_is_named_is_there() -> None:
    named = {name for cell in rows().values() for name in TEST.findall(cell)}
    assert named - names_of_tests() == set()


def test_every_test_with_a_number_stands_in_its_row() -> None:
    held = rows()
    unlisted = {
        f"{name} is not in the row of I{number}"
        for name in names_of_tests()
        for number in numbers_of(name)
        if name not in TEST.findall(held.get(number, ""))
    }
    assert unlisted == set()
