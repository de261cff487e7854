"""Real servers in a folder of the test's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bright_credit.embedded.paths import Purpose
from bright_credit.embedded.postgres import EmbeddedPostgres
from bright_credit.embedded.services import servers
from bright_credit.embedded.valkey import EmbeddedValkey


@pytest.fixture
def var(tmp_path: Path) -> Iterator[Path]:
    """A folder whose name needs care in a configuration file; its servers end with the test."""
    folder = tmp_path / 'it\'s "var" 1'
    yield folder
    for server in servers(Purpose.DEV, var=folder):
        server.stop()


@pytest.fixture
def postgres(var: Path) -> EmbeddedPostgres:
    """A private PostgreSQL, not yet made."""
    return EmbeddedPostgres(var)


@pytest.fixture
def valkey(var: Path) -> EmbeddedValkey:
    """A private Valkey, not yet made."""
    return EmbeddedValkey(var)
