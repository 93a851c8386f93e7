from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest

from chalicelib import logs
from chalicelib.api.application import Application, application_of
from chalicelib.api.endpoint import Answer, Operation, Parameter, ResponseForm
from chalicelib.auth.roles import Permission
from tests.api.frames import KEY, OPERATIONS, an_application, identify, posted, problem, send
from tests.callers import a_token


@pytest.fixture(scope="module")
def app() -> Application:
    return an_application()


@pytest.fixture
def _logging() -> Iterator[None]:
    root = logging.getLogger()
    before = (root.handlers, root.level)
    logs.configure("INFO")
    yield
    root.handlers, root.level = before


def test_an_answer_carries_its_headers_and_is_never_cached(app: Application) -> None:
    response = posted(app)
    assert response.status_code == 201
    assert response.headers["Location"] == "/v1/things/1"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Content-Type"] == "application/json"
    assert response.json_body["key"] == KEY
    assert response.json_body["client"] == "cad-01"


def test_a_valid_traceparent_is_echoed(app: Application) -> None:
    sent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    response = posted(app, traceparent=sent)
    assert response.headers["traceparent"] == sent
    assert response.json_body["correlation"] == "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "garbage",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\n",
    ],
)
def test_an_invalid_traceparent_is_replaced(app: Application, sent: str) -> None:
    found = posted(app, traceparent=sent).headers["traceparent"]
    assert found != sent.strip() or sent.endswith("\n")
    version, trace_id, span_id, _ = found.split("-")
    assert (version, len(trace_id), len(span_id)) == ("00", 32, 16)


def test_no_token_is_401_with_a_challenge(app: Application) -> None:
    response = posted(app, authorization=None)
    problem(response, 401, "token_missing")
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="thriives"'


@pytest.mark.parametrize(
    "sent", ["Basic YTpi", "Bearer", "Bearer a b", "Bearer a, Bearer b", "a.b.c", "Bearer é", "Bearer " + "x" * 9000]
)
def test_an_unusable_authorization_is_401_with_a_reason(app: Application, sent: str) -> None:
    response = posted(app, authorization=sent)
    problem(response, 401, "token_malformed")
    assert 'error="invalid_token"' in response.headers["WWW-Authenticate"]


def test_the_scheme_of_a_token_may_be_written_in_any_case(app: Application) -> None:
    assert posted(app, authorization=f"bearer {a_token()}").status_code == 201


def test_a_role_without_the_permission_is_403(app: Application) -> None:
    response = posted(app, authorization=f"Bearer {a_token(['auditor'])}")
    problem(response, 403, "forbidden")
    assert 'error="insufficient_scope"' in response.headers["WWW-Authenticate"]


def test_who_may_not_ask_learns_nothing_about_the_request(app: Application) -> None:
    response = send(app, "POST", "/v1/things?x=1", headers={"authorization": ""}, body=b"x" * 100_000)
    problem(response, 401, "token_missing")


def test_another_force_is_404(app: Application) -> None:
    problem(send(app, "GET", "/v1/things/1?force=essex"), 404, "force_not_found")


def test_a_body_beyond_the_limit_is_413(app: Application) -> None:
    problem(send(app, "POST", "/v1/things", body=b" " * (64 * 1024 + 1)), 413, "too_large")
    assert send(app, "POST", "/v1/things", body=b'{"name":"one"}'.ljust(64 * 1024)).status_code == 201


@pytest.mark.parametrize(
    ("key", "code"),
    [
        (None, "idempotency_key_missing"),
        ("", "idempotency_key_missing"),
        ("short", "idempotency_key"),
        ("x" * 65, "idempotency_key"),
        ("+447700900123-with-a-number", "idempotency_key"),
        (KEY + "\n", "idempotency_key"),
        (f"{KEY}, {KEY}", "idempotency_key"),
    ],
)
def test_what_is_recorded_needs_an_idempotency_key(app: Application, key: str | None, code: str) -> None:
    found = problem(posted(app, idempotency_key=key), 400, code)
    assert found["errors"][0]["pointer"] == "/header/Idempotency-Key"


@pytest.mark.parametrize(
    "media", [None, "", "text/plain", "application/jsonx", "application/json; charset=latin-1", "*/*"]
)
def test_another_media_type_is_415(app: Application, media: str | None) -> None:
    found = problem(posted(app, content_type=media), 415, "media_type")
    assert found["errors"][0]["expected"] == "application/json, in UTF-8"


@pytest.mark.parametrize("media", ["application/json", "Application/JSON", 'application/json; charset="UTF-8"'])
def test_json_in_utf_8_is_taken_however_it_is_named(app: Application, media: str) -> None:
    assert posted(app, content_type=media).status_code == 201


def test_a_body_where_none_is_taken_is_400(app: Application) -> None:
    problem(send(app, "GET", "/v1/things/1", body=b"{}"), 400, "bad_request")


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"name":"a","name":"b"}', b"[" * 10_000])
def test_an_unreadable_body_is_400(app: Application, body: bytes) -> None:
    problem(send(app, "POST", "/v1/things", body=body), 400, "unreadable")


@pytest.mark.parametrize(
    ("query", "pointer", "code"),
    [
        ("colour=red", "/query/colour", "unknown_parameter"),
        ("size=1&size=2", "/query/size", "repeated_parameter"),
        ("size=", "/query/size", "parameter"),
        ("size=-1", "/query/size", "parameter"),
        ("size=1.0", "/query/size", "parameter"),
        ("size=01", "/query/size", "parameter"),
        ("size=%D9%A3", "/query/size", "parameter"),
        ("size=99999999999999999999", "/query/size", "parameter"),
        ("mode=LIVE", "/query/mode", "parameter"),
        ("since=yesterday", "/query/since", "parameter"),
        ("since=2026-11-23T04:17:00", "/query/since", "parameter"),
        ("since=2026-11-23T04:17:00+00:00", "/query/since", "parameter"),
        ("since=2026-02-30T04:17:00Z", "/query/since", "parameter"),
        ("force=Essex%0A", "/query/force", "parameter"),
        ("force=essex%0A", "/query/force", "parameter"),
        ("force=%FF", "/query/force", "parameter"),
    ],
)
def test_a_wrong_query_is_400_and_says_where(app: Application, query: str, pointer: str, code: str) -> None:
    found = problem(send(app, "GET", f"/v1/things/1?{query}"), 400, "bad_request")
    assert [(fault["pointer"], fault["code"]) for fault in found["errors"]] == [(pointer, code)]


def test_each_wrong_parameter_is_named(app: Application) -> None:
    found = problem(send(app, "GET", "/v1/things/%0A?size=x&mode=y&z=1"), 400, "bad_request")
    assert [fault["pointer"] for fault in found["errors"]] == ["/path/id", "/query/z", "/query/size", "/query/mode"]


def test_a_right_query_arrives(app: Application) -> None:
    response = send(app, "GET", "/v1/things/HC-20261123-0417?mode=live&since=2026-11-23T04:17:00%2B00:00")
    assert response.json_body["query"] == {"mode": "live", "since": "2026-11-23T04:17:00+00:00"}


def test_a_path_parameter_arrives_decoded_and_is_checked_decoded(app: Application) -> None:
    assert send(app, "GET", "/v1/things/HC%2D1").json_body["id"] == "HC-1"
    for bad in ("%2e%2e%2f", "a%00", "%FF", "a%20b", "%C3%A9"):
        problem(send(app, "GET", f"/v1/things/{bad}"), 400, "bad_request")


@pytest.mark.parametrize(
    ("prefer", "strict"),
    [
        (None, False),
        ("handling=strict", True),
        ("respond-async, Handling=Strict", True),
        ('handling="strict"; foo', True),
        ("handling=lenient", False),
        ("x-handling=strict", False),
        ("handling=stricter", False),
    ],
)
def test_strict_handling_has_to_be_asked_for(app: Application, prefer: str | None, strict: bool) -> None:
    assert posted(app, prefer=prefer).json_body["strict"] is strict


def test_a_deliberate_error_becomes_its_problem(app: Application) -> None:
    found = problem(posted(app, "refused"), 409, "not_now")
    assert found["outstanding"] == ["a"]
    found = problem(posted(app, "wrong"), 422, "invalid")
    assert found["errors"] == [{"code": "name", "pointer": "/name", "detail": "it is wrong", "expected": "another"}]


def test_every_503_says_when_to_come_back(app: Application) -> None:
    response = posted(app, "down")
    assert problem(response, 503, "unavailable")["advice"] == {"recorded": False}
    assert response.headers["Retry-After"] == "2"


@pytest.mark.usefixtures("_logging")
def test_an_unforeseen_error_is_a_500_without_a_word_of_it(
    app: Application, capsys: pytest.CaptureFixture[str]
) -> None:
    response = posted(app, "broken")
    problem(response, 500, "internal")
    printed = capsys.readouterr()
    for text in (response.body.decode(), printed.out, printed.err):
        assert "Smith" not in text
        assert "07700" not in text
    fault, request = (json.loads(line) for line in printed.err.splitlines())
    assert (fault["event"], fault["error"], fault["operation"]) == ("fault", "builtins.RuntimeError", "create_thing")
    assert (request["event"], request["status"]) == ("request", 500)
    assert fault["correlation"] == request["correlation"] == response.headers["traceparent"].split("-")[1]


@pytest.mark.usefixtures("_logging")
def test_a_request_makes_one_line_without_what_was_sent(app: Application, capsys: pytest.CaptureFixture[str]) -> None:
    send(app, "GET", "/v1/things/HC-20261123-0417")
    (text,) = capsys.readouterr().err.splitlines()
    line = json.loads(text)
    assert "HC-2026" not in text
    assert (line["method"], line["route"], line["status"]) == ("GET", "/v1/things/{id}", 200)
    assert (line["client"], line["force"]) == ("cad-01", "hertfordshire")
    assert isinstance(line["milliseconds"], int)


def test_an_answer_that_is_too_large_is_refused_by_us(app: Application) -> None:
    assert send(app, "GET", "/v1/things/1?size=4000000").status_code == 200
    problem(send(app, "GET", "/v1/things/1?size=5000000"), 413, "answer_too_large")


def test_a_wrong_method_is_a_405_problem_with_the_right_ones(app: Application) -> None:
    response = send(app, "DELETE", "/v1/things")
    problem(response, 405, "method_not_allowed")
    assert response.headers["Allow"] == "POST"


def test_liveness_is_open_and_details_are_not(app: Application) -> None:
    def health(authorization: str | None) -> dict[str, object]:
        found = send(app, "GET", "/health", headers={"authorization": authorization})
        assert found.status_code == 200
        return dict(found.json_body)

    assert health(None) == {"status": "alive"}
    assert health(f"Bearer {a_token(['control_room'])}") == {"status": "alive"}
    assert health(f"Bearer {a_token(['operator'])}") == {"status": "alive", "details": {"version": "0.1.0"}}
    problem(send(app, "GET", "/health", headers={"authorization": "Bearer x"}), 401, "token_malformed")


def test_two_applications_in_one_process_share_nothing() -> None:
    first, second = an_application(), application_of(OPERATIONS[:1], identify)
    assert set(second.routes) == {"/health", "/openapi.json"}
    assert "/v1/things" in first.routes
    assert posted(first).status_code == 201
    assert second.current_request is None


def test_debug_is_off_and_no_route_answers_for_the_framework(app: Application) -> None:
    assert app.debug is False
    for methods in app.routes.values():
        for entry in methods.values():
            assert entry.cors is None
            assert entry.content_types == []


def test_a_declaration_that_contradicts_itself_is_refused_at_the_start() -> None:
    def operation(**changes: object) -> Operation:
        usual: dict[str, object] = {
            "method": "GET",
            "path": "/v1/things/{id}",
            "name": "x",
            "summary": "x",
            "permission": Permission.ASSESS,
            "handler": lambda _: Answer(200, b"{}"),
            "responses": {200: ResponseForm("x")},
            "parameters": (Parameter("id", "path", {"type": "string"}, "x"),),
        }
        return Operation(**{**usual, **changes})  # type: ignore[arg-type]  # one wrong thing is the point

    assert operation()
    with pytest.raises(ValueError, match="path"):
        operation(parameters=())
    with pytest.raises(ValueError, match="open"):
        operation(reveals=Permission.READ_HEALTH)
