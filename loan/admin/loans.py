"""The admin of loans: found by number or borrower, and everything about one on one page."""

import re
from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import DateField, Q, QuerySet, Value
from django.http import HttpRequest
from unfold.views import ChangeList

from bright_credit.common.admin.columns import (
    badge_column,
    day,
    number,
    public_id,
    rupees,
    rupees_column,
)
from bright_credit.common.admin.pages import SearchMixin
from bright_credit.common.admin.panels import Panel
from bright_credit.common.admin.theme import column
from loan.admin.class_marks import MarksClass
from loan.admin.clock import business_date
from loan.admin.early_repayment import EarlyRepayment
from loan.admin.loan_panels import loan_panels
from loan.admin.refunds import RefundsExcess
from loan.admin.rescheduling import Reschedules
from loan.admin.tones import LOAN_TONES, loan_bucket
from loan.admin.write_offs import WritesOff
from loan.domain.delinquency import Bucket, days_past_due
from loan.models import Loan, LoanApplication
from loan.selectors.carrying import carry_to
from loan.selectors.delinquency import in_bucket, overdue
from loan.selectors.loan_page import loan_page
from users.admin.borrowers import PLAIN_NUMBER, borrowers_like

OVERDUE = "OVERDUE"

# The number alone names a loan; whoever mistakes the year means this one all the same.
_LOAN_ID = re.compile(r"LN-[0-9]{4}-(?P<key>[0-9]{1,18})", re.ASCII | re.IGNORECASE)


def loans_like(text: str, *, path: str = "") -> Q:
    """Return the condition that finds loans by what staff type: LN id, number, or borrower.

    `path` leads from the searched table to the loan, such as `loan__`.
    """
    written = _LOAN_ID.fullmatch(text)
    if written:
        return Q(**{f"{path}pk": int(written["key"])})
    if PLAIN_NUMBER.fullmatch(text):
        return Q(**{f"{path}pk": int(text)})
    return borrowers_like(text, path=f"{path}borrower__")


class BucketFilter(admin.SimpleListFilter):
    """By delinquency on the open business date."""

    title = "delinquency"
    parameter_name = "bucket"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return overdue at all, and each bucket."""
        buckets = [(each.value, each.value.replace("_", "-")) for each in Bucket]
        return [(OVERDUE, "Any overdue"), *buckets]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the loans in the chosen bucket."""
        chosen, as_of = self.value(), business_date(request)
        if chosen == OVERDUE:
            return queryset.filter(overdue(as_of=as_of))
        if chosen is not None and chosen in set(Bucket):
            return queryset.filter(in_bucket(Bucket(chosen), as_of=as_of))
        return queryset


class LoanList(ChangeList):
    """A page of loans as they stand today."""

    def get_results(self, request: HttpRequest) -> None:
        """Fetch the page, and carry its loans to the open business date."""
        super().get_results(request)
        loans = list(self.result_list)
        carry_to(loans, business_date(request))
        self.result_list = loans


@admin.register(Loan)
class LoanAdmin(EarlyRepayment, Reschedules, MarksClass, WritesOff, SearchMixin, RefundsExcess):
    """Loans with their positions; a loan's page shows its whole story."""

    actions_detail = (
        "prepay_it",
        "foreclose_it",
        "cancel_it",
        "reschedule_it",
        *RefundsExcess.actions_detail,
        "mark_class_of_it",
        "write_off_it",
        "settle_it",
    )

    list_display = (
        "loan_id",
        "who",
        "kind",
        "principal",
        "outstanding",
        "oldest_unpaid",
        "late",
        "bucket",
        "state",
    )
    list_select_related = ("borrower",)
    list_filter = ("status", BucketFilter, "product")
    search_help_text = "Loan: LN-2025-0456 or 456; borrower: BC-USER id, name or e-mail"
    ordering = ("-pk",)

    principal = rupees_column("principal_paise", "Principal")
    state = badge_column("status", "Status", tones=LOAN_TONES)

    def matching(self, text: str) -> Q:
        """Return the condition of loans that a text finds."""
        return loans_like(text)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Loan]:
        """Return loans that know the day they are looked at."""
        queryset: QuerySet[Loan] = super().get_queryset(request)
        as_of = Value(business_date(request), output_field=DateField())
        return queryset.select_related("product", "borrower").annotate(as_of=as_of)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """Return the list that carries its loans to today."""
        return LoanList

    def panels(self, request: HttpRequest, obj: Loan) -> Sequence[Panel]:
        """Return the loan's whole story."""
        application = LoanApplication.objects.filter(loan=obj).first()
        return loan_panels(loan_page(obj, as_of=business_date(request)), application=application)

    @column("Loan", ordering="pk")
    def loan_id(self, loan: Loan) -> str:
        """Return the public id."""
        return public_id(loan.public_id)

    @column("Borrower", ordering="borrower__name")
    def who(self, loan: Loan) -> str:
        """Return the borrower's id and name."""
        return str(loan.borrower)

    @column("Product", ordering="product")
    def kind(self, loan: Loan) -> str:
        """Return the product's code."""
        return loan.product_id

    @column("Outstanding")
    def outstanding(self, loan: Loan) -> str:
        """Return what is owed of the principal."""
        return rupees(loan.principal_outstanding_paise)

    @column("Oldest unpaid due", ordering="oldest_unpaid_due_date")
    def oldest_unpaid(self, loan: Loan) -> str:
        """Return the due date of the first instalment not fully paid."""
        return day(loan.oldest_unpaid_due_date)

    @column("Days past due", ordering="oldest_unpaid_due_date")
    def late(self, loan: Any) -> str:
        """Return the days past due."""
        return number(days_past_due(loan.oldest_unpaid_due_date, loan.as_of))

    @column("Bucket", ordering="oldest_unpaid_due_date")
    def bucket(self, loan: Any) -> str:
        """Return the delinquency bucket."""
        return loan_bucket(loan, as_of=loan.as_of)
