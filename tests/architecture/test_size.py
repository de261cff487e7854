"""Small enough to read: budgets for files, functions and classes, and for what packages hold.

There is no list of exceptions: what is over its budget is split.
"""

import ast

from tests.architecture.source_tree import (
    Source,
    application_sources,
    kept_files,
    python_sources,
    relative,
)

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60
MAX_CLASS_METHODS = 15

#: Packages whose initialiser names what they hold, because Django looks there for it.
GATHERING_PACKAGES = frozenset(
    {
        "loan/models/__init__.py",
        "loan/admin/__init__.py",
        "users/models/__init__.py",
        "users/admin/__init__.py",
    }
)

#: Names for a drawer of odds and ends: whatever would go there is a noun that is missing.
DRAWERS = frozenset({"utils", "util", "helpers", "helper", "misc", "managers", "tools"})


def test_files_stay_within_their_budget() -> None:
    over = [
        f"{source.path} has {source.lines} lines"
        for source in python_sources()
        if source.lines > MAX_FILE_LINES
    ]
    assert over == []


def test_functions_stay_within_their_budget() -> None:
    over = [
        f"{source.place(node)} {node.name} has {length} lines"
        for source in python_sources()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if (length := (node.end_lineno or node.lineno) - node.lineno + 1) > MAX_FUNCTION_LINES
    ]
    assert over == []


def test_classes_stay_within_their_budget() -> None:
    over = [
        f"{source.place(node)} {node.name} has {count} methods"
        for source in python_sources()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ClassDef)
        if (count := sum(isinstance(part, ast.FunctionDef) for part in node.body))
        > MAX_CLASS_METHODS
    ]
    assert over == []


def test_package_initialisers_are_empty() -> None:
    filled = {
        source.path
        for source in python_sources()
        if source.path.endswith("/__init__.py") and source.text
    }
    assert filled <= GATHERING_PACKAGES


def test_initialisers_that_gather_only_import() -> None:
    for source in python_sources():
        if source.path in GATHERING_PACKAGES:
            allowed = (ast.Expr, ast.Import, ast.ImportFrom, ast.Assign)
            assert all(isinstance(node, allowed) for node in source.tree.body), source.path


def test_every_folder_of_python_is_a_package() -> None:
    folders = {path.parent for path in kept_files() if path.suffix == ".py"}
    without = [
        relative(folder)
        for folder in folders
        if relative(folder) != "." and not (folder / "__init__.py").exists()
    ]
    assert without in ([], ["benchmarks"])


def test_there_is_no_drawer_for_odds_and_ends() -> None:
    assert [source.path for source in python_sources() if _stem(source) in DRAWERS] == []


def test_every_module_says_what_it_is() -> None:
    silent = [
        source.path
        for source in python_sources()
        if source.text and ast.get_docstring(source.tree) is None
    ]
    assert silent == []


def test_public_functions_and_classes_of_the_application_say_what_they_mean() -> None:
    silent = [
        f"{source.place(node)} {node.name}"
        for source in application_sources()
        for node in source.tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and ast.get_docstring(node) is None
    ]
    assert silent == []


def _stem(source: Source) -> str:
    return source.path.rpartition("/")[2].removesuffix(".py")
