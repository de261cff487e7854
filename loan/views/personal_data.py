"""Everything that is held on a borrower, over HTTP."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from loan.selectors.personal_data import personal_data
from loan.serializers.personal_data import PersonalDataAnswer
from loan.views.asking import refuse_query
from users.api.parameters import USER_ID
from users.api.permissions import caller_of
from users.domain.callers import Rule


class PersonalDataView(APIView):
    """A borrower's data, all of it."""

    access = {"GET": Rule(permission="users.export_borrower", borrowers=True)}

    @extend_schema(
        operation_id="get_personal_data",
        summary="Everything held on a borrower",
        description="For the borrower, and for staff who answer for the lender; no partner's key "
        "opens it. The right of access of the Digital Personal Data Protection Act, 2023, s. 11.",
        parameters=[USER_ID],
        responses=PersonalDataAnswer,
    )
    def get(self, request: Request, user_id: str) -> Response:
        """Return everything held on the borrower, in named sections."""
        refuse_query(request)
        return Response(personal_data(user_id, caller=caller_of(request)))
