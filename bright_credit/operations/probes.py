"""What machines ask for: `/healthz`, `/readyz` and `/metrics`.

Answered before hosts are checked and plain HTTP is redirected: whoever probes a server calls it by
its address inside, without TLS.
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from bright_credit.common.api.client_address import is_direct_loopback
from bright_credit.common.api.renderers import to_json
from bright_credit.operations.metrics import exposition
from bright_credit.operations.readiness import Readiness, report, situation
from bright_credit.operations.routes import LIVENESS, METRICS, READINESS

Handler = Callable[[HttpRequest], HttpResponseBase]


class ProbesMiddleware:
    """Answer probes; let all else pass."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request."""
        answer = _ANSWERS.get(request.path)
        if answer is None or request.method not in {"GET", "HEAD"}:
            return self.get_response(request)
        response = answer(request)
        if response is None:
            return self.get_response(request)
        response["Cache-Control"] = "no-store"
        return response


def _alive(_request: HttpRequest) -> HttpResponse:
    """Say that the process answers. It asks nobody else."""
    return _json({"status": "alive"}, status=200)


def _ready(_request: HttpRequest) -> HttpResponse:
    """Say whether requests may be sent here (200), or not (503), and how each part stands."""
    found = situation(at=timezone.now())
    status = 503 if found.readiness is Readiness.UNAVAILABLE else 200
    return _json(report(found), status=status)


def _measured(request: HttpRequest) -> HttpResponse | None:
    """Tell Prometheus; for anybody else there is nothing here."""
    if not _may_read_metrics(request):
        return None
    found = situation(at=timezone.now())
    return HttpResponse(exposition(found), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def _may_read_metrics(request: HttpRequest) -> bool:
    """Return whether a request has the token; without one, whether it is the sandbox's own."""
    token: str = settings.METRICS_TOKEN
    if token:
        scheme, _, given = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        return scheme.lower() == "bearer" and constant_time_compare(given.strip(), token)
    return bool(settings.OPEN_TO_LOOPBACK) and is_direct_loopback(request.META)


_ANSWERS: dict[str, Callable[[HttpRequest], HttpResponse | None]] = {
    LIVENESS: _alive,
    READINESS: _ready,
    METRICS: _measured,
}


def _json(body: object, *, status: int) -> HttpResponse:
    return HttpResponse(to_json(body), status=status, content_type="application/json")
