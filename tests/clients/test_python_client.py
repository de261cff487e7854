"""The Python client: generated from the kept description, used against a running server."""

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

from tests.architecture.source_tree import ROOT
from tests.served import served

SETTINGS = "package_name_override: brightlend_client\npost_hooks: []\n"


def test_a_client_made_from_the_description_tells_the_contracts_story(tmp_path: Path) -> None:
    _generate(tmp_path)
    with served(tmp_path) as server:
        told = subprocess.run(
            [
                sys.executable,
                "-W",
                "error",
                str(ROOT / "tests" / "clients" / "story.py"),
                server.url,
            ],
            env={**os.environ, "PYTHONPATH": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert told.returncode == 0, told.stderr + server.said()


def _generate(folder: Path) -> None:
    settings = folder / "generator.yaml"
    settings.write_text(SETTINGS, encoding="utf-8")
    generator = Path(sysconfig.get_path("scripts")) / "openapi-python-client"
    command = [str(generator), "generate", "--path", str(ROOT / "docs" / "openapi.yaml")]
    command += ["--meta", "none", "--config", str(settings), "--fail-on-warning"]
    command += ["--output-path", str(folder / "brightlend_client")]
    made = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert made.returncode == 0, made.stdout + made.stderr
