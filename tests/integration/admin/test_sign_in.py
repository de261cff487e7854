"""Staff sign in with a password and a second factor, and guessing either is stopped."""

import re
from collections.abc import Callable
from typing import Any

import pytest
import redis
from django.conf import settings as configured
from django.contrib import admin
from django.contrib.auth.backends import ModelBackend
from django.test import Client
from django.urls import reverse
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice
from pytest_django import Settings

from tests.callers import ELSEWHERE, a_login, as_staff
from tests.integration.ledger.conftest import at_once
from users.domain.codes import PASSWORDS_A_LOGIN, PASSWORDS_A_PLACE
from users.models import AttemptCount, User

PASSWORD = "a-long-password"


@pytest.fixture(autouse=True)
def _second_factor(settings: Settings) -> None:
    settings.STAFF_SECOND_FACTOR = True
    settings.OPEN_TO_LOOPBACK = False


@pytest.fixture
def staff_login() -> User:
    """Return a superuser's login."""
    return a_login("asha", is_superuser=True, password=PASSWORD)


def an_authenticator(user: User) -> TOTPDevice:
    device: TOTPDevice = TOTPDevice.objects.create(user=user, confirmed=True, name="phone")
    return device


def shown_by(device: TOTPDevice) -> str:
    """Return the code that an authenticator shows now."""
    return f"{totp(device.bin_key):06d}"


def sign_in(client: Client, *, password: str = PASSWORD, code: str = "", name: str = "asha") -> Any:
    return client.post(
        reverse("admin:login"),
        {"username": name, "password": password, "otp_token": code},
        REMOTE_ADDR=ELSEWHERE,
    )


def is_in(client: Client) -> bool:
    return client.get(reverse("admin:index")).status_code == 200


@pytest.mark.django_db
class TestTheSecondFactor:
    def test_a_password_alone_does_not_open_the_admin(
        self, client: Client, staff_login: User
    ) -> None:
        an_authenticator(staff_login)
        for code in ("", "000000", "abc"):
            assert sign_in(client, code=code).status_code == 200
            assert not is_in(client)
            TOTPDevice.objects.update(throttling_failure_count=0)

    def test_a_password_and_the_code_do(self, client: Client, staff_login: User) -> None:
        device = an_authenticator(staff_login)
        assert sign_in(client, code=shown_by(device)).status_code == 302
        assert is_in(client)

    def test_a_code_is_used_once(self, client: Client, staff_login: User) -> None:
        device = an_authenticator(staff_login)
        code = shown_by(device)
        assert sign_in(client, code=code).status_code == 302
        assert sign_in(Client(), code=code).status_code == 200

    def test_another_persons_code_is_no_code(self, client: Client, staff_login: User) -> None:
        an_authenticator(staff_login)
        other = an_authenticator(a_login("ravi", password=PASSWORD))
        answer = client.post(
            reverse("admin:login"),
            {
                "username": "asha",
                "password": PASSWORD,
                "otp_token": shown_by(other),
                "otp_device": other.persistent_id,
            },
        )
        assert answer.status_code == 200
        assert not is_in(client)

    def test_a_session_without_it_opens_no_page_of_the_admin_and_no_call(
        self, staff_login: User
    ) -> None:
        an_authenticator(staff_login)
        client = as_staff(staff_login, verified=False)
        for name in ("index", "loan_loan_changelist", "users_user_changelist", "password_change"):
            answer = client.get(reverse(f"admin:{name}"))
            assert answer.status_code == 302, name
            assert answer["Location"].startswith(reverse("admin:login"))
        assert client.get("/api/v1/loans", {"user_id": "BC-USER-001"}).status_code == 403

    def test_the_sandbox_does_without_it_unless_there_is_one(
        self, client: Client, staff_login: User, settings: Settings
    ) -> None:
        settings.STAFF_SECOND_FACTOR = False
        assert sign_in(client).status_code == 302
        assert is_in(client)
        an_authenticator(staff_login)
        assert sign_in(Client()).status_code == 200


@pytest.mark.django_db
class TestHalfFilledForms:
    @pytest.mark.parametrize("left_out", ["username", "password", "otp_token"])
    def test_a_form_without_a_field_is_shown_again(
        self, client: Client, staff_login: User, left_out: str
    ) -> None:
        given = {"username": "asha", "password": "wrong", "otp_token": "1"}
        del given[left_out]
        assert client.post(reverse("admin:login"), given).status_code == 200


@pytest.mark.django_db
class TestSettingOneUp:
    def test_the_first_sign_in_sets_it_up_before_anything_else(
        self, client: Client, staff_login: User
    ) -> None:
        assert sign_in(client).status_code == 302
        assert not is_in(client)
        page = client.get(reverse("admin:login"), follow=True)
        assert page.redirect_chain == [(reverse("admin:authenticator"), 302)]
        assert "<svg" in page.content.decode()
        device = TOTPDevice.objects.get(user=staff_login)
        assert not device.confirmed
        done = client.post(reverse("admin:authenticator"), {"token": shown_by(device)})
        assert done["Location"] == reverse("admin:index")
        assert is_in(client)
        device.refresh_from_db()
        assert device.confirmed

    def test_a_wrong_code_confirms_nothing(self, client: Client, staff_login: User) -> None:
        sign_in(client)
        client.get(reverse("admin:authenticator"))
        assert client.post(reverse("admin:authenticator"), {"token": "000000"}).status_code == 200
        assert not TOTPDevice.objects.get().confirmed
        assert not is_in(client)

    def test_a_secret_seen_before_is_worth_nothing(self, client: Client, staff_login: User) -> None:
        sign_in(client)
        client.get(reverse("admin:authenticator"))
        seen = TOTPDevice.objects.get().key
        page = client.get(reverse("admin:authenticator")).content.decode()
        assert TOTPDevice.objects.get().key != seen
        assert re.search(r"<code>(?:[A-Z2-7]{4} ?)+</code>", page)

    def test_who_has_one_is_not_shown_another(self, staff_login: User) -> None:
        device = an_authenticator(staff_login)
        for client in (
            as_staff(staff_login, verified=False),
            as_staff(staff_login),
            Client(),
            as_staff(a_login("outsider", is_staff=False), verified=False),
        ):
            assert client.get(reverse("admin:authenticator")).status_code == 302
            answer = client.post(reverse("admin:authenticator"), {"token": shown_by(device)})
            assert answer.status_code == 302
        assert set(TOTPDevice.objects.filter(user=staff_login).values_list("confirmed")) == {
            (True,)
        }

    def test_only_a_superuser_forgets_an_authenticator(self, staff_login: User) -> None:
        clerk = a_login("clerk", role="administrator")
        an_authenticator(clerk)
        address = reverse("admin:users_user_forget_authenticator", args=[clerk.pk])
        assert as_staff(a_login("ravi", role="administrator")).post(address).status_code == 403
        assert TOTPDevice.objects.filter(user=clerk).exists()
        assert as_staff(staff_login).post(address).status_code == 302
        assert not TOTPDevice.objects.filter(user=clerk).exists()

    def test_no_page_of_the_admin_shows_the_secrets(self, staff_login: User) -> None:
        assert TOTPDevice not in admin.site._registry


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the passwords that were compared with a login's own."""
    seen: list[str] = []
    compare = ModelBackend.authenticate

    def counting(
        self: Any, request: Any, username: Any = None, password: Any = None, **kw: Any
    ) -> Any:
        seen.append(str(password))
        return compare(self, request, username=username, password=password, **kw)

    monkeypatch.setattr(ModelBackend, "authenticate", counting)
    return seen


@pytest.mark.django_db
class TestLockOut:
    def test_a_login_is_locked_after_five_wrong_passwords_even_for_the_right_one(
        self, client: Client, staff_login: User, tried: list[str]
    ) -> None:
        device = an_authenticator(staff_login)
        for number in range(8):
            sign_in(client, password=f"wrong-{number}", code=shown_by(device))
        sign_in(client, code=shown_by(device))
        assert len(tried) == PASSWORDS_A_LOGIN.attempts
        assert not is_in(client)
        AttemptCount.objects.filter(limit_name=PASSWORDS_A_LOGIN.name).update(taken=0)
        assert sign_in(client, code=shown_by(device)).status_code == 302

    def test_a_locked_login_looks_like_one_that_does_not_exist(
        self, client: Client, staff_login: User
    ) -> None:
        for _ in range(6):
            locked = sign_in(client, password="wrong").content.decode()
        nobody = sign_in(client, password="wrong", name="zzzz").content.decode()
        strip = re.compile(r'value="[^"]*"')
        assert strip.sub("", locked) == strip.sub("", nobody)

    def test_a_right_password_begins_anew(self, client: Client, staff_login: User) -> None:
        device = an_authenticator(staff_login)
        for _ in range(3):
            for _ in range(PASSWORDS_A_LOGIN.attempts - 1):
                sign_in(client, password="wrong")
            TOTPDevice.objects.update(last_t=-1)
            assert sign_in(client, code=shown_by(device)).status_code == 302

    def test_a_right_password_without_the_code_begins_nothing_anew(
        self, client: Client, staff_login: User, tried: list[str]
    ) -> None:
        an_authenticator(staff_login)
        for _ in range(10):
            sign_in(client, code="000000")
        assert len(tried) == PASSWORDS_A_LOGIN.attempts

    def test_a_place_that_tries_many_logins_is_stopped(
        self, client: Client, tried: list[str]
    ) -> None:
        for number in range(PASSWORDS_A_PLACE.attempts + 5):
            sign_in(client, name=f"login{number}")
        assert len(tried) == PASSWORDS_A_PLACE.attempts


@pytest.mark.django_db(transaction=True)
class TestGuessingAtOnce:
    def test_ten_passwords_at_once_count_as_ten(self, staff_login: User, tried: list[str]) -> None:
        for _ in range(2):
            at_once([lambda: sign_in(Client(), password="wrong")] * 10)
            redis.Redis.from_url(configured.CELERY_BROKER_URL).flushdb()
        assert len(tried) == PASSWORDS_A_LOGIN.attempts

    def test_of_ten_codes_at_once_one_is_looked_at(
        self, staff_login: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("users.services.staff._may_try", lambda *_args, **_kw: True)
        an_authenticator(staff_login)
        looked_at: list[str] = []
        verify: Callable[[TOTPDevice, str], bool] = TOTPDevice.verify_token

        def counting(self: TOTPDevice, token: str) -> Any:
            looked_at.append(token)
            return verify(self, token)

        monkeypatch.setattr(TOTPDevice, "verify_token", counting)
        at_once([lambda: sign_in(Client(), code="000000")] * 10)
        assert len(looked_at) <= 2
