"""Settings of what BrightLend tells others by itself: webhooks to partners."""

from datetime import timedelta

from bright_credit.environment import LIVE, env, key_ring

#: What seals the secrets of webhooks. The first key seals; the others still open.
WEBHOOK_KEYS = key_ring("BRIGHTLEND_WEBHOOK_KEYS")
WEBHOOK_HTTPS_ONLY = LIVE
#: How long a message and the log of its deliveries are kept.
WEBHOOK_RETENTION = timedelta(days=env.int("BRIGHTLEND_WEBHOOK_DAYS", default=90))

DESCRIBED_WEBHOOKS = [
    f"loan.serializers.webhooks.{event}"
    for event in (
        "APPLICATION_DECIDED",
        "LOAN_DISBURSED",
        "INSTALMENT_DUE",
        "PAYMENT_POSTED",
        "PAYMENT_REVERSED",
        "LOAN_OVERDUE",
        "LOAN_CLOSED",
    )
]
