"""The repository's files as the rules see them: what is kept, and Python source as trees.

What is not kept is what `.gitignore` names, so a tree without its history is read alike.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
APPS = ("users", "ledger", "credit", "loan", "statements")
PACKAGES = ("bright_credit", *APPS)


@dataclass(frozen=True, slots=True)
class Source:
    """A Python file: where it is, its text, its syntax tree."""

    path: str
    text: str
    tree: ast.Module

    @property
    def module(self) -> str:
        """Return the dotted name under which the file is imported."""
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @property
    def lines(self) -> int:
        """Return how many lines the file has."""
        return len(self.text.splitlines())

    def place(self, node: ast.stmt | ast.expr) -> str:
        """Return where a node stands, for a message."""
        return f"{self.path}:{node.lineno}"


def ignored_names() -> tuple[str, ...]:
    """Return the patterns of names that are made by commands and never kept."""
    lines = (ROOT / ".gitignore").read_text(encoding="utf-8").split()
    return (".git", *(line.strip("/") for line in lines))


@cache
def kept_files() -> tuple[Path, ...]:
    """Return every file of the repository, kept or about to be, in order."""
    return tuple(sorted(_walk(ROOT, ignored_names())))


def _walk(folder: Path, ignored: tuple[str, ...]) -> Iterator[Path]:
    for entry in folder.iterdir():
        if any(Path(entry.name).match(pattern) for pattern in ignored):
            continue
        if entry.is_dir():
            yield from _walk(entry, ignored)
        else:
            yield entry


@cache
def python_sources() -> tuple[Source, ...]:
    """Return every Python file but migrations, which are written once by a command."""
    return tuple(
        _source(path)
        for path in kept_files()
        if path.suffix == ".py" and path.parent.name != "migrations"
    )


def application_sources() -> tuple[Source, ...]:
    """Return the Python files of the project and its apps, without tests and benchmarks."""
    return tuple(source for source in python_sources() if source.path.partition("/")[0] in PACKAGES)


def sources_of_tests() -> tuple[Source, ...]:
    """Return the Python files of the tests."""
    return tuple(source for source in python_sources() if source.path.startswith("tests/"))


def relative(path: Path) -> str:
    """Return a path as it is written in the repository."""
    return path.relative_to(ROOT).as_posix()


def _source(path: Path) -> Source:
    text = path.read_text(encoding="utf-8")
    return Source(relative(path), text, ast.parse(text, filename=str(path)))
