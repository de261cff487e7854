"""Ports of the loopback address."""

import socket

from bright_credit.embedded.ports import LOOPBACK, choose_port, is_answering, is_free


def test_a_port_that_somebody_listens_on_is_taken() -> None:
    with socket.create_server((LOOPBACK, 0)) as server:
        port: int = server.getsockname()[1]
        assert not is_free(port)
        assert is_answering(port)
        assert choose_port(port) != port
    assert is_free(port)
    assert not is_answering(port)


def test_a_port_taken_on_all_addresses_is_taken() -> None:
    with socket.create_server(("", 0)) as server:
        assert not is_free(server.getsockname()[1])


def test_a_remembered_port_is_kept_while_it_is_free() -> None:
    port = choose_port(None)
    assert is_free(port)
    assert choose_port(port) == port
