"""The tables of django-celery-beat, and the audit trail; they know no app of ours."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django_celery_beat import admin as beat
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from bright_credit.common.admin.columns import NOTHING, instant
from bright_credit.common.admin.pages import PageAdmin, SearchMixin
from bright_credit.common.admin.panels import Panel, Table, facts
from bright_credit.common.admin.theme import ModelAdmin
from bright_credit.common.audit_trail.models import AuditEntry

for schedule in (ClockedSchedule, CrontabSchedule, IntervalSchedule, PeriodicTask, SolarSchedule):
    admin.site.unregister(schedule)


class TaskSelectWidget(UnfoldAdminSelectWidget, beat.TaskSelectWidget):
    """The list of the tasks that a worker knows."""


class PeriodicTaskForm(beat.PeriodicTaskForm):
    """What runs, and when."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, widget in (("task", UnfoldAdminTextInputWidget), ("regtask", TaskSelectWidget)):
            if name in self.fields:
                self.fields[name].widget = widget()


@admin.register(PeriodicTask)
class PeriodicTaskAdmin(beat.PeriodicTaskAdmin, ModelAdmin):
    """What beat runs: the daily billing above all."""

    form = PeriodicTaskForm


@admin.register(CrontabSchedule)
class CrontabScheduleAdmin(beat.CrontabScheduleAdmin, ModelAdmin):
    """Times of day."""


@admin.register(ClockedSchedule)
class ClockedScheduleAdmin(beat.ClockedScheduleAdmin, ModelAdmin):
    """Single instants."""


@admin.register(IntervalSchedule)
class IntervalScheduleAdmin(ModelAdmin):
    """Intervals."""


@admin.register(SolarSchedule)
class SolarScheduleAdmin(ModelAdmin):
    """Sunrise and sunset."""


@admin.register(AuditEntry)
class AuditEntryAdmin(SearchMixin, PageAdmin):
    """Who changed what, when, from where, why, before and after."""

    list_display = (
        "id",
        "at",
        "change",
        "table_name",
        "row_key",
        "actor",
        "actor_name",
        "origin",
        "address",
        "reason",
    )
    list_filter = ("change", "origin", "table_name")
    search_help_text = (
        "A table and a row (loan_loanproduct GOLD), a caller (staff:7), a request's id"
    )
    ordering = ("-id",)

    def matching(self, text: str) -> Q:
        """Return the condition of the entries of a row, a caller or a request."""
        table, _, key = text.partition(" ")
        return (
            Q(table_name=table, row_key=key.strip())
            if key
            else Q(table_name=text) | Q(actor=text) | Q(request_id=text)
        )

    def panels(self, request: HttpRequest, obj: AuditEntry) -> Sequence[Panel]:
        """Return the entry, and each column before and after."""
        before, after = obj.before or {}, obj.after or {}
        return [
            facts(
                "Entry",
                ("When", instant(obj.at)),
                ("Change", obj.change),
                ("Table", obj.table_name),
                ("Row", obj.row_key),
                ("By", f"{obj.actor} {obj.actor_name}".strip()),
                ("From", obj.address or NOTHING),
                ("Origin", obj.origin),
                ("Called", obj.action or NOTHING),
                ("Request", obj.request_id or NOTHING),
                ("Database user", obj.database_user),
                ("Why", obj.reason or NOTHING),
            ),
            Table(
                title="Columns",
                headings=("Column", "Before", "After"),
                rows=tuple(
                    (name, _value(before, name), _value(after, name))
                    for name in sorted({*before, *after})
                ),
            ),
        ]


def _value(row: dict[str, Any], name: str) -> str:
    return str(row[name]) if name in row and row[name] is not None else NOTHING
