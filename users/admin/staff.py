"""The admin of staff logins and groups."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, Permission
from django.db.models import Model, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django_otp.plugins.otp_totp.models import TOTPDevice
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from bright_credit.common.admin.pages import form_page
from bright_credit.common.admin.theme import ModelAdmin, button
from users.models import User
from users.services.staff import forget_authenticators

admin.site.unregister(Group)
# Its pages would show the secrets of authenticators.
admin.site.unregister(TOTPDevice)


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ModelAdmin):  # type: ignore[type-arg]  # unfold's is not generic
    """Staff logins. Nobody gives rights away here but a superuser.

    Others who may change logins see no rights, and may touch no login that can do what they cannot:
    its password, once changed, would be theirs.
    """

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    actions_detail = ("forget_authenticator",)
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

    def has_forget_permission(self, request: HttpRequest, object_id: object = None) -> bool:
        """Allow superusers: who may remove a second factor may weaken any login."""
        return bool(request.user.is_superuser)

    @button(
        "Forget authenticator",
        path="forget",
        permission="forget",
        icon="phonelink_erase",
        danger=True,
    )
    def forget_authenticator(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask first; then remove the login's authenticator, so the next sign-in sets one up."""
        login = User.objects.filter(pk=object_id).first() if object_id.isdecimal() else None
        if login is None:
            raise Http404
        back = reverse("admin:users_user_change", args=[login.pk])
        if request.method == "POST":
            forget_authenticators(login)
            messages.success(request, f"{login} sets up an authenticator at the next sign-in.")
            return HttpResponseRedirect(back)
        return form_page(
            request,
            self.admin_site,
            opts=self.opts,
            title=f"Forget the authenticator of {login}",
            submit="Forget authenticator",
            back=back,
            danger=True,
        )


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
