"""Starting measured processes, letting them go at one moment, and taking the time until the last.

Their start (the interpreter, Django, the connection) is not part of what is measured.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from benchmarks.worker import READY

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a race took: wall time until the last process was done, and the largest of them."""

    seconds: float
    done: int
    peak_bytes: int


class MeasuredProcessFailed(RuntimeError):
    """A measured process ended without its result; its own words stand above."""


def race(url: str, task: str, *arguments: object, workers: int = 1) -> Outcome:
    """Run a task in so many processes at once against the database; return what it took."""
    running = [_start(url, task, [str(argument) for argument in arguments]) for _ in range(workers)]
    try:
        for process in running:
            if _line(process) != READY:
                raise MeasuredProcessFailed(task)
        started = perf_counter()
        for process in running:
            print(file=process.stdin, flush=True)
        lines = [_line(process) for process in running]
        seconds = perf_counter() - started
    finally:
        for process in running:
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream:
                    stream.close()
    if not all(lines):
        raise MeasuredProcessFailed(task)
    results = [json.loads(line) for line in lines]
    return Outcome(
        seconds=seconds,
        done=max(result["done"] for result in results),
        peak_bytes=max(result["peak_bytes"] for result in results),
    )


def _start(url: str, task: str, arguments: list[str]) -> subprocess.Popen[str]:
    environment = os.environ | {
        "DATABASE_URL": url,
        "REDIS_URL": "redis://127.0.0.1:9/0",  # nobody listens there: a run needs no broker
        "BRIGHTLEND_EMBEDDED": "1",
        "BRIGHTLEND_LOG_LEVEL": "WARNING",
        "DJANGO_SETTINGS_MODULE": "bright_credit.settings",
    }
    return subprocess.Popen(
        [sys.executable, "-m", "benchmarks.worker", task, *arguments],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _line(process: subprocess.Popen[str]) -> str:
    return process.stdout.readline().strip() if process.stdout else ""
