"""The table of codes: complete, unambiguous, and the same in the documentation and on its page."""

import inspect
import re
from importlib import import_module
from pkgutil import walk_packages
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.test import Client
from rest_framework import exceptions
from rest_framework.fields import Field

from bright_credit.common.api import codes, fields
from bright_credit.common.api.serializers import StrictSerializer
from bright_credit.common.errors import DomainError

SNAKE_CASE = re.compile(r"[a-z][a-z0-9_]*")
OUR_APPS = ("bright_credit", "users", "ledger", "credit", "loan", "statements")


@pytest.fixture(scope="module", autouse=True)
def every_module() -> None:
    """Import every module of every app, so that every class of refusals is known."""
    for app in OUR_APPS:
        package = import_module(app)
        for module in walk_packages(package.__path__, f"{app}."):
            if ".migrations" not in module.name:
                import_module(module.name)


def every_error() -> list[type[DomainError]]:
    found: list[type[DomainError]] = []
    waiting: list[type[DomainError]] = [DomainError]
    while waiting:
        error = waiting.pop()
        if error.__module__.split(".")[0] in OUR_APPS:
            found.append(error)
        waiting.extend(error.__subclasses__())
    return found


def test_our_apps_are_all_there_are() -> None:
    ours = {config.name for config in apps.get_app_configs() if "." not in config.name}
    foreign = {
        "unfold",
        "rest_framework",
        "corsheaders",
        "drf_spectacular",
        "drf_spectacular_sidecar",
    }
    assert ours - foreign - {"django_celery_beat", "django_otp"} == set(OUR_APPS)


def test_every_class_of_refusals_has_a_code_of_its_own_and_a_sentence() -> None:
    branches = {DomainError, *(base for base, _ in codes.DOMAIN_STATUS)}
    for error in every_error():
        # A special case of a refusal may go under its code; a new kind of refusal may not.
        special_case = set(error.__bases__).isdisjoint(branches)
        assert special_case or "code" in vars(error), f"{error.__qualname__} names no code"
        assert SNAKE_CASE.fullmatch(error.code), error.code
        assert (error.__doc__ or "").strip(), f"{error.__qualname__} has no docstring"


def test_no_code_stands_for_two_things() -> None:
    known = [entry.code for entry in codes.all_codes()]
    assert sorted(known) == sorted(set(known))


def test_every_class_of_refusals_is_in_the_table_as_a_4xx() -> None:
    table = {entry.code: entry for entry in codes.all_codes()}
    for error in every_error():
        if error is not DomainError:
            assert 400 <= table[error.code].status < 500


def test_every_code_of_the_http_layer_is_a_refusal() -> None:
    assert all(entry.status >= 400 for entry in codes.HTTP_CODES)
    assert all(SNAKE_CASE.fullmatch(entry.code) for entry in codes.HTTP_CODES)


@pytest.mark.parametrize(
    "error", [error for _, error in inspect.getmembers(exceptions, inspect.isclass)]
)
def test_every_refusal_of_the_framework_has_an_entry_with_its_status(error: type) -> None:
    if not issubclass(error, exceptions.APIException):
        return
    entry = codes.known_code(str(error.default_code), status=error.status_code)
    assert entry.status == error.status_code


def test_every_code_a_field_can_give_is_in_the_table() -> None:
    known = {entry.code for entry in codes.FIELD_CODES}
    own: list[type[Any]] = [
        field
        for _, field in inspect.getmembers(fields, inspect.isclass)
        if issubclass(field, Field)
    ]
    kinds: tuple[type[Any], ...] = (*own, StrictSerializer)
    given = {
        code
        for kind in kinds
        for base in inspect.getmro(kind)
        for code in getattr(base, "default_error_messages", {})
    }
    assert given - known == set()


def test_the_documentation_has_the_table_as_it_is() -> None:
    page = settings.BASE_DIR / "docs" / "errors.md"
    assert page.read_text(encoding="utf-8") == codes.render_codes(), (
        "run: python manage.py render_error_codes"
    )


def test_the_address_of_a_problems_type_shows_its_entry(client: Client) -> None:
    response = client.get(codes.CODES_PATH)
    text = response.content.decode()
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("text/html")
    for entry in codes.all_codes():
        assert f'id="{entry.code}"' in text


def test_the_page_of_codes_can_only_be_read(client: Client) -> None:
    assert client.post(codes.CODES_PATH).status_code == 405
