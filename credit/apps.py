"""The credit app: bank transactions, features, the scorecard, scores."""

from django.apps import AppConfig


class CreditConfig(AppConfig):
    """Bank transactions, features, the scorecard, scores."""

    name = "credit"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listen for new borrowers, who get their first score."""
        from credit import receivers
        from users.signals import borrower_registered

        borrower_registered.connect(
            receivers.score_new_borrower, dispatch_uid="credit.score_new_borrower"
        )
