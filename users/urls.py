"""The addresses of the users app, under `/api/v1/`."""

from django.urls import path

from users import views

app_name = "users"

urlpatterns = [
    path("users/register", views.RegisterView.as_view(), name="register"),
    path("auth/codes", views.CodesView.as_view(), name="codes"),
    path("auth/tokens", views.TokensView.as_view(), name="tokens"),
    path("auth/tokens/refresh", views.RefreshView.as_view(), name="refresh"),
    path("auth/sign-out", views.SignOutView.as_view(), name="sign_out"),
    path("users/reminders", views.RemindersView.as_view(), name="reminders"),
    path("webhooks/endpoints", views.EndpointsView.as_view(), name="webhooks"),
    path("webhooks/endpoints/<int:endpoint_id>", views.EndpointView.as_view(), name="webhook"),
    path(
        "webhooks/endpoints/<int:endpoint_id>/rotate-secret",
        views.EndpointSecretView.as_view(),
        name="webhook_secret",
    ),
    path(
        "webhooks/endpoints/<int:endpoint_id>/disable",
        views.EndpointDisableView.as_view(),
        name="webhook_disable",
    ),
    path(
        "webhooks/endpoints/<int:endpoint_id>/enable",
        views.EndpointEnableView.as_view(),
        name="webhook_enable",
    ),
]
