"""Keys are kept as long as is published, then forgotten; a payment's reference never is."""

from datetime import timedelta
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from django_celery_beat.models import PeriodicTask

from bright_credit.common.idempotency import services
from bright_credit.common.idempotency.models import IdempotencyKey
from bright_credit.common.idempotency.tasks import prune_keys
from loan.models import Payment
from tests.api.test_idempotency import PATH, assert_replay, order_of, send
from tests.builders import a_disbursed_loan

pytestmark = pytest.mark.django_db


def keys(*ages_in_hours: int) -> None:
    for number, hours in enumerate(ages_in_hours):
        IdempotencyKey.objects.create(
            caller="staff:1",
            key=f"key-{number}",
            fingerprint="f" * 64,
            created_at=timezone.now() - timedelta(hours=hours),
        )


def left() -> set[str]:
    return set(IdempotencyKey.objects.values_list("key", flat=True))


def test_the_published_retention_is_thirty_days() -> None:
    assert settings.IDEMPOTENCY_RETENTION.days == 30


def test_the_nightly_task_forgets_what_is_older_and_nothing_else() -> None:
    keys(0, 24, 30 * 24 - 1, 30 * 24 + 1, 31 * 24)
    assert prune_keys() == 2
    assert left() == {"key-0", "key-1", "key-2"}
    assert PeriodicTask.objects.get(task="idempotency.prune_keys").enabled
    assert prune_keys() == 0


def test_the_command_does_the_same() -> None:
    keys(1, 31 * 24)
    said = StringIO()
    call_command("prune_idempotency_keys", stdout=said)
    assert said.getvalue() == "1 idempotency keys forgotten.\n"
    assert left() == {"key-0"}


def test_many_keys_are_forgotten_a_block_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "PRUNED_AT_ONCE", 3)
    keys(*[31 * 24] * 7, 1)
    assert prune_keys() == 7
    assert left() == {"key-7"}


@pytest.mark.parametrize("hours", [23, 30 * 24 - 1, 30 * 24 + 1, 365 * 24])
def test_a_retry_before_or_after_the_key_is_forgotten_never_takes_money_twice(
    client: Client, hours: int
) -> None:
    loan = a_disbursed_loan(as_of=timezone.localdate())
    first = send(client, PATH, order_of(loan))
    assert first.status_code == 201
    IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(hours=hours))
    assert prune_keys() == (hours > 30 * 24)
    assert_replay(send(client, PATH, order_of(loan)), first)
    assert Payment.objects.count() == 1
