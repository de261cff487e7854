"""What registration takes and answers."""

from collections.abc import Callable
from typing import Any

from django.views.decorators.debug import sensitive_variables
from rest_framework import serializers

from bright_credit.common.api.fields import (
    CleanCharField,
    RupeesField,
    StrictChoiceField,
    StrictDateField,
    json_kind,
)
from bright_credit.common.api.serializers import StrictSerializer
from bright_credit.common.errors import InvalidInput
from users.aadhaar_vault import checked_number
from users.domain.emails import MAX_EMAIL_LENGTH, normalise_email
from users.domain.employment import MAX_ANNUAL_INCOME_PAISE
from users.domain.names import MAX_NAME_LENGTH, normalise_name
from users.models import Borrower
from users.services import Registration


class NormalisedField(CleanCharField):
    """Text that has one stored spelling: `normalise` returns it or raises `InvalidInput`."""

    def __init__(self, *, normalise: Callable[[str], str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.normalise = normalise

    def to_internal_value(self, data: Any) -> str:
        """Return the text as it is stored."""
        return _checked(self.normalise, super().to_internal_value(data))


class AadhaarField(CleanCharField):
    """An Aadhaar number: a string of twelve digits, not even trimmed, and never shown again."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            min_length=12, max_length=12, pattern="[2-9][0-9]{11}", write_only=True, **kwargs
        )

    @sensitive_variables()
    def to_internal_value(self, data: Any) -> str:
        """Return the number when it is one."""
        if not isinstance(data, str):
            self.fail("not_a_string", kind=json_kind(data))
        return _checked(checked_number, data)


@sensitive_variables()
def _checked(check: Callable[[str], str], text: str) -> str:
    """Return what the check returns; its refusal becomes the field's, chained to nothing."""
    try:
        return check(text)
    except InvalidInput as refusal:
        error = serializers.ValidationError(refusal.message, code=refusal.code)
    raise error


class RegistrationRequest(StrictSerializer):
    """A new borrower's own declaration."""

    aadhar_id = AadhaarField(source="aadhaar_number", help_text="Kept in a vault, never shown.")
    name = NormalisedField(normalise=normalise_name, max_length=MAX_NAME_LENGTH)
    email = NormalisedField(
        normalise=normalise_email, max_length=MAX_EMAIL_LENGTH, help_text="Unique; case is ignored."
    )
    annual_income = RupeesField(
        source="annual_income_paise",
        min_paise=0,
        max_paise=MAX_ANNUAL_INCOME_PAISE,
        help_text="Rupees a year. More than nothing for a salary or a pension.",
    )
    employment_type = StrictChoiceField(choices=Borrower.EmploymentType.choices)
    date_of_birth = StrictDateField(
        required=False, allow_null=True, help_text="Of an adult. May be given later."
    )


class RegistrationAnswer(serializers.Serializer[Any]):
    """The new account: exactly these three."""

    user_id = serializers.CharField(source="borrower.public_id")
    welcome_message = serializers.SerializerMethodField()
    initial_credit_score = serializers.IntegerField()

    def get_welcome_message(self, _registration: Registration) -> str:
        """The greeting, the same for everybody."""
        return "Account activated successfully"
