"""Sending notices: once, whatever is tried again, and never with another's words in its headers."""

import smtplib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.db.models.functions import Now
from django.utils import timezone

from tests.builders import a_borrower
from users.delivery import EmailMessenger
from users.domain.notices import MAX_ATTEMPTS, News, NoticeKind
from users.models import Borrower, Notice
from users.services.notices import NotToBeSentAgain, mail_of, send_again, send_batch, write_news
from users.services.tidying import remove_old_notices

pytestmark = pytest.mark.django_db

TODAY = date(2026, 2, 5)


def news(number: int = 1, **data: Any) -> News:
    return News(
        kind=NoticeKind.PAID,
        key=f"PAID/{number}",
        loan_id="LN-2026-0001",
        data={
            "amount_paise": 100_00,
            "payment_method": "UPI",
            "reference_id": f"PAY-{number}",
            "value_date": "2026-02-05",
            "principal_outstanding_paise": 0,
        }
        | data,
    )


@pytest.fixture
def borrower() -> Borrower:
    return a_borrower(name="Asha D'Souza")


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Callable[[Exception], None]:
    """Return what makes every mail fail from now on."""

    def fail(error: Exception) -> None:
        def send(*_args: Any, **_kwargs: Any) -> None:
            raise error

        monkeypatch.setattr(EmailMessenger, "send", send)

    return fail


def send() -> int:
    return send_batch(today=TODAY, now=timezone.now())


def make_due() -> None:
    Notice.objects.filter(claimed_until=None).update(next_attempt_at=Now() - timedelta(seconds=1))


def test_a_notice_is_one_mail_with_text_and_html(borrower: Borrower) -> None:
    for _ in range(2):
        write_news(borrower.pk, [news(1)])
    assert (send(), send()) == (1, 0)
    (sent,) = mail.outbox
    assert sent.to == [borrower.email]
    assert sent.subject == "We have received your payment of ₹100.00"
    assert "Dear Asha D'Souza," in sent.body
    ((html, kind),) = sent.alternatives  # type: ignore[attr-defined]
    assert kind == "text/html"
    assert "Asha D&#x27;Souza" in str(html)
    row = Notice.objects.get()
    assert (row.status, row.attempts) == ("SENT", 1)
    assert row.sent_at is not None


def test_what_a_server_refuses_is_tried_again_and_given_up_in_the_end(
    borrower: Borrower, failing: Callable[[Exception], None], caplog: pytest.LogCaptureFixture
) -> None:
    write_news(borrower.pk, [news()])
    failing(smtplib.SMTPRecipientsRefused({borrower.email: (450, b"busy")}))
    for attempt in range(MAX_ATTEMPTS):
        assert Notice.objects.get().status == "PENDING", attempt
        assert send() == 1
        assert send() == 0, "it is not due yet"
        make_due()
    row = Notice.objects.get()
    assert (row.status, row.outcome) == ("FAILED", "SMTPRecipientsRefused")
    assert borrower.email not in caplog.text + row.outcome


def test_one_that_is_refused_at_first_is_sent_once_the_server_is_back(
    borrower: Borrower, failing: Callable[[Exception], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_news(borrower.pk, [news()])
    with monkeypatch.context() as patched:
        patched.setattr(
            EmailMessenger, "send", lambda *_a, **_k: (_ for _ in ()).throw(ConnectionRefusedError)
        )
        send()
    make_due()
    assert (send(), send()) == (1, 0)
    assert len(mail.outbox) == 1


@pytest.mark.parametrize("error", [TimeoutError(), smtplib.SMTPServerDisconnected("gone")])
def test_one_that_may_have_gone_out_is_not_sent_again_by_itself(
    borrower: Borrower, failing: Callable[[Exception], None], error: Exception
) -> None:
    write_news(borrower.pk, [news()])
    failing(error)
    send()
    make_due()
    assert send() == 0
    assert Notice.objects.get().status == "UNCERTAIN"


def test_one_whose_sender_died_is_left_to_staff(
    borrower: Borrower, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_args: Any, **_kwargs: Any) -> None:
        raise SystemExit

    write_news(borrower.pk, [news()])
    with monkeypatch.context() as patched:
        patched.setattr(EmailMessenger, "send", die)
        with pytest.raises(SystemExit):
            send()
    assert send() == 0, "its claim stands"
    Notice.objects.update(claimed_until=Now() - timedelta(seconds=1), next_attempt_at=Now())
    assert send() == 0
    row = Notice.objects.get()
    assert (row.status, row.outcome, mail.outbox) == ("UNCERTAIN", "sender_died", [])
    send_again(row.pk, now=timezone.now() - timedelta(seconds=1))
    assert send() == 1
    assert Notice.objects.get().status == "SENT"
    with pytest.raises(NotToBeSentAgain):
        send_again(row.pk, now=timezone.now())


def test_nobodys_words_reach_the_headers_of_a_mail(borrower: Borrower) -> None:
    write_news(borrower.pk, [news(reference_id="PAY-1\r\nBcc: all@example.com")])
    send()
    (sent,) = mail.outbox
    assert "\n" not in sent.subject
    assert sent.message()["Bcc"] is None


@pytest.mark.parametrize("kind", NoticeKind)
def test_every_kind_has_its_words_and_leaves_no_gap(borrower: Borrower, kind: NoticeKind) -> None:
    data = {
        "instalment_number": 3,
        "due_date": "2026-02-05",
        "overdue_paise": 100_00,
        "closed_on": "2026-02-05",
    }
    row = Notice(borrower=borrower, kind=kind, loan_id="LN-2026-0001", data=news().data | data)
    subject, text, html = mail_of(row)
    for words in (subject, text, html):
        assert "{" not in words
        assert "None" not in words
    assert "LN-2026-0001" in text
    assert "LN-2026-0001" in html
    assert ("refuse reminders" in text) == row.is_reminder == ("refuse reminders" in html)


def test_old_notices_go_and_those_that_wait_stay(borrower: Borrower) -> None:
    write_news(borrower.pk, [news(1)])
    send()
    write_news(borrower.pk, [news(2)])
    assert remove_old_notices(before=timezone.now() + timedelta(days=1)) == 1
    assert Notice.objects.get().key == "PAID/2"


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_send_each_notice_once(borrower: Borrower) -> None:
    write_news(borrower.pk, [news(number) for number in range(60)])

    def work(_number: int) -> None:
        try:
            while send():
                pass
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    references = {line for sent in mail.outbox for line in str(sent.body).splitlines()}
    assert len(mail.outbox) == 60
    assert len([line for line in references if line.startswith("reference PAY-")]) == 60
