"""Registration, borrowers' sign-in and partners' webhook endpoints over HTTP."""

from django.conf import settings
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from bright_credit.common import business_day
from bright_credit.common.api.client_address import place_of
from bright_credit.common.api.idempotency import idempotent, without_idempotency_key
from bright_credit.common.api.pagination import KeysetPagination, PageQuery
from users.api.permissions import caller_of
from users.domain.callers import Rule
from users.domain.scopes import Scope
from users.selectors import endpoint_for, endpoints_for
from users.serializers import (
    CodeAnswer,
    CodeRequest,
    EndpointAnswer,
    EndpointPage,
    EndpointRequest,
    NewSecretAnswer,
    NothingRequest,
    RefreshRequest,
    RegistrationAnswer,
    RegistrationRequest,
    RemindersAnswer,
    RemindersRequest,
    RotationRequest,
    SignInRequest,
    SignOutAnswer,
    SignOutRequest,
    TokensAnswer,
)
from users.services.notices import choose_reminders
from users.services.registration import register_borrower
from users.services.sign_in import ask_for_code, refresh, sign_in, sign_out
from users.services.webhooks import (
    disable_endpoint,
    enable_endpoint,
    make_endpoint,
    partner_of,
    rotate_secret,
)

ANYBODY = Rule(anybody=True)
#: A partner's own: staff have the admin.
_PARTNERS = Rule(scope=Scope.WEBHOOKS_MANAGE)
_ENDPOINT_ID = OpenApiParameter("endpoint_id", int, OpenApiParameter.PATH)


@method_decorator(sensitive_post_parameters(), name="dispatch")
class RegisterView(APIView):
    """Registers borrowers."""

    access = {"POST": Rule(permission="users.add_borrower", scope=Scope.BORROWERS_REGISTER)}

    @extend_schema(
        operation_id="register_borrower",
        summary="Register a borrower",
        description="Opens an account and scores it. One account for an Aadhaar number and for an "
        "e-mail address: a second one is refused without telling which of the two is known. A "
        "borrower whom a partner registers belongs to that partner.",
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
        registration = register_borrower(
            **given.validated_data, as_of=business_day.today(), caller=caller_of(request)
        )
        answer = RegistrationAnswer(registration)
        return Response(answer.data, status=status.HTTP_201_CREATED)


@method_decorator(sensitive_post_parameters(), name="dispatch")
class CodesView(APIView):
    """Sends one-time codes."""

    access = {"POST": ANYBODY}
    authentication_classes = ()

    @extend_schema(
        operation_id="ask_for_code",
        summary="Ask for a one-time code",
        description="Sends a six-digit code to the e-mail address of a borrower. The answer is the "
        "same for an address that nobody has. The code is good for five minutes, one sign-in and "
        "five guesses; it comes by e-mail only.",
        request=CodeRequest,
        responses={202: CodeAnswer},
        auth=[],
    )
    @without_idempotency_key("each code asked for is another one")
    def post(self, request: Request) -> Response:
        """Send a code."""
        given = CodeRequest(data=request.data)
        given.is_valid(raise_exception=True)
        challenge = ask_for_code(
            email=given.validated_data["email"],
            place=place_of(request.META),
            now=timezone.now(),
        )
        return Response(CodeAnswer(challenge).data, status=status.HTTP_202_ACCEPTED)


@method_decorator(sensitive_post_parameters(), name="dispatch")
class TokensView(APIView):
    """Signs borrowers in."""

    access = {"POST": ANYBODY}
    authentication_classes = ()

    @extend_schema(
        operation_id="sign_in",
        summary="Sign in with a code",
        description="Opens a session: an access token for ten minutes, and a refresh token for "
        "thirty days.",
        request=SignInRequest,
        responses={201: TokensAnswer},
        auth=[],
    )
    @without_idempotency_key("a code is used once, and tokens are kept nowhere")
    @sensitive_variables()
    def post(self, request: Request) -> Response:
        """Open a session."""
        given = SignInRequest(data=request.data)
        given.is_valid(raise_exception=True)
        signed_in = sign_in(
            **given.validated_data, place=place_of(request.META), now=timezone.now()
        )
        return Response(TokensAnswer(signed_in).data, status=status.HTTP_201_CREATED)


@method_decorator(sensitive_post_parameters(), name="dispatch")
class RefreshView(APIView):
    """Renews tokens."""

    access = {"POST": ANYBODY}
    authentication_classes = ()

    @extend_schema(
        operation_id="refresh_tokens",
        summary="Renew the tokens",
        description="Gives new tokens for a refresh token, which is used up by that. A refresh "
        "token that is sent a second time ends its whole session: one of the two who sent it had "
        "stolen it.",
        request=RefreshRequest,
        responses={200: TokensAnswer},
        auth=[],
    )
    @without_idempotency_key("a refresh token is used once, and tokens are kept nowhere")
    @sensitive_variables()
    def post(self, request: Request) -> Response:
        """Renew the tokens."""
        given = RefreshRequest(data=request.data)
        given.is_valid(raise_exception=True)
        renewed = refresh(**given.validated_data, now=timezone.now())
        return Response(TokensAnswer(renewed).data)


class SignOutView(APIView):
    """Ends sessions."""

    access = {"POST": Rule(borrowers=True)}

    @extend_schema(
        operation_id="sign_out",
        summary="Sign out",
        description="Ends the session of the access token, or with `everywhere` all sessions of "
        "the borrower. Their tokens are refused from the next call on.",
        request=SignOutRequest,
        responses={200: SignOutAnswer},
    )
    @without_idempotency_key("ending what has ended changes nothing")
    def post(self, request: Request) -> Response:
        """End the session, or all of them."""
        given = SignOutRequest(data=request.data)
        given.is_valid(raise_exception=True)
        ended = sign_out(caller_of(request), **given.validated_data, now=timezone.now())
        return Response(SignOutAnswer({"sessions_ended": ended}).data)


class RemindersView(APIView):
    """A borrower's choice about reminders."""

    access = {"POST": Rule(borrowers=True)}

    @extend_schema(
        operation_id="choose_reminders",
        summary="Refuse reminders, or want them again",
        description="Reminders are the mail before and on due dates. Receipts of payments, and "
        "word of EMIs that are overdue and of a loan that is closed, come in any case.",
        request=RemindersRequest,
        responses={200: RemindersAnswer},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Keep the choice."""
        given = RemindersRequest(data=request.data)
        given.is_valid(raise_exception=True)
        borrower = choose_reminders(caller_of(request), **given.validated_data)
        return Response(RemindersAnswer(borrower).data)


class EndpointsView(APIView):
    """A partner's webhook endpoints."""

    access = {"GET": _PARTNERS, "POST": _PARTNERS}

    @extend_schema(
        operation_id="list_webhook_endpoints",
        summary="The partner's webhook endpoints",
        parameters=[PageQuery],
        responses=EndpointPage,
    )
    def get(self, request: Request) -> Response:
        """Return a page of the partner's endpoints, newest first, without their secrets."""
        PageQuery(data=request.query_params).is_valid(raise_exception=True)
        pages = KeysetPagination()
        found = endpoints_for(caller_of(request))
        page = pages.paginate_queryset(found, request, view=self)
        return pages.get_paginated_response(EndpointAnswer(page, many=True).data)

    @extend_schema(
        operation_id="create_webhook_endpoint",
        summary="Be told of events",
        description="Makes an endpoint, which is told of the events that follow. Its secret is "
        "shown this once. At most ten are in use, each with an address of its own.",
        request=EndpointRequest,
        responses={201: NewSecretAnswer},
        examples=[
            OpenApiExample(
                "Payments and closures",
                request_only=True,
                value={
                    "url": "https://hooks.example.com/brightlend",
                    "events": ["payment.posted", "payment.reversed", "loan.closed"],
                },
            )
        ],
    )
    @without_idempotency_key("the secret is shown once and kept nowhere; an address is taken once")
    @sensitive_variables()
    def post(self, request: Request) -> Response:
        """Make an endpoint."""
        given = EndpointRequest(data=request.data)
        given.is_valid(raise_exception=True)
        made = make_endpoint(
            partner_of(caller_of(request)),
            **given.validated_data,
            https_only=settings.WEBHOOK_HTTPS_ONLY,
            now=timezone.now(),
        )
        return Response(NewSecretAnswer(made).data, status=status.HTTP_201_CREATED)


class EndpointView(APIView):
    """One webhook endpoint."""

    access = {"GET": _PARTNERS}

    @extend_schema(
        operation_id="get_webhook_endpoint",
        summary="One webhook endpoint",
        parameters=[_ENDPOINT_ID],
        responses=EndpointAnswer,
    )
    def get(self, request: Request, endpoint_id: int) -> Response:
        """Return the endpoint and how it is doing, without its secret."""
        NothingRequest(data=request.query_params).is_valid(raise_exception=True)
        return Response(EndpointAnswer(endpoint_for(caller_of(request), endpoint_id)).data)


class EndpointSecretView(APIView):
    """The secret of a webhook endpoint."""

    access = {"POST": _PARTNERS}

    @extend_schema(
        operation_id="rotate_webhook_secret",
        summary="Change the secret of an endpoint",
        description="Gives the endpoint a new secret, shown this once. Until the overlap ends, "
        "deliveries carry two signatures, by the new secret and by the former.",
        parameters=[_ENDPOINT_ID],
        request=RotationRequest,
        responses={201: NewSecretAnswer},
    )
    @without_idempotency_key("the secret is shown once and kept nowhere")
    @sensitive_variables()
    def post(self, request: Request, endpoint_id: int) -> Response:
        """Change the secret."""
        given = RotationRequest(data=request.data)
        given.is_valid(raise_exception=True)
        made = rotate_secret(
            endpoint_id, **given.validated_data, now=timezone.now(), caller=caller_of(request)
        )
        return Response(NewSecretAnswer(made).data, status=status.HTTP_201_CREATED)


class EndpointDisableView(APIView):
    """The end of a webhook endpoint."""

    access = {"POST": _PARTNERS}

    @extend_schema(
        operation_id="disable_webhook_endpoint",
        summary="Disable an endpoint",
        description="Sends it nothing more. What waits for it is given up.",
        parameters=[_ENDPOINT_ID],
        request=NothingRequest,
        responses={200: EndpointAnswer},
    )
    @idempotent
    def post(self, request: Request, endpoint_id: int) -> Response:
        """Disable the endpoint."""
        NothingRequest(data=request.data).is_valid(raise_exception=True)
        ended = disable_endpoint(endpoint_id, now=timezone.now(), caller=caller_of(request))
        return Response(EndpointAnswer(ended).data)


class EndpointEnableView(APIView):
    """The return of a webhook endpoint."""

    access = {"POST": _PARTNERS}

    @extend_schema(
        operation_id="enable_webhook_endpoint",
        summary="Enable an endpoint again",
        description="Tells it of the events that follow, under the secret it has.",
        parameters=[_ENDPOINT_ID],
        request=NothingRequest,
        responses={200: EndpointAnswer},
    )
    @idempotent
    def post(self, request: Request, endpoint_id: int) -> Response:
        """Enable the endpoint."""
        NothingRequest(data=request.data).is_valid(raise_exception=True)
        return Response(
            EndpointAnswer(enable_endpoint(endpoint_id, caller=caller_of(request))).data
        )
