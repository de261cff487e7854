"""No view forgets who calls: each says what it takes, and passes the caller on."""

import ast
import importlib
import inspect
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings

from tests.api.test_conventions import ROUTES, rules_of, taken
from tests.architecture.source_tree import Source, application_sources
from users.api.permissions import FollowsAccessRule
from users.domain.callers import Rule
from users.domain.scopes import SCOPE_WORDS, Scope

#: Finding a row by its public id alone asks nobody; selectors and services do that, views do not.
UNCHECKED = {"borrower_by_public_id", "loan_by_public_id", "loan_key"}

_VIEWS = re.compile(r"\w+/views(?:\.py|/.+\.py)")


def views() -> list[Source]:
    return [source for source in application_sources() if _VIEWS.fullmatch(source.path)]


@pytest.mark.parametrize(("address", "view"), ROUTES)
def test_every_method_of_every_view_has_a_rule_and_every_rule_a_method(
    address: str, view: Any
) -> None:
    rules = view.access
    assert set(rules) == {method.upper() for method in taken(view)}, address
    for rule in rules.values():
        assert isinstance(rule, Rule)
        assert rule.anybody or rule.permission or rule.scope or rule.borrowers
        assert rule.anybody is False or rule == Rule(anybody=True)
    # Who heeds no credentials is open to anybody, and nobody else is.
    assert (view.authentication_classes == ()) == any(rule.anybody for rule in rules.values())
    assert view.permission_classes == [FollowsAccessRule]


def test_the_rule_is_the_default_and_no_view_sets_its_own() -> None:
    assert settings.REST_FRAMEWORK["DEFAULT_PERMISSION_CLASSES"] == [
        "users.api.permissions.FollowsAccessRule"
    ]
    assert not [source.path for source in views() if "permission_classes" in source.text]


def test_views_pass_the_caller_to_whatever_takes_one() -> None:
    calls = [call for source in views() for call in _calls_that_take_a_caller(source)]
    assert len(calls) >= 8, "the rule has lost sight of the calls it is about"
    assert [place for place, passed in calls if not passed] == []


def test_views_find_nothing_by_an_id_alone() -> None:
    found = [
        source.place(node)
        for source in views()
        for node in ast.walk(source.tree)
        if (isinstance(node, ast.Name) and node.id in UNCHECKED)
        or (isinstance(node, ast.Attribute) and node.attr == "objects")
    ]
    assert found == []


def test_every_scope_is_asked_for_somewhere_and_has_words() -> None:
    asked = {rule.scope for _, view in ROUTES for rule in rules_of(view).values()} - {None}
    assert asked == set(Scope) == set(SCOPE_WORDS)


def _calls_that_take_a_caller(source: Source) -> Iterator[tuple[str, bool]]:
    module = importlib.import_module(source.module)
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        called = getattr(module, node.func.id, None)
        if not inspect.isfunction(called):
            continue
        if "caller" in inspect.signature(called).parameters:
            named = {word.arg for word in node.keywords}
            in_place = [ast.unparse(argument) for argument in node.args]
            yield source.place(node), "caller" in named or "caller_of(request)" in in_place
