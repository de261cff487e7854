"""Random lives of a small book, lived through the services: who pays what on which day."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count

from django.db import transaction
from hypothesis import strategies as st

from loan.domain.servicing import LoanClosedRefusesPayment
from loan.models import Loan, Payment
from loan.selectors.standing import loan_detail
from loan.services.offering import make_offer
from loan.services.payments import PaymentOrder, post_payment
from loan.services.takeover import take_over_loan
from tests.builders import DISBURSED, LAKH, RUPEE, a_borrower, a_product
from tests.flat_loan import a_flat_product

LOANS = 3
_numbers = count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentAct:
    """On a day of the life (0 is the first), a loan is paid so much."""

    day: int
    loan: int
    amount_paise: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """A life: how old the loans are when it begins, how long it is, and what is paid."""

    begins: date
    days: int
    payments: tuple[PaymentAct, ...]

    @property
    def last(self) -> date:
        """The last day of it."""
        return self.begins + timedelta(days=self.days - 1)

    def dates(self) -> Iterator[date]:
        """Yield each day of it."""
        return (self.begins + timedelta(days=n) for n in range(self.days))

    def payments_on(self, day: date) -> Iterator[PaymentAct]:
        """Yield what is paid on a day, in order."""
        return (act for act in self.payments if self.begins + timedelta(days=act.day) == day)


#: From a paisa to more than everything; whole instalments of each loan among them.
_AMOUNTS = st.one_of(
    st.sampled_from([1, 500 * RUPEE, 17_410_00, 24_500_00, 2 * 24_500_00, 7 * LAKH]),
    st.integers(1, 60_000 * RUPEE),
)

#: Just after disbursement; around the first due date; around SMA-2 and NPA of the first due.
_BEGINNINGS = st.sampled_from(
    [date(2026, 5, 3), date(2026, 2, 4), date(2026, 4, 3), date(2026, 1, 11)]
)


@st.composite
def lives(draw: st.DrawFn, *, longest: int = 40) -> Life:
    """Draw a life."""
    days = draw(st.integers(longest // 2, longest))
    acts = draw(
        st.lists(
            st.builds(
                PaymentAct,
                day=st.integers(0, days - 1),
                loan=st.integers(0, LOANS - 1),
                amount_paise=_AMOUNTS,
            ),
            min_size=2,
            max_size=10,
        )
    )
    return Life(
        begins=draw(_BEGINNINGS),
        days=days,
        payments=tuple(sorted(acts, key=lambda act: act.day)),
    )


@contextmanager
def undone() -> Iterator[None]:
    """Let what is done inside be undone at its end."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def a_book(life: Life) -> list[Loan]:
    """Return the loans of a life on its first day, with every day before it closed.

    A reducing-balance loan, a flat one, and one of a few months, nearly over and never paid, whose
    grace is a single day.
    """
    reducing, flat, short = a_product(), a_flat_product(), a_product()
    short.penal_grace_days = 1
    offers = [
        make_offer(
            product,
            principal_paise=principal,
            tenure_months=months,
            annual_rate_bps=rate,
            disbursed_on=disbursed_on,
        )
        for product, principal, months, rate, disbursed_on in (
            (reducing, 5 * LAKH, 24, 1_600, DISBURSED),
            (flat, 5 * LAKH, 24, 880, DISBURSED),
            (short, LAKH, 6, 1_600, date(2025, 8, 10)),
        )
    ]
    return [
        take_over_loan(offer, borrower=a_borrower(as_of=DISBURSED), as_of=life.begins)
        for offer in offers
    ]


def live_day(life: Life, loans: list[Loan], day: date) -> list[Payment]:
    """Make the day's payments; return those that were taken. A closed loan refuses its own."""
    taken = []
    for act in life.payments_on(day):
        order = PaymentOrder(
            loan_id=loans[act.loan].public_id,
            amount_paise=act.amount_paise,
            payment_method="UPI",
            reference_id=f"LIFE-{next(_numbers)}",
        )
        try:
            taken.append(post_payment(order, as_of=day).payment)
        except LoanClosedRefusesPayment:
            # Its row may not say so yet: the last due was met from advance, and no run has come.
            closed = loan_detail(loans[act.loan].public_id, as_of=day).loan
            assert closed.status == Loan.Status.CLOSED
    return taken
