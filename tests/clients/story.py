"""What a partner does with the generated client: the contract's story, over a running server.

Run by test_python_client, in a process whose path has the client: `python story.py http://host:port`.
"""

import sys

from brightlend_client import Client
from brightlend_client.api.credit import get_credit_scores
from brightlend_client.api.loans import apply_for_loan, get_loan, list_loans, post_payment
from brightlend_client.api.statements import get_statement
from brightlend_client.api.users import register_borrower
from brightlend_client.models import (
    ApplicationAnswer,
    ApplyRequest,
    LoanPage,
    PaymentAnswer,
    PaymentRequest,
    Problem,
    RegistrationAnswer,
    RegistrationRequest,
    ScoresAnswer,
)


def main(url: str) -> None:
    """Register, look at the score, borrow, pay twice under one key, read, and be refused."""
    client = Client(base_url=url)
    user_id = registered(client)
    scores = get_credit_scores.sync(client=client, user_id=user_id)
    assert isinstance(scores, ScoresAnswer)
    assert scores.factors.payment_history == "EXCELLENT"
    loan_id = borrowed(client, user_id)
    paid(client, loan_id)
    page = list_loans.sync(client=client, user_id=user_id, limit=1)
    assert isinstance(page, LoanPage)
    assert [loan.loan_id for loan in page.results] == [loan_id]
    assert page.next_ is None
    read = get_loan.sync_detailed(loan_id, client=client)
    unchanged = get_loan.sync_detailed(loan_id, client=client, if_none_match=read.headers["ETag"])
    assert unchanged.status_code == 304
    refused = get_statement.sync(client=client, loan_id="LN-1-1")
    assert isinstance(refused, Problem)
    assert (refused.status, refused.code) == (404, "loan_not_found")


def registered(client: Client) -> str:
    """Return the id of the contract's borrower, registered."""
    asked = {
        "aadhar_id": "888877776666",
        "name": "Rahul Sharma",
        "email": "rahul@brightlend.com",
        "annual_income": 1800000,
        "employment_type": "SALARIED",
    }
    answer = register_borrower.sync(client=client, body=RegistrationRequest.from_dict(asked))
    assert isinstance(answer, RegistrationAnswer), answer
    assert (answer.user_id, answer.initial_credit_score) == ("BC-USER-009", 720)
    return str(answer.user_id)


def borrowed(client: Client, user_id: str) -> str:
    """Return the id of the contract's loan."""
    asked = {
        "user_id": user_id,
        "product": "PERSONAL_LOAN",
        "amount": 500000,
        "tenure_months": 24,
        "purpose": "HOME_RENOVATION",
    }
    answer = apply_for_loan.sync(client=client, body=ApplyRequest.from_dict(asked))
    assert isinstance(answer, ApplicationAnswer), answer
    assert answer.status == "APPROVED"
    return str(answer.loan_id)


def paid(client: Client, loan_id: str) -> None:
    """Pay once, although the request is sent twice."""
    asked = {"loan_id": loan_id, "amount": 1234.56, "payment_method": "UPI", "reference_id": "PY-1"}
    body = PaymentRequest.from_dict(asked)
    key = '"8e03978e-40d5-43dd-bc93-6894a57f9324"'
    first = post_payment.sync_detailed(client=client, body=body, idempotency_key=key)
    again = post_payment.sync_detailed(client=client, body=body, idempotency_key=key)
    assert isinstance(first.parsed, PaymentAnswer), first
    assert first.parsed.allocation.advance == 1234.56
    assert again.content == first.content
    assert again.headers["Idempotent-Replayed"] == "true"


if __name__ == "__main__":
    main(sys.argv[1])
