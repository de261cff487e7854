"""Registering a borrower: all of it or nothing."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from bright_credit.common.errors import DomainError
from tests.integration.users.people import (
    AS_OF,
    Declaration,
    aadhaar_number,
    declaration,
    pan,
    phone,
    registered,
)
from users import vault
from users.domain.identity import borrower_public_id
from users.models import AadhaarRecord, Borrower, PanRecord, PhoneRecord, VaultRecord
from users.services.keeping import AlreadyRegistered
from users.services.registration import register_borrower

pytestmark = pytest.mark.django_db


@pytest.mark.usefixtures("scored_700")
def test_a_borrower_is_kept_as_declared_and_normalised() -> None:
    before = datetime.now(UTC)
    registration = registered(
        name="  Jose\u0301   Sharma ",
        email=" Jose.Sharma@BrightLend.Example ",
        annual_income_paise=60_000_050,
        employment_type="SELF_EMPLOYED",
        date_of_birth=date(1990, 2, 28),
    )
    borrower = Borrower.objects.get()
    assert registration.borrower == borrower
    assert registration.initial_credit_score == 700
    assert borrower.name == "José Sharma"
    assert borrower.email == "jose.sharma@brightlend.example"
    assert borrower.annual_income_paise == 60_000_050
    assert borrower.employment_type == Borrower.EmploymentType.SELF_EMPLOYED
    assert borrower.date_of_birth == date(1990, 2, 28)
    assert borrower.kyc_status == Borrower.KycStatus.DECLARED
    assert before <= borrower.registered_at <= before + timedelta(minutes=1)
    assert borrower.public_id == borrower_public_id(borrower.pk)
    assert str(borrower) == f"{borrower.public_id} José Sharma"


@pytest.mark.usefixtures("scored_700")
def test_the_vault_keeps_a_fingerprint_a_ciphertext_and_four_digits() -> None:
    borrower = registered(7).borrower
    record = AadhaarRecord.objects.get(borrower=borrower)
    assert bytes(record.number_hmac) == vault.fingerprint(aadhaar_number(7), kind=vault.AADHAAR)
    assert record.last_four == aadhaar_number(7)[-4:]
    assert opened(record) == aadhaar_number(7)
    assert str(record) == f"Aadhaar record of {borrower.public_id}"


@pytest.mark.usefixtures("scored_700")
def test_a_ciphertext_copied_to_another_borrowers_row_does_not_open() -> None:
    registered(1)
    registered(2)
    mine, theirs = AadhaarRecord.objects.order_by("borrower_id")
    AadhaarRecord.objects.filter(pk=mine.pk).update(ciphertext=theirs.ciphertext)
    mine.refresh_from_db()
    with pytest.raises(vault.VaultFault):
        opened(mine)


@pytest.mark.usefixtures("scored_700")
def test_pan_and_phone_are_kept_in_the_vault_in_one_spelling() -> None:
    borrower = registered(7, pan=" abcpk0007f ", phone="098765 00007").borrower
    its_pan, its_phone = PanRecord.objects.get(), PhoneRecord.objects.get()
    assert opened(its_pan) == pan(7)
    assert opened(its_phone) == phone(7)
    assert bytes(its_pan.number_hmac) == vault.fingerprint(pan(7), kind=vault.PAN)
    assert (its_pan.last_four, its_phone.last_four) == ("007F", "0007")
    assert str(its_pan) == f"PAN record of {borrower.public_id}"
    assert str(its_phone) == f"Phone record of {borrower.public_id}"


@pytest.mark.usefixtures("scored_700")
def test_who_gives_neither_has_neither() -> None:
    registered(7)
    assert not PanRecord.objects.exists()
    assert not PhoneRecord.objects.exists()


@pytest.mark.usefixtures("scored_700")
def test_a_phone_is_shared_in_a_family_and_a_pan_is_not() -> None:
    registered(1, pan=pan(1), phone=phone(1))
    registered(2, pan=pan(2), phone=phone(1))
    with pytest.raises(AlreadyRegistered) as refusal:
        registered(3, pan=pan(1).lower(), phone=phone(3))
    assert (refusal.value.field, refusal.value.extra) == (None, {})
    assert (PanRecord.objects.count(), PhoneRecord.objects.count()) == (2, 2)
    assert Borrower.objects.count() == 2


def opened(record: VaultRecord) -> str:
    """Return what a record keeps."""
    sealed = vault.Sealed(record.key_id, bytes(record.ciphertext))
    return vault.unseal(sealed, kind=record.KIND, record_id=record.pk)


def test_the_scorer_is_told_the_borrower_and_the_business_date(
    score_with: Callable[..., None],
) -> None:
    told: list[tuple[str, date]] = []

    def scorer(borrower: Borrower, as_of: date) -> int:
        told.append((borrower.public_id, as_of))
        return 655

    score_with(scorer)
    registration = registered()
    assert registration.initial_credit_score == 655
    assert told == [(registration.borrower.public_id, AS_OF)]


@pytest.mark.parametrize(
    "again",
    [
        {"email": "someone-else@brightlend.example"},
        {"email": "PERSON-1@brightlend.example", "aadhaar_number": aadhaar_number(2)},
        {},
    ],
    ids=["same Aadhaar number", "same e-mail in other letter case", "both"],
)
@pytest.mark.usefixtures("scored_700")
def test_a_second_account_is_refused_without_telling_what_is_known(again: Declaration) -> None:
    first = registered(1).borrower
    with pytest.raises(AlreadyRegistered) as refusal:
        registered(1, **again)
    assert refusal.value.code == "already_registered"
    assert refusal.value.field is None
    assert refusal.value.extra == {}
    assert str(refusal.value) == (
        "An account with these details already exists. If it is yours, sign in or ask support."
    )
    assert list(Borrower.objects.all()) == [first]
    assert AadhaarRecord.objects.count() == 1


@pytest.mark.usefixtures("scored_700")
def test_refused_duplicates_leave_no_gap_in_the_ids() -> None:
    first = registered(1).borrower
    for _ in range(3):
        with pytest.raises(AlreadyRegistered):
            registered(1)
    assert registered(2).borrower.pk == first.pk + 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"aadhaar_number": "888877776667"}, "aadhar_id"),
        ({"name": "12345"}, "name"),
        ({"email": "nobody"}, "email"),
        ({"annual_income_paise": -1}, "annual_income"),
        ({"annual_income_paise": 0}, "annual_income"),
        ({"annual_income_paise": 100_000_000_001}, "annual_income"),
        ({"employment_type": "CEO"}, "employment_type"),
        ({"date_of_birth": date(2008, 11, 24)}, "date_of_birth"),
        ({"date_of_birth": date(2027, 1, 1)}, "date_of_birth"),
        ({"email": f"{aadhaar_number(1)}@brightlend.example"}, "email"),
        ({"email": f"5000.0000-00{aadhaar_number(1)[-2:]}@brightlend.example"}, "email"),
        ({"pan": "ABCCK1234F"}, "pan"),
        ({"phone": "12345"}, "phone"),
        ({"pan": pan(1), "email": "abc.pk0001-f@brightlend.example"}, "email"),
    ],
)
@pytest.mark.usefixtures("scored_700")
def test_a_detail_that_breaks_a_rule_is_refused_by_its_field(
    changes: Declaration, field: str
) -> None:
    with pytest.raises(DomainError) as refusal:
        registered(1, **changes)
    assert refusal.value.field == field
    assert not Borrower.objects.exists()


def test_when_scoring_fails_nobody_is_registered(score_with: Callable[..., None]) -> None:
    def scorer(borrower: Borrower, as_of: date) -> int:
        raise ZeroDivisionError

    score_with(scorer)
    with pytest.raises(ZeroDivisionError):
        registered()
    assert not Borrower.objects.exists()
    assert not AadhaarRecord.objects.exists()


@pytest.mark.parametrize("answers", [(), (None,), (700, 710)])
def test_a_borrower_is_scored_exactly_once(
    score_with: Callable[..., None], answers: tuple[int | None, ...]
) -> None:
    score_with(*(lambda borrower, as_of, answer=answer: answer for answer in answers))
    with pytest.raises(RuntimeError, match="scored once"):
        registered()
    assert not Borrower.objects.exists()


def test_a_receiver_with_nothing_to_say_does_not_disturb(score_with: Callable[..., None]) -> None:
    score_with(lambda borrower, as_of: None, lambda borrower, as_of: 640)
    assert registered().initial_credit_score == 640


def test_another_rule_of_the_database_is_not_mistaken_for_a_duplicate(
    score_with: Callable[..., None],
) -> None:
    def scorer(borrower: Borrower, as_of: date) -> int:
        Borrower.objects.filter(pk=borrower.pk).update(annual_income_paise=-1)
        return 700

    score_with(scorer)
    with pytest.raises(IntegrityError, match="borrower_income_is_at_most_100_crore_rupees"):
        registered()
    assert not Borrower.objects.exists()


@pytest.mark.usefixtures("scored_700")
def test_registering_takes_three_statements_in_one_transaction() -> None:
    with CaptureQueriesContext(connection) as queries:
        register_borrower(**declaration(), as_of=AS_OF)
    first_words = re.compile(r"SAVEPOINT|RELEASE|SELECT|INSERT INTO \"\w+\"")
    statements = [first_words.search(query["sql"]) for query in queries.captured_queries]
    assert [statement and statement[0] for statement in statements] == [
        "SAVEPOINT",
        "SELECT",  # is either detail known?
        'INSERT INTO "users_borrower"',
        'INSERT INTO "users_aadhaarrecord"',
        "RELEASE",
    ]


@pytest.mark.usefixtures("scored_700")
def test_refusing_a_duplicate_takes_one_statement_whichever_detail_is_known() -> None:
    registered(1, pan=pan(1))
    counts = set()
    for changes in (
        Declaration(email="someone-else@brightlend.example"),
        Declaration(aadhaar_number=aadhaar_number(2)),
        Declaration(email="someone-else@brightlend.example", pan=pan(2)),
        Declaration(
            email="someone-else@brightlend.example", aadhaar_number=aadhaar_number(2), pan=pan(1)
        ),
    ):
        with CaptureQueriesContext(connection) as queries, pytest.raises(AlreadyRegistered):
            registered(1, **changes)
        counts.add(sum("SELECT" in query["sql"] for query in queries.captured_queries))
        assert not any("INSERT" in query["sql"] for query in queries.captured_queries)
    assert counts == {1}
