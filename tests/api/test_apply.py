"""POST /api/v1/loans/apply: what is decided, paid out and answered."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from ledger.domain.chart import AccountCode
from ledger.selectors import trial_balance
from loan.models import ApplicationDecision, Instalment, Loan, LoanApplication
from loan.services.billing.run import run_billing
from tests.api.calls import NO_INTEREST_APART, PLAIN_CONVENTIONS, answer, post
from tests.api.conftest import SetDate
from tests.audit import assert_books_verify
from tests.builders import DISBURSED, RUPEE, a_borrower, a_disbursed_loan, a_product, pay
from users.models import Borrower

PATH = "loans/apply"

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


def request_of(borrower: Borrower, **changes: Any) -> dict[str, Any]:
    """Return the contract's request, for this borrower."""
    return {
        "user_id": borrower.public_id,
        "product": "PERSONAL_LOAN",
        "amount": 500_000,
        "tenure_months": 24,
        "purpose": "HOME_RENOVATION",
    } | changes


def applied(client: Client, borrower: Borrower, **changes: Any) -> Any:
    return answer(post(client, PATH, request_of(borrower, **changes)), status=201)


def test_the_contracts_borrower_is_approved_and_paid_out_at_once(client: Client) -> None:
    a_product()
    borrower = a_borrower()
    response = post(client, PATH, request_of(borrower))
    body = answer(response, status=201)
    application, loan = LoanApplication.objects.get(), Loan.objects.get()
    schedule = body.pop("schedule")
    assert body == {
        "application_id": f"AP-2026-{application.pk:04d}",
        "user_id": borrower.public_id,
        "product": "PERSONAL_LOAN",
        "amount": 500_000,
        "tenure_months": 24,
        "purpose": "HOME_RENOVATION",
        "status": "APPROVED",
        "reasons": [],
        "counter_offer": None,
        "interest_rate": 16,
        "conventions": PLAIN_CONVENTIONS,
        **NO_INTEREST_APART,
        "emi": 24_482,
        "loan_id": f"LN-2026-{loan.pk:04d}",
        "apr": Decimal("18.46"),
        "processing_fee": 10_000,
        "fee_gst": 1_800,
        "fee_collection": "NETTED",
        "net_disbursed": 488_200,
        "disbursed_on": "2026-01-10",
        "first_due_date": "2026-02-05",
    }
    assert b'"emi":24482,' in response.content
    assert len(schedule) == 24
    assert (schedule[0]["principal"], schedule[0]["interest"]) == (
        Decimal("17815.33"),
        Decimal("6666.67"),
    )
    assert schedule[-1]["amount"] == Decimal("24469.51")
    assert sum(row["principal"] for row in schedule) == 500_000


def test_a_loan_paid_out_is_in_the_books_with_its_schedule(client: Client) -> None:
    a_product()
    applied(client, a_borrower())
    assert Instalment.objects.count() == 24
    balance = trial_balance(as_of=date.max)
    assert balance.balance_paise(AccountCode.LOAN_PRINCIPAL) == 500_000 * RUPEE
    assert balance.balance_paise(AccountCode.BANK) == -488_200 * RUPEE
    assert balance.balance_paise(AccountCode.PROCESSING_FEE_INCOME) == 10_000 * RUPEE
    assert balance.balance_paise(AccountCode.GST_PAYABLE) == 1_800 * RUPEE
    decision = ApplicationDecision.objects.get()
    assert (decision.outcome, decision.decided_by) == ("APPROVED", None)
    assert_books_verify()


def test_the_loan_that_was_quoted_is_the_loan_that_is_paid_out(client: Client) -> None:
    a_product()
    borrower = a_borrower()
    asked = {"product": "PERSONAL_LOAN", "amount": 137_000, "tenure_months": 17}
    quote = answer(post(client, "loans/quote", asked | {"user_id": borrower.public_id}))
    loan = applied(client, borrower, amount=137_000, tenure_months=17)
    same = ("interest_rate", "emi", "apr", "processing_fee", "fee_gst", "net_disbursed", "schedule")
    assert {name: loan[name] for name in same} == {name: quote[name] for name in same}


def test_a_referred_application_waits_and_pays_nothing_out(client: Client) -> None:
    a_product()
    body = applied(client, a_borrower(), amount=501_000)
    assert body["status"] == "REFERRED"
    assert [reason["code"] for reason in body["reasons"]] == ["AMOUNT_ABOVE_AUTO_LIMIT"]
    assert body["reasons"][0]["text"] == "Amounts above ₹5,00,000.00 are decided by a person."
    assert (body["interest_rate"], body["emi"]) == (16, 24_531)
    for name in ("loan_id", "apr", "processing_fee", "net_disbursed", "first_due_date"):
        assert body[name] is None
    assert body["schedule"] == []
    assert not Loan.objects.exists()
    assert trial_balance(as_of=date.max).total_debit_paise == 0


def test_what_is_offered_instead_is_what_one_gets_when_asking_for_it(
    client: Client,
) -> None:
    a_product()
    borrower = a_borrower(annual_income_paise=600_000 * RUPEE)  # 50,000 a month: multiplier 16
    body = applied(client, borrower, amount=500_000)
    assert body["status"] == "REJECTED"
    reasons = [reason["code"] for reason in body["reasons"]]
    assert reasons == ["FOIR_EXCEEDED", "MULTIPLIER_EXCEEDED"]
    offer = body["counter_offer"]
    assert offer == {
        "amount": 400_000,
        "tenure_months": 24,
        "interest_rate": 20,
        "emi": 20_358,
        "needs_review": True,
    }
    assert body["schedule"] == []
    again = applied(client, borrower, amount=offer["amount"])
    assert (again["status"], again["emi"]) == ("REFERRED", offer["emi"])


def test_a_longer_tenure_is_offered_for_the_whole_amount_first(client: Client) -> None:
    a_product()
    body = applied(client, a_borrower(), amount=500_000, tenure_months=6)
    assert [reason["code"] for reason in body["reasons"]] == ["FOIR_EXCEEDED"]
    assert body["counter_offer"] == {
        "amount": 500_000,
        "tenure_months": 7,
        "interest_rate": 16,
        "emi": 75_289,
        "needs_review": False,
    }


def test_no_offer_is_made_where_no_amount_would_help(client: Client) -> None:
    a_product()
    body = applied(client, a_borrower(employment_type="UNEMPLOYED", annual_income_paise=0))
    assert body["status"] == "REJECTED"
    assert body["counter_offer"] is None


def test_every_reason_is_given_at_once(client: Client) -> None:
    a_product()
    borrower = a_borrower(employment_type="UNEMPLOYED", annual_income_paise=0)
    body = applied(client, borrower, amount=24_500, tenure_months=61)
    assert [reason["code"] for reason in body["reasons"]] == [
        "AMOUNT_OUT_OF_RANGE",
        "TENURE_OUT_OF_RANGE",
        "EMPLOYMENT_INELIGIBLE",
        "INCOME_BELOW_MIN",
        "MULTIPLIER_EXCEEDED",
    ]
    assert all(reason["text"] and reason["remedy"] for reason in body["reasons"])
    kept = LoanApplication.objects.get()
    assert [reason["code"] for reason in kept.reasons] == [
        reason["code"] for reason in body["reasons"]
    ]


def test_the_same_request_again_on_the_day_makes_no_second_loan(client: Client) -> None:
    a_product()
    borrower = a_borrower()
    applied(client, borrower)
    body = applied(client, borrower)
    assert body["status"] == "REJECTED"
    assert [reason["code"] for reason in body["reasons"]] == ["DUPLICATE_APPLICATION"]
    assert Loan.objects.count() == 1


def test_the_same_request_on_another_day_is_another_loan(client: Client, today: SetDate) -> None:
    a_product()
    borrower = a_borrower()
    applied(client, borrower)
    today(DISBURSED + timedelta(days=1))
    assert applied(client, borrower)["status"] == "APPROVED"


def test_a_loan_counts_from_the_open_business_date_when_days_were_closed_ahead(
    client: Client,
) -> None:
    """Overdue, duplicate and disbursement are all judged on that one date."""
    a_product()
    borrower = a_borrower()
    applied(client, borrower)
    ahead = date(2026, 2, 8)
    run_billing(ahead, today=DISBURSED, may_run_ahead=True)
    body = applied(client, borrower, amount=100_000)
    assert [reason["code"] for reason in body["reasons"]] == ["EXISTING_OVERDUE"]
    pay(Loan.objects.get(), 24_482 * RUPEE, on=DISBURSED)
    body = applied(client, borrower, amount=100_000)
    assert (body["status"], body["disbursed_on"]) == ("APPROVED", "2026-02-09")
    assert body["loan_id"].startswith("LN-2026-")
    assert LoanApplication.objects.latest("id").submitted_on == date(2026, 2, 9)


def test_a_due_met_from_advance_is_not_overdue_before_the_billing_run_has_come(
    client: Client, today: SetDate
) -> None:
    """At ten past midnight the run of the due date is still to be made."""
    borrower = a_borrower()
    loan = a_disbursed_loan(borrower)
    pay(loan, 24_482 * RUPEE, on=date(2026, 1, 20))
    today(date(2026, 2, 6))
    assert applied(client, borrower, amount=100_000)["status"] == "APPROVED"
