"""The sanction letter and the certificates: what they say, and that their figures add up."""

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given

from loan.domain.servicing import replay
from statements.domain.financial_year import (
    FinancialYear,
    InvalidFinancialYear,
    financial_year_of,
    financial_years,
    parse_financial_year,
)
from statements.domain.letters import (
    InterestCertificate,
    NoDuesCertificate,
    SanctionLetter,
    capitalised_between,
    principal_owed_before,
    repayments,
)
from statements.domain.papers.letters import (
    interest_certificate_paper,
    no_dues_paper,
    sanction_letter_paper,
)
from statements.domain.papers.paper import FactList, Paper, Paragraph
from tests.unit.loan.histories import LAKH, RUPEE, History, few_examples, histories
from tests.unit.statements.documents import FIVE_LAKH, ISSUED, heads_of, usual_credit


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2026, 3, 31), "2025-26"),
        (date(2026, 4, 1), "2026-27"),
        (date(2000, 1, 1), "1999-00"),
        (date(2099, 12, 31), "2099-00"),
    ],
)
def test_a_day_lies_in_its_financial_year(day: date, name: str) -> None:
    year = financial_year_of(day)
    assert year.name == name
    assert year.first_day <= day <= year.last_day


def test_the_financial_years_of_a_loan_reach_from_its_first_day_to_now() -> None:
    names = [year.name for year in financial_years(date(2025, 3, 31), date(2026, 4, 1))]
    assert names == ["2024-25", "2025-26", "2026-27"]


def test_a_financial_year_is_read_back_from_its_name() -> None:
    assert parse_financial_year("2025-26") == FinancialYear(begins=2025)
    assert parse_financial_year("2099-00") == FinancialYear(begins=2099)


@pytest.mark.parametrize(
    "text",
    ["2025-27", "2025-25", "2025", "25-26", "2025-2026", "2025/26", "", "२०२५-२६", "1925-26"],
)
def test_what_is_no_financial_year_is_refused(text: str) -> None:
    with pytest.raises(InvalidFinancialYear):
        parse_financial_year(text)


@few_examples
@given(history=histories())
def test_the_years_of_a_loan_make_up_all_that_was_paid(history: History) -> None:
    step = replay(history.terms, history.events, history.as_of, schedule=history.schedule)
    years = financial_years(history.terms.disbursed_on, history.as_of)
    certificates = [certificate_of(history, year) for year in years]
    position = step.position
    assert sum(each.interest_paid_paise for each in certificates) == position.interest_paid_paise
    assert sum(each.principal_paid_paise for each in certificates) == position.principal_paid_paise
    for earlier, later in pairwise(certificates):
        assert earlier.closing_principal_paise == later.opening_principal_paise
    outstanding = history.terms.principal_paise - position.principal_paid_paise
    assert certificates[-1].closing_principal_paise == outstanding
    assert [each.is_provisional for each in certificates[:-1]] == [False] * (len(years) - 1)


def certificate_of(history: History, year: FinancialYear) -> InterestCertificate:
    until = min(year.last_day, history.as_of)
    effects = replay(history.terms, history.events, until, schedule=history.schedule).effects
    lent = history.terms.principal_paise
    lent_before = history.terms.disbursed_on < year.first_day
    return InterestCertificate(
        heads=heads_of("IC"),
        financial_year=year,
        until=until,
        amount_lent_paise=lent,
        annual_rate_bps=history.terms.annual_rate_bps,
        opening_principal_paise=principal_owed_before(history.terms, effects, year.first_day),
        disbursed_in_year_paise=0 if lent_before else lent,
        capitalised_in_year_paise=capitalised_between(effects, first=year.first_day, last=until),
        repayments=repayments(effects, first=year.first_day, last=until),
    )


def test_a_certificate_of_a_year_that_runs_says_that_it_is_provisional() -> None:
    history = History(
        terms=FIVE_LAKH, schedule=usual_credit().schedule, events=(), as_of=date(2026, 2, 1)
    )
    paper = interest_certificate_paper(certificate_of(history, FinancialYear(begins=2025)))
    assert paper.title == "Provisional interest certificate"
    assert "up to 1 February 2026" in words_of(paper)
    assert "Nothing was paid" in words_of(paper)


def test_the_sanction_letter_dates_the_classes_of_an_unpaid_instalment_as_rbi_does() -> None:
    letter = SanctionLetter(
        heads=heads_of("SL"),
        application_id="AP-2026-0003",
        purpose="Home renovation",
        sanctioned_on=ISSUED,
        credit=usual_credit(),
    )
    assert [(each.name.split()[0], each.since) for each in letter.milestones] == [
        ("SMA-0", date(2026, 2, 5)),
        ("SMA-1", date(2026, 3, 7)),
        ("SMA-2", date(2026, 4, 6)),
        ("NPA", date(2026, 5, 6)),
    ]
    words = words_of(sanction_letter_paper(letter))
    assert "We have sanctioned on your application AP-2026-0003 a loan of ₹5,00,000.00" in words
    assert "Paid out to you: ₹4,88,200.00" in words
    assert "Purpose: Home renovation" in words


def test_a_loan_that_was_taken_over_has_a_letter_without_an_application() -> None:
    letter = SanctionLetter(
        heads=heads_of("SL"),
        application_id=None,
        purpose=None,
        sanctioned_on=ISSUED,
        credit=usual_credit(),
    )
    words = words_of(sanction_letter_paper(letter))
    assert "We have sanctioned a loan of ₹5,00,000.00" in words
    assert "Purpose" not in words


@pytest.mark.parametrize(("refundable", "shown"), [(0, False), (1, True)])
def test_the_no_dues_certificate_names_what_is_to_be_refunded(refundable: int, shown: bool) -> None:
    certificate = NoDuesCertificate(
        heads=heads_of("ND"),
        disbursed_on=ISSUED,
        closed_on=date(2028, 1, 5),
        amount_lent_paise=5 * LAKH,
        principal_paid_paise=5 * LAKH,
        interest_paid_paise=87_555_51,
        charges_paid_paise=500 * RUPEE,
        refundable_paise=refundable,
    )
    words = words_of(no_dues_paper(certificate))
    assert "repaid in full and closed on 5 January 2028" in words
    assert ("To be refunded to you: ₹0.01" in words) is shown


def words_of(paper: Paper) -> str:
    """Return the running text and the facts of a paper, on one line."""
    parts: list[str] = []
    for block in paper.blocks:
        if isinstance(block, Paragraph):
            parts.append(block.text)
        elif isinstance(block, FactList):
            parts += [f"{label}: {value}" for label, value in block.rows]
    return " ".join(parts)
