"""The quick start as it is typed, over real HTTP, with the real worker."""

import json
import re
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from email.message import Message
from http.client import HTTPConnection
from pathlib import Path
from typing import IO, Any

import pytest

from bright_credit.common import business_day
from tests.acceptance.checkout import Checkout

WORKER = "celery -A bright_credit worker --loglevel=info"
BEAT = "celery -A bright_credit beat"

REGISTRATION = {
    "aadhar_id": "888877776666",
    "name": "Rahul Sharma",
    "email": "rahul@brightlend.com",
    "annual_income": 1800000,
    "employment_type": "SALARIED",
}
APPLICATION = {
    "user_id": "BC-USER-009",
    "product": "PERSONAL_LOAN",
    "amount": 500000,
    "tenure_months": 24,
    "purpose": "HOME_RENOVATION",
}
PAYMENT = {
    "loan_id": "LN-2025-0456",
    "amount": 24500,
    "payment_method": "UPI",
    "reference_id": "PAY-789XYZ",
}
IN_THE_SHELL = """
from loan.tasks import process_daily_billing
process_daily_billing.delay()
"""
CLOSED_THROUGH = """
from loan.models import BillingRun, BusinessDay
day = BusinessDay.objects.get().closed_through_date
print(day, BillingRun.objects.get(business_date=day).status)
"""
EVERY_SECOND = """
from django_celery_beat.models import IntervalSchedule, PeriodicTask
daily = PeriodicTask.objects.get(task="loan.tasks.process_daily_billing", enabled=True)
assert (daily.crontab.hour, daily.crontab.minute) == ("0", "30")
assert str(daily.crontab.timezone) == "Asia/Kolkata"
daily.crontab = None
daily.interval = IntervalSchedule.objects.create(every=1, period="seconds")
daily.save()
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back over HTTP."""

    status: int
    headers: Message
    body: Any


class Api:
    """The API of a running copy."""

    def __init__(self, port: int) -> None:
        self._port = port

    def get(self, address: str) -> Answer:
        return self._call("GET", address)

    def post(self, address: str, body: Mapping[str, object]) -> Answer:
        return self._call("POST", address, json.dumps(body))

    def answers(self) -> bool:
        try:
            return self.get("/api/v1/loans/none").status == 404
        except OSError:
            return False

    def _call(self, method: str, address: str, body: str | None = None) -> Answer:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=60)
        try:
            connection.request(method, address, body, {"Content-Type": "application/json"})
            response = connection.getresponse()
            return Answer(response.status, response.headers, _exact(response))
        finally:
            connection.close()


def _exact(stream: IO[bytes]) -> Any:
    """Return a JSON body with its amounts as they are written."""
    return json.load(stream, parse_float=Decimal)


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Checkout]:
    with Checkout(tmp_path / "brightlend") as copy:
        yield copy


def test_the_quick_start_works_as_typed(checkout: Checkout) -> None:
    assert checkout.must("python manage.py makemigrations") == "No changes detected\n"
    checkout.must("python manage.py migrate")
    checkout.must("python manage.py loaddata initial_data.json")
    port = free_port()
    api = Api(port)
    web = checkout.leave_running(f"python manage.py runserver {port}")
    checkout.leave_running(WORKER)
    checkout.leave_running(BEAT)
    checkout.wait_for("answer", api.answers, line=web)

    register_and_score(api)
    apply(api)
    pay(api)
    read_the_statement(api)
    bill_in_the_worker(checkout)

    let_the_beat_call_the_worker(checkout)

    checkout.must("python manage.py verify_books")
    assert checkout.still_running() == [web, WORKER, BEAT]
    checkout.stop()
    assert checkout.running_servers() == ["PostgreSQL", "Valkey"]
    assert checkout.must("python manage.py stop_services") == "Stopped: PostgreSQL, Valkey.\n"
    assert checkout.running_servers() == []


def register_and_score(api: Api) -> None:
    registered = api.post("/api/v1/users/register", REGISTRATION)
    assert registered.status == 201
    assert registered.body == {
        "user_id": "BC-USER-009",
        "welcome_message": "Account activated successfully",
        "initial_credit_score": 720,
    }
    scored = api.get("/api/v1/credit/scores?user_id=BC-USER-009").body
    assert scored["score"] == 720
    assert scored["factors"] == {
        "payment_history": "EXCELLENT",
        "credit_utilization": "LOW_RISK",
        "credit_age": "GOOD",
    }


def apply(api: Api) -> None:
    applied = api.post("/api/v1/loans/apply", APPLICATION)
    assert applied.status == 201, applied.body
    loan = applied.body
    assert loan["status"] == "APPROVED"
    number = re.fullmatch(r"LN-([0-9]{4})-([0-9]{4,})", loan["loan_id"])
    assert number is not None
    assert loan["disbursed_on"].startswith(number[1])
    assert int(number[2]) > 456
    assert len(loan["schedule"]) == 24
    assert sum(row["principal"] for row in loan["schedule"]) == 500000
    assert loan["first_due_date"] == loan["schedule"][0]["due_date"]
    assert loan["emi"] == loan["schedule"][0]["amount"]
    assert loan["apr"] > loan["interest_rate"] > 0


def pay(api: Api) -> None:
    paid = api.post("/api/v1/loans/payments", PAYMENT)
    assert paid.status == 201, paid.body
    allocation = paid.body["allocation"]
    assert (allocation["principal"], allocation["interest"]) == (20833, 3667)
    assert sum(allocation.values()) == 24500

    repeated = api.post("/api/v1/loans/payments", PAYMENT)
    assert (repeated.status, repeated.body) == (paid.status, paid.body)

    differing = api.post("/api/v1/loans/payments", PAYMENT | {"amount": 24501})
    assert (differing.status, differing.body["code"]) == (409, "reference_reused")


def read_the_statement(api: Api) -> None:
    statement = api.get("/api/v1/statements?loan_id=LN-2025-0456").body
    summary = statement["loan_summary"]
    assert {"principal_paid", "interest_paid", "outstanding"} <= summary.keys()
    assert summary["principal_paid"] + summary["outstanding"] == 500000
    assert statement["payment_history"][0] == {
        "due_date": "2025-04-05",
        "status": "PAID",
        "breakdown": {"principal": 20833, "interest": 3667},
    }
    references = [payment["reference_id"] for payment in statement["payments"]]
    assert references.count("PAY-789XYZ") == 1


def bill_in_the_worker(checkout: Checkout) -> None:
    before = yesterday()
    checkout.must("python manage.py shell", keys=IN_THE_SHELL)

    checkout.wait_for("billing run", lambda: tasks_done(checkout) > 0, line=WORKER)
    day, status = checkout.must("python manage.py shell", keys=CLOSED_THROUGH).split()[-2:]
    assert before <= date.fromisoformat(day) <= yesterday()
    assert status == "CLOSED"


def let_the_beat_call_the_worker(checkout: Checkout) -> None:
    """Edit the daily schedule, as operations may, and see the running beat follow it."""
    done = tasks_done(checkout)
    checkout.must("python manage.py shell", keys=EVERY_SECOND)
    checkout.wait_for("call by the beat", lambda: tasks_done(checkout) > done, line=WORKER)


def tasks_done(checkout: Checkout) -> int:
    """Return how many billing tasks the worker has finished well."""
    said = checkout.log(WORKER).read_text(errors="replace")
    return len(re.findall(r"process_daily_billing\[[0-9a-f-]+\] succeeded", said))


def yesterday() -> date:
    """Return the last day that has ended in India, which a run closes unless told otherwise."""
    return business_day.today() - timedelta(days=1)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
