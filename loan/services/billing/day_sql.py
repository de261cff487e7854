"""What a day changes, as SQL over a range of loans: the rules of `loan.domain`, set by set.

Parameters: `day`; `low` and `high`, the range of loan keys; `npa_edge`, the due date whose loans
become non-performing at the end of `day`; `performance`, the time for which a restructured loan
has to perform before it may be standard again; `locked`, the keys of the loans whose rows this
transaction holds and that the clock moves; among them `advance`, which hold money in advance,
`by_rule`, whose penal charges are by rate or slab, and `crossing`, which the day's end makes
non-performing; `apart`, the keys of loans that are left alone here, in quarantine or for the core
to bring to the day's end.

Every statement finds what it needs by an index, and reads no loan that the day leaves alone.
"""

# Which loans the clock moves beyond a plain due: the oldest unpaid due is 90 days old, the grace of
# an unpaid instalment has run out, money held in advance meets a due, the loan was restructured, a
# moratorium's interest is capitalised, or a holiday's.
#
# The days of grace are a handful of numbers, found by stepping from one to the next in the index.
# Each gives the date of which unpaid instalments are charged for, and a due date falls on the
# agreed day of the month, or before it on the month's last: so one overdue loan in thirty is looked
# at, and its instalments decide. Loans that have no such day, or another schedule since, are few,
# and all of them that are overdue are looked at. An instalment that was charged before is told from
# the rows, once they are locked. OFFSET 0 keeps the planner, which cannot guess how few these are,
# from reading the whole book instead of seeking each. A loan may be found more than once.
FIND_MOVED = """
WITH RECURSIVE grace AS (
    SELECT min(penal_grace_days)::int AS days
    FROM loan_loan WHERE status = 'ACTIVE' AND penal_charge_paise > 0
  UNION ALL
    SELECT (SELECT min(l.penal_grace_days)::int FROM loan_loan l
            WHERE l.status = 'ACTIVE' AND l.penal_charge_paise > 0 AND l.penal_grace_days > g.days)
    FROM grace g WHERE g.days IS NOT NULL
),
charged AS (
    SELECT days, %(day)s::date - days - 1 AS missed_on,
           extract(day FROM %(day)s::date - days - 1)::int AS month_day,
           extract(day FROM %(day)s::date - days)::int = 1 AS ends_month
    FROM grace WHERE days IS NOT NULL
),
late AS MATERIALIZED (
    SELECT l.id, c.missed_on
    FROM charged c
    CROSS JOIN LATERAL (
        SELECT id FROM loan_loan
        WHERE penal_grace_days = c.days AND due_day = c.month_day
          AND status = 'ACTIVE' AND penal_charge_paise > 0
          AND oldest_unpaid_due_date <= c.missed_on AND id BETWEEN %(low)s AND %(high)s
        OFFSET 0
    ) l
  UNION ALL
    SELECT l.id, c.missed_on
    FROM charged c
    CROSS JOIN LATERAL (
        SELECT id FROM loan_loan
        WHERE penal_grace_days = c.days AND due_day > c.month_day
          AND status = 'ACTIVE' AND penal_charge_paise > 0
          AND oldest_unpaid_due_date <= c.missed_on AND id BETWEEN %(low)s AND %(high)s
        OFFSET 0
    ) l
    WHERE c.ends_month
  UNION ALL
    SELECT l.id, c.missed_on
    FROM charged c
    CROSS JOIN LATERAL (
        SELECT id FROM loan_loan
        WHERE penal_grace_days = c.days AND (due_day IS NULL OR schedule_version > 1)
          AND status = 'ACTIVE' AND penal_charge_paise > 0
          AND oldest_unpaid_due_date <= c.missed_on AND id BETWEEN %(low)s AND %(high)s
        OFFSET 0
    ) l
)
SELECT l.id
FROM loan_loan l
WHERE l.oldest_unpaid_due_date <= %(npa_edge)s AND l.npa_since IS NULL AND l.status = 'ACTIVE'
  AND l.id BETWEEN %(low)s AND %(high)s
UNION ALL
SELECT late.id
FROM late
CROSS JOIN LATERAL (
    SELECT FROM loan_instalment i
    WHERE i.loan_id = late.id AND i.due_date = late.missed_on OFFSET 0
) missed
UNION ALL
SELECT l.id
FROM loan_loan l
WHERE l.advance_paise > 0 AND l.oldest_unpaid_due_date <= %(day)s
  AND l.id BETWEEN %(low)s AND %(high)s AND l.status = 'ACTIVE'
UNION ALL
SELECT l.id
FROM loan_loan l
WHERE l.penal_by_rule AND l.oldest_unpaid_due_date < %(day)s AND l.position_date < %(day)s
  AND l.status = 'ACTIVE' AND l.id BETWEEN %(low)s AND %(high)s
  AND EXISTS (
      SELECT FROM loan_instalment i
      WHERE i.loan_id = l.id AND i.version = l.schedule_version AND i.number >= l.next_number
        AND i.due_date < %(day)s
        AND (l.penal_rate_bps > 0
             AND %(day)s::date - i.due_date - 1 >= l.penal_grace_days
             AND (%(day)s::date - i.due_date - 1 - l.penal_grace_days) %% %(penal_period)s = 0
             OR EXISTS (SELECT FROM jsonb_array_elements(l.penal_slabs) slab
                        WHERE (slab->>0)::int = %(day)s::date - i.due_date - 1)))
UNION ALL
SELECT l.id
FROM loan_loan l
WHERE l.restructured_on <= %(day)s AND l.position_date <= l.restructured_on
  AND l.npa_since IS NULL AND l.status = 'ACTIVE' AND l.id BETWEEN %(low)s AND %(high)s
UNION ALL
SELECT l.id
FROM loan_loan l
WHERE l.capitalises_on <= %(day)s AND l.capitalised_paise = 0
  AND l.id BETWEEN %(low)s AND %(high)s AND l.status = 'ACTIVE'
UNION ALL
SELECT l.id
FROM loan_loan l
WHERE l.holiday_ends_on <= %(day)s AND l.id BETWEEN %(low)s AND %(high)s AND l.status = 'ACTIVE'
"""

# The loans of non-performing borrowers that are due, whose interest is held in suspense as it is
# billed: by their keys alone, whatever schedule the instalment is of. Whoever becomes
# non-performing meanwhile is seen to at the day's end.
FIND_SUSPENDED = """
SELECT l.id FROM loan_loan l
WHERE l.borrower_npa_since IS NOT NULL AND l.status = 'ACTIVE'
  AND l.id BETWEEN %(low)s AND %(high)s
  AND EXISTS (SELECT FROM loan_instalment i
              WHERE i.due_date = %(day)s AND i.loan_id = l.id
                AND i.loan_id BETWEEN %(low)s AND %(high)s)
"""

# In the order of keys, like everyone who locks more than one loan. A loan that a payment has moved
# past the day meanwhile needs nothing more. Those whose history has a gap are left to the core.
LOCK_MOVED = """
SELECT l.id, l.advance_paise > 0,
       l.advance_paise > 0 AND l.oldest_unpaid_due_date < %(day)s
       OR l.npa_since IS NULL AND l.oldest_unpaid_due_date < %(npa_edge)s
       OR l.npa_since IS NULL AND l.position_date <= l.restructured_on
          AND coalesce(l.restructured_on < %(day)s, false)
       OR l.capitalised_paise = 0 AND coalesce(l.capitalises_on < %(day)s, false)
       OR coalesce(l.holiday_ends_on < %(day)s, false),
       l.capitalised_paise = 0 AND coalesce(l.capitalises_on = %(day)s, false)
       OR coalesce(l.holiday_ends_on = %(day)s, false),
       l.penal_by_rule,
       l.npa_since IS NULL AND coalesce(l.oldest_unpaid_due_date = %(npa_edge)s
                                        OR l.restructured_on = %(day)s, false),
       l.borrower_npa_since IS NOT NULL
FROM loan_loan l
WHERE l.id = ANY(%(found)s) AND l.status = 'ACTIVE' AND l.position_date <= %(day)s
ORDER BY l.id
FOR NO KEY UPDATE OF l
"""

# Nothing is billed before: what becomes principal today bears interest from today.
CAPITALISE = """
WITH coming AS (
    SELECT id, product_id, CASE WHEN holiday_ends_on IS NULL THEN moratorium_interest_paise
                                ELSE holiday_interest_paise END AS paise
    FROM loan_loan WHERE id = ANY(%(capitalising)s)
),
moved AS (
    UPDATE loan_loan l
    SET capitalised_paise = l.capitalised_paise + c.paise, holiday_ends_on = NULL,
        holiday_interest_paise = 0, position_date = %(day)s
    FROM coming c WHERE l.id = c.id
)
SELECT product_id, count(*), sum(paise)::bigint
FROM coming GROUP BY product_id ORDER BY product_id
"""

LEVY_PENAL = """
WITH missed AS (
    SELECT l.id, l.product_id, i.number, l.penal_charge_paise AS amount
    FROM loan_loan l
    JOIN loan_instalment i
      ON i.loan_id = l.id AND i.due_date = %(day)s::date - l.penal_grace_days - 1
     AND i.version = l.schedule_version
    WHERE l.id = ANY(%(locked)s) AND l.penal_charge_paise > 0
      AND l.oldest_unpaid_due_date < %(day)s
      AND i.number > l.penal_levied_through AND i.number >= l.next_number
),
levied AS (
    INSERT INTO loan_charge (loan_id, key, kind, instalment_number, levied_on, levied_at,
                             amount_paise, paid_paise)
    SELECT id, 'PENAL-' || number, 'PENAL', number, %(day)s, now(), amount, 0
    FROM missed ORDER BY id
),
moved AS (
    UPDATE loan_loan l SET penal_levied_through = m.number, position_date = %(day)s
    FROM missed m WHERE l.id = m.id
)
SELECT product_id, count(*), sum(amount)::bigint FROM missed GROUP BY product_id ORDER BY product_id
"""

# By rate or slab an instalment draws several charges, each on its day: so the day, and not the last
# instalment charged, says which. A loan that stands at the day has had them.
LEVY_PENAL_BY_RULE = """
WITH missed AS (
    SELECT l.id, l.product_id, i.number, step.place, step.amount
    FROM loan_loan l
    JOIN loan_instalment i
      ON i.loan_id = l.id AND i.version = l.schedule_version AND i.number >= l.next_number
     AND i.due_date < %(day)s
    CROSS JOIN LATERAL (
        SELECT %(day)s::date - i.due_date - 1 AS late,
               i.interest_paise + i.principal_paise
               - CASE WHEN i.number = l.next_number
                      THEN l.next_interest_paid_paise + l.next_principal_paid_paise
                      ELSE 0 END AS unpaid
    ) open
    CROSS JOIN LATERAL (
        SELECT (open.late - l.penal_grace_days) / %(penal_period)s + 1 AS place,
               round(open.unpaid::numeric * l.penal_rate_bps
                     * CASE WHEN open.late = l.penal_grace_days THEN open.late + 1
                            ELSE %(penal_period)s END
                     / 3650000)::bigint AS amount
        WHERE l.penal_rate_bps > 0 AND open.late >= l.penal_grace_days
          AND (open.late - l.penal_grace_days) %% %(penal_period)s = 0
      UNION ALL
        SELECT slab.place, (slab.pair->>1)::bigint
        FROM jsonb_array_elements(l.penal_slabs) WITH ORDINALITY AS slab (pair, place)
        WHERE (slab.pair->>0)::int = open.late
    ) step
    WHERE l.id = ANY(%(by_rule)s) AND l.position_date < %(day)s
      AND l.oldest_unpaid_due_date < %(day)s AND step.amount > 0
),
levied AS (
    INSERT INTO loan_charge (loan_id, key, kind, instalment_number, levied_on, levied_at,
                             amount_paise, paid_paise)
    SELECT id, 'PENAL-' || number || CASE WHEN place > 1 THEN '-' || place ELSE '' END, 'PENAL',
           number, %(day)s, now(), amount, 0
    FROM missed ORDER BY id, number
),
moved AS (
    UPDATE loan_loan l
    SET penal_levied_through = greatest(l.penal_levied_through, m.last), position_date = %(day)s
    FROM (SELECT id, max(number) AS last FROM missed GROUP BY id) m WHERE l.id = m.id
)
SELECT product_id, count(*), sum(amount)::bigint FROM missed GROUP BY product_id ORDER BY product_id
"""

# Dues that a payment has billed already are left alone. One that is being billed this very moment
# makes the first statement fail when it commits; then the second one lets the key decide, at half
# the speed. Plain dues lock no loan: whoever is paying one waits for its due's commit at most.
_DUES = """
    SELECT i.loan_id, i.number, i.due_date, i.principal_paise, i.interest_paise, i.revision,
           l.product_id
    FROM loan_instalment i
    JOIN loan_loan l ON l.id = i.loan_id AND l.schedule_version = i.version
                    AND l.id BETWEEN %(low)s AND %(high)s
    WHERE i.due_date = %(day)s AND i.loan_id BETWEEN %(low)s AND %(high)s
      AND l.status = 'ACTIVE' AND (l.advance_paise = 0 OR l.id = ANY(%(advance)s::bigint[]))
      AND l.id <> ALL(%(apart)s::bigint[])
      AND NOT EXISTS (SELECT 1 FROM loan_due d
                      WHERE d.due_date = %(day)s AND d.loan_id = i.loan_id
                        AND d.loan_id BETWEEN %(low)s AND %(high)s
                        AND d.revision = i.revision)
    ORDER BY i.loan_id
"""
_INSERT_DUES = """
    INSERT INTO loan_due (loan_id, number, due_date, principal_paise, interest_paise, billed_at,
                          revision)
    SELECT loan_id, number, due_date, principal_paise, interest_paise, now(), revision FROM due
"""
BILL_DUES = f"""
WITH due AS MATERIALIZED ({_DUES}), billed AS ({_INSERT_DUES})
SELECT product_id, count(*), sum(interest_paise)::bigint
FROM due GROUP BY product_id ORDER BY product_id
"""  # noqa: S608 - made of the constants above
BILL_DUES_BESIDE_PAYERS = f"""
WITH due AS MATERIALIZED ({_DUES}),
billed AS ({_INSERT_DUES} ON CONFLICT DO NOTHING RETURNING loan_id)
SELECT product_id, count(*), sum(interest_paise)::bigint
FROM due JOIN billed USING (loan_id) GROUP BY product_id ORDER BY product_id
"""  # noqa: S608 - made of the constants above

# A loan that holds an advance has nothing billed and unpaid but the due of the day itself, which is
# met in the order of the terms. It closes when that was the last one and no charge is open.
APPLY_ADVANCES = """
WITH asked AS (
    SELECT l.id, l.product_id, l.schedule_version, l.advance_paise AS held, i.number,
           coalesce(CASE WHEN l.npa_since IS NOT NULL THEN nullif(l.npa_allocation_order, '') END,
                    l.allocation_order) = 'PRINCIPAL_FIRST' AS principal_first,
           i.interest_paise - l.next_interest_paid_paise AS interest,
           i.principal_paise - l.next_principal_paid_paise AS principal
    FROM loan_loan l
    JOIN loan_instalment i
      ON i.loan_id = l.id AND i.version = l.schedule_version AND i.number = l.next_number
    WHERE l.id = ANY(%(advance)s) AND l.advance_paise > 0 AND i.due_date = %(day)s
),
met AS (
    SELECT a.*, least(held - CASE WHEN principal_first THEN least(held, principal) ELSE 0 END,
                      interest) AS by_interest,
           least(held - CASE WHEN principal_first THEN 0 ELSE least(held, interest) END,
                 principal) AS by_principal,
           held >= interest + principal AS whole
    FROM asked a
),
allocated AS (
    INSERT INTO loan_allocation (loan_id, source, value_date, booked_at, instalment_number,
                                 interest_paise, principal_paise, charge_paise)
    SELECT id, 'ADVANCE', %(day)s, now(), number, by_interest, by_principal, 0
    FROM met ORDER BY id
),
after AS (
    SELECT m.*, n.due_date AS next_due_date,
           m.whole AND n.number IS NULL AND NOT EXISTS (
               SELECT 1 FROM loan_charge c
               WHERE c.loan_id = m.id AND c.paid_paise < c.amount_paise
                 AND c.cancelled_by_id IS NULL
           ) AS closes
    FROM met m
    LEFT JOIN loan_instalment n
      ON n.loan_id = m.id AND n.version = m.schedule_version AND n.number = m.number + 1
),
moved AS (
    UPDATE loan_loan l SET
        advance_paise = l.advance_paise - a.by_interest - a.by_principal,
        interest_paid_paise = l.interest_paid_paise + a.by_interest,
        principal_paid_paise = l.principal_paid_paise + a.by_principal,
        next_number = CASE WHEN a.whole THEN a.number + 1 ELSE l.next_number END,
        next_interest_paid_paise =
            CASE WHEN a.whole THEN 0 ELSE l.next_interest_paid_paise + a.by_interest END,
        next_principal_paid_paise =
            CASE WHEN a.whole THEN 0 ELSE l.next_principal_paid_paise + a.by_principal END,
        oldest_unpaid_due_date =
            CASE WHEN a.whole THEN a.next_due_date ELSE l.oldest_unpaid_due_date END,
        npa_since = CASE
            WHEN a.whole AND (l.restructured_on IS NULL
                              OR %(day)s >= l.restructured_on + %(performance)s::interval)
            THEN NULL ELSE l.npa_since END,
        status = CASE WHEN a.closes THEN 'CLOSED' ELSE l.status END,
        closed_on = CASE WHEN a.closes THEN %(day)s ELSE l.closed_on END,
        position_date = %(day)s
    FROM after a WHERE l.id = a.id
)
SELECT product_id, count(*), sum(by_interest)::bigint, sum(by_principal)::bigint
FROM met GROUP BY product_id ORDER BY product_id
"""

MARK_NPA = """
UPDATE loan_loan SET npa_since = %(day)s, position_date = %(day)s
WHERE id = ANY(%(crossing)s) AND status = 'ACTIVE' AND npa_since IS NULL
  AND (oldest_unpaid_due_date = %(npa_edge)s OR restructured_on = %(day)s)
"""
