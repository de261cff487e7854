"""Canaries: a person's data and secrets, and the requests that they go through."""

from typing import Any

from django.test import Client

from tests.builders import a_product
from tests.callers import ELSEWHERE, as_partner, bearer, newest_code
from users.models import Partner

NAME = "Zubeida Canarywala"
EMAIL = "zubeida.canary@example.com"
AADHAAR = "888877776666"
PAN = "ZQXPC7731Y"
PHONE = "9173046284"
INCOME = 1_843_219


class Birds:
    """The canaries of a person and their partner, and the requests they go through."""

    def __init__(self, partner: Partner) -> None:
        self.partner = partner
        self.headers: dict[str, Any] = as_partner(partner)
        self.key = self.headers["HTTP_AUTHORIZATION"].removeprefix("Bearer ")
        self.secrets = [AADHAAR, PAN, PHONE, self.key]
        self.errors: list[str] = []
        self.user_id = ""

    @property
    def all(self) -> list[str]:
        """Return everything that must not turn up."""
        return [NAME, EMAIL, *self.secrets]

    def post(self, path: str, body: Any, **headers: Any) -> Any:
        """Post as the partner unless headers say otherwise; errors are kept for the sweep."""
        client = Client(raise_request_exception=False, REMOTE_ADDR=ELSEWHERE)
        answer = client.post(
            f"/api/v1/{path}", body, "application/json", **(headers or self.headers)
        )
        if answer.status_code >= 400:
            self.errors.append(f"{dict(answer.items())} {answer.content.decode()}")
        return answer

    def register(self, **changes: Any) -> Any:
        """Register the person."""
        declared = {
            "aadhar_id": AADHAAR,
            "name": NAME,
            "email": EMAIL,
            "annual_income": INCOME,
            "employment_type": "SALARIED",
            "pan": PAN,
            "phone": f"+91{PHONE}",
        }
        return self.post("users/register", declared | changes)

    def sign_in(self) -> dict[str, str]:
        """Sign the person in, with a wrong code first, and return their headers."""
        asked = self.post("auth/codes", {"email": EMAIL}, REMOTE_ADDR=ELSEWHERE).json()
        code, challenge = newest_code(), asked["challenge_id"]
        wrong = f"{(int(code) + 1) % 1_000_000:06d}"
        guess = {"challenge_id": challenge, "code": wrong}
        assert self.post("auth/tokens", guess, REMOTE_ADDR=ELSEWHERE).status_code == 401
        right = {"challenge_id": challenge, "code": code}
        tokens = self.post("auth/tokens", right, REMOTE_ADDR=ELSEWHERE).json()
        self.secrets += [tokens["access_token"], tokens["refresh_token"]]
        self.code = code
        return bearer(tokens["access_token"])

    def borrow(self) -> None:
        """Take a loan out."""
        a_product()
        wish = {
            "user_id": self.user_id,
            "product": "PERSONAL_LOAN",
            "amount": 100_000,
            "tenure_months": 12,
            "purpose": "EDUCATION",
        }
        taken = self.post("loans/apply", wish)
        assert taken.status_code == 201, taken.content
