#!/usr/bin/env python
"""The command line of BrightLend. Starts the private database and broker when none are named."""

import os
import sys

# `serve` starts the servers itself, once it knows that its port is free.
WITHOUT_SERVICES = {"help", "version", "serve", "stop_services"}
QUESTIONS = {"-h", "--help", "--version"}


def main() -> None:
    """Run the command of the command line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bright_credit.settings")
    # Imported here, so that a Ctrl-C during the first moments ends without a traceback as well.
    from bright_credit.embedded.services import ensure_services, name_no_services

    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    if command in WITHOUT_SERVICES or QUESTIONS & set(sys.argv[1:3]):
        name_no_services()
    else:
        ensure_services()
    try:
        from django.core.management import execute_from_command_line
    except ModuleNotFoundError as missing:
        raise SystemExit(
            f"{missing}: activate the virtual environment and run `pip install -r "
            "requirements.txt`, or use `make run`, which does both."
        ) from None
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
