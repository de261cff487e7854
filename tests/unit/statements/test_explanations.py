"""Every amount of a statement explains itself: the steps come to what is shown."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bright_credit.common import money
from loan.domain.events import ChargeKind, LoanEvent
from loan.domain.schedule import InstalmentPlan, amortization_schedule
from loan.domain.terms import (
    InstalmentRounding,
    InterestMethod,
    InvalidTerms,
    LoanTerms,
    SplitRounding,
)
from statements.domain.explanations.catalogue import AmountNotFound, explanations
from statements.domain.explanations.steps import Explanation, Rounding, Step, Unit
from tests.properties import as_many
from tests.unit.loan.histories import (
    LAKH,
    RUPEE,
    History,
    charged,
    few_examples,
    histories,
    paid,
    plain_terms,
    possible_terms,
    terms_of,
    terms_of_any_kind,
)
from tests.unit.statements.accounts import account_of, explained

FIVE_LAKH = terms_of(
    5 * LAKH,
    annual_rate_bps=1_600,
    tenure_months=24,
    disbursed_on=date(2026, 1, 10),
    first_due=date(2026, 2, 5),
    penal_charge_paise=500 * RUPEE,
)


def story(terms: LoanTerms, *events: LoanEvent, as_of: date) -> History:
    return History(terms=terms, schedule=amortization_schedule(terms), events=events, as_of=as_of)


@few_examples
@given(history=histories(), day_ended=st.booleans())
def test_every_amount_of_a_random_loan_is_explained_to_the_paisa(
    history: History, day_ended: bool
) -> None:
    account = account_of(history, day_ended=day_ended)
    found = explanations(account, amount=None)
    assert [each.amount for each in found if not each.agrees] == []
    assert len({each.amount for each in found}) == len(found)
    for each in found:
        assert all(step.text and step.rule.text and step.rule.source for step in each.steps)


@settings(max_examples=as_many(150), deadline=None)
@given(data=st.data())
def test_every_row_is_explained_for_any_frequency_day_count_and_moratorium(
    data: st.DataObject,
) -> None:
    terms = data.draw(terms_of_any_kind())
    try:
        history = story(terms, as_of=terms.disbursed_on)
    except InvalidTerms:
        return  # drawn nearly possible: there is no schedule to explain
    found = explained(account_of(history), "instalments")
    for plan in history.schedule:
        assert shown(found, plan) == (plan.total_paise, plan.principal_paise, plan.interest_paise)


@pytest.mark.parametrize("method", InterestMethod)
@few_examples
@given(data=st.data())
def test_every_row_of_a_schedule_is_explained_for_each_method_of_interest(
    method: InterestMethod, data: st.DataObject
) -> None:
    terms = data.draw(possible_terms().filter(lambda terms: terms.interest_method is method))
    history = story(terms, as_of=terms.disbursed_on)
    found = explained(account_of(history), "instalments")
    for plan in history.schedule:
        assert shown(found, plan) == (plan.total_paise, plan.principal_paise, plan.interest_paise)


def shown(found: dict[str, Explanation], plan: InstalmentPlan) -> tuple[int, ...]:
    """Return what the steps come to, for the three amounts of a row."""
    names = ("amount", "principal", "interest")
    return tuple(found[f"instalments.{plan.number}.{name}"].derived for name in names)


@few_examples
@given(history=histories(), data=st.data())
def test_a_row_that_is_a_paisa_off_does_not_agree_with_its_explanation(
    history: History, data: st.DataObject
) -> None:
    number = data.draw(st.integers(1, len(history.schedule)))
    rows = list(history.schedule)
    rows[number - 1] = replace(rows[number - 1], interest_paise=rows[number - 1].interest_paise + 1)
    found = explained(account_of(replace(history, schedule=tuple(rows))))
    assert not found[f"instalments.{number}.interest"].agrees
    assert not found[f"instalments.{number}.amount"].agrees


@few_examples
@given(history=histories())
def test_each_step_rounds_its_exact_value_by_the_function_it_names(history: History) -> None:
    for each in explanations(account_of(history), amount=None):
        for step in each.steps:
            assert (step.exact_paise is None) == (step.rounding is None)
            if step.exact_paise is not None and step.rounding is not None:
                function = getattr(money, step.rounding.value)
                assert function(step.exact_paise) == step.result


@given(st.fractions(min_value=0, max_value=10**9))
def test_the_roundings_named_are_those_of_the_terms(paise: Fraction) -> None:
    for choice, rounding in (
        (InstalmentRounding.PAISA, Rounding.PAISA),
        (InstalmentRounding.RUPEE, Rounding.RUPEE),
        (InstalmentRounding.RUPEE_UP, Rounding.RUPEE_UP),
        (SplitRounding.PAISA, Rounding.PAISA),
        (SplitRounding.RUPEE, Rounding.RUPEE),
    ):
        assert choice.rounded(paise) == rounding.rounded(paise)


def test_the_third_interest_of_the_usual_loan_in_words_and_numbers() -> None:
    account = account_of(story(FIVE_LAKH, as_of=date(2026, 1, 10)))
    explanation = explained(account)["instalments.3.interest"]
    assert (explanation.label, explanation.value) == ("Interest of instalment 3", 6_188_42)
    owed, interest = explanation.steps
    # 500,000.00 − 17,815.33 − 18,052.87; a twelfth of 16 % of it.
    assert owed.text == "Owed before instalment 3: ₹5,00,000.00 − ₹35,868.20 = ₹4,64,131.80."
    assert interest.text == (
        "Interest of instalment 3: ₹4,64,131.80 × 16 % × 1/12 of a year = ₹6,188.424, "
        "rounded to the nearest paisa, halves up: ₹6,188.42."
    )


def test_the_instalment_of_the_usual_loan_in_words_and_numbers() -> None:
    account = account_of(story(FIVE_LAKH, as_of=date(2026, 1, 10)))
    steps = explained(account)["instalments.1.principal"].steps
    assert [step.result for step in steps] == [5 * LAKH, 6_666_67, 24_482 * RUPEE, 17_815_33]
    assert steps[2].text.endswith(
        "= ₹24,481.555258…, rounded to the nearest rupee, halves up: ₹24,482.00."
    )


def test_a_penal_charge_tells_what_was_unpaid_when_grace_was_over() -> None:
    history = story(FIVE_LAKH, paid(date(2026, 2, 6), 1_000), as_of=date(2026, 2, 20))
    (step,) = explained(account_of(history))["charges.PENAL-1.amount"].steps
    assert step.text == (
        "Instalment 1 was due on 5 February 2026. When its 3 days of grace were over, ₹23,482.00 "
        "of ₹24,482.00 was unpaid, so the flat charge of the terms, ₹500.00, was levied on "
        "9 February 2026."
    )
    assert step.rule.source.startswith("RBI/2023-24/53")


def test_a_payment_tells_what_it_met_what_was_held_and_what_was_too_much() -> None:
    terms = plain_terms()
    first, last = paid(date(2025, 2, 5), 1_500), paid(date(2025, 2, 20), 5_000, sequence=1)
    bounce = charged(date(2025, 2, 10), 100, kind=ChargeKind.BOUNCE)
    found = explained(account_of(story(terms, first, bounce, last, as_of=date(2025, 2, 20))))
    whole = f"payments.{last.key}.allocation"
    assert results(found[f"{whole}.charges"].steps) == [100 * RUPEE]
    # 5,000 less the charge; two instalments of 1,030 are to come, for which 470 are held already.
    assert results(found[f"{whole}.advance"].steps) == [4_900_00, 1_590_00, 1_590_00]
    assert results(found[f"{whole}.excess"].steps)[-1] == 3_310_00
    assert "Met: 20 February 2025, payment" in found[f"{whole}.charges"].steps[0].text
    assert "oldest first: interest before principal; then charges" in (
        found[f"{whole}.interest"].steps[0].rule.text
    )


def results(steps: tuple[Step, ...]) -> list[int]:
    return [step.result for step in steps]


def test_days_past_due_are_counted_from_the_oldest_unpaid_due_date() -> None:
    explanation = explained(account_of(story(FIVE_LAKH, as_of=date(2026, 3, 7))))[
        "loan_summary.days_past_due"
    ]
    assert (explanation.unit, explanation.value, explanation.derived) == (Unit.DAYS, 30, 30)
    assert "From 5 February 2026" in explanation.steps[0].text


def test_a_group_is_explained_whole_and_a_payments_dots_confuse_nothing() -> None:
    terms = plain_terms()
    dotted = replace(paid(date(2025, 2, 5), 10), key="UPI.7")
    plain = replace(paid(date(2025, 2, 6), 10, sequence=1), key="UPI")
    account = account_of(story(terms, dotted, plain, as_of=date(2025, 2, 6)))
    assert set(explained(account, "payments.UPI")) == {
        f"payments.UPI.{name}"
        for name in (
            "amount",
            "allocation.interest",
            "allocation.principal",
            "allocation.charges",
            "allocation.penal_charges",
            "allocation.advance",
            "allocation.excess",
        )
    }
    assert len(explained(account, "loan_summary")) == 14
    assert len(explained(account, "instalments.2")) == 5
    assert list(explained(account, "instalments.2.interest")) == ["instalments.2.interest"]


@pytest.mark.parametrize(
    "amount", ["instalments.4", "instalments.1.fee", "loan", "", ".", "x" * 99]
)
def test_an_amount_that_the_statement_does_not_show_is_not_found(amount: str) -> None:
    account = account_of(story(plain_terms(), as_of=date(2025, 2, 6)))
    with pytest.raises(AmountNotFound):
        explanations(account, amount=amount)
