"""The cores compute and do nothing else: they load without a framework, and reach for no I/O.

The import contracts read what modules say they import. Here they are imported, because a package's
initialiser can load Django without any module of the core naming it.
"""

import ast
import json
import subprocess
import sys

from tests.architecture.source_tree import PACKAGES, ROOT, Source, application_sources

PURE_KERNEL = (
    "bright_credit.common.money",
    "bright_credit.common.business_day",
    "bright_credit.common.errors",
    "bright_credit.common.public_id",
)

#: What a computation may use of the standard library. No files, no network, no clock, no chance.
ALLOWED_LIBRARY = frozenset(
    {
        "calendar",
        "collections",
        "dataclasses",
        "datetime",
        "decimal",
        "enum",
        "fractions",
        "ipaddress",
        "itertools",
        "math",
        "re",
        "typing",
        "unicodedata",
        "zoneinfo",  # business_day: the lender's time zone
    }
)

# Imports each module on its own, with every module of ours forgotten before, and prints what came
# along that is neither ours nor of the standard library.
_IMPORT_EACH = """
import importlib, json, sys
modules, ours = json.load(sys.stdin)
import sysconfig, zoneinfo  # the library's own data modules have names of their own
known = {key.partition(".")[0] for key in sys.modules} | sys.stdlib_module_names
known |= {sysconfig._get_sysconfigdata_name()}
foreign = {}
for name in modules:
    for loaded in [key for key in sys.modules if key.partition(".")[0] in ours]:
        del sys.modules[loaded]
    importlib.import_module(name)
    new = {key.partition(".")[0] for key in sys.modules} - known - set(ours)
    if new:
        foreign[name] = sorted(new)
        known |= new
json.dump(foreign, sys.stdout)
"""


def pure_sources() -> tuple[Source, ...]:
    return tuple(
        source
        for source in application_sources()
        if source.module in PURE_KERNEL or source.path.split("/")[1] == "domain"
    )


def test_every_app_with_rules_of_its_own_has_a_core() -> None:
    apps = {source.path.split("/")[0] for source in pure_sources()}
    assert apps == set(PACKAGES)


def test_pure_modules_load_without_any_framework() -> None:
    modules = [source.module for source in pure_sources()]
    finished = subprocess.run(
        [sys.executable, "-c", _IMPORT_EACH],
        input=json.dumps([modules, PACKAGES]),
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert finished.returncode == 0, finished.stderr
    assert json.loads(finished.stdout) == {}


def test_pure_modules_use_only_what_computes() -> None:
    refused = [
        f"{source.place(node)} imports {name}"
        for source in pure_sources()
        for node, name in _imports(source)
        if name not in ALLOWED_LIBRARY and name not in PACKAGES
    ]
    assert refused == []


def test_values_of_the_core_are_frozen() -> None:
    loose = [
        source.place(node)
        for source in pure_sources()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ClassDef)
        for decorator in node.decorator_list
        if _name(decorator) == "dataclass" and not _is_frozen(decorator)
    ]
    assert loose == [], "dataclasses of the core take frozen=True, slots=True"


def _imports(source: Source) -> list[tuple[ast.stmt, str]]:
    found: list[tuple[ast.stmt, str]] = []
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            found += [(node, alias.name.partition(".")[0]) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found.append((node, (node.module or "").partition(".")[0]))
    return found


def _name(decorator: ast.expr) -> str:
    target = decorator.func if isinstance(decorator, ast.Call) else decorator
    return target.id if isinstance(target, ast.Name) else ""


def _is_frozen(decorator: ast.expr) -> bool:
    if not isinstance(decorator, ast.Call):
        return False
    given = {word.arg: ast.unparse(word.value) for word in decorator.keywords}
    return given.get("frozen") == "True" and given.get("slots") == "True"
