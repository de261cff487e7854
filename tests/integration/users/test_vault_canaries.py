"""Canaries: whatever happens to a registration, its numbers turn up nowhere."""

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
from django.views.decorators.debug import sensitive_variables

from tests.integration.users.people import AS_OF, aadhaar_number, declaration, registered
from users.models import AadhaarRecord, Borrower, PanRecord, PhoneRecord
from users.services.registration import register_borrower

CANARY = "888877776666"
WRONG_CANARY = "888877776667"
PAN, COMPANYS_PAN = "ZQXPC7731Y", "ZQXCC7731Y"
PHONE, NO_PHONE = "9173046284", "5173046284"
URL = "/api/v1/users/register"
FORMS = tuple(
    form
    for number in (CANARY, WRONG_CANARY, PAN, COMPANYS_PAN, PHONE, NO_PHONE)
    for form in (
        number,
        number.lower(),
        f"{number[:4]} {number[4:8]} {number[8:]}",
        f"{number[:4]}-{number[4:8]}-{number[8:]}",
        f"{number[:5]} {number[5:]}",
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
    "pan": PAN.lower(),
    "phone": f"+91 {PHONE[:5]} {PHONE[5:]}",
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
    "a company's PAN": VALID | {"pan": COMPANYS_PAN},
    "a PAN in a list": VALID | {"pan": [PAN]},
    "a PAN as the phone number": VALID | {"phone": PAN},
    "a PAN also in the e-mail": VALID | {"email": f"{PAN}@brightlend.com"},
    "a PAN also as the employment type": VALID | {"employment_type": PAN},
    "no phone number": VALID | {"phone": NO_PHONE},
    "a phone number, no string": VALID | {"phone": int(PHONE)},
    "a phone number as the PAN": VALID | {"pan": PHONE},
    "a phone number also as the name": VALID | {"name": f"Rahul {PHONE}"},
    "a phone number also as the income": VALID | {"annual_income": int(PHONE)},
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
    registered(email="c@d.example", pan=PAN, phone=PHONE)
    for records, number in ((AadhaarRecord, CANARY), (PanRecord, PAN), (PhoneRecord, PHONE)):
        sealed = number.encode().ljust(records.KIND.sealed_bytes)
        records._default_manager.update(ciphertext=sealed)
        assert number.encode().hex() in found_in(database_dump())


@pytest.mark.usefixtures("scored_700")
def test_a_registration_shows_the_number_nowhere(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    response = post(client, VALID)
    assert response.status_code == 201
    assert found_in(spoken(response)) == []
    for table in ("users_aadhaarrecord", "users_panrecord", "users_phonerecord"):
        assert any(f'INSERT INTO "{table}"' in record.getMessage() for record in caplog.records)
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
@pytest.mark.parametrize(
    "changes",
    [
        {"email": "other@brightlend.com"},
        {"email": "other@brightlend.com", "aadhar_id": aadhaar_number(1)},
    ],
)
def test_a_duplicate_shows_the_number_nowhere(
    client: Client, caplog: pytest.LogCaptureFixture, changes: dict[str, object]
) -> None:
    assert post(client, VALID).status_code == 201
    response = post(client, VALID | changes)
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
        register_borrower(**declaration(aadhaar_number=CANARY, pan=PAN, phone=PHONE), as_of=AS_OF)
    of_the_service = failure.tb.tb_next  # past this test, which knows the number
    report = ExceptionReporter(None, failure.type, failure.value, of_the_service)
    assert "register_borrower" in report.get_traceback_html()
    assert found_in(report.get_traceback_html()) == []


@pytest.mark.usefixtures("scored_700")
def test_no_representation_of_what_registration_returns_shows_the_number() -> None:
    registration = registered(aadhaar_number=CANARY, pan=PAN, phone=PHONE)
    shown = f"{registration!r} {registration} {vars(registration.borrower)!r} {AS_OF}"
    for records in (AadhaarRecord, PanRecord, PhoneRecord):
        record = records._default_manager.get()
        shown += f"{record!r} {record} {vars(record)!r}"
    assert found_in(shown) == []


@pytest.mark.parametrize("what", ["pan", "phone"])
@pytest.mark.usefixtures("scored_700")
def test_a_number_given_later_is_shown_nowhere_whatever_happens(
    client: Client, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    mine, theirs = registered(1).borrower, registered(2).borrower
    client.raise_request_exception = False

    def give(borrower: Borrower, **body: object) -> Any:
        address = f"/api/v1/borrowers/{borrower.public_id}/{what}"
        return client.post(address, json.dumps(body), content_type="application/json")

    good = PAN if what == "pan" else PHONE
    answers = [
        give(mine, **{what: good}),
        give(theirs, **{what: good}),
        give(mine, **{what: COMPANYS_PAN if what == "pan" else NO_PHONE}),
        give(mine, **{what: [good]}),
        give(mine, **{what: good, "note": good}),
    ]
    monkeypatch.setattr("users.services.numbers.keep", _falls_over)
    answers.append(give(mine, **{what: good}))
    second = 409 if what == "pan" else 200
    assert [answer.status_code for answer in answers] == [200, second, 400, 400, 400, 500]
    (failure,) = [record for record in caplog.records if record.exc_info and record.levelno >= 40]
    assert failure.exc_info is not None
    reporter = ExceptionReporter(failure.__dict__["request"], *failure.exc_info)
    texts = [spoken(answer) for answer in answers]
    texts += [reporter.get_traceback_html(), reporter.get_traceback_text()]
    texts += [logged(caplog), database_dump()]
    assert [form for text in texts for form in found_in(text)] == []


@sensitive_variables()
def _falls_over(text: str, record: object) -> None:
    raise ZeroDivisionError("the vault fell over")
