"""A lender, a borrower and loans for the tests of documents; RBI's own illustration among them."""

from datetime import date

from loan.domain.schedule import amortization_schedule
from loan.domain.terms import InstalmentRounding, LoanTerms
from statements.domain.credit import Credit, Fee, Payee
from statements.domain.key_facts import KeyFacts, offer_valid_until
from statements.domain.letters import Heads
from statements.domain.parties import Addressee, GrievanceOfficer, Lender
from tests.unit.loan.histories import LAKH, RUPEE, terms_of
from tests.unit.loan.rates import monthly_rate_bps

LENDER = Lender(
    name="Example Finance Limited",
    address="1 Example Road, Bengaluru 560001",
    registration="N-00.00001",
    cin="U00000KA2026PLC000001",
    gstin="29AAAAA0000A1Z5",
    phone="+91 80 0000 0000",
    email="care@example.com",
    website="https://example.com",
    grievance_officer=GrievanceOfficer(
        name="Asha Example", phone="+91 80 0000 0001", email="grievance@example.com"
    ),
    cooling_off_days=3,
)
RAHUL = Addressee(name="Rahul Sharma", user_id="BC-USER-009", email="rahul@example.com")
ISSUED = date(2026, 1, 10)

FIVE_LAKH = terms_of(
    5 * LAKH,
    annual_rate_bps=1_600,
    tenure_months=24,
    disbursed_on=ISSUED,
    first_due=date(2026, 2, 5),
    penal_charge_paise=500 * RUPEE,
)


def credit_of(terms: LoanTerms, *fees: Fee) -> Credit:
    """Return a loan with its fees, its APR as of monthly instalments."""
    schedule = amortization_schedule(terms)
    net = terms.principal_paise - sum(fee.total_paise for fee in fees)
    return Credit(
        product="Personal loan",
        terms=terms,
        schedule=schedule,
        fees=fees,
        apr_bps=monthly_rate_bps(net, [row.total_paise for row in schedule]),
    )


def the_illustration(rounding: InstalmentRounding = InstalmentRounding.PAISA) -> Credit:
    """Return the loan of RBI's Annex B: 20,000 at 15 % over 24 months, 240 and 160 of fees."""
    terms = terms_of(
        20_000 * RUPEE,
        annual_rate_bps=1_500,
        tenure_months=24,
        instalment_rounding=rounding,
        disbursed_on=date(2024, 10, 1),
        first_due=date(2024, 10, 31),
        due_day=31,
    )
    return credit_of(
        terms,
        Fee(name="Processing fee", payee=Payee.LENDER, amount_paise=240 * RUPEE),
        Fee(name="Insurance", payee=Payee.THIRD_PARTY, amount_paise=160 * RUPEE),
    )


def usual_credit() -> Credit:
    """Return 500,000 over 24 months at 16 %, with a fee of 2 % and its GST."""
    fee = Fee(
        name="Processing fee",
        payee=Payee.LENDER,
        amount_paise=10_000 * RUPEE,
        gst_paise=1_800 * RUPEE,
    )
    return credit_of(FIVE_LAKH, fee)


def key_facts_of(credit: Credit, *, addressee: Addressee | None = RAHUL) -> KeyFacts:
    """Return the Key Facts Statement of an offer."""
    return KeyFacts(
        number="KFS-OF-20260110-ABCDEFGHIJ",
        proposal_number="OF-20260110-ABCDEFGHIJ",
        issued_on=ISSUED,
        valid_until=offer_valid_until(ISSUED),
        lender=LENDER,
        addressee=addressee,
        credit=credit,
    )


def heads_of(kind: str) -> Heads:
    """Return the heads of a document of a loan."""
    return Heads(
        number=f"{kind}-LN-2026-0457",
        loan_id="LN-2026-0457",
        issued_on=ISSUED,
        lender=LENDER,
        addressee=RAHUL,
    )
