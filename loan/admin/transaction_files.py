"""Uploading a bank-transaction file, on top of what the credit app shows of files."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from unfold.widgets import UnfoldAdminFileFieldWidget

from bright_credit.common import business_day
from bright_credit.common.admin.columns import counted, grouped, list_url
from bright_credit.common.admin.pages import attempt, form_page
from bright_credit.common.admin.panels import facts
from bright_credit.common.admin.theme import button
from credit.admin import TransactionFileAdmin
from credit.models import TransactionFile
from loan.services.billing.uploads import take_in


def may_upload(request: HttpRequest) -> bool:
    """Return whether the person may hand in files."""
    return request.user.has_perm("credit.add_transactionfile")


class UploadForm(forms.Form):
    """A file to load."""

    file = forms.FileField(label="CSV file", widget=UnfoldAdminFileFieldWidget)

    def clean_file(self) -> "UploadedFile[Any]":
        """Refuse a file that would keep a web request busy for too long."""
        file: UploadedFile[Any] = self.cleaned_data["file"]
        limit = settings.BRIGHTLEND_UPLOAD_MAX_BYTES
        size = file.size or 0
        if size > limit:
            raise ValidationError(
                f"The file has {filesizeformat(size)}; at most {filesizeformat(limit)} can be "
                "uploaded here. Load larger ones with `manage.py load_transactions`."
            )
        return file


admin.site.unregister(TransactionFile)


@admin.register(TransactionFile)
class TransactionFileUploadAdmin(TransactionFileAdmin):
    """Bank-transaction files, and the way to hand one in."""

    actions_list = ("upload",)

    @button("Upload a file", path="upload", permission="upload", icon="upload")
    def upload(self, request: HttpRequest) -> HttpResponse:
        """Ask for a file, load it, and show what became of its rows."""
        form = UploadForm(request.POST or None, request.FILES or None)
        if request.method == "POST":
            form = UploadForm(request.POST, request.FILES)
            if form.is_valid():
                return self._load(request, form.cleaned_data["file"])
        limit = filesizeformat(settings.BRIGHTLEND_UPLOAD_MAX_BYTES)
        return form_page(
            request,
            self.admin_site,
            opts=self.opts,
            title="Upload a bank-transaction file",
            submit="Load",
            back=list_url(TransactionFile),
            form=form,
            panels=[
                facts(
                    "The file",
                    ("First line", "user_id,transaction_date,amount,type,description"),
                    ("Text", "CSV in UTF-8"),
                    ("Size", f"at most {limit}"),
                    ("Rows loaded before", "are known again and not posted twice"),
                    ("Rows that break a rule", "are set aside with their line and the reason"),
                )
            ],
        )

    def has_upload_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the person may hand in files."""
        return may_upload(request)

    def _load(self, request: HttpRequest, upload: Any) -> HttpResponse:
        file = attempt(
            request,
            lambda: take_in(upload, name=upload.name, as_of=business_day.today()),
        )
        if file is None:
            return HttpResponseRedirect(request.path)
        self.log_addition(request, file, "Uploaded.")
        if file.status == TransactionFile.Status.REFUSED:
            messages.error(request, f"{file.name} was refused: {file.refusal_text}")
        else:
            messages.success(
                request,
                f"{file.name}: {counted(file.accepted_rows, 'row')} accepted, "
                f"{grouped(file.duplicate_rows)} known already, "
                f"{grouped(file.rejected_rows)} rejected.",
            )
        return HttpResponseRedirect(reverse("admin:credit_transactionfile_change", args=[file.pk]))
