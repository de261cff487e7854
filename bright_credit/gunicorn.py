"""How gunicorn serves: `gunicorn --config python:bright_credit.gunicorn bright_credit.wsgi`.

Read before Django is set up, so it imports nothing of the application until a worker has it.
"""

import gc
import os
import shutil
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any

from bright_credit.operations.log_lines import web_server_logging

control_socket_disable = True
worker_class = "bright_credit.operations.web_worker.PatientWorker"

# Each request is one line of our own log. Gunicorn's would tell its query, too.
accesslog = None
_sandbox = (
    os.environ.get("BRIGHTLEND_MODE") == "sandbox"
    or "BRIGHTLEND_EMBEDDED" in os.environ
    or "DATABASE_URL" not in os.environ
)
logconfig_dict = web_server_logging(
    style=os.environ.get("BRIGHTLEND_LOG_FORMAT", "plain" if _sandbox else "json"),
    level=os.environ.get("BRIGHTLEND_LOG_LEVEL", "INFO"),
)

# Where the workers of this server count for Prometheus, each in a file of its own. The name of the
# variable is that of prometheus_client, which looks for it when it is imported.
_COUNTS = "PROMETHEUS_MULTIPROC_DIR"
_made: list[str] = []


def on_starting(_server: Any) -> None:
    """Begin to count anew: what stands in a folder that was named is of a server that has ended."""
    if _COUNTS not in os.environ:
        os.environ[_COUNTS] = tempfile.mkdtemp(prefix="brightlend-metrics-")
        _made.append(os.environ[_COUNTS])
    folder = Path(os.environ[_COUNTS])
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for counts in folder.glob("*.db"):
        counts.unlink()


def post_worker_init(_worker: Any) -> None:
    """Let what gunicorn refuses by itself be answered as all else is, and leave its code be.

    The application is whole by now and lives as long as the worker: the collector of garbage need
    not walk through it, again and again, in the middle of somebody's request.
    """
    import_module("bright_credit.common.api.server_refusals").answer_with_problems()
    gc.collect()
    gc.freeze()


def on_exit(_server: Any) -> None:
    """Leave no folder behind."""
    for folder in _made:
        shutil.rmtree(folder, ignore_errors=True)
