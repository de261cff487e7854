"""Every address. The version is named here and nowhere else."""

from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import (
    SpectacularAPIView,
    SpectacularRedocView,
    SpectacularSwaggerSplitView,
)

from bright_credit.common.api.views import error_codes

v1 = [
    path("", include("users.urls")),
    path("", include("credit.urls")),
    path("", include("loan.urls")),
    path("", include("statements.urls")),
]

urlpatterns = [
    path("api/v1/", include((v1, "v1"))),
    path("api/schema", SpectacularAPIView.as_view(api_version="v1"), name="schema"),
    path("api/docs", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
    path("api/docs/errors", error_codes, name="error_codes"),
    path("api/redoc", SpectacularRedocView.as_view(url_name="schema"), name="redoc"),
    path("admin/", admin.site.urls),
]

handler400 = "bright_credit.common.api.problems.bad_request"
handler403 = "bright_credit.common.api.problems.permission_denied"
handler404 = "bright_credit.common.api.problems.not_found"
handler500 = "bright_credit.common.api.problems.server_error"
