"""The journal: accounts, entries and their transfers. Entries and transfers are only ever added.

Three guards keep it so: the models themselves, the triggers of migration 0002 in PostgreSQL, and
the checks of `ledger.checks`.
"""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from bright_credit.common.append_only import AppendOnly
from bright_credit.common.money import MAX_AMOUNT_PAISE
from ledger.domain.chart import AccountType, Side
from ledger.domain.entries import MAX_KIND_LENGTH, MAX_NARRATIVE_LENGTH, MAX_REFERENCE_LENGTH


class Account(models.Model):
    """One line of the chart of accounts; see `ledger.domain.chart`, which it mirrors."""

    class Type(models.TextChoices):
        ASSET = AccountType.ASSET, "Asset"
        LIABILITY = AccountType.LIABILITY, "Liability"
        EQUITY = AccountType.EQUITY, "Equity"
        INCOME = AccountType.INCOME, "Income"
        EXPENSE = AccountType.EXPENSE, "Expense"

    class NormalSide(models.TextChoices):
        DEBIT = Side.DEBIT, "Debit"
        CREDIT = Side.CREDIT, "Credit"

    code = models.CharField(max_length=4, primary_key=True)
    name = models.CharField(max_length=60, unique=True)
    type = models.CharField(max_length=9, choices=Type.choices)
    normal_side = models.CharField(max_length=6, choices=NormalSide.choices)
    is_control = models.BooleanField(
        default=False, help_text="The loans are this account's subledger."
    )

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="account_grows_on_the_side_of_its_type",
                condition=Q(type__in=["ASSET", "EXPENSE"], normal_side="DEBIT")
                | Q(type__in=["LIABILITY", "EQUITY", "INCOME"], normal_side="CREDIT"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Entry(AppendOnly):
    """One event of the business as it was booked.

    `value_date` says when it counts, `booked_at` when we knew; `reference` names the source event
    and is unique, which makes posting idempotent. `transfer_count` seals the entry: its lines are
    numbered from 1 to that count, so none can be added later.
    """

    value_date = models.DateField()
    booked_at = models.DateTimeField(db_default=Now())
    kind = models.CharField(max_length=MAX_KIND_LENGTH)
    reference = models.CharField(max_length=MAX_REFERENCE_LENGTH, unique=True)
    reverses = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="reversed_by"
    )
    transfer_count = models.PositiveIntegerField()
    actor = models.CharField(max_length=80, default="system")
    narrative = models.CharField(max_length=MAX_NARRATIVE_LENGTH, blank=True, default="")

    class Meta:
        verbose_name_plural = "entries"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(name="entry_names_its_kind", condition=~Q(kind="")),
            models.CheckConstraint(name="entry_names_its_source", condition=~Q(reference="")),
            models.CheckConstraint(name="entry_has_a_transfer", condition=Q(transfer_count__gte=1)),
            models.CheckConstraint(
                name="entry_does_not_reverse_itself", condition=~Q(reverses=F("id"))
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            # Books as of a day, and the entries of one day in the order they were booked.
            models.Index(name="entry_by_value_date", fields=["value_date", "id"]),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.reference}"


class Transfer(AppendOnly):
    """`amount_paise` debited to one account and credited to another, for one loan or for none.

    `loan_id` is a plain number: the ledger knows nothing of loans.
    """

    entry = models.ForeignKey(
        Entry, on_delete=models.PROTECT, related_name="transfers", db_index=False
    )
    line_number = models.PositiveIntegerField()
    # No index on the accounts: there are a dozen, so none would ever be used.
    debit = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", db_index=False)
    credit = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", db_index=False)
    amount_paise = models.BigIntegerField()
    loan_id = models.BigIntegerField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                name="transfer_line_is_unique_in_its_entry", fields=["entry", "line_number"]
            ),
            models.CheckConstraint(
                name="transfer_line_is_numbered_from_one", condition=Q(line_number__gte=1)
            ),
            models.CheckConstraint(
                name="transfer_amount_is_positive",
                condition=Q(amount_paise__gt=0, amount_paise__lte=MAX_AMOUNT_PAISE),
            ),
            models.CheckConstraint(
                name="transfer_debit_differs_from_credit", condition=~Q(debit=F("credit"))
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            # A loan's page shows its entries; entries of several loans at once are not in it.
            models.Index(
                name="transfer_by_loan",
                fields=["loan_id", "id"],
                condition=Q(loan_id__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entry_id}/{self.line_number}"
