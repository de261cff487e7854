"""Settings, all from the environment. This module reads; it never starts a server.

The entry points (`manage.py`, Celery, WSGI, ASGI, pytest) start the embedded PostgreSQL and Valkey
first when `DATABASE_URL` and `REDIS_URL` are not set, and put their addresses into the environment.

`bright_credit.environment` says which of the two modes it is, and where secrets come from.
"""

from datetime import date, timedelta
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from bright_credit.common.api.rates import rates
from bright_credit.common.postgresql.sessions import session_options
from bright_credit.environment import (
    BASE_DIR,
    LIVE,
    MODE,
    env,
    key_ring,
    lender,
    process_name,
    secret,
    whole_number,
)
from bright_credit.operations.log_lines import logging_settings
from bright_credit.personal_data import *  # noqa: F403 - settings, in a module of their own
from bright_credit.telling import *  # noqa: F403 - settings, in a module of their own

BRIGHTLEND_MODE = MODE
SECRET_KEY = secret("BRIGHTLEND_SECRET_KEY")
DEBUG = env.bool("BRIGHTLEND_DEBUG", default=False)
ALLOWED_HOSTS = env.list(
    "BRIGHTLEND_ALLOWED_HOSTS", default=[] if LIVE else ["localhost", "127.0.0.1", "[::1]"]
)
if LIVE and (DEBUG or "*" in ALLOWED_HOSTS or not ALLOWED_HOSTS):
    raise ImproperlyConfigured(
        "live mode needs BRIGHTLEND_ALLOWED_HOSTS (its hosts, no '*') and BRIGHTLEND_DEBUG unset"
    )
CSRF_TRUSTED_ORIGINS = env.list("BRIGHTLEND_TRUSTED_ORIGINS", default=[])

# --- Who may call ----------------------------------------------------------------------------
# The first key signs access tokens; the others still verify what they signed.
TOKEN_KEYS = key_ring("BRIGHTLEND_TOKEN_KEYS")
TOKEN_ACTIVE_KEY = next(iter(TOKEN_KEYS))
# Anonymous calls from this very machine, for whoever tries BrightLend out.
OPEN_TO_LOOPBACK = env.bool("BRIGHTLEND_OPEN_TO_LOOPBACK", default=not LIVE)
# Staff sign in with a password and a code of their authenticator. The sandbox does without it
# unless it is told otherwise, so that a newcomer gets in with the password that `serve` prints.
STAFF_SECOND_FACTOR = env.bool("BRIGHTLEND_STAFF_SECOND_FACTOR", default=LIVE)
if LIVE and (OPEN_TO_LOOPBACK or not STAFF_SECOND_FACTOR):
    raise ImproperlyConfigured(
        "live mode needs BRIGHTLEND_OPEN_TO_LOOPBACK and BRIGHTLEND_STAFF_SECOND_FACTOR unset: "
        "nobody calls without saying who they are, and staff use their second factor"
    )

# --- Mail, and how sign-in codes are sent ------------------------------------------------------
if LIVE and not env.str("BRIGHTLEND_EMAIL_URL", default=""):
    raise ImproperlyConfigured("BRIGHTLEND_EMAIL_URL must be set in live mode")
vars().update(env.email_url("BRIGHTLEND_EMAIL_URL", default="consolemail://"))
if LIVE and "console" in vars()["EMAIL_BACKEND"]:
    raise ImproperlyConfigured("BRIGHTLEND_EMAIL_URL must name a mail server in live mode")
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("BRIGHTLEND_EMAIL_FROM", default="BrightLend <no-reply@localhost>")
SIGN_IN_MESSENGERS = {
    "EMAIL": "users.delivery.EmailMessenger",
    "SMS": "users.delivery.ConsoleTextMessenger",
}

# --- Applications ----------------------------------------------------------------------------
INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "bright_credit.apps.StaffAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "rest_framework",
    "corsheaders",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_celery_beat",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "bright_credit.apps.BrightCreditConfig",
    "bright_credit.common.idempotency",
    "bright_credit.common.audit_trail",
    "users",
    "ledger",
    "credit",
    "loan",
    "statements",
]
AUTH_USER_MODEL = "users.User"
AUTHENTICATION_BACKENDS = ["users.services.staff.GuardedPasswords"]
OTP_TOTP_ISSUER = "BrightLend"

MIDDLEWARE = [
    "bright_credit.common.api.middleware.RequestIdMiddleware",
    "bright_credit.operations.request_log.RequestLogMiddleware",
    "bright_credit.common.api.middleware.SecurityHeadersMiddleware",
    "bright_credit.operations.probes.ProbesMiddleware",
    "bright_credit.operations.deadlines.DeadlineMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "bright_credit.common.api.middleware.ApiHeadersMiddleware",
    "bright_credit.common.api.middleware.ConditionalReadMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "bright_credit.common.api.auditing.AuditContextMiddleware",
    "users.api.access_log.AccessLogMiddleware",
]
ROOT_URLCONF = "bright_credit.urls"
WSGI_APPLICATION = "bright_credit.wsgi.application"
APPEND_SLASH = False
CSRF_FAILURE_VIEW = "bright_credit.common.api.problems.csrf_failure"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "bright_credit" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# --- Database: PostgreSQL, always ------------------------------------------------------------
DATABASES = {"default": env.db("DATABASE_URL")}
if DATABASES["default"]["ENGINE"] != "django.db.backends.postgresql":
    raise ImproperlyConfigured("DATABASE_URL must name a PostgreSQL database")
DATABASES["default"]["ENGINE"] = "bright_credit.common.postgresql"
DATABASES["default"]["CONN_MAX_AGE"] = env.int("BRIGHTLEND_CONN_MAX_AGE", default=600)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
# The web server's processes set a time for statements (`bright_credit.wsgi`); billing sets its own.
DATABASES["default"]["OPTIONS"] = {
    "application_name": process_name(),
    **DATABASES["default"].get("OPTIONS", {}),
    **session_options(statement_seconds=env.int("BRIGHTLEND_STATEMENT_SECONDS", default=0)),
}
# How long a request may wait for the database in all; less than the web server's own patience.
REQUEST_SECONDS = env.int("BRIGHTLEND_REQUEST_SECONDS", default=20)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# --- Celery and Redis ------------------------------------------------------------------------
CELERY_BROKER_URL = env.str("REDIS_URL")
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    "socket_connect_timeout": 3,
    "socket_timeout": 5,
    "socket_keepalive": True,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_DEFAULT_QUEUE = "celery"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "Asia/Kolkata"
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
DJANGO_CELERY_BEAT_TZ_AWARE = True

# --- Billing ---------------------------------------------------------------------------------
# Loans that fall due in one chunk of a billing run, and how many times wider its range of keys may
# be. Smaller chunks cost more in all; larger ones keep a payer of one of their loans longer.
BILLING_CHUNK_LOANS = env.int("BRIGHTLEND_BILLING_CHUNK_LOANS", default=20_000)
BILLING_CHUNK_SPAN = 200
# How long a claimed chunk is left to a worker that has not begun it. One that has begun holds its
# lock, and is left alone for as long as it lives.
BILLING_LEASE_SECONDS = env.int("BRIGHTLEND_BILLING_LEASE_SECONDS", default=10)
BILLING_STATEMENT_TIMEOUT_SECONDS = 600
# Messages that tell idle workers of a day's chunks. They may all be lost.
BILLING_HINTS = 16

# --- Maker and checker -------------------------------------------------------------------------
# Up to this amount waivers and refunds need no checker; the others wait for one so many days.
APPROVALS_DIRECT_UP_TO_PAISE = 100 * whole_number("BRIGHTLEND_APPROVALS_DIRECT_UP_TO_RUPEES", 0)
APPROVAL_DAYS = whole_number("BRIGHTLEND_APPROVAL_DAYS", 7, least=1)

# --- Time, language --------------------------------------------------------------------------
USE_TZ = True
TIME_ZONE = "Asia/Kolkata"
LANGUAGE_CODE = "en-in"
USE_I18N = True

# --- Static files ----------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = env.str("BRIGHTLEND_STATIC_ROOT", default="") or None
STATICFILES_DIRS = [BASE_DIR / "bright_credit" / "static"]
# Without a folder of collected files (live hosts make one) files are served from the packages.
WHITENOISE_USE_FINDERS = STATIC_ROOT is None

# --- Error reports ---------------------------------------------------------------------------
DEFAULT_EXCEPTION_REPORTER_FILTER = "bright_credit.common.error_reports.SecretsFilter"

# --- Security --------------------------------------------------------------------------------
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
# A working day; whoever closes the browser signs in again.
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SECURE = LIVE
CSRF_COOKIE_SECURE = LIVE
SECURE_SSL_REDIRECT = env.bool("BRIGHTLEND_SSL_REDIRECT", default=LIVE)
SECURE_HSTS_SECONDS = env.int("BRIGHTLEND_HSTS_SECONDS", default=31_536_000 if LIVE else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = LIVE
SECURE_HSTS_PRELOAD = LIVE
if env.bool("BRIGHTLEND_BEHIND_TLS_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
PERMISSIONS_POLICY = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
# What a browser may do with an answer, by the longest prefix of its address. JSON is no page and
# may do nothing. Scripts are files of this host, without exception. The admin's theme evaluates the
# expressions in its markup (Alpine.js), so there, for signed-in staff, `eval` is allowed.
_PAGE = (
    "default-src 'none'; script-src 'self'{eval}; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; worker-src 'self' blob:; "
    "base-uri 'none'; form-action {forms}; frame-ancestors 'none'"
)
CONTENT_SECURITY_POLICIES = {
    "": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "/api/docs": _PAGE.format(eval="", forms="'none'"),
    "/api/redoc": _PAGE.format(eval="", forms="'none'"),
    "/admin/": _PAGE.format(eval=" 'unsafe-eval'", forms="'self'"),
}

# --- Other origins: none may call from a browser unless it is named ----------------------------
CORS_ALLOWED_ORIGINS = env.list("BRIGHTLEND_CORS_ORIGINS", default=[])
CORS_URLS_REGEX = r"^/api/"
CORS_ALLOW_METHODS = ["GET", "HEAD", "OPTIONS", "POST"]
CORS_ALLOW_HEADERS = [
    "accept",
    "authorization",
    "content-type",
    "idempotency-key",
    "if-none-match",
    "x-request-id",
]
CORS_EXPOSE_HEADERS = [
    "Deprecation",
    "ETag",
    "Idempotent-Replayed",
    "Link",
    "RateLimit",
    "RateLimit-Limit",
    "RateLimit-Policy",
    "RateLimit-Remaining",
    "RateLimit-Reset",
    "Retry-After",
    "Sunset",
    "X-Request-ID",
]
CORS_PREFLIGHT_MAX_AGE = 3600

# --- API -------------------------------------------------------------------------------------
API_MAX_BODY_BYTES = 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = API_MAX_BODY_BYTES
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "users.api.authentication.BearerAuthentication",
        "users.api.authentication.StaffSessionAuthentication",
        "users.api.authentication.SandboxAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["users.api.permissions.FollowsAccessRule"],
    "DEFAULT_THROTTLE_CLASSES": ["bright_credit.common.api.rate_limits.CallerThrottle"],
    "DEFAULT_PARSER_CLASSES": ["bright_credit.common.api.parsers.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["bright_credit.common.api.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "bright_credit.common.api.schema.AutoSchema",
    "EXCEPTION_HANDLER": "bright_credit.common.api.problems.exception_handler",
    "DEFAULT_VERSIONING_CLASS": "rest_framework.versioning.NamespaceVersioning",
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "BrightLend API",
    "DESCRIPTION": "Credit scoring and loan management for India. Amounts are rupees as JSON "
    "numbers: whole rupees as integers, otherwise two decimals. Errors are RFC 9457 problems.",
    # The day of the last change of the interface: the newest entry of docs/api-changelog.md.
    "VERSION": "2026-11-30",
    "LICENSE": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "validatorUrl": None},
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": False,
    "WEBHOOKS": DESCRIBED_WEBHOOKS,  # noqa: F405
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "bright_credit.common.api.schema.complete",
    ],
    "ENUM_NAME_OVERRIDES": {
        "PurposeEnum": "loan.models.LoanApplication.Purpose",
        "ConsentPurposeEnum": "users.domain.consents.Purpose",
        "ConsentActionEnum": "users.domain.consents.Action",
        "BandEnum": "credit.domain.bins.Band",
        "TenureOrEmiEnum": "loan.domain.events.Keeping",
        "AnotherDueDayEnum": ["DUE_DAY"],
        "PaymentHolidayEnum": ["HOLIDAY"],
        "AnotherTenorEnum": ["TENOR"],
    },
}

# How many requests a caller of a kind may make in how many seconds. In the sandbox, callers on this
# machine have no limit unless one is set.
try:
    API_RATE_LIMITS = rates(env.str("BRIGHTLEND_RATE_LIMITS", default=""))
except ValueError as error:
    raise ImproperlyConfigured(f"BRIGHTLEND_RATE_LIMITS: {error}") from error
RATE_LIMIT_REDIS_URL = env.str("BRIGHTLEND_RATE_LIMIT_REDIS_URL", default=CELERY_BROKER_URL)

# How long, at least, an idempotency key and its answer are kept. Published in docs/api.md.
IDEMPOTENCY_RETENTION = timedelta(days=env.int("BRIGHTLEND_IDEMPOTENCY_DAYS", default=30))
# Proxies in front, each of which adds one address to X-Forwarded-For. None is believed by default.
TRUSTED_PROXIES = env.int("BRIGHTLEND_TRUSTED_PROXIES", default=0)

# --- Files -----------------------------------------------------------------------------------
TRANSACTIONS_FILE = Path(
    env.str("BRIGHTLEND_TRANSACTIONS_FILE", default=str(BASE_DIR / "user_transactions.csv"))
)
TRANSACTIONS_FILE_MAX_BYTES = env.int("BRIGHTLEND_TRANSACTIONS_FILE_MAX_BYTES", default=2 * 1024**3)

# --- The lender, as its documents name it ----------------------------------------------------
# Live mode makes nobody up: documents are refused while a part of the lender's identity is missing.
LENDER = lender()
COOLING_OFF_DAYS = whole_number("BRIGHTLEND_COOLING_OFF_DAYS", 3, least=1)
try:
    LENDER_HOLIDAYS = frozenset(
        map(date.fromisoformat, env.list("BRIGHTLEND_HOLIDAYS", default=[]))
    )
except ValueError as error:
    raise ImproperlyConfigured("BRIGHTLEND_HOLIDAYS must be dates, 2026-11-08,…") from error

# --- Logging: to stderr, never a request's body, one line a request ----------------------------
try:
    LOGGING = logging_settings(
        style=env.str("BRIGHTLEND_LOG_FORMAT", default="json" if LIVE else "plain"),
        level=env.str("BRIGHTLEND_LOG_LEVEL", default="INFO"),
    )
except ValueError as error:
    raise ImproperlyConfigured(f"BRIGHTLEND_LOG_FORMAT: {error}") from error

# --- Metrics: for who has the token; in the sandbox without one, for this machine. Traces. ------
METRICS_TOKEN = env.str("BRIGHTLEND_METRICS_TOKEN", default="")
OTLP_ENDPOINT = env.str("BRIGHTLEND_OTLP_ENDPOINT", default="")

# --- Admin -----------------------------------------------------------------------------------
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
FORMAT_MODULE_PATH = "bright_credit.formats"
BRIGHTLEND_UPLOAD_MAX_BYTES = env.int("BRIGHTLEND_UPLOAD_MAX_BYTES", default=25 * 1024 * 1024)
UNFOLD = {
    "SITE_TITLE": "BrightLend",
    "SITE_HEADER": "BrightLend operations",
    "SITE_SYMBOL": "account_balance",
    "SITE_URL": "/api/docs",
    "SITE_FAVICONS": [
        {
            "rel": "icon",
            "type": "image/svg+xml",
            "href": "bright_credit.navigation.favicon",
        }
    ],
    "STYLES": ["bright_credit.navigation.style_sheet"],
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "DASHBOARD_CALLBACK": "loan.admin.dashboard.dashboard",
    "SIDEBAR": {"navigation": "bright_credit.navigation.sidebar"},
}
