"""A canary: whatever happens to a registration, its Aadhaar number turns up nowhere."""

import base64
import json
import logging
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.views.debug import ExceptionReporter

from tests.integration.users.people import AS_OF, declaration, registered
from users.models import AadhaarRecord, Borrower
from users.services.registration import register_borrower

CANARY = "888877776666"
WRONG_CANARY = "888877776667"
URL = "/api/v1/users/register"
FORMS = tuple(
    form
    for number in (CANARY, WRONG_CANARY)
    for form in (
        number,
        f"{number[:4]} {number[4:8]} {number[8:]}",
        f"{number[:4]}-{number[4:8]}-{number[8:]}",
        number.encode().hex(),
        base64.b64encode(number.encode()).decode(),
    )
)

pytestmark = pytest.mark.django_db

VALID: dict[str, object] = {
    "aadhar_id": CANARY,
    "name": "Rahul Sharma",
    "email": "rahul@brightlend.com",
    "annual_income": 1_800_000,
    "employment_type": "SALARIED",
}
REFUSED: dict[str, dict[str, object]] = {
    "wrong check digit": VALID | {"aadhar_id": WRONG_CANARY},
    "a number, no string": VALID | {"aadhar_id": int(CANARY)},
    "a fraction": VALID | {"aadhar_id": float(CANARY) + 0.5},
    "spaced": VALID | {"aadhar_id": "8888 7777 6666"},
    "padded": VALID | {"aadhar_id": f" {CANARY} "},
    "in a list": VALID | {"aadhar_id": [CANARY]},
    "in an object": VALID | {"aadhar_id": {"number": CANARY}},
    "also as the name": VALID | {"name": CANARY},
    "also inside the name": VALID | {"name": f"Rahul {CANARY}"},
    "also in the e-mail": VALID | {"email": f"{CANARY}@brightlend.com"},
    "also as a bad e-mail": VALID | {"email": CANARY},
    "also as the employment type": VALID | {"employment_type": CANARY},
    "also as the income": VALID | {"annual_income": int(CANARY)},
    "also as the date of birth": VALID | {"date_of_birth": CANARY},
    "under another name too": VALID | {"aadhaar_number": CANARY},
    "under another name only": {"aadhaar": CANARY},
    "alone": {"aadhar_id": CANARY},
    "a minor": VALID | {"date_of_birth": "2020-01-01"},
}


@pytest.fixture(autouse=True)
def every_log(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Capture all that is logged, the database's statements and their parameters too."""
    connection.force_debug_cursor = True
    with caplog.at_level(logging.DEBUG), caplog.at_level(logging.DEBUG, "django.db.backends"):
        yield
    connection.force_debug_cursor = False


def found_in(text: str) -> list[str]:
    """Return the forms of the canary that a text shows."""
    return [form for form in FORMS if form in text]


def logged(caplog: pytest.LogCaptureFixture) -> str:
    """Return every log line, with its arguments and traceback."""
    formatter = logging.Formatter("%(message)s %(args)s %(pathname)s")
    return "\n".join(formatter.format(record) for record in caplog.records)


def database_dump() -> str:
    """Return every row of every table as PostgreSQL writes it, bytes in hexadecimal."""
    rows: list[str] = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            name = connection.ops.quote_name(table)
            cursor.execute(f"SELECT row_to_json(t)::text, t::text FROM {name} t")  # noqa: S608
            rows += [text for row in cursor.fetchall() for text in row]
    return "\n".join(rows)


def post(client: Client, body: dict[str, object]) -> Any:
    """Send a registration."""
    return client.post(URL, data=json.dumps(body), content_type="application/json")


def spoken(response: Any) -> str:
    """Return all that an answer says: status line, headers, body."""
    return f"{response.status_code} {dict(response.items())} {response.content.decode()}"


@pytest.mark.usefixtures("scored_700")
def test_the_dump_would_show_a_number_that_was_stored() -> None:
    Borrower.objects.create(
        name=CANARY, email="a@b.example", annual_income_paise=1, employment_type="OTHER"
    )
    assert CANARY in found_in(database_dump())
    Borrower.objects.update(name="Rahul")
    registered(email="c@d.example")
    AadhaarRecord.objects.update(ciphertext=CANARY.encode().ljust(41))
    assert CANARY.encode().hex() in found_in(database_dump())


@pytest.mark.usefixtures("scored_700")
def test_a_registration_shows_the_number_nowhere(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    response = post(client, VALID)
    assert response.status_code == 201
    assert found_in(spoken(response)) == []
    assert any("users_aadhaarrecord" in record.getMessage() for record in caplog.records)
    assert found_in(logged(caplog)) == []
    assert "rahul@brightlend.com" in database_dump()
    assert found_in(database_dump()) == []


@pytest.mark.parametrize("body", REFUSED.values(), ids=REFUSED.keys())
@pytest.mark.usefixtures("scored_700")
def test_a_refused_registration_shows_the_number_nowhere(
    client: Client, caplog: pytest.LogCaptureFixture, body: dict[str, object]
) -> None:
    response = post(client, body)
    assert 400 <= response.status_code < 500
    assert found_in(spoken(response)) == []
    assert found_in(logged(caplog)) == []
    assert found_in(database_dump()) == []


@pytest.mark.usefixtures("scored_700")
def test_a_duplicate_shows_the_number_nowhere(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    assert post(client, VALID).status_code == 201
    response = post(client, VALID | {"email": "other@brightlend.com"})
    assert response.status_code == 409
    assert found_in(spoken(response) + logged(caplog) + database_dump()) == []


@pytest.mark.parametrize("reported_as", ["html", "text"])
def test_a_failure_nobody_foresaw_shows_the_number_neither_to_client_log_nor_report(
    client: Client,
    caplog: pytest.LogCaptureFixture,
    score_with: Callable[..., None],
    reported_as: str,
) -> None:
    def scorer(borrower: Borrower, as_of: date) -> int:
        raise ZeroDivisionError("the scorer fell over")

    score_with(scorer)
    client.raise_request_exception = False
    response = post(client, VALID)
    assert response.status_code == 500
    (failure,) = [record for record in caplog.records if record.exc_info and record.levelno >= 40]
    assert failure.exc_info is not None
    reporter = ExceptionReporter(failure.__dict__["request"], *failure.exc_info)
    report = (
        reporter.get_traceback_html() if reported_as == "html" else reporter.get_traceback_text()
    )
    assert "the scorer fell over" in report
    assert found_in(report) == []
    assert found_in(spoken(response)) == []
    assert found_in(logged(caplog)) == []
    assert found_in(database_dump()) == []


def test_a_failure_under_another_caller_than_the_api_does_not_report_the_number_either(
    score_with: Callable[..., None],
) -> None:
    score_with()
    with pytest.raises(RuntimeError, match="scored once") as failure:
        register_borrower(**declaration(aadhaar_number=CANARY), as_of=AS_OF)
    of_the_service = failure.tb.tb_next  # past this test, which knows the number
    report = ExceptionReporter(None, failure.type, failure.value, of_the_service)
    assert "register_borrower" in report.get_traceback_html()
    assert found_in(report.get_traceback_html()) == []


@pytest.mark.usefixtures("scored_700")
def test_no_representation_of_what_registration_returns_shows_the_number() -> None:
    registration = registered(aadhaar_number=CANARY)
    record = AadhaarRecord.objects.get()
    shown = f"{registration!r} {registration} {record!r} {record} {vars(record)!r} {AS_OF}"
    assert found_in(shown) == []
