"""Starts the servers for tests before pytest-django reads the settings, and stops them at the end.

Loaded by `-p tests.plugin`. Each worker of pytest-xdist is a session of its own on these servers:
its databases are no other worker's, so nothing that one empties is missed by another.
"""

import atexit
import os

import pytest
from hypothesis import settings

from bright_credit.embedded.testing import TestSession
from tests import properties

_ADDRESSES = ("DATABASE_URL", "REDIS_URL")

#: Names the addresses that were put into the environment here, for the workers of xdist.
_OURS = "BRIGHTLEND_TEST_ADDRESSES"

settings.load_profile(properties.GATE)  # `--hypothesis-profile=search` loads the other later


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    """Put the addresses of the servers into the environment.

    The end is the interpreter's, not pytest's: a session that fails while it loads ends as well.
    """
    for address in os.environ.pop(_OURS, "").split():
        del os.environ[address]
    ours = [address for address in _ADDRESSES if not os.environ.get(address)]
    session = TestSession.begin()
    if session is not None:
        os.environ[_OURS] = " ".join(ours)
        atexit.register(session.end)
