"""What the database refuses, whoever writes to it; and reading borrowers back."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError

from tests.integration.users.people import pan, phone, registered
from users.domain.employment import EmploymentType
from users.models import AadhaarRecord, Borrower, PanRecord, PhoneRecord, User, VaultRecord
from users.selectors import BorrowerNotFound, borrower_by_public_id

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scored_700")]


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"name": ""}, "borrower_name_is_trimmed_and_not_blank"),
        ({"name": "   "}, "borrower_name_is_trimmed_and_not_blank"),
        ({"name": " Rahul"}, "borrower_name_is_trimmed_and_not_blank"),
        ({"name": "Rahul "}, "borrower_name_is_trimmed_and_not_blank"),
        ({"email": "Rahul@brightlend.example"}, "borrower_email_is_a_lower_case_address"),
        ({"email": "rahul"}, "borrower_email_is_a_lower_case_address"),
        ({"employment_type": "CEO"}, "borrower_employment_type_is_known"),
        ({"kyc_status": "MAYBE"}, "borrower_kyc_status_is_known"),
        ({"annual_income_paise": -1}, "borrower_income_is_at_most_100_crore_rupees"),
        ({"annual_income_paise": 10**11 + 1}, "borrower_income_is_at_most_100_crore_rupees"),
        ({"annual_income_paise": 0}, "borrower_with_salary_or_pension_has_income"),
    ],
)
def test_the_database_refuses_a_borrower_that_breaks_a_rule(
    changes: dict[str, Any], rule: str
) -> None:
    borrower = registered().borrower
    with pytest.raises(IntegrityError, match=rule), transaction.atomic():
        Borrower.objects.filter(pk=borrower.pk).update(**changes)


@pytest.mark.parametrize(
    ("records", "changes", "rule"),
    [
        (AadhaarRecord, {"number_hmac": b"short"}, "aadhaar_hmac_is_32_bytes"),
        (AadhaarRecord, {"ciphertext": b"888877776666"}, "aadhaar_ciphertext_is_41_bytes"),
        (AadhaarRecord, {"key_id": ""}, "aadhaar_key_id_is_not_blank"),
        (AadhaarRecord, {"last_four": "66"}, "aadhaar_last_four_are_digits"),
        (AadhaarRecord, {"last_four": "abcd"}, "aadhaar_last_four_are_digits"),
        (PanRecord, {"number_hmac": b"short"}, "pan_hmac_is_32_bytes"),
        (PanRecord, {"ciphertext": b"ABCPK0001F"}, "pan_ciphertext_is_39_bytes"),
        (PanRecord, {"key_id": ""}, "pan_key_id_is_not_blank"),
        (PanRecord, {"last_four": "ABCP"}, "pan_last_four_are_its_end"),
        (PhoneRecord, {"ciphertext": b"+919876500001"}, "phone_ciphertext_is_42_bytes"),
        (PhoneRecord, {"key_id": ""}, "phone_key_id_is_not_blank"),
        (PhoneRecord, {"last_four": "001"}, "phone_last_four_are_digits"),
    ],
)
def test_the_database_refuses_a_vault_record_that_breaks_a_rule(
    records: type[VaultRecord], changes: dict[str, Any], rule: str
) -> None:
    registered(1, pan=pan(1), phone=phone(1))
    with pytest.raises(IntegrityError, match=rule), transaction.atomic():
        records._default_manager.update(**changes)


def test_the_database_keeps_aadhaar_numbers_pans_and_emails_unique() -> None:
    first, second = registered(1, pan=pan(1)).borrower, registered(2, pan=pan(2)).borrower
    its_pan = PanRecord.objects.get(borrower=first)
    with pytest.raises(IntegrityError, match="pan_number_is_unique"), transaction.atomic():
        PanRecord.objects.filter(borrower=second).update(number_hmac=its_pan.number_hmac)
    record = AadhaarRecord.objects.get(borrower=first)
    with pytest.raises(IntegrityError, match="aadhaar_number_is_unique"), transaction.atomic():
        AadhaarRecord.objects.filter(borrower=second).update(number_hmac=record.number_hmac)
    with pytest.raises(IntegrityError, match="borrower_email_is_unique"), transaction.atomic():
        Borrower.objects.filter(pk=second.pk).update(email=first.email)


def test_a_borrower_with_a_vault_record_cannot_be_deleted() -> None:
    borrower = registered().borrower
    with pytest.raises(ProtectedError):
        borrower.delete()


def test_an_income_of_nothing_is_kept_for_somebody_without_work() -> None:
    borrower = registered(annual_income_paise=0, employment_type="UNEMPLOYED").borrower
    assert Borrower.objects.get(pk=borrower.pk).annual_income_paise == 0


def test_the_models_employment_types_are_those_of_the_core() -> None:
    assert Borrower.EmploymentType.values == [kind.value for kind in EmploymentType]


@pytest.mark.parametrize("records", [AadhaarRecord, PanRecord, PhoneRecord])
def test_a_ciphertext_is_bound_to_the_table_and_column_that_hold_it(
    records: type[VaultRecord],
) -> None:
    assert records._meta.get_field("ciphertext").column == "ciphertext"
    assert records._meta.db_table == records.KIND.table


def test_a_borrower_is_found_by_public_id() -> None:
    borrower = registered().borrower
    assert borrower_by_public_id(borrower.public_id) == borrower


@pytest.mark.parametrize(
    "text",
    ["", "BC-USER-999999", "BC-USER-9", "9", "bc-user-001", "BC-USER-00१", "BC-USER-001\x00"],
)
def test_an_unknown_id_and_no_id_at_all_are_the_same_to_the_caller(text: str) -> None:
    registered()
    with pytest.raises(BorrowerNotFound) as refusal:
        borrower_by_public_id(text)
    assert refusal.value.code == "borrower_not_found"
    assert refusal.value.field == "user_id"
    assert str(refusal.value) == "There is no borrower with this id."


def test_a_login_of_staff_is_no_borrower() -> None:
    login = User.objects.create_user("meera", password="a long enough password")
    assert login.check_password("a long enough password")
    assert not Borrower.objects.exists()
    assert connection.introspection.table_names().count(User._meta.db_table) == 1
