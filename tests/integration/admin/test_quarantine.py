"""The admin of loans in quarantine: looked at, and retried by whoever may."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from loan.models import BillingRun, QuarantinedLoan
from tests.integration.admin.conftest import TODAY, Book

pytestmark = pytest.mark.django_db


def test_retry_asks_first_and_then_releases_the_loan(boss: Client, book: Book) -> None:
    held = QuarantinedLoan.objects.create(
        loan=book.loan,
        run=BillingRun.objects.latest("business_date"),
        business_date=TODAY - timedelta(days=1),
        reason="planted",
    )
    address = reverse("admin:loan_quarantinedloan_retry", args=[held.pk])
    assert book.loan.public_id in boss.get(address).content.decode()
    waiting = QuarantinedLoan.objects.filter(released_at__isnull=True)
    assert held in waiting.all()
    assert boss.post(address).status_code == 302
    assert held not in waiting.all()
    assert boss.post(reverse("admin:loan_quarantinedloan_retry", args=[10**9])).status_code == 404
