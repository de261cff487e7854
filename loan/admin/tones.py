"""The badges of the states that loans and applications are in."""

from collections.abc import Mapping
from datetime import date

from django.utils.safestring import SafeString

from bright_credit.common.admin.columns import NOTHING, Tone, badge
from loan.domain.delinquency import Bucket, bucket
from loan.domain.standing import InstalmentStatus
from loan.models import Loan

APPLICATION_TONES: Mapping[str, Tone] = {
    "APPROVED": Tone.GOOD,
    "REFERRED": Tone.WARNING,
    "REJECTED": Tone.DANGER,
}
LOAN_TONES: Mapping[str, Tone] = {
    "ACTIVE": Tone.INFO,
    "CLOSED": Tone.PLAIN,
    "WRITTEN_OFF": Tone.DANGER,
}
RUN_TONES: Mapping[str, Tone] = {
    "RUNNING": Tone.WARNING,
    "CLOSED": Tone.GOOD,
    "PARTIAL": Tone.DANGER,
}
_BUCKET_TONES = {
    Bucket.CURRENT: Tone.GOOD,
    Bucket.SMA_0: Tone.WARNING,
    Bucket.SMA_1: Tone.WARNING,
    Bucket.SMA_2: Tone.DANGER,
    Bucket.NPA: Tone.DANGER,
}
_INSTALMENT_TONES = {
    InstalmentStatus.PAID: Tone.GOOD,
    InstalmentStatus.DUE: Tone.INFO,
    InstalmentStatus.PARTIALLY_PAID: Tone.WARNING,
    InstalmentStatus.OVERDUE: Tone.DANGER,
}


def bucket_badge(bucket: Bucket) -> SafeString:
    """Return a delinquency bucket as a badge: `SMA-1`."""
    return badge(bucket.value.replace("_", "-"), _BUCKET_TONES[bucket])


def loan_bucket(loan: Loan, *, as_of: date) -> SafeString:
    """Return the bucket that a loan, carried to a day that has not ended, is in; none if closed."""
    if loan.status == Loan.Status.CLOSED:
        return SafeString(NOTHING)
    return bucket_badge(
        bucket(
            loan.oldest_unpaid_due_date,
            as_of,
            day_ended=False,
            npa_since=loan.non_performing_since,
        )
    )


def instalment_badge(status: InstalmentStatus) -> SafeString:
    """Return an instalment's status as a badge."""
    return badge(status.value, _INSTALMENT_TONES.get(status, Tone.PLAIN))
