"""Registration over HTTP."""

from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from bright_credit.common import business_day
from bright_credit.common.api.client_address import address_in
from bright_credit.common.api.idempotency import idempotent
from users.api.permissions import caller_of
from users.domain.callers import Rule
from users.domain.scopes import Scope
from users.serializers import RegistrationAnswer, RegistrationRequest, said_in
from users.services.registration import register_borrower


@method_decorator(sensitive_post_parameters(), name="dispatch")
class RegisterView(APIView):
    """Registers borrowers."""

    access = {"POST": Rule(permission="users.add_borrower", scope=Scope.BORROWERS_REGISTER)}

    @extend_schema(
        operation_id="register_borrower",
        summary="Register a borrower",
        description="Opens an account and scores it. One account for an Aadhaar number, for a PAN "
        "and for an e-mail address: a second one is refused without telling which of them is "
        "known. A borrower whom a partner registers belongs to that partner. Consents that come "
        "with it are recorded with it, or nothing is.",
        request=RegistrationRequest,
        responses={201: RegistrationAnswer},
        examples=[
            OpenApiExample(
                "A salaried borrower",
                request_only=True,
                value={
                    "aadhar_id": "888877776666",
                    "name": "Rahul Sharma",
                    "email": "rahul@brightlend.com",
                    "annual_income": 1800000,
                    "employment_type": "SALARIED",
                },
            ),
            OpenApiExample(
                "The new account",
                response_only=True,
                status_codes=["201"],
                value={
                    "user_id": "BC-USER-009",
                    "welcome_message": "Account activated successfully",
                    "initial_credit_score": 720,
                },
            ),
        ],
    )
    @idempotent
    @sensitive_variables()
    def post(self, request: Request) -> Response:
        """Register the borrower of the body."""
        given = RegistrationRequest(data=request.data)
        given.is_valid(raise_exception=True)
        said = given.validated_data.pop("consents", [])
        address = address_in(request.META)
        registration = register_borrower(
            **given.validated_data,
            consents=[said_in(each, address=address) for each in said],
            as_of=business_day.today(),
            caller=caller_of(request),
        )
        answer = RegistrationAnswer(registration)
        return Response(answer.data, status=status.HTTP_201_CREATED)
