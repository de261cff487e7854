"""Handing in a bank-transaction file, and what became of its rows."""

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from credit.admin import REJECTIONS_SHOWN
from credit.models import BankTransaction, CreditScore, RejectedRow, TransactionFile
from tests.builders import a_borrower
from tests.integration.admin.conftest import TODAY, Book, a_file, csv_of
from tests.integration.admin.pages import list_of, messages_of, page_of, text_of, words_of

pytestmark = pytest.mark.django_db

UPLOAD = "admin:credit_transactionfile_upload"
MAY_UPLOAD = ("credit.add_transactionfile", "credit.view_transactionfile")


def handed_in(client: Client, content: bytes, *, name: str = "march.csv") -> Any:
    """Return the answer to a file, followed to the page it leads to."""
    return client.post(reverse(UPLOAD), {"file": SimpleUploadedFile(name, content)}, follow=True)


def test_a_file_is_loaded_and_its_rows_are_accounted_for(staff: Callable[..., Client]) -> None:
    client = staff(*MAY_UPLOAD)
    row = f"{a_borrower().public_id},2026-02-01,150000,CREDIT,SALARY"
    bad = row.replace("150000", "-1")
    answer = handed_in(client, csv_of(row, bad))
    assert messages_of(answer) == ["march.csv: 1 row accepted, 0 known already, 1 rejected."]
    file = TransactionFile.objects.get()
    assert answer.redirect_chain[-1][0] == page_of(file)
    page = answer.content.decode()
    assert "amount_not_positive" in page
    assert "₹1,50,000.00" in page
    assert BankTransaction.objects.count() == 1
    again = handed_in(client, csv_of(row, bad))
    assert messages_of(again) == ["march.csv: 0 rows accepted, 1 known already, 1 rejected."]


def test_who_got_new_transactions_is_scored_anew(boss: Client) -> None:
    borrower, other = a_borrower(), a_borrower()
    handed_in(boss, csv_of(f"{borrower.public_id},2026-02-01,150000,CREDIT,SALARY"))
    newest = CreditScore.objects.filter(borrower=borrower).latest("id")
    assert (newest.trigger, newest.as_of_date) == ("BILLING_RUN", TODAY)
    assert CreditScore.objects.filter(borrower=other).count() == 1


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"user_id,amount\n", "march.csv was refused: "),
        (b"\xff\xfeu\0s\0e\0r\0", "march.csv was refused: "),
        (b"\x00\x01\x02", "march.csv was refused: "),
    ],
)
def test_a_file_of_another_kind_is_refused_in_words(
    boss: Client, content: bytes, told: str
) -> None:
    answer = handed_in(boss, content)
    assert answer.status_code == 200
    (message,) = messages_of(answer)
    assert message.startswith(told)
    assert TransactionFile.objects.get().status == TransactionFile.Status.REFUSED


def test_no_file_and_an_empty_file_are_asked_for_again(boss: Client) -> None:
    for data in ({}, {"file": SimpleUploadedFile("empty.csv", b"")}, {"file": "text"}):
        answer = boss.post(reverse(UPLOAD), data)
        assert answer.status_code == 200
        assert answer.context["form"].errors["file"]
    assert not TransactionFile.objects.exists()


def test_a_file_above_the_limit_is_refused_with_the_limit(boss: Client, settings: Settings) -> None:
    settings.BRIGHTLEND_UPLOAD_MAX_BYTES = 100
    assert "at most 100" in text_of(boss, reverse(UPLOAD))
    answer = boss.post(reverse(UPLOAD), {"file": SimpleUploadedFile("big.csv", b"x" * 101)})
    (error,) = answer.context["form"].errors["file"]
    assert "at most 100" in error
    assert not TransactionFile.objects.exists()


def test_a_hostile_name_stays_a_name(boss: Client) -> None:
    handed_in(boss, csv_of(), name="../../<img src=x onerror=alert(1)>.csv")
    file = TransactionFile.objects.get()
    assert "/" not in file.name
    assert "<img src=x" not in text_of(boss, page_of(file))


def test_an_upload_needs_the_token(boss: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = boss.cookies
    answer = strict.post(reverse(UPLOAD), {"file": SimpleUploadedFile("a.csv", csv_of())})
    assert answer.status_code == 403
    assert not TransactionFile.objects.exists()


def test_rejected_rows_are_shown_inert(viewer: Client, book: Book) -> None:
    for address in (page_of(book.file), list_of(RejectedRow)):
        page = text_of(viewer, address)
        assert "<script>alert(1)</script>" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_a_long_list_of_rejections_is_cut_and_linked(viewer: Client) -> None:
    file = a_file(*["x"] * (REJECTIONS_SHOWN + 1))
    page = text_of(viewer, page_of(file))
    everything = f"{list_of(RejectedRow)}?file__id__exact={file.pk}"
    assert everything in page
    assert page.count("too_few_fields") == REJECTIONS_SHOWN
    assert "51 rejected rows" in words_of(viewer, everything)


def test_rejected_rows_are_exported_with_no_cell_that_acts(viewer: Client, book: Book) -> None:
    address = reverse("admin:credit_transactionfile_export_rejected", args=[book.file.pk])
    answer: Any = viewer.get(address)
    assert answer["Content-Type"] == "text/csv"
    assert f"rejected-rows-{book.file.pk}.csv" in answer["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert rows[0] == ["line_number", "code", "reason", "raw"]
    assert [row[:2] for row in rows[1:]] == [["3", "unknown_user"], ["4", "date_impossible"]]
    assert rows[1][3].startswith("'=cmd|calc,")


def test_the_export_needs_the_permission_and_a_file(
    staff: Callable[..., Client], viewer: Client, book: Book
) -> None:
    name = "admin:credit_transactionfile_export_rejected"
    clerk = staff("credit.view_transactionfile", name="other")
    assert clerk.get(reverse(name, args=[book.file.pk])).status_code == 403
    for key in ("0", "abc"):
        assert viewer.get(reverse(name, args=[key])).status_code == 404
