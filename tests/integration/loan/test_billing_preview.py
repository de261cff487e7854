"""The dry run: what it foretells is what the run then posts, and it writes nothing."""

from datetime import date, timedelta

import pytest

from ledger.models import Entry
from loan.models import BillingRun, BusinessDay, Due
from loan.selectors.billing_preview import preview_days
from loan.services.billing.run import days_to_close, run_billing
from tests.builders import RUPEE, a_disbursed_loan, pay

pytestmark = pytest.mark.django_db

LAST = date(2026, 5, 20)


def test_what_is_foretold_is_what_the_run_posts() -> None:
    a_disbursed_loan()  # never pays: missed, charged for, NPA
    pay(a_disbursed_loan(), 60_000 * RUPEE, on=date(2026, 1, 15))  # advance for two dues and a part
    pay(a_disbursed_loan(), 30_000 * RUPEE, on=date(2026, 2, 7))  # one due, and some in advance
    days = days_to_close(LAST, today=LAST + timedelta(days=1), may_run_ahead=False)
    foretold = preview_days(days)
    report = run_billing(LAST, today=LAST + timedelta(days=1), may_run_ahead=False)
    # The one due of 5 February that was paid on the 7th was billed by the payment itself.
    paid_for = {date(2026, 2, 5): (1, 24_482 * RUPEE)}
    for preview, run in zip(foretold, report.closed, strict=True):
        manifest = run.manifest
        extra, extra_paise = paid_for.get(preview.day, (0, 0))
        assert preview.day == run.business_date
        assert preview.dues + extra == manifest["dues"]["count"]
        billed = manifest["dues"]["principal_paise"] + manifest["dues"]["interest_paise"]
        assert preview.billed_paise + extra_paise == billed
        assert preview.from_advance_paise == manifest["advances_applied"]["amount_paise"]
        assert preview.penal_charges == manifest["penal_charges"]["count"]
        assert preview.penal_paise == manifest["penal_charges"]["amount_paise"]
        assert preview.became_npa == manifest["loans"]["became_npa"]
    assert sum(preview.became_npa for preview in foretold) == 1


def test_a_dry_run_writes_nothing() -> None:
    a_disbursed_loan()
    BusinessDay.objects.all().delete()
    before = Entry.objects.count()
    preview_days(days_to_close(LAST, today=LAST + timedelta(days=1), may_run_ahead=False))
    assert Entry.objects.count() == before
    assert not Due.objects.exists()
    assert not BillingRun.objects.exists()
    assert not BusinessDay.objects.exists()
