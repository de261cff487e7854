"""The users app's tables, one module a subject."""

from users.models.access_log import AccessLogEntry
from users.models.belonging import path_to_borrower
from users.models.consents import Consent
from users.models.notices import Notice
from users.models.partners import Partner, PartnerKey
from users.models.people import Borrower, User
from users.models.sign_in import AttemptCount, RefreshToken, SignInCode, SignInSession
from users.models.vault import AadhaarRecord, PanRecord, PhoneRecord, VaultRecord
from users.models.webhooks import (
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookMessage,
    WebhookSecret,
)

__all__ = [
    "AadhaarRecord",
    "AccessLogEntry",
    "AttemptCount",
    "Borrower",
    "Consent",
    "Notice",
    "PanRecord",
    "Partner",
    "PartnerKey",
    "PhoneRecord",
    "RefreshToken",
    "SignInCode",
    "SignInSession",
    "User",
    "VaultRecord",
    "WebhookAttempt",
    "WebhookDelivery",
    "WebhookEndpoint",
    "WebhookMessage",
    "WebhookSecret",
    "path_to_borrower",
]
