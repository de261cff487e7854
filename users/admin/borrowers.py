"""The admin of borrowers."""

import re
from typing import Any

from django.contrib import admin, messages
from django.db.models import F, Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.html import format_html

from bright_credit.common.admin.columns import (
    NOTHING,
    Tone,
    badge_column,
    list_url,
    rupees_column,
)
from bright_credit.common.admin.pages import SearchMixin
from bright_credit.common.admin.theme import ModelAdmin, column
from users.domain.identity import NotABorrowerId, parse_borrower_public_id
from users.identifiers import InvalidPhone, normalised_phone, shown_aadhaar, shown_pan, shown_phone
from users.models import Borrower, Notice

KYC_TONES = {"VERIFIED": Tone.GOOD, "FAILED": Tone.DANGER}

PLAIN_NUMBER = re.compile(r"[0-9]{1,18}", re.ASCII)
_TWELVE_DIGITS = re.compile(r"(?:[0-9][\s-]*){12}", re.ASCII)
# Also spelled with gaps; but an address may begin like one: deepa1990k@example.com.
_PAN = re.compile(
    r"(?<![a-z0-9])(?:[a-z][\s-]*){3}p[\s-]*[a-z][\s-]*(?:[0-9][\s-]*){4}[a-z](?![a-z0-9.@])",
    re.ASCII | re.IGNORECASE,
)


def borrowers_like(text: str, *, path: str = "") -> Q:
    """Return the condition that finds borrowers by what staff type: id, number, name or e-mail.

    `path` leads from the searched table to the borrower, such as `borrower__`.
    """
    try:
        return Q(**{f"{path}pk": parse_borrower_public_id(text.upper())})
    except NotABorrowerId:
        found = Q(**{f"{path}name__icontains": text}) | Q(**{f"{path}email__icontains": text})
    if PLAIN_NUMBER.fullmatch(text):
        found |= Q(**{f"{path}pk": int(text)})
    return found


def _is_somebodys(text: str) -> bool:
    """Return whether a search is for a whole number that only the vault may keep."""
    if _TWELVE_DIGITS.search(text) or _PAN.search(text):
        return True
    try:
        return bool(normalised_phone(text))
    except InvalidPhone:
        return False


@admin.register(Borrower)
class BorrowerAdmin(SearchMixin, ModelAdmin):
    """Borrowers as they declared themselves. Only what verification found may be changed."""

    actions = None
    show_full_result_count = False
    list_display = (
        "borrower_id",
        "name",
        "email",
        "income",
        "employment_type",
        "kyc",
        "registered_at",
    )
    list_display_links = ("borrower_id", "name")
    list_filter = ("kyc_status", "employment_type", "partner")
    search_help_text = (
        "BC-USER id, name, e-mail, or the last four of the Aadhaar number, PAN or phone number"
    )
    ordering = ("-pk",)
    fields = (
        "borrower_id",
        "name",
        "email",
        "phone",
        "aadhaar",
        "pan",
        "date_of_birth",
        "income",
        "employment_type",
        "registered_at",
        "partner",
        "kyc_status",
        "may_sign_in",
        "wants_reminders",
        "notices",
        "erased_at",
    )
    readonly_fields = tuple(
        field for field in fields if field not in ("kyc_status", "may_sign_in", "wants_reminders")
    )

    income = rupees_column("annual_income_paise", "Yearly income")
    kyc = badge_column("kyc_status", "KYC", tones=KYC_TONES)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: borrowers register themselves, with their Aadhaar number."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Refuse: who has borrowed stays on record."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Borrower]:
        """Return borrowers with the last four characters, and nothing else of the vault."""
        queryset: QuerySet[Borrower] = super().get_queryset(request)
        return queryset.annotate(
            aadhaar_last_four=F("aadhaar_record__last_four"),
            pan_last_four=F("pan_record__last_four"),
            phone_last_four=F("phone_record__last_four"),
        )

    def matching(self, text: str) -> Q:
        """Return the condition of borrowers that a text finds."""
        found = borrowers_like(text)
        if re.fullmatch(r"[0-9]{4}", text, re.ASCII):
            found |= Q(aadhaar_record__last_four=text) | Q(phone_record__last_four=text)
        if re.fullmatch(r"[0-9]{3}[A-Za-z]", text, re.ASCII):
            found |= Q(pan_record__last_four=text.upper())
        return found

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the list, unless a whole number of a person's was typed: that is forgotten."""
        if _is_somebodys(request.GET.get("q", "")):
            messages.error(
                request,
                "Never search by a whole Aadhaar number, PAN or phone number: its last four "
                "digits (of a PAN: characters) are enough.",
            )
            return HttpResponseRedirect(list_url(Borrower))
        answer: HttpResponse = super().changelist_view(request, extra_context)
        return answer

    @column("Borrower", ordering="pk")
    def borrower_id(self, borrower: Borrower) -> str:
        """Return the public id."""
        return borrower.public_id

    @column("Notices")
    def notices(self, borrower: Borrower) -> str:
        """Return a link to what the borrower was told by mail."""
        url = list_url(Notice, borrower__id__exact=borrower.pk)
        return format_html('<a class="bl-link" href="{}">All notices</a>', url)

    @column("Aadhaar")
    def aadhaar(self, borrower: Any) -> str:
        """Return the number as far as anyone may see it."""
        return shown_aadhaar(borrower.aadhaar_last_four) or NOTHING

    @column("PAN")
    def pan(self, borrower: Any) -> str:
        """Return the PAN as far as anyone may see it."""
        return shown_pan(borrower.pan_last_four) or NOTHING

    @column("Phone")
    def phone(self, borrower: Any) -> str:
        """Return the phone number as far as anyone may see it."""
        return shown_phone(borrower.phone_last_four) or NOTHING
