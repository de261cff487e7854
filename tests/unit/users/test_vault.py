"""The vault: what it keeps of each kind of text, and what does not open."""

import base64
import hashlib
import hmac
import uuid
from dataclasses import replace

import pytest
from pytest_django import Settings

from users import vault
from users.vault import AADHAAR, PAN, PHONE, Kind, Sealed, VaultFault

NUMBER = "888877776666"
RECORD = uuid.UUID("0b8f6f5e-3f0c-4b52-9d7e-7f6f0f1d2c3b")
OTHER_RECORD = uuid.UUID("5d0c8a52-6a1e-4f7e-8a39-52d6a1c0b9e8")


@pytest.fixture(autouse=True)
def ring(settings: Settings) -> None:
    """Give the vault two keys and a pepper of its own."""
    settings.AADHAAR_KEYS = {"2026-a": b"a" * 32, "2026-b": b"b" * 32}
    settings.AADHAAR_ACTIVE_KEY = "2026-a"
    settings.AADHAAR_PEPPER = b"pepper of this test"


def test_a_sealed_number_opens_again_in_its_own_row() -> None:
    sealed = vault.seal(NUMBER, kind=AADHAAR, record_id=RECORD)
    assert vault.unseal(sealed, kind=AADHAAR, record_id=RECORD) == NUMBER
    assert sealed.key_id == "2026-a"
    assert len(sealed.ciphertext) == AADHAAR.sealed_bytes == 41


@pytest.mark.parametrize(
    ("kind", "text", "length"), [(PAN, "ABCPK1234F", 39), (PHONE, "+919876543210", 42)]
)
def test_every_kind_is_sealed_in_its_own_length_and_opens_as_no_other(
    kind: Kind, text: str, length: int
) -> None:
    sealed = vault.seal(text, kind=kind, record_id=RECORD)
    assert len(sealed.ciphertext) == kind.sealed_bytes == length
    assert vault.unseal(sealed, kind=kind, record_id=RECORD) == text
    for other in {AADHAAR, PAN, PHONE} - {kind}:
        with pytest.raises(VaultFault):
            vault.unseal(sealed, kind=other, record_id=RECORD)


def test_the_same_text_has_another_fingerprint_as_another_kind() -> None:
    assert vault.fingerprint(NUMBER, kind=AADHAAR) != vault.fingerprint(NUMBER, kind=PAN)


def test_a_ciphertext_holds_no_trace_of_the_number_and_is_never_the_same_twice() -> None:
    sealed = [vault.seal(NUMBER, kind=AADHAAR, record_id=RECORD).ciphertext for _ in range(50)]
    assert len(set(sealed)) == 50
    assert not any(NUMBER.encode() in ciphertext for ciphertext in sealed)
    assert not any(NUMBER[-4:].encode() in ciphertext[-28:-16] for ciphertext in sealed)


def test_a_ciphertext_moved_to_another_row_does_not_open() -> None:
    sealed = vault.seal(NUMBER, kind=AADHAAR, record_id=RECORD)
    with pytest.raises(VaultFault):
        vault.unseal(sealed, kind=AADHAAR, record_id=OTHER_RECORD)


@pytest.mark.parametrize("position", range(AADHAAR.sealed_bytes))
def test_a_ciphertext_altered_in_any_byte_does_not_open(position: int) -> None:
    sealed = vault.seal(NUMBER, kind=AADHAAR, record_id=RECORD)
    altered = bytearray(sealed.ciphertext)
    altered[position] ^= 1
    with pytest.raises(VaultFault):
        vault.unseal(replace(sealed, ciphertext=bytes(altered)), kind=AADHAAR, record_id=RECORD)


@pytest.mark.parametrize("ciphertext", [b"", b"\x01", b"\x01" * 13, b"\x02" * 41])
def test_what_is_no_ciphertext_does_not_open(ciphertext: bytes) -> None:
    with pytest.raises(VaultFault):
        vault.unseal(Sealed("2026-a", ciphertext), kind=AADHAAR, record_id=RECORD)


def test_another_key_of_the_ring_does_not_open_it() -> None:
    sealed = vault.seal(NUMBER, kind=AADHAAR, record_id=RECORD)
    with pytest.raises(VaultFault):
        vault.unseal(replace(sealed, key_id="2026-b"), kind=AADHAAR, record_id=RECORD)


def test_a_key_that_left_the_ring_is_named_as_the_fault(settings: Settings) -> None:
    sealed = vault.seal(NUMBER, kind=AADHAAR, record_id=RECORD)
    settings.AADHAAR_KEYS = {"2026-b": b"b" * 32}
    with pytest.raises(VaultFault, match="unknown here"):
        vault.unseal(sealed, kind=AADHAAR, record_id=RECORD)


def test_after_the_active_key_changes_old_numbers_open_and_new_ones_use_it(
    settings: Settings,
) -> None:
    old = vault.seal(NUMBER, kind=AADHAAR, record_id=RECORD)
    settings.AADHAAR_ACTIVE_KEY = "2026-b"
    new = vault.seal(NUMBER, kind=AADHAAR, record_id=RECORD)
    assert (old.key_id, new.key_id) == ("2026-a", "2026-b")
    assert vault.unseal(old, kind=AADHAAR, record_id=RECORD) == NUMBER
    assert vault.unseal(new, kind=AADHAAR, record_id=RECORD) == NUMBER


def test_a_fault_tells_nothing_but_the_record() -> None:
    sealed = vault.seal(NUMBER, kind=AADHAAR, record_id=RECORD)
    with pytest.raises(VaultFault) as fault:
        vault.unseal(sealed, kind=AADHAAR, record_id=OTHER_RECORD)
    assert str(OTHER_RECORD) in str(fault.value)
    assert sealed.ciphertext.hex() not in str(fault.value)
    assert fault.value.__context__ is None


def test_the_fingerprint_is_the_keyed_hash_that_it_claims_to_be() -> None:
    expected = hmac.new(b"pepper of this test", b"aadhaar|888877776666", hashlib.sha256).digest()
    assert vault.fingerprint(NUMBER, kind=AADHAAR) == expected
    assert len(expected) == vault.FINGERPRINT_BYTES


def test_without_the_pepper_the_fingerprint_is_another(settings: Settings) -> None:
    before = vault.fingerprint(NUMBER, kind=AADHAAR)
    settings.AADHAAR_PEPPER = b"another pepper"
    assert vault.fingerprint(NUMBER, kind=AADHAAR) != before


def test_the_pepper_is_apart_from_the_keys(settings: Settings) -> None:
    before = vault.fingerprint(NUMBER, kind=AADHAAR)
    settings.AADHAAR_KEYS = {"2027": b"c" * 32}
    settings.AADHAAR_ACTIVE_KEY = "2027"
    assert vault.fingerprint(NUMBER, kind=AADHAAR) == before


def test_no_representation_of_a_sealed_number_shows_it() -> None:
    sealed = vault.seal(NUMBER, kind=AADHAAR, record_id=RECORD)
    shown = f"{sealed!r} {sealed} {base64.b64encode(sealed.ciphertext)!r}"
    assert NUMBER not in shown
    assert NUMBER.encode().hex() not in shown
