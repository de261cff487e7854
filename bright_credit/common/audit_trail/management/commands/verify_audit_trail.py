"""`verify_audit_trail`: chains what is not chained yet, and checks every link."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from bright_credit.common.audit_trail.chain import chain_entries, chain_faults, head_of_chain

SHOWN_FAULTS = 50


class Command(BaseCommand):
    """Verify the audit trail."""

    help = (
        "Chain the entries of the audit trail that are not chained yet, and check every link. "
        "Prints the digest of the last one, to be kept elsewhere. Exits 1 on any difference."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Chain, check, and say what was found."""
        chain_entries()
        faults = list(chain_faults())
        for subject, detail in faults[:SHOWN_FAULTS]:
            self.stderr.write(f"DIFFERENCE {subject}: {detail}")
        head = head_of_chain()
        self.stdout.write(f"{head.position} entries, the last link is {head.digest}")
        if faults:
            self.stderr.write(f"{len(faults)} differences.")
            sys.exit(1)
        self.stdout.write("The audit trail verifies.")
