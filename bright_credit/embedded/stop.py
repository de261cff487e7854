"""Stopping all that a checkout has running: `python -m bright_credit.embedded.stop`.

Needs the standard library alone, so that it works where the environment does not.
"""

import sys

from bright_credit.embedded.errors import EmbeddedServiceError
from bright_credit.embedded.paths import Purpose, var_directory
from bright_credit.embedded.services import services_status, stop_services
from bright_credit.embedded.supervisor import stop_running_serve
from bright_credit.embedded.testing import session_is_running


def stop_everything(*, even_tests: bool = False) -> str:
    """Stop a running `serve` and the private servers; return the sentence that says what stopped.

    The servers for tests are spared while a test session runs, unless `even_tests`.

    Raise EmbeddedServiceError when something belongs to another user.
    """
    try:
        stopped = [server.title for server in services_status() if server.running]
        if stop_running_serve(var_directory()):
            stopped.insert(0, "web, worker and beat")
        stop_services()
        if even_tests or not session_is_running():
            stopped += [f"{title} (tests)" for title in stop_services(Purpose.TEST)]
    except PermissionError as refusal:
        raise EmbeddedServiceError(
            f"Something that runs here belongs to another user: {refusal}."
        ) from None
    return f"Stopped: {', '.join(stopped)}." if stopped else "Nothing was running."


def main() -> None:
    """Stop everything, and say so when there was something to stop."""
    try:
        print(stop_everything(even_tests="--all" in sys.argv[1:]))
    except EmbeddedServiceError as refusal:
        raise SystemExit(str(refusal)) from None


if __name__ == "__main__":
    main()
