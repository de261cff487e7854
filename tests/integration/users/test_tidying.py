"""What sign-in leaves behind is removed when it is over, and nothing before."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from tests.builders import a_borrower
from tests.callers import signed_in
from users import delivery
from users.models import AttemptCount, RefreshToken, SignInCode, SignInSession
from users.tasks import remove_old_sign_ins

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.mark.parametrize(
    ("days", "left"),
    [(0, (1, True, 1, 1)), (2, (0, False, 1, 1)), (260, (0, False, 1, 1)), (271, (0, False, 0, 0))],
)
def test_codes_go_after_a_day_and_sessions_half_a_year_after_their_end(
    days: int, left: tuple[int, bool, int, int]
) -> None:
    signed_in(a_borrower(), now=NOW)
    with time_machine.travel(NOW + timedelta(days=days), tick=False):
        remove_old_sign_ins()
        remove_old_sign_ins()
    assert left == (
        SignInCode.objects.count(),
        AttemptCount.objects.exists(),
        SignInSession.objects.count(),
        RefreshToken.objects.count(),
    )


def test_a_session_that_was_ended_goes_half_a_year_later() -> None:
    signed_in(a_borrower(), now=NOW)
    SignInSession.objects.update(ended_at=NOW, end_reason="SIGNED_OUT")
    with time_machine.travel(NOW + timedelta(days=181), tick=False):
        assert remove_old_sign_ins()["sessions"] == 1


def test_a_text_message_is_an_adapter_of_the_same_port(capsys: pytest.CaptureFixture[str]) -> None:
    delivery.send_code("123456", to="+919876543210", channel="SMS").result(timeout=10)
    assert "text message to +919876543210: 123456 is your code" in capsys.readouterr().out
