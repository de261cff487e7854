"""What we take of the admin's theme (django-unfold), with the types that it lacks.

Only what versions 0.91 (the last for Python 3.11) and 0.110 have in common.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from django.contrib import admin
from django.http import HttpRequest
from unfold import admin as unfold_admin
from unfold import decorators
from unfold.enums import ActionVariant

View = TypeVar("View", bound=Callable[..., Any])

if TYPE_CHECKING:

    class ModelAdmin(admin.ModelAdmin[Any]):
        """A table in the admin."""

        actions_list: ClassVar[Sequence[str]]
        actions_detail: ClassVar[Sequence[str]]
        change_form_outer_after_template: ClassVar[str | None]

        def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
            """Return the buttons of a row's page."""
            raise NotImplementedError

    class TabularInline(admin.TabularInline[Any, Any]):
        """Rows of another table on a row's page."""

    BaseModelAdmin = admin.options.BaseModelAdmin[Any]

else:
    ModelAdmin = unfold_admin.ModelAdmin

    class TabularInline(unfold_admin.TabularInline):
        """Rows of another table on a row's page, without a title above each row."""

    # The older version knows the one name, the newer one warns of it.
    if hasattr(unfold_admin.TabularInline, "show_title"):
        TabularInline.show_title = False
    else:
        TabularInline.hide_title = True

    BaseModelAdmin = admin.options.BaseModelAdmin


def column(description: str, *, ordering: str | None = None) -> Callable[[View], View]:
    """Return the decorator of a method that shows a column, sorted by `ordering` if given."""
    return decorators.display(description=description, ordering=ordering)


def button(
    description: str, *, path: str, permission: str, icon: str, danger: bool = False
) -> Callable[[View], View]:
    """Return the decorator of a view that a button leads to.

    It is refused to whom `has_<permission>_permission` of the admin refuses it.
    """
    return decorators.action(  # type: ignore[return-value]
        description=description,
        url_path=path,
        permissions=[permission],
        icon=icon,
        variant=ActionVariant.DANGER if danger else ActionVariant.DEFAULT,
    )
