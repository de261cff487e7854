"""A server that dies between the commit and its answer: `loan_id`, the date, then exit status 9."""

import os
import sys
from datetime import date

import django


def main(loan_id: str, day: date) -> None:
    """Take one payment under a key, and be gone the moment it is committed."""
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.test import Client

    from bright_credit.common import business_day
    from tests.api.test_idempotency import PATH, send

    commit = BaseDatabaseWrapper.commit

    def commit_and_die(self: BaseDatabaseWrapper) -> None:
        commit(self)
        os._exit(9)

    vars(business_day)["today"] = lambda: day
    setattr(BaseDatabaseWrapper, "commit", commit_and_die)  # noqa: B010 - a method, on purpose
    order = {
        "loan_id": loan_id,
        "amount": 24_482,
        "payment_method": "UPI",
        "reference_id": "PAY-789XYZ",
    }
    response = send(Client(HTTP_HOST="localhost"), PATH, order)
    sys.stdout.write(f"it lived: {response.status_code}")


if __name__ == "__main__":
    django.setup()
    main(sys.argv[1], date.fromisoformat(sys.argv[2]))
