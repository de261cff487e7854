"""The addresses of the users app, under `/api/v1/`."""

from django.urls import path

from users.views import RegisterView

app_name = "users"

urlpatterns = [
    path("users/register", RegisterView.as_view(), name="register"),
]
