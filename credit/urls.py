"""The addresses of the credit app, under `/api/v1/`."""

from django.urls import path

from credit.views import ScoresView

app_name = "credit"

urlpatterns = [
    path("credit/scores", ScoresView.as_view(), name="scores"),
]
