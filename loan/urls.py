"""Loan addresses, below `/api/v1/`."""

from django.urls import path

from loan import views

app_name = "loan"

urlpatterns = [
    path("loans", views.LoanListView.as_view(), name="loans"),
    path("loans/quote", views.QuoteView.as_view(), name="quote"),
    path("loans/apply", views.ApplyView.as_view(), name="apply"),
    path("loans/payments", views.PaymentView.as_view(), name="payments"),
    path("loans/<str:loan_id>", views.LoanDetailView.as_view(), name="loan"),
]
