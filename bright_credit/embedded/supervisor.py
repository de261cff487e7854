"""`serve`: the servers, web, worker and beat as one program that starts and stops together."""

import contextlib
import http.client
import os
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from bright_credit.embedded.banner import banner
from bright_credit.embedded.children import Child, Console, end_left_over
from bright_credit.embedded.errors import EmbeddedServiceError
from bright_credit.embedded.files import HeldLock, last_lines
from bright_credit.embedded.paths import PROJECT_ROOT, Purpose
from bright_credit.embedded.ports import LOOPBACK, is_free
from bright_credit.embedded.process import stop_process, wait_until
from bright_credit.embedded.serve_record import (
    RecordedProcess,
    ServeRecord,
    forget_record,
    read_record,
    write_record,
)
from bright_credit.embedded.services import ensure_services, forget_no_services, stop_services

_END_SECONDS = 8.0
_WEB_SECONDS = 90.0
_POLL_SECONDS = 0.2
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_CELERY = (sys.executable, "-m", "celery", "-A", "bright_credit")
# A warning for production; whoever runs a sandbox as root, in a container mostly, knows it.
_ROOT_IS_FINE = "ignore:You're running the worker with superuser privileges"


class Supervisor:
    """One run of `serve` on a port. `run` returns when it is told to stop."""

    def __init__(self, *, port: int, var: Path) -> None:
        self._port = port
        self._var = var
        self._console = Console()
        self._children: list[Child] = []
        self._stop = threading.Event()
        self._at_once = threading.Event()

    def run(self) -> None:
        """Start everything, and stop it on Ctrl-C, SIGTERM or SIGHUP.

        Raise EmbeddedServiceError when something cannot start, or ended by itself; what had been
        started is stopped then, too.
        """
        lock = HeldLock.try_take(self._var / "serve.lock")
        if lock is None:
            raise EmbeddedServiceError(_already_running(self._var))
        try:
            end_left_overs(self._var)
            if not is_free(self._port):
                raise EmbeddedServiceError(
                    f"Port {self._port} is in use by another program; nothing was started. Stop "
                    f"that program, or choose another port: make run PORT={self._port + 1}"
                )
            with self._stopping_on_signals():
                self._run()
        finally:
            lock.release()

    def _run(self) -> None:
        try:
            forget_no_services()
            ensure_services()
            warnings = os.environ.get("PYTHONWARNINGS")
            os.environ["PYTHONWARNINGS"] = ",".join(filter(None, (warnings, _ROOT_IS_FINE)))
            if self._prepare() and self._start_children() and self._web_answers():
                self._console.say(banner(port=self._port, var=self._var))
            while not self._stop.wait(_POLL_SECONDS):
                self._refuse_dead_children()
        finally:
            self._end_everything()

    @contextlib.contextmanager
    def _stopping_on_signals(self) -> Iterator[None]:
        before = {number: signal.signal(number, self._on_signal) for number in _STOP_SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        # Asked a second time, waiting is over.
        (self._at_once if self._stop.is_set() else self._stop).set()

    def _prepare(self) -> bool:
        """Bring the database up to date. False when told to stop meanwhile."""
        prepare = [sys.executable, str(PROJECT_ROOT / "manage.py"), "prepare_sandbox"]
        self._start("setup", prepare)
        setup = self._children[0]
        while setup.exit_code() is None:
            if self._stop.wait(_POLL_SECONDS):
                return False
        self._refuse_dead_children(finished=setup)
        setup.end()
        self._children.remove(setup)
        return True

    def _start_children(self) -> bool:
        web = [sys.executable, "-m", "gunicorn", "bright_credit.wsgi"]
        web += ["--config", "python:bright_credit.gunicorn", "--workers", "2"]
        web += ["--bind", f"{LOOPBACK}:{self._port}"]
        web += ["--graceful-timeout", "5"]
        self._start("web", web)
        worker = [*_CELERY, "worker", "--loglevel=info", "--concurrency=2"]
        self._start("worker", [*worker, "--without-gossip", "--without-mingle"])
        self._start("beat", [*_CELERY, "beat", "--loglevel=info"])
        return True

    def _start(self, name: str, argv: list[str]) -> None:
        self._children.append(Child(name, argv, var=self._var, console=self._console))
        supervisor = RecordedProcess.of("serve", os.getpid())
        children = (RecordedProcess.of(child.name, child.pid) for child in self._children)
        if supervisor is not None:
            alive = tuple(child for child in children if child is not None)
            write_record(self._var, ServeRecord(supervisor, self._port, alive))

    def _web_answers(self) -> bool:
        """Wait for the first answer. False when told to stop meanwhile."""

        def settled() -> bool:
            self._refuse_dead_children()
            return self._stop.is_set() or _answers(self._port)

        if not wait_until(settled, seconds=_WEB_SECONDS):
            raise EmbeddedServiceError(
                f"The web server does not answer after {_WEB_SECONDS:.0f} s; see "
                f"{self._var / 'log' / 'web.log'}."
            )
        return not self._stop.is_set()

    def _refuse_dead_children(self, *, finished: Child | None = None) -> None:
        for child in self._children:
            code = child.exit_code()
            if code is None or (child is finished and code == 0) or self._stop.is_set():
                continue
            child.end()
            how = f"with exit code {code}" if code >= 0 else f"by signal {-code}"
            raise EmbeddedServiceError(
                f"{child.name} ended {how}, so everything was stopped. Its last lines are in "
                f"{child.log}:\n{last_lines(child.log)}"
            )

    def _end_everything(self) -> None:
        if self._children:
            self._console.say("Stopping BrightLend ...")
        for child in self._children:
            child.ask_to_end()

        def settled() -> bool:
            over = all(child.exit_code() is not None for child in self._children)
            return over or self._at_once.is_set()

        wait_until(settled, seconds=_END_SECONDS)
        for child in self._children:
            child.end()
        stopped = (*(child.name for child in self._children), *stop_services(Purpose.DEV))
        forget_record(self._var)
        if stopped:
            self._console.say(f"Stopped: {', '.join(stopped)}.")


def end_left_overs(var: Path) -> None:
    """Stop the children that a killed `serve` left running."""
    record = read_record(var)
    for child in record.children if record is not None else ():
        process = child.running()
        if process is not None:
            end_left_over(process, seconds=_END_SECONDS)
    forget_record(var)


def stop_running_serve(var: Path) -> bool:
    """Ask the `serve` of this checkout to stop, and wait for it. False when none runs."""
    record = read_record(var)
    process = record.supervisor.running() if record is not None else None
    if process is None:
        left = record is not None and any(child.running() for child in record.children)
        end_left_overs(var)
        return left
    stop_process(process, ask=(signal.SIGTERM,), seconds=3 * _END_SECONDS)
    end_left_overs(var)
    return True


def _already_running(var: Path) -> str:
    record = read_record(var)
    where = ""
    if record is not None:
        where = f" on http://{LOOPBACK}:{record.port}/ (process {record.supervisor.pid})"
    return f"BrightLend already runs here{where}. Stop it with Ctrl-C there, or with `make stop`."


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=5.0)
    try:
        connection.request("GET", "/api/docs")
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
