"""What the OpenAPI description says for every operation alike: problems, types, how to sign in."""

from typing import Any, Literal

from django.conf import settings
from drf_spectacular.extensions import (
    OpenApiAuthenticationExtension,
    OpenApiSerializerFieldExtension,
)
from drf_spectacular.openapi import AutoSchema as SpectacularAutoSchema
from drf_spectacular.plumbing import force_instance
from drf_spectacular.utils import OpenApiResponse, PolymorphicProxySerializer
from rest_framework import serializers

from bright_credit.common.api import fields
from bright_credit.common.api.deprecation import deprecation_of
from bright_credit.common.api.idempotency import KEY_HEADER, KEY_PATTERN
from bright_credit.common.api.renderers import ProblemRenderer
from bright_credit.common.api.serializers import StrictSerializer

_PROBLEMS = {
    "400": "The request is malformed, or a value in it is.",
    "401": "The call needs a signed-in caller.",
    "403": "The caller may not do this.",
    "404": "There is no such thing, or it is not the caller's.",
    "405": "The method is not allowed here; see Allow.",
    "406": "Nothing that the caller accepts is served here.",
    "409": "It collides with what is already recorded.",
    "413": "The body is above the limit.",
    "414": "The address is above the limit.",
    "415": "Bodies are JSON in UTF-8 only.",
    "422": "The request is well formed, and a lending rule refuses it.",
    "431": "The headers are above the limit.",
    "429": "The caller asks too often; see Retry-After.",
    "500": "A failure on our side.",
    "503": "A record was held too long by another request, or the database is away; send it again.",
}
_KEY_PARAMETER = {
    "in": "header",
    "name": KEY_HEADER,
    "schema": {"type": "string", "pattern": KEY_PATTERN},
    "description": "Makes the request safe to send again: the same request under the same key is "
    "done once, and gets the first answer. Take a new random UUID for each new request.",
    "examples": {
        "A UUID": {"value": '"8e03978e-40d5-43dd-bc93-6894a57f9324"'},
    },
}
_IF_NONE_MATCH = {
    "in": "header",
    "name": "If-None-Match",
    "schema": {"type": "string"},
    "description": "The `ETag` of an answer the client has kept: 304 when it is still the answer.",
}
_REQUEST_ID = {
    "in": "header",
    "name": "X-Request-ID",
    "schema": {"type": "string"},
    "description": "The client's own name for the request: 1 to 64 letters, digits and `. _ -`. "
    "Without one, or with another, one is made.",
}


def _header(description: str, **schema: object) -> dict[str, Any]:
    return {"description": description, "schema": {"type": "string", **schema}}


#: Headers of answers, described once, under `components`.
HEADERS = {
    "RequestId": _header("The request's id, as it stands in our log."),
    "RateLimitPolicy": _header("The caller's limit: `q` requests in `w` seconds."),
    "RateLimit": _header("What is left of it: `r` requests; all of it again in `t` seconds."),
    "RetryAfter": _header("Seconds to wait.", pattern="^[0-9]+$"),
    "ETag": _header("The answer's tag, for If-None-Match.", pattern='^"[0-9a-f]+"$'),
    "IdempotentReplayed": _header("The answer is that of an earlier request.", const="true"),
    "Allow": _header("The methods that are taken."),
    "WWWAuthenticate": _header("How to sign in."),
}
_ON_EVERY_ANSWER = {
    "X-Request-ID": "RequestId",
    "RateLimit-Policy": "RateLimitPolicy",
    "RateLimit": "RateLimit",
}
_ON_STATUS = {
    "304": {"ETag": "ETag"},
    "401": {"WWW-Authenticate": "WWWAuthenticate"},
    "405": {"Allow": "Allow"},
    "429": {"Retry-After": "RetryAfter"},
    "503": {"Retry-After": "RetryAfter"},
}
_ONLY_WITH_BODY = frozenset({"409", "413", "415", "422"})


class ProblemFieldError(serializers.Serializer[Any]):
    """One field at fault: its dotted path (null: the whole body), a stable code, a sentence."""

    field = serializers.CharField(allow_null=True)
    code = serializers.CharField()
    detail = serializers.CharField()


class Problem(serializers.Serializer[Any]):
    """RFC 9457 problem details with a stable `code`."""

    type = serializers.CharField(help_text="Address of the code's entry.")
    title = serializers.CharField(help_text="The code in words; never changes.")
    status = serializers.IntegerField()
    code = serializers.CharField(help_text="Stable; meant for programs.")
    detail = serializers.CharField(help_text="What happened this time.")
    instance = serializers.CharField(help_text="The path that was called.")

    def get_fields(self) -> dict[str, Any]:
        """Add `errors`, a name that a serializer keeps for itself."""
        return {**super().get_fields(), "errors": ProblemFieldError(many=True, required=False)}


#: What a read may answer as well, when lending rules have a say in it: a quote, a letter.
REFUSED_BY_RULES = {
    (409, ProblemRenderer.media_type): Problem,
    (422, ProblemRenderer.media_type): Problem,
}


def complete(result: dict[str, Any], *, request: Any, **_context: Any) -> dict[str, Any]:
    """Add what is said of all operations at once (a post-processing hook).

    The headers that they refer to; and in the description that a sandbox serves, that anybody on
    its machine may call. The one that is kept with the code is that of a live BrightLend.
    """
    result["components"]["headers"] = HEADERS
    if request is not None and settings.BRIGHTLEND_MODE == "sandbox":
        for operations in result["paths"].values():
            for operation in operations.values():
                operation["security"] = [*operation.get("security", []), {}]
    return result


class AutoSchema(SpectacularAutoSchema):
    """Add to each operation the problems that any operation of its kind can answer with."""

    def is_deprecated(self) -> bool:
        """Return whether the view's method was declared deprecated."""
        return deprecation_of(type(self.view), self.method) is not None

    def _get_request_for_media_type(
        self, serializer: Any, direction: str = "request"
    ) -> tuple[dict[str, Any] | None, bool]:
        """Return the form of a body, and whether there must be one: a choice of forms is asked."""
        schema, required = super()._get_request_for_media_type(  # type: ignore[no-untyped-call]
            serializer, direction
        )
        chosen = isinstance(force_instance(serializer), PolymorphicProxySerializer)
        return schema, required or chosen

    def _get_response_bodies(
        self, direction: Literal["request", "response"] = "response"
    ) -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        if direction == "request":
            return bodies  # of a webhook: what its receiver answers is not ours to say
        for status, description in _PROBLEMS.items():
            if status in bodies or (
                status in _ONLY_WITH_BODY and self.method not in {"POST", "PUT", "PATCH"}
            ):
                continue
            bodies[status] = self._get_response_for_code(  # type: ignore[no-untyped-call]
                OpenApiResponse(Problem, description=description),
                status,
                media_types=[ProblemRenderer.media_type],
            )
        if self.method == "GET":
            bodies["304"] = {"description": "The client has the answer already; see If-None-Match."}
        for status, body in bodies.items():
            body["headers"] = self._headers(status)
        return dict(sorted(bodies.items()))

    def _headers(self, status: str) -> dict[str, Any]:
        names = _ON_EVERY_ANSWER | _ON_STATUS.get(status, {})
        if status.startswith("2") and self.method == "GET":
            names = names | {"ETag": "ETag"}
        if status.startswith("2") and self._heeds_idempotency_key():
            names = names | {"Idempotent-Replayed": "IdempotentReplayed"}
        return {header: {"$ref": f"#/components/headers/{key}"} for header, key in names.items()}

    def _heeds_idempotency_key(self) -> bool:
        handler = getattr(self.view, self.method.lower(), None)
        return getattr(handler, "heeds_idempotency_key", False)

    def _get_parameters(self) -> list[dict[str, Any]]:
        """Add the headers that are taken: the request's id, its key, the tag of what is known."""
        parameters: list[dict[str, Any]] = super()._get_parameters()
        if self._heeds_idempotency_key():
            parameters.append(_KEY_PARAMETER)
        if self.method == "GET":
            parameters.append(_IF_NONE_MATCH)
        return [*parameters, _REQUEST_ID]

    def _map_serializer(
        self, serializer: Any, direction: str, bypass_extensions: bool = False
    ) -> dict[str, Any]:
        described: dict[str, Any] = super()._map_serializer(  # type: ignore[no-untyped-call]
            serializer, direction, bypass_extensions
        )
        if direction == "request" and isinstance(serializer, StrictSerializer):
            described["additionalProperties"] = False
        return described


class StaffSessionScheme(OpenApiAuthenticationExtension):
    """Describe the session cookie."""

    target_class = "users.api.authentication.StaffSessionAuthentication"
    name = "staffSession"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """Return the cookie's description."""
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}


class BearerScheme(OpenApiAuthenticationExtension):
    """Describe the bearer."""

    target_class = "users.api.authentication.BearerAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """Return the header's description."""
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "A borrower's access token (a JWT), or a partner's key (`blk_…`).",
        }


class SandboxScheme(OpenApiAuthenticationExtension):
    """The sandbox's open door is no scheme that a client could use elsewhere."""

    target_class = "users.api.authentication.SandboxAuthentication"
    name: list[str] = []

    def get_security_definition(self, auto_schema: Any) -> list[dict[str, str]]:
        """Return nothing."""
        return []

    def get_security_requirement(self, auto_schema: Any) -> list[dict[str, list[str]]]:
        """Return nothing."""
        return []


class _FieldSchema(OpenApiSerializerFieldExtension):
    """Describe one of our fields; subclasses say how."""

    match_subclasses = True

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        """Return the field's JSON schema."""
        return self.describe(self.target)

    def describe(self, field: Any) -> dict[str, Any]:
        """Return the JSON schema of a field."""
        raise NotImplementedError


class HundredthsSchema(_FieldSchema):
    """Rupees and percentages: numbers with at most two decimals."""

    target_class = "bright_credit.common.api.fields._HundredthsField"

    def describe(self, field: fields._HundredthsField) -> dict[str, Any]:
        """Return a number with its bounds, where those are whole."""
        described: dict[str, Any] = {"type": "number", "multipleOf": 0.01}
        if field.read_only:
            return described
        for name, bound in (("minimum", field.minimum), ("maximum", field.maximum)):
            if bound % 100 == 0:
                described[name] = bound // 100
        if field.minimum == 1:
            described["exclusiveMinimum"] = 0
        return described


class CleanCharSchema(_FieldSchema):
    """Text with its lengths and pattern."""

    target_class = "bright_credit.common.api.fields.CleanCharField"

    def describe(self, field: fields.CleanCharField) -> dict[str, Any]:
        """Return a string with its limits."""
        described: dict[str, Any] = {"type": "string", "maxLength": field.max_length}
        if shortest := max(field.min_length, 0 if field.allow_blank else 1):
            described["minLength"] = shortest
        if field.pattern is not None:
            described["pattern"] = f"^(?:{field.pattern})$"
        return described


class StrictIntegerSchema(_FieldSchema):
    """Whole numbers with their bounds."""

    target_class = "bright_credit.common.api.fields.StrictIntegerField"

    def describe(self, field: fields.StrictIntegerField) -> dict[str, Any]:
        """Return an integer with its bounds."""
        return {"type": "integer", "minimum": field.min_value, "maximum": field.max_value}


class StrictBooleanSchema(_FieldSchema):
    """True or false."""

    target_class = "bright_credit.common.api.fields.StrictBooleanField"

    def describe(self, field: fields.StrictBooleanField) -> dict[str, Any]:
        """Return a boolean."""
        return {"type": "boolean"}


class StrictInstantSchema(_FieldSchema):
    """Instants with their zone."""

    target_class = "bright_credit.common.api.fields.StrictInstantField"

    def describe(self, field: fields.StrictInstantField) -> dict[str, Any]:
        """Return an instant."""
        return {"type": "string", "format": "date-time"}


class StrictDateSchema(_FieldSchema):
    """Calendar dates."""

    target_class = "bright_credit.common.api.fields.StrictDateField"

    def describe(self, field: fields.StrictDateField) -> dict[str, Any]:
        """Return a date."""
        return {"type": "string", "format": "date"}
