"""The page that a problem's `type` points to."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from bright_credit.common.api.codes import FIELD_CODES, all_codes


@require_safe
def error_codes(request: HttpRequest) -> HttpResponse:
    """Show every stable code with its status and meaning."""
    return render(
        request, "api/error_codes.html", {"codes": all_codes(), "field_codes": FIELD_CODES}
    )
