"""The end of a day for the classes of borrowers, as SQL: `loan.domain.asset_class`, set by set.

Parameters: `day`; `since`, day-ends; `borrowers` and `touched`, keys of borrowers and of loans.
Each statement finds its loans in a partial index that holds only those of borrowers who are, or are
about to be, non-performing.
"""

# A loan of 90 days whose borrower is not marked yet. One that is closed keeps its own mark, where
# its claim was given up or it was restructured within the year, and makes nobody non-performing.
NEWLY_NPA = """
SELECT borrower_id, min(npa_since) FROM loan_loan
WHERE npa_since <= %(day)s AND npa_since IS NOT NULL AND borrower_npa_since IS NULL
  AND status <> 'CLOSED'
GROUP BY borrower_id
"""

AGED = """
SELECT DISTINCT borrower_id, borrower_npa_since, borrower_marked_class FROM loan_loan
WHERE borrower_npa_since = ANY(%(since)s) AND borrower_npa_since IS NOT NULL
"""

# All arrears on all loans are paid, of a restructured one after its time: a due of the very day was
# met from what was held for it. A mark stays until a person lifts it.
CURED = """
SELECT borrower_id FROM loan_loan
WHERE borrower_npa_since IS NOT NULL
GROUP BY borrower_id
HAVING bool_and(borrower_marked_class IS NULL)
   AND bool_and(status = 'CLOSED' OR npa_since IS NULL
                AND coalesce(oldest_unpaid_due_date > %(day)s, true))
"""

# Like everyone who locks more than one loan.
LOCK = """
SELECT id FROM loan_loan WHERE borrower_id = ANY(%(borrowers)s) ORDER BY id FOR NO KEY UPDATE
"""

# What was held in suspense goes with the mark: the level below says what is to be released.
MARK = """
UPDATE loan_loan l SET borrower_npa_since = c.since
FROM unnest(%(borrowers)s::bigint[], %(since)s::date[]) AS c (borrower_id, since)
WHERE l.borrower_id = c.borrower_id AND c.since IS NOT NULL
  AND l.borrower_npa_since IS DISTINCT FROM c.since
"""

# The loans whose suspense the day may have moved: all of the borrowers whose class it changed, and
# those that it billed, charged or met. They are locked by a statement of their own, so that the
# next one sees all that a payer who was waited for has written.
TOUCH = """
SELECT l.id FROM loan_loan l
WHERE l.id IN (
    SELECT l.id FROM loan_loan l WHERE l.borrower_id = ANY(%(borrowers)s::bigint[])
  UNION
    SELECT l.id FROM loan_loan l
    WHERE l.borrower_npa_since IS NOT NULL AND l.status = 'ACTIVE'
      AND EXISTS (SELECT FROM loan_due d WHERE d.due_date = %(day)s AND d.loan_id = l.id)
  UNION
    SELECT l.id FROM loan_charge c JOIN loan_loan l ON l.id = c.loan_id
    WHERE c.levied_on = %(day)s AND l.borrower_npa_since IS NOT NULL
)
ORDER BY l.id FOR NO KEY UPDATE
"""

# The level of suspense, as `loan.domain.unrealised` has it. GST comes off a charge as the rounded
# share of what is unpaid: half a paisa up. A borrower who is standard again has none.
SUSPEND = """
WITH cured AS (
    SELECT b.id FROM unnest(%(borrowers)s::bigint[]) AS b (id)
    WHERE NOT EXISTS (SELECT FROM loan_loan l
                      WHERE l.borrower_id = b.id
                        AND (l.borrower_marked_class IS NOT NULL
                             OR l.status <> 'CLOSED'
                                AND (l.npa_since IS NOT NULL
                                     OR l.oldest_unpaid_due_date <= %(day)s)))
),
level AS (
    SELECT l.id, l.product_id, l.borrower_id,
           l.borrower_id IN (SELECT id FROM cured) AS is_cured,
           l.suspended_interest_paise AS held_interest,
           l.suspended_charges_paise AS held_charges,
           l.suspended_penal_paise AS held_penal,
           CASE WHEN l.borrower_id IN (SELECT id FROM cured) OR l.status <> 'ACTIVE' THEN 0 ELSE
               (SELECT coalesce(sum(d.interest_paise), 0)
                FROM loan_due d
                JOIN loan_instalment i ON (i.loan_id, i.version, i.number, i.revision)
                                        = (l.id, l.schedule_version, d.number, d.revision)
                WHERE d.loan_id = l.id AND d.number >= l.next_number)
               - l.next_interest_paid_paise END AS interest,
           c.charges, c.penal
    FROM loan_loan l
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(
                   c.amount_paise - c.paid_paise - c.gst_paise
                   + div(2 * c.paid_paise::numeric * c.gst_paise + c.amount_paise,
                         2 * c.amount_paise::numeric)
               ) FILTER (WHERE c.kind NOT IN ('PENAL', 'REFUND')), 0)::bigint AS charges,
               coalesce(sum(c.amount_paise - c.paid_paise)
                   FILTER (WHERE c.kind = 'PENAL'), 0)::bigint AS penal
        FROM loan_charge c
        WHERE c.loan_id = l.id AND c.cancelled_by_id IS NULL AND c.paid_paise < c.amount_paise
          AND l.status = 'ACTIVE' AND l.borrower_id NOT IN (SELECT id FROM cured)
    ) c
    WHERE l.id = ANY(%(touched)s::bigint[])
),
moved AS (
    UPDATE loan_loan l SET
        borrower_npa_since = CASE WHEN v.is_cured THEN NULL ELSE l.borrower_npa_since END,
        suspended_interest_paise = v.interest,
        suspended_charges_paise = v.charges,
        suspended_penal_paise = v.penal
    FROM level v
    WHERE l.id = v.id AND (v.is_cured
          OR (v.interest, v.charges, v.penal) <> (v.held_interest, v.held_charges, v.held_penal))
)
SELECT product_id, count(*), sum(interest - held_interest)::bigint,
       sum(charges - held_charges)::bigint, sum(penal - held_penal)::bigint
FROM level
WHERE (interest, charges, penal) <> (held_interest, held_charges, held_penal)
GROUP BY product_id ORDER BY product_id
"""
