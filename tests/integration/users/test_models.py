"""What the database refuses, whoever writes to it; and reading borrowers back."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError

from tests.integration.users.people import registered
from users.domain.employment import EmploymentType
from users.models import AadhaarRecord, Borrower, User
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
    ("changes", "rule"),
    [
        ({"number_hmac": b"short"}, "aadhaar_hmac_is_32_bytes"),
        ({"ciphertext": b"888877776666"}, "aadhaar_ciphertext_is_41_bytes"),
        ({"key_id": ""}, "aadhaar_key_id_is_not_blank"),
        ({"last_four": "66"}, "aadhaar_last_four_are_digits"),
        ({"last_four": "abcd"}, "aadhaar_last_four_are_digits"),
    ],
)
def test_the_database_refuses_a_vault_record_that_breaks_a_rule(
    changes: dict[str, Any], rule: str
) -> None:
    registered()
    with pytest.raises(IntegrityError, match=rule), transaction.atomic():
        AadhaarRecord.objects.update(**changes)


def test_the_database_keeps_aadhaar_numbers_and_emails_unique() -> None:
    first, second = registered(1).borrower, registered(2).borrower
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


def test_a_ciphertext_is_bound_to_the_table_and_column_that_hold_it() -> None:
    column = AadhaarRecord._meta.get_field("ciphertext").column
    assert f"{AadhaarRecord._meta.db_table}|{column}" == "users_aadhaarrecord|ciphertext"


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
