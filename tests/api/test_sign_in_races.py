"""Signing in many times at the same moment: as many attempts are counted, and no more allowed."""

import uuid

import pytest
import redis
from django.conf import settings as configured
from django.test import Client
from django.utils import timezone

from tests.api.test_sign_in import REFRESH, TOKENS, guess, post
from tests.builders import a_borrower
from tests.callers import signed_in
from tests.integration.ledger.conftest import at_once
from users import tokens
from users.domain import codes
from users.models import AttemptCount, SignInCode, SignInSession
from users.services.sign_in import CodeRefused, ask_for_code, sign_in

pytestmark = pytest.mark.django_db(transaction=True)


def test_ten_guesses_at_once_count_as_ten(compared: list[str]) -> None:
    challenge = ask_for_code(email=a_borrower().email, place="here", now=timezone.now())
    at_once([lambda: guess(challenge.challenge_id, place="here")] * 10)
    assert len(compared) == codes.GUESSES_A_CODE
    assert SignInCode.objects.get().guesses == codes.GUESSES_A_CODE
    assert AttemptCount.objects.get(limit_name=codes.GUESSES_A_PLACE.name).taken == 10


def test_a_flushed_redis_gives_no_guess_back(compared: list[str]) -> None:
    challenge = ask_for_code(email=a_borrower().email, place="here", now=timezone.now())
    for _ in range(4):
        at_once([lambda: guess(challenge.challenge_id)] * 10)
        redis.Redis.from_url(configured.CELERY_BROKER_URL).flushdb()
    assert len(compared) == codes.GUESSES_A_CODE


def test_a_right_code_sent_five_times_at_once_opens_one_session() -> None:
    now = timezone.now()
    challenge = ask_for_code(email=a_borrower().email, place="here", now=now)
    code = tokens.one_time_code(challenge.challenge_id)

    def once() -> bool:
        try:
            sign_in(challenge_id=challenge.challenge_id, code=code, place="here", now=now)
        except CodeRefused:
            return False
        return True

    assert sum(at_once([once] * 5)) == 1
    assert SignInSession.objects.count() == 1


def test_a_count_outlives_the_refusal_it_led_to(client: Client) -> None:
    for _ in range(3):
        post(client, TOKENS, {"challenge_id": str(uuid.uuid4()), "code": "000000"})
    assert AttemptCount.objects.get(limit_name=codes.GUESSES_A_PLACE.name).taken == 3


def test_a_refresh_token_sent_five_times_at_once_is_used_once(client: Client) -> None:
    token = signed_in(a_borrower()).refresh_token

    def once() -> int:
        return int(post(Client(), REFRESH, {"refresh_token": token}).status_code)

    assert sorted(at_once([once] * 5)) == [200, 401, 401, 401, 401]
    assert SignInSession.objects.get().end_reason == "TOKEN_REUSED"
