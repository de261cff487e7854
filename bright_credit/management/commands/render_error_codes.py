"""`manage.py render_error_codes`: write the page of error codes from the table of codes."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from bright_credit.common.api.codes import render_codes


class Command(BaseCommand):
    """Write docs/errors.md."""

    help = "Write docs/errors.md from the codes that the apps declare."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the page and say where it is."""
        page = Path(settings.BASE_DIR) / "docs" / "errors.md"
        page.write_text(render_codes(), encoding="utf-8")
        self.stdout.write(f"wrote {page.relative_to(settings.BASE_DIR)}")
