"""A real Celery worker that may send webhooks to this machine, as the product's own may not."""

import os
import sys

import django


def main(queue: str) -> None:
    """Work on one queue until ended."""
    django.setup()

    from bright_credit.celery import app
    from tests.integration.users.receiver import sending_anywhere
    from users.services.delivering import deliver_batch

    defaults = deliver_batch.__kwdefaults__
    assert defaults is not None
    defaults["send"] = sending_anywhere
    quiet = ("--without-gossip", "--without-mingle", "--without-heartbeat")
    app.worker_main(["worker", "-Q", queue, "-c", "1", "-n", f"{queue}@%h", *quiet])


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bright_credit.settings_test")
    main(sys.argv[1])
