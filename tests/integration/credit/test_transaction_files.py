"""Loading a bank-transaction file: what is posted, what is set aside, and that nothing is lost."""

import hashlib
import random
from datetime import date, timedelta
from io import BytesIO

import pytest
from pytest_django import Settings

from credit.domain.spreadsheet import inert_cell
from credit.models import BankTransaction, RejectedRow, TransactionFile
from credit.services.transactions import load_transaction_file
from tests.integration.credit.bank_files import (
    AS_OF,
    HEADER,
    Counts,
    borrowers,
    counts,
    load,
    rejected,
    row,
)
from users.models import Borrower

pytestmark = pytest.mark.django_db


@pytest.fixture
def someone() -> Borrower:
    """Return one borrower."""
    return borrowers(1)[0]


def test_the_two_lines_of_the_contract_are_posted(someone: Borrower) -> None:
    content = (
        f"{someone.public_id},2025-03-15,250000,CREDIT,SALARY\n"
        f"{someone.public_id},2025-03-18,50000,DEBIT,LOAN_EMI\n"
    ).encode()
    loaded = load(content)
    assert counts(loaded.file) == Counts(accepted=2, duplicate=0, rejected=0)
    assert loaded.file.amount_paise == loaded.file.accepted_amount_paise == 300_000_00
    assert loaded.file.sha256 == hashlib.sha256(HEADER + content).hexdigest()
    assert loaded.file.size_bytes == len(HEADER + content)
    assert loaded.file.warnings == []
    assert loaded.touched_borrower_ids == (someone.pk,)
    posted = BankTransaction.objects.order_by("transaction_date").values_list(
        "borrower_id", "transaction_date", "amount_paise", "type", "description", "ordinal"
    )
    assert list(posted) == [
        (someone.pk, date(2025, 3, 15), 250_000_00, "CREDIT", "SALARY", 0),
        (someone.pk, date(2025, 3, 18), 50_000_00, "DEBIT", "LOAN_EMI", 0),
    ]


def test_the_row_hash_is_half_of_the_sha256_of_amount_type_and_description(
    someone: Borrower,
) -> None:
    load(row(someone, amount="20833.5", kind="DEBIT", description="चाय | tea"))
    content = "2083350|DEBIT|चाय | tea".encode()
    posted = BankTransaction.objects.get()
    assert posted.row_hash.bytes == hashlib.sha256(content).digest()[:16]


def test_thousands_of_rows_for_many_borrowers_add_up_to_the_paisa() -> None:
    people = borrowers(150)
    chance = random.Random(7)
    rows, total_paise = [], 0
    for number in range(6_000):
        paise = chance.randint(1, 10**8)
        total_paise += paise
        rows.append(
            row(
                chance.choice(people),
                day=(date(2025, 1, 1) + timedelta(days=chance.randint(0, 364))).isoformat(),
                amount=f"{paise // 100}.{paise % 100:02d}",
                kind=chance.choice(["CREDIT", "DEBIT"]),
                description=f"UPI/{number}" if number % 3 else 'SHOP, "THE BEST"',
            )
        )
    loaded = load(rows)
    assert counts(loaded.file) == Counts(accepted=6_000, duplicate=0, rejected=0)
    assert loaded.file.accepted_amount_paise == total_paise
    assert set(loaded.touched_borrower_ids) == {person.pk for person in people}


class TestRepetition:
    def test_the_same_file_again_adds_nothing(self, someone: Borrower) -> None:
        content = row(someone) + row(someone, day="2025-04-15") + b"nonsense\n"
        first, again = load(content), load(content)
        assert counts(first.file) == Counts(accepted=2, duplicate=0, rejected=1)
        assert counts(again.file) == Counts(accepted=0, duplicate=2, rejected=1)
        assert again.touched_borrower_ids == ()

    def test_a_grown_file_adds_only_what_is_new(self, someone: Borrower) -> None:
        content = row(someone) + row(someone, day="2025-04-15")
        load(content)
        grown = load(content + row(someone, day="2025-05-15"))
        assert counts(grown.file) == Counts(accepted=1, duplicate=2, rejected=0)
        assert grown.file.accepted_amount_paise == 250_000_00

    def test_only_borrowers_with_new_rows_are_touched(self) -> None:
        one, other = borrowers(2)
        load(row(one))
        assert load(row(one) + row(other)).touched_borrower_ids == (other.pk,)

    def test_identical_rows_of_one_file_are_two_transactions(self, someone: Borrower) -> None:
        twice = row(someone, amount="20", description="TEA") * 2
        assert counts(load(twice).file) == Counts(accepted=2, duplicate=0, rejected=0)
        assert counts(load(twice).file) == Counts(accepted=0, duplicate=2, rejected=0)
        assert counts(load(twice + twice).file) == Counts(accepted=2, duplicate=2, rejected=0)
        ordinals = BankTransaction.objects.order_by("ordinal").values_list("ordinal", flat=True)
        assert list(ordinals) == [0, 1, 2, 3]

    def test_identical_rows_are_counted_across_blocks(
        self, someone: Borrower, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("credit.transactions_file.source.BLOCK_BYTES", 128)
        assert counts(load(row(someone) * 40).file) == Counts(40, 0, 0)
        assert set(BankTransaction.objects.values_list("ordinal", flat=True)) == set(range(40))

    def test_the_same_rows_in_another_order_and_spelling_are_duplicates(
        self, someone: Borrower
    ) -> None:
        load(row(someone, amount="100") + row(someone, amount="7.50"))
        quoted = f'"{someone.public_id}","2025-03-15","7.5","CREDIT","SALARY"\r\n'.encode()
        again = load(quoted + row(someone, amount="100.00").replace(b"\n", b"\r\n"))
        assert counts(again.file) == Counts(accepted=0, duplicate=2, rejected=0)


class TestDescriptions:
    @pytest.mark.parametrize(
        "description",
        [
            "",
            "RENT, MARCH",
            "two\nlines",
            'he said "hi"',
            "=cmd|' /C calc'!A0",
            "चाय ☕ 𝔘",
            "\\N",
            "\\.",
            "back\\slash\\n",
            "tab\there",
            "'; DROP TABLE users_borrower; --",
            "NULL",
            "x" * 500,
        ],
    )
    def test_they_are_kept_as_they_came(self, someone: Borrower, description: str) -> None:
        assert counts(load(row(someone, description=description)).file).accepted == 1
        assert BankTransaction.objects.get().description == description

    def test_a_formula_is_inert_when_it_is_exported(self, someone: Borrower) -> None:
        load(row(someone, description="=cmd|' /C calc'!A0"))
        assert inert_cell(BankTransaction.objects.get().description) == "'=cmd|' /C calc'!A0"

    def test_an_empty_description_of_a_plain_row_is_empty(self, someone: Borrower) -> None:
        load(f"{someone.public_id},2025-03-15,1,DEBIT,\n".encode())
        assert BankTransaction.objects.get().description == ""


class TestRejectedRows:
    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"amount": "-500"}, "amount_not_positive"),
            ({"amount": "0"}, "amount_not_positive"),
            ({"amount": "NaN"}, "amount_malformed"),
            ({"amount": "1E+5"}, "amount_malformed"),
            ({"amount": "9" * 40}, "amount_too_large"),
            ({"amount": "1,00,000.00"}, "amount_malformed"),
            ({"amount": "₹500"}, "amount_malformed"),
            ({"amount": "५००"}, "amount_malformed"),
            ({"amount": "500 "}, "amount_malformed"),
            ({"day": "2025-02-31"}, "date_impossible"),
            ({"day": "2026-01-16"}, "date_in_future"),
            ({"day": "1999-12-31"}, "date_too_old"),
            ({"day": "15/03/2025"}, "date_malformed"),
            ({"kind": "TRANSFER"}, "type_unknown"),
            ({"description": "x" * 501}, "description_too_long"),
            ({"day": "tomorrow", "amount": "?"}, "date_malformed"),
        ],
    )
    def test_each_fault_has_its_line_and_reason(
        self, someone: Borrower, changes: dict[str, str], code: str
    ) -> None:
        file = load(row(someone) + row(someone, **changes) + row(someone, day="2025-04-15")).file
        assert counts(file) == Counts(accepted=2, duplicate=0, rejected=1)
        assert rejected(file) == [(3, code)]

    @pytest.mark.parametrize(
        "user_id",
        [
            "BC-USER-{after}",
            "BC-USER-999999999999999999",
            "BC-USER-99999999999999999999",
            "bc-user-001",
            "BC-USER-1",
            " BC-USER-001",
            "",
            "1",
            "BC-USER-००१",
        ],
    )
    def test_unknown_users_are_rejected(self, someone: Borrower, user_id: str) -> None:
        line = user_id.format(after=f"{someone.pk + 1:03d}") + ",2025-03-15,1,CREDIT,X\n"
        file = load(row(someone) + line.encode()).file
        assert rejected(file) == [(3, "unknown_user")]
        assert file.rejected_amount_paise == 1_00

    def test_a_faulty_file_is_accounted_for_row_by_row(self, someone: Borrower) -> None:
        good = row(someone)
        content = [
            good,  # 2
            row(someone, description="RENT, \nMARCH"),  # 3 and 4
            row(someone, description="CAFE").replace(b"CAFE", b"CAF\xc9"),  # 5
            row(someone, amount="-1"),  # 6
            b"\n",  # 7
            row(someone, description="X").replace(b"X", b'"open'),  # 8
            row(someone, day="2025-02-30", amount="10.50"),  # 9
            row(someone, description="X").replace(b"X", b"nul\0"),  # 10
            good.replace(b"\n", b",extra\n"),  # 11
            good.replace(b",SALARY", b""),  # 12
            good,  # 13
            row(someone, day="2025-05-01")[:-20],  # 14, cut
        ]
        file = load(content).file
        assert counts(file) == Counts(accepted=3, duplicate=0, rejected=8)
        assert rejected(file) == [
            (5, "not_utf8"),
            (6, "amount_not_positive"),
            (8, "unclosed_quote"),
            (9, "date_impossible"),
            (10, "nul_character"),
            (11, "too_many_fields"),
            (12, "too_few_fields"),
            (14, "cut_short"),
        ]
        assert file.rejected_amount_paise == 10_50
        assert file.unreadable_amounts == 7
        assert file.warnings == ["no_final_newline", "blank_lines"]

    def test_a_rejected_row_is_kept_as_it_stood_but_inert(self, someone: Borrower) -> None:
        load(b"x\x1b[2J\xff\0\xe2\x80\xae,y\n" + b"z" * 10_000 + b"\n")
        first, second = RejectedRow.objects.order_by("line_number")
        assert first.raw == "x\\x1b[2J\\xff\\x00\\u202e,y"
        assert len(second.raw) == 600
        assert second.raw.endswith("…")
        assert second.reason == "The row has fewer than 5 fields."

    def test_a_file_of_nothing_but_faults_is_loaded_and_posts_nothing(
        self, someone: Borrower
    ) -> None:
        assert counts(load(b"nonsense\n" * 3_000).file) == Counts(0, 0, 3_000)


class TestWholeFiles:
    def test_a_header_alone_is_loaded_with_no_row(self) -> None:
        assert counts(load(b"").file) == Counts(accepted=0, duplicate=0, rejected=0)

    def test_a_bom_and_line_ends_of_windows_make_no_difference(self, someone: Borrower) -> None:
        load(row(someone))
        windows = load(
            row(someone).replace(b"\n", b"\r\n"),
            header=b"\xef\xbb\xbf" + HEADER.replace(b"\n", b"\r\n"),
        )
        assert counts(windows.file) == Counts(accepted=0, duplicate=1, rejected=0)

    def test_a_last_row_without_line_end_is_posted_with_a_warning(self, someone: Borrower) -> None:
        file = load(row(someone)[:-1]).file
        assert counts(file).accepted == 1
        assert file.warnings == ["no_final_newline"]

    @pytest.mark.parametrize(
        ("header", "code"),
        [
            (b"", "file_empty"),
            (b"user_id,amount\n", "wrong_header"),
            (b"transaction_date,user_id,amount,type,description\n", "wrong_header"),
            (HEADER.decode().encode("utf-16"), "file_not_utf8"),
        ],
    )
    def test_a_refused_file_says_why_and_posts_nothing(
        self, someone: Borrower, header: bytes, code: str
    ) -> None:
        loaded = load(row(someone) if header else b"", header=header)
        assert loaded.touched_borrower_ids == ()
        file = TransactionFile.objects.get()
        assert (file.status, file.refusal_code) == ("REFUSED", code)
        assert file.refusal_text
        assert file.finished_at is not None
        assert (file.rows, file.amount_paise) == (0, 0)
        assert not BankTransaction.objects.exists()

    def test_a_stream_above_the_limit_is_refused_whole(
        self, someone: Borrower, settings: Settings
    ) -> None:
        settings.TRANSACTIONS_FILE_MAX_BYTES = 1_000
        file = load(row(someone) * 100 + b"nonsense\n").file
        assert file.refusal_code == "file_too_large"
        assert not BankTransaction.objects.exists()
        assert not RejectedRow.objects.exists()

    def test_a_later_business_date_lets_later_transactions_in(self, someone: Borrower) -> None:
        tomorrow = AS_OF + timedelta(days=1)
        content = row(someone, day=tomorrow.isoformat())
        assert rejected(load(content).file) == [(2, "date_in_future")]
        assert counts(load(content, as_of=tomorrow).file).accepted == 1

    def test_a_names_folders_and_control_characters_are_dropped(self) -> None:
        hostile = "..\\..//etc/pass\0wd\x1b.csv"
        loaded = load_transaction_file(BytesIO(HEADER), name=hostile, as_of=AS_OF)
        assert loaded.file.name == "passwd.csv"
