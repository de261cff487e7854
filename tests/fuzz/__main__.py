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
from pathlib import Path

from tests.architecture.source_tree import ROOT
from tests.served import Served, served

#: Left out, and why. The first is replaced in `hooks`. The sandbox answers who does not sign in, by
#: design; who may see what is tested for every address in tests/api.
EXCLUDED = "positive_data_acceptance,ignored_auth,object_level_authorization"

_GENERATED = re.compile(r"([0-9]+) generated")


def main() -> int:
    """Run until enough cases were made or the time is over; return the exit code."""
    asked = _arguments()
    with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as server:
        cases, failed, round_number = 0, False, 0
        while not failed and (round_number == 0 or cases < asked.cases):
            output, failed = _round(
                server, Path(folder), seconds=asked.seconds, seed=asked.seed + round_number
            )
            found = _GENERATED.search(output)
            cases += int(found[1]) if found else 0
            round_number += 1
            say(f"{cases} cases, seed {asked.seed}, round {round_number}")
            if failed or found is None:
                say(output)
                return 1
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
    parser.add_argument("--seconds", type=int, default=60, help="of each round")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**32))
    return parser.parse_args()


def _round(server: Served, folder: Path, *, seconds: int, seed: int) -> tuple[str, bool]:
    """Return what Schemathesis says, and whether it found anything."""
    command = [str(Path(sysconfig.get_path("scripts")) / "st"), "run", f"{server.url}/api/schema"]
    command += ["--checks", "all", "--exclude-checks", EXCLUDED, "--continue-on-failure"]
    command += ["--max-time", str(seconds), "--seed", str(seed), "--no-color"]
    command += ["--generation-database", "none", "--suppress-health-check", "all"]
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
