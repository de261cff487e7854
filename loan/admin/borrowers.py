"""A borrower's page with what the higher apps know: scores, applications, loans."""

from collections.abc import Sequence

from django.contrib import admin
from django.http import HttpRequest

from bright_credit.common.admin.columns import day, link, list_url, newest, rupees, state
from bright_credit.common.admin.pages import PanelsMixin, may_view
from bright_credit.common.admin.panels import Panel, Table
from credit.admin import score_panels
from credit.models import CreditScore
from credit.selectors import DEFAULT_HISTORY, score_history
from loan.admin.clock import business_date
from loan.admin.erasure import ErasureMixin
from loan.admin.tones import APPLICATION_TONES, LOAN_TONES, loan_bucket
from loan.models import Loan, LoanApplication
from loan.selectors.carrying import carry_to
from users.admin.access_log import looks_panel
from users.admin.borrowers import BorrowerAdmin
from users.admin.consents import consents_panel
from users.admin.numbers import NumbersMixin
from users.models import AccessLogEntry, Borrower, Consent

ROWS_SHOWN = 50

admin.site.unregister(Borrower)


@admin.register(Borrower)
class BorrowerPageAdmin(NumbersMixin, ErasureMixin, PanelsMixin, BorrowerAdmin):
    """Borrowers; each one's page tells all there is to know, as far as the person may see it."""

    actions_detail = (*NumbersMixin.actions_detail, *ErasureMixin.actions_detail)

    def panels(self, request: HttpRequest, obj: Borrower) -> Sequence[Panel]:
        """Return the loans, the applications, the scores, the consents, and who looked."""
        panels: list[Panel] = []
        if may_view(request, Loan):
            panels.append(_loans(request, obj))
        if may_view(request, LoanApplication):
            panels.append(_applications(obj))
        if may_view(request, CreditScore):
            panels += _scores(obj)
        if may_view(request, Consent):
            panels.append(consents_panel(obj))
        if may_view(request, AccessLogEntry):
            panels.append(looks_panel(obj))
        return panels


def _loans(request: HttpRequest, borrower: Borrower) -> Table:
    as_of = business_date(request)
    loans = list(Loan.objects.filter(borrower=borrower).order_by("-id")[:ROWS_SHOWN])
    carry_to(loans, as_of)
    return Table(
        title="Loans",
        headings=("Loan", "Product", "Disbursed", "Principal", "Outstanding", "Bucket", "Status"),
        numeric=frozenset({"Principal", "Outstanding"}),
        rows=tuple(
            (
                link(loan.public_id, loan),
                loan.product_id,
                day(loan.disbursed_on),
                rupees(loan.principal_paise),
                rupees(loan.principal_outstanding_paise),
                loan_bucket(loan, as_of=as_of),
                state(loan.status, LOAN_TONES),
            )
            for loan in loans
        ),
        note=newest(
            len(loans),
            at_most=ROWS_SHOWN,
            url=list_url(Loan, q=borrower.public_id),
            what="loans",
        ),
    )


def _applications(borrower: Borrower) -> Table:
    applications = LoanApplication.objects.filter(borrower=borrower).order_by("-id")[:ROWS_SHOWN]
    return Table(
        title="Applications",
        headings=("Application", "Product", "Submitted", "Amount", "Tenure", "Status"),
        numeric=frozenset({"Amount"}),
        rows=tuple(
            (
                link(application.public_id, application),
                application.product_id,
                day(application.submitted_on),
                rupees(application.amount_paise),
                f"{application.tenure_months} months",
                state(application.status, APPLICATION_TONES),
            )
            for application in applications
        ),
        note=newest(
            len(applications),
            at_most=ROWS_SHOWN,
            url=list_url(LoanApplication, q=borrower.public_id),
            what="applications",
        ),
    )


def _scores(borrower: Borrower) -> list[Panel]:
    scores = score_history(borrower)
    table = Table(
        title="Score history",
        headings=("As of", "Score", "Because of", "Thin file", "Ceiling"),
        numeric=frozenset({"Score"}),
        rows=tuple(
            (
                link(day(score.as_of_date), score),
                str(score.score),
                score.get_trigger_display(),
                "Yes" if score.thin_file else "No",
                score.overlay,
            )
            for score in scores
        ),
        note=newest(
            len(scores),
            at_most=DEFAULT_HISTORY,
            url=list_url(CreditScore, q=borrower.public_id),
            what="scores",
        ),
        empty="Not scored yet.",
    )
    return [*(score_panels(scores[0])[:2] if scores else ()), table]
