"""The product's addresses, and one that does nothing: the floor of a call by the same caller."""

from typing import cast

from django.urls import URLPattern, URLResolver, include, path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from bright_credit import urls as product
from users.domain.callers import Rule
from users.domain.scopes import Scope

_PAYS = Rule(permission="loan.add_payment", scope=Scope.PAYMENTS_POST)


class NothingView(APIView):
    """Authenticate, count, parse, do nothing, answer."""

    access = {"POST": _PAYS, "GET": _PAYS}

    def post(self, request: Request) -> Response:
        """Read a body and answer."""
        return Response({"read": len(request.data)}, status=201)

    def get(self, _request: Request) -> Response:
        """Answer."""
        return Response({"read": 0})


v1: list[URLPattern | URLResolver] = [path("nothing", NothingView.as_view()), *product.v1]
urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", include((v1, "v1"))),
    *cast("list[URLResolver]", product.urlpatterns[1:]),
]
handler400, handler403 = product.handler400, product.handler403
handler404, handler500 = product.handler404, product.handler500
