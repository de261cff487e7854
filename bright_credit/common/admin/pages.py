"""Bases of the admin's pages: tables that nobody edits here, and pages made of panels."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.db import OperationalError, models
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from psycopg.errors import DeadlockDetected, LockNotAvailable

from bright_credit.common.admin.panels import Panel
from bright_credit.common.admin.theme import ModelAdmin
from bright_credit.common.errors import DomainError

T = TypeVar("T")


class PanelsMixin(ModelAdmin):
    """Show panels below the form of a page."""

    change_form_outer_after_template = "admin/brightlend/panels.html"

    def panels(self, request: HttpRequest, obj: Any) -> Sequence[Panel]:
        """Return the panels of a row's page."""
        raise NotImplementedError

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Add the panels to the page of a row that exists."""
        if kwargs.get("obj") is not None:
            context["panels"] = self.panels(request, kwargs["obj"])
        return super().render_change_form(request, context, *args, **kwargs)


class SearchMixin(ModelAdmin):
    """A search box whose text is understood by `matching` instead of by Django's word search."""

    search_fields = ("pk",)  # not used; without it there is no box

    def matching(self, text: str) -> models.Q:
        """Return the condition of rows that a text, trimmed and not empty, finds."""
        raise NotImplementedError

    def get_search_results(
        self, request: HttpRequest, queryset: models.QuerySet[Any], search_term: str
    ) -> tuple[models.QuerySet[Any], bool]:
        """Return the rows that a text finds; all of them for an empty one."""
        text = search_term.strip()
        return (queryset.filter(self.matching(text)) if text else queryset), False


class ReadOnlyAdmin(ModelAdmin):
    """A table that staff may look at and that nobody changes here, whatever their permissions."""

    actions = None
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Refuse."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Refuse."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Refuse."""
        return False


class PageAdmin(PanelsMixin, ReadOnlyAdmin):
    """A read-only table whose rows have pages made of panels alone."""

    def get_fieldsets(self, request: HttpRequest, obj: models.Model | None = None) -> list[Any]:
        """Return none: the panels show everything."""
        return []


def may_view(request: HttpRequest, model: type[models.Model]) -> bool:
    """Return whether the person may look at a table, by Django's own permissions."""
    opts = model._meta
    names = (f"{opts.app_label}.{verb}_{opts.model_name}" for verb in ("view", "change"))
    return any(request.user.has_perm(name) for name in names)


def attempt(request: HttpRequest, do: Callable[[], T]) -> T | None:
    """Return what `do` returns; when it is refused, tell the person why and return None."""
    try:
        return do()
    except DomainError as refusal:
        messages.error(request, refusal.message)
    except OperationalError as error:
        if not isinstance(error.__cause__, LockNotAvailable | DeadlockDetected):
            raise
        messages.error(request, "Somebody else is at work on the same rows; please try again.")
    return None


def form_page(
    request: HttpRequest,
    site: AdminSite,
    *,
    opts: Any,
    title: str,
    submit: str,
    back: str,
    form: Form | None = None,
    panels: Sequence[Panel] = (),
    danger: bool = False,
) -> TemplateResponse:
    """Return a page that asks before something is done: what, the form if any, and a button."""
    context = {
        **site.each_context(request),
        "opts": opts,
        "title": title,
        "button_label": submit,
        "back": back,
        "form": form,
        "panels": panels,
        "danger": danger,
    }
    return TemplateResponse(request, "admin/brightlend/form_page.html", context)


def panels_page(
    request: HttpRequest,
    site: AdminSite,
    *,
    opts: Any,
    title: str,
    back: str,
    panels: Sequence[Panel],
) -> TemplateResponse:
    """Return a page of panels to look at, with a way back."""
    context = {
        **site.each_context(request),
        "opts": opts,
        "title": title,
        "back": back,
        "panels": panels,
    }
    return TemplateResponse(request, "admin/brightlend/panels_page.html", context)
