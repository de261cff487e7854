"""The documents as text, tables and blocks, so that tests can hold them against the code."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.architecture.source_tree import ROOT, kept_files, relative

_ROW = re.compile(r"^\|(.+)\|$", re.MULTILINE)
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_JSON = re.compile(r"^```json\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def documents() -> tuple[Path, ...]:
    """Return every document of the repository."""
    return tuple(path for path in kept_files() if path.suffix == ".md")


def document(name: str) -> str:
    """Return the text of a document, such as `docs/api.md`."""
    return (ROOT / name).read_text(encoding="utf-8")


def section(text: str, heading: str) -> str:
    """Return what stands below a heading, up to the next one of the same level."""
    level = re.search(rf"^(#+) {re.escape(heading)}$", text, re.MULTILINE)
    if level is None:
        raise ValueError(f"there is no heading {heading!r}")
    rest = text[level.end() :]
    following = re.search(rf"^#{{1,{len(level[1])}}} ", rest, re.MULTILINE)
    return rest[: following.start()] if following else rest


def rows(text: str) -> Iterator[tuple[str, ...]]:
    """Yield the rows of the tables in a text, headings too, as cells without their marks."""
    for line in _ROW.findall(text):
        cells = tuple(cell.strip() for cell in line.split("|"))
        if not all(set(cell) <= set("-: ") for cell in cells if cell):
            yield cells


def code_words(text: str) -> set[str]:
    """Return what is set as code in a text."""
    return set(re.findall(r"`([^`\n]+)`", text))


def json_blocks(text: str) -> list[Any]:
    """Return the JSON blocks of a text, each of which has to be JSON."""
    return [json.loads(block) for block in _JSON.findall(text)]


def anchors(text: str) -> set[str]:
    """Return the anchors that a document's headings have."""
    return {
        re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
        for heading in _HEADING.findall(text)
    }


def name_of(path: Path) -> str:
    """Return a document's name, for the ids of tests."""
    return relative(path)
