"""The last step of a billing run: fresh scores for those whose record has changed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from credit.models import CreditScore, FileShare, TransactionFile
from credit.services.scoring import ScoreRequest, score_borrowers
from loan.domain.delinquency import BUCKET_EDGES
from loan.models import BillingRun, Event, Loan
from loan.selectors.credit_history import credit_histories

#: Borrowers scored in one transaction: few enough that PostgreSQL adds up their months in memory.
BATCH = 250

#: How long the run that closed a day is given to come to its scores.
PATIENCE = timedelta(minutes=30)

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class _Behind:
    """Closed days and loaded files whose scores are still to be refreshed, taken together."""

    runs: tuple[BillingRun, ...]
    files: tuple[TransactionFile, ...]

    @property
    def since(self) -> datetime:
        """The instant of the latest of them: whoever was scored after it is up to date."""
        instants = [run.closed_at for run in self.runs] + [file.finished_at for file in self.files]
        return max(instant for instant in instants if instant is not None)

    def borrowers(self) -> list[int]:
        """Return the keys of the borrowers whom they have affected, in order."""
        affected = _touched_by(self.files) if self.files else set()
        if self.runs:
            days = [run.business_date for run in self.runs]
            affected |= _affected(min(days), max(days))
        return sorted(affected)

    def hold(self) -> bool:
        """Lock them until the transaction ends; return whether they are this process's to do."""
        runs = _runs_behind().filter(pk__in=[run.pk for run in self.runs])
        files = _files_behind().filter(pk__in=[file.pk for file in self.files])
        held = (
            len(runs.select_for_update(skip_locked=True)),
            len(files.select_for_update(skip_locked=True)),
        )
        return held == (len(self.runs), len(self.files))

    def finish(self) -> None:
        """Write down that the scores are up to date with them."""
        now = timezone.now()
        BillingRun.objects.filter(pk__in=[run.pk for run in self.runs]).update(rescored_at=now)
        TransactionFile.objects.filter(pk__in=[file.pk for file in self.files]).update(
            scores_refreshed_at=now
        )


def refresh_scores(*, as_of: date, progress: Progress | None = None) -> int:
    """Score the borrowers whom closed days or new bank transactions have affected; return how many.

    Days and files whose scores are still to be refreshed are taken together, also those of a run
    that died before it came to this, and files that were loaded by hand. A transaction is a batch:
    after a death or beside another process, whoever was scored already is not scored again.
    """
    behind = _Behind(tuple(_runs_behind()), tuple(_files_behind()))
    if not behind.runs and not behind.files:
        return 0
    affected, since, scored = behind.borrowers(), behind.since, 0
    for start in range(0, len(affected), BATCH):
        if progress:
            progress("scores", start, len(affected))
        with transaction.atomic():
            if not behind.hold():
                return scored  # another process has taken them, and goes on
            batch = _not_scored_since(affected[start : start + BATCH], since)
            score_again(batch, as_of=as_of)
            scored += len(batch)
    if progress:
        progress("scores", len(affected), len(affected))
    with transaction.atomic():
        if behind.hold():
            behind.finish()
    return scored


def score_again(borrower_ids: Sequence[int], *, as_of: date) -> None:
    """Score these borrowers anew, in a few statements however many they are."""
    histories = credit_histories(borrower_ids, as_of=as_of)
    score_borrowers(
        [ScoreRequest(borrower, history) for borrower, history in histories.items()],
        as_of=as_of,
        trigger=CreditScore.Trigger.BILLING_RUN,
    )


def scores_are_behind() -> bool:
    """Return whether a day was closed a while ago and its scores were never refreshed."""
    a_while_ago = timezone.now() - PATIENCE
    return BillingRun.objects.filter(closed_at__lt=a_while_ago, rescored_at__isnull=True).exists()


def _runs_behind() -> QuerySet[BillingRun]:
    closed = BillingRun.objects.filter(closed_at__isnull=False, rescored_at__isnull=True)
    return closed.order_by("business_date")


def _files_behind() -> QuerySet[TransactionFile]:
    loaded = TransactionFile.objects.filter(
        status=TransactionFile.Status.LOADED, scores_refreshed_at__isnull=True
    )
    return loaded.order_by("pk")


def _not_scored_since(borrower_ids: Sequence[int], instant: datetime) -> list[int]:
    scored = CreditScore.objects.filter(
        borrower__in=borrower_ids,
        trigger=CreditScore.Trigger.BILLING_RUN,
        computed_at__gt=instant,
    )
    known = set(scored.values_list("borrower_id", flat=True))
    return [borrower for borrower in borrower_ids if borrower not in known]


def _touched_by(files: Sequence[TransactionFile]) -> set[int]:
    """Return the borrowers who got new transactions from these files."""
    shares = FileShare.objects.filter(file__in=[file.pk for file in files])
    return set(shares.values_list("borrower_id", flat=True))


def _affected(first: date, last: date) -> set[int]:
    """Return the borrowers who crossed an edge of delinquency, or to whose loans
    something happened (a payment, or one taken back), from one day to another."""
    crossed = Q()
    for days, _ in BUCKET_EDGES:
        edge = timedelta(days=days)
        crossed |= Q(oldest_unpaid_due_date__range=(first - edge, last - edge))
    late = Loan.objects.filter(crossed, status=Loan.Status.ACTIVE)
    happened = Event.objects.filter(booked_on__range=(first, last))
    return set(late.values_list("borrower_id", flat=True)) | set(
        happened.values_list("loan__borrower_id", flat=True)
    )
