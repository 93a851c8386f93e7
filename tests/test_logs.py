from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest

from chalicelib import logs


@pytest.fixture(autouse=True)
def _configured() -> Iterator[None]:
    root = logging.getLogger()
    before = (root.handlers, root.level)
    logs.configure("INFO")
    yield
    root.handlers, root.level = before


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    captured = capsys.readouterr()
    assert captured.out == ""
    return [json.loads(line) for line in captured.err.splitlines()]


def test_a_line_is_one_json_object_with_time_level_and_event(capsys: pytest.CaptureFixture[str]) -> None:
    logs.log("request", route="/v1/decisions/{id}", status=200, replayed=True, force=None)
    (line,) = lines(capsys)
    assert str(line.pop("time")).endswith("Z")
    assert line == {"level": "INFO", "event": "request", "route": "/v1/decisions/{id}", "status": 200, "replayed": True}


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("Jo Smith", "words"),
        ("jo@force.example", "an address"),
        ("+447700900123", "a telephone number"),
        ("07700900123", "a telephone number"),
        ("07700-900-123", "a telephone number"),
        ("01632.960.123", "a telephone number"),
        ("a\nb", "a second line"),
        ("x" * 201, "too long"),
        ("", "nothing"),
        (447700900123, "a number that long"),
        (1.5, "a fraction"),
        (["a"], "a list"),
        ({"a": 1}, "an object"),
        ("Straße", "not a code"),
    ],
)
def test_what_is_no_code_is_dropped_and_named(value: object, why: str, capsys: pytest.CaptureFixture[str]) -> None:
    logs.log("request", note=value, status=200)
    (line,) = lines(capsys)
    assert "note" not in line, why
    assert line["dropped"] == ["note"]
    assert line["status"] == 200


@pytest.mark.parametrize(
    "value",
    [
        "cad-01",
        "hertfordshire",
        "6f1b8f0e-5c0b-4d39-9a51-0f4f8a1c7d22",
        "11111111-2222-3333-4444-555555555555",
        "0.1.0",
        "a1b2" * 16,
    ],
)
def test_codes_and_ids_get_through(value: str, capsys: pytest.CaptureFixture[str]) -> None:
    logs.log("request", client=value)
    assert lines(capsys)[0]["client"] == value


def test_a_code_cannot_take_the_place_of_what_every_line_has(capsys: pytest.CaptureFixture[str]) -> None:
    logs.log("request", level="FATAL")
    (line,) = lines(capsys)
    assert line["level"] == "INFO"
    assert line["dropped"] == ["level"]


def test_a_fault_says_where_it_arose_and_not_what_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    def inner() -> None:
        raise KeyError("Jo Smith, 07700 900123")

    try:
        try:
            inner()
        except KeyError as error:
            raise ValueError("caller said: help") from error
    except ValueError as error:
        logs.log_fault(error, operation="assess")
    (line,) = lines(capsys)
    text = json.dumps(line)
    assert line["error"] == "builtins.ValueError"
    assert "because of builtins.KeyError" in text
    assert ":inner" in text
    assert "Smith" not in text
    assert "07700" not in text
    assert "help" not in text


def test_a_library_says_where_and_not_what(capsys: pytest.CaptureFixture[str]) -> None:
    logging.getLogger("botocore.parsers").warning("body was %s", {"name": "Jo Smith"})
    logging.getLogger("botocore.parsers").info("unheard")
    (line,) = lines(capsys)
    assert line["event"] == "library"
    assert line["logger"] == "botocore.parsers"
    assert "Smith" not in json.dumps(line)


def test_lines_of_one_request_carry_its_correlation_id(capsys: pytest.CaptureFixture[str]) -> None:
    with logs.correlated("a" * 32):
        logs.log("one")
        with logs.correlated("b" * 32):
            logs.log("two")
        logs.log("three")
    logs.log("four")
    assert [line.get("correlation") for line in lines(capsys)] == ["a" * 32, "b" * 32, "a" * 32, None]


def test_less_severe_lines_can_be_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("ERROR")
    logs.log("request")
    logs.log_fault(ValueError())
    assert [line["event"] for line in lines(capsys)] == ["fault"]
