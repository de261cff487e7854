"""Known weaknesses of what is installed, by pip-audit: `python -m tests.advisories`.

Exit code 0: nothing is known of any pinned package, or nobody could be asked, which is said. The
exceptions are in docs/dependencies.md with their reasons, and none is made anywhere else.
"""

import json
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence, Set
from typing import Any

from tests.architecture.source_tree import ROOT

REQUIREMENTS = ("requirements.txt", "requirements/tracing.txt")
ANSWER_SECONDS = 10
ALL_SECONDS = 300
Package = Mapping[str, Any]
"""One package of pip-audit's JSON: name, version, and `vulns` or why it was skipped."""

_EXCEPTION = re.compile(r"^\| ((?:PYSEC|GHSA|CVE)-[\w-]+) \|", re.MULTILINE)


def main() -> int:
    """Ask of the pinned packages; return 1 when a weakness is known that nobody excepted."""
    packages = [package for name in REQUIREMENTS for package in _asked(name)]
    known = weaknesses(packages, excepted=excepted())
    sys.stdout.write("\n".join(known) + "\n" if known else _clean(packages))
    return 1 if known else 0


def weaknesses(packages: Sequence[Package], *, excepted: Set[str]) -> list[str]:
    """Return what is known of packages in pip-audit's answer, without what is excepted."""
    return sorted(
        f"{package['name']} {package['version']}: {weakness['id']}"
        for package in packages
        for weakness in package.get("vulns", ())
        if not excepted & {weakness["id"], *weakness["aliases"]}
    )


def excepted() -> set[str]:
    """Return the advisories that docs/dependencies.md lists as not concerning us."""
    return set(_EXCEPTION.findall((ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")))


def _asked(name: str) -> list[Package]:
    command = [sys.executable, "-m", "pip_audit", "--requirement", name, "--require-hashes"]
    command += ["--disable-pip", "--format", "json", "--progress-spinner", "off"]
    command += ["--timeout", str(ANSWER_SECONDS)]
    try:
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=ALL_SECONDS
        )
    except subprocess.TimeoutExpired:
        return []
    return list(json.loads(done.stdout)["dependencies"]) if done.stdout else []


def _clean(packages: Sequence[Package]) -> str:
    audited = sum("vulns" in package for package in packages)
    if not audited:
        return "not audited: no advisory database answers from this machine\n"
    unknown = len(packages) - audited
    return f"nothing is known of {audited} packages; the database lacks {unknown}\n"


if __name__ == "__main__":
    sys.exit(main())
