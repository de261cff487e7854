"""Staff make endpoints for partners, change their secrets, and send messages again."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.callers import a_login, a_partner, as_staff
from tests.integration.admin.conftest import Book
from users.models import WebhookDelivery, WebhookEndpoint, WebhookSecret
from users.services.webhooks import disable_endpoint

pytestmark = pytest.mark.django_db

NEW = "admin:users_webhookendpoint_new_endpoint"


@pytest.fixture
def administrator() -> Client:
    return as_staff(a_login("admin", role="administrator"))


def button(name: str, endpoint: WebhookEndpoint) -> str:
    return reverse(f"admin:users_webhookendpoint_{name}", args=[endpoint.pk])


def test_an_endpoint_is_made_and_its_secret_shown_once(administrator: Client) -> None:
    given = {
        "partner": a_partner().pk,
        "url": "https://hooks.example.com/a",
        "events": ["loan.closed", "payment.posted"],
    }
    shown = administrator.post(reverse(NEW), given)
    text = shown.content.decode()
    secret = text[text.index("whsec_") :][:50]
    assert "no-store" in shown.headers["Cache-Control"]
    endpoint = WebhookEndpoint.objects.get()
    assert endpoint.events == ["loan.closed", "payment.posted"]
    page = administrator.get(reverse("admin:users_webhookendpoint_change", args=[endpoint.pk]))
    assert secret not in page.content.decode()
    assert "hooks.example.com" in page.content.decode()


def test_an_address_inside_is_refused_with_the_reason(administrator: Client) -> None:
    given = {"partner": a_partner().pk, "url": "https://10.0.0.1/", "events": ["loan.closed"]}
    answer = administrator.post(reverse(NEW), given)
    assert "private or local network" in answer.content.decode()
    assert not WebhookEndpoint.objects.exists()


def test_buttons_change_the_secret_and_end_and_begin_the_telling(
    administrator: Client, book: Book
) -> None:
    endpoint = WebhookEndpoint.objects.get()
    shown = administrator.post(button("rotate", endpoint), {"overlap_hours": 0})
    assert "whsec_" in shown.content.decode()
    assert WebhookSecret.objects.filter(expires_at=None).count() == 1
    administrator.post(button("disable", endpoint))
    endpoint.refresh_from_db()
    assert not endpoint.is_enabled
    assert WebhookDelivery.objects.get().status == "DEAD"
    refused = administrator.post(button("send_again", endpoint), {"days": 1})
    assert "enable it first" in refused.content.decode()
    administrator.post(button("enable", endpoint))
    administrator.post(button("send_again", endpoint), {"days": 1})
    assert WebhookDelivery.objects.get().status == "PENDING"


def test_a_delivery_shows_what_is_sent_and_is_sent_again(administrator: Client, book: Book) -> None:
    delivery = WebhookDelivery.objects.get()
    WebhookDelivery.objects.update(status="DELIVERED")
    page = administrator.get(reverse("admin:users_webhookdelivery_change", args=[delivery.pk]))
    assert "loan.closed" in page.content.decode()
    administrator.post(reverse("admin:users_webhookdelivery_send_again", args=[delivery.pk]))
    delivery.refresh_from_db()
    assert delivery.status == "PENDING"


def test_operations_look_and_change_nothing(book: Book) -> None:
    clerk = as_staff(a_login("clerk", role="operations"))
    endpoint = WebhookEndpoint.objects.get()
    delivery = WebhookDelivery.objects.get()
    for table in ("webhookendpoint", "webhookdelivery"):
        assert clerk.get(reverse(f"admin:users_{table}_changelist")).status_code == 200
    for name in ("rotate", "disable", "enable", "send_again"):
        assert clerk.post(button(name, endpoint), {"days": 1}).status_code == 403, name
    assert clerk.post(reverse(NEW), {}).status_code == 403
    again = reverse("admin:users_webhookdelivery_send_again", args=[delivery.pk])
    assert clerk.post(again).status_code == 403
    disable_endpoint(endpoint.pk, now=timezone.now())
    assert WebhookDelivery.objects.get().status == "DEAD"
