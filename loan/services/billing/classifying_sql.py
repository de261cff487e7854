"""The end of a day for the classes of borrowers, as SQL: `loan.domain.asset_class`, set by set.

Parameters: `day`; `npa_days`, from a due date on; `since`, day-ends; `among`, the keys
of borrowers that are asked about, NULL for all; `borrowers`, their keys, and of each what changes.
Each statement finds its loans in a partial index that holds only those of borrowers who are, or are
about to be, non-performing.
"""

# A loan of 90 days whose borrower is not marked yet. One that is closed keeps its own mark, where
# its claim was given up or it was restructured within the year, and makes nobody non-performing.
# One that is off the books bears no mark of its own: its days tell, as those of all others do.
NEWLY_NPA = """
SELECT borrower_id, min(since) FROM (
    SELECT borrower_id, npa_since AS since FROM loan_loan
    WHERE npa_since <= %(day)s AND npa_since IS NOT NULL AND borrower_npa_since IS NULL
      AND status <> 'CLOSED'
  UNION ALL
    SELECT borrower_id, oldest_unpaid_due_date + %(npa_days)s FROM loan_loan
    WHERE status = 'WRITTEN_OFF' AND borrower_npa_since IS NULL
      AND oldest_unpaid_due_date + %(npa_days)s <= %(day)s
) AS loan
GROUP BY borrower_id
"""

AGED = """
SELECT DISTINCT borrower_id, borrower_npa_since, borrower_marked_class FROM loan_loan
WHERE borrower_npa_since = ANY(%(since)s) AND borrower_npa_since IS NOT NULL
  AND (%(among)s::bigint[] IS NULL OR borrower_id = ANY(%(among)s::bigint[]))
"""

# All arrears on all loans are paid, of a restructured one after its time: a due of the very day was
# met from what was held for it. A mark stays until a person lifts it.
CURED = """
SELECT borrower_id FROM loan_loan
WHERE borrower_npa_since IS NOT NULL
  AND (%(among)s::bigint[] IS NULL OR borrower_id = ANY(%(among)s::bigint[]))
GROUP BY borrower_id
HAVING bool_and(borrower_marked_class IS NULL)
   AND bool_and(status = 'CLOSED' OR npa_since IS NULL
                AND coalesce(oldest_unpaid_due_date > %(day)s, true))
"""

# Whose class changed during the day, by what a payer or a person did.
TOLD = """
SELECT DISTINCT borrower_id FROM loan_assetclasschange WHERE booked_on = %(day)s
"""

# Like everyone who locks more than one loan.
LOCK = """
SELECT id FROM loan_loan WHERE borrower_id = ANY(%(borrowers)s) ORDER BY id FOR NO KEY UPDATE
"""

RECORD = """
INSERT INTO loan_assetclasschange
       (borrower_id, effective_on, asset_class, npa_since, marked_class, booked_on)
SELECT c.*, %(day)s
FROM unnest(%(borrowers)s::bigint[], %(effective)s::date[], %(classes)s::text[],
            %(since)s::date[], %(marked)s::text[]) AS c
"""
