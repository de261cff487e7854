"""Key and pepper rotation: every record moves, once, whatever interrupts it."""

import io

import pytest
from django.core.management import call_command
from django.db import connection
from pytest_django import Settings

from bright_credit.common.audit_trail.models import AuditEntry
from tests.builders import an_aadhaar_number
from tests.integration.users.people import AS_OF, declaration
from users import aadhaar_vault
from users.aadhaar_vault import SealedNumber
from users.models import AadhaarRecord
from users.services.registration import AlreadyRegistered, register_borrower
from users.services.vault_rotation import rotate_vault, waiting_records

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def ring(settings: Settings) -> None:
    """Give the vault two keys, the first of which is active, and a pepper."""
    settings.AADHAAR_KEYS = {"2026-a": b"a" * 32, "2026-b": b"b" * 32}
    settings.AADHAAR_ACTIVE_KEY = "2026-a"
    settings.AADHAAR_PEPPER = b"the first pepper"
    settings.AADHAAR_OLD_PEPPERS = []


def register(number: str, place: int) -> None:
    register_borrower(
        **declaration(aadhaar_number=number, email=f"vault{place}@example.com"), as_of=AS_OF
    )


def turn(settings: Settings) -> None:
    settings.AADHAAR_ACTIVE_KEY = "2026-b"
    settings.AADHAAR_PEPPER = b"the second pepper"
    settings.AADHAAR_OLD_PEPPERS = [b"the first pepper"]


def opened() -> set[str]:
    return {
        aadhaar_vault.unseal(
            SealedNumber(key_id=record.key_id, ciphertext=bytes(record.ciphertext)),
            record_id=record.pk,
        )
        for record in AadhaarRecord.objects.all()
    }


def nobody(count: int) -> None:
    """Report to nobody."""


@pytest.fixture
def numbers() -> list[str]:
    """Return the numbers of three borrowers, registered under the first key and pepper."""
    known = [an_aadhaar_number() for _ in range(3)]
    for place, number in enumerate(known):
        register(number, place)
    return known


def test_every_record_moves_and_opens_as_before(settings: Settings, numbers: list[str]) -> None:
    turn(settings)
    assert waiting_records().count() == 3
    told: list[int] = []
    done = rotate_vault(told.append, batch=2)
    assert (done.moved, done.faulty, told) == (3, (), [2, 1])
    assert set(AadhaarRecord.objects.values_list("key_id", flat=True)) == {"2026-b"}
    assert rotate_vault(nobody).moved == 0
    settings.AADHAAR_KEYS = {"2026-b": b"b" * 32}  # the old key is gone for good
    settings.AADHAAR_OLD_PEPPERS = []
    assert opened() == set(numbers)
    for number in numbers:
        with pytest.raises(AlreadyRegistered):
            register(number, 99)


def test_a_number_is_known_before_during_and_after(settings: Settings, numbers: list[str]) -> None:
    turn(settings)
    with pytest.raises(AlreadyRegistered):
        register(numbers[0], 98)  # kept under the old pepper alone
    settings.AADHAAR_OLD_PEPPERS = []
    rotate_vault(nobody)
    with pytest.raises(AlreadyRegistered):
        register(numbers[0], 97)


def test_a_rotation_that_was_stopped_goes_on(settings: Settings, numbers: list[str]) -> None:
    turn(settings)

    def stop(_count: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rotate_vault(stop, batch=1)
    assert waiting_records().count() == 2
    assert rotate_vault(nobody).moved == 2
    assert opened() == set(numbers)


def test_a_record_that_does_not_open_is_named_and_left(
    settings: Settings, numbers: list[str]
) -> None:
    spoilt = AadhaarRecord.objects.order_by("pk")[1]
    AadhaarRecord.objects.filter(pk=spoilt.pk).update(ciphertext=b"\x01" + bytes(40))
    turn(settings)
    out, err = io.StringIO(), io.StringIO()
    with pytest.raises(SystemExit):
        call_command("rotate_aadhaar_keys", stdout=out, stderr=err)
    assert "2 records moved to the key 2026-b" in out.getvalue()
    assert str(spoilt.pk) in err.getvalue()
    assert waiting_records().get().pk == spoilt.pk
    said = out.getvalue() + err.getvalue()
    assert not [number for number in numbers if number in said]


def test_the_trail_tells_of_the_key_and_not_of_the_number(
    settings: Settings, numbers: list[str]
) -> None:
    turn(settings)
    rotate_vault(nobody)
    entries = AuditEntry.objects.filter(table_name="users_aadhaarrecord", change="UPDATE")
    assert entries.count() == 3
    for entry in entries:
        assert entry.after is not None
        assert entry.after["key_id"] == "2026-b"
        assert entry.after["number_hmac"] == entry.after["ciphertext"] == "***"
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(e::text, '') FROM audit_trail_auditentry e")
        (trail,) = cursor.fetchone()
    assert not [number for number in numbers if number in trail]
