"""The admin of consents: what borrowers agree to, and how it stands."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest

from bright_credit.common.admin.columns import NOTHING, instant, link
from bright_credit.common.admin.pages import PageAdmin, SearchMixin
from bright_credit.common.admin.panels import Panel, Table, facts
from bright_credit.common.admin.theme import column
from users.domain.consents import PURPOSE_WORDS, Purpose
from users.domain.identity import NotABorrowerId, borrower_public_id, parse_borrower_public_id
from users.models import Borrower, Consent
from users.selectors import standing_consents


@admin.register(Consent)
class ConsentAdmin(SearchMixin, PageAdmin):
    """Consents as they were given and withdrawn, newest first."""

    list_display = ("at", "whose", "purpose", "action", "text_version", "actor", "address")
    list_filter = ("purpose", "action")
    search_help_text = "A borrower (BC-USER-009), who recorded it (partner:3), a text's version"
    ordering = ("-id",)

    def matching(self, text: str) -> Q:
        """Return the condition of a borrower's consents, or those of a caller or a text."""
        try:
            return Q(borrower=parse_borrower_public_id(text.upper()))
        except NotABorrowerId:
            return Q(actor=text) | Q(text_version=text)

    @column("Borrower", ordering="borrower")
    def whose(self, consent: Consent) -> Any:
        """Return whose it is."""
        return link(borrower_public_id(consent.borrower_id), Borrower, consent.borrower_id)

    def panels(self, request: HttpRequest, obj: Consent) -> Sequence[Panel]:
        """Return all of it."""
        return [
            facts(
                "Consent",
                ("Borrower", self.whose(obj)),
                ("Purpose", obj.get_purpose_display()),
                ("What was said", obj.get_action_display()),
                ("Text shown", obj.text_version),
                ("When", instant(obj.at)),
                ("Recorded by", obj.actor),
                ("From", obj.address or NOTHING),
            )
        ]


def consents_panel(borrower: Borrower) -> Table:
    """Return how each purpose stands."""
    standing = standing_consents(borrower)
    return Table(
        title="Consents",
        headings=("Purpose", "Stands", "Since", "Text shown", "Recorded by"),
        rows=tuple(
            (PURPOSE_WORDS[purpose].capitalize(), *_standing(standing.get(purpose.value)))
            for purpose in Purpose
        ),
    )


def _standing(newest: Consent | None) -> tuple[str, str, str, str]:
    if newest is None:
        return ("Not asked", NOTHING, NOTHING, NOTHING)
    return (newest.get_action_display(), instant(newest.at), newest.text_version, newest.actor)
