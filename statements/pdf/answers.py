"""Documents as answers: JSON or PDF, as the caller asks for it."""

from collections.abc import Iterable, Mapping
from typing import Any

from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from statements.pdf.renderer import render_pdf

FORMAT_PARAMETER = "format"


class PdfRenderer(BaseRenderer):
    """Write a paper as `application/pdf`."""

    media_type = "application/pdf"
    format = "pdf"
    charset = None
    render_style = "binary"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """Return the pages."""
        return render_pdf(data)


class FormatOrAccept(DefaultContentNegotiation):
    """Let `format` decide, where it is given and known, and the `Accept` header otherwise.

    A format that is not known is left to the query's own form, which refuses it by name.
    """

    def select_renderer(
        self,
        request: Request,
        renderers: Iterable[BaseRenderer],
        format_suffix: str | None = None,
    ) -> tuple[BaseRenderer, str]:
        """Return the renderer, and the media type it answers with."""
        asked = request.query_params.get(FORMAT_PARAMETER)
        for renderer in renderers:
            if asked is not None and renderer.format == asked:
                return renderer, renderer.media_type
        chosen: tuple[BaseRenderer, str] = super().select_renderer(
            request, renderers, format_suffix
        )
        return chosen
