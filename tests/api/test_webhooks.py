"""Partners' webhook endpoints over HTTP: made, listed, their secrets changed, disabled, enabled."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from tests.api.problem import problem_of
from tests.callers import a_partner, as_partner
from tests.integration.users.receiver import an_endpoint
from users.domain.scopes import Scope
from users.domain.webhooks import EventType
from users.models import Partner, WebhookEndpoint, WebhookSecret

pytestmark = pytest.mark.django_db

ENDPOINTS = "/api/v1/webhooks/endpoints"
WANTED = {"url": "https://hooks.example.com/a", "events": ["payment.posted", "loan.closed"]}


@pytest.fixture
def partner() -> Partner:
    return a_partner()


@pytest.fixture
def key(partner: Partner) -> dict[str, str]:
    return as_partner(partner, [Scope.WEBHOOKS_MANAGE])


def post(client: Client, address: str, body: Any, key: dict[str, str]) -> Any:
    return client.post(address, body, content_type="application/json", **key)  # type: ignore[arg-type]


def made(client: Client, key: dict[str, str], **changes: Any) -> Any:
    answer = post(client, ENDPOINTS, WANTED | changes, key)
    assert answer.status_code == 201, answer.content
    return answer.json()


def test_an_endpoint_is_made_and_its_secret_shown_once(
    client: Client, partner: Partner, key: dict[str, str]
) -> None:
    answer = made(client, key)
    secret = answer.pop("secret")
    endpoint = WebhookEndpoint.objects.get(partner=partner)
    shown = {
        "endpoint_id": endpoint.pk,
        "url": "https://hooks.example.com/a",
        "events": ["loan.closed", "payment.posted"],
        "status": "ENABLED",
        "disabled_because": None,
        "created_at": answer["endpoint"]["created_at"],
        "failing_since": None,
        "last_success_at": None,
    }
    assert answer == {"endpoint": shown, "former_secret_expires_at": None}
    assert secret.startswith("whsec_")
    for address in (ENDPOINTS, f"{ENDPOINTS}/{endpoint.pk}"):
        listed = client.get(address, **key)  # type: ignore[arg-type]
        assert secret not in listed.content.decode()
        assert listed.json() in (shown, {"results": [shown], "next": None, "previous": None})


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"url": "https://10.0.0.1/"}, "url", "webhook_url_refused"),
        ({"url": "https://169.254.169.254/"}, "url", "webhook_url_refused"),
        ({"url": "https://a.example.com/\r\nHost: b"}, "url", "invalid_characters"),
        ({"url": "https://user@a.example.com/"}, "url", "webhook_url_refused"),
        ({"url": ""}, "url", "blank"),
        ({"url": 7}, "url", "not_a_string"),
        ({"url": "https://a.example.com/" + "a" * 500}, "url", "max_length"),
        ({"events": []}, "events", "min_length"),
        ({"events": ["loan.deleted"]}, "events.0", "invalid_choice"),
        ({"events": "loan.closed"}, "events", "not_a_list"),
        ({"secret": "whsec_mine"}, "secret", "unknown_field"),
        ({"partner_id": 1}, "partner_id", "unknown_field"),
    ],
)
def test_what_is_no_endpoint_is_refused_by_field_and_code(
    client: Client, key: dict[str, str], changes: dict[str, Any], field: str, code: str
) -> None:
    problem = problem_of(post(client, ENDPOINTS, WANTED | changes, key), status=400)
    assert (problem["errors"][0]["field"], problem["errors"][0]["code"]) == (field, code)
    assert not WebhookEndpoint.objects.exists()


def test_live_mode_takes_https_alone(
    client: Client, key: dict[str, str], settings: Settings
) -> None:
    made(client, key, url="http://hooks.example.com/sandbox")
    settings.WEBHOOK_HTTPS_ONLY = True
    answer = post(client, ENDPOINTS, WANTED | {"url": "http://hooks.example.com/live"}, key)
    problem_of(answer, status=400, code="webhook_url_refused")


def test_an_address_is_in_use_once_and_ten_are_enough(client: Client, key: dict[str, str]) -> None:
    first = made(client, key)["endpoint"]["endpoint_id"]
    problem_of(post(client, ENDPOINTS, WANTED, key), status=409, code="webhook_endpoint_exists")
    for number in range(9):
        made(client, key, url=f"https://hooks.example.com/{number}")
    more = WANTED | {"url": "https://hooks.example.com/more"}
    problem_of(post(client, ENDPOINTS, more, key), status=422, code="too_many_webhook_endpoints")
    assert post(client, f"{ENDPOINTS}/{first}/disable", {}, key).json()["status"] == "DISABLED"
    made(client, key)
    enabled = post(client, f"{ENDPOINTS}/{first}/enable", {}, key)
    problem_of(enabled, status=409, code="webhook_endpoint_exists")


def test_a_disabled_endpoint_is_enabled_again(client: Client, key: dict[str, str]) -> None:
    address = f"{ENDPOINTS}/{made(client, key)['endpoint']['endpoint_id']}"
    for _ in range(2):
        ended = post(client, f"{address}/disable", {}, key).json()
        assert (ended["status"], ended["disabled_because"]) == ("DISABLED", "ASKED")
    for _ in range(2):
        back = post(client, f"{address}/enable", {}, key).json()
        assert (back["status"], back["disabled_because"]) == ("ENABLED", None)


def test_a_secret_is_changed_with_an_overlap(client: Client, key: dict[str, str]) -> None:
    first = made(client, key)
    address = f"{ENDPOINTS}/{first['endpoint']['endpoint_id']}/rotate-secret"
    second = post(client, address, {"overlap_hours": 1}, key).json()
    assert second["secret"] != first["secret"]
    ends = WebhookSecret.objects.exclude(expires_at=None).get().expires_at
    assert ends is not None
    assert 3_500 < (ends - timezone.now()).total_seconds() <= 3_600
    for hours, code in ((73, "max_value"), (-1, "min_value"), ("1", "not_an_integer")):
        problem = problem_of(post(client, address, {"overlap_hours": hours}, key), status=400)
        assert problem["errors"][0]["code"] == code


def test_the_lenders_own_machine_has_no_partner_to_make_an_endpoint_for(client: Client) -> None:
    problem_of(post(client, ENDPOINTS, WANTED, {}), status=422, code="only_partners")


def test_the_statements_of_each_call_are_few(
    client: Client,
    partner: Partner,
    key: dict[str, str],
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    endpoint = an_endpoint(partner, "https://hooks.example.com/z", list(EventType)).endpoint
    an_endpoint(partner, "https://hooks.example.com/y")
    address = f"{ENDPOINTS}/{endpoint.pk}"
    client.get(address, **key)  # type: ignore[arg-type]
    # The key; then the page, or the row.
    with django_assert_num_queries(2):
        client.get(ENDPOINTS, **key)  # type: ignore[arg-type]
    with django_assert_num_queries(2):
        client.get(address, **key)  # type: ignore[arg-type]
    # The key, the partner; begin, the partner locked, addresses in use, endpoint, secret, commit.
    with django_assert_num_queries(8):
        made(client, key, url="https://hooks.example.com/x")
    # The key; begin, the endpoint locked, three changes of old secrets, the new one, commit.
    with django_assert_num_queries(8):
        post(client, f"{address}/rotate-secret", {}, key)
    # The key; begin, the endpoint locked, it, what waits, commit.
    with django_assert_num_queries(6):
        post(client, f"{address}/disable", {}, key)
    # The key; begin, the endpoint, the partner locked, the endpoint locked, in use, it, commit.
    with django_assert_num_queries(8):
        post(client, f"{address}/enable", {}, key)
