"""One measured process: it gets ready, waits for the word, does its task, and says what it took.

`python -m benchmarks.worker <task> [argument ...]`, with `DATABASE_URL` naming the database.
"""

import json
import resource
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from time import perf_counter

import django

READY = "ready"


def main() -> None:
    """Do the task of the command line when a line comes in; print one line of JSON."""
    django.setup()
    from django.db import connection

    task = _task(sys.argv[1], sys.argv[2:])
    connection.ensure_connection()
    print(READY, flush=True)
    sys.stdin.readline()
    started = perf_counter()
    done = task()
    seconds = perf_counter() - started
    print(json.dumps({"seconds": seconds, "done": done, "peak_bytes": peak_memory_bytes()}))


def peak_memory_bytes() -> int:
    """Return the most memory this process has held, in bytes.

    From the kernel's account of this program alone where there is one: what `getrusage` says may
    stem from the process that started it.
    """
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


def _task(name: str, arguments: list[str]) -> Callable[[], int]:
    """Return a task with all it needs imported, so that only its work is timed."""
    match name, arguments:
        case "migrate", []:
            return _migrate
        case "close-day", [day]:
            return _close_day(date.fromisoformat(day))
        case "repeat-day", [day]:
            return _repeat_day(date.fromisoformat(day))
        case "bill-by-loan", [day, loans]:
            return _bill_by_loan(date.fromisoformat(day), int(loans))
        case "load", [path, as_of]:
            return _load(Path(path), date.fromisoformat(as_of))
        case "load-and-features", [path, as_of]:
            return _load_and_features(Path(path), date.fromisoformat(as_of))
        case "build-history", [day, events]:
            return _build_history(date.fromisoformat(day), int(events))
        case "pay", [day, back_days]:
            return _pay(date.fromisoformat(day), int(back_days))
        case "score", [borrowers, as_of]:
            return _score(int(borrowers), date.fromisoformat(as_of))
    raise SystemExit(f"unknown task: {name} {arguments}")


def _migrate() -> int:
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    return 0


def _close_day(day: date) -> Callable[[], int]:
    from loan.services.billing.run import run_day

    return lambda: int(run_day(day).manifest["dues"]["count"])


def _repeat_day(day: date) -> Callable[[], int]:
    from loan.services.billing.run import run_billing

    return lambda: len(run_billing(day, today=day, may_run_ahead=True).closed)


def _bill_by_loan(day: date, loans: int) -> Callable[[], int]:
    from benchmarks.by_loan import bill_by_loan

    return lambda: bill_by_loan(day, loans=loans)


def _load(path: Path, as_of: date) -> Callable[[], int]:
    from credit.services.transactions import load_transaction_file

    return lambda: load_transaction_file(path, name=path.name, as_of=as_of).file.accepted_rows


def _load_and_features(path: Path, as_of: date) -> Callable[[], int]:
    from credit.domain.features import cash_flow
    from credit.selectors import monthly_flows
    from credit.services.transactions import load_transaction_file
    from loan.services.billing.rescoring import BATCH

    def load_and_features() -> int:
        loaded = load_transaction_file(path, name=path.name, as_of=as_of)
        touched = loaded.touched_borrower_ids
        for start in range(0, len(touched), BATCH):
            flows = monthly_flows(touched[start : start + BATCH], as_of=as_of)
            for months in flows.values():
                cash_flow(months, as_of=as_of)
        return loaded.file.accepted_rows

    return load_and_features


def _build_history(day: date, events: int) -> Callable[[], int]:
    from benchmarks.history import build

    return lambda: build(day, events=events)


def _pay(day: date, back_days: int) -> Callable[[], int]:
    from benchmarks.history import a_request

    return a_request(day, back_days=back_days)


def _score(borrowers: int, as_of: date) -> Callable[[], int]:
    from loan.services.billing.rescoring import BATCH, score_again

    def score() -> int:
        for start in range(1, borrowers + 1, BATCH):
            score_again(range(start, min(start + BATCH, borrowers + 1)), as_of=as_of)
        return borrowers

    return score


if __name__ == "__main__":
    main()
