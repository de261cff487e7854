"""A partner's server on this machine, and the policy that lets tests, and nobody else, reach it."""

import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from django.utils import timezone
from standardwebhooks import Webhook

from users.domain.addresses import Address
from users.domain.webhooks import EventType
from users.models import Partner
from users.services.webhooks import NewSecret, make_endpoint
from users.webhook_transport import Answer, Parcel, send_all


@dataclass
class Receiver:
    """What came in, and what is answered."""

    port: int = 0
    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    drip_seconds: int = 0
    respond: Callable[[int], int] | None = None
    requests: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The address, by a name that has a dot in it."""
        return f"http://127.0.0.1:{self.port}/hooks"

    def bodies(self, secret: str) -> list[Any]:
        """Return what was received, each verified by an implementation that is not ours."""
        return [Webhook(secret).verify(body, headers) for headers, body in self.requests]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    receiver: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        mine = self.receiver
        mine.requests.append(({k.lower(): v for k, v in self.headers.items()}, body))
        status = mine.respond(len(mine.requests)) if mine.respond else mine.status
        try:
            if mine.drip_seconds:
                self._drip(mine.drip_seconds)
                return
            self.send_response(status)
            for name, value in mine.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(mine.body)))
            self.end_headers()
            self.wfile.write(mine.body)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def _drip(self, seconds: int) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for number in range(seconds * 10):
            self.wfile.write(f"x-drip-{number}: y\r\n".encode())
            self.wfile.flush()
            time.sleep(0.1)

    def log_message(self, *_args: Any) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_args: Any) -> None:
        """A client that leaves in the middle is what some tests are about."""


@contextmanager
def receiving(context: ssl.SSLContext | None = None, **answers: Any) -> Iterator[Receiver]:
    """Give a server that listens; over TLS with a context."""
    receiver = Receiver(**answers)
    handler = type("Handler", (_Handler,), {"receiver": receiver})
    server = _Server(("127.0.0.1", 0), handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    receiver.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def anywhere(_address: Address) -> bool:
    """Let everything through: the policy of tests alone."""
    return True


def sending_anywhere(parcels: Sequence[Parcel], *, https_only: bool) -> list[Answer]:
    """Send as the product does, to this machine too."""
    return partial(send_all, allows=anywhere)(parcels, https_only=https_only)


def an_endpoint(
    partner: Partner, url: str, events: Sequence[str] = tuple(EventType), **changes: Any
) -> NewSecret:
    """Return an endpoint made by the product's service, then pointed at a test's receiver."""
    made = make_endpoint(
        partner,
        url=f"https://hooks.example.com/{partner.endpoints.count()}",
        events=events,
        https_only=True,
        now=timezone.now(),
    )
    made.endpoint.url = url
    for name, value in changes.items():
        setattr(made.endpoint, name, value)
    made.endpoint.save()
    return made
