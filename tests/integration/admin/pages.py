"""The addresses of the admin, and what is read off its pages."""

import re
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import reverse

#: Tables that staff may add to and change; everything else is only looked at.
EDITABLE = {
    "auth.Group",
    "users.Partner",
    "users.User",
    "loan.LoanProduct",
    "django_celery_beat.PeriodicTask",
    "loan.ProvisionRate",
    "django_celery_beat.CrontabSchedule",
    "django_celery_beat.IntervalSchedule",
    "django_celery_beat.ClockedSchedule",
    "django_celery_beat.SolarSchedule",
}


def tables() -> list[type[Model]]:
    """Return every table of the admin."""
    return sorted(admin.site._registry, key=lambda model: model._meta.label)


def read_only_tables() -> list[type[Model]]:
    """Return the tables that nobody may add to here."""
    return [model for model in tables() if model._meta.label not in EDITABLE]


def label(model: type[Model]) -> str:
    """Return a table's name, for the name of a test."""
    return model._meta.label


def list_of(model: type[Model]) -> str:
    """Return the address of a table's list."""
    return _address(model, "changelist")


def add_to(model: type[Model]) -> str:
    """Return the address of the form that adds a row."""
    return _address(model, "add")


def page_of(row: Model) -> str:
    """Return the address of a row's page."""
    return _address(type(row), "change", row.pk)


def deletion_of(row: Model) -> str:
    """Return the address that deletes a row."""
    return _address(type(row), "delete", row.pk)


def text_of(client: Client, address: str) -> str:
    """Return a page, which must be there."""
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return answer.content.decode()


def words_of(client: Client, address: str) -> str:
    """Return a page without its markup, on one line."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", text_of(client, address)))


def messages_of(answer: Any) -> list[str]:
    """Return what an answer that was followed tells the person."""
    return [str(message) for message in answer.context["messages"]]


def _address(model: type[Model], view: str, *args: object) -> str:
    opts = model._meta
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_{view}", args=args)
