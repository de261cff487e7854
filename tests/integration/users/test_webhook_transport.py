"""What a webhook's address could be turned into, and is not: redirects, rebinding, slow answers."""

import asyncio
import socket
import ssl
import time
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.integration.users.receiver import Receiver, anywhere, receiving
from users import webhook_transport
from users.webhook_transport import MAX_ANSWER_BYTES, Answer, Parcel, send_all

NAME = "hooks.example.com"


def send(url: str, **options: Any) -> Answer:
    parcel = Parcel(url=url, headers={"webhook-id": "msg_1"}, body=b"{}")
    given: dict[str, Any] = {"https_only": False, "allows": anywhere} | options
    return send_all([parcel], **given)[0]


class Names:
    """What names resolve to, answer by answer."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> None:
        self.asked = 0
        self.answers = answers

        async def getaddrinfo(_loop: Any, _host: str, port: int, **_options: Any) -> Any:
            addresses = self.answers[min(self.asked, len(self.answers) - 1)]
            self.asked += 1
            family = {4: socket.AF_INET, 6: socket.AF_INET6}
            return [
                (family[ip_address(each).version], socket.SOCK_STREAM, 6, "", (each, port))
                for each in addresses
            ]

        monkeypatch.setattr(asyncio.base_events.BaseEventLoop, "getaddrinfo", getaddrinfo)


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "localhost", "127.1", "2130706433", "0"])
def test_nothing_is_sent_to_this_machine_however_it_is_written(host: str) -> None:
    with receiving() as receiver:
        answer = send_all(
            [Parcel(url=f"http://{host}:{receiver.port}/", headers={}, body=b"{}")],
            https_only=False,
        )[0]
    assert answer.outcome in {"address_refused", "not_resolved"}
    assert receiver.requests == []


@pytest.mark.parametrize(
    "addresses",
    [["10.0.0.7"], ["169.254.169.254"], ["::1"], ["1.1.1.1", "10.0.0.7"], ["fd00:ec2::254"], []],
)
def test_a_name_that_stands_for_a_private_address_is_refused_whatever_else_it_stands_for(
    monkeypatch: pytest.MonkeyPatch, addresses: list[str]
) -> None:
    Names(monkeypatch, addresses)
    parcel = Parcel(url=f"https://{NAME}/", headers={}, body=b"{}")
    assert send_all([parcel], https_only=True)[0].outcome == "address_refused"


def test_the_connection_goes_to_the_address_that_was_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A name that says a public address first and an inner one then is asked but once."""
    seen = []

    def allows(address: Any) -> bool:
        seen.append(str(address))
        return str(address) == "127.0.0.1"

    with receiving() as receiver:
        names = Names(monkeypatch, ["127.0.0.1"], ["127.0.0.2"])
        answer = send(f"http://{NAME}:{receiver.port}/", allows=allows)
    assert answer.outcome == "delivered"
    assert (names.asked, seen) == (1, ["127.0.0.1"])
    assert receiver.requests[0][0]["host"] == f"{NAME}:{receiver.port}"


def test_a_redirect_is_not_followed() -> None:
    with receiving() as inner, receiving(status=307, headers={"location": inner.url}) as outer:
        answer = send(outer.url)
    assert (answer.outcome, answer.status) == ("redirected", 307)
    assert (len(outer.requests), inner.requests) == (1, [])


def test_no_proxy_of_the_environment_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving() as proxy, receiving() as receiver:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert send(receiver.url).is_delivered
    assert proxy.requests == []


def test_a_long_answer_is_not_read_to_its_end() -> None:
    with receiving(body=b"x" * (50 * MAX_ANSWER_BYTES)) as receiver:
        assert send(receiver.url).is_delivered


def test_an_answer_that_drips_is_cut_off_at_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook_transport, "DEADLINE_SECONDS", 1)
    began = time.monotonic()
    with receiving(drip_seconds=6) as receiver:
        assert send(receiver.url).outcome == "timed_out"
        assert time.monotonic() - began < 4


def test_what_does_not_answer_is_told_apart() -> None:
    with receiving() as receiver:
        closed = receiver.url
    assert send(closed).outcome == "not_reached"
    assert send("http://nobody.invalid/").outcome == "not_resolved"


def test_without_tls_nothing_is_sent_where_tls_is_asked_for() -> None:
    with receiving() as receiver:
        assert send(receiver.url, https_only=True).outcome == "address_refused"
    assert receiver.requests == []


class TestTls:
    def test_the_certificate_must_be_trusted(self, tmp_path: Path) -> None:
        serving, _ = certificate(tmp_path, NAME)
        with receiving(serving) as receiver:
            answer = send(f"https://127.0.0.1:{receiver.port}/", https_only=True)
        assert (answer.outcome, receiver.requests) == ("tls_failed", [])

    def test_it_is_the_names_certificate_that_is_asked_for_not_the_addresss(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        serving, trust = certificate(tmp_path, NAME)
        Names(monkeypatch, ["127.0.0.1"])
        with receiving(serving) as receiver:
            assert _to(NAME, receiver, trust).is_delivered
            assert _to("other.example.com", receiver, trust).outcome == "tls_failed"
        assert len(receiver.requests) == 1


def _to(host: str, receiver: Receiver, trust: ssl.SSLContext) -> Answer:
    return send(f"https://{host}:{receiver.port}/", https_only=True, trust=trust)


def certificate(folder: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return how a server shows a certificate of this name, and how a client trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "server.pem"
    file.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(file)
    return serving, ssl.create_default_context(cafile=str(file))
