"""A person's decision on an application that the policy referred.

It may come days after the policy looked, so what can turn against the borrower meanwhile is looked
at again before money leaves: lenders call it the check before disbursal.
"""

from datetime import date

from django.db import transaction

from bright_credit.common.errors import Conflict
from loan.domain.lifecycle import ApplicationStatus, require_application_move
from loan.domain.reasons import ReasonCode
from loan.models import ApplicationDecision, LoanApplication
from loan.selectors.applicants import loans_of
from loan.services.business_day import hold_open_date
from loan.services.origination import ApplicationOutcome, disburse, without_loan
from users.models import Borrower, User


class ApplicantChanged(Conflict):
    """Since the application was referred, a loan of the borrower fell behind; `changed` says how.

    `changed` has the reasons that the policy would refuse it by now: EXISTING_NPA,
    EXISTING_OVERDUE.
    """

    code = "applicant_changed"


@transaction.atomic
def decide_referred(
    application_key: int, *, approve: bool, by: User, note: str, as_of: date
) -> ApplicationOutcome:
    """Take a person's decision on a referred application, and pay it out when it is an approval.

    Raises `StatusMoveRefused` when the application no longer waits, so that two people who decide
    at once decide once, and `ApplicantChanged` for an approval that how the borrower pays now
    speaks against: then it goes on waiting, and may be rejected, or approved once that is mended.
    """
    # The day before the row, as everywhere: who held a row while waiting for a day that is being
    # closed could hold up the very posting that the close waits for.
    as_of = hold_open_date(as_of=as_of)
    application = (
        LoanApplication.objects.select_for_update(of=("self",), no_key=True)
        .select_related("borrower", "product")
        .get(pk=application_key)
    )
    outcome = LoanApplication.Status.APPROVED if approve else LoanApplication.Status.REJECTED
    require_application_move(
        ApplicationStatus(application.status), target=ApplicationStatus(outcome)
    )
    if approve:
        _refuse_changed(application.borrower, as_of=as_of)
    application.status = outcome
    application.save(update_fields=["status"])
    ApplicationDecision.objects.create(
        application=application, outcome=outcome, decided_by=by, note=note
    )
    if not approve:
        return without_loan(application)
    return disburse(application, on=as_of)


def _refuse_changed(borrower: Borrower, *, as_of: date) -> None:
    """Refuse an approval when the policy itself would refuse the borrower by now."""
    loans = loans_of(borrower, as_of=as_of)
    changed = {
        ReasonCode.EXISTING_NPA: "a loan of the borrower is non-performing or written off",
        ReasonCode.EXISTING_OVERDUE: "an instalment of the borrower is overdue",
    }
    if not loans.npa:
        del changed[ReasonCode.EXISTING_NPA]
    if not loans.overdue:
        del changed[ReasonCode.EXISTING_OVERDUE]
    if changed:
        raise ApplicantChanged(
            f"Since it was referred, {' and '.join(changed.values())}.",
            extra={"changed": [code.value for code in changed]},
        )
