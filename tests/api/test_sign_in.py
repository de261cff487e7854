"""Signing in by one-time code: the way through, and every way around that is shut."""

import json
import re
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.api.problem import problem_of
from tests.builders import a_borrower
from tests.callers import ELSEWHERE, bearer, newest_code, signed_in
from users import delivery, tokens
from users.domain import codes
from users.models import AttemptCount, Borrower, RefreshToken, SignInCode, SignInSession
from users.services.attempts import TooManyAttempts
from users.services.sign_in import CodeRefused, ask_for_code, sign_in

CODES = "/api/v1/auth/codes"
TOKENS = "/api/v1/auth/tokens"
REFRESH = "/api/v1/auth/tokens/refresh"
SIGN_OUT = "/api/v1/auth/sign-out"
WRONG = "wrong"
TEN_A_PLACE = codes.Limit(codes.CODES_A_PLACE.name, 10, timedelta(hours=1))


def post(client: Client, path: str, body: dict[str, Any], **extra: Any) -> Any:
    return client.generic(
        "POST", path, json.dumps(body), "application/json", **({"REMOTE_ADDR": ELSEWHERE} | extra)
    )


def other_code(code: str) -> str:
    """Return a code that is not this one."""
    return f"{(int(code) + 1) % 10**6:06d}"


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any) -> Any:
    """Send at once instead of in a thread, on what would be the commit."""

    class AtOnce:
        def submit(self, call: Callable[..., None], *args: Any) -> None:
            call(*args)

    monkeypatch.setattr(delivery, "_threads", AtOnce())
    return django_capture_on_commit_callbacks


@pytest.mark.django_db
class TestTheWayThrough:
    def test_a_code_comes_by_mail_and_opens_a_session(self, client: Client, sent: Any) -> None:
        borrower = a_borrower()
        with sent(execute=True):
            asked = post(client, CODES, {"email": borrower.email.upper()})
        assert asked.status_code == 202
        (message,) = mail.outbox
        assert message.to == [borrower.email]
        code = re.search(r"\b[0-9]{6}\b", str(message.body))
        assert code is not None
        assert code[0] not in asked.content.decode()
        answer = post(
            client, TOKENS, {"challenge_id": asked.json()["challenge_id"], "code": code[0]}
        )
        assert answer.status_code == 201
        body = answer.json()
        assert (body["user_id"], body["token_type"]) == (borrower.public_id, "Bearer")
        assert (body["expires_in"], body["refresh_expires_in"]) == (600, 30 * 24 * 3600)
        scores = client.get(
            "/api/v1/credit/scores",
            {"user_id": borrower.public_id},
            **bearer(body["access_token"]),  # type: ignore[arg-type]
        )
        assert scores.status_code == 200

    def test_nothing_that_opens_anything_is_stored(self) -> None:
        opened = signed_in(a_borrower())
        stored = [
            str(row) for model in (SignInCode, SignInSession, RefreshToken, AttemptCount)
            for row in model._default_manager.values()
        ]  # fmt: skip
        for secret in (opened.access_token, opened.refresh_token, newest_code()):
            assert not any(secret in row for row in stored)

    def test_a_refresh_token_gives_new_tokens_once(self, client: Client) -> None:
        first = signed_in(a_borrower())
        answer = post(client, REFRESH, {"refresh_token": first.refresh_token})
        assert answer.status_code == 200
        second = answer.json()
        assert second["refresh_token"] != first.refresh_token
        assert second["access_token"] != first.access_token
        again = post(client, REFRESH, {"refresh_token": second["refresh_token"]})
        assert again.status_code == 200

    def test_signing_out_ends_this_session_at_once_and_everywhere_ends_all(
        self, client: Client
    ) -> None:
        borrower = a_borrower()
        one, two, three = (signed_in(borrower) for _ in range(3))
        assert _reads(client, borrower, one.access_token) == 200
        answer = post(client, SIGN_OUT, {}, **bearer(one.access_token))
        assert answer.json() == {"sessions_ended": 1}
        assert _reads(client, borrower, one.access_token) == 401
        problem_of(post(client, REFRESH, {"refresh_token": one.refresh_token}), status=401)
        assert _reads(client, borrower, two.access_token) == 200
        answer = post(client, SIGN_OUT, {"everywhere": True}, **bearer(two.access_token))
        assert answer.json() == {"sessions_ended": 2}
        assert _reads(client, borrower, three.access_token) == 401
        problem_of(post(client, REFRESH, {"refresh_token": three.refresh_token}), status=401)

    def test_a_borrower_who_may_not_sign_in_is_out_with_the_next_call(
        self, client: Client, sent: Any
    ) -> None:
        borrower = a_borrower()
        opened = signed_in(borrower)
        Borrower.objects.filter(pk=borrower.pk).update(may_sign_in=False)
        assert _reads(client, borrower, opened.access_token) == 401
        problem_of(post(client, REFRESH, {"refresh_token": opened.refresh_token}), status=401)
        with sent(execute=True):
            post(client, CODES, {"email": borrower.email})
        assert mail.outbox == []

    def test_the_statements_of_each_step_are_known(self, client: Client) -> None:
        borrower = a_borrower()
        with CaptureQueriesContext(connection) as asking:
            asked = post(client, CODES, {"email": borrower.email}).json()
        body = {"challenge_id": asked["challenge_id"], "code": newest_code()}
        with CaptureQueriesContext(connection) as signing:
            opened = post(client, TOKENS, body).json()
        with CaptureQueriesContext(connection) as refreshing:
            post(client, REFRESH, {"refresh_token": opened["refresh_token"]})
        # A transaction is a savepoint and its release here.
        assert (len(asking), len(signing), len(refreshing)) == (4, 13, 6)


@pytest.mark.django_db
class TestWhoAsksLearnsNothing:
    def test_nobodys_address_is_answered_alike_by_the_same_statements(
        self, client: Client, sent: Any
    ) -> None:
        known = a_borrower().email
        answers, statements = [], []
        for email in (known, "nobody@example.com"):
            with CaptureQueriesContext(connection) as asked:
                answer = post(client, CODES, {"email": email})
            answers.append((answer.status_code, set(answer.json()), sorted(answer.headers)))
            statements.append([query["sql"].split(" ")[0] for query in asked.captured_queries])
        assert answers[0] == answers[1]
        assert statements[0] == statements[1]

    def test_a_guess_about_nobody_is_refused_in_the_same_words(self, client: Client) -> None:
        problems = []
        for email in (a_borrower().email, "nobody@example.com"):
            asked = post(client, CODES, {"email": email}).json()
            guess = {"challenge_id": asked["challenge_id"], "code": other_code(newest_code())}
            problems.append(problem_of(post(client, TOKENS, guess), status=401))
        assert problems[0] == problems[1]

    def test_the_right_code_of_nobodys_challenge_opens_nothing(self, client: Client) -> None:
        asked = post(client, CODES, {"email": "nobody@example.com"}).json()
        guess = {"challenge_id": asked["challenge_id"], "code": newest_code()}
        problem_of(post(client, TOKENS, guess), status=401, code="code_refused")

    def test_mail_that_fails_fails_nobodys_request_and_names_nobody(
        self,
        client: Client,
        sent: Any,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        def broken(*args: Any, **kwargs: Any) -> None:
            raise OSError("no route to asha@example.com")

        monkeypatch.setattr(delivery, "send_mail", broken)
        email = a_borrower().email
        with sent(execute=True):
            assert post(client, CODES, {"email": email}).status_code == 202
        assert "could not be sent: OSError" in caplog.text
        assert "example.com" not in caplog.text


@pytest.mark.django_db
class TestGuessing:
    def test_a_code_takes_five_guesses_and_then_not_even_the_right_one(
        self, client: Client
    ) -> None:
        asked = post(client, CODES, {"email": a_borrower().email}).json()
        code = newest_code()
        body = {"challenge_id": asked["challenge_id"]}
        for _ in range(codes.GUESSES_A_CODE):
            refused = post(client, TOKENS, body | {"code": other_code(code)})
            problem_of(refused, status=401, code="code_refused")
        problem_of(post(client, TOKENS, body | {"code": code}), status=401, code="code_refused")

    def test_a_code_is_used_once(self, client: Client) -> None:
        asked = post(client, CODES, {"email": a_borrower().email}).json()
        body = {"challenge_id": asked["challenge_id"], "code": newest_code()}
        assert post(client, TOKENS, body).status_code == 201
        problem_of(post(client, TOKENS, body), status=401, code="code_refused")

    def test_a_code_ends_after_five_minutes(self, client: Client) -> None:
        now = timezone.now()
        for minutes, status in ((4, 201), (6, 401)):
            with time_machine.travel(now, tick=False):
                asked = post(client, CODES, {"email": a_borrower().email}).json()
            body = {"challenge_id": asked["challenge_id"], "code": newest_code()}
            with time_machine.travel(now + timedelta(minutes=minutes), tick=False):
                assert post(client, TOKENS, body).status_code == status

    def test_a_code_is_good_for_its_own_challenge_alone(self, client: Client) -> None:
        asked = [post(client, CODES, {"email": a_borrower().email}).json() for _ in range(2)]
        wrong_way = {
            "challenge_id": asked[0]["challenge_id"],
            "code": tokens.one_time_code(uuid.UUID(asked[1]["challenge_id"])),
        }
        problem_of(post(client, TOKENS, wrong_way), status=401)

    def test_an_address_is_sent_five_codes_an_hour(self, client: Client) -> None:
        email = a_borrower().email
        for _ in range(codes.CODES_AN_ADDRESS.attempts):
            assert post(client, CODES, {"email": email}).status_code == 202
        refused = post(client, CODES, {"email": email.upper()}, REMOTE_ADDR="203.0.113.99")
        problem_of(refused, status=429, code="too_many_attempts")
        assert 0 < int(refused.headers["Retry-After"]) <= 3600

    def test_an_address_bears_twenty_guesses_a_day_over_any_number_of_codes(
        self, compared: list[str]
    ) -> None:
        borrower, now = a_borrower(), timezone.now()
        for hour in range(8):
            at = now + timedelta(hours=hour, minutes=hour)
            for _ in range(5):
                challenge = ask_for_code(email=borrower.email, place=f"p{hour}", now=at)
                for _ in range(5):
                    guess(challenge.challenge_id, now=at)
        assert len(compared) == codes.GUESSES_AN_ADDRESS.attempts

    def test_a_place_that_sprays_addresses_is_stopped(
        self, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("users.services.sign_in.CODES_A_PLACE", TEN_A_PLACE)
        statuses = [
            post(client, CODES, {"email": f"spray{number}@example.com"}).status_code
            for number in range(13)
        ]
        assert statuses == [202] * 10 + [429] * 3

    def test_forged_forwarding_headers_make_no_new_place(
        self, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("users.services.sign_in.CODES_A_PLACE", TEN_A_PLACE)
        statuses = [
            post(
                client,
                CODES,
                {"email": f"spray{number}@example.com"},
                HTTP_X_FORWARDED_FOR=f"198.51.100.{number}",
            ).status_code
            for number in range(13)
        ]
        assert statuses.count(202) == 10

    def test_everybodys_wrong_guesses_together_have_a_budget(
        self, monkeypatch: pytest.MonkeyPatch, compared: list[str]
    ) -> None:
        budget = codes.Limit(codes.WRONG_GUESSES.name, 7, timedelta(hours=1))
        monkeypatch.setattr("users.services.sign_in.WRONG_GUESSES", budget)
        for number in range(12):
            place = f"198.51.100.{number}"
            challenge = ask_for_code(email=a_borrower().email, place=place, now=timezone.now())
            guess(challenge.challenge_id)
        assert len(compared) == 7

    def test_signing_in_rightly_uses_nothing_up(self) -> None:
        borrower, now = a_borrower(), timezone.now()
        for number in range(codes.GUESSES_AN_ADDRESS.attempts + 5):
            signed_in(borrower, now=now + timedelta(minutes=13 * number))
        assert SignInSession.objects.count() == codes.GUESSES_AN_ADDRESS.attempts + 5


@pytest.mark.django_db
class TestStolenRefreshTokens:
    def test_a_token_used_twice_ends_the_session_of_thief_and_owner(self, client: Client) -> None:
        borrower = a_borrower()
        stolen = signed_in(borrower).refresh_token
        bystander = signed_in(borrower)
        thief = post(client, REFRESH, {"refresh_token": stolen}).json()
        assert _reads(client, borrower, thief["access_token"]) == 200
        owner = post(client, REFRESH, {"refresh_token": stolen})
        problem_of(owner, status=401, code="refresh_refused")
        problem_of(post(client, REFRESH, {"refresh_token": thief["refresh_token"]}), status=401)
        assert _reads(client, borrower, thief["access_token"]) == 401
        ended = SignInSession.objects.exclude(ended_at=None).get()
        assert ended.end_reason == "TOKEN_REUSED"
        assert _reads(client, borrower, bystander.access_token) == 200

    def test_a_token_of_another_session_or_of_nobodys_is_refused_and_ends_nothing(
        self, client: Client
    ) -> None:
        one, two = signed_in(a_borrower()), signed_in(a_borrower())
        head, _, _ = one.refresh_token.rpartition("_")
        mixed = f"{head}_{two.refresh_token[-43:]}"
        for token in (
            mixed,
            "blr_" + "0" * 32 + "_" + "A" * 43,
            "",
            "blr_",
            one.access_token[:200],
        ):
            answer = post(client, REFRESH, {"refresh_token": token})
            assert answer.status_code in {400, 401}
        assert not SignInSession.objects.exclude(ended_at=None).exists()

    def test_refreshing_ends_with_the_token_and_with_the_session(self, client: Client) -> None:
        now = timezone.now()
        idle = signed_in(a_borrower(), now=now)
        with time_machine.travel(now + timedelta(days=31), tick=False):
            problem_of(post(client, REFRESH, {"refresh_token": idle.refresh_token}), status=401)
        token = signed_in(a_borrower(), now=now).refresh_token
        for day in (25, 50, 75):
            with time_machine.travel(now + timedelta(days=day), tick=False):
                token = post(client, REFRESH, {"refresh_token": token}).json()["refresh_token"]
        with time_machine.travel(now + timedelta(days=91), tick=False):
            problem_of(post(client, REFRESH, {"refresh_token": token}), status=401)


def _reads(client: Client, borrower: Borrower, access_token: str) -> int:
    answer = client.get(
        "/api/v1/credit/scores",
        {"user_id": borrower.public_id},
        **bearer(access_token),  # type: ignore[arg-type]
    )
    return int(answer.status_code)


def guess(challenge_id: uuid.UUID, *, now: datetime | None = None, place: str = "") -> None:
    """Guess wrongly, from a place of its own unless one is given."""
    try:
        sign_in(
            challenge_id=challenge_id,
            code=WRONG,
            place=place or str(uuid.uuid4()),
            now=now or timezone.now(),
        )
    except (CodeRefused, TooManyAttempts):
        return
    raise AssertionError("a wrong guess opened a session")
