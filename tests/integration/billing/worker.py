"""A billing worker as a process of its own, to be killed.

It does what a Celery worker does with a hint: carries on with the run under way, again and again,
until the day asked for is closed. `poison` is the key of a loan whose billing ends this process.
"""

import os
import signal
import sys
import time
from datetime import date
from types import SimpleNamespace

import django


def main(through: date, *, poison: int | None, pace: float) -> None:
    """Work until `through` is closed; `pace` is how long to sleep inside each chunk."""
    from django.db import OperationalError, connection

    from loan.models import BusinessDay
    from loan.services.billing import chunks
    from loan.services.billing.bill_range import bill_range as honest
    from loan.services.billing.run import carry_on

    def bill_range(day: date, *, low: int, high: int) -> object:
        counts = honest(day, low=low, high=high)
        if poison is not None and low <= poison <= high:
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(pace)
        return counts

    vars(chunks)["bill_range"] = bill_range
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while True:
        try:
            carry_on()
            day = BusinessDay.objects.get()
        except OperationalError:
            connection.close()
            time.sleep(0.2)
            continue
        if day.closed_through_date >= through:
            return
        time.sleep(0.05)


if __name__ == "__main__":
    django.setup()
    given = SimpleNamespace(**dict(part.split("=", 1) for part in sys.argv[1:]))
    main(
        date.fromisoformat(given.through),
        poison=int(given.poison) if hasattr(given, "poison") else None,
        pace=float(getattr(given, "pace", "0")),
    )
