"""How gunicorn serves: `gunicorn --config python:bright_credit.gunicorn bright_credit.wsgi`.

Read before Django is set up, so it imports nothing of the application until a worker has it.
"""

from importlib import import_module
from typing import Any

control_socket_disable = True
# The size of an answer and the milliseconds it took; the request's id is that of our own log.
access_log_format = '%(h)s "%(r)s" %(s)s %(b)s %(M)sms %({x-request-id}o)s'


def post_worker_init(_worker: Any) -> None:
    """Let what gunicorn refuses by itself be answered as all else is."""
    import_module("bright_credit.common.api.server_refusals").answer_with_problems()
