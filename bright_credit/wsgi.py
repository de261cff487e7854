"""The WSGI application. Starts the private database and broker when none are named."""

import os

from django.core.wsgi import get_wsgi_application

from bright_credit.embedded.services import ensure_services

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bright_credit.settings")
# Longer than any lock is waited for, and less than a request may take in all.
os.environ.setdefault("BRIGHTLEND_STATEMENT_SECONDS", "15")
ensure_services()

application = get_wsgi_application()
