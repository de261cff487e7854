"""What is true of any change of terms, of any loan."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import assume, given, reject
from hypothesis import strategies as st

from loan.domain.events import (
    ChangeOfTerms,
    DueDay,
    Holiday,
    HolidayInterest,
    Keeping,
    PaymentReceived,
    Tenor,
    Towards,
)
from loan.domain.lifecycle import LoanStatus
from loan.domain.terms import InvalidTerms, LoanTerms
from tests.unit.loan.histories import few_examples, possible_terms, terms_of_any_kind
from tests.unit.loan.test_rescheduling import agreed, quote, rows, told


def changes() -> st.SearchStrategy[ChangeOfTerms]:
    return st.one_of(
        st.builds(DueDay, due_day=st.integers(1, 31)),
        st.builds(
            Holiday,
            instalments=st.integers(1, 6),
            interest=st.sampled_from(HolidayInterest),
            keeping=st.sampled_from(Keeping),
        ),
        st.builds(Tenor, instalments=st.integers(1, 40)),
    )


@few_examples
@given(
    terms=st.one_of(possible_terms(max_tenure=14), terms_of_any_kind(max_months=12)),
    change=changes(),
    after=st.integers(0, 400),
    ahead=st.integers(0, 120),
)
def test_any_change_keeps_the_principal_the_dues_before_it_and_the_order_of_dates(
    terms: LoanTerms, change: ChangeOfTerms, after: int, ahead: int
) -> None:
    on = terms.disbursed_on + timedelta(days=after)
    event = agreed(change, on=on, from_date=on + timedelta(days=ahead))
    try:
        before = told(terms, until=on)
    except InvalidTerms:
        reject()  # such a loan is never made
    assume(before.position.billed_through < len(before.schedule))
    step = told(terms, event, until=on)
    old, new = rows(before), rows(step)
    added = step.position.holiday_interest_paise - before.position.holiday_interest_paise
    assert sum(row.principal_paise for row in new) == added + sum(
        row.principal_paise for row in old
    )
    kept = [row for row in old if row.due_date <= on or row.due_date < event.from_date]
    assert new[: len(kept)] == kept
    dates = [row.due_date for row in new]
    assert dates == sorted(set(dates))
    assert [row.number for row in new] == list(range(1, len(new) + 1))
    assert all(row.interest_paise >= 0 and row.principal_paise >= 0 for row in new)
    # Of where the loan stands, only what a holiday will add to the principal is new.
    assert replace(step.position, holiday_ends_on=None, holiday_interest_paise=0) == before.position


@few_examples
@given(
    terms=possible_terms(max_tenure=14),
    change=changes(),
    after=st.integers(0, 300),
    days=st.integers(0, 200),
)
def test_a_rescheduled_loan_is_closed_by_its_quote_to_the_paisa(
    terms: LoanTerms, change: ChangeOfTerms, after: int, days: int
) -> None:
    event = agreed(change, on=terms.disbursed_on + timedelta(days=after))
    on = event.value_date + timedelta(days=days)
    asked = quote(terms, event, on=on)
    assume(asked.amount_paise > 1)
    closing = PaymentReceived(
        key="CLOSE",
        value_date=on,
        sequence=90,
        amount_paise=asked.amount_paise,
        towards=Towards.FORECLOSURE,
    )
    closed = told(terms, event, closing, until=on).position
    assert (closed.status, closed.excess_paise) == (LoanStatus.CLOSED, 0)
    less = replace(closing, amount_paise=asked.amount_paise - 1)
    assert told(terms, event, less, until=on).position.status is LoanStatus.ACTIVE


@few_examples
@given(
    terms=possible_terms(max_tenure=14),
    change=changes(),
    after=st.integers(0, 300),
    one=st.integers(0, 200),
    other=st.integers(0, 200),
)
def test_the_interest_of_a_rescheduled_loan_never_falls_from_one_day_to_a_later_one(
    terms: LoanTerms, change: ChangeOfTerms, after: int, one: int, other: int
) -> None:
    event = agreed(change, on=terms.disbursed_on + timedelta(days=after))
    early, late = sorted((one, other))
    asked = [
        quote(terms, event, on=event.value_date + timedelta(days=days)) for days in (early, late)
    ]
    # Interest that becomes principal on the way is owed as that.
    owed = [
        each.principal_paise + each.interest_due_paise + each.accrued_interest_paise
        for each in asked
    ]
    assert owed[0] <= owed[1]
