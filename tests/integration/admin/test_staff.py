"""Who may change logins, and how far."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from tests.integration.admin.conftest import permission
from tests.integration.admin.pages import add_to, deletion_of, page_of, text_of
from users.models import User

pytestmark = pytest.mark.django_db

PASSWORD = "a-much-longer-password"
RIGHTS = ("is_superuser", "user_permissions", "groups", "is_staff")


@pytest.fixture
def manager(staff: Callable[..., Client]) -> Client:
    """Return the browser of staff who may manage logins, and is no superuser."""
    return staff("users.view_user", "users.add_user", "users.change_user", name="manager")


def a_login(name: str, **values: Any) -> User:
    """Return a login."""
    return User.objects.create_user(name, **values)


def new_password(login: User) -> str:
    """Return the address at which a login gets a new password."""
    return reverse("admin:auth_user_password_change", args=[login.pk])


def test_a_manager_changes_names_and_gives_no_rights(manager: Client) -> None:
    login = a_login("clerk", is_staff=True)
    page = text_of(manager, page_of(login))
    assert not [right for right in RIGHTS if f'name="{right}"' in page]
    data = {"username": "clerk2", "is_active": "on", "is_superuser": "on", "is_staff": ""}
    more = {"groups": [Group.objects.create(name="all").pk], "user_permissions": ["1"]}
    assert manager.post(page_of(login), data | more).status_code == 302
    login.refresh_from_db()
    assert (login.username, login.is_staff, login.is_superuser) == ("clerk2", True, False)
    assert not login.groups.exists()
    assert not login.user_permissions.exists()


def test_a_manager_cannot_raise_their_own_rights(manager: Client) -> None:
    me = User.objects.get(username="manager")
    data = {"username": "manager", "is_active": "on", "is_superuser": "on"}
    assert manager.post(page_of(me), data).status_code == 302
    me.refresh_from_db()
    assert me.is_superuser is False
    assert me.user_permissions.count() == 3


@pytest.mark.parametrize("active", [True, False])
def test_a_manager_touches_no_login_that_can_do_more(manager: Client, active: bool) -> None:
    boss = a_login("boss", is_staff=True, is_superuser=True, is_active=active)
    lender = a_login("lender", is_staff=True, is_active=active)
    lender.user_permissions.add(permission("loan.change_loanapplication"))
    member = a_login("member", is_staff=True, is_active=active)
    group = Group.objects.create(name="lenders")
    group.permissions.add(permission("loan.change_loanapplication"))
    member.groups.add(group)
    for login in (boss, lender, member):
        answer = manager.post(page_of(login), {"username": "mine", "is_active": "on"})
        assert answer.status_code == 403
        passwords = {"password1": PASSWORD, "password2": PASSWORD}
        assert manager.post(new_password(login), passwords).status_code == 403
        assert manager.get(deletion_of(login)).status_code == 403
        before = login.password
        login.refresh_from_db()
        assert (login.username == "mine", login.password == before) == (False, True)


def test_a_manager_gives_a_clerk_a_new_password(manager: Client) -> None:
    login = a_login("clerk", is_staff=True)
    passwords = {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}
    assert manager.post(new_password(login), passwords).status_code == 302
    login.refresh_from_db()
    assert login.check_password(PASSWORD)


def test_a_new_login_has_no_rights(manager: Client) -> None:
    data = {"username": "new", "password1": PASSWORD, "password2": PASSWORD}
    rights = {"is_superuser": "on", "is_staff": "on", "usable_password": "true"}
    assert manager.post(add_to(User), data | rights).status_code == 302
    login = User.objects.get(username="new")
    assert (login.is_staff, login.is_superuser) == (False, False)


def test_groups_are_a_superusers_matter(staff: Callable[..., Client], boss: Client) -> None:
    clerk = staff("auth.view_group", "auth.add_group", "auth.change_group", "auth.delete_group")
    group = Group.objects.create(name="lenders")
    assert clerk.post(add_to(Group), {"name": "mine"}).status_code == 403
    assert clerk.post(page_of(group), {"name": "mine"}).status_code == 403
    assert clerk.get(deletion_of(group)).status_code == 403
    assert boss.post(page_of(group), {"name": "officers"}).status_code == 302
    group.refresh_from_db()
    assert group.name == "officers"
    assert not Group.objects.filter(name="mine").exists()
