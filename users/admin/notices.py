"""The admin of notices: what each borrower was told by mail, and whether it went out."""

from typing import Final

from django.contrib import admin, messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from bright_credit.common.admin.columns import Tone, badge_column, instant, link, state
from bright_credit.common.admin.pages import PageAdmin, SearchMixin, attempt, form_page
from bright_credit.common.admin.panels import Panel, facts
from bright_credit.common.admin.theme import button, column
from users.admin.borrowers import borrowers_like
from users.models import Notice
from users.services.notices import mail_of, send_again

_TONES: Final = {
    "SENT": Tone.GOOD,
    "PENDING": Tone.INFO,
    "FAILED": Tone.DANGER,
    "UNCERTAIN": Tone.WARNING,
}


@admin.register(Notice)
class NoticeAdmin(SearchMixin, PageAdmin):
    """Notices to borrowers, newest first. Where each mail went is on the borrower's page."""

    list_display = ("borrower_id", "kind", "loan_id", "state", "written_at", "sent_at", "outcome")
    list_filter = ("status", "kind")
    search_help_text = "Borrower: BC-USER id, name or e-mail; loan: LN-2025-0456"
    list_select_related = ("borrower",)
    ordering = ("-pk",)
    actions_detail = ("again",)

    state = badge_column("status", "State", tones=_TONES)

    def matching(self, text: str) -> Q:
        """Return the condition of notices that a text finds."""
        if text.upper().startswith("LN-"):
            return Q(loan_id=text.upper())
        return borrowers_like(text, path="borrower__")

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Allow the list of one borrower, which the borrower's page links to."""
        allowed: bool = super().lookup_allowed(lookup, value, request)
        return lookup == "borrower__id__exact" or allowed

    @column("Borrower", ordering="borrower")
    def borrower_id(self, notice: Notice) -> str:
        """Return the borrower's public id."""
        return notice.borrower.public_id

    def panels(self, request: HttpRequest, obj: Notice) -> list[Panel]:
        """Return the notice, what became of it, and what it says."""
        subject, text, _ = mail_of(obj)
        return [
            facts(
                "Notice",
                ("Borrower", link(obj.borrower.public_id, obj.borrower)),
                ("Kind", obj.get_kind_display()),
                ("State", state(obj.status, _TONES)),
                ("Written", instant(obj.written_at)),
                ("Sent", instant(obj.sent_at)),
                ("Attempts", str(obj.attempts)),
                ("Subject", subject),
                ("Text", text),
            )
        ]

    def has_again_permission(self, request: HttpRequest, object_id: object = None) -> bool:
        """Return whether the person may have notices sent again."""
        return request.user.has_perm("users.change_notice")

    @button("Send again", path="again", permission="again", icon="replay")
    def again(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask first; then send what was given up, or may not have gone out."""
        rows = Notice.objects.select_related("borrower")
        usable = object_id.isdecimal() and len(object_id) < 19
        notice = rows.filter(pk=int(object_id)).first() if usable else None
        if notice is None:
            raise Http404
        page = reverse("admin:users_notice_change", args=[notice.pk])
        if request.method == "POST":
            if attempt(request, lambda: send_again(notice.pk, now=timezone.now())) is not None:
                messages.success(request, "The notice will be sent within a minute.")
            return HttpResponseRedirect(page)
        return form_page(
            request,
            self.admin_site,
            opts=self.opts,
            title=f"Send notice {notice.pk} again",
            submit="Send again",
            back=page,
            panels=self.panels(request, notice),
        )
