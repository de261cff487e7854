"""Traces for OpenTelemetry, when an endpoint is set (`BRIGHTLEND_OTLP_ENDPOINT`); off otherwise.

Spans say which route, which statement, which task, how long, and whether it failed. What the
instrumentation adds beyond that (addresses, queries, user agents, messages of errors) is left out
of what is sent: what may leave is listed here, and nothing else does. As in the log, what looks
personal is taken out of that as well, by its form.
"""

from collections.abc import Sequence
from typing import Any

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.celery import CeleryInstrumentor
from opentelemetry.instrumentation.django import DjangoInstrumentor
from opentelemetry.instrumentation.psycopg import PsycopgInstrumentor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import Span, Status

from bright_credit.common.api.request_id import REQUEST_ID_HEADER
from bright_credit.common.masking import masked, masked_value

#: Attributes that say nothing of a person. Statements are sent with their placeholders.
KEPT = frozenset(
    {
        "celery.action",
        "celery.state",
        "celery.task_name",
        "db.name",
        "db.namespace",
        "db.operation",
        "db.query.text",
        "db.statement",
        "db.system",
        "db.system.name",
        "error.type",
        "exception.type",
        "http.method",
        "http.request.method",
        "http.response.status_code",
        "http.route",
        "http.status_code",
        "messaging.destination",
        "messaging.destination.name",
        "messaging.message.id",
        "request_id",
    }
)


def begin_tracing(endpoint: str) -> None:
    """Send traces of requests, statements and tasks of this process to an OTLP endpoint."""
    provider = TracerProvider(resource=Resource.create({"service.name": "brightlend"}))
    provider.add_span_processor(BatchSpanProcessor(BareSpans(OTLPSpanExporter(endpoint))))
    trace.set_tracer_provider(provider)
    instrument(provider)


def instrument(provider: TracerProvider) -> None:
    """Have requests, statements and tasks of this process make spans for a provider."""
    DjangoInstrumentor().instrument(tracer_provider=provider, response_hook=_name_request)
    PsycopgInstrumentor().instrument(
        tracer_provider=provider, enable_commenter=False, capture_parameters=False
    )
    CeleryInstrumentor().instrument(tracer_provider=provider)  # type: ignore[no-untyped-call]


def _name_request(span: Span, _request: Any, response: Any) -> None:
    if span.is_recording():
        span.set_attribute("request_id", response.get(REQUEST_ID_HEADER, ""))


class BareSpans(SpanExporter):
    """Sends spans without anything that is not listed."""

    def __init__(self, inner: SpanExporter) -> None:
        self._inner = inner

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send spans."""
        return self._inner.export([_bare(span) for span in spans])

    def shutdown(self) -> None:
        """Send what is left, and end."""
        self._inner.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Send what is left."""
        return self._inner.force_flush(timeout_millis)


def _bare(span: ReadableSpan) -> ReadableSpan:
    return ReadableSpan(
        name=masked(span.name),
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes=_kept(span.attributes),
        events=[
            Event(masked(event.name), attributes=_kept(event.attributes), timestamp=event.timestamp)
            for event in span.events
        ],
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _kept(attributes: Any) -> dict[str, Any]:
    return {name: masked_value(value) for name, value in (attributes or {}).items() if name in KEPT}
