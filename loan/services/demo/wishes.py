"""What made-up borrowers ask for, when, and how they will pay it back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from bright_credit.common.money import round_down_to_step
from loan.models import LoanApplication
from loan.services.demo.batch import Member
from loan.services.demo.catalogue import LAKH, RUPEE
from loan.services.demo.payers import (
    Payer,
    catching_up,
    giving_up,
    in_parts,
    on_time,
    quarter_by_quarter,
    rounding_up,
    some_days_early,
    some_days_late,
    twice_over,
)
from loan.services.demo.people import Person
from users.models import Borrower

_STEP = 1_000 * RUPEE
_LEAST, _MOST = 25_000 * RUPEE, 15 * LAKH
_TENURES = (6, 6, 9, 12, 12, 18, 24, 24, 36, 48)
_PURPOSES = tuple(LoanApplication.Purpose.values)

#: Of a hundred borrowers, how many pay in which way.
_PAYERS: tuple[tuple[Payer, int], ...] = (
    (on_time, 38),
    (some_days_early, 11),
    (some_days_late, 15),
    (in_parts, 7),
    (quarter_by_quarter, 5),
    (twice_over, 4),
    (rounding_up, 5),
    (catching_up, 6),
    (giving_up, 9),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A loan that a borrower will ask for on a day."""

    number: int
    borrower: Borrower
    on: date
    amount_paise: int
    tenure_months: int
    purpose: str
    payer: Payer


def wishes_of(members: Sequence[Member], *, until: date, rng: Random) -> list[Wish]:
    """Return the loans that most members ask for by a day, some of them two, in order of date."""
    drawn: list[tuple[date, Member, Payer]] = []
    for member in members:
        if rng.random() < 0.12:
            continue
        on = min(until, member.person.registered_on + timedelta(days=rng.randint(2, 45)))
        payer = rng.choices([one for one, _ in _PAYERS], [weight for _, weight in _PAYERS])[0]
        drawn.append((on, member, payer))
        later = on + timedelta(days=rng.randint(200, 420))
        if payer in (on_time, some_days_early, quarter_by_quarter) and later <= until:
            drawn.append((later, member, on_time))
    drawn.sort(key=lambda wish: (wish[0], wish[1].borrower.pk))
    return [
        Wish(
            number=number,
            borrower=member.borrower,
            on=on,
            amount_paise=_amount(member.person, rng),
            tenure_months=rng.choice(_TENURES),
            purpose=rng.choice(_PURPOSES),
            payer=payer,
        )
        for number, (on, member, payer) in enumerate(drawn, start=1)
    ]


def _amount(person: Person, rng: Random) -> int:
    wanted = person.monthly_income_paise * rng.randint(2, 14) // 2
    return round_down_to_step(min(_MOST, max(_LEAST, wanted)), step_paise=_STEP)
