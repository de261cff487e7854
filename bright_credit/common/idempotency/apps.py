"""Answers kept by idempotency key: a small app of the shared kernel, with one table."""

from django.apps import AppConfig


class IdempotencyConfig(AppConfig):
    """Keep what a request with an `Idempotency-Key` was answered."""

    name = "bright_credit.common.idempotency"
    label = "idempotency"
    verbose_name = "Idempotency keys"
