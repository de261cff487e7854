"""Who may call: staff always; anyone on this machine in the sandbox. What each answer carries."""

import json
import re
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client
from pytest_django import Settings

from tests.api.problem import problem_of

pytestmark = [pytest.mark.urls("tests.api.sample_api"), pytest.mark.django_db]

ORDER = json.dumps({"name": "Asha", "amount": 1})


def order(client: Client, **extra: Any) -> Any:
    return client.post("/api/orders", data=ORDER, content_type="application/json", **extra)


def a_user(*, is_staff: bool) -> Any:
    user = get_user_model()._default_manager.create(username="someone", is_staff=is_staff)
    user.user_permissions.add(Permission.objects.get(codename="view_entry"))
    return user


@pytest.fixture
def live(settings: Settings) -> None:
    settings.OPEN_TO_LOOPBACK = False


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])
def test_in_the_sandbox_anyone_on_this_machine_may_call(client: Client, address: str) -> None:
    assert order(client, REMOTE_ADDR=address).status_code == 201


@pytest.mark.parametrize(
    "address", ["10.0.0.1", "128.0.0.1", "::2", "::ffff:10.0.0.1", "192.168.1.5", "", "localhost"]
)
def test_in_the_sandbox_nobody_else_may(client: Client, address: str) -> None:
    response = order(client, REMOTE_ADDR=address)
    problem_of(response, status=401, code="not_authenticated")
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="BrightLend"'


@pytest.mark.parametrize(
    "header", ["FORWARDED", "X_FORWARDED_FOR", "X_FORWARDED_HOST", "X_REAL_IP", "VIA"]
)
def test_who_comes_through_a_proxy_is_not_on_this_machine(client: Client, header: str) -> None:
    problem_of(order(client, **{f"HTTP_{header}": "127.0.0.1"}), status=401)


@pytest.mark.usefixtures("live")
def test_in_live_mode_an_anonymous_call_is_refused(client: Client) -> None:
    problem_of(order(client), status=401, code="not_authenticated")


@pytest.mark.usefixtures("live")
def test_in_live_mode_staff_may_call(client: Client) -> None:
    client.force_login(a_user(is_staff=True))
    assert order(client, REMOTE_ADDR="10.0.0.1").status_code == 201


@pytest.mark.parametrize("is_open", [True, False])
def test_a_user_who_is_no_staff_may_not_call(
    client: Client, settings: Settings, is_open: bool
) -> None:
    settings.OPEN_TO_LOOPBACK = is_open
    client.force_login(a_user(is_staff=False))
    problem_of(order(client), status=403, code="permission_denied")


def test_a_session_without_its_csrf_token_is_refused() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(a_user(is_staff=True))
    problem_of(order(client), status=403, code="csrf_failed")


def test_every_answer_names_its_request_and_is_not_to_be_stored(client: Client) -> None:
    answers = [order(client), client.get("/api/nowhere"), client.get("/api/failures/rule")]
    for response in answers:
        assert re.fullmatch("[0-9a-f]{32}", response.headers["X-Request-ID"])
        assert response.headers["Cache-Control"] == "no-store"
    assert len({response.headers["X-Request-ID"] for response in answers}) == len(answers)


def test_pages_may_be_stored(client: Client) -> None:
    assert "Cache-Control" not in client.get("/pages/query").headers


def test_a_callers_own_request_id_comes_back(client: Client) -> None:
    response = order(client, HTTP_X_REQUEST_ID="order-1.a_B")
    assert response.headers["X-Request-ID"] == "order-1.a_B"


@pytest.mark.parametrize("hostile", ["a" * 65, "a b", "a\tb", "é", "<b>", "a;b", ""])
def test_a_request_id_that_is_not_sane_is_replaced(client: Client, hostile: str) -> None:
    response = order(client, HTTP_X_REQUEST_ID=hostile)
    assert re.fullmatch("[0-9a-f]{32}", response.headers["X-Request-ID"])
