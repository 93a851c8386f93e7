from __future__ import annotations

import pytest
from chalice.app import Request
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.api.identity import body_of, incoming, trace_of
from chalicelib.errors import Unreadable


def a_request(**changes: object) -> Request:
    """A request as API Gateway hands it over."""
    usual: dict[str, object] = {
        "multiValueQueryStringParameters": None,
        "headers": {"X-Forwarded-For": "127.0.0.1"},
        "pathParameters": None,
        "requestContext": {"httpMethod": "GET", "resourcePath": "/v1/things/{id}"},
        "body": None,
        "stageVariables": None,
        "isBase64Encoded": False,
    }
    return Request({**usual, **changes})


def test_header_names_are_read_in_any_case() -> None:
    assert incoming(a_request(headers={"TraceParent": "x"})).headers == {"traceparent": "x"}


def test_a_repeated_query_parameter_keeps_all_its_values() -> None:
    found = incoming(a_request(multiValueQueryStringParameters={"a": ["1", "2"], "b": [""]}))
    assert found.query == {"a": ["1", "2"], "b": [""]}


@pytest.mark.parametrize(
    ("changes", "body"),
    [
        ({"body": None}, b""),
        ({"body": "{}"}, b"{}"),
        ({"body": "\u00e9"}, b"\xc3\xa9"),
        ({"body": b"{}"}, b"{}"),
        ({"body": "e30=", "isBase64Encoded": True}, b"{}"),
    ],
)
def test_a_body_comes_as_bytes_whatever_the_gateway_made_of_it(changes: dict[str, object], body: bytes) -> None:
    assert body_of(a_request(**changes)) == body


@pytest.mark.parametrize("changes", [{"body": "\ud800"}, {"body": "e30", "isBase64Encoded": True}])
def test_a_body_that_cannot_be_decoded_is_unreadable(changes: dict[str, object]) -> None:
    with pytest.raises(Unreadable):
        body_of(a_request(**changes))


@given(st.text())
def test_any_traceparent_gives_a_trace_that_can_be_sent(text: str) -> None:
    found = trace_of({"traceparent": text})
    assert found.traceparent.isascii()
    assert len(found.trace_id) == 32
