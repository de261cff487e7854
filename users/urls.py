"""The addresses of the users app, under `/api/v1/`."""

from django.urls import path

from users.views import numbers, registration, sign_in, webhooks

app_name = "users"

urlpatterns = [
    path("users/register", registration.RegisterView.as_view(), name="register"),
    path("auth/codes", sign_in.CodesView.as_view(), name="codes"),
    path("auth/tokens", sign_in.TokensView.as_view(), name="tokens"),
    path("auth/tokens/refresh", sign_in.RefreshView.as_view(), name="refresh"),
    path("auth/sign-out", sign_in.SignOutView.as_view(), name="sign_out"),
    path("users/reminders", sign_in.RemindersView.as_view(), name="reminders"),
    path("borrowers/<str:user_id>/pan", numbers.PanView.as_view(), name="pan"),
    path("borrowers/<str:user_id>/phone", numbers.PhoneView.as_view(), name="phone"),
    path("webhooks/endpoints", webhooks.EndpointsView.as_view(), name="webhooks"),
    path("webhooks/endpoints/<int:endpoint_id>", webhooks.EndpointView.as_view(), name="webhook"),
    path(
        "webhooks/endpoints/<int:endpoint_id>/rotate-secret",
        webhooks.EndpointSecretView.as_view(),
        name="webhook_secret",
    ),
    path(
        "webhooks/endpoints/<int:endpoint_id>/disable",
        webhooks.EndpointDisableView.as_view(),
        name="webhook_disable",
    ),
    path(
        "webhooks/endpoints/<int:endpoint_id>/enable",
        webhooks.EndpointEnableView.as_view(),
        name="webhook_enable",
    ),
]
