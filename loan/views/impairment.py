"""The class of a loan's borrower."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from bright_credit.common import business_day
from loan.selectors.impairment import asset_class_of
from loan.serializers.impairment import AssetClassAnswer
from loan.views.asking import LOAN_ID, refuse_query
from users.api.permissions import caller_of
from users.domain.callers import CallerKind, Rule
from users.domain.scopes import Scope

_SEES = Rule(permission="loan.view_loan", scope=Scope.LOANS_READ, borrowers=True)


class AssetClassView(APIView):
    """How the borrower of a loan is classified."""

    access = {"GET": _SEES}

    @extend_schema(
        operation_id="get_asset_class",
        summary="Asset class",
        parameters=[LOAN_ID],
        responses=AssetClassAnswer,
    )
    def get(self, request: Request, loan_id: str) -> Response:
        """Return the class of the loan's borrower, and every change of it that was recorded.

        The class is the borrower's: one loan of 90 days makes all loans non-performing, until all
        arrears on all of them are paid. A person may have marked it as of a worse one.
        """
        refuse_query(request)
        caller = caller_of(request)
        found = asset_class_of(loan_id, today=business_day.today(), caller=caller)
        staff = caller.kind is CallerKind.STAFF
        return Response(AssetClassAnswer(found, context={"staff": staff}).data)
