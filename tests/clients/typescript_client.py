"""The TypeScript client, generated and used: `python -m tests.clients.typescript_client`.

Types are generated from docs/openapi.yaml, `typescript/story.ts` is compiled against them, and run
against a server. The packages are those of the lock file, by hash, kept under `var/`.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.architecture.source_tree import ROOT
from tests.served import served, servers_for_tests

SOURCES = ROOT / "tests" / "clients" / "typescript"
PROGRAMS = ("node", "npm")


def main() -> int:
    """Generate, compile and run; return 0 when the story was told."""
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing:
        sys.exit(f"{' and '.join(missing)} not found: install Node.js 20 or newer")
    workshop = _workshop(ROOT / "var" / "typescript-client")
    description = ROOT / "docs" / "openapi.yaml"
    _run(workshop, "npx", "openapi-typescript", str(description), "-o", "brightlend.d.ts")
    _run(workshop, "npx", "tsc", "--project", ".")
    with (
        servers_for_tests(),
        tempfile.TemporaryDirectory() as folder,
        served(Path(folder)) as server,
    ):
        _run(workshop, "node", "built/story.js", server.url)
    return 0


def _workshop(folder: Path) -> Path:
    """Return the folder with the sources, and the packages that the lock file names."""
    lock, stamp = SOURCES / "package-lock.json", folder / "node_modules" / ".installed"
    folder.mkdir(parents=True, exist_ok=True)
    for source in SOURCES.iterdir():
        shutil.copy(source, folder)
    if not stamp.exists() or stamp.read_bytes() != lock.read_bytes():
        _run(folder, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
        stamp.write_bytes(lock.read_bytes())
    return folder


def _run(folder: Path, *command: str) -> None:
    done = subprocess.run(command, cwd=folder, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} failed with exit code {done.returncode}")


if __name__ == "__main__":
    sys.exit(main())
