"""Addresses of statements, explanations and documents, below `/api/v1/`."""

from django.urls import include, path

from statements import views

app_name = "statements"

#: Named as `statements.selectors.document_list` names the documents.
documents = [
    path("key-facts", views.KeyFactsView.as_view(), name="key-facts"),
    path("sanction-letter", views.SanctionLetterView.as_view(), name="sanction-letter"),
    path("statement", views.StatementDocumentView.as_view(), name="statement"),
    path(
        "interest-certificate",
        views.InterestCertificateView.as_view(),
        name="interest-certificate",
    ),
    path("foreclosure-letter", views.ForeclosureLetterView.as_view(), name="foreclosure-letter"),
    path("no-dues-certificate", views.NoDuesCertificateView.as_view(), name="no-dues-certificate"),
]

urlpatterns = [
    path("statements", views.StatementView.as_view(), name="statements"),
    path("loans/quote/key-facts", views.OfferedKeyFactsView.as_view(), name="offered-key-facts"),
    path("loans/<str:loan_id>/explanations", views.ExplanationsView.as_view(), name="explanations"),
    path("loans/<str:loan_id>/documents", views.DocumentListView.as_view(), name="documents"),
    path("loans/<str:loan_id>/documents/", include(documents)),
]
