"""How the narration of a bank transaction is understood: one table of patterns.

The patterns are written in the part of the regular-expression language that Python and PostgreSQL
share, and matched without regard to case, so that a query may apply the very same rule to millions
of rows; a test holds the two engines together. A word may stand between any characters but letters:
`LOAN_EMI`, `EMI/0457` and `ACH-EMI` are instalments, `PREMIUM` is not.
"""

#: The longest narration that is kept, in characters.
MAX_DESCRIPTION_LENGTH = 500


def _any_word(*words: str) -> str:
    """Return a pattern for any of these words, standing apart from other letters."""
    return f"(^|[^A-Za-z])({'|'.join(words)})([^A-Za-z]|$)"


#: A credit that pays for work done, or a pension.
SALARY = _any_word("SALARY", "SAL", "PAYROLL", "WAGES", "STIPEND", "PENSION")

#: A debit that pays an instalment of some loan.
INSTALMENT = _any_word("EMI", "EMIS", "LOAN REPAYMENT", "LOAN INSTALMENT", "LOAN INSTALLMENT")

#: A mandate, cheque or payment that came back unpaid.
BOUNCE = _any_word(
    "BOUNCE", "BOUNCED", "INSUFFICIENT", "DISHONOUR", "DISHONOURED",
    "RETURN", "RETURNED", "RTN",
)  # fmt: skip

#: Money that only passes through, neither earned nor spent: own transfers, reversals, new loans.
PASSING_THROUGH = _any_word(
    "SELF", "OWN ACCOUNT", "OWN A/C", "REVERSAL", "REVERSED", "REFUND", "BOUNCE", "BOUNCED",
    "RETURN", "RETURNED", "RTN", "LOAN DISBURSEMENT", "LOAN DISBURSAL", "LOAN_DISBURSEMENT",
    "LOAN_DISBURSAL", "DISBURSEMENT", "DISBURSAL",
)  # fmt: skip
