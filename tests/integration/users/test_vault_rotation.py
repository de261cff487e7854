"""Key and pepper rotation: every record moves, once, whatever interrupts it."""

import io
from typing import Unpack

import pytest
from django.core.management import call_command
from django.db import connection
from pytest_django import Settings

from bright_credit.common.audit_trail.models import AuditEntry
from tests.builders import an_aadhaar_number
from tests.integration.users.people import (
    AS_OF,
    Declaration,
    aadhaar_number,
    declaration,
    pan,
    phone,
)
from users import vault
from users.models import AadhaarRecord, PanRecord, PhoneRecord, VaultRecord
from users.services.keeping import AlreadyRegistered
from users.services.registration import register_borrower
from users.services.vault_rotation import KINDS, rotate_vault, waiting_count, waiting_records
from users.vault import Sealed

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def ring(settings: Settings) -> None:
    """Give the vault two keys, the first of which is active, and a pepper."""
    settings.AADHAAR_KEYS = {"2026-a": b"a" * 32, "2026-b": b"b" * 32}
    settings.AADHAAR_ACTIVE_KEY = "2026-a"
    settings.AADHAAR_PEPPER = b"the first pepper"
    settings.AADHAAR_OLD_PEPPERS = []


def register(number: str, place: int, **more: Unpack[Declaration]) -> None:
    email = f"vault{place}@example.com"
    register_borrower(**declaration(aadhaar_number=number, email=email) | more, as_of=AS_OF)


def turn(settings: Settings) -> None:
    settings.AADHAAR_ACTIVE_KEY = "2026-b"
    settings.AADHAAR_PEPPER = b"the second pepper"
    settings.AADHAAR_OLD_PEPPERS = [b"the first pepper"]


def opened(kind: type[VaultRecord] = AadhaarRecord) -> set[str]:
    return {
        vault.unseal(
            Sealed(key_id=record.key_id, ciphertext=bytes(record.ciphertext)),
            kind=kind.KIND,
            record_id=record.pk,
        )
        for record in kind._default_manager.all()
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
    assert waiting_count() == 3
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
    assert waiting_count() == 2
    assert rotate_vault(nobody).moved == 2
    assert opened() == set(numbers)


def test_pans_and_phone_numbers_move_with_the_aadhaar_numbers(
    settings: Settings, numbers: list[str]
) -> None:
    pans = {pan(place) for place in range(1, 4)}
    phones = {phone(place) for place in range(1, 4)}
    for place in range(1, 4):
        register(aadhaar_number(place), 50 + place, pan=pan(place), phone=phone(place))
    turn(settings)
    assert waiting_count() == 12

    dealt_with: list[int] = []

    def stop_after_eight(count: int) -> None:
        dealt_with.append(count)
        if len(dealt_with) == 8:  # six Aadhaar numbers, two PANs
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rotate_vault(stop_after_eight, batch=1)
    assert [waiting_records(kind).count() for kind in KINDS] == [0, 1, 3]
    assert rotate_vault(nobody).moved == 4
    assert waiting_count() == 0
    settings.AADHAAR_KEYS = {"2026-b": b"b" * 32}  # the old key is gone for good
    settings.AADHAAR_OLD_PEPPERS = []
    assert opened(PanRecord) == pans
    assert opened(PhoneRecord) == phones
    with pytest.raises(AlreadyRegistered):
        register(an_aadhaar_number(), 60, pan=pan(1))


def test_a_pan_is_known_under_the_old_pepper_before_it_moves(settings: Settings) -> None:
    register(an_aadhaar_number(), 1, pan=pan(1))
    turn(settings)
    with pytest.raises(AlreadyRegistered):
        register(an_aadhaar_number(), 2, pan=pan(1))


def test_a_new_pepper_alone_leaves_phone_numbers_as_they_are(settings: Settings) -> None:
    register(an_aadhaar_number(), 1, pan=pan(1), phone=phone(1))
    settings.AADHAAR_PEPPER = b"the second pepper"
    assert [waiting_records(kind).count() for kind in KINDS] == [1, 1, 0]


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
    assert f"users_aadhaarrecord {spoilt.pk}" in err.getvalue()
    assert waiting_records(AadhaarRecord).get().pk == spoilt.pk
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
