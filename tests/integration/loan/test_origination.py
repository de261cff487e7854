"""From a request to money paid out: what is written, and what happens when two ask at once."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from credit.models import CreditScore
from ledger.domain.chart import AccountCode
from ledger.models import Entry
from ledger.selectors import loan_balances
from loan.domain.asset_class import AssetClass
from loan.domain.eligibility import LoanRequest
from loan.domain.lifecycle import StatusMoveRefused
from loan.domain.reasons import ReasonCode
from loan.models import ApplicationDecision, Instalment, Loan, LoanApplication
from loan.selectors.applicants import applicant_facts
from loan.services.billing.closing import close_day
from loan.services.billing.run import run_billing
from loan.services.business_day import hold_close
from loan.services.class_marks import MarkOrder, mark_class
from loan.services.happening import Author
from loan.services.origination import ApplicationOutcome, apply_for_loan
from loan.services.referrals import ApplicantChanged, decide_referred
from tests.audit import assert_books_verify
from tests.builders import (
    DISBURSED,
    FIRST_DUE,
    LAKH,
    RUPEE,
    a_borrower,
    a_disbursed_loan,
    a_product,
    an_application,
    books_of,
    pay,
)
from tests.integration.credit.bank_files import load, row
from tests.integration.loan.racing import collide
from users.models import Borrower, User

pytestmark = pytest.mark.django_db

NPA = date(2026, 5, 6)  # 90 days after the first due date


def an_officer(name: str = "officer") -> User:
    return User.objects.create(username=name, is_staff=True)


def a_referred_application() -> LoanApplication:
    application = an_application(amount_paise=6 * LAKH).application
    assert application.status == LoanApplication.Status.REFERRED
    return application


def test_a_loan_copies_the_terms_of_its_product_and_keeps_them() -> None:
    loan = a_disbursed_loan()
    product = loan.product
    product.penal_charge_paise = 1
    product.due_day = 28
    product.save()
    loan.refresh_from_db()
    assert (loan.penal_charge_paise, loan.due_day) == (500 * RUPEE, 5)
    assert (loan.annual_rate_bps, loan.apr_bps, loan.penal_grace_days) == (1_600, 1_846, 3)
    run_billing(date(2026, 2, 9), today=date(2026, 2, 10), may_run_ahead=False)
    assert loan.charges.get().amount_paise == 500 * RUPEE
    assert_books_verify()


def test_the_books_of_a_disbursement() -> None:
    loan = a_disbursed_loan()
    assert books_of(loan) == [
        ("DISBURSEMENT", "1100", "1000", 488_200 * RUPEE),
        ("DISBURSEMENT", "1100", "4100", 10_000 * RUPEE),
        ("DISBURSEMENT", "1100", "2300", 1_800 * RUPEE),
    ]
    entry = Entry.objects.get()
    assert (entry.reference, entry.value_date) == (f"DISBURSEMENT/{loan.pk}", DISBURSED)
    (balance,) = loan_balances(AccountCode.LOAN_PRINCIPAL, as_of=DISBURSED)
    assert (balance.loan_id, balance.balance_paise) == (loan.pk, loan.principal_paise)


def test_an_application_keeps_what_it_was_decided_on() -> None:
    outcome = an_application()
    application = outcome.application
    assert application.credit_score == CreditScore.objects.get()
    assert (application.annual_rate_bps, application.instalment_paise) == (1_600, 24_482 * RUPEE)
    assert application.foir_bps == 1_633  # 24,482 of 150,000 a month, rounded up
    assert (application.reasons, application.counter_offer) == ([], None)
    assert outcome.loan is not None
    assert outcome.loan.application == application


def test_one_application_pays_out_one_loan_by_the_databases_own_rule() -> None:
    loan = a_disbursed_loan()
    second = Loan.objects.get()
    second.pk = None
    with pytest.raises(IntegrityError, match="application_id"), transaction.atomic():
        second.save(force_insert=True)
    assert Loan.objects.get() == loan


def test_a_failure_on_the_way_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise RuntimeError("the ledger is away")

    a_product()
    borrower = a_borrower()
    monkeypatch.setattr("loan.services.origination.post_entries", fail)
    with pytest.raises(RuntimeError):
        an_application(borrower)
    for table in (LoanApplication, ApplicationDecision, Loan, Instalment):
        assert not table.objects.exists()


def test_an_officer_who_approves_pays_out_at_the_open_date() -> None:
    application = a_referred_application()
    officer = an_officer()
    day = DISBURSED + timedelta(days=9)
    outcome = decide_referred(
        application.pk, approve=True, by=officer, note="income seen", as_of=day
    )
    assert outcome.loan is not None
    assert outcome.loan.disbursed_on == day
    assert outcome.loan.principal_paise == 6 * LAKH
    decisions = application.decisions.order_by("id").values_list("outcome", "decided_by", "note")
    assert list(decisions) == [("REFERRED", None, ""), ("APPROVED", officer.pk, "income seen")]
    assert_books_verify()


def a_referral_beside_a_loan() -> tuple[LoanApplication, Loan]:
    """Return an application that waits, and a loan of the same borrower of a month ago."""
    loan = a_disbursed_loan(amount_paise=LAKH)
    application = an_application(
        loan.borrower, amount_paise=6 * LAKH, tenure_months=36, as_of=FIRST_DUE
    ).application
    assert application.status == LoanApplication.Status.REFERRED
    return application, loan


def approving(application: LoanApplication, *, on: date) -> ApplicationOutcome:
    return decide_referred(application.pk, approve=True, by=an_officer(), note="seen", as_of=on)


def test_an_approval_is_refused_when_a_loan_has_fallen_behind_meanwhile() -> None:
    application, loan = a_referral_beside_a_loan()
    day = FIRST_DUE + timedelta(days=1)
    with pytest.raises(ApplicantChanged) as refusal:
        approving(application, on=day)
    assert refusal.value.code == "applicant_changed"
    assert refusal.value.extra == {"changed": ["EXISTING_OVERDUE"]}
    assert str(refusal.value) == "Since it was referred, an instalment of the borrower is overdue."
    application.refresh_from_db()
    assert application.status == "REFERRED"
    assert application.decisions.count() == Loan.objects.count() == 1
    pay(loan, loan.instalment_paise, on=day)
    User.objects.all().delete()
    assert approving(application, on=day).loan is not None
    assert_books_verify()


def test_what_changed_is_named_and_a_rejection_goes_on() -> None:
    application, loan = a_referral_beside_a_loan()
    run_billing(NPA, today=NPA + timedelta(days=1), may_run_ahead=False)
    with pytest.raises(ApplicantChanged, match="non-performing or written off and an") as refusal:
        approving(application, on=NPA + timedelta(days=1))
    assert refusal.value.extra == {"changed": ["EXISTING_NPA", "EXISTING_OVERDUE"]}
    rejected = decide_referred(
        application.pk,
        approve=False,
        by=an_officer("another"),
        note="behind",
        as_of=NPA + timedelta(days=1),
    )
    assert rejected.application.status == "REJECTED"
    assert Loan.objects.get() == loan


def test_a_borrower_whom_a_person_marked_meanwhile_is_refused_too() -> None:
    application, loan = a_referral_beside_a_loan()
    order = MarkOrder(loan_id=loan.public_id, asset_class=AssetClass.LOSS)
    mark_class(order, as_of=FIRST_DUE, by=Author(actor="auditor", reason="fraud"))
    with pytest.raises(ApplicantChanged) as refusal:
        approving(application, on=FIRST_DUE)
    assert refusal.value.extra == {"changed": ["EXISTING_NPA"]}


def test_an_officer_who_rejects_pays_nothing_out() -> None:
    application = a_referred_application()
    outcome = decide_referred(
        application.pk, approve=False, by=an_officer(), note="no papers", as_of=DISBURSED
    )
    application.refresh_from_db()
    assert (application.status, outcome.loan) == ("REJECTED", None)
    assert not Loan.objects.exists()


@pytest.mark.parametrize("status", ["APPROVED", "REJECTED"])
@pytest.mark.parametrize("approve", [True, False])
def test_what_was_decided_is_not_decided_again(status: str, approve: bool) -> None:
    application = a_referred_application()
    officer = an_officer()
    first = decide_referred(
        application.pk, approve=status == "APPROVED", by=officer, note="first", as_of=DISBURSED
    )
    with pytest.raises(StatusMoveRefused):
        decide_referred(application.pk, approve=approve, by=officer, note="again", as_of=DISBURSED)
    assert Loan.objects.count() == (1 if first.loan else 0)
    assert application.decisions.count() == 2


def test_an_officer_gives_a_reason_by_the_databases_own_rule() -> None:
    application = a_referred_application()
    with pytest.raises(IntegrityError, match="decision_by_a_person_has_a_reason"):
        decide_referred(application.pk, approve=True, by=an_officer(), note="", as_of=DISBURSED)


def test_what_is_known_of_an_applicant() -> None:
    borrower = a_borrower()
    product = a_product()
    running = a_disbursed_loan(borrower, amount_paise=LAKH)
    repaid = a_disbursed_loan(borrower, amount_paise=2 * LAKH, tenure_months=6)
    everything = sum(plan.total_paise for plan in repaid.instalments.all())
    pay(repaid, everything, on=DISBURSED)
    run_billing(date(2026, 7, 5), today=date(2026, 7, 6), may_run_ahead=False)
    pay(running, LAKH, on=date(2026, 7, 6))
    paid_elsewhere = row(
        borrower, day="2026-06-07", amount="9000", kind="DEBIT", description="LOAN EMI"
    )
    load(paid_elsewhere, as_of=date(2026, 7, 6))
    borrower.date_of_birth = date(1990, 7, 7)
    facts = applicant_facts(
        borrower,
        product=product,
        request=LoanRequest(amount_paise=LAKH, tenure_months=24),
        as_of=date(2026, 7, 6),
    ).applicant
    assert facts.active_loans == 1
    assert facts.monthly_obligations_paise == running.instalment_paise + 9_000 * RUPEE
    assert (facts.overdue, facts.npa, facts.duplicate_application) == (False, False, False)
    assert (facts.age_years, facts.recent_enquiries, facts.has_bank_data) == (35, 0, True)


def test_an_instalment_of_ours_in_the_bank_data_is_not_counted_twice() -> None:
    borrower = a_borrower()
    loan = a_disbursed_loan(borrower, amount_paise=LAKH)
    emi = loan.instalment_paise // RUPEE
    load(row(borrower, day="2026-01-07", amount=str(emi), kind="DEBIT", description="LOAN EMI"))
    facts = applicant_facts(
        borrower,
        product=loan.product,
        request=LoanRequest(amount_paise=LAKH, tenure_months=24),
        as_of=FIRST_DUE,
    ).applicant
    assert facts.monthly_obligations_paise == loan.instalment_paise


# --- At the same moment, over separate connections ---------------------------------------------

race = pytest.mark.django_db(transaction=True)


def applying(borrower: Borrower, *, amount_paise: int) -> Callable[[], ApplicationOutcome]:
    return lambda: apply_for_loan(
        borrower.public_id,
        product_code="PERSONAL_LOAN",
        amount_paise=amount_paise,
        tenure_months=24,
        purpose="OTHER",
        as_of=DISBURSED,
    )


def ended(outcomes: list[ApplicationOutcome | Exception]) -> list[list[str]]:
    """Return the reasons each application ended with; none for one that was paid out."""
    reasons = []
    for outcome in outcomes:
        assert isinstance(outcome, ApplicationOutcome), outcome
        assert (outcome.loan is not None) == (outcome.application.status == "APPROVED")
        reasons.append([reason["code"] for reason in outcome.application.reasons])
    return sorted(reasons)


@race
def test_one_request_sent_four_times_at_once_makes_one_loan() -> None:
    a_product()
    borrower = a_borrower()
    outcomes = collide(
        [applying(borrower, amount_paise=LAKH)] * 4,
        hold=lambda: Borrower.objects.select_for_update(no_key=True).get(),
    )
    assert ended(outcomes) == [[]] + [[ReasonCode.DUPLICATE_APPLICATION]] * 3
    assert Loan.objects.count() == 1
    assert_books_verify()


@race
def test_the_limit_of_running_loans_holds_when_many_are_asked_for_at_once() -> None:
    a_product(maximum_active_loans=2)
    borrower = a_borrower()
    outcomes = collide(
        [applying(borrower, amount_paise=(30 + n) * 1_000 * RUPEE) for n in range(5)],
        hold=lambda: Borrower.objects.select_for_update(no_key=True).get(),
    )
    assert ended(outcomes) == [[], []] + [[ReasonCode.MAX_ACTIVE_LOANS]] * 3
    assert Loan.objects.count() == 2
    assert_books_verify()


@race
@pytest.mark.parametrize("second_approves", [True, False])
def test_two_officers_who_decide_at_once_decide_once(second_approves: bool) -> None:
    application = a_referred_application()
    officers = [an_officer("first"), an_officer("second")]

    def deciding(officer: User, *, approve: bool) -> Callable[[], ApplicationOutcome]:
        return lambda: decide_referred(
            application.pk, approve=approve, by=officer, note="decided", as_of=DISBURSED
        )

    outcomes = collide(
        [deciding(officers[0], approve=True), deciding(officers[1], approve=second_approves)],
        hold=lambda: LoanApplication.objects.select_for_update().get(),
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == [
        ApplicationOutcome.__name__,
        StatusMoveRefused.__name__,
    ]
    application.refresh_from_db()
    assert Loan.objects.count() == (1 if application.status == "APPROVED" else 0)
    assert application.decisions.exclude(decided_by=None).count() == 1
    assert_books_verify()


@race
def test_applications_decisions_and_a_close_at_once_never_stop_each_other_for_good() -> None:
    """All take the day before any row; a row taken first would make a ring with the close."""
    application = a_referred_application()
    officer = an_officer()
    borrower = a_borrower()
    run_billing(DISBURSED, today=DISBURSED, may_run_ahead=True)
    day = DISBURSED + timedelta(days=1)

    def close() -> object:
        return run_billing(day, today=DISBURSED, may_run_ahead=True)

    def approve() -> object:
        return decide_referred(
            application.pk, approve=True, by=officer, note="seen", as_of=DISBURSED
        )

    jobs: list[Callable[[], object]] = [
        approve,
        close,
        *(applying(borrower, amount_paise=(30 + n) * 1_000 * RUPEE) for n in range(2)),
    ]
    outcomes = collide(jobs, hold=hold_close)
    assert [outcome for outcome in outcomes if isinstance(outcome, Exception)] == []
    assert Loan.objects.count() == 3
    assert close_day(day).status == "CLOSED"
    assert_books_verify()
