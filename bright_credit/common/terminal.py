"""Reports on a terminal, and in files and pipes, where no amount may be cut for want of width."""

import sys

from rich.console import Console

_WIDTH_WITHOUT_TERMINAL = 140


def report_console() -> Console:
    """Return a console as wide as the terminal, or wide enough where there is none."""
    return Console() if sys.stdout.isatty() else Console(width=_WIDTH_WITHOUT_TERMINAL)
