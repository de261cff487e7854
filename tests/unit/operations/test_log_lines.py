"""Lines of the log: JSON that machines read, and nothing of the rows that failed."""

import json
import logging
import sys
from typing import Any

import psycopg
import pytest

from bright_credit.operations.log_lines import FORMATTERS, JsonLines, PlainLines, web_server_logging

DETAIL = "DETAIL:  Failing row contains (9, Asha Rao, asha@example.com)."


def a_record(message: str = "%s done", *args: object, **extra: Any) -> logging.LogRecord:
    record = logging.LogRecord("loan", logging.INFO, "x.py", 1, message, args or ("all",), None)
    vars(record).update(extra)
    return record


def a_refusal() -> Any:
    try:
        try:
            raise psycopg.errors.NotNullViolation(f'null value in column "x"\n{DETAIL}')
        except psycopg.Error as cause:
            raise RuntimeError(f"integrity: {cause}") from cause
    except RuntimeError:
        return sys.exc_info()


def test_a_line_is_one_json_object_that_says_when_what_and_for_which_request() -> None:
    line = JsonLines().format(a_record(request_id="abc", status=200, route="/api/v1/loans"))
    assert "\n" not in line
    said = json.loads(line)
    assert said.pop("at").endswith("Z")
    assert said == {
        "level": "INFO",
        "logger": "loan",
        "message": "all done",
        "request_id": "abc",
        "status": 200,
        "route": "/api/v1/loans",
    }


def test_a_line_outside_of_a_request_says_so() -> None:
    assert json.loads(JsonLines().format(a_record()))["request_id"] == "-"
    assert "[-] all done" in PlainLines().format(a_record())


def test_objects_that_others_attach_are_left_out() -> None:
    said = json.loads(JsonLines().format(a_record(request=object(), server_time="now")))
    assert {"request", "server_time"} & set(said) == set()


def test_line_breaks_in_a_message_do_not_make_two_lines_of_json() -> None:
    line = JsonLines().format(a_record("a%s", '\n{"level": "forged"}'))
    assert "\n" not in line
    assert json.loads(line)["level"] == "INFO"


@pytest.mark.parametrize("lines", [JsonLines(), PlainLines()])
def test_a_traceback_names_the_error_and_not_the_row(lines: logging.Formatter) -> None:
    record = a_record()
    record.exc_info = a_refusal()
    text = lines.format(record)
    assert "NotNullViolation" in text
    assert "RuntimeError" in text
    assert "in a_refusal" in text
    assert "null value in column" in text
    assert "Asha" not in text
    assert "example.com" not in text


@pytest.mark.parametrize("style", FORMATTERS)
def test_the_web_servers_own_lines_are_written_alike(style: str) -> None:
    written = web_server_logging(style=style, level="INFO")
    assert written["formatters"]["line"]["()"].endswith(FORMATTERS[style])


def test_a_style_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="json"):
        web_server_logging(style="xml", level="INFO")
