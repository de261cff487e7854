"""Penal charges by rate and by slab, from the product to the books."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from loan.domain.terms import InvalidTerms
from loan.models import Charge, Loan, LoanProduct
from loan.selectors.billing_preview import preview_days
from loan.selectors.loans import terms_of
from loan.selectors.products import slabs_of
from loan.services.billing.run import run_billing
from statements.domain.credit import contingent_charges
from statements.selectors.explanations import explained_amounts
from tests.audit import assert_books_verify
from tests.builders import FIRST_DUE, RUPEE, a_disbursed_loan, a_product, pay

pytestmark = pytest.mark.django_db

SLABS = [[7, 250 * RUPEE], [30, 500 * RUPEE]]


def close_through(day: date) -> None:
    run_billing(day, today=day + timedelta(days=1), may_run_ahead=False)


def levied(loan: Loan) -> list[tuple[str, date, int]]:
    return list(
        Charge.objects.filter(loan=loan, kind="PENAL")
        .order_by("levied_on", "instalment_number")
        .values_list("key", "levied_on", "amount_paise")
    )


def assert_explained(loan: Loan, day: date) -> None:
    found = explained_amounts(loan.public_id, amount="charges", as_of=None, today=day)
    assert found.explanations
    assert all(each.agrees for each in found.explanations)


def test_the_run_levies_by_rate_what_its_preview_said() -> None:
    a_product(penal_charge_paise=0, penal_rate_bps=2_400)
    loan = a_disbursed_loan()
    close_through(FIRST_DUE)
    days = [FIRST_DUE + timedelta(days=offset) for offset in range(1, 40)]
    said = sum(day.penal_paise for day in preview_days(days))
    close_through(days[-1])
    # 24,482 × 24 % × 4/365 = 64.39; × 30/365 = 482.93.
    assert levied(loan) == [
        ("PENAL-1", date(2026, 2, 9), 64_39),
        ("PENAL-2", date(2026, 3, 9), 64_39),
        ("PENAL-1-2", date(2026, 3, 11), 482_93),
    ]
    assert said == 64_39 + 64_39 + 482_93
    assert_explained(loan, days[-1])
    disclosed = contingent_charges(terms_of(loan))[0].text
    assert "24 % a year on what is unpaid of an instalment 3 days after" in disclosed
    assert_books_verify()


def test_a_payment_of_an_earlier_day_takes_charges_by_rate_back() -> None:
    a_product(penal_charge_paise=0, penal_rate_bps=2_400)
    loan = a_disbursed_loan()
    close_through(date(2026, 3, 12))
    pay(loan, 48_964 * RUPEE, on=date(2026, 3, 13))
    assert Charge.objects.filter(loan=loan, cancelled_by=None).count() == 3
    assert_books_verify()


def test_the_run_levies_by_slab_and_each_slab_once() -> None:
    a_product(penal_charge_paise=0, penal_slabs=SLABS)
    loan = a_disbursed_loan()
    close_through(date(2026, 3, 20))
    assert levied(loan) == [
        ("PENAL-1", date(2026, 2, 13), 250 * RUPEE),
        ("PENAL-1-2", date(2026, 3, 8), 500 * RUPEE),
        ("PENAL-2", date(2026, 3, 13), 250 * RUPEE),
    ]
    assert_explained(loan, date(2026, 3, 21))
    assert_books_verify()


def test_a_product_has_one_rule_of_penal_charges() -> None:
    a_product()
    for rules in (
        {"penal_charge_paise": 1, "penal_rate_bps": 1, "penal_slabs": []},
        {"penal_charge_paise": 0, "penal_rate_bps": 1, "penal_slabs": SLABS},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            LoanProduct.objects.update(**rules)


@pytest.mark.parametrize("pairs", [[[7]], [["7", 5]], {"7": 5}, [7, 5], "none", [[7, 5.5]], [None]])
def test_slabs_that_are_no_pairs_of_days_and_paise_are_refused(pairs: object) -> None:
    with pytest.raises(InvalidTerms):
        slabs_of(pairs)
