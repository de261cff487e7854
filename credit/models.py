"""Bank transactions, the files they came in, and the scores computed from them."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from bright_credit.common.append_only import AppendOnly
from credit.domain.narration import MAX_DESCRIPTION_LENGTH
from credit.domain.scorecard import HIGHEST_SCORE, LOWEST_SCORE
from users.models import Borrower

MAX_RAW_LENGTH = 600


class TransactionFile(models.Model):
    """One reading of a bank-transaction file: what was in it, and what became of every row.

    Written as RECEIVED when reading begins; a file that stays so was interrupted, and nothing of it
    was posted. `amount_paise` sums the amounts that could be read, whatever became of their rows;
    `unreadable_amounts` counts the others, all of them rejected.
    """

    class Status(models.TextChoices):
        RECEIVED = "RECEIVED"
        LOADED = "LOADED"
        REFUSED = "REFUSED"

    name = models.CharField(max_length=255)
    sha256 = models.CharField("SHA-256", max_length=64, blank=True)
    size_bytes = models.BigIntegerField(default=0)
    status = models.CharField(max_length=8, choices=Status, default=Status.RECEIVED)
    refusal_code = models.CharField(max_length=40, blank=True)
    refusal_text = models.CharField(max_length=500, blank=True)
    as_of_date = models.DateField("as of")
    rows = models.BigIntegerField(default=0)
    accepted_rows = models.BigIntegerField(default=0)
    duplicate_rows = models.BigIntegerField(default=0)
    rejected_rows = models.BigIntegerField(default=0)
    amount_paise = models.BigIntegerField(default=0)
    accepted_amount_paise = models.BigIntegerField(default=0)
    duplicate_amount_paise = models.BigIntegerField(default=0)
    rejected_amount_paise = models.BigIntegerField(default=0)
    unreadable_amounts = models.BigIntegerField(default=0)
    warnings = models.JSONField(default=list, blank=True)
    received_at = models.DateTimeField(default=timezone.now, editable=False)
    finished_at = models.DateTimeField(null=True, blank=True)
    scores_refreshed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["RECEIVED", "LOADED", "REFUSED"]),
                name="transaction_file_status_is_known",
            ),
            models.CheckConstraint(
                condition=Q(
                    rows=F("accepted_rows") + F("duplicate_rows") + F("rejected_rows"),
                    accepted_rows__gte=0,
                    duplicate_rows__gte=0,
                    rejected_rows__gte=0,
                ),
                name="transaction_file_loses_no_row",
            ),
            models.CheckConstraint(
                condition=Q(
                    amount_paise=F("accepted_amount_paise")
                    + F("duplicate_amount_paise")
                    + F("rejected_amount_paise"),
                    accepted_amount_paise__gte=0,
                    duplicate_amount_paise__gte=0,
                    rejected_amount_paise__gte=0,
                ),
                name="transaction_file_loses_no_paisa",
            ),
            models.CheckConstraint(
                condition=Q(unreadable_amounts__gte=0, unreadable_amounts__lte=F("rejected_rows")),
                name="transaction_file_rejects_unreadable_amounts",
            ),
            models.CheckConstraint(
                condition=~Q(status="REFUSED") | (~Q(refusal_code="") & Q(rows=0)),
                name="refused_transaction_file_has_a_reason_and_no_rows",
            ),
            models.CheckConstraint(
                condition=Q(status="REFUSED") | Q(refusal_code=""),
                name="only_a_refused_transaction_file_has_a_refusal",
            ),
            models.CheckConstraint(
                condition=Q(status="RECEIVED") | Q(finished_at__isnull=False),
                name="finished_transaction_file_says_when",
            ),
            models.CheckConstraint(
                condition=~Q(status="LOADED") | Q(sha256__regex="^[0-9a-f]{64}$"),
                name="loaded_transaction_file_has_a_digest",
            ),
        ]
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.name} ({self.status})"


class RejectedRow(models.Model):
    """A row of a file that was not posted, with its line and the reason.

    `raw` is the row as it stood, bounded, with bytes that are no text or could act on a terminal
    written as escapes; an export passes it through `inert_cell`.
    """

    file = models.ForeignKey(
        TransactionFile, on_delete=models.PROTECT, related_name="rejections", db_index=False
    )
    line_number = models.BigIntegerField()
    code = models.CharField(max_length=40)
    reason = models.CharField(max_length=200)
    raw = models.CharField(max_length=MAX_RAW_LENGTH, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["file", "line_number"], name="row_is_rejected_for_one_reason"
            ),
            models.CheckConstraint(
                condition=Q(line_number__gte=2), name="rejected_row_is_below_the_header"
            ),
        ]
        ordering = ["file_id", "line_number"]

    def __str__(self) -> str:
        return f"line {self.line_number}: {self.code}"


class FileShare(models.Model):
    """What one file brought one borrower: new transactions, and their amounts in paise.

    A trigger adds every statement's transactions up to it. So whom a file touched is known without
    reading the transactions, and its foreign keys stand for theirs.
    """

    file = models.ForeignKey(
        TransactionFile, on_delete=models.PROTECT, related_name="shares", db_index=False
    )
    borrower = models.ForeignKey(Borrower, on_delete=models.PROTECT, related_name="file_shares")
    rows = models.BigIntegerField()
    amount_paise = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["file", "borrower"], name="file_has_one_share_for_a_borrower"
            ),
            models.CheckConstraint(
                condition=Q(rows__gt=0, amount_paise__gt=0), name="file_share_is_not_empty"
            ),
        ]

    def __str__(self) -> str:
        return f"share of borrower {self.borrower_id} in file {self.file_id}"


class BankTransaction(AppendOnly):
    """One transaction of a borrower's bank account, as a file told it. Written once.

    The file carries no transaction id. `row_hash` is the first half of the SHA-256 of amount, type
    and description; `ordinal` numbers the identical rows of one file, since two identical lines may
    be two real transactions. With borrower and date they are the key under which a replayed or
    grown file adds only what is new.
    """

    class Type(models.TextChoices):
        CREDIT = "CREDIT"
        DEBIT = "DEBIT"

    # The unique key below serves every look-up by borrower; a second index would only cost time.
    # Nor do row-by-row foreign keys guard the two parents: they were 6 of 12 seconds for a million
    # rows. A trigger adds each statement's rows up to `FileShare`, and checks parents there.
    borrower = models.ForeignKey(
        Borrower,
        on_delete=models.PROTECT,
        related_name="bank_transactions",
        db_index=False,
        db_constraint=False,
    )
    transaction_date = models.DateField()
    amount_paise = models.BigIntegerField()
    type = models.CharField(max_length=6, choices=Type)
    description = models.CharField(max_length=MAX_DESCRIPTION_LENGTH, blank=True)
    row_hash = models.UUIDField()
    ordinal = models.PositiveIntegerField()
    file = models.ForeignKey(
        TransactionFile,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["borrower", "transaction_date", "row_hash", "ordinal"],
                name="bank_transaction_is_posted_once",
            ),
            models.CheckConstraint(
                condition=Q(amount_paise__gt=0), name="bank_transaction_amount_is_positive"
            ),
            models.CheckConstraint(
                condition=Q(type__in=["CREDIT", "DEBIT"]), name="bank_transaction_type_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.transaction_date} {self.type} {self.amount_paise} paise"


class CreditScore(AppendOnly):
    """A score as it was computed, with its inputs and its explanation. Never changed."""

    class Trigger(models.TextChoices):
        REGISTRATION = "REGISTRATION", "Registration"
        APPLICATION = "APPLICATION", "Loan application"
        BILLING_RUN = "BILLING_RUN", "Billing run"
        OPERATIONS = "OPERATIONS", "Operations"

    borrower = models.ForeignKey(
        Borrower, on_delete=models.PROTECT, related_name="credit_scores", db_index=False
    )
    score = models.PositiveSmallIntegerField()
    model_version = models.CharField(max_length=32)
    as_of_date = models.DateField("as of")
    computed_at = models.DateTimeField(default=timezone.now, editable=False)
    trigger = models.CharField(max_length=12, choices=Trigger)
    inputs = models.JSONField()
    points = models.JSONField()
    reason_codes = models.JSONField()
    improvements = models.JSONField()
    thin_file = models.BooleanField()
    basis = models.CharField(max_length=20)
    overlay = models.CharField(max_length=20, blank=True)

    class Meta:
        indexes = [models.Index("borrower", models.F("id").desc(), name="newest_score_of_borrower")]
        constraints = [
            models.CheckConstraint(
                condition=Q(score__gte=LOWEST_SCORE, score__lte=HIGHEST_SCORE),
                name="credit_score_is_from_300_to_900",
            ),
            models.CheckConstraint(
                condition=Q(
                    trigger__in=["REGISTRATION", "APPLICATION", "BILLING_RUN", "OPERATIONS"]
                ),
                name="credit_score_trigger_is_known",
            ),
        ]
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.score} ({self.model_version}, {self.as_of_date})"
