"""The admin of borrowers and of staff logins."""

import re
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, Permission
from django.db.models import F, Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

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
from users.models import Borrower, User

KYC_TONES = {"VERIFIED": Tone.GOOD, "FAILED": Tone.DANGER}

PLAIN_NUMBER = re.compile(r"[0-9]{1,18}", re.ASCII)
_TWELVE_DIGITS = re.compile(r"(?:[0-9][\s-]*){12}", re.ASCII)


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
    list_filter = ("kyc_status", "employment_type")
    search_help_text = "BC-USER id, name, e-mail, or the last four digits of the Aadhaar number"
    ordering = ("-pk",)
    fields = (
        "borrower_id",
        "name",
        "email",
        "aadhaar",
        "date_of_birth",
        "income",
        "employment_type",
        "registered_at",
        "kyc_status",
    )
    readonly_fields = tuple(field for field in fields if field != "kyc_status")

    income = rupees_column("annual_income_paise", "Yearly income")
    kyc = badge_column("kyc_status", "KYC", tones=KYC_TONES)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: borrowers register themselves, with their Aadhaar number."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Refuse: who has borrowed stays on record."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Borrower]:
        """Return borrowers with the last four digits, and nothing else of the vault."""
        queryset: QuerySet[Borrower] = super().get_queryset(request)
        return queryset.annotate(aadhaar_last_four=F("aadhaar_record__last_four"))

    def matching(self, text: str) -> Q:
        """Return the condition of borrowers that a text finds."""
        found = borrowers_like(text)
        if re.fullmatch(r"[0-9]{4}", text, re.ASCII):
            found |= Q(aadhaar_record__last_four=text)
        return found

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the list, unless a whole Aadhaar number was typed: that is forgotten at once."""
        if _TWELVE_DIGITS.search(request.GET.get("q", "")):
            messages.error(
                request, "Never search by a whole Aadhaar number: its last four digits are enough."
            )
            return HttpResponseRedirect(list_url(Borrower))
        answer: HttpResponse = super().changelist_view(request, extra_context)
        return answer

    @column("Borrower", ordering="pk")
    def borrower_id(self, borrower: Borrower) -> str:
        """Return the public id."""
        return borrower.public_id

    @column("Aadhaar")
    def aadhaar(self, borrower: Any) -> str:
        """Return the number as far as anyone may see it."""
        last_four = borrower.aadhaar_last_four
        return f"XXXX-XXXX-{last_four}" if last_four else NOTHING


admin.site.unregister(Group)


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ModelAdmin):  # type: ignore[type-arg]  # unfold's is not generic
    """Staff logins. Nobody gives rights away here but a superuser.

    Others who may change logins see no rights, and may touch no login that can do what they cannot:
    its password, once changed, would be theirs.
    """

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    fieldsets_of_others = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": ("first_name", "last_name", "email", "is_active")}),
    )

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """Return the form's parts: rights are a superuser's matter."""
        if obj is None or request.user.is_superuser:
            return super().get_fieldsets(request, obj)
        return self.fieldsets_of_others

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Allow staff with the permission, on logins that can do no more than their own."""
        allowed: bool = super().has_change_permission(request, obj)
        return allowed and (obj is None or _may_manage(request.user, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Allow superusers; others deactivate."""
        return bool(request.user.is_superuser)


def _may_manage(person: Any, login: Any) -> bool:
    if person.is_superuser:
        return True
    return not login.is_superuser and _rights_of(login) <= _rights_of(person)


def _rights_of(login: User) -> set[int]:
    """Return the keys of the permissions a login has been given, whether or not it is active."""
    given = Permission.objects.filter(Q(user=login) | Q(group__user=login))
    return set(given.values_list("pk", flat=True))


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, ModelAdmin):
    """Groups of staff and what they may do. Changed by superusers only."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Allow superusers."""
        return bool(request.user.is_superuser)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Allow superusers."""
        return bool(request.user.is_superuser)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Allow superusers."""
        return bool(request.user.is_superuser)
