"""Who may call what, address by address, and the calls themselves: what the access tests share."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any

from django.test import Client

from tests.builders import an_aadhaar_number
from tests.callers import ELSEWHERE
from users.domain.scopes import Scope

#: all: whoever's it is · own: theirs only, anybody else's is not there · no: refused · yes: about
#: nobody · open: to callers who have not said who they are, too.
COLUMNS = (
    "borrower", "partner", "viewer", "operations", "credit officer", "accountant", "administrator",
)  # fmt: skip
LET_GO = ("no", "no", "no", "no", "no", "all", "no")
TAKEN = ("no", "own", "no", "all", "no", "all", "no")
IMAGINED = ("own", "own", "no", "all", "no", "all", "no")
#: About nobody's loan: a partner's own endpoints, which staff see in the admin.
PARTNERS = ("no", "own", "no", "no", "no", "no", "no")
DRAWN = ("own", "own", "all", "all", "all", "all", "all")
DECIDED = ("no", "no", "no", "no", "all", "all", "no")
LOOKED_AT = ("no", "no", "all", "all", "all", "all", "all")
TABLE = {
    # the columns, in this order:      borrower part.  view.  oper.  offi.  acco.  admin.
    "POST /api/v1/users/register":      ("no",  "yes", "no",  "yes", "no",  "no",  "no"),
    "GET /api/v1/credit/scores":        ("own", "own", "all", "all", "all", "all", "all"),
    "POST /api/v1/loans/quote":         ("own", "own", "all", "all", "all", "all", "all"),
    "POST /api/v1/loans/apply":         ("own", "own", "no",  "all", "no",  "no",  "no"),
    "GET /api/v1/loans":                ("own", "own", "all", "all", "all", "all", "all"),
    "GET /api/v1/loans/<loan_id>":      ("own", "own", "all", "all", "all", "all", "all"),
    "POST /api/v1/loans/payments":      ("no",  "own", "no",  "all", "no",  "all", "no"),
    "POST /api/v1/loans/payments/preview": TAKEN,
    "POST /api/v1/loans/payments/<payment_id>/reverse/preview": TAKEN,
    "POST /api/v1/loans/payments/<payment_id>/reverse": TAKEN,
    "POST /api/v1/loans/<loan_id>/charges": LET_GO,
    "POST /api/v1/loans/<loan_id>/charges/<charge>/waive": LET_GO,
    "POST /api/v1/loans/<loan_id>/charges/<charge>/waive/preview": LET_GO,
    "POST /api/v1/loans/<loan_id>/refunds": LET_GO,
    "POST /api/v1/loans/<loan_id>/refunds/preview": LET_GO,
    "POST /api/v1/loans/<loan_id>/prepayments": TAKEN,
    "POST /api/v1/loans/<loan_id>/prepayments/preview": IMAGINED,
    "GET /api/v1/loans/<loan_id>/foreclosure-quote": DRAWN,
    "POST /api/v1/loans/<loan_id>/foreclosure": TAKEN,
    "POST /api/v1/loans/<loan_id>/foreclosure/preview": IMAGINED,
    "GET /api/v1/loans/<loan_id>/cancellation-quote": DRAWN,
    "POST /api/v1/loans/<loan_id>/cancellation": TAKEN,
    "POST /api/v1/loans/<loan_id>/cancellation/preview": IMAGINED,
    "POST /api/v1/loans/<loan_id>/rate-changes": LET_GO,
    "POST /api/v1/loans/<loan_id>/rate-changes/preview": LET_GO,
    "POST /api/v1/loans/<loan_id>/reschedules": LET_GO,
    "POST /api/v1/loans/<loan_id>/reschedules/preview": LET_GO,
    "POST /api/v1/loans/<loan_id>/class-mark": LET_GO,
    "POST /api/v1/loans/<loan_id>/class-mark/preview": LET_GO,
    "POST /api/v1/loans/<loan_id>/write-off": LET_GO,
    "POST /api/v1/loans/<loan_id>/write-off/preview": LET_GO,
    "POST /api/v1/loans/<loan_id>/settlement": LET_GO,
    "POST /api/v1/loans/<loan_id>/settlement/preview": LET_GO,
    "POST /api/v1/loans/<loan_id>/what-if": DRAWN,
    "GET /api/v1/approvals":            ("no",  "no",  "yes", "yes", "yes", "yes", "yes"),
    "GET /api/v1/approvals/<approval_id>": LOOKED_AT,
    "POST /api/v1/approvals/<approval_id>/approve": DECIDED,
    "POST /api/v1/approvals/<approval_id>/reject": DECIDED,
    "POST /api/v1/approvals/<approval_id>/withdraw": LOOKED_AT,
    "GET /api/v1/loans/<loan_id>/asset-class": DRAWN,
    "GET /api/v1/statements":           ("own", "own", "all", "all", "all", "all", "all"),
    "GET /api/v1/loans/<loan_id>/explanations": DRAWN,
    "GET /api/v1/loans/<loan_id>/documents": DRAWN,
    "GET /api/v1/loans/<loan_id>/documents/key-facts": DRAWN,
    "GET /api/v1/loans/<loan_id>/documents/sanction-letter": DRAWN,
    "GET /api/v1/loans/<loan_id>/documents/statement": DRAWN,
    "GET /api/v1/loans/<loan_id>/documents/interest-certificate": DRAWN,
    "GET /api/v1/loans/<loan_id>/documents/foreclosure-letter": DRAWN,
    "GET /api/v1/loans/<loan_id>/documents/no-dues-certificate": DRAWN,
    "POST /api/v1/loans/quote/key-facts": DRAWN,
    "GET /api/v1/webhooks/endpoints":   ("no",  "yes", "no",  "no",  "no",  "no",  "no"),
    "POST /api/v1/webhooks/endpoints":  ("no",  "yes", "no",  "no",  "no",  "no",  "no"),
    "GET /api/v1/webhooks/endpoints/<endpoint_id>": PARTNERS,
    "POST /api/v1/webhooks/endpoints/<endpoint_id>/rotate-secret": PARTNERS,
    "POST /api/v1/webhooks/endpoints/<endpoint_id>/disable": PARTNERS,
    "POST /api/v1/webhooks/endpoints/<endpoint_id>/enable": PARTNERS,
    "GET /api/v1/borrowers/<user_id>/personal-data": (
        "own", "no", "no", "all", "no", "no", "all"
    ),
    "GET /api/v1/borrowers/<user_id>/consents": DRAWN,
    "POST /api/v1/borrowers/<user_id>/consents": ("own", "own", "no", "all", "all", "no", "no"),
    "POST /api/v1/borrowers/<user_id>/pan": ("no", "own", "no", "all", "all", "no", "no"),
    "POST /api/v1/borrowers/<user_id>/phone": ("own", "own", "no", "all", "all", "no", "no"),
    "POST /api/v1/auth/codes":          ("open",) * 7,
    "POST /api/v1/auth/tokens":         ("open",) * 7,
    "POST /api/v1/auth/tokens/refresh": ("open",) * 7,
    "POST /api/v1/auth/sign-out":       ("yes",) + ("no",) * 6,
    "POST /api/v1/users/reminders":     ("yes",) + ("no",) * 6,
}  # fmt: skip

#: What each address needs of a partner's key.
SCOPES = {
    "POST /api/v1/users/register": Scope.BORROWERS_REGISTER,
    "POST /api/v1/borrowers/<user_id>/pan": Scope.BORROWERS_REGISTER,
    "POST /api/v1/borrowers/<user_id>/phone": Scope.BORROWERS_REGISTER,
    "GET /api/v1/credit/scores": Scope.SCORES_READ,
    "POST /api/v1/loans/quote": Scope.LOANS_QUOTE,
    "POST /api/v1/loans/apply": Scope.LOANS_APPLY,
    "GET /api/v1/loans": Scope.LOANS_READ,
    "GET /api/v1/loans/<loan_id>": Scope.LOANS_READ,
    "POST /api/v1/loans/payments": Scope.PAYMENTS_POST,
    "POST /api/v1/loans/payments/preview": Scope.PAYMENTS_POST,
    "POST /api/v1/loans/payments/<payment_id>/reverse/preview": Scope.PAYMENTS_REVERSE,
    "POST /api/v1/loans/payments/<payment_id>/reverse": Scope.PAYMENTS_REVERSE,
    "POST /api/v1/loans/quote/key-facts": Scope.LOANS_QUOTE,
    "GET /api/v1/statements": Scope.STATEMENTS_READ,
    **{
        address: Scope.STATEMENTS_READ
        for address in TABLE
        if address.startswith("GET /api/v1/loans/<loan_id>/")
    },
    "POST /api/v1/loans/<loan_id>/prepayments": Scope.PAYMENTS_POST,
    "POST /api/v1/loans/<loan_id>/prepayments/preview": Scope.PAYMENTS_POST,
    "GET /api/v1/loans/<loan_id>/foreclosure-quote": Scope.LOANS_READ,
    "POST /api/v1/loans/<loan_id>/foreclosure": Scope.PAYMENTS_POST,
    "POST /api/v1/loans/<loan_id>/foreclosure/preview": Scope.PAYMENTS_POST,
    "GET /api/v1/loans/<loan_id>/cancellation-quote": Scope.LOANS_READ,
    "POST /api/v1/loans/<loan_id>/cancellation": Scope.PAYMENTS_POST,
    "POST /api/v1/loans/<loan_id>/cancellation/preview": Scope.PAYMENTS_POST,
    "POST /api/v1/loans/<loan_id>/what-if": Scope.LOANS_READ,
    "GET /api/v1/loans/<loan_id>/asset-class": Scope.LOANS_READ,
}
SCOPES |= {address: Scope.CONSENTS_RECORD for address in TABLE if address.endswith("/consents")}
SCOPES |= {address: Scope.WEBHOOKS_MANAGE for address in TABLE if "/webhooks/" in address}
#: What only a partner's key opens: not even a superuser's session does.
PARTNERS_ALONE = {address for address in TABLE if "/webhooks/" in address}
GUARDED = [address for address, row in TABLE.items() if "open" not in row]
CREATING = {
    "POST /api/v1/loans/apply",
    "POST /api/v1/loans/payments",
    "POST /api/v1/loans/payments/<payment_id>/reverse",
    "POST /api/v1/loans/<loan_id>/charges",
    "POST /api/v1/loans/<loan_id>/prepayments",
    "POST /api/v1/loans/<loan_id>/reschedules",
    "POST /api/v1/borrowers/<user_id>/consents",
    "POST /api/v1/approvals/<approval_id>/approve",
    "POST /api/v1/approvals/<approval_id>/reject",
    "POST /api/v1/webhooks/endpoints/<endpoint_id>/rotate-secret",
}
#: The caller gets as far as being told what the loan is not ready for, or that it waits.
NOT_NOW = {
    "POST /api/v1/loans/<loan_id>/charges/<charge>/waive": 202,
    "POST /api/v1/loans/<loan_id>/rate-changes": 202,
    # Another person's request.
    "POST /api/v1/approvals/<approval_id>/withdraw": 403,
    "GET /api/v1/loans/<loan_id>/documents/no-dues-certificate": 409,
    "POST /api/v1/loans/<loan_id>/refunds": 409,
    "POST /api/v1/loans/<loan_id>/refunds/preview": 409,
    "POST /api/v1/loans/<loan_id>/class-mark": 202,
    # The borrower is standard.
    "POST /api/v1/loans/<loan_id>/write-off": 422,
    "POST /api/v1/loans/<loan_id>/write-off/preview": 422,
    "POST /api/v1/loans/<loan_id>/settlement": 422,
    "POST /api/v1/loans/<loan_id>/settlement/preview": 422,
    # The amount is not the one that closes the loan.
    "POST /api/v1/loans/<loan_id>/foreclosure": 422,
    "POST /api/v1/loans/<loan_id>/foreclosure/preview": 422,
    "POST /api/v1/loans/<loan_id>/cancellation": 422,
    "POST /api/v1/loans/<loan_id>/cancellation/preview": 422,
}
WELL = {200, 201, 202, 409, 422}
ABOUT_SOMEBODY = [address for address, row in TABLE.items() if "own" in row]

_numbers = count(1)

#: The charge that each loan of these tests bears.
CHARGE = "MATRIX-0"


@dataclass(frozen=True, slots=True)
class Target:
    """Whose, which loan, which payment and request of it, which endpoint, a call is about."""

    user_id: str
    loan_id: str
    payment_id: int
    approval_id: int
    endpoint_id: int = 999_999_999


MISSING = Target("BC-USER-99999", "LN-2026-99999", 999_999_999, 999_999_999)

Body = Callable[[Target], dict[str, Any]]


def _registration(_target: Target) -> dict[str, Any]:
    return {
        "aadhar_id": an_aadhaar_number(),
        "name": "Asha Rao",
        "email": f"matrix{next(_numbers)}@example.com",
        "annual_income": 900_000,
        "employment_type": "SALARIED",
    }


def _loan(target: Target) -> dict[str, Any]:
    return {
        "user_id": target.user_id,
        "product": "PERSONAL_LOAN",
        "amount": 50_000,
        "tenure_months": 12,
    }


def _application(target: Target) -> dict[str, Any]:
    return _loan(target) | {"purpose": "EDUCATION"}


def _payment(target: Target) -> dict[str, Any]:
    return {
        "loan_id": target.loan_id,
        "amount": 100,
        "payment_method": "UPI",
        "reference_id": f"MATRIX-{next(_numbers)}",
    }


def _closing(_target: Target) -> dict[str, Any]:
    return {"amount": 100, "payment_method": "UPI", "reference_id": f"MATRIX-{next(_numbers)}"}


def _prepayment(target: Target) -> dict[str, Any]:
    return _closing(target) | {"amount": 20_000, "reduce": "TENURE"}


def _rate(_target: Target) -> dict[str, Any]:
    return {"interest_rate": 14, "keep": "TENURE", "reason": "a test"}


def _tenor(_target: Target) -> dict[str, Any]:
    return {"change": "TENOR", "instalments": 18, "reason": "a test"}


def _settlement(_target: Target) -> dict[str, Any]:
    return {
        "amount": 100,
        "payment_method": "UPI",
        "reference_id": f"MATRIX-{next(_numbers)}",
        "reason": "a test",
    }


BODIES: dict[str, Body] = {
    "POST /api/v1/users/register": _registration,
    "POST /api/v1/loans/quote": _loan,
    "POST /api/v1/loans/quote/key-facts": _loan,
    "POST /api/v1/loans/apply": _application,
    "POST /api/v1/loans/payments": _payment,
    "POST /api/v1/loans/payments/preview": _payment,
    "POST /api/v1/loans/payments/<payment_id>/reverse/preview": lambda _: {},
    "POST /api/v1/loans/payments/<payment_id>/reverse": lambda _: {"reason": "bounced"},
    "POST /api/v1/loans/<loan_id>/charges": lambda _: {
        "charge": f"MATRIX-{next(_numbers)}",
        "amount": 100,
        "reason": "a test",
    },
    "POST /api/v1/loans/<loan_id>/charges/<charge>/waive": lambda _: {"reason": "a test"},
    "POST /api/v1/loans/<loan_id>/charges/<charge>/waive/preview": lambda _: {},
    "POST /api/v1/loans/<loan_id>/refunds": lambda _: {
        "amount": 100,
        "reference_id": f"MATRIX-{next(_numbers)}",
    },
    "POST /api/v1/loans/<loan_id>/refunds/preview": lambda _: {"amount": 100},
    "POST /api/v1/loans/<loan_id>/prepayments": _prepayment,
    "POST /api/v1/loans/<loan_id>/prepayments/preview": _prepayment,
    "POST /api/v1/loans/<loan_id>/foreclosure": _closing,
    "POST /api/v1/loans/<loan_id>/foreclosure/preview": _closing,
    "POST /api/v1/loans/<loan_id>/cancellation": _closing,
    "POST /api/v1/loans/<loan_id>/cancellation/preview": _closing,
    "POST /api/v1/loans/<loan_id>/rate-changes": _rate,
    "POST /api/v1/loans/<loan_id>/rate-changes/preview": _rate,
    "POST /api/v1/loans/<loan_id>/reschedules": _tenor,
    "POST /api/v1/loans/<loan_id>/reschedules/preview": _tenor,
    "POST /api/v1/loans/<loan_id>/class-mark": lambda _: {"mark": "LOSS", "reason": "a test"},
    "POST /api/v1/loans/<loan_id>/class-mark/preview": lambda _: {
        "mark": "LOSS",
        "reason": "a test",
    },
    "POST /api/v1/loans/<loan_id>/write-off": lambda _: {"kind": "FULL", "reason": "a test"},
    "POST /api/v1/loans/<loan_id>/write-off/preview": lambda _: {
        "kind": "TECHNICAL",
        "reason": "a test",
    },
    "POST /api/v1/loans/<loan_id>/settlement": _settlement,
    "POST /api/v1/loans/<loan_id>/settlement/preview": _settlement,
    "POST /api/v1/loans/<loan_id>/what-if": lambda _: {
        "events": [{"event": "PAY", "on": "2026-02-05", "amount": 100}]
    },
    "POST /api/v1/borrowers/<user_id>/consents": lambda _: {
        "purpose": "MARKETING",
        "action": "GIVEN",
        "text_version": "2026-11",
    },
    "POST /api/v1/borrowers/<user_id>/pan": lambda _: {"pan": f"ABCPM{next(_numbers):04d}F"},
    "POST /api/v1/borrowers/<user_id>/phone": lambda _: {"phone": "+919876543210"},
    "POST /api/v1/approvals/<approval_id>/approve": lambda _: {},
    "POST /api/v1/approvals/<approval_id>/reject": lambda _: {"note": "a test"},
    "POST /api/v1/approvals/<approval_id>/withdraw": lambda _: {},
    "POST /api/v1/webhooks/endpoints": lambda _: {
        "url": f"https://hooks.example.com/{next(_numbers)}",
        "events": ["loan.closed"],
    },
    **{
        f"POST /api/v1/webhooks/endpoints/<endpoint_id>/{verb}": lambda _: {}
        for verb in ("rotate-secret", "disable", "enable")
    },
    "POST /api/v1/auth/codes": lambda _: {"email": "nobody@example.com"},
    "POST /api/v1/auth/tokens": lambda _: {
        "challenge_id": "00000000-0000-4000-8000-000000000000",
        "code": "000000",
    },
    "POST /api/v1/auth/tokens/refresh": lambda _: {"refresh_token": "blr_none"},
    "POST /api/v1/auth/sign-out": lambda _: {},
    "POST /api/v1/users/reminders": lambda _: {"wanted": False},
}
QUERIES: dict[str, Body] = {
    "GET /api/v1/credit/scores": lambda target: {"user_id": target.user_id},
    "GET /api/v1/loans": lambda target: {"user_id": target.user_id},
    "GET /api/v1/statements": lambda target: {"loan_id": target.loan_id},
    "GET /api/v1/loans/<loan_id>/documents/interest-certificate": lambda _: {
        "financial_year": "2025-26"
    },
}


def call(client: Client, address: str, target: Target, headers: dict[str, str]) -> Any:
    """Call an address about a target."""
    method, _, path = address.partition(" ")
    path = path.replace("<loan_id>", target.loan_id).replace("<user_id>", target.user_id)
    path = path.replace("<payment_id>", str(target.payment_id)).replace("<charge>", CHARGE)
    path = path.replace("<approval_id>", str(target.approval_id))
    path = path.replace("<endpoint_id>", str(target.endpoint_id))
    extra: dict[str, Any] = {"REMOTE_ADDR": ELSEWHERE} | headers
    if method == "GET":
        query = QUERIES[address](target) if address in QUERIES else {}
        return client.get(path, query, **extra)
    body = json.dumps(BODIES[address](target))
    return client.generic(method, path, body, "application/json", **extra)
