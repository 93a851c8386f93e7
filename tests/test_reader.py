"""The one reader, row by row; what comes through HTTP is in tests/api/test_bad_input.py."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.canonical import LARGEST_INTEGER, Json, canonical
from chalicelib.errors import Fault, Invalid, ServiceError, TooLarge, Unreadable
from chalicelib.model import Frozen
from chalicelib.reader import DEEPEST, as_model, read_json, read_model, read_yaml
from tests.test_canonical import VALUES

MOST = 100_000


def faults_in(read: Callable[..., object], data: bytes) -> list[Fault]:
    with pytest.raises(ServiceError) as refusal:
        read(data, most=MOST)
    assert isinstance(refusal.value, Unreadable)
    return list(refusal.value.faults)


def read_or_faults(read: Callable[..., object], data: bytes) -> object:
    try:
        return read(data, most=1_000_000)
    except Unreadable as error:
        return list(error.faults)


TAKEN = [
    ("null", None, "nothing"),
    (" [1, -2, 0]\n", [1, -2, 0], "white space around"),
    ("9007199254740991", LARGEST_INTEGER, "the largest integer"),
    ('"\\ud83d\\ude00"', "\U0001f600", "a pair of surrogates is one character"),
    ('"tab\\t, line\\n, return\\r"', "tab\t, line\n, return\r", "the white space that text may hold"),
    ('{"a": {"a": 1}}', {"a": {"a": 1}}, "the same name on two levels"),
    ("[" * DEEPEST + "]" * DEEPEST, None, "as deep as is taken"),
]


@pytest.mark.parametrize(("text", "expected", "remark"), TAKEN, ids=[row[2] for row in TAKEN])
def test_plain_json_is_taken(text: str, expected: Json, remark: str) -> None:
    found = read_json(text.encode(), most=MOST)
    assert expected is None or found == expected, remark


@given(VALUES)
def test_what_has_a_canonical_form_is_read_back_as_it_was(value: Json) -> None:
    found = read_or_faults(read_json, data := canonical(value))
    if isinstance(found, list) and found and isinstance(found[0], Fault):
        # The canonical form has room for control characters; nothing of ours may hold them.
        assert {fault.code for fault in found} <= {"character", "name"}
    else:
        assert canonical(cast("Json", found)) == data


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for read in (read_json, read_yaml):
        assert read_or_faults(read, data) != [] or b"[" in data


@given(st.text(max_size=60))
def test_json_that_is_taken_is_what_the_standard_library_reads(text: str) -> None:
    data = json.dumps({"a": text}).encode()
    try:
        found = read_json(data, most=MOST)
    except Unreadable:
        return
    assert found == json.loads(data)


REFUSED = [
    (b'{"a":1,"a":2}', [("duplicate_name", "/a")], "the same name twice"),
    (b'{"a/b":1,"a/b":2}', [("duplicate_name", "/a~1b")], "a pointer is escaped (RFC 6901)"),
    (b'[1.5,{"b":1e3}]', [("float", ""), ("float", "")], "each float"),
    (b'{"a":[9007199254740992]}', [("integer", "/a/0")], "where it stands"),
    (b'{"a":{"b":"\\u0007"}}', [("character", "/a/b")], "a control character, where it stands"),
    (b'{"a\\u0007":1}', [("name", "")], "a name with a control character"),
    (b"\xff", [("encoding", "")], "not UTF-8"),
    (b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1), [("depth", "/0" * DEEPEST)], "one level too many"),
    (b"[" * 50_000, [("depth", "")], "more levels than the interpreter follows"),
    (b"[1,]", [("syntax", "")], "not JSON"),
    (b"", [("syntax", "")], "nothing at all"),
]


@pytest.mark.parametrize(("data", "expected", "remark"), REFUSED, ids=[row[2] for row in REFUSED])
def test_json_is_refused_with_every_fault(data: bytes, expected: list[tuple[str, str]], remark: str) -> None:
    assert [(fault.code, fault.where) for fault in faults_in(read_json, data)] == expected, remark


def test_a_syntax_error_has_its_place() -> None:
    (fault,) = faults_in(read_json, b'{\n "a": 1\n "b": 2}')
    assert (fault.line, fault.column) == (3, 2)


@pytest.mark.parametrize("read", [read_json, read_yaml])
def test_more_bytes_than_allowed_are_not_even_decoded(read: Callable[..., object]) -> None:
    with pytest.raises(TooLarge):
        read(b"\xff" * 11, most=10)


def test_little_of_what_is_wrong_is_repeated() -> None:
    (number,) = faults_in(read_json, b"1" * 5000 + b".5")
    (name,) = faults_in(read_json, b'{"' + b"n" * 5000 + b'":1,"' + b"n" * 5000 + b'":2}')
    assert max(len(text) for fault in (number, name) for text in (fault.wrong, fault.where)) < 150


YAML_TAKEN = [
    ("a: 1\nb: [yes, no]", {"a": 1, "b": ["yes", "no"]}, "yes and no are words; facts say what they mean"),
    ("a: true\nb: false\nc: null\nd: ~\ne:", {"a": True, "b": False, "c": None, "d": None, "e": None}, "plain words"),
    ("a: '1'\nb: \"true\"\nc: '1.5'", {"a": "1", "b": "true", "c": "1.5"}, "what is quoted is text"),
    ("a: |\n  1.5\n  2\n", {"a": "1.5\n2\n"}, "a block is text"),
    ("a: -7\nb: 0", {"a": -7, "b": 0}, "whole numbers"),
    ("on: off\ny: n", {"on": "off", "y": "n"}, "words of YAML 1.1 stay words, as names too"),
    ("2026: x\ntrue: y", {"2026": "x", "true": "y"}, "names are always text"),
    ("{a: [1, {b: c}]}", {"a": [1, {"b": "c"}]}, "flow form"),
    ('{"a": [1, "x", null]}', {"a": [1, "x", None]}, "JSON is YAML"),
    ("---\na: 1\n...\n", {"a": 1}, "one document with its marks"),
    ("# remark\n- a # remark\n", ["a"], "remarks"),
    ("a: 12 High Street", {"a": "12 High Street"}, "begins like a number, is none"),
]


@pytest.mark.parametrize(("text", "expected", "remark"), YAML_TAKEN, ids=[row[2] for row in YAML_TAKEN])
def test_plain_yaml_is_taken(text: str, expected: Json, remark: str) -> None:
    assert read_yaml(text.encode(), most=MOST).value == expected, remark


YAML_REFUSED = [
    ("a: 1\na: 2", [("duplicate_name", "/a", 2, 1)], "the same name twice"),
    ("a: &x 1\nb: *x", [("anchor", "/a", 1, 4), ("alias", "/b", 2, 4)], "an anchor and its alias"),
    ("a: !!str 1", [("tag", "/a", 1, 4)], "a tag"),
    ("a: !include x", [("tag", "/a", 1, 4)], "a tag of somebody's own"),
    ("<<: {a: 1}\nb: 1.5", [("scalar", "/b", 2, 4)], "a merge key is a name like any other"),
    ("a: 1\n---\nb: 2", [("documents", "", 2, 1)], "two documents"),
    ("", [("empty", "", 1, 1)], "nothing"),
    ("# only a remark", [("empty", "", 1, 1)], "a remark alone"),
    ("a: [1", [("syntax", "", 1, 4)], "not closed, told where it opens"),
    ("a: 1\n\tb: 2", [("syntax", "", 2, 1)], "a tab where YAML takes none"),
    ("a: 1.5", [("scalar", "/a", 1, 4)], "a float"),
    ("a: 1e3", [("scalar", "/a", 1, 4)], "an exponent"),
    ("a: .inf", [("scalar", "/a", 1, 4)], "infinity"),
    ("a: 010", [("scalar", "/a", 1, 4)], "eight or ten?"),
    ("a: 0x10", [("scalar", "/a", 1, 4)], "hexadecimal"),
    ("a: 1_000", [("scalar", "/a", 1, 4)], "an underscore"),
    ("a: 12:30", [("scalar", "/a", 1, 4)], "a time, or 750 in YAML 1.1"),
    ("a: +1", [("scalar", "/a", 1, 4)], "a sign that says nothing"),
    ("a: -0", [("scalar", "/a", 1, 4)], "minus nothing"),
    ("a: 2026.1", [("scalar", "/a", 1, 4)], "a version that would lose a zero"),
    ("a: True", [("scalar", "/a", 1, 4)], "capitals"),
    ("a: NULL", [("scalar", "/a", 1, 4)], "capitals again"),
    ("a: 9007199254740992", [("integer", "/a", 1, 4)], "2^53"),
    ('a: "\\x07"', [("character", "/a", 1, 4)], "a control character"),
    ("caf\u00e9: 1", [("name", "", 1, 1)], "a name beyond ASCII"),
    ("? [a, b]\n: 1", [("name", "", 1, 3)], "a list as a name"),
    ("a: 1.5\nb:\n  - 0x1\n  - *x\n", [("scalar", "/a", 1, 4), ("scalar", "/b/0", 3, 5), ("alias", "/b/1", 4, 5)], "3"),
]


@pytest.mark.parametrize(("text", "expected", "remark"), YAML_REFUSED, ids=[row[2] for row in YAML_REFUSED])
def test_yaml_is_refused_with_every_fault_and_its_place(
    text: str, expected: list[tuple[str, str, int, int]], remark: str
) -> None:
    found = [(fault.code, fault.where, fault.line, fault.column) for fault in faults_in(read_yaml, text.encode())]
    assert found == expected, remark


@pytest.mark.parametrize("text", ["[" * (DEEPEST + 1) + "]" * (DEEPEST + 1), "[" * 10_000, "- " * 10_000])
def test_yaml_that_is_nested_too_deeply_is_refused(text: str) -> None:
    (fault,) = faults_in(read_yaml, text.encode())
    assert fault.code == "depth"


def test_a_fault_stands_where_its_value_does_or_what_is_around_it() -> None:
    source = read_yaml(b"a:\n  - b: 1\n    c: 2\n", most=MOST)
    assert source.located(Fault("x", "/a/0/c", "wrong")).line == 3
    around = source.located(Fault("x", "/a/0/missing", "missing"))
    assert (around.line, around.column) == (2, 5)
    assert source.located(Fault("x", "", "wrong")).line == 1


class Thing(Frozen):
    name: str
    number: int = 0


def test_a_model_is_read_or_every_fault_is_named() -> None:
    assert read_model(Thing, b'{"name":"a","number":3}', most=MOST) == Thing(name="a", number=3)
    with pytest.raises(Invalid) as refusal:
        read_model(Thing, b'{"number":"3","other":1}', most=MOST)
    assert {(fault.code, fault.where) for fault in refusal.value.faults} == {
        ("missing", "/name"),
        ("int_type", "/number"),
        ("extra_forbidden", "/other"),
    }


def test_a_model_repeats_nothing_of_what_it_refused() -> None:
    with pytest.raises(Invalid) as refusal:
        as_model(Thing, {"name": 1, "number": "Jo Doe"})
    assert "Jo Doe" not in str([fault.as_json() for fault in refusal.value.faults])


def test_a_value_without_canonical_form_is_no_model() -> None:
    with pytest.raises(Invalid):
        as_model(Thing, {"name": "\ud800"})
