"""The BrightLend score, model brightlend-1: 300 plus the points of seven characteristics.

Expert points, deterministic: the same inputs give the same score, its points, the reasons for it
and what would raise it. It is our own score and no bureau's. Name, sex, religion, caste, language,
PIN code and device are not among its inputs.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from credit.domain import bins
from credit.domain.advice import Improvement, advice
from credit.domain.bins import PROVEN_DUES, Band, Bin
from credit.domain.cash_flow_points import cash_flow_bin
from credit.domain.features import NO_CASH_FLOW, CashFlow
from credit.domain.history import CreditHistory
from users.domain.employment import EmploymentType

MODEL_VERSION = "brightlend-1"
LOWEST_SCORE = 300
HIGHEST_SCORE = 900
MAX_REASONS = 4


class Characteristic(StrEnum):
    """The seven things that give points, in the order that breaks ties."""

    PAYMENT_HISTORY = "payment_history"
    CREDIT_UTILIZATION = "credit_utilization"
    CREDIT_AGE = "credit_age"
    ANNUAL_INCOME = "annual_income"
    EMPLOYMENT = "employment"
    CASH_FLOW = "cash_flow"
    ENQUIRIES = "enquiries"


#: The most that each characteristic can give; together they fill the range from 300 to 900.
MAXIMUM_POINTS = {
    Characteristic.PAYMENT_HISTORY: 200,
    Characteristic.CREDIT_UTILIZATION: 110,
    Characteristic.CREDIT_AGE: 70,
    Characteristic.ANNUAL_INCOME: 90,
    Characteristic.EMPLOYMENT: 40,
    Characteristic.CASH_FLOW: 60,
    Characteristic.ENQUIRIES: 30,
}


class Basis(StrEnum):
    """What the payment record rests on."""

    OBSERVED_REPAYMENT = "OBSERVED_REPAYMENT"
    NO_ADVERSE_RECORD = "NO_ADVERSE_RECORD"


class Overlay(StrEnum):
    """A ceiling that grave delays put on the whole score, whatever the points add up to."""

    NPA = "NPA"
    SIXTY_DAYS_LATE = "60_DAYS_LATE"
    THIRTY_DAYS_LATE = "30_DAYS_LATE"


OVERLAY_CAPS = {
    Overlay.NPA: 500,
    Overlay.SIXTY_DAYS_LATE: 580,
    Overlay.THIRTY_DAYS_LATE: 650,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Applicant:
    """What the scored person declared of themselves."""

    annual_income_paise: int
    employment_type: EmploymentType


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreInputs:
    """All that a score is computed from, as at one business date."""

    applicant: Applicant
    history: CreditHistory
    as_of: date
    cash_flow: CashFlow = NO_CASH_FLOW

    @property
    def obligations_paise(self) -> int:
        """What all running loans take each month, ours and those seen in bank transactions."""
        return self.history.monthly_obligations_paise + self.cash_flow.outside_obligations_paise


@dataclass(frozen=True, slots=True, kw_only=True)
class CharacteristicPoints:
    """The points given for one characteristic, of the most it can give, and why not more."""

    characteristic: Characteristic
    points: int
    maximum: int
    band: Band
    code: str
    within_reach: int | None

    @property
    def lost(self) -> int:
        """The points missing to the maximum."""
        return self.maximum - self.points


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreCard:
    """A score with everything that explains it.

    `reason_codes` name what costs the most points, at most four, worst first. `thin_file` says that
    too few dues were observed for the payment record to be more than an absence of bad news.
    """

    score: int
    points: tuple[CharacteristicPoints, ...]
    reason_codes: tuple[str, ...]
    improvements: tuple[Improvement, ...]
    thin_file: bool
    basis: Basis
    overlay: Overlay | None
    model_version: str = MODEL_VERSION

    def band(self, characteristic: Characteristic) -> Band:
        """Return the band of one characteristic."""
        return next(row.band for row in self.points if row.characteristic is characteristic)


def score_card(inputs: ScoreInputs) -> ScoreCard:
    """Return the score of these inputs, from 300 to 900, with its explanation."""
    points = tuple(
        CharacteristicPoints(
            characteristic=characteristic,
            points=bin_.points,
            maximum=MAXIMUM_POINTS[characteristic],
            band=bin_.band,
            code=bin_.code,
            within_reach=bin_.within_reach,
        )
        for characteristic, bin_ in _bins(inputs)
    )
    total = LOWEST_SCORE + sum(row.points for row in points)
    overlay = overlay_of(inputs.history)
    thin_file = inputs.history.dues_observed < PROVEN_DUES
    return ScoreCard(
        score=total if overlay is None else min(total, OVERLAY_CAPS[overlay]),
        points=points,
        reason_codes=_reason_codes(points),
        improvements=_improvements(points, inputs.history),
        thin_file=thin_file,
        basis=Basis.NO_ADVERSE_RECORD
        if thin_file and overlay is None and inputs.history.worst_days_past_due_24m == 0
        else Basis.OBSERVED_REPAYMENT,
        overlay=overlay,
    )


def overlay_of(history: CreditHistory) -> Overlay | None:
    """Return the ceiling that this history puts on the score, if it puts one."""
    worst = history.worst_days_past_due_24m
    if history.npa_or_written_off or worst >= 90:
        return Overlay.NPA
    if worst >= 60:
        return Overlay.SIXTY_DAYS_LATE
    return Overlay.THIRTY_DAYS_LATE if worst >= 30 else None


def _bins(inputs: ScoreInputs) -> tuple[tuple[Characteristic, Bin], ...]:
    applicant, history, cash_flow = inputs.applicant, inputs.history, inputs.cash_flow
    return (
        (Characteristic.PAYMENT_HISTORY, bins.payment_history(history)),
        (
            Characteristic.CREDIT_UTILIZATION,
            bins.credit_utilization(
                annual_income_paise=applicant.annual_income_paise,
                obligations_paise=inputs.obligations_paise,
            ),
        ),
        (Characteristic.CREDIT_AGE, bins.credit_age(history, as_of=inputs.as_of)),
        (Characteristic.ANNUAL_INCOME, bins.annual_income(applicant.annual_income_paise)),
        (
            Characteristic.EMPLOYMENT,
            bins.employment(applicant.employment_type, cash_flow=cash_flow),
        ),
        (
            Characteristic.CASH_FLOW,
            cash_flow_bin(
                cash_flow,
                employment_type=applicant.employment_type,
                obligations_paise=inputs.obligations_paise,
            ),
        ),
        (Characteristic.ENQUIRIES, bins.enquiries(history.enquiries_90d)),
    )


def _improvements(
    points: tuple[CharacteristicPoints, ...], history: CreditHistory
) -> tuple[Improvement, ...]:
    """Return what would raise the score, most points first."""
    wanted = (
        advice(row.code, points=row.within_reach - row.points, history=history)
        for row in points
        if row.within_reach is not None
    )
    return tuple(sorted(wanted, key=lambda improvement: -improvement.points))


def _reason_codes(points: tuple[CharacteristicPoints, ...]) -> tuple[str, ...]:
    """Return the codes that cost most; equal losses keep the order of the characteristics."""
    worst_first = sorted((row for row in points if row.lost > 0), key=lambda row: -row.lost)
    return tuple(row.code for row in worst_first[:MAX_REASONS])
