"""The asset class of a borrower: RBI's income recognition and asset classification norms.

The class belongs to the borrower, not to a loan: one loan that is non-performing makes all loans of
the borrower non-performing, and all of them become standard again only when the entire arrears of
interest and principal on every one of them are paid. So it is state, told here from what was unpaid
when. How long the borrower has been non-performing gives the sub-class. SMA-0 to SMA-2 are no
state: they follow from the days past due of the worst loan, and fall back with them.

A person may mark a borrower as of a worse class, as for fraud. While the mark stands, the class is
the worse one of both, whatever is paid; it goes when a person lifts it, and only then.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
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


def worse_of(one: AssetClass, other: AssetClass | None) -> AssetClass:
    """Return the graver class of two; None is none."""
    return one if other is None or _GRAVITY[one] >= _GRAVITY[other] else other


_GRAVITY = {asset_class: gravity for gravity, asset_class in enumerate(AssetClass)}

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
class Mark:
    """From `from_date` a person has the borrower marked as of a class; None: not any more."""

    from_date: date
    asset_class: AssetClass | None


@dataclass(frozen=True, slots=True)
class ClassChange:
    """From `effective_on` the borrower is of this class; it has been non-performing since a day.

    `marked` is the class that a person has it marked as, if any: it is of no better one.
    """

    effective_on: date
    asset_class: AssetClass
    npa_since: date | None
    marked: AssetClass | None = None

    @property
    def state(self) -> tuple[AssetClass, date | None, AssetClass | None]:
        """What the borrower is, apart from when it became so."""
        return self.asset_class, self.npa_since, self.marked


def sub_class(npa_since: date, day: date) -> AssetClass:
    """Return the sub-class at the end of `day` of who has been non-performing since a day-end."""
    reached = AssetClass.SUBSTANDARD
    for months, sub in SUB_CLASSES:
        if add_months(npa_since, months) <= day:
            reached = sub
    return reached


def state_on(
    npa_since: date | None, as_of: date, *, day_ended: bool, marked: AssetClass | None = None
) -> AssetClass:
    """Return the class as state on a day: STANDARD, or the sub-class of a non-performing asset.

    While a day has not ended, the class is still that of the day before; a mark holds at once.
    """
    if npa_since is None:
        return AssetClass.STANDARD
    classified = as_of if day_ended else as_of - timedelta(days=1)
    return worse_of(sub_class(npa_since, max(npa_since, classified)), marked)


def class_on(
    oldest_unpaid_due_date: date | None,
    as_of: date,
    *,
    day_ended: bool,
    npa_since: date | None,
    marked: AssetClass | None = None,
) -> AssetClass:
    """Return the class on a day: the state, and SMA-0 to SMA-2 where that is standard.

    The due date is that of the oldest unpaid instalment of all the borrower's loans.
    """
    if npa_since is None:
        return _CLASS_OF_BUCKET[bucket(oldest_unpaid_due_date, as_of, day_ended=day_ended)]
    return state_on(npa_since, as_of, day_ended=day_ended, marked=marked)


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
    periods: Sequence[NpaPeriod], *, classified_through: date, marks: Iterable[Mark] = ()
) -> tuple[ClassChange, ...]:
    """Return the changes of class that periods and marks bring, in the order of dates.

    Sub-classes count through a day-end. On every day the class is the worse of the one that the
    periods give and the one marked. `marks` are in the order in which they were made.
    """
    spans = _spans(periods, marks)
    begins = [period.since for period in periods] + [span.npa_since for span in spans]
    ages = {add_months(since, months) for since in begins for months, _ in SUB_CLASSES}
    days = {day for day in ages if day <= classified_through}
    days |= {period.since for period in periods}
    days |= {period.lifted_on for period in periods if period.lifted_on is not None}
    days |= {day for span in spans for day in span.days}
    changes: list[ClassChange] = []
    for day in sorted(days):
        change = _change_on(day, periods, spans)
        if change.state != (changes[-1].state if changes else _AT_FIRST):
            changes.append(change)
    return tuple(changes)


@dataclass(frozen=True, slots=True)
class _Span:
    """A stretch of marks, from the first one until it was lifted: the last mark of a day holds.

    `npa_since` reaches back to when the loans had made the borrower non-performing, if they had.
    """

    npa_since: date
    marked: Mapping[date, AssetClass]
    lifted_on: date | None = None

    @property
    def days(self) -> Iterable[date]:
        """The days on which something changes."""
        return [*self.marked, *([] if self.lifted_on is None else [self.lifted_on])]

    def on(self, day: date) -> AssetClass | None:
        """Return the class marked on a day; None: none."""
        if self.lifted_on is not None and self.lifted_on <= day:
            return None
        begun = [since for since in self.marked if since <= day]
        return self.marked[max(begun)] if begun else None


def _spans(periods: Sequence[NpaPeriod], marks: Iterable[Mark]) -> list[_Span]:
    spans: list[_Span] = []
    for mark in marks:
        span = spans[-1] if spans and spans[-1].lifted_on is None else None
        if mark.asset_class is None:
            if span is not None:
                spans[-1] = replace(span, lifted_on=mark.from_date)
        elif span is not None:
            spans[-1] = replace(span, marked={**span.marked, mark.from_date: mark.asset_class})
        else:
            told = _told_on(mark.from_date, periods, until_its_end=True)
            since = mark.from_date if told is None else told.since
            spans.append(_Span(since, {mark.from_date: mark.asset_class}))
    return spans


def _told_on(
    day: date, periods: Iterable[NpaPeriod], *, until_its_end: bool = False
) -> NpaPeriod | None:
    """Return the period that a day lies in; the day on which it was lifted does so if asked."""
    for period in periods:
        end = period.lifted_on
        if period.since <= day and (end is None or day < end or (until_its_end and day == end)):
            return period
    return None


def _change_on(day: date, periods: Sequence[NpaPeriod], spans: Iterable[_Span]) -> ClassChange:
    for span in spans:
        marked = span.on(day)
        if marked is not None:
            asset_class = worse_of(sub_class(span.npa_since, day), marked)
            return ClassChange(day, asset_class, span.npa_since, marked)
    told = _told_on(day, periods)
    if told is None:
        return ClassChange(day, *_AT_FIRST)
    return ClassChange(day, sub_class(told.since, day), told.since)


def in_force(recorded: Iterable[ClassChange]) -> list[ClassChange]:
    """Return the changes that hold, of all that were recorded, in the order of recording.

    A later one says how it is from its date on, whatever earlier ones said of that time.
    """
    held: list[ClassChange] = []
    for change in recorded:
        while held and held[-1].effective_on >= change.effective_on:
            held.pop()
        if change.state != (held[-1].state if held else _AT_FIRST):
            held.append(change)
    return held


_AT_FIRST: tuple[AssetClass, date | None, AssetClass | None] = (AssetClass.STANDARD, None, None)


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
        state = told[same - 1].state if same else _AT_FIRST
        following.insert(0, ClassChange(held[same].effective_on, *state))
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
        """The day-ends that make the loan non-performing: a due is 90 days old, or as it says.

        A restructured loan that was repaid, and owes again within its time, does so from then on.
        """
        ends = [*self.dates[1:], date.max]
        for change, end in zip(self._path, ends, strict=True):
            if change.npa_since is not None:
                yield max(change.from_date, change.npa_since)
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
