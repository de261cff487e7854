"""The roles of staff, and that none of them can make itself, or anybody, more than it is."""

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.db.models import Model
from django.test import Client
from django.urls import URLPattern, URLResolver, reverse

from bright_credit.roles import (
    ACCOUNTANT,
    ADMINISTRATOR,
    CREDIT_OFFICER,
    OPERATIONS,
    ROLES,
    VIEWER,
    keep_roles,
)
from ledger.models import Entry, Transfer
from loan.models import Allocation, Due, Instalment, Payment
from tests.callers import a_login, as_staff
from tests.integration.admin.conftest import Book
from tests.integration.admin.pages import tables
from users.models import AadhaarRecord, PanRecord, PhoneRecord, User

pytestmark = pytest.mark.django_db

#: What each role may do beside looking at borrowers, scores, loans, billing and the ledger.
MAY = {
    VIEWER: set(),
    OPERATIONS: {
        "credit.add_transactionfile",
        "loan.add_billingrun",
        "loan.add_loanapplication",
        "loan.add_payment",
        "loan.change_payment",
        "loan.change_quarantinedloan",
        "users.add_borrower",
        "users.change_borrower",
        "users.change_notice",
        "users.export_borrower",
    },
    CREDIT_OFFICER: {
        "loan.change_loanapplication",
        "loan.decide_approvalrequest",
        "users.change_borrower",
    },
    ACCOUNTANT: {
        "loan.add_charge",
        "loan.add_payment",
        "loan.add_provision",
        "loan.change_charge",
        "loan.change_loan",
        "loan.change_payment",
        "loan.change_provisionrate",
        "loan.decide_approvalrequest",
    },
}
#: Rows that no page of the admin may add, change or remove.
ON_RECORD: tuple[type[Model], ...] = (
    Entry,
    Transfer,
    Payment,
    Allocation,
    Due,
    Instalment,
    AadhaarRecord,
    PanRecord,
    PhoneRecord,
)
RIGHTS = {
    "is_superuser": "on",
    "is_staff": "on",
    "is_active": "on",
    "_save": "Save",
    "post": "yes",
    "submit": "yes",
}


def changes_of(role: str) -> set[str]:
    """Return what a role may do beside looking."""
    permissions = Permission.objects.filter(group__name=role).select_related("content_type")
    return {
        f"{each.content_type.app_label}.{each.codename}"
        for each in permissions
        if not each.codename.startswith("view_")
    }


@pytest.mark.parametrize("role", MAY)
def test_a_role_may_do_this_and_no_more(role: str) -> None:
    assert changes_of(role) == MAY[role]


def test_the_administrator_runs_the_system_and_lends_nothing() -> None:
    allowed = changes_of(ADMINISTRATOR)
    money = {"loanapplication", "payment", "billingrun", "borrower", "transactionfile", "charge"}
    # Answering a person who asks for their data, or to be forgotten, lends nothing.
    answering = {"users.export_borrower", "users.erase_borrower"}
    assert answering <= allowed
    assert not {name for name in allowed - answering if name.rpartition("_")[2] in money}
    assert "auth.change_group" not in allowed


def test_every_role_looks_at_borrowers_and_books_and_only_one_at_logins() -> None:
    looks = {
        role: set(Group.objects.get(name=role).permissions.values_list("codename", flat=True))
        for role in ROLES
    }
    assert all({"view_borrower", "view_loan", "view_entry"} <= names for names in looks.values())
    assert [role for role, names in looks.items() if "view_user" in names] == [ADMINISTRATOR]
    for kept in ("aadhaarrecord", "panrecord", "phonerecord"):
        assert not any(f"view_{kept}" in names for names in looks.values())


def test_what_was_given_by_hand_to_a_role_is_gone_after_the_next_migration() -> None:
    viewer = Group.objects.get(name=VIEWER)
    viewer.permissions.add(Permission.objects.get(codename="change_loanapplication"))
    keep_roles()
    assert changes_of(VIEWER) == set()


def test_the_borrowers_may_sign_in_switch_is_for_those_who_may_change_borrowers() -> None:
    assert "users.change_borrower" in MAY[OPERATIONS]
    assert "users.change_borrower" not in MAY[ACCOUNTANT]


def addresses() -> list[str]:
    """Return every address of the admin, about the newest row of a table where it needs one."""
    found: list[str] = []
    keys = {
        f"{model._meta.app_label}_{model._meta.model_name}": model._default_manager.order_by("-pk")
        for model in tables()
    }
    for pattern in _patterns(admin.site.get_urls()):
        if pattern.name is None:
            continue
        model = next((name for name in keys if pattern.name.startswith(f"{name}_")), "")
        row = keys[model].first() if model else None
        for args in ([], [row.pk] if row else []):
            try:
                found.append(reverse(f"admin:{pattern.name}", args=args))
            except Exception as missing:
                assert type(missing).__name__ == "NoReverseMatch"  # noqa: PT017
    return sorted(set(found) - {reverse("admin:logout"), reverse("admin:password_change")})


def _patterns(entries: list[Any]) -> list[URLPattern]:
    found: list[URLPattern] = []
    for entry in entries:
        if isinstance(entry, URLResolver):
            found += _patterns(entry.url_patterns)
        else:
            found.append(entry)
    return found


def rights() -> list[Any]:
    """Return what every login may do."""
    return [
        (
            user.username,
            user.is_superuser,
            user.is_staff,
            sorted(user.groups.values_list("name", flat=True)),
            sorted(user.user_permissions.values_list("pk", flat=True)),
        )
        for user in User.objects.filter(username__in=NAMES).order_by("username")
    ] + sorted(Group.permissions.through.objects.values_list("group_id", "permission_id"))


def records() -> list[Any]:
    return [list(model._default_manager.order_by("pk").values()) for model in ON_RECORD]


NAMES = ("boss", "me", "colleague")


@pytest.mark.parametrize("role", ROLES)
def test_no_role_rises_and_no_record_changes_whatever_is_posted_where(
    book: Book, role: str
) -> None:
    a_login("boss", is_superuser=True)
    a_login("colleague", role=CREDIT_OFFICER)
    me = a_login("me", role=role)
    client = as_staff(me)
    before, on_record = rights(), records()
    posted = RIGHTS | {
        "username": "me",
        "groups": list(Group.objects.values_list("pk", flat=True)),
        "user_permissions": list(Permission.objects.values_list("pk", flat=True)[:50]),
        "permissions": list(Permission.objects.values_list("pk", flat=True)[:50]),
        "action": "delete_selected",
        "_selected_action": [me.pk],
    }
    for user in User.objects.filter(username__in=NAMES):
        _post(client, reverse("admin:users_user_change", args=[user.pk]), posted)
    for address in addresses():
        client.get(address)
        _post(client, address, posted)
    assert rights() == before
    assert records() == on_record


def _post(client: Client, address: str, data: dict[str, Any]) -> None:
    answer = client.post(address, data)
    assert answer.status_code < 500, address


@pytest.mark.parametrize("role", sorted(set(ROLES) - {ADMINISTRATOR}))
def test_only_the_administrator_sees_partners_keys_and_logins(book: Book, role: str) -> None:
    client = as_staff(a_login("me", role=role))
    for name in ("partner", "partnerkey", "user"):
        assert client.get(reverse(f"admin:users_{name}_changelist")).status_code == 403


def test_an_administrator_takes_over_no_login_that_can_do_what_they_cannot(book: Book) -> None:
    officer = a_login("officer", role=CREDIT_OFFICER)
    client = as_staff(a_login("me", role=ADMINISTRATOR))
    passwords = {"password1": "a-much-longer-password", "password2": "a-much-longer-password"}
    address = reverse("admin:auth_user_password_change", args=[officer.pk])
    assert client.post(address, passwords | {"usable_password": "true"}).status_code == 403
    page = reverse("admin:users_user_change", args=[officer.pk])
    assert client.post(page, {"username": "mine", "is_active": "on"}).status_code == 403
    officer.refresh_from_db()
    assert officer.username == "officer"
