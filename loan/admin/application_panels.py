"""The panels of an application's page."""

from bright_credit.common.admin.columns import (
    NOTHING,
    day,
    instant,
    link,
    number,
    rate,
    rupees,
    state,
)
from bright_credit.common.admin.panels import Cell, Panel, Table, facts
from loan.admin.tones import APPLICATION_TONES
from loan.models import Loan, LoanApplication


def application_panels(application: LoanApplication) -> list[Panel]:
    """Return what was asked, why it stands as it does, what could be lent, who decided."""
    panels: list[Panel] = [summary_panel(application), _reasons(application)]
    if application.counter_offer:
        panels.append(_counter_offer(application))
    return [*panels, _decisions(application)]


def summary_panel(application: LoanApplication) -> Panel:
    """Return what was asked for, by whom, and what it would cost them."""
    return facts(
        "Application",
        ("Number", application.public_id),
        ("Status", state(application.status, APPLICATION_TONES)),
        ("Borrower", link(str(application.borrower), application.borrower)),
        ("Yearly income", rupees(application.borrower.annual_income_paise)),
        ("Employment", application.borrower.get_employment_type_display()),
        ("KYC", application.borrower.get_kyc_status_display()),
        ("Product", link(application.product.name, application.product)),
        ("Amount", rupees(application.amount_paise)),
        ("Tenure", f"{application.tenure_months} months"),
        ("Purpose", application.get_purpose_display().replace("_", " ").capitalize()),
        ("Credit score", _score(application)),
        ("Yearly rate", rate(application.annual_rate_bps)),
        ("Instalment", rupees(application.instalment_paise)),
        ("FOIR with this instalment", rate(application.foir_bps)),
        ("Submitted", instant(application.submitted_at)),
        ("Business date", day(application.submitted_on)),
        ("Loan", _loan(application)),
    )


def _score(application: LoanApplication) -> Cell:
    score = application.credit_score
    return NOTHING if score is None else link(str(score.score), score)


def _loan(application: LoanApplication) -> Cell:
    loan = Loan.objects.filter(application=application).first()
    return NOTHING if loan is None else link(loan.public_id, loan)


def _reasons(application: LoanApplication) -> Table:
    return Table(
        title="Reasons of the policy",
        headings=("Code", "Reason, as told to the borrower", "What would change it"),
        rows=tuple(
            (str(reason["code"]), str(reason["text"]), str(reason["remedy"]))
            for reason in application.reasons
        ),
        empty="None: the policy approves it.",
    )


def _counter_offer(application: LoanApplication) -> Panel:
    offer = application.counter_offer or {}
    return facts(
        "Counter-offer",
        ("Amount", rupees(offer["amount_paise"])),
        ("Tenure", f"{offer['tenure_months']} months"),
        ("Yearly rate", rate(offer["annual_rate_bps"])),
        ("Instalment", rupees(offer["instalment_paise"])),
    )


def _decisions(application: LoanApplication) -> Table:
    decisions = application.decisions.select_related("decided_by").order_by("id")
    return Table(
        title="Decisions",
        headings=("No.", "Outcome", "By", "When", "Reason"),
        numeric=frozenset({"No."}),
        rows=tuple(
            (
                number(place),
                state(decision.outcome, APPLICATION_TONES),
                str(decision.decided_by) if decision.decided_by else "The policy",
                instant(decision.decided_at),
                decision.note or NOTHING,
            )
            for place, decision in enumerate(decisions, start=1)
        ),
    )
