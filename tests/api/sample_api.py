"""A small API over the kit, to see how each kind of refusal is answered (a urlconf for tests)."""

from collections.abc import Callable
from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.utils import extend_schema
from psycopg.errors import (
    AdminShutdown,
    ConnectionTimeout,
    DeadlockDetected,
    DiskFull,
    LockNotAvailable,
    TooManyConnections,
    UndefinedTable,
)
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from bright_credit.common.api.deprecation import deprecated
from bright_credit.common.api.fields import CleanCharField, RupeesField
from bright_credit.common.api.idempotency import idempotent
from bright_credit.common.api.pagination import KeysetPagination, PageQuery
from bright_credit.common.api.serializers import StrictSerializer
from bright_credit.common.errors import (
    Conflict,
    InvalidInput,
    NotFound,
    NotPermitted,
    RuleViolated,
)
from ledger.models import Account, Entry
from users.domain.callers import Rule
from users.domain.scopes import Scope

handler400 = "bright_credit.common.api.problems.bad_request"
handler403 = "bright_credit.common.api.problems.permission_denied"
handler404 = "bright_credit.common.api.problems.not_found"
handler500 = "bright_credit.common.api.problems.server_error"

SECRET_DETAIL = "password=hunter2 at /srv/app"


ANY = Rule(permission="ledger.view_entry", scope=Scope.LOANS_READ, borrowers=True)
EACH_METHOD = {"GET": ANY, "POST": ANY}


class PartSerializer(StrictSerializer):
    amount = RupeesField()


class OrderSerializer(StrictSerializer):
    name = CleanCharField(max_length=20)
    amount = RupeesField()
    parts = PartSerializer(many=True, required=False)


class OrderView(APIView):
    access = EACH_METHOD

    def post(self, request: Request) -> Response:
        order = OrderSerializer(data=request.data)
        order.is_valid(raise_exception=True)
        return Response(OrderSerializer(order.validated_data).data, status=201)


def _busy(cause: Exception) -> OperationalError:
    error = OperationalError("the database said no")
    error.__cause__ = cause
    return error


FAILURES: dict[str, Callable[[], Exception]] = {
    "invalid": lambda: InvalidInput("Too short.", field="name"),
    "not-permitted": lambda: NotPermitted("Not yours to do."),
    "not-found": lambda: NotFound("No such loan."),
    "conflict": lambda: Conflict("Taken.", extra={"taken_by": "A", "status": "hidden"}),
    "rule": lambda: RuleViolated("Too much."),
    "http404": lambda: Http404(SECRET_DETAIL),
    "django-denied": lambda: PermissionDenied(SECRET_DETAIL),
    "throttled": lambda: exceptions.Throttled(wait=7),
    "parse": lambda: exceptions.ParseError(),
    "teapot": lambda: exceptions.APIException("odd", code="never_heard_of"),
    "listed": lambda: exceptions.ValidationError(["one", "two"]),
    "lock": lambda: _busy(LockNotAvailable()),
    "deadlock": lambda: _busy(DeadlockDetected()),
    "unreachable": lambda: _busy(ConnectionTimeout()),
    "shutdown": lambda: _busy(AdminShutdown()),
    "crowded": lambda: _busy(TooManyConnections()),
    "disk-full": lambda: _busy(DiskFull()),
    "closed": lambda: InterfaceError("the connection is closed"),
    "no-table": lambda: _busy(UndefinedTable()),
    "bug": lambda: ZeroDivisionError(SECRET_DETAIL),
}


class FailureView(APIView):
    access = EACH_METHOD

    def get(self, request: Request, kind: str) -> Response:
        raise FAILURES[kind]()


class WriteThenRefuseView(APIView):
    access = EACH_METHOD

    @idempotent
    def post(self, request: Request) -> Response:
        Account.objects.filter(pk="1000").update(name="Renamed")
        raise RuleViolated("Refused after a write.")


class EntryList(APIView):
    access = EACH_METHOD

    def get(self, request: Request) -> Response:
        PageQuery(data=request.query_params).is_valid(raise_exception=True)
        paginator = KeysetPagination()
        rows = paginator.paginate_queryset(Entry.objects.all(), request, view=self)
        return paginator.get_paginated_response([entry.reference for entry in rows or []])


class OldView(APIView):
    access = EACH_METHOD

    @extend_schema(responses=OrderSerializer)
    @deprecated(since=date(2026, 1, 1), sunset=date(2026, 12, 31), link="/api/docs")
    def get(self, request: Request) -> Response:
        if "refuse" in request.query_params:
            raise NotFound("No such order.")
        return Response({})

    @extend_schema(request=OrderSerializer, responses=OrderSerializer)
    def post(self, request: Request) -> Response:
        return Response({})


@csrf_exempt
def plain_body(request: HttpRequest) -> HttpResponse:
    return HttpResponse(len(request.body))


def plain_failure(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError(SECRET_DETAIL)


def plain_denied(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied(SECRET_DETAIL)


def plain_query(request: HttpRequest) -> HttpResponse:
    return HttpResponse(len(request.GET))


def plain_form(request: HttpRequest) -> HttpResponse:
    return HttpResponse("taken")


urlpatterns = [
    path("api/old", OldView.as_view()),
    path("api/orders", OrderView.as_view()),
    path("api/entries", EntryList.as_view()),
    path("api/failures/<str:kind>", FailureView.as_view()),
    path("api/write-then-refuse", WriteThenRefuseView.as_view()),
    path("api/plain/body", plain_body),
    path("api/plain/failure", plain_failure),
    path("api/plain/denied", plain_denied),
    path("api/plain/query", plain_query),
    path("api/plain/form", plain_form),
    path("pages/failure", plain_failure),
    path("pages/denied", plain_denied),
    path("pages/query", plain_query),
    path("pages/form", plain_form),
]
