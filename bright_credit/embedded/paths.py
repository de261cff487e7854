"""Where this checkout keeps what its commands make: `var/` at its root, or `BRIGHTLEND_VAR`."""

import os
from enum import StrEnum
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent.parent


class Purpose(StrEnum):
    """Whom the servers are for. Tests have their own, apart from those of everyday work."""

    DEV = "dev"
    TEST = "test"


def var_directory(purpose: Purpose = Purpose.DEV) -> Path:
    """Return the folder of the data, logs and secrets for a purpose. It may not exist yet."""
    chosen = os.environ.get("BRIGHTLEND_VAR")
    base = Path(chosen).expanduser().resolve() if chosen else PROJECT_ROOT / "var"
    return base / "test" if purpose is Purpose.TEST else base
