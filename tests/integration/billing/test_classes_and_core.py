"""The classes of borrowers that the run and the payers write, against a reckoning of the core's."""

import random
from collections import Counter, defaultdict
from datetime import date, timedelta

import pytest

from ledger.models import Transfer
from loan.domain.asset_class import AssetClass, in_force, state_on
from loan.domain.events import PaymentReceived
from loan.domain.position import oldest_unpaid_due_date
from loan.domain.unrealised import NO_SUSPENSE, unrealised
from loan.models import AssetClassChange, Loan
from loan.selectors.impairment import as_change, suspense_of
from loan.services.billing.bill_range import bill_range
from loan.services.billing.classifying import classify_day
from loan.services.billing.steps import bring_to_end
from loan.services.class_marks import ClassNotWorse, MarkOrder, mark_class
from loan.services.happening import Author
from loan.services.impairment import classify_after_calendar
from tests.builders import a_borrower, a_product
from tests.integration.billing.twins import Twin, random_terms

pytestmark = pytest.mark.django_db

BEGINS = date(2028, 1, 20)
EVERY_LOAN = 2**62
BORROWERS = 9
LOANS = 27

#: By borrower: the days on which a person marks them, and as what; None lifts the mark.
MARKS: dict[int, dict[int, AssetClass | None]] = {
    1: {15: AssetClass.DOUBTFUL_2, 25: AssetClass.LOSS, 45: None},
    4: {20: AssetClass.LOSS},
    6: {10: AssetClass.LOSS, 30: None, 50: AssetClass.SUBSTANDARD},
}


class Reckoning:
    """Since when each borrower is non-performing, reckoned by the day from the core's positions."""

    def __init__(self, twins: list[Twin]) -> None:
        self.of_borrower: defaultdict[int, list[Twin]] = defaultdict(list)
        self.since: dict[int, date | None] = {}
        self.marked: dict[int, tuple[date, AssetClass]] = {}
        self.seen: Counter[str] = Counter()
        for number, twin in enumerate(twins):
            self.of_borrower[number % BORROWERS].append(twin)

    def mark(self, borrower: int, asset_class: AssetClass | None, day: date) -> None:
        """Mark a borrower before the day's end: non-performing since its loans say so, or now."""
        if asset_class is None:
            del self.marked[borrower]
            return
        begun, _ = self.marked.get(borrower, (self.since[borrower] or day, None))
        self.marked[borrower] = (begun, asset_class)

    def standing(self, borrower: int) -> tuple[date | None, AssetClass | None]:
        """Return since when a borrower is non-performing, and as what it is marked."""
        return self.marked.get(borrower, (self.since[borrower], None))

    def end(self, day: date) -> None:
        """End a day: an upgrade by the day's payments first, then the class of its end."""
        for borrower, twins in self.of_borrower.items():
            dues = [oldest_unpaid_due_date(twin.position, twin.schedule) for twin in twins]
            arrears = [(day - due).days for due in dues if due is not None and due <= day]
            since = self.since.get(borrower)
            if since is not None and not arrears:
                since = None
                self.seen["upgraded"] += 1
            if since is None and arrears and max(arrears) >= 90:
                since = day - timedelta(days=max(arrears) - 90)
                self.seen["npa"] += 1
            self.since[borrower] = since


@pytest.mark.parametrize("seed", [1, 2])
def test_sixty_days_of_a_random_book_have_the_classes_and_the_suspense_of_the_core(
    seed: int,
) -> None:
    chance = random.Random(seed)
    twins, borrowers = _a_book(chance)
    reckoning = Reckoning(twins)
    reckoning.end(BEGINS - timedelta(days=1))
    _assert_same(reckoning, borrowers, BEGINS - timedelta(days=1))
    for offset in range(60):
        day = BEGINS + timedelta(days=offset)
        _pay_some(chance, twins, day, offset)
        _mark_some(reckoning, day, offset)
        for twin in twins:
            twin.end(day)
        reckoning.end(day)
        bill_range(day, low=0, high=EVERY_LOAN)
        classify_day(day)
        _assert_same(reckoning, borrowers, day)
    assert reckoning.seen["npa"] > 3
    assert reckoning.seen["upgraded"] > 1
    assert reckoning.seen["marked"] > 2
    assert reckoning.seen["lifted"] > 1


def _a_book(chance: random.Random) -> tuple[list[Twin], list[int]]:
    """Return loans of every kind, three a borrower, unpaid so far, and the borrowers' keys."""
    borrowers = [a_borrower().pk for _ in range(BORROWERS)]
    twins = []
    for number in range(LOANS):
        disbursed_on = BEGINS - timedelta(days=chance.choice([12, 40, 75, 100, 110, 118, 150]))
        twin = Twin.of_terms(
            random_terms(chance, disbursed_on, capitalises=False),
            product=a_product(),
            pays_fee=number % 3 == 1,
        )
        Loan.objects.filter(pk=twin.key).update(borrower=borrowers[number % BORROWERS])
        bring_to_end(Loan.objects.get(pk=twin.key), BEGINS - timedelta(days=1))
        twin.end(BEGINS - timedelta(days=1))
        twins.append(twin)
    for twin in twins:
        classify_after_calendar(Loan.objects.get(pk=twin.key), open_date=BEGINS)
    return twins, borrowers


def _pay_some(chance: random.Random, twins: list[Twin], day: date, offset: int) -> None:
    for twin in chance.sample(twins, 4):
        usual = twin.schedule[-1].total_paise
        twin.happen(
            PaymentReceived(
                key=f"P{offset}",
                value_date=day,
                sequence=len(twin.told) + 1,
                amount_paise=chance.choice([1, usual // 2, usual, 3 * usual, 40 * usual]),
            )
        )


def _mark_some(reckoning: Reckoning, day: date, offset: int) -> None:
    for borrower, marks in MARKS.items():
        loans = [
            loan
            for twin in reckoning.of_borrower[borrower]
            for loan in [Loan.objects.get(pk=twin.key)]
            if loan.status == Loan.Status.ACTIVE
        ]
        if offset in marks and loans and (marks[offset] or borrower in reckoning.marked):
            order = MarkOrder(loan_id=loans[0].public_id, asset_class=marks[offset])
            try:
                mark_class(order, as_of=day, by=Author(actor="auditor", reason="fraud"))
            except ClassNotWorse:
                continue  # it is sub-standard already
            reckoning.mark(borrower, marks[offset], day)
            reckoning.seen["marked" if marks[offset] else "lifted"] += 1


def _assert_same(reckoning: Reckoning, borrowers: list[int], day: date) -> None:
    held = 0
    for number, borrower in enumerate(borrowers):
        since, marked = reckoning.standing(number)
        for twin in reckoning.of_borrower[number]:
            loan = Loan.objects.get(pk=twin.key)
            expected = NO_SUSPENSE
            if since is not None:
                expected = unrealised(twin.position, twin.schedule)
            assert (loan.borrower_npa_since, suspense_of(loan)) == (since, expected), (number, day)
            held += expected.total_paise
        rows = AssetClassChange.objects.filter(borrower=borrower).order_by("id")
        recorded = in_force(as_change(row) for row in rows)
        if recorded or since:
            assert (recorded[-1].npa_since, recorded[-1].marked) == (since, marked)
            assert recorded[-1].asset_class is state_on(since, day, day_ended=True, marked=marked)
    booked = 0
    for debit, credit, paise in Transfer.objects.values_list(
        "debit_id", "credit_id", "amount_paise"
    ):
        booked += paise * ((credit == "2400") - (debit == "2400"))
    assert booked == held
