"""Settings of what BrightLend tells others by itself: webhooks to partners, mail to borrowers."""

from datetime import timedelta

from bright_credit.environment import LIVE, env, key_ring

#: What seals the secrets of webhooks. The first key seals; the others still open.
WEBHOOK_KEYS = key_ring("BRIGHTLEND_WEBHOOK_KEYS")
WEBHOOK_HTTPS_ONLY = LIVE
#: How long a message and the log of its deliveries are kept.
WEBHOOK_RETENTION = timedelta(days=env.int("BRIGHTLEND_WEBHOOK_DAYS", default=90))

#: Notices to borrowers by mail. The sandbox sends none unless it is told to.
BORROWER_NOTICES = env.bool("BRIGHTLEND_BORROWER_NOTICES", default=LIVE)
#: How long a notice stays in the log: a borrower may ask about one for years.
NOTICE_RETENTION = timedelta(days=env.int("BRIGHTLEND_NOTICE_DAYS", default=1_096))

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
