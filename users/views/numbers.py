"""A borrower's PAN and phone number, given later or changed, over HTTP."""

from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from bright_credit.common.api.idempotency import idempotent
from users.api.parameters import USER_ID
from users.api.permissions import caller_of
from users.domain.callers import Rule
from users.domain.scopes import Scope
from users.serializers import PanAnswer, PanRequest, PhoneAnswer, PhoneRequest
from users.services.numbers import change_pan, change_phone


@method_decorator(sensitive_post_parameters(), name="dispatch")
class PanView(APIView):
    """A borrower's PAN."""

    access = {"POST": Rule(permission="users.change_borrower", scope=Scope.BORROWERS_REGISTER)}

    @extend_schema(
        operation_id="change_pan",
        summary="Give or replace a borrower's PAN",
        description="Kept in the vault beside the Aadhaar number, and one borrower's alone. A "
        "partner gives one that was not known (`409 pan_on_record` otherwise); staff replace it.",
        parameters=[USER_ID],
        request=PanRequest,
        responses={200: PanAnswer},
    )
    @idempotent
    @sensitive_variables()
    def post(self, request: Request, user_id: str) -> Response:
        """Keep the PAN."""
        given = PanRequest(data=request.data)
        given.is_valid(raise_exception=True)
        shown = change_pan(user_id, **given.validated_data, caller=caller_of(request))
        return Response(PanAnswer({"user_id": user_id, "pan": shown}).data)


@method_decorator(sensitive_post_parameters(), name="dispatch")
class PhoneView(APIView):
    """A borrower's phone number."""

    access = {
        "POST": Rule(
            permission="users.change_borrower", scope=Scope.BORROWERS_REGISTER, borrowers=True
        )
    }

    @extend_schema(
        operation_id="change_phone",
        summary="Give, change or take away a borrower's phone number",
        description="Kept in the vault. Several borrowers may have the same. `null`: none.",
        parameters=[USER_ID],
        request=PhoneRequest,
        responses={200: PhoneAnswer},
    )
    @idempotent
    @sensitive_variables()
    def post(self, request: Request, user_id: str) -> Response:
        """Keep the phone number, or none."""
        given = PhoneRequest(data=request.data)
        given.is_valid(raise_exception=True)
        shown = change_phone(user_id, **given.validated_data, caller=caller_of(request))
        return Response(PhoneAnswer({"user_id": user_id, "phone": shown}).data)
