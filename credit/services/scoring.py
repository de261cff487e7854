"""Computing scores and keeping every one of them, with its inputs and its explanation."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date

from credit.domain.features import cash_flow
from credit.domain.history import CreditHistory
from credit.domain.scorecard import Applicant, ScoreInputs, score_card
from credit.models import CreditScore
from credit.selectors import monthly_flows
from users.domain.employment import EmploymentType
from users.models import Borrower


@dataclass(frozen=True, slots=True)
class ScoreRequest:
    """A borrower to be scored, and their record as a borrower."""

    borrower_id: int
    history: CreditHistory


def score_borrower(
    borrower: Borrower, *, history: CreditHistory, as_of: date, trigger: CreditScore.Trigger
) -> CreditScore:
    """Compute a borrower's score on the business date `as_of`, and keep it."""
    request = ScoreRequest(borrower.pk, history)
    return _score([borrower], [request], as_of=as_of, trigger=trigger)[0]


def score_borrowers(
    requests: Sequence[ScoreRequest], *, as_of: date, trigger: CreditScore.Trigger
) -> list[CreditScore]:
    """Score many borrowers, in three statements however many they are; a score for each request.

    Every score is kept, whether it differs from the one before or not: that it was looked at and
    stayed is part of the record. Raises `Borrower.DoesNotExist` when one of them is unknown.
    """
    found = Borrower.objects.in_bulk([request.borrower_id for request in requests])
    missing = [request.borrower_id for request in requests if request.borrower_id not in found]
    if missing:
        raise Borrower.DoesNotExist(f"no borrowers with the keys {missing[:10]}")
    borrowers = [found[request.borrower_id] for request in requests]
    return _score(borrowers, requests, as_of=as_of, trigger=trigger)


def _score(
    borrowers: Iterable[Borrower],
    requests: Sequence[ScoreRequest],
    *,
    as_of: date,
    trigger: CreditScore.Trigger,
) -> list[CreditScore]:
    flows = monthly_flows([request.borrower_id for request in requests], as_of=as_of)
    scores = []
    for borrower, request in zip(borrowers, requests, strict=True):
        inputs = ScoreInputs(
            applicant=Applicant(
                annual_income_paise=borrower.annual_income_paise,
                employment_type=EmploymentType(borrower.employment_type),
            ),
            history=request.history,
            as_of=as_of,
            cash_flow=cash_flow(
                flows.get(borrower.pk, ()),
                as_of=as_of,
                own_instalments_paise=request.history.instalment_amounts_paise,
            ),
        )
        scores.append(_unsaved_score(borrower, inputs, trigger=trigger))
    return CreditScore.objects.bulk_create(scores)


def _unsaved_score(
    borrower: Borrower, inputs: ScoreInputs, *, trigger: CreditScore.Trigger
) -> CreditScore:
    card = score_card(inputs)
    return CreditScore(
        borrower=borrower,
        score=card.score,
        model_version=card.model_version,
        as_of_date=inputs.as_of,
        trigger=trigger,
        inputs=asdict(inputs, dict_factory=_plain),
        points=[asdict(row) for row in card.points],
        reason_codes=list(card.reason_codes),
        improvements=[asdict(improvement) for improvement in card.improvements],
        thin_file=card.thin_file,
        basis=card.basis,
        overlay=card.overlay or "",
    )


def _plain(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Return a value's fields as JSON holds them: dates as text."""
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in pairs}
