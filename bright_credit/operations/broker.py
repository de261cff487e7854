"""What the broker says of the workers: does it answer, what waits, when was a task done last.

A worker's sign of life is a task that it did, not that its process exists: the billing sweeper
comes twice a minute, so one mark proves beat, broker and worker together.
"""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from django.conf import settings
from django.utils import timezone
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

LAST_TASK_KEY = "brightlend:worker:last_task"
KEPT = timedelta(days=7)
TIMEOUT = timedelta(milliseconds=500)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerState:
    """What the broker knows: messages that wait or are being worked on, and the last task done."""

    waiting: int
    in_work: int
    last_task_at: datetime | None


def broker_state() -> BrokerState | None:
    """Return what the broker says; None when it does not answer in time."""
    try:
        with _client(settings.CELERY_BROKER_URL).pipeline(transaction=False) as pipe:
            pipe.llen(settings.CELERY_TASK_DEFAULT_QUEUE)
            pipe.hlen("unacked")
            pipe.get(LAST_TASK_KEY)
            waiting, in_work, mark = pipe.execute()
    except RedisError as error:
        _log.warning("The broker does not answer: %s", type(error).__name__)
        return None
    last = datetime.fromtimestamp(int(mark), UTC) if mark is not None else None
    return BrokerState(waiting=waiting, in_work=in_work, last_task_at=last)


def mark_task_done(**_signal: Any) -> None:
    """Leave a sign of life after a task (a receiver of `task_postrun`, in a worker's process)."""
    now = timezone.now().replace(microsecond=0)
    try:
        _client(settings.CELERY_BROKER_URL).set(
            LAST_TASK_KEY, f"{now.timestamp():.0f}", ex=int(KEPT.total_seconds())
        )
    except RedisError as error:
        _log.debug("No sign of life could be left: %s", type(error).__name__)


def forget_connections() -> None:
    """Close the connections, as a process that starts anew has none."""
    for client in _CLIENTS:
        client.close()
    _CLIENTS.clear()
    _client.cache_clear()


_CLIENTS: list[Redis] = []


@cache
def _client(url: str) -> Redis:
    client = Redis.from_url(
        url,
        socket_timeout=TIMEOUT.total_seconds(),
        socket_connect_timeout=TIMEOUT.total_seconds(),
        retry=Retry(NoBackoff(), 1),  # a connection that was kept while the server restarted
    )
    _CLIENTS.append(client)
    return client
