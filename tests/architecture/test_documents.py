"""The documents speak of what is there: files, links, commands, settings, packages, words."""

import re
from pathlib import Path

import pytest
from django.core.management import get_commands

from bright_credit.common.api.codes import all_codes
from credit.transactions_file.layout import RefusalCode, RejectCode
from loan.domain.reasons import ReasonCode
from loan.models import LoanApplication, Payment
from tests.architecture.documents import (
    anchors,
    code_words,
    document,
    documents,
    json_blocks,
    name_of,
    section,
)
from tests.architecture.source_tree import PACKAGES, ROOT, application_sources, kept_files, relative

#: Set by the programs themselves for each other, never by a person.
INTERNAL_VARIABLES = frozenset({"BRIGHTLEND_EMBEDDED", "BRIGHTLEND_ENVIRONMENT_LOCK"})

_VARIABLE = re.compile(r"\bBRIGHTLEND_[A-Z_]+\b")
_LINK = re.compile(r"\]\(([^)#\s]*)(?:#([^)\s]+))?\)")
_PATH = re.compile(r"(?:{}|tests|docs|requirements|\.ci)/[\w./-]*".format("|".join(PACKAGES)))
_COMMAND = re.compile(r"manage\.py (\w+)")


@pytest.mark.parametrize("path", documents(), ids=name_of)
def test_every_link_leads_somewhere(path: Path) -> None:
    for target, anchor in _LINK.findall(path.read_text(encoding="utf-8")):
        if target.startswith("https://"):
            continue
        page = (path.parent / target).resolve() if target else path
        assert page.exists(), f"{target} does not exist"
        if anchor:
            assert anchor in anchors(page.read_text(encoding="utf-8")), f"no heading #{anchor}"


@pytest.mark.parametrize("path", documents(), ids=name_of)
def test_every_file_that_is_named_is_there(path: Path) -> None:
    named = {
        word
        for word in code_words(path.read_text(encoding="utf-8"))
        if _PATH.fullmatch(word) and "<" not in word
    }
    assert [word for word in sorted(named) if not (ROOT / word).exists()] == []


def test_every_document_is_reached_from_the_readme() -> None:
    seen, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        seen.add(relative(page))
        for target, _ in _LINK.findall(page.read_text(encoding="utf-8")):
            linked = (page.parent / target).resolve()
            if linked.suffix == ".md" and relative(linked) not in seen:
                waiting.append(linked)
    assert seen == {relative(path) for path in documents()}


def test_every_command_that_is_named_can_be_given() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in documents())
    assert set(_COMMAND.findall(text)) - set(get_commands()) == set()
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`make ([\w-]+)", text)) - targets == set()


def test_every_command_of_ours_is_documented() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in documents())
    ours = {name for name, owner in get_commands().items() if owner in PACKAGES}
    assert ours - set(_COMMAND.findall(text)) == {"prepare_sandbox"}, "what `serve` calls"


def test_the_variables_of_the_documents_are_those_the_code_reads() -> None:
    read = {
        name for source in application_sources() for name in _VARIABLE.findall(source.text)
    } - INTERNAL_VARIABLES
    explained = set(_VARIABLE.findall(document("docs/operations.md")))
    assert explained == read


def test_every_package_that_is_asked_for_has_its_reason() -> None:
    explained = document("docs/dependencies.md")
    for name in ("base.in", "dev.in"):
        lines = (ROOT / "requirements" / name).read_text(encoding="utf-8").splitlines()
        for line in lines:
            if package := re.match(r"[A-Za-z][\w-]*", line):
                assert re.search(rf"\b{package[0]}\b", explained), package[0]


def test_the_codes_of_the_transaction_file_are_explained() -> None:
    named = code_words(section(document("docs/operations.md"), "The bank-transaction file"))
    assert {code.value for kind in (RejectCode, RefusalCode) for code in kind} <= named


def test_the_choices_and_reasons_of_the_api_are_explained() -> None:
    text = document("docs/api.md")
    words = set(re.findall(r"\b[A-Z][A-Z_]+\b", text))
    assert {code.value for code in ReasonCode} <= words
    assert {choice.value for choice in LoanApplication.Purpose} <= words
    assert {choice.value for choice in Payment.Method} <= words


def test_the_codes_of_refusals_that_the_documents_name_exist() -> None:
    known = {entry.code for entry in all_codes()}
    text = "\n".join(path.read_text(encoding="utf-8") for path in documents())
    assert set(re.findall(r"`[45][0-9]{2} ([a-z_]+)`", text)) <= known


@pytest.mark.parametrize("path", documents(), ids=name_of)
def test_every_json_block_is_json(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(json_blocks(text)) == text.count("```json")


def test_the_changelog_begins_with_the_version_of_the_project() -> None:
    project = re.search(r'^version = "(.+)"$', document("pyproject.toml"), re.MULTILINE)
    newest = re.search(r"^## \[?([0-9.]+)", document("CHANGELOG.md"), re.MULTILINE)
    assert project is not None
    assert newest is not None
    assert newest[1] == project[1]


def test_pictures_are_small() -> None:
    large = [
        relative(path)
        for path in kept_files()
        if path.suffix in {".png", ".jpg", ".svg"} and path.stat().st_size > 200 * 1024
    ]
    assert large == []
