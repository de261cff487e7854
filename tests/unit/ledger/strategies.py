"""Random transfers and entries, for properties of the books."""

from datetime import date

from hypothesis import strategies as st

from ledger.domain.chart import AccountCode
from ledger.domain.entries import EntryDraft, TransferDraft

amounts = st.integers(min_value=1, max_value=10**15)
days = st.dates(min_value=date(2020, 1, 1), max_value=date(2030, 12, 31))

transfers = st.builds(
    lambda pair, amount_paise: TransferDraft(pair[0], pair[1], amount_paise),
    st.permutations(list(AccountCode)),
    amounts,
)
transfer_sets = st.lists(transfers, min_size=1, max_size=8).map(tuple)

drafts = st.builds(
    EntryDraft,
    value_date=days,
    kind=st.just("PAYMENT"),
    reference=st.uuids().map(str),
    transfers=transfer_sets,
    loan_id=st.none() | st.integers(min_value=1, max_value=2**63 - 1),
    narrative=st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20),
)
