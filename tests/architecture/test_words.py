"""The words of the house: one spelling, nothing left to do, no test that is passed over."""

import ast
import re
from collections.abc import Iterator

from tests.architecture.source_tree import (
    Source,
    kept_files,
    python_sources,
    relative,
    sources_of_tests,
)

TEXTS = frozenset(
    {".py", ".md", ".toml", ".json", ".yaml", ".yml", ".csv", ".html", ".in", ".sh", ".css", ".js"}
)

#: The other spelling, put together so that this file does not hold it.
OTHER_SPELLING = re.compile("instal" + "lment", re.IGNORECASE)

#: Where it may stand: in narrations as other banks write them, and in the tests that read those.
QUOTING_BANKS = re.compile(r"credit/domain/narration\.py|tests/unit/credit/test_narration\w*\.py")

LEFT_TO_DO = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "X" + "XX")) + r")\b")

PASSED_OVER = frozenset({"skip", "skipif", "xfail", "importorskip"})

_BARE_SUPPRESSION = re.compile(r"#\s*(noqa|type:\s*ignore)(?![:\[])")


def texts() -> Iterator[tuple[str, str]]:
    for path in kept_files():
        name = relative(path)
        if path.suffix in TEXTS or name.startswith(".ci/") or name == "Makefile":
            yield name, path.read_text(encoding="utf-8", errors="replace")


def test_an_instalment_is_spelt_one_way() -> None:
    found = [
        name
        for name, text in texts()
        if OTHER_SPELLING.search(text) and not QUOTING_BANKS.fullmatch(name)
    ]
    assert found == []


def test_nothing_is_left_to_do_in_the_code() -> None:
    assert [name for name, text in texts() if LEFT_TO_DO.search(text)] == []


def test_no_test_is_passed_over() -> None:
    found = [place for source in sources_of_tests() for place in _passed_over(source)]
    assert found == []


def test_every_test_module_has_a_test() -> None:
    empty = [
        source.path
        for source in sources_of_tests()
        if source.path.rpartition("/")[2].startswith("test_") and not _has_a_test(source)
    ]
    assert empty == []


def test_a_rule_is_only_set_aside_by_name() -> None:
    found = [
        f"{source.path}:{number}"
        for source in python_sources()
        for number, line in enumerate(source.text.splitlines(), start=1)
        if _BARE_SUPPRESSION.search(line)
    ]
    assert found == []


def test_the_rule_about_tests_sees_what_it_forbids() -> None:
    for line in ("@pytest.mark.skip\ndef f(): ...", "pytest.importorskip('x')", "mark.xfail(1)"):
        assert list(_passed_over(Source("line.py", line, ast.parse(line)))), line
    assert not list(_passed_over(Source("line.py", "skip = 1", ast.parse("skip = 1"))))


def _passed_over(source: Source) -> Iterator[str]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute) and node.attr in PASSED_OVER:
            yield f"{source.place(node)} {node.attr}"


def _has_a_test(source: Source) -> bool:
    names = [getattr(node, "name", "") for node in source.tree.body]
    return any(name.startswith(("test_", "Test")) for name in names) or any(
        isinstance(node, ast.Assign) and "Test" in ast.unparse(node.targets[0])
        for node in source.tree.body
    )
