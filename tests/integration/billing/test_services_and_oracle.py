"""A book lived through the services, against the oracle: classes, income and every account.

The oracle (`tests.oracle`) reckons each borrower from the rules, one day after the other, and
shares no code with the product: here it is the set-based SQL of the day's end, and the services
of those who pay and write off, that it is compared with.
"""

import random
from collections import Counter
from datetime import date, timedelta

import pytest

from bright_credit.common.errors import DomainError
from ledger.models import Transfer
from loan.domain.allocation import AllocationOrder
from loan.domain.asset_class import in_force
from loan.domain.events import WriteOffKind
from loan.domain.terms import LoanTerms
from loan.models import AssetClassChange, Charge, Loan, Payment
from loan.selectors.accruals import accrued_on, known_now
from loan.selectors.impairment import as_change
from loan.selectors.provisions import exposures
from loan.services.billing.bill_range import bill_range
from loan.services.billing.classifying import classify_day
from loan.services.billing.steps import bring_to_end
from loan.services.charges import levy_charge
from loan.services.happening import Author, next_sequence
from loan.services.impairment import classify_after_calendar
from loan.services.payments import PaymentOrder, post_payment, reverse_payment
from loan.services.writing_off import settle, write_off
from tests.builders import a_borrower, a_product
from tests.integration.billing.twins import Twin, random_terms
from tests.oracle.borrower import Day, day_by_day
from tests.oracle.closing import closing_of
from tests.oracle.story import Charged, Deal, Happening, Paid, Refused, TakenBack, WrittenOff
from tests.oracle.telling import Telling

pytestmark = pytest.mark.django_db

BEGINS = date(2028, 1, 20)
DAYS = 75
EVERY_LOAN = 2**62
BORROWERS = 16
LOANS = 32
COMMITTEE = Author(actor="accountant", reason="as the committee decided")
ACTS = (*("DUES",) * 6, *("INSTALMENT",) * 3, "PART", "BOUNCE", "BOUNCE", "CHARGE", "WRITE_OFF")


def deal_of(terms: LoanTerms) -> Deal:
    """Return terms in the oracle's words."""
    return Deal(
        lent=terms.principal_paise,
        rate_bps=terms.annual_rate_bps,
        tenure_months=terms.tenure_months,
        method=terms.interest_method.value,
        instalment_rounding=terms.instalment_rounding.value,
        split_rounding=terms.split_rounding.value,
        frequency=terms.frequency.value,
        day_count=terms.day_count.value,
        disbursed=terms.disbursed_on,
        first_due=terms.first_due_date,
        due_day=terms.due_day,
        broken_interest=terms.broken_period_interest.value,
        idle_periods=terms.principal_moratorium_periods,
        silent_periods=terms.interest_moratorium_periods,
        silent_interest=terms.moratorium_interest.value,
        grace_days=terms.penal_grace_days,
        penal=terms.penal_charge_paise,
        penal_bps=terms.penal_rate_bps,
        penal_slabs=tuple((slab.after_days, slab.amount_paise) for slab in terms.penal_slabs),
        order=AllocationOrder.of(terms.waterfall).value,
        npa_order=AllocationOrder.of(terms.npa_waterfall).value if terms.npa_waterfall else "",
    )


class Life:
    """A loan in the database, and told to the oracle."""

    def __init__(self, terms: LoanTerms, borrower: int) -> None:
        self.key = Twin.of_terms(terms, product=a_product()).key
        Loan.objects.filter(pk=self.key).update(borrower=borrower)
        self.telling = Telling(deal_of(terms))
        self.payments: list[tuple[int, Payment]] = []

    @property
    def loan(self) -> Loan:
        return Loan.objects.get(pk=self.key)

    def live(self, act: str, chance: random.Random, day: date, *, npa: bool) -> str:
        """Let one thing happen to both; return what it was, or how it was refused, by both."""
        self.telling.wait_until(day)
        number = next_sequence(self.loan)
        happenings = self._happenings(act, chance, number, npa=npa)
        if not happenings:
            return "nothing"
        ours = "taken"
        try:
            for happening in happenings:
                self.telling.hear(happening)
        except Refused as refusal:
            ours = refusal.rule
        try:
            self._serve(happenings, day)
            theirs = "taken"
        except DomainError as refusal:
            theirs = refusal.code
        assert ours == theirs, (self.telling.deal, self.telling.known, happenings)
        return act if ours == "taken" else ours

    def _happenings(
        self, act: str, chance: random.Random, number: int, *, npa: bool
    ) -> list[Happening]:
        book = self.telling.book
        on, due = book.day, sum(line.unpaid for line in book.lines if line.billed)
        due += sum(fee.unpaid for fee in book.fees)
        usual = book.lines[-1].row.total
        owed = closing_of(book, charge_bps=0, gst_bps=0).amount
        match act:
            case "BOUNCE":
                gone = {one.which for one in self.telling.known if isinstance(one, TakenBack)}
                left = [key for key, _ in self.payments if key not in gone]
                which = chance.choice(left) if left else 0
                return [TakenBack(number=number, on=on, which=which)] if left else []
            case "CHARGE":
                key = f"VISIT-{number}"
                return [Charged(number=number, on=on, key=key, amount=118_00, gst=18_00)]
            case "WRITE_OFF" if not npa:
                return []
            case "WRITE_OFF" if number % 3 == 0 and owed > 1 and not book.closed_on:
                paid = Paid(number=number, on=on, amount=max(1, owed // 3))
                kind, by = "SETTLEMENT", number
                return [paid, WrittenOff(number=number + 1, on=on, kind=kind, settled_by=by)]
            case "WRITE_OFF":
                kind = "FULL" if number % 3 == 1 else "TECHNICAL"
                return [WrittenOff(number=number, on=on, kind=kind)]
            case "DUES":
                return [Paid(number=number, on=on, amount=due)] if due else []
            case _:
                whole = act == "INSTALMENT"
                amount = usual * chance.randint(1, 4) if whole else chance.randint(1, usual)
                return [Paid(number=number, on=on, amount=amount)]

    def _serve(self, happenings: list[Happening], day: date) -> None:
        loan, first = self.loan, happenings[0]
        match first:
            case Paid():
                order = PaymentOrder(
                    loan_id=loan.public_id,
                    amount_paise=first.amount,
                    payment_method="UPI",
                    reference_id=f"LIFE-{self.key}-{first.number}",
                )
                if len(happenings) > 1:
                    settle(order, as_of=day, by=COMMITTEE)
                else:
                    post_payment(order, as_of=day)
                payment = Payment.objects.get(reference_id=order.reference_id)
                self.payments.append((first.number, payment))
            case TakenBack():
                reverse_payment(dict(self.payments)[first.which].pk, as_of=day, by=COMMITTEE)
            case Charged():
                net = first.amount - first.gst
                levy_charge(
                    loan.public_id, key=first.key, amount_paise=net, as_of=day, by=COMMITTEE
                )
                assert Charge.objects.get(loan=loan, key=first.key).gst_paise == first.gst
            case WrittenOff():
                write_off(loan.public_id, WriteOffKind(first.kind), as_of=day, by=COMMITTEE)


def a_book(chance: random.Random) -> dict[int, list[Life]]:
    """Return loans of every kind, two a borrower, unpaid so far, by the borrower's key."""
    a_product()
    lives: dict[int, list[Life]] = {}
    eve = BEGINS - timedelta(days=1)
    for number in range(LOANS):
        if number < BORROWERS:
            lives[a_borrower().pk] = []
        borrower = list(lives)[number % BORROWERS]
        disbursed_on = BEGINS - timedelta(days=chance.choice([12, 75, 100, 110, 118, 150]))
        lives[borrower].append(
            Life(random_terms(chance, disbursed_on, capitalises=False), borrower)
        )
    every = [life for mine in lives.values() for life in mine]
    for life in every:
        bring_to_end(life.loan, eve)
    for life in every:
        classify_after_calendar(life.loan, open_date=BEGINS)
    return lives


@pytest.mark.parametrize("seed", [1, 2])
def test_a_book_lived_through_the_services_is_what_the_oracle_reckons(seed: int) -> None:
    chance, seen = random.Random(seed), Counter[str]()
    lives = a_book(chance)
    for offset in range(DAYS):
        day = BEGINS + timedelta(days=offset)
        for borrower in chance.sample(list(lives), 3):
            life = chance.choice(lives[borrower])
            npa = life.loan.borrower_npa_since is not None
            seen[life.live(chance.choice(ACTS), chance, day, npa=npa)] += 1
        bill_range(day, low=0, high=EVERY_LOAN)
        classify_day(day)
        if offset % 8 == 7 or offset == DAYS - 1:
            assert_same(lives, day, seen)
    assert min(seen["WRITE_OFF"], seen["BOUNCE"], seen["was NPA"], seen["was upgraded"]) > 1


def assert_same(lives: dict[int, list[Life]], day: date, seen: Counter[str]) -> None:
    """Compare each borrower, and the whole book, at a day's end."""
    accounts, exposed, accrued = Counter[str](), Counter[str](), 0
    for borrower, mine in lives.items():
        told = sorted(mine, key=lambda life: life.telling.deal.disbursed)
        stories = [(life.telling.deal, life.telling.known) for life in told]
        days = list(day_by_day(stories, [], day))
        ours = days[-1]
        assert_same_borrower(borrower, told, ours)
        seen["was NPA"] += ours.npa_since is not None
        seen["was upgraded"] += ours.npa_since is None and any(one.npa_since for one in days)
        accrued += sum(loan.accrued for loan in ours.loans)
        exposed[ours.state] += sum(loan.exposure for loan in ours.loans)
        for life in told:
            life.telling.wait_until(day)
            life.telling.book.end()
            accounts.update(life.telling.book.accounts)
        for loan in ours.loans:
            accounts["2400"] -= sum(loan.suspended)
            for code, paise in zip(("4000", "4200", "4300"), loan.suspended, strict=True):
                accounts[code] += paise
    assert booked() == {code: paise for code, paise in accounts.items() if paise}
    assert sum(one.accrued_paise for one in accrued_on(day, known_now())) == accrued
    found = {one.asset_class.value: one.exposure_paise for one in exposures(day)}
    assert found == dict(+exposed)


def booked() -> dict[str, int]:
    """Return the balance of every account, debits positive, those of zero left out."""
    sums = Counter[str]()
    for debit, credit, paise in Transfer.objects.values_list(
        "debit_id", "credit_id", "amount_paise"
    ):
        sums[debit] += paise
        sums[credit] -= paise
    return {code: paise for code, paise in sums.items() if paise}


def assert_same_borrower(borrower: int, told: list[Life], ours: Day) -> None:
    """Compare the class, and what each loan has in suspense."""
    for life, expected in zip(told, ours.loans, strict=True):
        loan = life.loan
        suspended = (
            loan.suspended_interest_paise,
            loan.suspended_charges_paise,
            loan.suspended_penal_paise,
        )
        assert (loan.borrower_npa_since, suspended) == (ours.npa_since, expected.suspended), (
            ours.day,
            [(one.telling.deal, one.telling.known) for one in told],
        )
    rows = AssetClassChange.objects.filter(borrower=borrower).order_by("id")
    recorded = in_force(as_change(row) for row in rows)
    assert (recorded[-1].asset_class if recorded else "STANDARD") == ours.state
