"""Partners' webhook endpoints over HTTP."""

from django.conf import settings
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from bright_credit.common.api.idempotency import idempotent, without_idempotency_key
from bright_credit.common.api.pagination import KeysetPagination, PageQuery
from users.api.permissions import caller_of
from users.domain.callers import Rule
from users.domain.scopes import Scope
from users.selectors import endpoint_for, endpoints_for
from users.serializers import (
    EndpointAnswer,
    EndpointPage,
    EndpointRequest,
    NewSecretAnswer,
    NothingRequest,
    RotationRequest,
)
from users.services.webhooks import (
    disable_endpoint,
    enable_endpoint,
    make_endpoint,
    partner_of,
    rotate_secret,
)

#: A partner's own: staff have the admin.
_PARTNERS = Rule(scope=Scope.WEBHOOKS_MANAGE)
_ENDPOINT_ID = OpenApiParameter("endpoint_id", int, OpenApiParameter.PATH)


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
