"""Money is whole paise and the clock is an argument: what the code may not say anywhere.

`bright_credit/embedded` starts servers; it knows no money and waits in seconds, so it is left out.
"""

import ast
import re
from collections.abc import Iterator

from tests.architecture.source_tree import Source, application_sources

ROUNDING_MODULE = "bright_credit/common/money.py"
CLOCK_MODULE = "bright_credit/common/business_day.py"

#: JSON Schema states a number's step as a number; nothing is computed with it.
SCHEMA_MODULE = "bright_credit/common/api/schema.py"

ROUNDINGS = frozenset({"round", "math.floor", "math.ceil", "math.trunc", "math.fsum"})

#: Where the clock is read: once, by whoever answers a caller, a schedule or a person.
CLOCK_READERS = re.compile(r"\w+/(views(/\w+)?|tasks)\.py|\w+/admin(/\w+)?\.py|\w+/management/.*")

#: Reading the calendar date, whoever offers it. `timezone.now()`, the instant, may be recorded.
CLOCKS = frozenset(
    {
        "datetime.now",
        "datetime.today",
        "datetime.utcnow",
        "date.today",
        "time.time",
        "business_day.today",
    }
)
#: These read the clock when they are not given an instant to convert.
CLOCKS_WITHOUT_INSTANT = frozenset({"timezone.localdate", "timezone.localtime"})

_SQL_DATE = re.compile(r"\b(current_date|localtimestamp|localtime)\b", re.IGNORECASE)


def sources() -> tuple[Source, ...]:
    return tuple(
        source
        for source in application_sources()
        if not source.path.startswith("bright_credit/embedded/")
    )


def test_no_float_is_made_and_nothing_is_rounded_by_the_way() -> None:
    found = [
        place
        for source in sources()
        if source.path != SCHEMA_MODULE
        for place in _float_arithmetic(source)
    ]
    assert found == [], "use a named rounding of bright_credit/common/money.py on whole paise"


def test_exact_numbers_are_rounded_in_one_module_only() -> None:
    found = [
        source.place(node)
        for source in sources()
        if source.path != ROUNDING_MODULE
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Attribute) and node.attr in {"numerator", "limit_denominator"}
    ]
    assert found == [], "taking a fraction apart is rounding: name it in common/money.py"


def test_only_those_who_answer_somebody_read_the_clock() -> None:
    found = [
        place
        for source in sources()
        if source.path != CLOCK_MODULE and not CLOCK_READERS.fullmatch(source.path)
        for place in _clock_readings(source)
    ]
    assert found == [], "take the date as an argument"


def test_the_rules_see_what_they_forbid() -> None:
    for line in ("float(1)", "x: float = y", "0.1", "round(x)", "math.floor(x)", "Decimal(1.5)"):
        assert list(_float_arithmetic(_source(line))), line
    for line in ("round_to_paisa(x)", "1 // 2", "int(x)", "chance.random() < 0.5"):
        assert not list(_float_arithmetic(_source(line))), line
    readings = (
        "from bright_credit.common.business_day import today",
        "business_day.today()",
        "datetime.now(UTC)",
        "datetime.date.today()",
        "timezone.localdate()",
        'SQL = "SELECT current_date"',
    )
    for line in readings:
        assert list(_clock_readings(_source(line))), line
    for line in (
        '"""Return current_date."""',
        "timezone.localtime(at)",
        "current_date(today=as_of)",
    ):
        assert not list(_clock_readings(_source(line))), line


def _source(line: str) -> Source:
    return Source("line.py", line, ast.parse(line))


def _float_arithmetic(source: Source) -> Iterator[str]:
    chances = _chances(source.tree)
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Name) and node.id == "float":
            yield f"{source.place(node)} float"
        elif isinstance(node, ast.Constant) and isinstance(node.value, float):
            if node not in chances:
                yield f"{source.place(node)} {node.value}"
        elif isinstance(node, ast.Call) and _dotted(node.func) in ROUNDINGS:
            yield f"{source.place(node)} {_dotted(node.func)}()"


def _chances(tree: ast.Module) -> set[ast.expr]:
    """Return the probabilities that a draw is compared with: made-up people follow chance."""
    return {
        chance
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare) and isinstance(node.left, ast.Call)
        if _dotted(node.left.func).endswith(".random")
        for chance in node.comparators
    }


def _clock_readings(source: Source) -> Iterator[str]:
    docstrings = _docstrings(source.tree)
    for node in ast.walk(source.tree):
        match node:
            case ast.Call() if _reads_clock(node):
                yield f"{source.place(node)} {_dotted(node.func)}()"
            case ast.ImportFrom(module="bright_credit.common.business_day", names=names):
                if any(alias.name == "today" for alias in names):
                    yield f"{source.place(node)} imports today"
            case ast.Constant(value=str(text)) if node not in docstrings:
                if _SQL_DATE.search(text):
                    yield f"{source.place(node)} reads the database's date"


def _reads_clock(call: ast.Call) -> bool:
    name = ".".join(_dotted(call.func).split(".")[-2:])
    return name in CLOCKS or (name in CLOCKS_WITHOUT_INSTANT and not call.args)


def _docstrings(tree: ast.Module) -> set[ast.expr]:
    return {
        node.value
        for parent in ast.walk(tree)
        if isinstance(parent, ast.Module | ast.ClassDef | ast.FunctionDef)
        for node in parent.body[:1]
        if isinstance(node, ast.Expr)
    }


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return ""
