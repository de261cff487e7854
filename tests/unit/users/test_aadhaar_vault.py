"""The vault: what it takes, what it keeps, and what does not open."""

import base64
import hashlib
import hmac
import uuid
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings
from stdnum import verhoeff

from users import aadhaar_vault
from users.aadhaar_vault import InvalidAadhaar, SealedNumber, VaultFault

NUMBER = "888877776666"
RECORD = uuid.UUID("0b8f6f5e-3f0c-4b52-9d7e-7f6f0f1d2c3b")
OTHER_RECORD = uuid.UUID("5d0c8a52-6a1e-4f7e-8a39-52d6a1c0b9e8")


@pytest.fixture(autouse=True)
def ring(settings: Settings) -> None:
    """Give the vault two keys and a pepper of its own."""
    settings.AADHAAR_KEYS = {"2026-a": b"a" * 32, "2026-b": b"b" * 32}
    settings.AADHAAR_ACTIVE_KEY = "2026-a"
    settings.AADHAAR_PEPPER = b"pepper of this test"


def test_the_sample_number_is_taken() -> None:
    assert aadhaar_vault.checked_number(NUMBER) == NUMBER


@given(st.from_regex(r"[2-9][0-9]{10}", fullmatch=True), st.integers(min_value=1, max_value=9))
def test_only_the_right_check_digit_is_taken(digits: str, shift: int) -> None:
    check_digit = int(verhoeff.calc_check_digit(digits))
    right, wrong = f"{digits}{check_digit}", f"{digits}{(check_digit + shift) % 10}"
    if right != right[::-1]:
        assert aadhaar_vault.checked_number(right) == right
    with pytest.raises(InvalidAadhaar):
        aadhaar_vault.checked_number(wrong)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "88887777666",
        "8888777766660",
        "888877776667",
        "888877776656",
        "088877776666",
        "123412341234",
        "222222222222",
        "234566665432",
        "8888 7777 6666",
        "8888-7777-6666",
        " 888877776666",
        "888877776666\n",
        "888877776666\x00",
        "८८८८७७७७६६६६",
        "８８８８７７７７６６６６",
        "88887777666६",
        "+88887777666",
        "8.8887777e11",
        "XXXXXXXX6666",
        "8" * 1_000_000,
    ],
)
def test_anything_else_is_refused_and_never_repeated(text: str) -> None:
    with pytest.raises(InvalidAadhaar) as refusal:
        aadhaar_vault.checked_number(text)
    assert refusal.value.field == "aadhar_id"
    assert refusal.value.code == "invalid_aadhaar"
    assert refusal.value.__context__ is None
    assert not any(char.isdigit() for char in str(refusal.value).replace("12 digits", ""))


def test_a_sealed_number_opens_again_in_its_own_row() -> None:
    sealed = aadhaar_vault.seal(NUMBER, record_id=RECORD)
    assert aadhaar_vault.unseal(sealed, record_id=RECORD) == NUMBER
    assert sealed.key_id == "2026-a"
    assert len(sealed.ciphertext) == aadhaar_vault.SEALED_BYTES == 41


def test_a_ciphertext_holds_no_trace_of_the_number_and_is_never_the_same_twice() -> None:
    sealed = [aadhaar_vault.seal(NUMBER, record_id=RECORD).ciphertext for _ in range(50)]
    assert len(set(sealed)) == 50
    assert not any(NUMBER.encode() in ciphertext for ciphertext in sealed)
    assert not any(NUMBER[-4:].encode() in ciphertext[-28:-16] for ciphertext in sealed)


def test_a_ciphertext_moved_to_another_row_does_not_open() -> None:
    sealed = aadhaar_vault.seal(NUMBER, record_id=RECORD)
    with pytest.raises(VaultFault):
        aadhaar_vault.unseal(sealed, record_id=OTHER_RECORD)


@pytest.mark.parametrize("position", range(aadhaar_vault.SEALED_BYTES))
def test_a_ciphertext_altered_in_any_byte_does_not_open(position: int) -> None:
    sealed = aadhaar_vault.seal(NUMBER, record_id=RECORD)
    altered = bytearray(sealed.ciphertext)
    altered[position] ^= 1
    with pytest.raises(VaultFault):
        aadhaar_vault.unseal(replace(sealed, ciphertext=bytes(altered)), record_id=RECORD)


@pytest.mark.parametrize("ciphertext", [b"", b"\x01", b"\x01" * 13, b"\x02" * 41])
def test_what_is_no_ciphertext_does_not_open(ciphertext: bytes) -> None:
    with pytest.raises(VaultFault):
        aadhaar_vault.unseal(SealedNumber("2026-a", ciphertext), record_id=RECORD)


def test_another_key_of_the_ring_does_not_open_it() -> None:
    sealed = aadhaar_vault.seal(NUMBER, record_id=RECORD)
    with pytest.raises(VaultFault):
        aadhaar_vault.unseal(replace(sealed, key_id="2026-b"), record_id=RECORD)


def test_a_key_that_left_the_ring_is_named_as_the_fault(settings: Settings) -> None:
    sealed = aadhaar_vault.seal(NUMBER, record_id=RECORD)
    settings.AADHAAR_KEYS = {"2026-b": b"b" * 32}
    with pytest.raises(VaultFault, match="unknown here"):
        aadhaar_vault.unseal(sealed, record_id=RECORD)


def test_after_the_active_key_changes_old_numbers_open_and_new_ones_use_it(
    settings: Settings,
) -> None:
    old = aadhaar_vault.seal(NUMBER, record_id=RECORD)
    settings.AADHAAR_ACTIVE_KEY = "2026-b"
    new = aadhaar_vault.seal(NUMBER, record_id=RECORD)
    assert (old.key_id, new.key_id) == ("2026-a", "2026-b")
    assert aadhaar_vault.unseal(old, record_id=RECORD) == NUMBER
    assert aadhaar_vault.unseal(new, record_id=RECORD) == NUMBER


def test_a_fault_tells_nothing_but_the_record() -> None:
    sealed = aadhaar_vault.seal(NUMBER, record_id=RECORD)
    with pytest.raises(VaultFault) as fault:
        aadhaar_vault.unseal(sealed, record_id=OTHER_RECORD)
    assert str(OTHER_RECORD) in str(fault.value)
    assert sealed.ciphertext.hex() not in str(fault.value)
    assert fault.value.__context__ is None


def test_the_fingerprint_is_the_keyed_hash_that_it_claims_to_be() -> None:
    expected = hmac.new(b"pepper of this test", b"aadhaar|888877776666", hashlib.sha256).digest()
    assert aadhaar_vault.fingerprint(NUMBER) == expected
    assert len(expected) == aadhaar_vault.FINGERPRINT_BYTES


def test_without_the_pepper_the_fingerprint_is_another(settings: Settings) -> None:
    before = aadhaar_vault.fingerprint(NUMBER)
    settings.AADHAAR_PEPPER = b"another pepper"
    assert aadhaar_vault.fingerprint(NUMBER) != before


def test_the_pepper_is_apart_from_the_keys(settings: Settings) -> None:
    before = aadhaar_vault.fingerprint(NUMBER)
    settings.AADHAAR_KEYS = {"2027": b"c" * 32}
    settings.AADHAAR_ACTIVE_KEY = "2027"
    assert aadhaar_vault.fingerprint(NUMBER) == before


def test_no_representation_of_a_sealed_number_shows_it() -> None:
    sealed = aadhaar_vault.seal(NUMBER, record_id=RECORD)
    shown = f"{sealed!r} {sealed} {base64.b64encode(sealed.ciphertext)!r}"
    assert NUMBER not in shown
    assert NUMBER.encode().hex() not in shown
