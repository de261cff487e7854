"""Borrowers' sign-in over HTTP, and their choice about reminders."""

from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from bright_credit.common.api.client_address import place_of
from bright_credit.common.api.idempotency import idempotent, without_idempotency_key
from users.api.permissions import caller_of
from users.domain.callers import Rule
from users.serializers import (
    CodeAnswer,
    CodeRequest,
    RefreshRequest,
    RemindersAnswer,
    RemindersRequest,
    SignInRequest,
    SignOutAnswer,
    SignOutRequest,
    TokensAnswer,
)
from users.services.notices import choose_reminders
from users.services.sign_in import ask_for_code, refresh, sign_in, sign_out

ANYBODY = Rule(anybody=True)


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
