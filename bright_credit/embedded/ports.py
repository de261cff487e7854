"""Ports of the loopback address."""

import random
import socket

LOOPBACK = "127.0.0.1"

# Below the ranges from which systems hand out ports for outgoing connections, so that a port stays
# ours while the server behind it is down.
_FIRST, _LAST = 20_000, 32_000
_ATTEMPTS = 200


def is_free(port: int) -> bool:
    """Return whether a server could listen on `port` of the loopback address now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    # Some systems let one address be bound while another program listens on all of them.
    return not is_answering(port)


def is_answering(port: int) -> bool:
    """Return whether something accepts connections on `port` of the loopback address."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        return probe.connect_ex((LOOPBACK, port)) == 0


def choose_port(remembered: int | None) -> int:
    """Return the remembered port when it is free, else another free one."""
    if remembered is not None and is_free(remembered):
        return remembered
    source = random.SystemRandom()
    for _ in range(_ATTEMPTS):
        port = source.randint(_FIRST, _LAST)
        if is_free(port):
            return port
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])
