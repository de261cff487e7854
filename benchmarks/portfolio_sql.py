"""The statements that write a portfolio, from the drawn choices and the core's schedules.

Every loan that has paid has done so with one payment on the day after its disbursement, held as an
advance and used on each due date: a history that the core folds to the very position stored here.
"""

TEMPORARY_TABLES = """
CREATE TEMPORARY TABLE choice (
    loan_id bigint PRIMARY KEY, shape int NOT NULL, due_day int NOT NULL, billed int NOT NULL,
    unpaid int NOT NULL, advance_quarters int NOT NULL
);
CREATE TEMPORARY TABLE shape (
    shape int PRIMARY KEY, product text NOT NULL, principal bigint NOT NULL, rate int NOT NULL,
    tenure int NOT NULL, method text NOT NULL, rounding text NOT NULL, split text NOT NULL,
    instalment bigint NOT NULL
);
CREATE TEMPORARY TABLE shape_row (
    shape int, number int, opening bigint NOT NULL, principal bigint NOT NULL,
    interest bigint NOT NULL, PRIMARY KEY (shape, number)
);
CREATE TEMPORARY TABLE due_date (
    due_day int, billed int, number int, due_date date NOT NULL,
    PRIMARY KEY (due_day, billed, number)
);
"""

#: Paid so far, reckoned once a shape: amounts through instalment `number` (from 0).
SUMS = """
CREATE TEMPORARY TABLE shape_sum AS
SELECT shape, number,
       coalesce(sum(principal) OVER through, 0)::bigint AS principal,
       coalesce(sum(interest) OVER through, 0)::bigint AS interest
  FROM (SELECT shape, number, principal, interest FROM shape_row
        UNION ALL SELECT shape, 0, 0, 0 FROM shape) AS every
WINDOW through AS (PARTITION BY shape ORDER BY number);
ALTER TABLE shape_sum ADD PRIMARY KEY (shape, number);
ANALYZE choice, shape, shape_row, shape_sum, due_date;
"""

PRODUCTS = """
INSERT INTO loan_loanproduct (
    code, name, open_to_applications, interest_method, instalment_rounding, split_rounding,
    indicative_rate_bps, minimum_amount_paise, maximum_amount_paise, amount_step_paise,
    minimum_tenure_months, maximum_tenure_months, minimum_annual_income_paise, minimum_age_years,
    maximum_age_at_maturity_years, maximum_age_self_employed_years, maximum_active_loans,
    requires_verified_kyc, excluded_employment_types, due_day, minimum_gap_days,
    processing_fee_bps, fee_gst_bps, penal_grace_days, penal_charge_paise
)
SELECT product, initcap(replace(product, '_', ' ')), true, method, rounding, split,
       1600, 1000000, 100000000, 100000, 6, 60, 0, 21, 60, 65, 2, false, '{}', 5, 15,
       0, 1800, %(grace)s, %(penal)s
  FROM (SELECT DISTINCT product, method, rounding, split FROM shape) AS sold
"""

BORROWERS = """
INSERT INTO users_borrower
       (id, name, email, annual_income_paise, employment_type, kyc_status, registered_at)
OVERRIDING SYSTEM VALUE
SELECT loan_id, 'Borrower ' || loan_id, 'borrower-' || loan_id || '@example.com',
       120000000, 'SALARIED', 'DECLARED', %(opened)s
  FROM choice WHERE loan_id BETWEEN %(low)s AND %(high)s ORDER BY loan_id
"""

LOANS = """
INSERT INTO loan_loan (
    id, borrower_id, product_id, principal_paise, annual_rate_bps, tenure_months,
    interest_method, instalment_rounding, split_rounding, disbursed_on, first_due_date, due_day,
    penal_grace_days, penal_charge_paise, instalment_paise, apr_bps, processing_fee_paise,
    fee_gst_paise, disbursed_at, status, position_date, next_number, next_interest_paid_paise,
    next_principal_paid_paise, principal_paid_paise, interest_paid_paise, charges_paid_paise,
    penal_paid_paise, advance_paise, excess_paise, penal_levied_through, oldest_unpaid_due_date,
    npa_since, borrower_npa_since, suspended_interest_paise, suspended_penal_paise
)
OVERRIDING SYSTEM VALUE
SELECT c.loan_id, c.loan_id, s.product, s.principal, s.rate, s.tenure, s.method, s.rounding,
       s.split, first.due_date - 31, first.due_date, c.due_day, %(grace)s, %(penal)s, s.instalment,
       s.rate, 0, 0, %(opened)s, 'ACTIVE', %(closed_through)s, c.billed - c.unpaid + 1, 0, 0,
       paid.principal, paid.interest, 0, 0,
       (next.principal + next.interest) * c.advance_quarters / 4, 0,
       coalesce((SELECT max(k.number) FROM due_date k
                  WHERE k.due_day = c.due_day AND k.billed = c.billed
                    AND k.number BETWEEN c.billed - c.unpaid + 1 AND c.billed
                    AND k.due_date + %(grace)s + 1 <= %(closed_through)s), 0),
       unpaid.due_date, npa.since, npa.since,
       CASE WHEN npa.since IS NULL THEN 0 ELSE due.interest - paid.interest END,
       CASE WHEN npa.since IS NULL THEN 0 ELSE
            %(penal)s * (SELECT count(*) FROM due_date k
                          WHERE k.due_day = c.due_day AND k.billed = c.billed
                            AND k.number BETWEEN c.billed - c.unpaid + 1 AND c.billed
                            AND k.due_date + %(grace)s + 1 <= %(closed_through)s) END
  FROM choice c
  JOIN shape s USING (shape)
  JOIN due_date first ON (first.due_day, first.billed, first.number) = (c.due_day, c.billed, 1)
  JOIN due_date unpaid
    ON (unpaid.due_day, unpaid.billed, unpaid.number)
     = (c.due_day, c.billed, c.billed - c.unpaid + 1)
  JOIN shape_row next ON (next.shape, next.number) = (c.shape, c.billed + 1)
  JOIN shape_sum paid ON (paid.shape, paid.number) = (c.shape, c.billed - c.unpaid)
  JOIN shape_sum due ON (due.shape, due.number) = (c.shape, c.billed)
 CROSS JOIN LATERAL (
       SELECT CASE WHEN unpaid.due_date + %(npa_days)s <= %(closed_through)s
                   THEN unpaid.due_date + %(npa_days)s END AS since
 ) npa
 WHERE c.loan_id BETWEEN %(low)s AND %(high)s
 ORDER BY c.loan_id
"""

#: Every borrower has one loan, whose own NPA is the borrower's; none is a year old.
CLASSES = """
INSERT INTO loan_assetclasschange
       (borrower_id, effective_on, asset_class, npa_since, booked_on, booked_at)
SELECT borrower_id, npa_since, 'SUBSTANDARD', npa_since, npa_since, %(opened)s
  FROM loan_loan
 WHERE id BETWEEN %(low)s AND %(high)s AND npa_since IS NOT NULL
 ORDER BY id
"""

INSTALMENTS = """
INSERT INTO loan_instalment
       (loan_id, number, due_date, opening_principal_paise, principal_paise, interest_paise)
SELECT c.loan_id, r.number, k.due_date, r.opening, r.principal, r.interest
  FROM choice c
  JOIN shape_row r USING (shape)
  JOIN due_date k ON (k.due_day, k.billed, k.number) = (c.due_day, c.billed, r.number)
 WHERE c.loan_id BETWEEN %(low)s AND %(high)s
 ORDER BY c.loan_id, r.number
"""

DUES = """
INSERT INTO loan_due
       (loan_id, number, due_date, principal_paise, interest_paise, billed_at)
SELECT c.loan_id, r.number, k.due_date, r.principal, r.interest, %(opened)s
  FROM choice c
  JOIN shape_row r ON r.shape = c.shape AND r.number <= c.billed
  JOIN due_date k ON (k.due_day, k.billed, k.number) = (c.due_day, c.billed, r.number)
 WHERE c.loan_id BETWEEN %(low)s AND %(high)s
 ORDER BY c.loan_id, r.number
"""

PAYMENTS = """
INSERT INTO loan_payment (
    loan_id, amount_paise, payment_method, reference_id, value_date, received_at, interest_paise,
    principal_paise, charges_paise, penal_paise, advance_paise, excess_paise,
    principal_outstanding_after_paise, loan_status_after
)
SELECT id, paid, 'NEFT', 'OPENING-' || id, disbursed_on + 1, %(opened)s, 0, 0, 0, 0, paid, 0,
       principal_paise, 'ACTIVE'
  FROM (SELECT l.*, l.principal_paid_paise + l.interest_paid_paise + l.advance_paise AS paid
          FROM loan_loan l WHERE l.id BETWEEN %(low)s AND %(high)s) AS loan
 WHERE paid > 0
 ORDER BY id
"""

EVENTS = """
INSERT INTO loan_event (
    loan_id, sequence, kind, value_date, booked_on, booked_at, actor, reason, payload, payment_id
)
SELECT loan_id, 1, 'PAYMENT', value_date, value_date, received_at, 'system', '', '{}', id
  FROM loan_payment WHERE loan_id BETWEEN %(low)s AND %(high)s ORDER BY loan_id
"""

ALLOCATIONS = """
INSERT INTO loan_allocation (
    loan_id, source, value_date, booked_at, instalment_number, interest_paise, principal_paise,
    charge_paise
)
SELECT c.loan_id, 'ADVANCE', k.due_date, %(opened)s, r.number, r.interest, r.principal, 0
  FROM choice c
  JOIN shape_row r ON r.shape = c.shape AND r.number <= c.billed - c.unpaid
  JOIN due_date k ON (k.due_day, k.billed, k.number) = (c.due_day, c.billed, r.number)
 WHERE c.loan_id BETWEEN %(low)s AND %(high)s
 ORDER BY c.loan_id, r.number
"""

CHARGES = """
INSERT INTO loan_charge
       (loan_id, key, kind, instalment_number, levied_on, levied_at, amount_paise, paid_paise)
SELECT c.loan_id, 'PENAL-' || k.number, 'PENAL', k.number, k.due_date + %(grace)s + 1, %(opened)s,
       %(penal)s, 0
  FROM choice c
  JOIN due_date k
    ON k.due_day = c.due_day AND k.billed = c.billed
   AND k.number BETWEEN c.billed - c.unpaid + 1 AND c.billed
 WHERE c.loan_id BETWEEN %(low)s AND %(high)s AND c.unpaid > 0
   AND k.due_date + %(grace)s + 1 <= %(closed_through)s
 ORDER BY c.loan_id, k.number
"""

#: Written slice by slice, in this order: a later one reads what an earlier one wrote.
SLICES = (
    BORROWERS,
    LOANS,
    CLASSES,
    INSTALMENTS,
    DUES,
    PAYMENTS,
    EVENTS,
    ALLOCATIONS,
    CHARGES,
)

#: The sums that the opening entries are made of, one row: see `OPENING_TRANSFERS`.
OPENING_SUMS = """
SELECT (SELECT sum(principal_paise) FROM loan_loan),
       (SELECT coalesce(sum(interest_paise), 0) FROM loan_due),
       (SELECT coalesce(sum(amount_paise), 0) FROM loan_payment),
       (SELECT coalesce(sum(interest_paise), 0) FROM loan_allocation),
       (SELECT coalesce(sum(principal_paise), 0) FROM loan_allocation),
       (SELECT coalesce(sum(amount_paise), 0) FROM loan_charge),
       (SELECT sum(suspended_interest_paise) FROM loan_loan),
       (SELECT sum(suspended_penal_paise) FROM loan_loan)
"""

ENTRY = """
INSERT INTO ledger_entry
       (value_date, booked_at, kind, reference, transfer_count, actor, narrative)
VALUES (%(day)s, %(opened)s, %(kind)s, %(reference)s, 1, 'system', '')
RETURNING id
"""
TRANSFER = """
INSERT INTO ledger_transfer (entry_id, line_number, debit_id, credit_id, amount_paise)
VALUES (%(entry)s, 1, %(debit)s, %(credit)s, %(amount)s)
"""
BUSINESS_DAY = """
INSERT INTO loan_businessday (id, closed_through_date) VALUES (1, %(closed_through)s)
ON CONFLICT (id) DO UPDATE SET closed_through_date = excluded.closed_through_date
"""
