"""What partners are told of loans: each event, in the transaction that makes it so, and once."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from ledger.models import Entry, Transfer
from loan.models import Due, Loan, LoanApplication
from loan.serializers.webhooks import DATA
from loan.services.billing.announcing import tell_of_day
from loan.services.billing.run import run_billing
from loan.services.happening import Author
from loan.services.origination import apply_for_loan
from loan.services.payments import PaymentOrder, post_payment, reverse_payment
from loan.services.referrals import decide_referred
from loan.services.takeover import take_over_loan
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
    pay,
)
from tests.callers import a_partner
from tests.integration.loan.test_takeover import an_offer, paid
from tests.integration.users.receiver import an_endpoint
from users.domain.webhooks import EventType, in_rupees
from users.models import Borrower, Partner, User, WebhookMessage
from users.services.webhooks import disable_endpoint

pytestmark = pytest.mark.django_db

EMI = 24_482 * RUPEE
#: What a billing run tells of.
DAILY = (EventType.INSTALMENT_DUE, EventType.LOAN_OVERDUE)
TELLER = Author(actor="teller", reason="returned by the bank")


@pytest.fixture
def partner() -> Partner:
    partner = a_partner()
    an_endpoint(partner, "https://hooks.example.com/all")
    return partner


def a_customer(partner: Partner, **values: Any) -> Borrower:
    borrower = a_borrower(**values)
    Borrower.objects.filter(pk=borrower.pk).update(partner=partner)
    borrower.refresh_from_db()
    return borrower


def told(*types: EventType) -> list[tuple[str, Any]]:
    """Return what was told, in its order, as it is sent."""
    rows = WebhookMessage.objects.order_by("pk")
    if types:
        rows = rows.filter(type__in=types)
    return [(row.type, in_rupees(row.data)) for row in rows]


def kinds() -> list[str]:
    return [kind for kind, _ in told()]


def close_through(day: date) -> None:
    run_billing(day, today=day + timedelta(days=1), may_run_ahead=False)


class TestApplications:
    def test_an_approval_is_told_with_the_loan_that_is_paid_out(self, partner: Partner) -> None:
        loan = a_disbursed_loan(a_customer(partner))
        application = loan.application
        assert application is not None
        decided, disbursed = told()
        assert decided == (
            "application.decided",
            {
                "application_id": application.public_id,
                "user_id": loan.borrower.public_id,
                "product": "PERSONAL_LOAN",
                "amount": 500_000,
                "tenure_months": 24,
                "status": "APPROVED",
                "reasons": [reason["code"] for reason in application.reasons],
                "loan_id": loan.public_id,
            },
        )
        assert disbursed == (
            "loan.disbursed",
            {
                "loan_id": loan.public_id,
                "user_id": loan.borrower.public_id,
                "application_id": application.public_id,
                "product": "PERSONAL_LOAN",
                "amount": 500_000,
                "processing_fee": 10_000,
                "fee_gst": 1_800,
                "fee_collection": "NETTED",
                "interest_rate": 16,
                "tenure_months": 24,
                "emi": 24_482,
                "disbursed_on": "2026-01-10",
                "first_due_date": "2026-02-05",
            },
        )

    def test_a_referral_is_told_when_a_person_has_decided(self, partner: Partner) -> None:
        a_product()
        outcome = an_application(a_customer(partner), amount_paise=6 * LAKH)
        assert outcome.application.status == LoanApplication.Status.REFERRED
        assert told() == []
        officer = User.objects.create_user("officer")
        decide_referred(
            outcome.application.pk, approve=False, by=officer, note="no", as_of=DISBURSED
        )
        ((kind, data),) = told()
        assert (kind, data["status"], data["loan_id"]) == ("application.decided", "REJECTED", None)

    def test_a_rejection_is_told(self, partner: Partner) -> None:
        a_product()
        apply_for_loan(
            a_customer(partner, annual_income_paise=2 * LAKH).public_id,
            product_code="PERSONAL_LOAN",
            amount_paise=20 * LAKH,
            tenure_months=12,
            purpose="EDUCATION",
            as_of=DISBURSED,
        )
        ((kind, data),) = told()
        assert (kind, data["status"]) == ("application.decided", "REJECTED")
        assert data["reasons"]


class TestPayments:
    def test_a_payment_is_told_with_its_allocation_and_the_bill_it_met(
        self, partner: Partner
    ) -> None:
        loan = a_disbursed_loan(a_customer(partner))
        payment = pay(loan, EMI, on=FIRST_DUE, reference="PAY-1")
        (_, due), (_, posted) = told(EventType.INSTALMENT_DUE, EventType.PAYMENT_POSTED)
        assert due == {
            "loan_id": loan.public_id,
            "user_id": loan.borrower.public_id,
            "instalment_number": 1,
            "due_date": "2026-02-05",
            "amount": 24_482,
            "principal": due["principal"],
            "interest": due["interest"],
        }
        assert due["principal"] + due["interest"] == 24_482
        assert posted == {
            "loan_id": loan.public_id,
            "user_id": loan.borrower.public_id,
            "payment_id": payment.pk,
            "reference_id": "PAY-1",
            "amount": 24_482,
            "payment_method": "UPI",
            "value_date": "2026-02-05",
            "interest": due["interest"],
            "principal": due["principal"],
            "charges": 0,
            "penal": 0,
            "advance": 0,
            "excess": 0,
            "principal_outstanding": 500_000 - due["principal"],
            "loan_status": "ACTIVE",
        }

    def test_the_same_payment_again_is_not_told_again(self, partner: Partner) -> None:
        loan = a_disbursed_loan(a_customer(partner))
        for _ in range(2):
            pay(loan, EMI, on=FIRST_DUE, reference="PAY-1")
        assert len(told(EventType.PAYMENT_POSTED)) == 1

    def test_a_reversal_and_what_it_leaves_unpaid_are_told(self, partner: Partner) -> None:
        loan = a_disbursed_loan(a_customer(partner))
        payment = pay(loan, EMI, on=FIRST_DUE)
        reverse_payment(payment.pk, as_of=FIRST_DUE + timedelta(days=3), by=TELLER)
        ((_, data),) = told(EventType.PAYMENT_REVERSED)
        assert data == {
            "loan_id": loan.public_id,
            "user_id": loan.borrower.public_id,
            "payment_id": payment.pk,
            "reference_id": payment.reference_id,
            "amount": 24_482,
            "reversed_on": "2026-02-08",
            "principal_outstanding": 500_000,
            "oldest_unpaid_due_date": "2026-02-05",
            "loan_status": "ACTIVE",
        }

    def test_the_last_payment_is_told_and_then_the_closing(self, partner: Partner) -> None:
        loan = a_disbursed_loan(a_customer(partner), tenure_months=12)
        last = date(2027, 1, 5)
        pay(loan, 7 * LAKH, on=last)
        assert loan.status == Loan.Status.CLOSED
        assert kinds()[-2:] == ["payment.posted", "loan.closed"]
        assert kinds().count("instalment.due") == 12
        ((_, closed),) = told(EventType.LOAN_CLOSED)
        assert closed["closed_on"] == "2027-01-05"

    def test_what_is_undone_is_told_to_nobody(self, partner: Partner) -> None:
        loan = a_disbursed_loan(a_customer(partner))
        before = WebhookMessage.objects.count()
        order = PaymentOrder(
            loan_id=loan.public_id, amount_paise=EMI, payment_method="UPI", reference_id="PAY-1"
        )
        with transaction.atomic():
            post_payment(order, as_of=FIRST_DUE)
            assert WebhookMessage.objects.count() == before + 2
            transaction.set_rollback(True)
        assert WebhookMessage.objects.count() == before


class TestTheBillingRun:
    def test_bills_and_who_is_overdue_are_told_by_the_close_of_the_day(
        self, partner: Partner
    ) -> None:
        late = a_disbursed_loan(a_customer(partner))
        punctual = a_disbursed_loan(a_customer(partner))
        pay(punctual, EMI, on=FIRST_DUE)
        close_through(FIRST_DUE + timedelta(days=2))
        assert not [data for _, data in told(*DAILY) if data["loan_id"] == punctual.public_id][1:]
        (kind, due), (other, overdue) = told(*DAILY)[1:]
        assert (kind, other) == ("instalment.due", "loan.overdue")
        assert (due["loan_id"], due["user_id"]) == (late.public_id, late.borrower.public_id)
        assert due["principal"] + due["interest"] == due["amount"] == 24_482
        assert overdue == {
            "loan_id": late.public_id,
            "user_id": late.borrower.public_id,
            "instalment_number": 1,
            "due_date": "2026-02-05",
            "overdue": 24_482,
        }
        close_through(FIRST_DUE + timedelta(days=27))
        assert len(told(*DAILY)) == 3, "it is told when it becomes overdue, and no more"

    def test_what_is_left_of_a_due_is_overdue(self, partner: Partner) -> None:
        loan = a_disbursed_loan(a_customer(partner))
        pay(loan, EMI - 1_000_50, on=FIRST_DUE)
        close_through(FIRST_DUE)
        ((_, data),) = told(EventType.LOAN_OVERDUE)
        assert str(data["overdue"]) == "1000.50"

    def test_a_loan_that_its_advance_closes_is_told(self, partner: Partner) -> None:
        loan = a_disbursed_loan(a_customer(partner), tenure_months=12)
        pay(loan, 7 * LAKH, on=FIRST_DUE)
        close_through(date(2027, 1, 5))
        loan.refresh_from_db()
        assert loan.status == Loan.Status.CLOSED
        ((_, data),) = told(EventType.LOAN_CLOSED)
        assert data["closed_on"] == "2027-01-05"
        assert len(told(EventType.INSTALMENT_DUE)) == 12
        assert told(EventType.LOAN_OVERDUE) == []

    def test_a_day_that_is_run_again_tells_nothing_more(self, partner: Partner) -> None:
        a_disbursed_loan(a_customer(partner))
        close_through(FIRST_DUE)
        before = kinds()
        close_through(FIRST_DUE)
        assert kinds() == before

    def test_the_books_are_the_same_whether_somebody_listens_or_not(self) -> None:
        """The run's own figures, entry by entry and due by due, do not know of listeners."""
        books = []
        for listening in (True, False):
            with transaction.atomic():
                partner = a_partner()
                if listening:
                    an_endpoint(partner, "https://hooks.example.com/all")
                first, second = (a_disbursed_loan(a_customer(partner)) for _ in range(2))
                pay(first, 3 * EMI, on=date(2026, 1, 20))
                pay(second, EMI // 2, on=FIRST_DUE)
                close_through(date(2026, 5, 20))
                assert_books_verify()
                assert bool(told()) == listening
                loans = (first, second)
                books.append(_books(*loans))
                transaction.set_rollback(True)
        assert books[0] == books[1]

    def test_a_book_that_nobody_listens_to_costs_one_question_a_chunk(
        self, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        a_disbursed_loan(a_customer(a_partner()))
        with django_assert_num_queries(1):
            tell_of_day(FIRST_DUE, low=1, high=10**9, met=[], apart=[], quarantined=[])

    def test_a_thousand_bills_are_told_by_as_many_statements_as_one(
        self, partner: Partner, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        for _ in range(3):
            a_disbursed_loan(a_customer(partner))
        with django_assert_num_queries(4):
            tell_of_day(FIRST_DUE, low=1, high=10**9, met=[], apart=[], quarantined=[])


class TestNobodyElse:
    def test_what_nobody_asked_for_is_not_written(self) -> None:
        partner = a_partner()
        made = an_endpoint(partner, "https://hooks.example.com/some", [EventType.LOAN_OVERDUE])
        loan = a_disbursed_loan(a_customer(partner))
        pay(loan, EMI // 2, on=FIRST_DUE)
        close_through(FIRST_DUE)
        assert kinds() == ["loan.overdue"]
        disable_endpoint(made.endpoint.pk, now=timezone.now())
        pay(loan, EMI, on=FIRST_DUE + timedelta(days=1))
        close_through(date(2026, 4, 5))
        assert kinds() == ["loan.overdue"]

    def test_the_lenders_own_borrowers_are_told_of_to_no_partner(self, partner: Partner) -> None:
        loan = a_disbursed_loan()
        pay(loan, EMI, on=FIRST_DUE)
        close_through(date(2026, 4, 5))
        assert told() == []

    def test_a_history_that_is_taken_over_is_news_to_nobody(self, partner: Partner) -> None:
        a_product()
        take_over_loan(
            an_offer(),
            borrower=a_customer(partner),
            payments=paid((FIRST_DUE, EMI)),
            as_of=date(2026, 3, 1),
        )
        assert told() == []


def test_every_message_has_the_fields_that_are_described(partner: Partner) -> None:
    loan = a_disbursed_loan(a_customer(partner), tenure_months=12)
    reverse_payment(pay(loan, EMI, on=FIRST_DUE).pk, as_of=FIRST_DUE, by=TELLER)
    close_through(FIRST_DUE)
    pay(loan, 7 * LAKH, on=date(2027, 1, 5))
    assert {kind for kind, _ in told()} == set(DATA) == set(EventType)
    for kind, data in told():
        described = DATA[EventType(kind)]().fields
        assert set(data) == set(described), kind
        assert {name for name, value in data.items() if value is None} <= {
            name for name, field in described.items() if field.allow_null
        }, kind


def test_ids_are_written_by_sql_as_they_are_by_the_code() -> None:
    partner = a_partner()
    an_endpoint(partner, "https://hooks.example.com/all", [EventType.INSTALMENT_DUE])
    borrower = a_customer(partner)
    Borrower.objects.filter(pk=borrower.pk).update(partner=None)
    for key in (7, 12_345):
        take_over_loan(an_offer(), borrower=borrower, as_of=date(2026, 1, 12), key=key)
    Borrower.objects.filter(pk=borrower.pk).update(partner=partner)
    close_through(FIRST_DUE)
    assert {data["loan_id"] for _, data in told()} == {"LN-2026-0007", "LN-2026-12345"}
    assert Due.objects.count() == 2


def _books(*loans: Loan) -> list[Any]:
    """Return what the run wrote, without keys and instants."""
    place = {loan.pk: number for number, loan in enumerate(loans)}
    for loan in loans:
        loan.refresh_from_db()
    return [
        list(Entry.objects.order_by("pk").values_list("kind", "value_date", "narrative")),
        list(Transfer.objects.order_by("pk").values_list("debit", "credit", "amount_paise")),
        sorted(
            (place[key], *rest)
            for key, *rest in Due.objects.values_list(
                "loan_id", "number", "due_date", "principal_paise", "interest_paise"
            )
        ),
        [(loan.status, loan.advance_paise, loan.oldest_unpaid_due_date) for loan in loans],
    ]
