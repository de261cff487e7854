"""The command for a superuser who has lost the phone."""

import io

import pytest
from django.core.management import CommandError, call_command
from django_otp.plugins.otp_totp.models import TOTPDevice

from tests.callers import a_login

pytestmark = pytest.mark.django_db


def test_the_named_login_loses_its_authenticator_and_no_other_does() -> None:
    for name in ("asha", "ravi"):
        TOTPDevice.objects.create(user=a_login(name), confirmed=True)
    said = io.StringIO()
    call_command("forget_authenticator", "asha", stdout=said)
    assert [device.user.username for device in TOTPDevice.objects.all()] == ["ravi"]
    assert said.getvalue().startswith("1 removed")


@pytest.mark.parametrize("name", ["nobody", "outsider"])
def test_who_is_no_staff_is_named_in_vain(name: str) -> None:
    a_login("outsider", is_staff=False)
    with pytest.raises(CommandError, match="no login of staff"):
        call_command("forget_authenticator", name)
