"""What is set aside by class, on the real books."""

from datetime import date, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from ledger.models import Entry
from loan.domain.asset_class import AssetClass
from loan.models import Loan, Provision, ProvisionRate
from loan.services.billing.run import run_billing
from loan.services.class_marks import MarkOrder, mark_class
from loan.services.happening import Author
from loan.services.provisioning import (
    ProvisionDayOpen,
    ProvisionOutOfOrder,
    post_provision,
    preview_provision,
)
from tests.audit import assert_books_verify
from tests.builders import LAKH, RUPEE, a_disbursed_loan, pay

pytestmark = pytest.mark.django_db

EMI = 24_482 * RUPEE
NPA = date(2026, 5, 6)


def close_through(day: date) -> None:
    run_billing(day, today=day + timedelta(days=1), may_run_ahead=False)


def provision_entries() -> list[tuple[str, str, str, int]]:
    return [
        (str(entry.value_date), line.debit_id, line.credit_id, line.amount_paise)
        for entry in Entry.objects.filter(kind="PROVISION").order_by("id")
        for line in entry.transfers.all()
    ]


def test_provisions_follow_the_classes_and_book_the_difference_to_the_last_one() -> None:
    a_disbursed_loan()
    punctual = a_disbursed_loan()
    for month in (2, 3, 4, 5):
        pay(punctual, EMI, on=date(2026, month, 5))
    close_through(date(2026, 1, 31))
    first = post_provision(date(2026, 1, 31), today=date(2026, 2, 1), actor="accountant")
    # Both are standard: 0.40 % of ten lakh.
    assert (first.exposure_paise, first.provision_paise) == (10 * LAKH, 4_000 * RUPEE)
    close_through(NPA)
    second = post_provision(NPA, today=NPA + timedelta(days=1), actor="accountant")
    punctual.refresh_from_db()
    left = punctual.principal_outstanding_paise
    assert {
        line.exposure.asset_class.value: (line.exposure.exposure_paise, line.rate_bps)
        for line in second.lines
    } == {"STANDARD": (left, 40), "SUBSTANDARD": (5 * LAKH, 1_000)}
    whole = -(-left * 40 // 10_000) + 50_000 * RUPEE
    assert second.provision_paise == whole
    assert provision_entries() == [
        ("2026-02-01", "5100", "2500", 4_000 * RUPEE),
        ("2026-05-07", "5100", "2500", whole - 4_000 * RUPEE),
    ]
    assert_books_verify()


def test_all_is_set_aside_for_a_loss_that_a_person_identified() -> None:
    loan, other = a_disbursed_loan(), a_disbursed_loan()
    Loan.objects.filter(pk=other.pk).update(borrower=loan.borrower)
    order = MarkOrder(loan_id=loan.public_id, asset_class=AssetClass.LOSS)
    marked = mark_class(order, as_of=loan.disbursed_on, by=Author(actor="auditor", reason="fraud"))
    assert marked.event is not None
    close_through(date(2026, 1, 31))
    made = post_provision(date(2026, 1, 31), today=date(2026, 2, 1), actor="accountant")
    assert [line.exposure.asset_class for line in made.lines] == [AssetClass.LOSS]
    assert made.provision_paise == made.exposure_paise == 10 * LAKH
    assert_books_verify()


def test_a_provision_that_falls_gives_back() -> None:
    loan = a_disbursed_loan()
    close_through(NPA)
    post_provision(NPA, today=NPA + timedelta(days=1), actor="accountant")
    pay(loan, 4 * EMI, on=date(2026, 5, 7))
    close_through(date(2026, 5, 31))
    later = post_provision(date(2026, 5, 31), today=date(2026, 6, 1), actor="accountant")
    assert provision_entries()[1] == (
        "2026-06-01",
        "2500",
        "5100",
        50_000 * RUPEE - later.provision_paise,
    )
    assert_books_verify()


def test_interest_that_is_due_counts_while_standard_as_of_the_very_day() -> None:
    a_disbursed_loan()
    close_through(date(2026, 2, 10))
    before = preview_provision(date(2026, 2, 4), today=date(2026, 2, 11))
    after = preview_provision(date(2026, 2, 5), today=date(2026, 2, 11))
    assert before.exposure_paise == 5 * LAKH
    assert after.exposure_paise == 5 * LAKH + 666_667


def test_a_day_that_is_open_and_one_that_is_booked_are_refused() -> None:
    a_disbursed_loan()
    close_through(date(2026, 1, 31))
    with pytest.raises(ProvisionDayOpen):
        post_provision(date(2026, 2, 1), today=date(2026, 2, 1), actor="accountant")
    post_provision(date(2026, 1, 31), today=date(2026, 2, 1), actor="accountant")
    for day in (date(2026, 1, 31), date(2026, 1, 15)):
        with pytest.raises(ProvisionOutOfOrder):
            post_provision(day, today=date(2026, 2, 1), actor="accountant")
    assert Provision.objects.count() == 1
    assert_books_verify()


def test_a_rate_below_the_regulators_is_refused_by_the_database() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        ProvisionRate.objects.filter(asset_class="SUBSTANDARD").update(rate_bps=999)
    ProvisionRate.objects.filter(asset_class="SUBSTANDARD").update(rate_bps=2_500)
    loan = a_disbursed_loan()
    close_through(NPA)
    made = preview_provision(NPA, today=NPA + timedelta(days=1))
    assert made.provision_paise == loan.principal_paise // 4


def test_the_command_shows_before_it_books(capsys: pytest.CaptureFixture[str]) -> None:
    a_disbursed_loan()
    close_through(date(2026, 1, 31))
    call_command("post_provision", "--as-of", "2026-01-31", "--dry-run")
    assert "not booked" in capsys.readouterr().out
    assert not Provision.objects.exists()
    call_command("post_provision", "--as-of", "2026-01-31")
    assert Provision.objects.get().provision_paise == 2_000 * RUPEE
    with pytest.raises(CommandError):
        call_command("post_provision", "--as-of", "2026-01-31")
    assert_books_verify()
