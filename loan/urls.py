"""Loan addresses, below `/api/v1/`."""

from django.urls import path

from loan.views import (
    approvals,
    cancellation,
    charges,
    class_marks,
    consents,
    impairment,
    personal_data,
    reschedules,
    terms,
    write_offs,
)
from loan.views import lending as views

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
    path("loans/<str:loan_id>/charges", charges.ChargeView.as_view(), name="charges"),
    path(
        "loans/<str:loan_id>/charges/<str:charge>/waive",
        charges.ChargeWaiverView.as_view(),
        name="charge-waiver",
    ),
    path(
        "loans/<str:loan_id>/charges/<str:charge>/waive/preview",
        charges.ChargeWaiverPreviewView.as_view(),
        name="charge-waiver-preview",
    ),
    path("loans/<str:loan_id>/refunds", charges.RefundView.as_view(), name="refunds"),
    path(
        "loans/<str:loan_id>/refunds/preview",
        charges.RefundPreviewView.as_view(),
        name="refund-preview",
    ),
    path("loans/<str:loan_id>/prepayments", terms.PrepaymentView.as_view(), name="prepayments"),
    path(
        "loans/<str:loan_id>/prepayments/preview",
        terms.PrepaymentPreviewView.as_view(),
        name="prepayment-preview",
    ),
    path(
        "loans/<str:loan_id>/foreclosure-quote",
        terms.ForeclosureQuoteView.as_view(),
        name="foreclosure-quote",
    ),
    path("loans/<str:loan_id>/foreclosure", terms.ForeclosureView.as_view(), name="foreclosure"),
    path(
        "loans/<str:loan_id>/foreclosure/preview",
        terms.ForeclosurePreviewView.as_view(),
        name="foreclosure-preview",
    ),
    path(
        "loans/<str:loan_id>/rate-changes",
        terms.RateChangeView.as_view(),
        name="rate-changes",
    ),
    path(
        "loans/<str:loan_id>/rate-changes/preview",
        terms.RateChangePreviewView.as_view(),
        name="rate-change-preview",
    ),
    path(
        "loans/<str:loan_id>/cancellation-quote",
        cancellation.CancellationQuoteView.as_view(),
        name="cancellation-quote",
    ),
    path(
        "loans/<str:loan_id>/cancellation",
        cancellation.CancellationView.as_view(),
        name="cancellation",
    ),
    path(
        "loans/<str:loan_id>/cancellation/preview",
        cancellation.CancellationPreviewView.as_view(),
        name="cancellation-preview",
    ),
    path(
        "loans/<str:loan_id>/reschedules", reschedules.RescheduleView.as_view(), name="reschedules"
    ),
    path(
        "loans/<str:loan_id>/reschedules/preview",
        reschedules.ReschedulePreviewView.as_view(),
        name="reschedule-preview",
    ),
    path("loans/<str:loan_id>/what-if", terms.WhatIfView.as_view(), name="what-if"),
    path("borrowers/<str:user_id>/consents", consents.ConsentsView.as_view(), name="consents"),
    path(
        "borrowers/<str:user_id>/personal-data",
        personal_data.PersonalDataView.as_view(),
        name="personal-data",
    ),
    path("approvals", approvals.ApprovalListView.as_view(), name="approvals"),
    path("approvals/<int:approval_id>", approvals.ApprovalView.as_view(), name="approval"),
    path("approvals/<int:approval_id>/approve", approvals.ApproveView.as_view(), name="approve"),
    path("approvals/<int:approval_id>/reject", approvals.RejectView.as_view(), name="reject"),
    path("approvals/<int:approval_id>/withdraw", approvals.WithdrawView.as_view(), name="withdraw"),
    path("loans/<str:loan_id>/write-off", write_offs.WriteOffView.as_view(), name="write-off"),
    path(
        "loans/<str:loan_id>/write-off/preview",
        write_offs.WriteOffPreviewView.as_view(),
        name="write-off-preview",
    ),
    path("loans/<str:loan_id>/settlement", write_offs.SettlementView.as_view(), name="settlement"),
    path(
        "loans/<str:loan_id>/settlement/preview",
        write_offs.SettlementPreviewView.as_view(),
        name="settlement-preview",
    ),
    path("loans/<str:loan_id>/class-mark", class_marks.ClassMarkView.as_view(), name="class-mark"),
    path(
        "loans/<str:loan_id>/class-mark/preview",
        class_marks.ClassMarkPreviewView.as_view(),
        name="class-mark-preview",
    ),
    path(
        "loans/<str:loan_id>/asset-class",
        impairment.AssetClassView.as_view(),
        name="asset-class",
    ),
    path("loans/<str:loan_id>", views.LoanDetailView.as_view(), name="loan"),
]
