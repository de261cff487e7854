"""Reading scores, and the monthly sums of bank transactions that scores are computed from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection

from bright_credit.common.errors import NotFound
from credit.domain import features, narration
from credit.domain.features import CashFlow, MonthlyFlow
from credit.models import CreditScore
from users.domain.callers import SYSTEM, Caller
from users.models import Borrower
from users.selectors import borrower_for

DEFAULT_HISTORY = 20
MAX_HISTORY = 100


class ScoreNotFound(NotFound):
    """The borrower has not been scored yet."""

    code = "score_not_found"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreReport:
    """A borrower's newest score, with the scores before it when they were asked for."""

    latest: CreditScore
    history: tuple[CreditScore, ...] | None


def score_report(
    user_id: str,
    *,
    with_history: bool = False,
    limit: int = DEFAULT_HISTORY,
    caller: Caller = SYSTEM,
) -> ScoreReport:
    """Return the newest score of the borrower with this public id, whom the caller may reach.

    The history, newest first, starts with that score. Raises `BorrowerNotFound`, `ScoreNotFound`.
    """
    borrower = borrower_for(caller, user_id)
    if not with_history:
        return ScoreReport(latest=latest_score(borrower), history=None)
    history = tuple(score_history(borrower, limit=limit))
    if not history:
        raise _not_scored()
    return ScoreReport(latest=history[0], history=history)


def latest_score(borrower: Borrower) -> CreditScore:
    """Return a borrower's newest score. Raises `ScoreNotFound`."""
    score = CreditScore.objects.filter(borrower=borrower).order_by("-id").first()
    if score is None:
        raise _not_scored()
    return score


def score_history(borrower: Borrower, *, limit: int = DEFAULT_HISTORY) -> list[CreditScore]:
    """Return a borrower's scores, newest first, at most `limit` of them."""
    scores = CreditScore.objects.filter(borrower=borrower).order_by("-id")
    return list(scores[: min(limit, MAX_HISTORY)])


def cash_flow(
    borrower: Borrower, *, as_of: date, own_instalments_paise: Sequence[int] = ()
) -> CashFlow:
    """Return what a borrower's bank transactions say, over the full months before `as_of`."""
    flows = monthly_flows([borrower.pk], as_of=as_of).get(borrower.pk, ())
    return features.cash_flow(flows, as_of=as_of, own_instalments_paise=own_instalments_paise)


def _not_scored() -> ScoreNotFound:
    return ScoreNotFound("This borrower has no credit score yet.", field="user_id")


# To the patterns a digit is but a character that is no letter, so narrations that differ only in
# their numbers are understood once: the patterns are costly, and most narrations carry a reference.
# A payer who pays once a month, within a fifth of the usual amount and within five days of the
# usual day, for three months or more, pays a salary, whatever the narration calls it.
_MONTHLY_FLOWS = """
WITH told AS MATERIALIZED (
    SELECT borrower_id, transaction_date, amount_paise, type,
           regexp_replace(description, '[0-9]+', '0', 'g') AS wording
      FROM credit_banktransaction
     WHERE borrower_id = ANY(%(borrower_ids)s::bigint[])
       AND transaction_date >= %(start)s AND transaction_date < %(end)s
), understood AS MATERIALIZED (
    SELECT wording,
           wording ~* %(salary)s AS is_salary,
           wording ~* %(instalment)s AS is_instalment,
           wording ~* %(bounce)s AS is_bounce,
           wording ~* %(passing_through)s AS is_passing_through,
           btrim(regexp_replace(upper(wording), '[^A-Z]+', ' ', 'g')) AS payer
      FROM (SELECT DISTINCT wording FROM told) AS once
), movement AS NOT MATERIALIZED (
    SELECT borrower_id,
           date_trunc('month', transaction_date::timestamp)::date AS month,
           transaction_date,
           extract(day FROM transaction_date)::int AS day,
           amount_paise, type, is_salary, is_instalment, is_bounce, is_passing_through, payer
      FROM told JOIN understood USING (wording)
), credit AS MATERIALIZED (
    SELECT borrower_id, month, day, amount_paise, is_salary, payer
      FROM movement
     WHERE type = 'CREDIT' AND NOT is_passing_through
), regular AS (
    SELECT borrower_id, payer
      FROM credit
     WHERE payer <> ''
     GROUP BY borrower_id, payer
    HAVING count(*) >= 3
       AND count(*) = count(DISTINCT month)
       AND max(amount_paise) * 5 * count(*) <= sum(amount_paise) * 6
       AND min(amount_paise) * 5 * count(*) >= sum(amount_paise) * 4
       AND max(day) - min(day) <= 10
), salary AS (
    SELECT borrower_id, month, count(*) AS salaries
      FROM credit
      LEFT JOIN regular USING (borrower_id, payer)
     WHERE is_salary OR regular.payer IS NOT NULL
     GROUP BY borrower_id, month
), bounced AS (
    SELECT borrower_id, month, count(DISTINCT transaction_date) AS bounces
      FROM movement
     WHERE is_bounce
     GROUP BY borrower_id, month
), flow AS (
    SELECT borrower_id,
           month,
           coalesce(sum(amount_paise) FILTER (
               WHERE type = 'CREDIT' AND NOT is_passing_through), 0)::bigint AS income,
           coalesce(sum(amount_paise) FILTER (
               WHERE type = 'DEBIT' AND NOT is_passing_through), 0)::bigint AS spending,
           coalesce(array_agg(amount_paise) FILTER (
               WHERE type = 'DEBIT' AND is_instalment AND NOT is_bounce), '{}') AS instalments
      FROM movement
     GROUP BY borrower_id, month
)
SELECT borrower_id, month, income, spending, coalesce(salaries, 0), instalments,
       coalesce(bounces, 0)
  FROM flow
  LEFT JOIN salary USING (borrower_id, month)
  LEFT JOIN bounced USING (borrower_id, month)
 ORDER BY borrower_id, month
"""


def monthly_flows(
    borrower_ids: Sequence[int], *, as_of: date
) -> Mapping[int, tuple[MonthlyFlow, ...]]:
    """Return the months of these borrowers by key, in one statement however many they are.

    Only full months before `as_of` are looked at; a borrower without transactions is left out.
    """
    window = features.trailing_window(as_of)
    flows: dict[int, list[MonthlyFlow]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            _MONTHLY_FLOWS,
            {
                "borrower_ids": list(borrower_ids),
                "start": window.start,
                "end": window.end,
                "salary": narration.SALARY,
                "instalment": narration.INSTALMENT,
                "bounce": narration.BOUNCE,
                "passing_through": narration.PASSING_THROUGH,
            },
        )
        for borrower_id, month, income, spending, salaries, instalments, bounces in cursor:
            flow = MonthlyFlow(
                month=month,
                income_paise=income,
                spending_paise=spending,
                salary_credits=salaries,
                instalments_paise=tuple(sorted(instalments)),
                bounces=bounces,
            )
            flows.setdefault(borrower_id, []).append(flow)
    return {borrower_id: tuple(months) for borrower_id, months in flows.items()}
