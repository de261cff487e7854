"""Throw requests at a running server that its own description makes: `python -m tests.fuzz`.

All of Schemathesis's checks in all of its phases, stateful ones too, and ours (`hooks`). Afterwards
the log must hold no traceback, and the books must agree.
"""

import argparse
import os
import re
import secrets
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.architecture.source_tree import ROOT
from tests.served import Served, served, servers_for_tests

#: Left out, and why. The first is replaced in `hooks`; the second has one caller at a time, and who
#: may see what is tested for every address in tests/api.
EXCLUDED = "positive_data_acceptance,object_level_authorization"

_CONFIG = Path(__file__).with_name("schemathesis.toml")
_GENERATED = re.compile(r"([0-9]+) generated")


@dataclass(frozen=True, slots=True)
class Door:
    """How callers come in: what the server is told, and what Schemathesis is."""

    settings: Mapping[str, str]
    excluded: str
    signs_in: bool


#: The sandbox answers who does not sign in, by design; the other door is a live server's.
DOORS = {
    "local": Door(settings={}, excluded=f"{EXCLUDED},ignored_auth", signs_in=False),
    "partner": Door(
        settings={
            "BRIGHTLEND_OPEN_TO_LOOPBACK": "0",
            "BRIGHTLEND_RATE_LIMITS": "partner=off,anonymous=off",
        },
        excluded=EXCLUDED,
        signs_in=True,
    ),
}


def main() -> int:
    """Run until enough cases were made or the time is over; return the exit code."""
    asked = _arguments()
    with servers_for_tests():
        return max(_at(name, asked) for name in asked.callers.split(","))


def _at(name: str, asked: argparse.Namespace) -> int:
    """Throw a share of the requests through one door."""
    door, share = DOORS[name], asked.cases / len(asked.callers.split(","))
    with (
        tempfile.TemporaryDirectory() as folder,
        served(Path(folder), environment=door.settings) as server,
    ):
        cases, seed = 0, asked.seed
        while cases == 0 or cases < share:
            output, failed = _round(server, Path(folder), door, seconds=asked.seconds, seed=seed)
            found = _GENERATED.search(output)
            cases += int(found[1]) if found else 0
            say(f"{cases} cases as {name}, seed {seed}")
            if failed or found is None:
                say(output)
                return 1
            seed += 1
        if "Traceback" in server.said():
            say(server.said())
            return 1
        say(server.manage("verify_books"))
    return 0


def say(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--cases", type=int, default=0, help="at least so many; 0: one round")
    parser.add_argument("--callers", default="local", help=f"some of {', '.join(DOORS)}")
    parser.add_argument("--seconds", type=int, default=60, help="of each round")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**32))
    return parser.parse_args()


def _round(
    server: Served, folder: Path, door: Door, *, seconds: int, seed: int
) -> tuple[str, bool]:
    """Return what Schemathesis says, and whether it found anything."""
    command = [str(Path(sysconfig.get_path("scripts")) / "st"), "--config-file", str(_CONFIG)]
    command += ["run", f"{server.url}/api/schema"]
    command += ["--checks", "all", "--exclude-checks", door.excluded, "--continue-on-failure"]
    command += ["--max-time", str(seconds), "--seed", str(seed), "--no-color"]
    command += ["--generation-database", "none", "--suppress-health-check", "all"]
    if door.signs_in:
        make = "from tests.fuzz.partner import new_key; print(new_key())"
        key = server.manage("shell", "--no-imports", "-c", make).strip()
        command += ["--header", f"Authorization: Bearer {key}"]
    done = subprocess.run(
        command,
        cwd=folder,  # where it keeps what it remembers
        env={**os.environ, "SCHEMATHESIS_HOOKS": "tests.fuzz.hooks", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr, done.returncode != 0


if __name__ == "__main__":
    sys.exit(main())
