"""Starts the servers for tests before pytest-django reads the settings, and stops them at the end.

Loaded by `-p tests.plugin`. The workers of pytest-xdist inherit the controller's addresses.
"""

import atexit
import os

import pytest
from hypothesis import settings

from bright_credit.embedded.testing import TestSession
from tests import properties

settings.load_profile(properties.GATE)  # `--hypothesis-profile=search` loads the other later


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    """Put the addresses of the servers into the environment.

    The end is the interpreter's, not pytest's: a session that fails while it loads ends as well.
    """
    if "PYTEST_XDIST_WORKER" in os.environ:
        return
    session = TestSession.begin()
    if session is not None:
        atexit.register(session.end)
