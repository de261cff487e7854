"""What an error report may say: no secret, and no address that carries one."""

import re

from django.views.debug import SafeExceptionReporterFilter


class SecretsFilter(SafeExceptionReporterFilter):
    """Also hide the Aadhaar pepper and the addresses of servers, which carry passwords."""

    hidden_settings = re.compile(
        SafeExceptionReporterFilter.hidden_settings.pattern + "|PEPPER|AADHAAR|DATABASE|_URL",
        re.IGNORECASE,
    )
