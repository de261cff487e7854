"""Money as whole paise, and every rounding the code base knows.

Amounts are `int` paise everywhere inside; rupees exist only at the edge. Rounding happens in the
functions below and nowhere else, always on exact rationals, half away from zero unless the name
says otherwise (RBI Master Circular on Customer Service, 2015: fifty paise and above round up).
"""

import re
from decimal import Decimal
from fractions import Fraction

PAISE_PER_RUPEE = 100
BPS_PER_WHOLE = 10_000
_HUNDREDTH = Decimal("0.01")

#: The largest amount any single field accepts: ten lakh crore rupees, far below 2**63 paise.
MAX_AMOUNT_PAISE = 10**15

# ASCII digits only: `\d` would also take Devanagari digits. Fourteen integer digits bound the work.
_RUPEES = re.compile(r"(?P<sign>-?)(?P<whole>[0-9]{1,14})(?:\.(?P<part>[0-9]{1,2}))?", re.ASCII)


class NotAnAmount(ValueError):
    """The text is not an amount in rupees: the message names the rule it breaks."""


def parse_rupees(text: str) -> int:
    """Return the paise that a rupee amount such as `24500` or `20833.33` stands for.

    Only ASCII digits, an optional leading minus and at most two decimals are taken, and the length
    is bounded before any arithmetic: `1E+2000000`, `NaN`, `1_000`, `१२३` and `1,000` cost nothing
    and raise `NotAnAmount`.
    """
    match = _RUPEES.fullmatch(text) if len(text) <= 18 else None
    if match is None:
        raise NotAnAmount(
            "must be plain rupees with at most two decimals, such as 24500 or 20833.33"
        )
    part = (match["part"] or "").ljust(2, "0")
    paise = int(match["whole"]) * PAISE_PER_RUPEE + int(part)
    if paise > MAX_AMOUNT_PAISE:
        raise NotAnAmount("must not be more than 10,000,000,000,000 rupees")
    return -paise if match["sign"] else paise


def rupees(paise: int) -> int | Decimal:
    """Return an amount for JSON: an `int` when it is whole rupees, else a two-place `Decimal`."""
    if paise % PAISE_PER_RUPEE:
        return Decimal(paise) * _HUNDREDTH
    return paise // PAISE_PER_RUPEE


def format_rupees(paise: int) -> str:
    """Return an amount for people, grouped the Indian way: `₹1,23,456.78`."""
    whole, part = divmod(abs(paise), PAISE_PER_RUPEE)
    digits = str(whole)
    head, tail = digits[:-3], digits[-3:]
    groups = [head[max(0, end - 2) : end] for end in range(len(head), 0, -2)][::-1]
    sign = "-" if paise < 0 else ""
    return f"{sign}₹{','.join([*groups, tail])}.{part:02d}"


def round_half_up(amount: Fraction) -> int:
    """Return the nearest whole number, halves away from zero."""
    magnitude = (2 * abs(amount.numerator) + amount.denominator) // (2 * amount.denominator)
    return magnitude if amount >= 0 else -magnitude


def round_to_paisa(paise: Fraction) -> int:
    """Return an exact number of paise rounded half up to one paisa."""
    return round_half_up(paise)


def round_up_to_paisa(paise: Fraction) -> int:
    """Return an exact number of paise rounded up to the next paisa: obligations are not missed."""
    return -(-paise.numerator // paise.denominator)


def round_to_rupee(paise: Fraction) -> int:
    """Return an exact number of paise rounded half up to one rupee, in paise."""
    return round_half_up(paise / PAISE_PER_RUPEE) * PAISE_PER_RUPEE


def round_up_to_rupee(paise: Fraction) -> int:
    """Return an exact number of paise rounded up to the next whole rupee, in paise."""
    exact = paise / PAISE_PER_RUPEE
    return -(-exact.numerator // exact.denominator) * PAISE_PER_RUPEE


def round_down_to_step(paise: int, *, step_paise: int) -> int:
    """Return the largest multiple of `step_paise` that is not above `paise` (never below zero)."""
    return max(0, paise) // step_paise * step_paise


def share_in_bps(amount_paise: int, *, bps: int) -> int:
    """Return `bps` basis points of an amount, rounded half up to one paisa (fees, GST on fees)."""
    return round_to_paisa(Fraction(amount_paise * bps, BPS_PER_WHOLE))


def share_of_days(amount_paise: int, *, days: int, of_days: int) -> int:
    """Return the part of an amount that some of its days have, rounded down to one paisa.

    Nothing is earned before its day is over; all of the days have the whole amount.
    """
    return amount_paise * days // of_days


def ratio_in_bps(part_paise: int, *, whole_paise: int) -> int:
    """Return part ÷ whole in basis points, rounded up, so that a limit is never passed unseen."""
    return -(-part_paise * BPS_PER_WHOLE // whole_paise)


def rate_to_bps(rate: Fraction) -> int:
    """Return a yearly rate (0.16 is 16 % a year) in basis points, rounded half up."""
    return round_half_up(rate * BPS_PER_WHOLE)


def percent(bps: int) -> int | Decimal:
    """Return basis points as a percentage for JSON: 1600 → 16, 1846 → 18.46."""
    whole, part = divmod(bps, 100)
    return Decimal(bps) * _HUNDREDTH if part else whole


def format_exact_rupees(paise: Fraction) -> str:
    """Return an unrounded amount for people: `₹6,188.477466…`, cut off after six decimals.

    The ellipsis says that more follows. Nothing is computed with it.
    """
    millionths = abs(paise) * 10**6 / PAISE_PER_RUPEE
    shown = millionths.numerator // millionths.denominator
    whole, part = divmod(shown, 10**6)
    grouped = format_rupees(whole * PAISE_PER_RUPEE).removesuffix(".00")
    if millionths != shown:
        decimals = f"{part:06d}…"
    else:
        decimals = f"{part // 10**4:02d}" if part % 10**4 == 0 else f"{part:06d}".rstrip("0")
    return f"{'-' if paise < 0 else ''}{grouped}.{decimals}"
