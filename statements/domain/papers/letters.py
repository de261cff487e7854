"""The sanction letter and the certificates in words and tables."""

from bright_credit.common.money import format_rupees
from loan.domain.early_repayment import ForeclosureQuote
from statements.domain.explanations.rules import order_of_allocation
from statements.domain.letters import (
    ForeclosureLetter,
    Heads,
    InterestCertificate,
    NoDuesCertificate,
    SanctionLetter,
)
from statements.domain.papers.credit_blocks import (
    charges_grid,
    commencement_words,
    fees_words,
    instalments_words,
    interest_words,
    schedule_grid,
)
from statements.domain.papers.paper import (
    Block,
    Column,
    Figures,
    Grid,
    Heading,
    Paper,
    Paragraph,
    Signatures,
    amounts,
    facts,
    right,
    rows_with_total,
)
from statements.domain.words import counted, date_words, rate_words


def sanction_letter_paper(letter: SanctionLetter) -> Paper:
    """Return the letter."""
    heads, credit = letter.heads, letter.credit
    return _paper(
        heads,
        title="Sanction letter",
        subtitle=f"Loan account {heads.loan_id}",
        blocks=(
            Paragraph(text=f"Dear {heads.addressee.name},"),
            Paragraph(text=_granted(letter)),
            _terms(letter),
            Heading(text="Charges that may arise"),
            charges_grid(letter.contingent_charges),
            Paragraph(
                text="Interest runs from the day of disbursement. "
                f"{order_of_allocation(credit.terms).text} "
                f"Within {counted(heads.lender.cooling_off_days, 'day')} of disbursement you may "
                "repay the principal with the interest for the days you had it, without penalty. "
                "The rate rests on your credit score.",
            ),
            *_unpaid_example(letter),
            _grievances(heads),
            Signatures(
                below=("Borrower: accepted, signature and date", f"For {heads.lender.name}")
            ),
            Heading(text="Amortisation schedule", on_new_page=True),
            schedule_grid(credit),
        ),
    )


def interest_certificate_paper(certificate: InterestCertificate) -> Paper:
    """Return the certificate."""
    heads, year = certificate.heads, certificate.financial_year
    provisional = "Provisional interest certificate"
    return _paper(
        heads,
        title=provisional if certificate.is_provisional else "Interest certificate",
        subtitle=f"Financial year {year.name}",
        blocks=(
            Paragraph(text=_certified(certificate)),
            Figures(
                rows=(
                    ("Interest paid", format_rupees(certificate.interest_paid_paise)),
                    ("Principal paid", format_rupees(certificate.principal_paid_paise)),
                )
            ),
            facts(
                ("Loan account", heads.loan_id),
                ("Rate of interest", f"{rate_words(certificate.annual_rate_bps)} a year"),
                ("Amount lent", format_rupees(certificate.amount_lent_paise)),
                (
                    f"Principal owed before {date_words(year.first_day)}",
                    format_rupees(certificate.opening_principal_paise),
                ),
                ("Disbursed in the year", format_rupees(certificate.disbursed_in_year_paise)),
                *_capitalised_row(certificate),
                (
                    f"Principal owed after {date_words(certificate.until)}",
                    format_rupees(certificate.closing_principal_paise),
                ),
            ),
            Heading(text="Payments of the year"),
            _repayments(certificate),
            Paragraph(
                text="Money paid in advance counts from the due date that it met. Charges, penal "
                "charges and fees are no interest and are not included.",
                small=True,
            ),
            Signatures(below=("", f"For {heads.lender.name}")),
        ),
    )


def _capitalised_row(certificate: InterestCertificate) -> tuple[tuple[str, str], ...]:
    paise = certificate.capitalised_in_year_paise
    return (("Interest that became principal", format_rupees(paise)),) if paise else ()


def foreclosure_paper(letter: ForeclosureLetter) -> Paper:
    """Return the letter."""
    heads, quote = letter.heads, letter.quote
    on = date_words(quote.on)
    return _paper(
        heads,
        title="Foreclosure letter",
        subtitle=f"Loan account {heads.loan_id}",
        blocks=(
            Paragraph(text=f"Dear {heads.addressee.name},"),
            Paragraph(
                text=f"This is what closes your loan {heads.loan_id} on {on}, if nothing else is "
                "paid before."
            ),
            Figures(
                rows=(
                    (f"To be paid on {on}", format_rupees(quote.amount_paise)),
                    ("Interest of each further day", format_rupees(quote.per_diem_paise)),
                )
            ),
            facts(
                ("Type of loan", letter.product),
                ("Disbursed on", date_words(letter.disbursed_on)),
                ("Amount lent", format_rupees(letter.amount_lent_paise)),
            ),
            Heading(text="What it is made of"),
            _closing_grid(quote),
            Paragraph(
                text=f"The amount is valid on {on} alone, also where that is no working day. Any "
                "other amount does not close the loan. After it is paid you are given a no-dues "
                "certificate, and the closing is reported to the credit information companies.",
            ),
            _grievances(heads),
            Signatures(below=("", f"For {heads.lender.name}")),
        ),
    )


def _closing_grid(quote: ForeclosureQuote) -> Block:
    """Return the parts of a quote that are not nothing, and what they come to."""
    parts = (
        ("Principal outstanding", quote.principal_paise),
        ("Interest due and unpaid", quote.interest_due_paise),
        (f"Interest up to {date_words(quote.on)}", quote.accrued_interest_paise),
        ("Charges unpaid, with GST", quote.charges_paise),
        ("Penal charges unpaid", quote.penal_paise),
        ("Foreclosure charge", quote.closing_charge_paise),
        ("GST on the foreclosure charge", quote.closing_gst_paise),
        ("Less money held in advance", -quote.advance_paise),
        ("Less excess held", -quote.excess_paise),
    )
    always = {"Principal outstanding", "Foreclosure charge"}
    return Grid(
        columns=(Column(heading="Part", weight=3), right("Amount", 2)),
        rows=rows_with_total(
            ((name, *amounts(paise)) for name, paise in parts if paise != 0 or name in always),
            ("To be paid", *amounts(quote.amount_paise)),
        ),
        has_total=True,
    )


def no_dues_paper(certificate: NoDuesCertificate) -> Paper:
    """Return the certificate."""
    heads = certificate.heads
    rows = [
        ("Loan account", heads.loan_id),
        ("Disbursed on", date_words(certificate.disbursed_on)),
        ("Closed on", date_words(certificate.closed_on)),
        ("Amount lent", format_rupees(certificate.amount_lent_paise)),
        ("Principal paid", format_rupees(certificate.principal_paid_paise)),
        ("Interest paid", format_rupees(certificate.interest_paid_paise)),
        ("Charges and penal charges paid", format_rupees(certificate.charges_paid_paise)),
        ("Still owed", format_rupees(0)),
    ]
    if certificate.refundable_paise:
        rows.append(("To be refunded to you", format_rupees(certificate.refundable_paise)))
    return _paper(
        heads,
        title="No-dues certificate",
        subtitle=f"Loan account {heads.loan_id}",
        blocks=(
            Paragraph(text=f"Dear {heads.addressee.name},"),
            Paragraph(
                text=f"We certify that the loan {heads.loan_id} was repaid in full and closed on "
                f"{date_words(certificate.closed_on)}. No principal, interest or charge is owed on "
                "it.",
            ),
            facts(*rows),
            Paragraph(
                text=f"This certificate is for the loan {heads.loan_id} alone and says nothing of "
                "other loans."
            ),
            _grievances(heads),
            Signatures(below=("", f"For {heads.lender.name}")),
        ),
    )


def _paper(heads: Heads, *, title: str, subtitle: str, blocks: tuple[Block, ...]) -> Paper:
    return Paper(
        title=title,
        subtitle=subtitle,
        filename=heads.number,
        number=heads.number,
        issued_on=heads.issued_on,
        lender=heads.lender,
        addressee=heads.addressee,
        blocks=blocks,
    )


def _granted(letter: SanctionLetter) -> str:
    asked = f" on your application {letter.application_id}" if letter.application_id else ""
    return (
        f"We have sanctioned{asked} a loan of {format_rupees(letter.credit.amount_paise)} to you "
        f"on {date_words(letter.sanctioned_on)}, on the terms below. The loan's Key Facts "
        "Statement is part of them."
    )


def _terms(letter: SanctionLetter) -> Block:
    credit = letter.credit
    purpose = (("Purpose", letter.purpose),) if letter.purpose else ()
    return facts(
        ("Loan account", letter.heads.loan_id),
        ("Type of loan", credit.product),
        *purpose,
        ("Sanctioned amount", format_rupees(credit.amount_paise)),
        ("Term", counted(credit.terms.tenure_months, "month")),
        ("Rate of interest", interest_words(credit)),
        ("Annual percentage rate (APR)", rate_words(credit.apr_bps)),
        ("Fees with GST", fees_words(credit)),
        ("Paid out to you", format_rupees(credit.net_disbursed_paise)),
        ("Instalments", instalments_words(credit)),
        ("First due date", commencement_words(credit)),
        ("Total interest", format_rupees(credit.total_interest_paise)),
        ("Total to be paid back", format_rupees(credit.total_payable_paise)),
    )


def _unpaid_example(letter: SanctionLetter) -> tuple[Block, ...]:
    due = date_words(letter.credit.first.due_date)
    return (
        Heading(text="If an instalment stays unpaid"),
        Paragraph(
            text=f"By RBI's rules, an instalment due on {due} and not paid makes the loan at the "
            "end of each of these days:"
        ),
        Grid(
            columns=(
                Column(heading="Class", weight=2),
                Column(heading="From the end of", weight=3),
            ),
            rows=tuple((each.name, date_words(each.since)) for each in letter.milestones),
        ),
        Paragraph(
            text="A non-performing loan becomes standard again only when all arrears are paid. "
            "Delays are reported to the credit information companies.",
        ),
    )


def _grievances(heads: Heads) -> Block:
    officer = heads.lender.grievance_officer
    return Paragraph(
        text=f"Questions and complaints: {officer.name}, grievance redressal officer, "
        f"{officer.phone}, {officer.email}. What is not resolved within 30 days can be taken to "
        "the RBI Ombudsman at cms.rbi.org.in.",
        small=True,
    )


def _certified(certificate: InterestCertificate) -> str:
    addressee, year = certificate.heads.addressee, certificate.financial_year
    end = (
        f"up to {date_words(certificate.until)}"
        if certificate.is_provisional
        else f"to {date_words(year.last_day)}"
    )
    return (
        f"We certify that {addressee.name} ({addressee.user_id}) paid the following on the loan "
        f"{certificate.heads.loan_id} from {date_words(year.first_day)} {end}."
    )


def _repayments(certificate: InterestCertificate) -> Block:
    if not certificate.repayments:
        return Paragraph(text="Nothing was paid of principal or interest in this period.")
    return Grid(
        columns=(
            Column(heading="Paid on", weight=3),
            right("Principal", 3),
            right("Interest", 3),
            right("Together", 3),
        ),
        rows=rows_with_total(
            (
                (
                    date_words(row.paid_on),
                    *amounts(
                        row.principal_paise,
                        row.interest_paise,
                        row.principal_paise + row.interest_paise,
                    ),
                )
                for row in certificate.repayments
            ),
            (
                "Total",
                *amounts(
                    certificate.principal_paid_paise,
                    certificate.interest_paid_paise,
                    certificate.principal_paid_paise + certificate.interest_paid_paise,
                ),
            ),
        ),
        has_total=True,
    )
