"""The Key Facts Statement in words and tables, in the order of RBI's annexes."""

from bright_credit.common.money import format_rupees
from statements.domain.credit import Credit, Fee, Payee
from statements.domain.key_facts import VALIDITY_WORKING_DAYS, KeyFacts
from statements.domain.papers.credit_blocks import (
    COLLECTED,
    charge_words,
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
    right,
)
from statements.domain.words import counted, date_words, rate_words

_NUMBERED = (
    right("No."),
    Column(heading="Particulars", weight=7),
    Column(heading="Details", weight=10),
)


def key_facts_paper(kfs: KeyFacts) -> Paper:
    """Return the document."""
    return Paper(
        title="Key Facts Statement",
        subtitle=_subtitle(kfs),
        filename=kfs.number,
        number=kfs.number,
        issued_on=kfs.issued_on,
        lender=kfs.lender,
        addressee=kfs.addressee,
        blocks=(
            *_part_1(kfs),
            *_part_2(kfs),
            *_acknowledgement(kfs),
            *_apr_computation(kfs.credit),
            Heading(text="Amortisation schedule (Annex C)", on_new_page=True),
            schedule_grid(kfs.credit),
        ),
    )


def _subtitle(kfs: KeyFacts) -> str:
    if kfs.valid_until is None:
        return f"Loan account {kfs.proposal_number}"
    return f"Offer {kfs.proposal_number}, open until {date_words(kfs.valid_until)}"


def _part_1(kfs: KeyFacts) -> tuple[Block, ...]:
    credit = kfs.credit
    return (
        Figures(
            rows=(
                ("Loan amount", format_rupees(credit.amount_paise)),
                ("Instalment", format_rupees(credit.first.total_paise)),
                ("APR", rate_words(credit.apr_bps)),
                ("Amount and interest", format_rupees(credit.total_payable_paise)),
            )
        ),
        Heading(text="Part 1: Interest rate and fees"),
        Grid(columns=_NUMBERED, rows=_rows_of_part_1(kfs)),
        Heading(text="Fees and charges (row 8)"),
        _fees(credit),
    )


def _rows_of_part_1(kfs: KeyFacts) -> tuple[tuple[str, str, str], ...]:
    credit = kfs.credit
    charges = "\n".join(
        f"{charge.name}: {charge_words(charge)}" for charge in kfs.contingent_charges
    )
    return (
        ("1", "Loan proposal or account no.", kfs.proposal_number),
        ("", "Type of loan", credit.product),
        ("2", "Sanctioned loan amount", format_rupees(credit.amount_paise)),
        ("3", "Disbursal schedule", "100 % upfront"),
        ("4", "Loan term", counted(credit.terms.tenure_months, "month")),
        ("5", "Instalments", instalments_words(credit)),
        ("", "Commencement of repayment", commencement_words(credit)),
        ("6", "Interest rate and type", interest_words(credit)),
        ("7", "Floating rate of interest", "Not applicable: the rate is fixed"),
        ("8", "Fees and charges", _fees_in_a_row(credit)),
        ("9", "Annual percentage rate (APR)", rate_words(credit.apr_bps)),
        ("10", "Contingent charges", charges),
    )


def _fees_in_a_row(credit: Credit) -> str:
    return f"{fees_words(credit)}; see below" if credit.fees else "Nil"


def _fees(credit: Credit) -> Grid:
    rows = tuple(_fee_row(fee) for fee in credit.fees) or (("Nil", "–", "–", "–", "–", "–"),)
    return Grid(
        columns=(
            Column(heading="Fee", weight=4),
            Column(heading="Payable to", weight=5),
            Column(heading="How often", weight=3),
            Column(heading="How", weight=4),
            right("Amount", 4),
            right("GST", 4),
        ),
        rows=rows,
    )


def _fee_row(fee: Fee) -> tuple[str, ...]:
    payee = "The lender (A)" if fee.payee is Payee.LENDER else "A third party through it (B)"
    return (
        fee.name,
        payee,
        "Once",
        COLLECTED[fee.collection],
        format_rupees(fee.amount_paise),
        format_rupees(fee.gst_paise),
    )


def _part_2(kfs: KeyFacts) -> tuple[Block, ...]:
    lender = kfs.lender
    officer = lender.grievance_officer
    cooling_off = counted(lender.cooling_off_days, "day")
    fee = _fee_of_a_loan_given_back(kfs)
    return (
        Heading(text="Part 2: Other information"),
        Grid(
            columns=_NUMBERED,
            rows=(
                (
                    "1",
                    "Recovery agents",
                    "By the clause of the loan agreement on recovery. You are told the agent's "
                    "name before an agent first contacts you.",
                ),
                (
                    "2",
                    "Redress of grievances",
                    "By the clause of the loan agreement on grievances. A complaint that is not "
                    "resolved within 30 days can be taken to the RBI Ombudsman at "
                    "cms.rbi.org.in.",
                ),
                (
                    "3",
                    "Grievance redressal officer",
                    f"{officer.name}, {officer.phone}, {officer.email}",
                ),
                ("4", "Transfer to others, or securitisation", "The loan may be transferred: Yes"),
                ("5", "Co-lending", "None: the lender funds the whole loan"),
                (
                    "6",
                    "Digital loans: cooling-off period",
                    f"{cooling_off} from disbursement. Within it you may repay the principal with "
                    f"the interest for the days you had it, and pay no penalty. {fee}",
                ),
                ("", "Lending service provider that recovers", "None"),
            ),
        ),
    )


def _fee_of_a_loan_given_back(kfs: KeyFacts) -> str:
    """Return what becomes of the processing fee within the cooling-off period."""
    apart = kfs.credit.fees_paid_apart_paise > 0
    if kfs.lender.cooling_off_returns_fee:
        return f"The processing fee is returned{', as far as you have paid it' * apart}."
    return f"The processing fee is kept{', and what is unpaid of it is payable' * apart}."


def _acknowledgement(kfs: KeyFacts) -> tuple[Block, ...]:
    validity = (
        f"This offer is open until {date_words(kfs.valid_until)}, "
        f"{VALIDITY_WORKING_DAYS} working days at least, and the lender is bound by it till then. "
        "The dates suppose that the loan is paid out on the day of this statement. "
        if kfs.valid_until
        else ""
    )
    return (
        Paragraph(
            text=f"{validity}A charge that is not in this statement is not levied later without "
            "your explicit consent. Fees are shown with their GST, which the APR includes.",
        ),
        Paragraph(
            text="This statement was explained to me in a language that I understand, and I have "
            "received a copy of it."
        ),
        Signatures(below=("Borrower: signature and date", f"For {kfs.lender.name}")),
    )


def _capitalised_words(credit: Credit) -> str:
    paise = credit.interest_capitalised_paise
    return f"{format_rupees(paise)}, at the end of the moratorium" if paise else "None"


def _fees_apart(credit: Credit) -> tuple[tuple[str, str, str], ...]:
    """Return the row of what the borrower pays on the day of disbursement, if anything."""
    paise = credit.fees_paid_apart_paise
    return (("", "Of 6, payable by you on the day of disbursement", format_rupees(paise)),) * (
        paise > 0
    )


def _net_words(credit: Credit) -> str:
    return f"1 less {'' if credit.fees_paid_apart_paise else '6 and '}interest kept back"


def _less_fees(credit: Credit) -> str:
    return ", less the fees paid on that day," if credit.fees_paid_apart_paise else ""


def _apr_computation(credit: Credit) -> tuple[Block, ...]:
    return (
        Heading(text="Computation of the APR (Annex B)", on_new_page=True),
        Grid(
            columns=(right("No."), Column(heading="Parameter", weight=10), right("Details", 7)),
            rows=(
                ("1", "Sanctioned loan amount", format_rupees(credit.amount_paise)),
                ("2", "Loan term", counted(credit.terms.tenure_months, "month")),
                ("", "Instalments", instalments_words(credit)),
                ("", "Interest that becomes principal", _capitalised_words(credit)),
                ("", "Commencement of repayment", commencement_words(credit)),
                ("3", "Type of interest rate", "Fixed"),
                ("4", "Rate of interest", rate_words(credit.terms.annual_rate_bps)),
                ("5", "Total interest over the term", format_rupees(credit.total_interest_paise)),
                ("6", "Fees and charges, with GST", format_rupees(credit.fees_paise)),
                ("A", "Payable to the lender", format_rupees(credit.fees_to(Payee.LENDER))),
                (
                    "B",
                    "Payable to third parties through the lender",
                    format_rupees(credit.fees_to(Payee.THIRD_PARTY)),
                ),
                (
                    "",
                    "Interest of a broken period, kept back",
                    format_rupees(credit.interest_kept_back_paise),
                ),
                *_fees_apart(credit),
                (
                    "7",
                    f"Net disbursed amount ({_net_words(credit)})",
                    format_rupees(credit.net_disbursed_paise),
                ),
                (
                    "8",
                    "Total to be paid by the borrower (1 and 5)",
                    format_rupees(credit.total_payable_paise),
                ),
                ("9", "Annual percentage rate (APR)", rate_words(credit.apr_bps)),
                ("10", "Schedule of disbursement", "100 % upfront"),
                ("11", "Due dates", "See the amortisation schedule"),
            ),
        ),
        Paragraph(
            text="The APR is the yearly internal rate of return of the net disbursed amount"
            f"{_less_fees(credit)} and of the instalments of the schedule: the monthly rate, times "
            "twelve.",
            small=True,
        ),
    )
