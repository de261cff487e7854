"""What a borrower agrees to, over HTTP."""

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from bright_credit.common.api.client_address import address_in
from bright_credit.common.api.idempotency import idempotent
from bright_credit.common.api.pagination import KeysetPagination, PageQuery
from loan.serializers.consents import ConsentAnswer, ConsentPage
from loan.services.consents import record_consent
from loan.views.asking import checked, refuse_query
from users.api.parameters import USER_ID
from users.api.permissions import caller_of
from users.domain.callers import Rule
from users.domain.scopes import Scope
from users.selectors import consents_of
from users.serializers import ConsentRequest, said_in


class ConsentsView(APIView):
    """A borrower's consents."""

    access = {
        "GET": Rule(permission="users.view_borrower", scope=Scope.CONSENTS_RECORD, borrowers=True),
        "POST": Rule(
            permission="users.change_borrower", scope=Scope.CONSENTS_RECORD, borrowers=True
        ),
    }

    @extend_schema(
        operation_id="list_consents",
        summary="A borrower's consents",
        parameters=[USER_ID, PageQuery],
        responses=ConsentPage,
    )
    def get(self, request: Request, user_id: str) -> Response:
        """Return what was given and withdrawn, newest first."""
        checked(PageQuery, request.query_params)
        pages = KeysetPagination()
        found = consents_of(user_id, caller=caller_of(request))
        page = pages.paginate_queryset(found, request, view=self)
        return pages.get_paginated_response(ConsentAnswer(page, many=True).data)

    @extend_schema(
        operation_id="record_consent",
        summary="Give or withdraw a consent",
        description="Each is a row of its own that nobody changes. `LOAN_PROCESSING` cannot be "
        "withdrawn while a loan is open or an application waits.",
        parameters=[USER_ID],
        request=ConsentRequest,
        responses={201: ConsentAnswer},
        examples=[
            OpenApiExample(
                "Marketing",
                request_only=True,
                value={"purpose": "MARKETING", "action": "GIVEN", "text_version": "2026-11"},
            )
        ],
    )
    @idempotent
    def post(self, request: Request, user_id: str) -> Response:
        """Record what the borrower says."""
        refuse_query(request)
        asked = checked(ConsentRequest, request.data)
        said = said_in(asked, address=address_in(request.META))
        recorded = record_consent(user_id, said, caller=caller_of(request))
        return Response(ConsentAnswer(recorded).data, status=201)
