"""What `serve` says once the web answers: where things are, and the first call."""

import json
from pathlib import Path

from bright_credit.embedded.files import read_text
from bright_credit.embedded.ports import LOOPBACK

OPS_USER = "ops"
OPS_SECRET = "ops_password"  # noqa: S105 - the name of the secret, not the secret

_FIRST_BORROWER = {
    "aadhar_id": "888877776666",
    "name": "Rahul Sharma",
    "email": "rahul@brightlend.com",
    "annual_income": 1800000,
    "employment_type": "SALARIED",
}


def banner(*, port: int, var: Path) -> str:
    """Return the lines that a newcomer needs."""
    base = f"http://{LOOPBACK}:{port}"
    password = read_text(var / "secrets" / OPS_SECRET)
    login = "" if password is None else f"   user {OPS_USER}, password {password}"
    return "\n".join(
        (
            "",
            f"  BrightLend is running at {base}   (Ctrl-C stops everything)",
            "",
            f"  API docs   {base}/api/docs",
            f"  Schema     {base}/api/schema",
            f"  Admin      {base}/admin/{login}",
            "",
            "  A first call:",
            f"  curl -s {base}/api/v1/users/register -H 'Content-Type: application/json' \\",
            f"    -d '{json.dumps(_FIRST_BORROWER)}'",
            "",
        )
    )
