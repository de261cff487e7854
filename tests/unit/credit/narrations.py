"""Narrations as banks write them, and what each is."""

#: (narration, the patterns of `credit.domain.narration` it matches)
NARRATIONS: tuple[tuple[str, frozenset[str]], ...] = tuple(
    (text, frozenset(names.split()))
    for text, names in (
        ("SALARY", "SALARY"),
        ("Salary for March 2025", "SALARY"),
        ("NEFT-ACME LTD-SAL-MAR", "SALARY"),
        ("ACME/PAYROLL/0325", "SALARY"),
        ("STATE PENSION", "SALARY"),
        ("SALON VISIT", ""),
        ("PRESALARY", ""),
        ("LOAN_EMI", "INSTALMENT"),
        ("ACH-D-BANK-EMI-0457", "INSTALMENT"),
        ("emi 12/24", "INSTALMENT"),
        ("LOAN REPAYMENT", "INSTALMENT"),
        ("INSURANCE PREMIUM", ""),
        ("SEMINAR FEE", ""),
        ("EMI RETURN CHARGES", "INSTALMENT BOUNCE PASSING_THROUGH"),
        ("CHQ RTN INSUFFICIENT FUNDS", "BOUNCE PASSING_THROUGH"),
        ("NACH BOUNCE CHARGE", "BOUNCE PASSING_THROUGH"),
        ("MANDATE DISHONOURED", "BOUNCE"),
        ("INTEREST RETURNS FUND", ""),
        ("UPI/SELF/TRANSFER", "PASSING_THROUGH"),
        ("TRANSFER OWN ACCOUNT", "PASSING_THROUGH"),
        ("OWN A/C SWEEP", "PASSING_THROUGH"),
        ("REVERSAL OF CHARGE", "PASSING_THROUGH"),
        ("AMAZON REFUND", "PASSING_THROUGH"),
        ("LOAN_DISBURSEMENT", "PASSING_THROUGH"),
        ("HIMSELF", ""),
        ("", ""),
        ("वेतन SALARY", "SALARY"),
        ("SALARY\nMARCH", "SALARY"),
    )
)
