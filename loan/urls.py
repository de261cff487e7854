"""Loan addresses, below `/api/v1/`."""

from django.urls import path

from loan import views

app_name = "loan"

urlpatterns = [
    path("loans", views.LoanListView.as_view(), name="loans"),
    path("loans/quote", views.QuoteView.as_view(), name="quote"),
    path("loans/apply", views.ApplyView.as_view(), name="apply"),
    path("loans/payments", views.PaymentView.as_view(), name="payments"),
    path("loans/payments/preview", views.PaymentPreviewView.as_view(), name="payment-preview"),
    path(
        "loans/payments/<int:payment_id>/reverse",
        views.PaymentReversalView.as_view(),
        name="payment-reversal",
    ),
    path(
        "loans/payments/<int:payment_id>/reverse/preview",
        views.PaymentReversalPreviewView.as_view(),
        name="payment-reversal-preview",
    ),
    path("loans/<str:loan_id>", views.LoanDetailView.as_view(), name="loan"),
]
