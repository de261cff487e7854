"""Random deals: every kind of loan that may be agreed, and of every day."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import strategies as st

from tests.oracle.days import MONTHS, PERIODS_A_YEAR, day_of_month, moved
from tests.oracle.story import Deal

RUPEE = 100
METHODS = ("REDUCING_BALANCE", "FLAT", "EQUAL_PRINCIPAL", "INTEREST_ONLY")
ORDERS = ("OLDEST_INSTALMENT_FIRST", "CHARGES_FIRST", "PRINCIPAL_FIRST")
DAY_COUNTS = (
    "EQUAL_PERIODS",
    "ACTUAL_365",
    "ACTUAL_360",
    "ACTUAL_ACTUAL",
    "THIRTY_360",
    "THIRTY_E_360",
)
_SLABS = st.lists(
    st.tuples(st.integers(0, 120), st.sampled_from((1, 250 * RUPEE, 500 * RUPEE))),
    max_size=4,
    unique_by=lambda slab: slab[0],
)


@st.composite
def deals(
    draw: st.DrawFn,
    *,
    months: int = 24,
    disbursing: tuple[date, date] = (date(2019, 1, 1), date(2027, 12, 31)),
) -> Deal:
    """Draw what a loan may be agreed to be; some of them are of too few rupees for a schedule."""
    frequency = draw(st.sampled_from(tuple(PERIODS_A_YEAR)))
    of_quarters = draw(st.integers(1, months // 3)) * 3
    tenure = draw(st.integers(1, months)) if frequency == "MONTHLY" else of_quarters
    periods = tenure * PERIODS_A_YEAR[frequency] // 12
    idle = draw(st.one_of(st.just(0), st.integers(0, min(periods - 1, 5))))
    silent = draw(st.integers(0, idle))
    method = draw(st.sampled_from(METHODS))
    interests = ["WITH_FIRST_INSTALMENT", "WITH_LAST_INSTALMENT"]
    if silent and method != "FLAT":
        interests.append("CAPITALISED")
    disbursed = draw(st.dates(*disbursing))
    due_day = draw(st.integers(1, 31)) if frequency in MONTHS else None
    tiny, most = 100 * RUPEE, 500_000 * RUPEE
    deal = Deal(
        lent=draw(st.integers(tiny if draw(st.integers(0, 19)) == 0 else 5_000 * RUPEE, most)),
        rate_bps=0 if draw(st.integers(0, 9)) == 9 else draw(st.integers(300, 4_800)),
        tenure_months=tenure,
        method=method,
        instalment_rounding=draw(st.sampled_from(("PAISA", "RUPEE", "RUPEE_UP"))),
        split_rounding=draw(st.sampled_from(("PAISA", "RUPEE"))),
        frequency=frequency,
        day_count=draw(st.sampled_from(DAY_COUNTS)),
        disbursed=disbursed,
        first_due=disbursed,
        due_day=due_day,
        broken_interest=draw(st.sampled_from(("NONE", "UPFRONT", "WITH_FIRST_INSTALMENT"))),
        idle_periods=idle,
        silent_periods=silent,
        silent_interest=draw(st.sampled_from(interests)),
        grace_days=draw(st.integers(0, 40)),
        order=draw(st.sampled_from(ORDERS)),
        npa_order=draw(st.sampled_from(("", *ORDERS))),
        fee_returned=draw(st.booleans()),
    )
    fee = deal.lent * draw(st.integers(0, 300)) // 10_000
    deal = replace(deal, fee=fee, fee_gst=fee * 18 // 118)
    deal = _with_penal(deal, draw(st.sampled_from(("NONE", "SUM", "RATE", "SLABS"))), draw(_SLABS))
    return _with_first_due(deal, draw(st.integers(1, 50)))


def _with_penal(deal: Deal, rule: str, slabs: list[tuple[int, int]]) -> Deal:
    """Return the deal with a rule of penal charges; its figures are those of the slabs."""
    if not slabs or rule == "NONE":
        return deal
    days, amount = slabs[0]
    if rule == "SUM":
        return replace(deal, penal=amount)
    if rule == "RATE":
        return replace(deal, penal_bps=1 + days * 20)
    return replace(deal, penal_slabs=tuple(sorted(slabs)))


def _with_first_due(deal: Deal, gap_days: int) -> Deal:
    """Return the deal with a first due date some days after it is paid out, and a moratorium."""
    first = deal.disbursed + timedelta(days=gap_days)
    if deal.due_day is not None:
        agreed = day_of_month(first.year, first.month, deal.due_day)
        first = agreed if agreed >= first else moved(deal, agreed, 0)
        if first <= deal.disbursed:
            monthly = replace(deal, frequency="MONTHLY")
            first = moved(monthly, first, 1)
    return replace(deal, first_due=moved(deal, first, deal.silent_periods))
