"""What a person's consent is asked for, and what may not be taken back while it is needed.

Sources: the Digital Personal Data Protection Act, 2023, s. 6 (consent is specific to a purpose, and
as easily withdrawn as given; s. 6(10): the lender must be able to prove it) and s. 7; the Reserve
Bank of India's Digital Lending Directions, 2025 (before: the Guidelines of 2 September 2022),
which ask for prior and explicit consent with an audit trail, and for a way to revoke it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bright_credit.common.errors import Conflict

#: Of the text that a person is shown when asked: a name for it, such as 2026-11.
MAX_VERSION_LENGTH: Final = 40
VERSION_PATTERN: Final = r"[A-Za-z0-9][A-Za-z0-9._-]*"


class Purpose(StrEnum):
    """What data is used for."""

    LOAN_PROCESSING = "LOAN_PROCESSING"
    CREDIT_BUREAU_ENQUIRY = "CREDIT_BUREAU_ENQUIRY"
    MARKETING = "MARKETING"


PURPOSE_WORDS: Final[dict[Purpose, str]] = {
    Purpose.LOAN_PROCESSING: "processing of personal data for the loan",
    Purpose.CREDIT_BUREAU_ENQUIRY: "enquiries at credit bureaus",
    Purpose.MARKETING: "notices about other offers",
}

#: A loan that runs cannot be served without the borrower's data, so this consent stands until it
#: has ended. What a bureau must be told of a loan is the law's (CICRA 2005) and rests on no
#: consent: the consent to ask a bureau can be withdrawn at any time.
NEEDED_WHILE_BORROWING: Final = frozenset({Purpose.LOAN_PROCESSING})


class Action(StrEnum):
    """What a person says."""

    GIVEN = "GIVEN"
    WITHDRAWN = "WITHDRAWN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a person said about a purpose, having seen a version of its text, and from where."""

    purpose: Purpose
    action: Action
    text_version: str
    address: str = ""


class ConsentNeeded(Conflict):
    """The consent is needed while a loan is open or an application waits."""

    code = "consent_needed"


class ConsentNotGiven(Conflict):
    """A consent that does not stand cannot be withdrawn."""

    code = "consent_not_given"


def refuse_needless(
    purpose: Purpose,
    action: Action,
    *,
    stands: bool,
    is_borrowing: bool,
    field: str = "purpose",
) -> None:
    """Refuse to withdraw what does not stand (`ConsentNotGiven`) or is needed (`ConsentNeeded`)."""
    if action is Action.GIVEN:
        return
    if not stands:
        raise ConsentNotGiven("This consent does not stand.", field=field)
    if is_borrowing and purpose in NEEDED_WHILE_BORROWING:
        raise ConsentNeeded(
            "Needed while a loan is open or an application waits; withdraw it afterwards.",
            field=field,
        )


def refuse_needless_at_first(said: Sequence[Said]) -> None:
    """Refuse what a person cannot say, in this order, who has said nothing before.

    Raises `ConsentNotGiven`, naming the place in the list.
    """
    standing: set[Purpose] = set()
    for place, each in enumerate(said):
        refuse_needless(
            each.purpose,
            each.action,
            stands=each.purpose in standing,
            is_borrowing=False,
            field=f"consents.{place}.purpose",
        )
        (standing.add if each.action is Action.GIVEN else standing.discard)(each.purpose)
