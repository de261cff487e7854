"""`python -m benchmarks.api`: payments and statements over HTTP, each beside its floor."""

import json
import os
import subprocess
import sys
from argparse import ArgumentParser, Namespace
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console

from benchmarks.api.measuring import Subjects
from benchmarks.api.report import api_tables, with_section
from benchmarks.api.serving import api
from benchmarks.report import show
from benchmarks.server import BenchPostgres, database
from bright_credit.embedded.paths import var_directory
from bright_credit.embedded.valkey import EmbeddedValkey

DATABASE = "brightlend_bench_api"


def main() -> None:
    """Measure, print, and write the section if asked."""
    options = _options()
    console = Console()
    folder = var_directory() / "bench"
    postgres, valkey = BenchPostgres(folder), EmbeddedValkey(folder)
    try:
        server_url, broker = postgres.start(), valkey.start()
        if (process := postgres.process()) is None:
            raise RuntimeError("PostgreSQL has gone")
        with database(server_url, DATABASE) as url, TemporaryDirectory() as log:
            environment = _environment(url, broker)
            book = _book(environment)
            with api(environment, Path(log) / "web.log") as served:
                subjects = Subjects(
                    replace(served, key=book["key"]), book, url=url, postmaster=process.pid
                )
                rounds = [subjects.round(options.calls) for _ in range(options.rounds)]
    finally:
        valkey.stop()
        postgres.stop()
    tables = api_tables(rounds, statements=book["statements"])
    show(tables, console)
    if options.report:
        page = options.report.read_text(encoding="utf-8")
        written = with_section(
            page, tables, rounds=options.rounds, calls=options.calls, noise=options.noise
        )
        options.report.write_text(written, encoding="utf-8")


def _options() -> Namespace:
    parser = ArgumentParser(prog="python -m benchmarks.api", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--calls", type=int, default=400)
    parser.add_argument("--report", type=Path, help="the page whose last section is written")
    parser.add_argument("--noise", default="on a machine with nothing else to do")
    return parser.parse_args()


def _environment(url: str, broker: str) -> dict[str, str]:
    return {
        **os.environ,
        "DATABASE_URL": url,
        "REDIS_URL": broker,
        "DJANGO_SETTINGS_MODULE": "benchmarks.api.settings",
        "BRIGHTLEND_EMBEDDED": "1",
        "BRIGHTLEND_MODE": "sandbox",
        # Counted, as a partner's calls are, and never refused.
        "BRIGHTLEND_RATE_LIMITS": "partner=1000000/60",
    }


def _book(environment: dict[str, str]) -> dict[str, Any]:
    prepare = [sys.executable, "manage.py", "prepare_sandbox"]
    subprocess.run(prepare, env=environment, check=True, stdout=subprocess.DEVNULL)
    written = subprocess.run(
        [sys.executable, "-m", "benchmarks.api.book"],
        env=environment,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    book: dict[str, Any] = json.loads(written.stdout)
    return book


if __name__ == "__main__":
    main()
