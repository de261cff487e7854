"""The asset class of a borrower: RBI's income recognition and asset classification norms.

The class belongs to the borrower, not to a loan: one loan that is non-performing makes all loans of
the borrower non-performing, and all of them become standard again only when the entire arrears of
interest and principal on every one of them are paid. So it is state, told here from what was unpaid
when. How long the borrower has been non-performing gives the sub-class. SMA-0 to SMA-2 are no
state: they follow from the days past due of the worst loan, and fall back with them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from bright_credit.common.business_day import add_months
from loan.domain.delinquency import NPA_DAYS, Bucket, bucket


class AssetClass(StrEnum):
    """A borrower's class, the gravest last. From SUBSTANDARD on it is non-performing."""

    STANDARD = "STANDARD"
    SMA_0 = "SMA_0"
    SMA_1 = "SMA_1"
    SMA_2 = "SMA_2"
    SUBSTANDARD = "SUBSTANDARD"
    DOUBTFUL_1 = "DOUBTFUL_1"
    DOUBTFUL_2 = "DOUBTFUL_2"
    DOUBTFUL_3 = "DOUBTFUL_3"
    LOSS = "LOSS"

    @property
    def is_npa(self) -> bool:
        """Whether the class is a non-performing one."""
        return self in _NON_PERFORMING


_NON_PERFORMING = frozenset(
    {
        AssetClass.SUBSTANDARD,
        AssetClass.DOUBTFUL_1,
        AssetClass.DOUBTFUL_2,
        AssetClass.DOUBTFUL_3,
        AssetClass.LOSS,
    }
)

#: Months since a borrower became non-performing from which each sub-class begins. A year as
#: sub-standard makes the first year of doubtful, then two, then beyond. LOSS is never a matter of
#: time: it is identified by the lender or an auditor.
SUB_CLASSES: tuple[tuple[int, AssetClass], ...] = (
    (0, AssetClass.SUBSTANDARD),
    (12, AssetClass.DOUBTFUL_1),
    (24, AssetClass.DOUBTFUL_2),
    (48, AssetClass.DOUBTFUL_3),
)

_CLASS_OF_BUCKET = {
    Bucket.CURRENT: AssetClass.STANDARD,
    Bucket.SMA_0: AssetClass.SMA_0,
    Bucket.SMA_1: AssetClass.SMA_1,
    Bucket.SMA_2: AssetClass.SMA_2,
    Bucket.NPA: AssetClass.SUBSTANDARD,
}


@dataclass(frozen=True, slots=True)
class OldestUnpaid:
    """From the end of `from_date` on, the oldest unpaid instalment of a loan is of this due date.

    The due date may lie in the future; None says that all instalments are paid. `npa_since` is the
    day-end that made the loan non-performing by itself: a restructured loan stays so for a time
    although nothing is unpaid.
    """

    from_date: date
    due_date: date | None
    npa_since: date | None = None


@dataclass(frozen=True, slots=True)
class NpaPeriod:
    """A borrower was non-performing from the end of `since`, until `lifted_on` (None: still is)."""

    since: date
    lifted_on: date | None


@dataclass(frozen=True, slots=True)
class ClassChange:
    """From `effective_on` the borrower is of this class; it has been non-performing since a day."""

    effective_on: date
    asset_class: AssetClass
    npa_since: date | None


def sub_class(npa_since: date, day: date) -> AssetClass:
    """Return the sub-class at the end of `day` of who has been non-performing since a day-end."""
    reached = AssetClass.SUBSTANDARD
    for months, sub in SUB_CLASSES:
        if add_months(npa_since, months) <= day:
            reached = sub
    return reached


def state_on(npa_since: date | None, as_of: date, *, day_ended: bool) -> AssetClass:
    """Return the class as state on a day: STANDARD, or the sub-class of a non-performing asset.

    While a day has not ended, the class is still that of the day before.
    """
    if npa_since is None:
        return AssetClass.STANDARD
    classified = as_of if day_ended else as_of - timedelta(days=1)
    return sub_class(npa_since, max(npa_since, classified))


def class_on(
    oldest_unpaid_due_date: date | None, as_of: date, *, day_ended: bool, npa_since: date | None
) -> AssetClass:
    """Return the class on a day: the state, and SMA-0 to SMA-2 where that is standard.

    The due date is that of the oldest unpaid instalment of all the borrower's loans.
    """
    if npa_since is None:
        return _CLASS_OF_BUCKET[bucket(oldest_unpaid_due_date, as_of, day_ended=day_ended)]
    return state_on(npa_since, as_of, day_ended=day_ended)


def npa_periods(
    paths: Iterable[Sequence[OldestUnpaid]], *, through: date, classified_through: date
) -> tuple[NpaPeriod, ...]:
    """Return when a borrower was non-performing, by what was unpaid of each loan.

    `paths` are of the loans, each in the order of dates. Payments count through `through`, day-ends
    through `classified_through`.
    """
    loans = [_Unpaid.of(path) for path in paths]
    marks = sorted({mark for loan in loans for mark in loan.marks if mark <= classified_through})
    turns = sorted({day for loan in loans for day in loan.dates if day <= through})
    periods: list[NpaPeriod] = []
    lifted: date | None = date.min
    while lifted is not None:
        since = next((mark for mark in marks if mark > lifted), None)
        if since is None:
            break
        lifted = next(
            (day for day in turns if day > since and all(loan.is_clear(day) for loan in loans)),
            None,
        )
        periods.append(NpaPeriod(since, lifted))
    return tuple(periods)


def class_changes(
    periods: Iterable[NpaPeriod], *, classified_through: date
) -> tuple[ClassChange, ...]:
    """Return the changes of class that periods bring, through a day-end, in the order of dates."""
    changes: list[ClassChange] = []
    for period in periods:
        for months, sub in SUB_CLASSES:
            on = add_months(period.since, months)
            lifted_before = period.lifted_on is not None and period.lifted_on <= on
            if not lifted_before and (months == 0 or on <= classified_through):
                changes.append(ClassChange(on, sub, period.since))
        if period.lifted_on is not None:
            changes.append(ClassChange(period.lifted_on, AssetClass.STANDARD, None))
    return tuple(changes)


def in_force(recorded: Iterable[ClassChange]) -> list[ClassChange]:
    """Return the changes that hold, of all that were recorded, in the order of recording.

    A later one says how it is from its date on, whatever earlier ones said of that time.
    """
    held: list[ClassChange] = []
    for change in recorded:
        while held and held[-1].effective_on >= change.effective_on:
            held.pop()
        before = (held[-1].asset_class, held[-1].npa_since) if held else _AT_FIRST
        if (change.asset_class, change.npa_since) != before:
            held.append(change)
    return held


_AT_FIRST = (AssetClass.STANDARD, None)


def changes_to_record(
    recorded: Iterable[ClassChange], told: Sequence[ClassChange]
) -> tuple[ClassChange, ...]:
    """Return what has to be recorded so that the history that holds is the one that was told."""
    held = in_force(recorded)
    same = 0
    while same < min(len(held), len(told)) and held[same] == told[same]:
        same += 1
    following = list(told[same:])
    if same < len(held) and (not following or following[0].effective_on > held[same].effective_on):
        asset_class, npa_since = (
            (told[same - 1].asset_class, told[same - 1].npa_since) if same else _AT_FIRST
        )
        following.insert(0, ClassChange(held[same].effective_on, asset_class, npa_since))
    return tuple(following)


class _Unpaid:
    """What was unpaid of a loan, to be asked of any day. Of two changes a day the last holds."""

    __slots__ = ("_path", "dates")

    def __init__(self, changes: dict[date, OldestUnpaid]) -> None:
        self.dates = sorted(changes)
        self._path = [changes[day] for day in self.dates]

    @classmethod
    def of(cls, path: Iterable[OldestUnpaid]) -> "_Unpaid":
        """Return it from a loan's path."""
        return cls({change.from_date: change for change in path})

    @property
    def marks(self) -> Iterable[date]:
        """The day-ends that make the loan non-performing: a due is 90 days old, or as it says."""
        ends = [*self.dates[1:], date.max]
        for change, end in zip(self._path, ends, strict=True):
            if change.npa_since is not None:
                yield change.npa_since
            if change.due_date is not None:
                mark = max(change.from_date, change.due_date + timedelta(days=NPA_DAYS))
                if mark < end:
                    yield mark

    def is_clear(self, day: date) -> bool:
        """Return whether at a day's end nothing due is unpaid, nor the loan held as an NPA."""
        last = None
        for change in self._path:
            if change.from_date > day:
                break
            last = change
        if last is None:
            return True
        return last.npa_since is None and (last.due_date is None or last.due_date > day)
