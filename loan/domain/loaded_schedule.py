"""Schedules of which only the rows from some number on were read, and replacing what is to come."""

from collections.abc import Sequence
from typing import overload

from loan.domain.schedule import InstalmentPlan


class LoadedSchedule(Sequence[InstalmentPlan]):
    """A schedule whose first rows were not read: they are paid, and rest."""

    def __init__(self, rows: Sequence[InstalmentPlan], *, length: int) -> None:
        self.rows = rows
        self._length = length
        self._skipped = length - len(rows)

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, index: int) -> InstalmentPlan: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[InstalmentPlan]: ...

    def __getitem__(self, index: int | slice) -> InstalmentPlan | Sequence[InstalmentPlan]:
        if isinstance(index, slice):
            return tuple(self[i] for i in range(*index.indices(self._length)))
        place = index + self._length if index < 0 else index
        if not self._skipped <= place < self._length:
            raise IndexError(f"instalment {place + 1} was not loaded")
        return self.rows[place - self._skipped]


def loaded_rows(schedule: Sequence[InstalmentPlan]) -> Sequence[InstalmentPlan]:
    """Return the rows that were read of a schedule, in their order."""
    return schedule.rows if isinstance(schedule, LoadedSchedule) else schedule


def with_coming_replaced(
    schedule: Sequence[InstalmentPlan], *, billed_through: int, coming: Sequence[InstalmentPlan]
) -> Sequence[InstalmentPlan]:
    """Return the schedule with other instalments in the place of those not billed yet.

    `coming` is numbered on from the last one billed, without a gap; raises ValueError if not.
    """
    length = billed_through + len(coming)
    if [plan.number for plan in coming] != list(range(billed_through + 1, length + 1)):
        raise ValueError("the instalments to come are numbered on from the last one billed")
    kept = (plan for plan in loaded_rows(schedule) if plan.number <= billed_through)
    return LoadedSchedule((*kept, *coming), length=length)
