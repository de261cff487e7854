"""POST /api/v1/loans/apply: each reason that a decision can rest on, brought about on its own."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client

from credit.domain.history import CreditHistory
from credit.models import CreditScore
from credit.services.scoring import score_borrower
from loan.domain.reasons import ReasonCode
from loan.models import Loan
from loan.services.billing.run import run_billing
from tests.api.calls import answer, post
from tests.api.conftest import SetDate
from tests.builders import (
    DISBURSED,
    LAKH,
    RUPEE,
    a_borrower,
    a_disbursed_loan,
    a_product,
    an_application,
)
from tests.integration.credit.bank_files import load, row
from users.models import Borrower

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]

Story = Callable[[], tuple[Borrower, dict[str, Any]]]

#: What no request can bring about yet: nothing sets them. The pure tests cover them.
UNREACHABLE = {ReasonCode.FRAUD_SUSPECT, ReasonCode.COOLDOWN_ACTIVE}


def bounced() -> tuple[Borrower, dict[str, Any]]:
    a_product(maximum_recent_bounces=0)
    borrower = a_borrower()
    load(row(borrower, day="2025-12-03", amount="500", kind="DEBIT", description="ACH RETURN"))
    return borrower, {}


def with_history(**history: Any) -> Borrower:
    borrower = a_borrower()
    score_borrower(
        borrower,
        history=CreditHistory(**history),
        as_of=DISBURSED,
        trigger=CreditScore.Trigger.BILLING_RUN,
    )
    return borrower


def with_bank_data(borrower: Borrower) -> Borrower:
    load(row(borrower, day="2025-12-01", amount="20000"))
    return borrower


def born(year: int, **details: Any) -> Borrower:
    borrower = a_borrower(**details)
    Borrower.objects.filter(pk=borrower.pk).update(date_of_birth=date(year, 1, 11))
    return borrower


def kyc_failed() -> tuple[Borrower, dict[str, Any]]:
    a_product()
    borrower = a_borrower()
    Borrower.objects.filter(pk=borrower.pk).update(kyc_status=Borrower.KycStatus.FAILED)
    return borrower, {}


def late_by(day: date) -> Borrower:
    """Return a borrower whose loan has been unpaid since 5 February, with days closed to `day`."""
    borrower = a_borrower()
    a_disbursed_loan(borrower, amount_paise=LAKH)
    run_billing(day, today=DISBURSED, may_run_ahead=True)
    return borrower


def referred_before() -> tuple[Borrower, dict[str, Any]]:
    borrower = a_borrower()
    an_application(borrower, amount_paise=6 * LAKH)
    return borrower, {}


def applied_before() -> tuple[Borrower, dict[str, Any]]:
    a_product(maximum_recent_enquiries=0)
    borrower = a_borrower()
    an_application(borrower, amount_paise=LAKH)
    return borrower, {}


def two_loans() -> tuple[Borrower, dict[str, Any]]:
    borrower = a_borrower()
    for amount_paise in (LAKH, 2 * LAKH):
        a_disbursed_loan(borrower, amount_paise=amount_paise)
    return borrower, {"amount": 25_000}


def of_product(borrower_of: Callable[[], Borrower], **changes: Any) -> Story:
    """Return a story of an ordinary product, a borrower, and a request that differs so."""

    def tell() -> tuple[Borrower, dict[str, Any]]:
        a_product()
        return borrower_of(), changes

    return tell


def verified_only() -> tuple[Borrower, dict[str, Any]]:
    a_product(requires_verified_kyc=True)
    return a_borrower(), {}


def income_to_be_verified() -> tuple[Borrower, dict[str, Any]]:
    a_product(unverified_income_limit_paise=4 * LAKH)
    return a_borrower(), {}


def of_income(rupees: int, employment_type: str = "SALARIED") -> Callable[[], Borrower]:
    return lambda: a_borrower(annual_income_paise=rupees * RUPEE, employment_type=employment_type)


REJECTIONS: list[tuple[str, Story, list[str]]] = [
    ("amount too small", of_product(a_borrower, amount=24_000), ["AMOUNT_OUT_OF_RANGE"]),
    (
        "amount too large",
        of_product(of_income(36_00_000), amount=2_501_000, tenure_months=60),
        ["AMOUNT_OUT_OF_RANGE"],
    ),
    ("amount off the step", of_product(a_borrower, amount=100_500), ["AMOUNT_OUT_OF_RANGE"]),
    ("tenure too short", of_product(a_borrower, tenure_months=5), ["TENURE_OUT_OF_RANGE"]),
    ("tenure too long", of_product(a_borrower, tenure_months=61), ["TENURE_OUT_OF_RANGE"]),
    ("identity refuted", kyc_failed, ["KYC_INCOMPLETE"]),
    ("identity not verified", verified_only, ["KYC_INCOMPLETE"]),
    ("a day too young", of_product(lambda: born(2005)), ["AGE_OUT_OF_RANGE"]),
    ("too old at maturity", of_product(lambda: born(1966)), ["AGE_OUT_OF_RANGE"]),
    (
        "self-employed, too old at maturity",
        of_product(lambda: born(1961, employment_type="SELF_EMPLOYED")),
        ["AGE_OUT_OF_RANGE"],
    ),
    (
        "no employment",
        of_product(of_income(18_00_000, "UNEMPLOYED")),
        ["EMPLOYMENT_INELIGIBLE"],
    ),
    (
        "income too low",
        of_product(of_income(1_79_999), amount=25_000),
        ["INCOME_BELOW_MIN"],
    ),
    ("overdue", lambda: (late_by(date(2026, 2, 5)), {}), ["EXISTING_OVERDUE"]),
    (
        "non-performing",
        lambda: (late_by(date(2026, 5, 6)), {}),
        ["EXISTING_NPA", "EXISTING_OVERDUE", "SCORE_BELOW_CUTOFF"],
    ),
    ("another one waits", referred_before, ["DUPLICATE_APPLICATION"]),
    ("applied too often", applied_before, ["RECENT_ENQUIRIES"]),
    ("payments returned", bounced, ["BOUNCES_RECENT"]),
    (
        "score below every price",
        of_product(lambda: with_history(npa_or_written_off=True)),
        ["SCORE_BELOW_CUTOFF"],
    ),
    (
        "above the cap of the score",
        of_product(lambda: with_bank_data(of_income(2_40_000, "OTHER")()), amount=101_000),
        ["AMOUNT_ABOVE_SCORE_CAP"],
    ),
    ("instalment too high", of_product(a_borrower, tenure_months=6), ["FOIR_EXCEEDED"]),
    (
        "too many times the income",
        of_product(of_income(6_00_000), amount=500_000, tenure_months=60),
        ["MULTIPLIER_EXCEEDED"],
    ),
    ("two loans running", two_loans, ["MAX_ACTIVE_LOANS"]),
]

REFERRALS: list[tuple[str, Story, list[str]]] = [
    ("income declared only", income_to_be_verified, ["INCOME_UNVERIFIED"]),
    ("a middling score", of_product(of_income(6_00_000), amount=100_000), ["SCORE_NEEDS_REVIEW"]),
    ("a large amount", of_product(a_borrower, amount=501_000), ["AMOUNT_ABOVE_AUTO_LIMIT"]),
]


def decided(client: Client, story: Story) -> Any:
    borrower, changes = story()
    request = {
        "user_id": borrower.public_id,
        "product": "PERSONAL_LOAN",
        "amount": 500_000,
        "tenure_months": 24,
        "purpose": "OTHER",
    }
    return answer(post(client, "loans/apply", request | changes), status=201)


@pytest.mark.parametrize(
    ("story", "codes"),
    [(story, codes) for _, story, codes in REJECTIONS],
    ids=[name for name, _, _ in REJECTIONS],
)
def test_a_request_is_rejected_for_its_reason(
    client: Client, story: Story, codes: list[str]
) -> None:
    body = decided(client, story)
    assert [reason["code"] for reason in body["reasons"]] == codes
    assert body["status"] == "REJECTED"
    assert all(reason["text"] and reason["remedy"] for reason in body["reasons"])
    assert not Loan.objects.filter(application__reasons__len__gt=0).exists()


@pytest.mark.parametrize(
    ("story", "codes"),
    [(story, codes) for _, story, codes in REFERRALS],
    ids=[name for name, _, _ in REFERRALS],
)
def test_a_request_is_referred_for_its_reason(
    client: Client, story: Story, codes: list[str]
) -> None:
    body = decided(client, story)
    assert [reason["code"] for reason in body["reasons"]] == codes
    assert body["status"] == "REFERRED"
    assert not Loan.objects.exists()


def test_every_reason_that_a_request_can_meet_is_met_above() -> None:
    told = {code for _, _, codes in REJECTIONS + REFERRALS for code in codes}
    assert told == set(ReasonCode) - UNREACHABLE


@pytest.mark.parametrize(
    "story",
    [
        of_product(lambda: born(2005)),
        of_product(lambda: born(1968)),
        of_product(of_income(1_80_000), amount=25_000, tenure_months=12),
    ],
    ids=["21 today", "60 at maturity", "the least income"],
)
def test_at_the_edge_of_a_limit_nothing_is_refused(
    client: Client, story: Story, today: SetDate
) -> None:
    today(date(2026, 1, 11))
    assert decided(client, story)["status"] in {"APPROVED", "REFERRED"}
