"""What can be wrong around a body, or with a policy version, row by row, through HTTP: refused without a trace."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import timedelta

import pytest

from chalicelib.auth.roles import Role
from tests.api.refusals import (
    ASSESS,
    CALL,
    DEEP,
    DRAFT,
    KEYS,
    SOUND,
    VERSION,
    Row,
    auditor,
    changed,
    first_call,
    post,
    refused,
)
from tests.api.service import FORCE, POLICY, LocalService
from tests.callers import NOW, claims, signed


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalService]:
    with LocalService(tmp_path_factory.mktemp("store")).serving() as local:
        yield first_call(local)


KEY_ROWS = [
    (None, "idempotency_key_missing", "none"),
    ("", "idempotency_key_missing", "an empty one"),
    ("too-short", "idempotency_key", "less than 16"),
    ("k" * 65, "idempotency_key", "more than 64"),
    ("sixteen characters", "idempotency_key", "a blank"),
    ("sixteen.characters!", "idempotency_key", "a mark that is not taken"),
]


@pytest.mark.parametrize(("key", "code", "remark"), KEY_ROWS)
@pytest.mark.parametrize("route", [ASSESS, DRAFT], ids=["assess", "draft"])
def test_a_key_that_is_missing_or_malformed_is_refused(
    route: str, key: str | None, code: str, remark: str, service: LocalService
) -> None:
    before = service.kept()
    problem = refused(post(service, route, SOUND[route], idempotency_key=key), 400, [code])
    assert problem["errors"][0]["pointer"] == "/header/Idempotency-Key", remark
    assert service.kept() == before


MEDIA = [None, "text/plain", "application/xml", "application/json; charset=latin-1", "multipart/form-data; boundary=x"]


@pytest.mark.parametrize("media", MEDIA)
@pytest.mark.parametrize("route", [ASSESS, DRAFT], ids=["assess", "draft"])
def test_another_media_type_is_refused(route: str, media: str | None, service: LocalService) -> None:
    before = service.kept()
    refused(post(service, route, SOUND[route], content_type=media), 415, ["media_type"])
    assert service.kept() == before


@pytest.mark.parametrize(("route", "size"), [(ASSESS, 64 * 1024), (DRAFT, 3 * 1024 * 1024)], ids=["assess", "draft"])
def test_a_body_over_the_limit_is_refused_and_one_at_the_limit_is_read(
    route: str, size: int, service: LocalService
) -> None:
    before = service.kept()
    assert refused(post(service, route, b" " * (size + 1)), 413, [])["code"] == "too_large"
    refused(post(service, route, b" " * size), 400, ["syntax"])
    assert service.kept() == before


ALL = [role.value for role in Role]
UNSIGNED = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0."
TOKENS: Mapping[str, tuple[str | None, int, str]] = {
    "none": (None, 401, "token_missing"),
    "an empty header": ("", 401, "token_missing"),
    "another scheme": ("Basic Y2FkOnNlY3JldA==", 401, "token_malformed"),
    "the scheme alone": ("Bearer", 401, "token_malformed"),
    "two tokens": ("Bearer one two", 401, "token_malformed"),
    "no token at all": ("Bearer abc", 401, "token_malformed"),
    "not signed": (f"Bearer {UNSIGNED}", 401, "token_malformed"),
    "too long": (f"Bearer {'a' * 9000}", 401, "token_malformed"),
    "another issuer's": (f"Bearer {signed(claims(roles=ALL, iss='https://other.example/'))}", 401, "token_issuer"),
    "for another service": (f"Bearer {signed(claims(roles=ALL, aud='other'))}", 401, "token_audience"),
    "expired": (
        f"Bearer {signed(claims(roles=ALL, exp=int((NOW - timedelta(minutes=1)).timestamp())))}", 401, "token_expired",
    ),
    "never expiring": (f"Bearer {signed(claims(roles=ALL, exp=None))}", 401, "token_expiry_missing"),
    "not valid yet": (
        f"Bearer {signed(claims(roles=ALL, nbf=int((NOW + timedelta(minutes=1)).timestamp())))}", 401,
        "token_not_yet_valid",
    ),
    "with an unknown key": (f"Bearer {signed(claims(roles=ALL), kid='other')}", 401, "token_key_unknown"),
    "without a key": (f"Bearer {signed(claims(roles=ALL), key_id=None)}", 401, "token_key_missing"),
    "signed by another key": (
        f"Bearer {signed(claims(roles=ALL), key_id='ec-2', kid='ec-1')}", 401, "token_signature",
    ),
    "an e-mail": (f"Bearer {signed(claims(roles=ALL, sub='jo@force.example'))}", 401, "token_subject_personal"),
    "no client": (f"Bearer {signed(claims(roles=ALL, azp=None))}", 401, "token_client"),
    "no role of ours": (f"Bearer {signed(claims(roles=['admin']))}", 401, "token_roles"),
    "no force": (f"Bearer {signed(claims(roles=ALL, forces=[]))}", 401, "token_forces"),
    "the wrong role": (f"Bearer {signed(claims(roles=['commissioner']))}", 403, "forbidden"),
}  # fmt: skip


@pytest.mark.parametrize("wrong", TOKENS)
@pytest.mark.parametrize("route", [ASSESS, DRAFT], ids=["assess", "draft"])
def test_a_missing_or_wrong_token_is_refused_before_anything_is_read(
    route: str, wrong: str, service: LocalService
) -> None:
    header, status, code = TOKENS[wrong]
    before = service.kept()
    reply = post(service, route, b"\xff not even text", authorization=header)
    assert refused(reply, status, [])["code"] == code
    assert reply.headers["www-authenticate"].startswith('Bearer realm="thriives"')
    assert service.kept() == before


def test_a_token_cannot_be_changed(service: LocalService) -> None:
    head, content, signature = LocalService.token(Role.COMMISSIONER).split(".")
    raised = signed(claims(roles=ALL)).split(".")[1]
    reply = post(service, ASSESS, CALL, authorization=f"Bearer {head}.{raised}.{signature}")
    assert refused(reply, 401, [])["code"] == "token_signature"
    assert content != raised


def test_another_forces_ids_do_not_exist(service: LocalService) -> None:
    decision = json.loads(post(service, ASSESS, CALL).body)["decision"]
    foreign = f"Bearer {LocalService.token(*Role, forces=['elsewhere'])}"
    before = service.kept()
    for target in (
        f"/v1/decisions/{decision}", f"/v1/assessments/{decision}", f"/v1/decisions/{decision}/replay",
        "/v1/incidents/HC-20261123-0417", f"/v1/policies/{POLICY}/versions", f"/v1/policies/{POLICY}/active",
        f"/v1/policies/{POLICY}/versions/2026.1", f"/v1/decisions/{decision}?force={FORCE}",
    ):  # fmt: skip
        there = service.send("GET", target, {"authorization": foreign})
        absent = service.send("GET", target.replace(decision, "d_" + "a" * 32), {"authorization": foreign})
        assert refused(there, 404, [])["detail"] == refused(absent, 404, [])["detail"], target
    named = changed(CALL, "force", FORCE)
    assert refused(post(service, ASSESS, named, authorization=foreign), 404, [])["code"] == "force_not_found"
    own = post(service, ASSESS, changed(CALL, "continues", decision), authorization=foreign)
    assert refused(own, 503, [])["code"] == "force_not_set_up", "a force of its own, but one that has no policy yet"
    assert service.kept() == before


def test_a_foreign_force_is_not_there_whatever_the_body_is(service: LocalService) -> None:
    for body in (b"", b"\xff", b"[]", VERSION):
        problem = refused(post(service, f"{DRAFT}?force=elsewhere", body, authorization=owner()), 404, [])
        assert problem["code"] == "force_not_found"


def test_the_force_has_to_be_named_when_the_token_carries_several(service: LocalService) -> None:
    several = f"Bearer {LocalService.token(Role.CONTROL_ROOM, forces=[FORCE, 'elsewhere'])}"
    refused(post(service, ASSESS, CALL, authorization=several), 400, ["force_needed"])
    assert post(service, ASSESS, changed(CALL, "force", FORCE), authorization=several).status == 201


def owner() -> str:
    return f"Bearer {LocalService.token(Role.POLICY_OWNER)}"


PERIOD = "from=2026-11-23T00:00:00Z&to=2026-11-24T00:00:00Z"
SEARCHES = [
    Row("", 400, ["missing_parameter"] * 2, "no period"),
    Row("from=2026-11-24T00:00:00Z&to=2026-11-23T00:00:00Z", 400, ["period"], "a reversed period"),
    Row("from=2026-11-23T00:00:00Z&to=2026-11-23T00:00:00Z", 400, ["period"], "an empty period"),
    Row("from=2026-01-01T00:00:00Z&to=2026-11-23T00:00:00Z", 400, ["period"], "a period that is too long"),
    Row("from=2026-11-23T00:00:00&to=2026-11-24T00:00:00Z", 400, ["parameter"], "no offset"),
    Row("from=2026-11-23T00:00:00+00:00&to=2026-11-24T00:00:00Z", 400, ["parameter"], "a + that is a blank"),
    Row("from=2026-02-30T00:00:00Z&to=2026-03-01T00:00:00Z", 400, ["parameter"], "30 February"),
    Row(f"{PERIOD}&from=2026-11-22T00:00:00Z", 400, ["repeated_parameter"], "which one counts?"),
    Row(f"{PERIOD}&grade=URGENT", 400, ["parameter"], "a grade that is none"),
    Row(f"{PERIOD}&limit=0", 400, ["parameter"], "an empty page"),
    Row(f"{PERIOD}&limit=201", 400, ["parameter"], "too large a page"),
    Row(f"{PERIOD}&limit=1.5", 400, ["parameter"], "part of a decision"),
    Row(f"{PERIOD}&limit=", 400, ["parameter"], "nothing"),
    Row(f"{PERIOD}&handler=a%00b", 400, ["parameter"], "NUL"),
    Row(f"{PERIOD}&handler=%FF", 400, ["parameter"], "not UTF-8"),
    Row(f"{PERIOD}&colour=red", 400, ["unknown_parameter"], "a parameter that is not known"),
    Row(f"{PERIOD}&colour=red&limit=0", 400, ["unknown_parameter", "parameter"], "two faults, two errors"),
    Row(f"{PERIOD}&cursor=abc", 400, ["invalid_cursor"], "a made-up cursor"),
    Row(f"{PERIOD}&cursor={'A' * 200}", 400, ["invalid_cursor"], "a longer one"),
    Row(f"{PERIOD}&cursor=a.b", 400, ["parameter"], "not even in a cursor's form"),
]


@pytest.mark.parametrize("row", SEARCHES, ids=lambda row: row.remark)
def test_a_wrong_search_is_refused(row: Row, service: LocalService) -> None:
    headers = {"authorization": auditor()}
    problem = refused(service.send("GET", f"/v1/decisions?{row.sent}", headers), row.status, row.codes)
    assert all(fault["pointer"].startswith("/query/") for fault in problem["errors"])


PATHS = [
    Row("/v1/decisions/d_short", 400, ["parameter"], "no decision's id"),
    Row("/v1/decisions/d_" + "A" * 32, 400, ["parameter"], "the wrong letters"),
    Row("/v1/decisions/..%2F..%2Fetc", 400, ["parameter"], "a way out"),
    Row("/v1/incidents/HC%20ONE", 400, ["parameter"], "a blank"),
    Row("/v1/incidents/HC%0A", 400, ["parameter"], "a line end"),
    Row("/v1/policies/UPPER/versions", 400, ["parameter"], "capitals"),
    Row("/v1/incidents/HC-0", 404, [], "nothing there"),
    Row("/v1/nowhere", 404, [], "no such address"),
]


@pytest.mark.parametrize("row", PATHS, ids=lambda row: row.remark)
def test_a_wrong_address_is_refused(row: Row, service: LocalService) -> None:
    headers = {"authorization": auditor()}
    refused(service.send("GET", row.sent, headers), row.status, row.codes)


def test_a_body_where_none_is_taken_is_refused(service: LocalService) -> None:
    headers = {"authorization": auditor(), "content-type": "application/json"}
    refused(service.send("GET", f"/v1/decisions?{PERIOD}", headers, b"{}"), 400, ["body"])


POLICY_TEXT, CASES_TEXT = VERSION["policy"], VERSION["cases"]
VERSIONS = [
    Row({}, 422, ["missing"] * 2, "neither document"),
    Row({**VERSION, "policy": ""}, 422, ["string_too_short"], "an empty text"),
    Row({**VERSION, "approve": True}, 422, ["extra_forbidden"], "nobody approves in passing"),
    Row({**VERSION, "policy": "# nothing\n"}, 400, ["empty"], "only a remark"),
    Row({**VERSION, "policy": "a: [1"}, 400, ["syntax"], "not YAML"),
    Row({**VERSION, "policy": POLICY_TEXT + "owner: Another\n"}, 400, ["duplicate_name"], "a name that stands twice"),
    Row({**VERSION, "policy": POLICY_TEXT + "a: &x 1\nb: *x\n"}, 400, ["anchor", "alias"], "anchor and alias"),
    Row({**VERSION, "policy": POLICY_TEXT + "a: !!python/name:os.system\n"}, 400, ["tag"], "a tag"),
    Row({**VERSION, "policy": POLICY_TEXT + "---\na: 1\n"}, 400, ["documents"], "two documents"),
    Row({**VERSION, "policy": POLICY_TEXT.replace('"2026.2"', "2026.2")}, 400, ["scalar"], "a label that is a number"),
    Row({**VERSION, "policy": "[" * DEEP}, 400, ["depth"], "10,000 levels"),
    Row({**VERSION, "policy": POLICY_TEXT + "colour: red\n"}, 422, ["unknown_key"], "a part that is not known"),
    Row(
        {**VERSION, "policy": POLICY_TEXT.replace("id: hertfordshire-thriives", "id: other")},
        422,
        ["policy_id", "policy"],
        "id",
    ),
    Row({**VERSION, "policy": POLICY_TEXT.replace("force: hert", "force: north")}, 422, ["force"], "another force's"),
    Row({**VERSION, "cases": "format: cases/1\n"}, 422, ["missing"] * 2, "cases without cases"),
]


@pytest.mark.parametrize("row", VERSIONS, ids=lambda row: row.remark)
def test_a_wrong_version_is_refused(row: Row, service: LocalService) -> None:
    before = service.kept()
    refused(post(service, DRAFT, row.sent), row.status, row.codes)
    assert service.kept() == before


def test_the_faults_of_a_policy_have_line_and_column(service: LocalService) -> None:
    wrong = POLICY_TEXT.replace("national: RESOLVE", "national: LOW").replace("type: set", "type: bag")
    problem = refused(post(service, DRAFT, {**VERSION, "policy": wrong}), 422, ["unknown_word", "unknown_word"])
    lines = wrong.split("\n")
    for fault, text in zip(problem["errors"], ("LOW", "bag"), strict=True):
        assert lines[fault["line"] - 1][fault["column"] - 1 :].startswith(text), fault


@pytest.mark.parametrize("step", ["submit", "approve"])
@pytest.mark.parametrize(("body", "status"), [(b"[]", 422), (b'{"force": "x"}', 422), (b"1", 422), (b"{", 400)])
def test_a_step_without_content_takes_none(step: str, body: bytes, status: int, service: LocalService) -> None:
    token = f"Bearer {LocalService.token(Role.POLICY_OWNER, Role.POLICY_APPROVER)}"
    before = service.kept()
    reply = post(service, f"{DRAFT}/2026.1/{step}", body, authorization=token)
    assert reply.status == status
    assert len(json.loads(reply.body)["errors"]) == 1
    assert service.kept() == before


@pytest.mark.parametrize(
    ("step", "body", "code"),
    [
        ("decline", {}, "missing"),
        ("decline", {"reason": ""}, "string_too_short"),
        ("decline", {"reason": "two\nlines"}, "string_pattern_mismatch"),
        ("withdraw", {"reason": ""}, "string_too_short"),
        ("withdraw", {"acknowledged": "yes"}, "string_pattern_mismatch"),
        ("approve", {"acknowledged": True}, "string_type"),
    ],
)
def test_a_step_with_wrong_content_is_refused(step: str, body: object, code: str, service: LocalService) -> None:
    token = f"Bearer {LocalService.token(Role.POLICY_APPROVER)}"
    before = service.kept()
    refused(post(service, f"{DRAFT}/2026.1/{step}", body, authorization=token), 422, [code])
    assert service.kept() == before


@pytest.mark.parametrize("body", [b"", b"{}"], ids=["no body", "an empty object"])
def test_a_step_without_content_is_taken_with_an_empty_body_or_object(body: bytes, service: LocalService) -> None:
    label = f"empty-{len(body)}"
    sent = {**VERSION, "policy": POLICY_TEXT.replace("2026.2", label)}
    assert post(service, DRAFT, sent).status == 201
    assert post(service, f"{DRAFT}/{label}/submit", body, authorization=owner()).status == 201


ACTIVATIONS = [
    Row({}, 422, ["value_error"], "neither a time nor an emergency"),
    Row({"night": True, "emergency": True}, 422, ["value_error"], "at night, and at once"),
    Row({"night": False}, 422, ["value_error"], "not at night, but when"),
    Row({"emergency": True, "acknowledged": "all of it"}, 422, ["string_pattern_mismatch"], "no digest of a list"),
    Row({"from": "2026-12-01T06:00:00Z", "emergency": True}, 422, ["value_error"], "both"),
    Row({"from": "2026-12-01T06:00:00"}, 422, ["value_error"], "no offset"),
    Row({"emergency": "yes"}, 422, ["bool_type"], "a text is not yes"),
    Row({"from": "2026-11-23T04:17:30Z"}, 422, ["too_soon"], "less than 60 seconds ahead"),
    Row({"from": "2026-12-01T06:00:00Z", "note": "two\nlines"}, 422, ["string_pattern_mismatch"], "two lines"),
]


@pytest.mark.parametrize("row", ACTIVATIONS, ids=lambda row: row.remark)
def test_a_wrong_activation_is_refused(row: Row, service: LocalService) -> None:
    token = f"Bearer {LocalService.token(Role.POLICY_APPROVER)}"
    before = service.kept()
    refused(post(service, f"{DRAFT}/2026.1/activate", row.sent, authorization=token), row.status, row.codes)
    assert service.kept() == before


def test_another_body_under_a_used_key_is_refused_and_the_first_one_stays(service: LocalService) -> None:
    key = next(KEYS)
    first = post(service, ASSESS, CALL, idempotency_key=key)
    before = service.kept()
    for other in (changed(CALL, "trigger", None), changed(CALL, "people/0/identifiers/0/value", "+447700900124"), {}):
        assert refused(post(service, ASSESS, other, idempotency_key=key), 422, [])["code"] == "idempotency_mismatch"
    again = post(service, ASSESS, CALL, idempotency_key=key)
    assert (again.status, again.body) == (200, first.body)
    assert service.kept() == before
