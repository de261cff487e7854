"""Writing a borrower's class, and what it makes of the income of all the borrower's loans.

Inside a transaction that holds the rows of all loans of the borrower. The suspense of a loan is a
level (`loan.domain.unrealised`): whatever happened, the entry is the way from the level that its
row holds to the one that it should.
"""

from collections.abc import Iterable, Sequence
from datetime import date

from ledger.domain.entries import EntryDraft
from ledger.models import Entry
from ledger.services import post_entries
from loan.domain.asset_class import ClassChange
from loan.domain.posting_rules import suspense_transfers
from loan.domain.servicing import Step
from loan.domain.unrealised import NO_SUSPENSE, Suspense, unrealised
from loan.models import AssetClassChange, Event, Loan
from loan.selectors.impairment import Classified, classified_by_folds, suspense_of
from loan.selectors.loans import state_of

SUSPENSE_KIND = "INCOME_SUSPENDED"

_COLUMNS = (
    "borrower_npa_since",
    "borrower_marked_class",
    "suspended_interest_paise",
    "suspended_charges_paise",
    "suspended_penal_paise",
    "suspended_fees_paise",
)


def follow(loan: Loan, step: Step, reclassified: Classified, *, event: Event) -> None:
    """Write the class that an event brought, and the suspense that follows from both.

    Nothing is written, nor read, of a borrower who was and is standard.
    """
    record_changes(loan.borrower_id, reclassified.changes, event=event, booked_on=event.booked_on)
    before = (loan.borrower_npa_since, loan.borrower_marked_class)
    after = (reclassified.npa_since, reclassified.marked)
    if before == after == (None, None):
        return
    levels = [(loan, unrealised(step.position, step.schedule))]
    if before != after:
        others = Loan.objects.filter(borrower=loan.borrower_id).exclude(pk=loan.pk).order_by("pk")
        levels += [(other, _level(other)) for other in others]
    _suspend(
        levels,
        reclassified,
        value_date=event.booked_on,
        cause=f"{event.loan_id}/{event.sequence}",
        actor=event.actor,
    )


def classify_after_calendar(loan: Loan, *, open_date: date) -> None:
    """Write the class of a loan's borrower after the loan was brought to the book's date by itself.

    That is when it is taken over, or comes back from quarantine.
    """
    loans = list(
        Loan.objects.select_for_update(no_key=True).filter(borrower=loan.borrower_id).order_by("pk")
    )
    if all(one.npa_since is None and one.borrower_npa_since is None for one in loans):
        return
    reclassified = classified_by_folds(loan.borrower_id, on=open_date)
    record_changes(loan.borrower_id, reclassified.changes, event=None, booked_on=open_date)
    prefix = f"CALENDAR/{open_date}"
    number = Entry.objects.filter(reference__startswith=f"SUSPENSE/{loans[0].pk}/{prefix}").count()
    _suspend(
        [(one, _level(one)) for one in loans],
        reclassified,
        value_date=open_date,
        cause=f"{prefix}/{number}" if number else prefix,
        actor="system",
    )
    loan.refresh_from_db(fields=_COLUMNS)


def record_changes(
    borrower_key: int, changes: Iterable[ClassChange], *, event: Event | None, booked_on: date
) -> None:
    """Append changes of a borrower's class."""
    rows = [
        AssetClassChange(
            borrower_id=borrower_key,
            effective_on=change.effective_on,
            asset_class=change.asset_class.value,
            npa_since=change.npa_since,
            marked_class=change.marked,
            booked_on=booked_on,
            event=event,
        )
        for change in changes
    ]
    if rows:
        AssetClassChange.objects.bulk_create(rows)


def _level(loan: Loan) -> Suspense:
    state = state_of(loan)
    return unrealised(state.position, state.schedule)


def _suspend(
    levels: Sequence[tuple[Loan, Suspense]],
    to: Classified,
    *,
    value_date: date,
    cause: str,
    actor: str,
) -> None:
    """Bring the suspense of each loan to its level, or to nothing when none is non-performing."""
    drafts = []
    for loan, level in levels:
        before, after = suspense_of(loan), NO_SUSPENSE if to.npa_since is None else level
        loan.borrower_npa_since = to.npa_since
        loan.borrower_marked_class = to.marked
        loan.suspended_interest_paise = after.interest_paise
        loan.suspended_charges_paise = after.charges_paise
        loan.suspended_penal_paise = after.penal_paise
        loan.suspended_fees_paise = after.fees_paise
        loan.save(update_fields=_COLUMNS)
        if transfers := suspense_transfers(before, after):
            drafts.append(
                EntryDraft(
                    value_date=value_date,
                    kind=SUSPENSE_KIND,
                    reference=f"SUSPENSE/{loan.pk}/{cause}",
                    transfers=transfers,
                    loan_id=loan.pk,
                )
            )
    if drafts:
        post_entries(drafts, actor=actor, must_be_new=True)
