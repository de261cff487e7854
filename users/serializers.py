"""What registration takes and answers."""

import re
from collections.abc import Callable, Mapping
from typing import Any, ClassVar
from uuid import UUID

from django.views.decorators.debug import sensitive_variables
from rest_framework import serializers

from bright_credit.common.api.fields import (
    CleanCharField,
    RupeesField,
    StrictBooleanField,
    StrictChoiceField,
    StrictDateField,
    StrictIntegerField,
    json_kind,
)
from bright_credit.common.api.pagination import PageAnswer
from bright_credit.common.api.serializers import StrictSerializer
from bright_credit.common.errors import InvalidInput
from users.domain.codes import CODE_DIGITS
from users.domain.consents import MAX_VERSION_LENGTH, VERSION_PATTERN, Action, Purpose, Said
from users.domain.emails import MAX_EMAIL_LENGTH, normalise_email
from users.domain.employment import MAX_ANNUAL_INCOME_PAISE
from users.domain.names import MAX_NAME_LENGTH, normalise_name
from users.domain.webhooks import (
    MAX_OVERLAP_HOURS,
    MAX_URL_LENGTH,
    USUAL_OVERLAP_HOURS,
    EventType,
)
from users.identifiers import (
    MAX_PHONE_LENGTH,
    PAN_LENGTH,
    checked_aadhaar,
    normalised_pan,
    normalised_phone,
)
from users.models import Borrower, WebhookEndpoint
from users.services.registration import Registration
from users.services.sign_in import SignedIn

_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)


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
        return _checked(checked_aadhaar, data)


class PanField(NormalisedField):
    """A person's PAN: trimmed, in capitals, and never shown again."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(normalise=normalised_pan, max_length=PAN_LENGTH, write_only=True, **kwargs)


class PhoneField(NormalisedField):
    """A mobile number of India, however people spell it, and never shown again."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            normalise=normalised_phone, max_length=MAX_PHONE_LENGTH, write_only=True, **kwargs
        )


@sensitive_variables()
def _checked(check: Callable[[str], str], text: str) -> str:
    """Return what the check returns; its refusal becomes the field's, chained to nothing."""
    try:
        return check(text)
    except InvalidInput as refusal:
        error = serializers.ValidationError(refusal.message, code=refusal.code)
    raise error


class UuidField(CleanCharField):
    """A UUID as a JSON string."""

    default_error_messages: ClassVar[dict[str, Any]] = {"invalid": "Must be a UUID."}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=36, **kwargs)

    def to_internal_value(self, data: Any) -> Any:
        """Return the UUID."""
        text = super().to_internal_value(data)
        if _UUID.fullmatch(text) is None:
            self.fail("invalid")
        return UUID(text)


class ConsentRequest(StrictSerializer):
    """What the person says, and which text they were shown."""

    purpose = StrictChoiceField(choices=list(Purpose))
    action = StrictChoiceField(choices=list(Action))
    text_version = CleanCharField(
        max_length=MAX_VERSION_LENGTH,
        pattern=VERSION_PATTERN,
        pattern_words="Must be letters, digits, dots, dashes and underscores, such as 2026-11.",
        help_text="Of the text that was shown, such as 2026-11.",
    )


def said_in(asked: Mapping[str, Any], *, address: str) -> Said:
    """Return what a checked `ConsentRequest` says, and from where it came."""
    return Said(
        purpose=Purpose(asked["purpose"]),
        action=Action(asked["action"]),
        text_version=asked["text_version"],
        address=address,
    )


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
    pan = PanField(
        required=False, allow_null=True, help_text="Of a person. Unique; kept in the vault."
    )
    phone = PhoneField(
        required=False,
        allow_null=True,
        help_text="A mobile number of India, +91 or ten digits. Kept in the vault.",
    )
    consents = serializers.ListField(
        child=ConsentRequest(),
        required=False,
        max_length=len(Purpose),
        help_text="What the person agreed to, in the order in which they did.",
    )


class RegistrationAnswer(serializers.Serializer[Any]):
    """The new account: exactly these three."""

    user_id = serializers.CharField(source="borrower.public_id")
    welcome_message = serializers.SerializerMethodField()
    initial_credit_score = serializers.IntegerField()

    def get_welcome_message(self, _registration: Registration) -> str:
        """The greeting, the same for everybody."""
        return "Account activated successfully"


class PanRequest(StrictSerializer):
    """A borrower's PAN."""

    pan = PanField(help_text="Of a person, such as ABCPK1234F. Unique.")


class PanAnswer(serializers.Serializer[Any]):
    """A borrower's PAN as far as anyone may see it."""

    user_id = serializers.CharField()
    pan = serializers.CharField(help_text="Its last four characters: XXXXXX234F.")


class PhoneRequest(StrictSerializer):
    """A borrower's phone number."""

    phone = PhoneField(
        allow_null=True, help_text="A mobile number of India, +91 or ten digits. `null`: none."
    )


class PhoneAnswer(serializers.Serializer[Any]):
    """A borrower's phone number as far as anyone may see it."""

    user_id = serializers.CharField()
    phone = serializers.CharField(
        allow_null=True, help_text="Its last four digits: +91 XXXXXX3210. `null`: none is kept."
    )


class CodeRequest(StrictSerializer):
    """Where to send a code."""

    email = NormalisedField(
        normalise=normalise_email, max_length=MAX_EMAIL_LENGTH, help_text="As registered."
    )


class CodeAnswer(serializers.Serializer[Any]):
    """What a code is answered to. The same for an address that nobody has."""

    challenge_id = serializers.UUIDField()
    expires_in = serializers.IntegerField(source="expires_in_seconds", help_text="Seconds.")


class SignInRequest(StrictSerializer):
    """A code, and what it answers."""

    challenge_id = UuidField(help_text="From the answer to asking for the code.")
    code = CleanCharField(
        min_length=CODE_DIGITS,
        max_length=CODE_DIGITS,
        pattern=f"[0-9]{{{CODE_DIGITS}}}",
        write_only=True,
    )


class RefreshRequest(StrictSerializer):
    """A refresh token, which is used up by this."""

    refresh_token = CleanCharField(max_length=200, write_only=True)


class SignOutRequest(StrictSerializer):
    """What to sign out of."""

    everywhere = StrictBooleanField(
        required=False, default=False, help_text="Every session of the borrower, not this one only."
    )


class RemindersRequest(StrictSerializer):
    """Whether a borrower wants reminders."""

    wanted = StrictBooleanField(help_text="Mail before and on due dates.")


class RemindersAnswer(serializers.Serializer[Any]):
    """What a borrower has chosen."""

    wanted = serializers.BooleanField(source="wants_reminders")


class TokensAnswer(serializers.Serializer[Any]):
    """A borrower's tokens."""

    user_id = serializers.CharField(source="borrower.public_id")
    token_type = serializers.SerializerMethodField()
    access_token = serializers.CharField(help_text="A JWT, for the header Authorization.")
    expires_in = serializers.IntegerField(
        source="access_expires_in_seconds", help_text="Seconds that the access token is good for."
    )
    refresh_token = serializers.CharField(help_text="For one use, which gives a new one.")
    refresh_expires_in = serializers.IntegerField(
        source="refresh_expires_in_seconds", help_text="Seconds."
    )

    def get_token_type(self, _tokens: SignedIn) -> str:
        """The scheme of the header Authorization."""
        return "Bearer"


class SignOutAnswer(serializers.Serializer[Any]):
    """How many sessions were ended."""

    sessions_ended = serializers.IntegerField()


class EndpointRequest(StrictSerializer):
    """Where a partner wants to be told, and of what."""

    url = CleanCharField(
        max_length=MAX_URL_LENGTH,
        help_text="An https address on the internet, without credentials in it.",
    )
    events = serializers.ListField(
        child=StrictChoiceField(choices=[event.value for event in EventType]),
        min_length=1,
        max_length=len(EventType),
    )


class NothingRequest(StrictSerializer):
    """An empty object: there is nothing to say."""


class RotationRequest(StrictSerializer):
    """How a secret is changed."""

    overlap_hours = StrictIntegerField(
        min_value=0,
        max_value=MAX_OVERLAP_HOURS,
        default=USUAL_OVERLAP_HOURS,
        help_text="How long the former secret signs beside the new one. 0 for one that has leaked.",
    )


class EndpointAnswer(serializers.Serializer[Any]):
    """An endpoint, without its secret."""

    endpoint_id = serializers.IntegerField(source="pk")
    url = serializers.CharField()
    events = serializers.ListField(child=serializers.CharField())
    status = serializers.SerializerMethodField()
    disabled_because = serializers.SerializerMethodField(
        help_text="ASKED, FAILING (it took nothing for five days), GONE (it answered 410), or null."
    )
    created_at = serializers.DateTimeField()
    failing_since = serializers.DateTimeField(
        allow_null=True, help_text="The first failure since it last took a message."
    )
    last_success_at = serializers.DateTimeField(allow_null=True)

    def get_status(self, endpoint: WebhookEndpoint) -> str:
        """ENABLED or DISABLED."""
        return "ENABLED" if endpoint.is_enabled else "DISABLED"

    def get_disabled_because(self, endpoint: WebhookEndpoint) -> str | None:
        """Return why it is disabled, if it is."""
        return endpoint.disabled_because or None


class EndpointPage(PageAnswer):
    """A page of endpoints, newest first."""

    results = EndpointAnswer(many=True)


class NewSecretAnswer(serializers.Serializer[Any]):
    """An endpoint with its new secret, which is shown this once."""

    endpoint = EndpointAnswer()
    secret = serializers.CharField(
        source="text", help_text="`whsec_…`: keep it; it cannot be seen again."
    )
    former_secret_expires_at = serializers.DateTimeField(
        source="former_expires_at", allow_null=True
    )
