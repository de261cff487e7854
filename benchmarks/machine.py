"""What the figures were taken on: the machine and the versions, and nothing that names it."""

import os
import platform
from importlib.metadata import version
from pathlib import Path

_GIBIBYTE = 1024**3


def machine() -> dict[str, str]:
    """Return a description of this machine, by what it is and not by what it is called."""
    return {
        "processor": f"{_processor()}, {os.cpu_count()} cores",
        "memory": f"{memory_bytes() / _GIBIBYTE:.0f} GiB",
        "system": f"{platform.system()} {platform.machine()}",
        "Python": platform.python_version(),
        "Django": version("django"),
        "psycopg": version("psycopg"),
        "pandas": version("pandas"),
    }


def memory_bytes() -> int:
    """Return the memory of the machine."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
