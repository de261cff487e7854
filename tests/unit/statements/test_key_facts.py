"""The Key Facts Statement, against RBI's own illustration (15 April 2024, Annexes B and C)."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bright_credit.common.money import round_to_rupee
from loan.domain.day_counts import DayCount
from loan.domain.frequency import Frequency
from loan.domain.schedule import repayment_plan
from loan.domain.terms import (
    BrokenPeriodInterest,
    FeeCollection,
    InstalmentRounding,
    InterestMethod,
    InvalidTerms,
    LoanTerms,
    SplitRounding,
)
from statements.domain.credit import Credit, Payee, contingent_charges
from statements.domain.key_facts import KeyFacts, is_working_day, offer_valid_until
from statements.domain.papers.credit_blocks import instalments_words, interest_words
from statements.domain.papers.key_facts import key_facts_paper
from statements.domain.papers.paper import Grid, Paragraph
from tests.properties import as_many
from tests.unit.loan.histories import LAKH, RUPEE, possible_terms, terms_of, terms_of_any_kind
from tests.unit.loan.rates import monthly_rate_bps
from tests.unit.statements.documents import (
    ISSUED,
    credit_of,
    key_facts_of,
    the_illustration,
    usual_credit,
)


def in_rupees(paise: int) -> int:
    return round_to_rupee(Fraction(paise)) // RUPEE


def test_annex_b_of_the_illustration() -> None:
    credit = the_illustration()
    assert {
        "sanctioned": in_rupees(credit.amount_paise),
        "instalment": in_rupees(credit.first.total_paise),
        "interest": in_rupees(credit.total_interest_paise),
        "fees": in_rupees(credit.fees_paise),
        "to the lender": in_rupees(credit.fees_to(Payee.LENDER)),
        "to third parties": in_rupees(credit.fees_to(Payee.THIRD_PARTY)),
        "net disbursed": in_rupees(credit.net_disbursed_paise),
        "total payable": in_rupees(credit.total_payable_paise),
        "days": credit.days_to_first_due_date,
        "apr": credit.apr_bps,
    } == {
        "sanctioned": 20_000,
        "instalment": 970,
        "interest": 3_274,
        "fees": 400,
        "to the lender": 240,
        "to third parties": 160,
        "net disbursed": 19_600,
        "total payable": 23_274,
        "days": 30,
        "apr": 1_707,
    }


def test_annex_b_when_the_instalment_is_truly_970() -> None:
    credit = the_illustration(InstalmentRounding.RUPEE)
    assert credit.first.total_paise == 970 * RUPEE
    net = credit.net_disbursed_paise
    assert monthly_rate_bps(net, [970 * RUPEE] * 24) == 1_710
    # Here the last instalment is 962.56, so that nothing is overpaid: the cost is what it was.
    assert (credit.last.total_paise, credit.apr_bps) == (962_56, 1_707)


def test_annex_c_of_the_illustration() -> None:
    rows = the_illustration().schedule
    assert [row_in_rupees(rows[number - 1]) for number in (1, 2, 3, 4, 24)] == [
        (20_000, 720, 250, 970),
        (19_280, 729, 241, 970),
        (18_552, 738, 232, 970),
        (17_814, 747, 223, 970),
        (958, 958, 12, 970),
    ]


def row_in_rupees(row: object) -> tuple[int, ...]:
    names = ("opening_principal_paise", "principal_paise", "interest_paise", "total_paise")
    return tuple(in_rupees(getattr(row, name)) for name in names)


def test_the_papers_tables_show_the_annexes() -> None:
    grids = [
        block
        for block in key_facts_paper(key_facts_of(the_illustration())).blocks
        if isinstance(block, Grid)
    ]
    part_1, fees, _part_2, annex_b, annex_c = grids
    assert ("9", "Annual percentage rate (APR)", "17.07 %") in part_1.rows
    assert [row[1] for row in fees.rows] == ["The lender (A)", "A third party through it (B)"]
    assert ("6", "Fees and charges, with GST", "₹400.00") in annex_b.rows
    assert (
        "7",
        "Net disbursed amount (1 less 6 and interest kept back)",
        "₹19,600.00",
    ) in annex_b.rows
    assert annex_c.rows[0] == (
        "1",
        "31 October 2024",
        "₹20,000.00",
        "₹719.73",
        "₹250.00",
        "₹969.73",
    )
    assert len(annex_c.rows) == 24 + 1


def test_a_fee_that_is_paid_apart_leaves_the_payout_whole_and_the_apr_as_it_is() -> None:
    netted = usual_credit()
    fee = replace(netted.fees[0], collection=FeeCollection.PAID)
    apart = replace(netted, fees=(fee,))
    assert (netted.net_disbursed_paise, apart.net_disbursed_paise) == (488_200_00, 5 * LAKH)
    assert (netted.fees_deducted_paise, netted.fees_paid_apart_paise) == (11_800_00, 0)
    assert (apart.fees_deducted_paise, apart.fees_paid_apart_paise) == (0, 11_800_00)
    # The flows of the day are the same: 5,00,000 received and 11,800 paid.
    received = apart.net_disbursed_paise - apart.fees_paid_apart_paise
    instalments = [row.total_paise for row in apart.schedule]
    assert monthly_rate_bps(received, instalments) == apart.apr_bps == netted.apr_bps == 1_846
    words = {
        credit: repr(key_facts_paper(key_facts_of(credit)).blocks) for credit in (netted, apart)
    }
    assert "₹11,800.00 deducted from the payout; see below" in words[netted]
    assert "Net disbursed amount (1 less 6 and interest kept back)" in words[netted]
    assert "payable by you" not in words[netted].lower()
    assert "₹11,800.00 payable by you, due on 10 January 2026; see below" in words[apart]
    assert "Net disbursed amount (1 less interest kept back)" in words[apart]
    assert "Of 6, payable by you on the day of disbursement" in words[apart]
    assert "less the fees paid on that day, and of the instalments" in words[apart]
    assert "deducted from the payout" not in words[apart].lower()
    assert "The processing fee is kept." in words[netted]
    assert "The processing fee is kept, and what is unpaid of it is payable." in words[apart]


@settings(max_examples=as_many(60), deadline=None)
@given(terms=st.one_of(possible_terms(), terms_of_any_kind()))
def test_the_figures_of_any_loan_add_up(terms: LoanTerms) -> None:
    try:
        plan = repayment_plan(terms)
    except InvalidTerms:
        return  # drawn nearly possible: there is no loan to disclose
    credit = credit_of(terms)
    paid_back = sum(row.total_paise for row in plan.rows)
    kept_back = plan.upfront_interest_paise
    assert credit.net_disbursed_paise == credit.amount_paise - kept_back
    assert credit.total_payable_paise == paid_back + kept_back
    interest = sum(row.interest_paise for row in plan.rows)
    assert credit.total_interest_paise == interest + kept_back + plan.capitalised_interest_paise
    assert key_facts_paper(key_facts_of(credit)).blocks


def test_a_loan_by_weeks_with_a_moratorium_is_told_in_its_own_words() -> None:
    terms = terms_of(
        tenure_months=3,
        frequency=Frequency.WEEKLY,
        due_day=None,
        first_due=date(2025, 1, 12),
        day_count=DayCount.ACTUAL_365,
        principal_moratorium_periods=2,
    )
    credit = credit_of(terms)
    assert instalments_words(credit).startswith("13 weekly instalments, from ₹27.62 to ₹")
    assert interest_words(credit).endswith("on the reducing balance, by days, actual/365")


def test_interest_kept_back_is_disclosed_and_lessens_what_is_paid_out() -> None:
    terms = terms_of(
        5 * LAKH,
        annual_rate_bps=1_600,
        tenure_months=24,
        disbursed_on=date(2026, 3, 12),
        first_due=date(2026, 5, 5),
        broken_period_interest=BrokenPeriodInterest.UPFRONT,
    )
    credit = credit_of(terms)
    # 24 days from 12 March to 5 April: 500,000 × 16 % × 24/365.
    assert credit.interest_kept_back_paise == 5_260_27
    assert credit.net_disbursed_paise == 5 * LAKH - 5_260_27


def test_a_flat_rate_is_disclosed_with_what_it_equals_on_the_reducing_balance() -> None:
    terms = terms_of(
        5 * LAKH,
        annual_rate_bps=880,
        tenure_months=24,
        interest_method=InterestMethod.FLAT,
        split_rounding=SplitRounding.RUPEE,
    )
    credit = credit_of(terms)
    assert credit.reducing_rate_bps == 1_608
    assert interest_words(credit) == (
        "8.80 % a year, fixed, flat on the amount lent; this equals 16.08 % a year on the reducing "
        "balance"
    )


@pytest.mark.parametrize(
    ("method", "months", "expected"),
    [
        (
            InterestMethod.REDUCING_BALANCE,
            12,
            "11 equal monthly instalments of ₹1,066.00 and a last one of ₹1,068.36",
        ),
        (InterestMethod.FLAT, 12, "12 equal monthly instalments of ₹1,120.00"),
        (
            InterestMethod.EQUAL_PRINCIPAL,
            12,
            "12 monthly instalments of principal and interest, from ₹1,010.00 to ₹1,120.00",
        ),
        (
            InterestMethod.INTEREST_ONLY,
            2,
            "1 monthly instalment of interest, ₹120.00 each, and a last one of ₹12,120.00 with "
            "the principal",
        ),
        (InterestMethod.FLAT, 1, "1 instalment of ₹12,120.00"),
    ],
)
def test_instalments_are_told_in_words(method: InterestMethod, months: int, expected: str) -> None:
    assert instalments_words(plain_credit(method, months)) == expected


def plain_credit(method: InterestMethod, months: int) -> Credit:
    return credit_of(terms_of(tenure_months=months, interest_method=method))


def test_a_charge_that_may_come_is_disclosed_and_every_other_is_nil() -> None:
    charges = contingent_charges(usual_credit().terms)
    assert [(charge.name, charge.amount_paise) for charge in charges] == [
        ("Penal charges for delayed payment", 500 * RUPEE),
        ("Charge for a payment that bounces", None),
        ("Other penal charges", None),
        ("Foreclosure charges", None),
        ("Charges for switching between floating and fixed rate", None),
        ("Any other charges", None),
    ]
    assert "3 days after its due date" in charges[0].text
    assert {charge.text for charge in charges[1:]} == {"Nil"}
    assert {charge.text for charge in contingent_charges(terms_of())} == {"Nil"}


@pytest.mark.parametrize(
    ("issued_on", "expected"),
    [
        (date(2026, 1, 10), date(2026, 1, 14)),  # a Saturday: Monday, Tuesday, Wednesday
        (date(2026, 1, 12), date(2026, 1, 15)),
        (date(2026, 1, 15), date(2026, 1, 20)),  # over a weekend
        (date(2026, 1, 22), date(2026, 1, 28)),  # over a weekend and Republic Day
        (date(2026, 8, 13), date(2026, 8, 18)),  # Independence Day is a Saturday
        (date(2026, 10, 1), date(2026, 10, 7)),  # Gandhi Jayanti is a Friday
    ],
)
def test_an_offer_stays_open_for_three_working_days(issued_on: date, expected: date) -> None:
    assert offer_valid_until(issued_on) == expected


def test_the_lenders_own_holidays_lengthen_an_offer() -> None:
    assert offer_valid_until(date(2026, 1, 12), {date(2026, 1, 14)}) == date(2026, 1, 16)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_there_are_three_working_days_at_least_in_an_offers_time(issued_on: date) -> None:
    last = offer_valid_until(issued_on)
    days = (date.fromordinal(n) for n in range(issued_on.toordinal() + 1, last.toordinal() + 1))
    assert sum(is_working_day(day) for day in days) == 3
    assert is_working_day(last)


def test_an_offer_says_how_long_it_binds_the_lender_and_a_loan_does_not() -> None:
    offer = key_facts_of(usual_credit())
    assert offer.issued_on == ISSUED
    assert "open until 14 January 2026" in key_facts_paper(offer).subtitle
    assert "the lender is bound by it" in texts_in(offer)
    loan = replace(offer, proposal_number="LN-2026-0457", valid_until=None)
    assert key_facts_paper(loan).subtitle == "Loan account LN-2026-0457"
    assert "the lender is bound by it" not in texts_in(loan)


def texts_in(kfs: KeyFacts) -> str:
    """Return the running text of the document."""
    blocks = key_facts_paper(kfs).blocks
    return " ".join(block.text for block in blocks if isinstance(block, Paragraph))
