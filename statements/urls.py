"""Statement addresses, below `/api/v1/`."""

from django.urls import path

from statements import views

app_name = "statements"

urlpatterns = [path("statements", views.StatementView.as_view(), name="statement")]
