"""Gathering what a loan's documents say. Reads only; a document is drawn anew each time."""

from datetime import date

from bright_credit.common.errors import Conflict, InvalidInput
from bright_credit.common.money import format_rupees
from loan.domain.effects import Effect, LoanClosed
from loan.domain.lifecycle import LoanStatus
from loan.domain.terms import FeeCollection
from loan.models import Loan
from loan.selectors.calendar import current_date
from loan.selectors.foreclosure import quoted, require_quotable
from loan.selectors.loans import first_schedule_of, terms_of
from loan.selectors.standing_date import standing_date
from statements.domain.credit import Credit, Fee, Payee
from statements.domain.financial_year import FinancialYear
from statements.domain.key_facts import KeyFacts
from statements.domain.letters import (
    ForeclosureLetter,
    Heads,
    InterestCertificate,
    NoDuesCertificate,
    SanctionLetter,
    capitalised_between,
    kept_back,
    principal_owed_before,
    repayments,
)
from statements.domain.papers.statement import AccountStatement, Receipt
from statements.domain.parties import Addressee
from statements.selectors.lender import lender_of, the_lender
from statements.selectors.statement import (
    PaymentLine,
    Statement,
    loan_to_state,
    statement,
    statement_of,
)
from users.domain.callers import SYSTEM, Caller
from users.models import Borrower


class FinancialYearRefused(InvalidInput):
    """The financial year has not begun, or was over before the loan was disbursed."""

    code = "financial_year_refused"


class LoanNotClosed(Conflict):
    """Something is still owed on the loan, so there is no certificate that nothing is."""

    code = "loan_not_closed"


def key_facts_of_loan(loan_id: str, *, caller: Caller = SYSTEM) -> KeyFacts:
    """Return the Key Facts Statement of a loan as it was paid out. Two statements of SQL.

    Raises `LoanNotFound`, `LenderNotConfigured`.
    """
    the_lender()  # refuse before anything is read
    loan = loan_to_state(loan_id, caller=caller)
    return KeyFacts(
        number=f"KFS-{loan.public_id}",
        proposal_number=loan.public_id,
        issued_on=loan.disbursed_on,
        valid_until=None,
        lender=lender_of(loan),
        addressee=addressee_of(loan.borrower),
        credit=credit_of_loan(loan),
    )


def sanction_letter(loan_id: str, *, caller: Caller = SYSTEM) -> SanctionLetter:
    """Return the sanction letter of a loan. Two statements of SQL.

    Raises `LoanNotFound`, `LenderNotConfigured`.
    """
    heads, loan = _heads(loan_id, kind="SL", caller=caller)
    application = loan.application
    return SanctionLetter(
        heads=heads,
        application_id=application.public_id if application else None,
        purpose=application.get_purpose_display() if application else None,
        sanctioned_on=loan.disbursed_on,
        credit=credit_of_loan(loan),
    )


def interest_certificate(
    loan_id: str, *, financial_year: FinancialYear, today: date, caller: Caller = SYSTEM
) -> InterestCertificate:
    """Return what was paid in a financial year: in the current one, up to now. Three messages.

    Raises `LoanNotFound`, `FinancialYearRefused`, `LenderNotConfigured`.
    """
    now = current_date(today=today)
    heads, loan = _heads(loan_id, kind=f"IC-{financial_year.name}", issued_on=now, caller=caller)
    _require_within_life(loan, financial_year, now)
    until = min(financial_year.last_day, now)
    effects = statement_of(loan, day=until, day_ended=until < now).effects
    first = financial_year.first_day
    terms, lent_before = terms_of(loan), loan.disbursed_on < first
    return InterestCertificate(
        heads=heads,
        financial_year=financial_year,
        until=until,
        amount_lent_paise=loan.principal_paise,
        annual_rate_bps=loan.annual_rate_bps,
        opening_principal_paise=principal_owed_before(terms, effects, first),
        disbursed_in_year_paise=0 if lent_before else loan.principal_paise,
        capitalised_in_year_paise=capitalised_between(effects, first=first, last=until),
        repayments=(
            *(() if lent_before else kept_back(terms)),
            *repayments(effects, first=first, last=until),
        ),
    )


def foreclosure_letter(
    loan_id: str, *, on: date | None, today: date, caller: Caller = SYSTEM
) -> ForeclosureLetter:
    """Return the letter that says what closes a loan on a day: by default today.

    Raises `LoanNotFound`, `LoanClosedRefusesPayment`, `NotInMoratorium`, `QuoteForPastDay`,
    `QuoteTooFarAhead`, `LenderNotConfigured`.
    """
    now = current_date(today=today)
    day = now if on is None else on
    require_quotable(day, open_date=now)
    heads, loan = _heads(loan_id, kind=f"FL-{day:%Y%m%d}", issued_on=now, caller=caller)
    return ForeclosureLetter(
        heads=heads,
        product=loan.product.name,
        disbursed_on=loan.disbursed_on,
        amount_lent_paise=loan.principal_paise,
        quote=quoted(loan, on=max(day, standing_date(loan, now))).quote,
    )


def no_dues_certificate(loan_id: str, *, today: date, caller: Caller = SYSTEM) -> NoDuesCertificate:
    """Return the certificate that nothing is owed on a loan today. Three messages.

    Raises `LoanNotFound`, `LoanNotClosed`, `LenderNotConfigured`.
    """
    now = current_date(today=today)
    heads, loan = _heads(loan_id, kind="ND", issued_on=now, caller=caller)
    drawn = statement_of(loan, day=now, day_ended=False)
    summary = drawn.summary
    if summary.status != LoanStatus.CLOSED.value:
        owed = format_rupees(summary.outstanding_paise)
        raise LoanNotClosed(
            f"The loan is not closed: {owed} of its principal is outstanding.", field="loan_id"
        )
    if loan.given_up_paise:
        raise LoanNotClosed(
            f"The loan was not repaid: {format_rupees(loan.given_up_paise)} of the claim on it was "
            "given up.",
            field="loan_id",
        )
    return NoDuesCertificate(
        heads=heads,
        disbursed_on=loan.disbursed_on,
        closed_on=_closed_on(drawn.effects),
        amount_lent_paise=summary.principal_paise,
        principal_paid_paise=summary.principal_paid_paise,
        interest_paid_paise=summary.interest_paid_paise,
        charges_paid_paise=summary.charges_paid_paise + summary.penal_paid_paise,
        refundable_paise=summary.excess_paise,
    )


def account_statement(
    loan_id: str, *, as_of: date | None, today: date, caller: Caller = SYSTEM
) -> tuple[Statement, AccountStatement]:
    """Return a loan's statement, and the same as it is printed. Two messages.

    Raises what `statement` raises, and `LenderNotConfigured`.
    """
    drawn = statement(loan_id, as_of=as_of, today=today, caller=caller)
    loan = drawn.loan
    printed = AccountStatement(
        heads=Heads(
            number=f"ST-{loan.public_id}-{drawn.as_of:%Y%m%d}",
            loan_id=loan.public_id,
            issued_on=drawn.as_of,
            lender=lender_of(loan),
            addressee=addressee_of(loan.borrower),
        ),
        product=loan.product.name,
        disbursed_on=loan.disbursed_on,
        as_of=drawn.as_of,
        summary=drawn.summary,
        history=drawn.history,
        upcoming=drawn.upcoming,
        charges=drawn.charges,
        receipts=tuple(_receipt(line) for line in drawn.payments),
    )
    return drawn, printed


def credit_of_loan(loan: Loan) -> Credit:
    """Return a loan as documents disclose it. One statement of SQL."""
    return Credit(
        product=loan.product.name,
        terms=terms_of(loan),
        schedule=tuple(first_schedule_of(loan)),
        fees=processing_fee(
            loan.processing_fee_paise,
            gst_paise=loan.fee_gst_paise,
            collection=FeeCollection(loan.fee_collection),
        ),
        apr_bps=loan.apr_bps,
    )


def processing_fee(
    amount_paise: int, *, gst_paise: int, collection: FeeCollection
) -> tuple[Fee, ...]:
    """Return the processing fee as the one fee there is; none when it is nothing."""
    if amount_paise == 0 and gst_paise == 0:
        return ()
    fee = Fee(
        name="Processing fee",
        payee=Payee.LENDER,
        amount_paise=amount_paise,
        gst_paise=gst_paise,
        collection=collection,
    )
    return (fee,)


def addressee_of(borrower: Borrower) -> Addressee:
    """Return a borrower as documents address them."""
    return Addressee(name=borrower.name, user_id=borrower.public_id, email=borrower.email)


def _heads(
    loan_id: str, *, kind: str, caller: Caller, issued_on: date | None = None
) -> tuple[Heads, Loan]:
    """Return the heads of a document, by default of the day of disbursement, and its loan."""
    the_lender()  # refuse before anything is read
    loan = loan_to_state(loan_id, caller=caller)
    heads = Heads(
        number=f"{kind}-{loan.public_id}",
        loan_id=loan.public_id,
        issued_on=issued_on or loan.disbursed_on,
        lender=lender_of(loan),
        addressee=addressee_of(loan.borrower),
    )
    return heads, loan


def _require_within_life(loan: Loan, year: FinancialYear, now: date) -> None:
    if year.first_day > now:
        raise FinancialYearRefused(f"{year.name} has not begun.", field="financial_year")
    if year.last_day < loan.disbursed_on:
        raise FinancialYearRefused(
            f"The loan was disbursed on {loan.disbursed_on}, after {year.name}.",
            field="financial_year",
        )


def _closed_on(effects: tuple[Effect, ...]) -> date:
    """Return the last closing among the effects of a loan that is closed."""
    return next(effect.on for effect in reversed(effects) if isinstance(effect, LoanClosed))


def _receipt(line: PaymentLine) -> Receipt:
    return Receipt(
        value_date=line.payment.value_date,
        reference_id=line.payment.reference_id,
        payment_method=line.payment.payment_method,
        amount_paise=line.payment.amount_paise,
        split=line.split,
    )
