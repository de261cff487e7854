"""Migrations are one line of named steps in each app, and the models are where the line ends."""

import re
from io import StringIO

import pytest
from django.core.management import call_command
from django.db.migrations.loader import MigrationLoader

from tests.architecture.source_tree import APPS

NAMED = re.compile(r"[0-9]{4}_[a-z][a-z0-9_]*")
MADE_UP = re.compile(r"[0-9]{4}_(auto_|initial$|alter_|rename_|merge_)")

WITH_TABLES = ("idempotency", *(app for app in APPS if app != "statements"))


@pytest.fixture(scope="module")
def loader() -> MigrationLoader:
    return MigrationLoader(None, ignore_no_migrations=True)


@pytest.mark.parametrize("app", WITH_TABLES)
def test_an_app_has_one_line_of_migrations(loader: MigrationLoader, app: str) -> None:
    assert len(loader.graph.leaf_nodes(app)) == 1
    for (owner, name), migration in loader.disk_migrations.items():
        if owner == app:
            before = [need for need in migration.dependencies if need[0] == app]
            assert len(before) == (0 if name.startswith("0001") else 1), name


@pytest.mark.parametrize("app", WITH_TABLES)
def test_migrations_are_numbered_in_order_and_named_for_what_they_do(
    loader: MigrationLoader, app: str
) -> None:
    names = sorted(name for owner, name in loader.disk_migrations if owner == app)
    assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1))
    assert all(NAMED.fullmatch(name) and not MADE_UP.match(name) for name in names), names


def test_statements_keep_nothing(loader: MigrationLoader) -> None:
    assert "statements" in loader.unmigrated_apps


@pytest.mark.django_db
def test_the_models_are_where_the_migrations_end() -> None:
    said = StringIO()
    call_command("makemigrations", check=True, dry_run=True, stdout=said)
    assert said.getvalue().strip() == "No changes detected"
