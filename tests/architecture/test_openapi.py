"""The description of the API is complete, valid, and kept in the repository as it is."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.urls import URLPattern, URLResolver, get_resolver
from drf_spectacular.generators import SchemaGenerator

KEPT = Path(settings.BASE_DIR) / "docs" / "openapi.yaml"
REFRESH = "run: python manage.py spectacular --api-version v1 --file docs/openapi.yaml"

METHODS = ("get", "post", "put", "patch", "delete")


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the description as the code gives it; a warning or a fault of form is a failure."""
    file = tmp_path_factory.mktemp("openapi") / "openapi.yaml"
    call_command("spectacular", file=str(file), api_version="v1", fail_on_warn=True, validate=True)
    return file.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    described: dict[str, Any] = SchemaGenerator(api_version="v1").get_schema(public=True)
    return described


def test_the_kept_description_is_the_one_the_code_gives(generated: str) -> None:
    assert KEPT.read_text(encoding="utf-8") == generated, REFRESH


def test_every_address_is_described_and_every_description_has_an_address(
    description: dict[str, Any],
) -> None:
    described = {
        (path, method)
        for path, operations in description["paths"].items()
        for method in METHODS
        if method in operations
    }
    assert described == set(_served())


def test_no_address_ends_with_a_slash(description: dict[str, Any]) -> None:
    assert not [path for path in description["paths"] if path.endswith("/")]


def _served() -> Iterator[tuple[str, str]]:
    """Yield every address below /api/v1/ with the methods its view takes."""
    for route, pattern in _patterns(get_resolver()):
        if route.startswith("/api/v1/"):
            view = getattr(pattern.callback, "cls", None)
            assert view is not None, f"{route} is served by something other than an API view"
            yield from ((route, method) for method in METHODS if hasattr(view, method))


def _patterns(resolver: URLResolver, prefix: str = "/") -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _patterns(entry, route)
        else:
            yield re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route), entry
