"""Rate limits by caller: counted exactly, told in headers, and no condition for a payment."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as project
from django.test import Client
from pytest_django import Settings
from redis import Redis

from bright_credit.common.api import rate_limits
from bright_credit.common.api.caller import Caller, CallerKind
from bright_credit.common.api.rates import DEFAULT_RATES, Rate, rates
from tests.api.calls import answer, post
from tests.api.problem import problem_of
from tests.builders import a_disbursed_loan
from tests.callers import a_login

pytestmark = pytest.mark.django_db

ADDRESS = "/api/v1/loans?user_id=BC-USER-999999"
NOWHERE = "redis://127.0.0.1:9/0"  # the port "discard", where nothing listens


@pytest.fixture(autouse=True)
def _emptied() -> Iterator[None]:
    """Begin and end with no caller counted, no rest, and no connection left open."""
    store = Redis.from_url(project.RATE_LIMIT_REDIS_URL)
    for key in store.scan_iter("brightlend:rate:*"):
        store.delete(key)
    rate_limits.forget()
    yield
    for key in store.scan_iter("brightlend:rate:*"):
        store.delete(key)
    store.close()
    rate_limits.forget()


def limit(settings: Settings, **limits: Rate) -> None:
    settings.API_RATE_LIMITS = {**dict.fromkeys(DEFAULT_RATES), **limits}


def a_caller(name: str = "1", kind: CallerKind = CallerKind.PARTNER) -> Caller:
    return Caller(kind=kind, identity=name, address="203.0.113.7")


def test_every_kind_of_caller_has_a_default() -> None:
    assert set(DEFAULT_RATES) == set(CallerKind)


def test_limits_are_written_by_kind() -> None:
    given = rates("staff=5/60, anonymous=off,local=1/1")
    assert given["staff"] == Rate(5, 60)
    assert given["anonymous"] is None
    assert given["local"] == Rate(1, 1)
    assert given["partner"] == DEFAULT_RATES["partner"]


@pytest.mark.parametrize(
    "text", ["staff", "staff=5", "staff=0/60", "staff=5/0", "nobody=5/60", "staff=-5/60", "staff=x"]
)
def test_what_is_no_limit_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not"):
        rates(text)


def test_a_caller_within_its_limit_is_told_what_is_left(client: Client, settings: Settings) -> None:
    limit(settings, local=Rate(10, 3_600))
    first, second = client.get(ADDRESS), client.get(ADDRESS)
    assert first.headers["RateLimit-Policy"] == '"local";q=10;w=3600'
    assert first.headers["RateLimit"] == '"local";r=9;t=360'
    assert second.headers["RateLimit"] == '"local";r=8;t=720'
    assert second.headers["RateLimit-Limit"] == "10"
    assert second.headers["RateLimit-Remaining"] == "8"
    assert second.headers["RateLimit-Reset"] == "720"


def test_a_caller_over_its_limit_is_told_how_long_to_wait(
    client: Client, settings: Settings
) -> None:
    limit(settings, local=Rate(3, 3_600))
    assert [client.get(ADDRESS).status_code for _ in range(3)] == [404] * 3
    refused = client.get(ADDRESS)
    problem_of(refused, status=429, code="throttled")
    assert 1_199 <= int(refused.headers["Retry-After"]) <= 1_200
    assert refused.headers["RateLimit-Remaining"] == "0"


def test_a_refused_request_costs_nothing_more(settings: Settings) -> None:
    limit(settings, partner=Rate(2, 3_600))
    stood = [rate_limits.take(a_caller()) for _ in range(20)]
    waits = [each.wait_seconds for each in stood if each and not each.allowed]
    assert len(waits) == 18
    assert max(waits) <= 1_800


def test_two_hundred_at_once_are_counted_exactly(settings: Settings) -> None:
    limit(settings, partner=Rate(10, 3_600))
    with ThreadPoolExecutor(max_workers=20) as pool:
        stood = list(pool.map(lambda _: rate_limits.take(a_caller()), range(200)))
    assert sum(each is not None and each.allowed for each in stood) == 10


def test_the_limit_comes_back_steadily(settings: Settings) -> None:
    limit(settings, partner=Rate(1_000, 1))
    wanted = 1_500
    passed = sum(bool((s := rate_limits.take(a_caller())) and s.allowed) for _ in range(wanted))
    assert 1_000 <= passed <= wanted


def test_callers_do_not_use_up_each_others_limits(settings: Settings) -> None:
    limit(settings, partner=Rate(1, 3_600), borrower=Rate(1, 3_600))
    callers = [a_caller("1"), a_caller("2"), a_caller("1", CallerKind.BORROWER)]
    first = [rate_limits.take(caller) for caller in callers]
    assert all(each is not None and each.allowed for each in first)


def test_an_ipv6_network_is_one_caller_and_an_ipv4_address_is_one(settings: Settings) -> None:
    limit(settings, anonymous=Rate(2, 3_600))

    def stand(address: str) -> bool:
        standing = rate_limits.take(a_caller(address, CallerKind.ANONYMOUS))
        return standing is not None and standing.allowed

    assert [stand(f"2001:db8:1:2::{n}") for n in range(3)] == [True, True, False]
    assert stand("2001:db8:1:3::1")
    assert [stand(f"203.0.113.{n}") for n in range(3)] == [True] * 3


def test_forged_addresses_do_not_widen_the_limit(client: Client, settings: Settings) -> None:
    limit(settings, anonymous=Rate(10, 3_600))
    statuses = [
        client.get(
            ADDRESS, REMOTE_ADDR="198.51.100.9", HTTP_X_FORWARDED_FOR=f"10.0.{n // 250}.{n % 250}"
        ).status_code
        for n in range(100)
    ]
    assert statuses == [401] * 10 + [429] * 90


def test_a_refused_sign_in_counts_against_its_address_alone(
    client: Client, settings: Settings
) -> None:
    limit(settings, anonymous=Rate(1, 3_600), staff=Rate(5, 3_600))
    elsewhere: dict[str, Any] = {"REMOTE_ADDR": "198.51.100.9"}
    problem_of(client.get(ADDRESS, **elsewhere), status=401)
    problem_of(client.get(ADDRESS, **elsewhere), status=429)
    problem_of(client.get(ADDRESS, REMOTE_ADDR="198.51.100.10"), status=401)
    client.force_login(a_login("ops", role="viewer"))
    signed_in = client.get(ADDRESS, **elsewhere)
    problem_of(signed_in, status=404)
    assert signed_in.headers["RateLimit-Limit"] == "5"


def test_without_redis_a_payment_is_taken_and_says_nothing_of_limits(
    client: Client, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    limit(settings, local=Rate(1, 3_600))
    settings.RATE_LIMIT_REDIS_URL = NOWHERE
    loan = a_disbursed_loan()
    for number in range(3):
        order: dict[str, Any] = {
            "loan_id": loan.public_id,
            "amount": 100,
            "payment_method": "UPI",
            "reference_id": f"PAY-{number}",
        }
        response = post(client, "loans/payments", order)
        answer(response, status=201)
        assert "RateLimit" not in response.headers
    warnings = [line for line in caplog.messages if "Rate limits cannot be counted" in line]
    assert len(warnings) == 1, "once, and then Redis is left alone for a while"


def test_when_redis_is_back_requests_are_counted_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit(settings, partner=Rate(1, 3_600))
    settings.RATE_LIMIT_REDIS_URL = NOWHERE
    assert rate_limits.take(a_caller()) is None
    settings.RATE_LIMIT_REDIS_URL = project.CELERY_BROKER_URL
    assert rate_limits.take(a_caller()) is None, "the rest after a failure"
    monkeypatch.setattr(rate_limits, "REST", timedelta(0))
    settings.RATE_LIMIT_REDIS_URL = NOWHERE
    rate_limits.forget()
    assert rate_limits.take(a_caller()) is None
    settings.RATE_LIMIT_REDIS_URL = project.CELERY_BROKER_URL
    standing = rate_limits.take(a_caller())
    assert standing is not None
    assert standing.allowed


def test_keys_are_gone_when_the_quota_is_whole_again(settings: Settings) -> None:
    limit(settings, partner=Rate(10, 60))
    rate_limits.take(a_caller())
    store = Redis.from_url(project.RATE_LIMIT_REDIS_URL)
    assert 0 < store.pttl("brightlend:rate:partner:1") <= 6_000
    store.close()
