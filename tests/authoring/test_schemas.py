"""The published schemas: current, described, and of one mind with the models wherever a schema can be."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from jsonschema import Draft202012Validator

from chalicelib.authoring.cases import Cases
from chalicelib.authoring.overlay import Overlay
from chalicelib.authoring.schemas import FORMATS, schema_of, schema_text
from chalicelib.canonical import Json
from chalicelib.errors import Invalid
from chalicelib.model import Frozen
from chalicelib.policy.document import Policy
from chalicelib.reader import as_model, read_yaml
from tests.policy.wrong_documents import DOCUMENT, ROWS, SLIPS
from tests.strategies import small_policy

MODELS: dict[str, type[Frozen]] = {"policy/1": Policy, "overlay/1": Overlay, "cases/1": Cases}
VALIDATORS = {name: Draft202012Validator(schema_of(name)) for name in FORMATS}
SHIPPED = [*sorted(Path("policies").glob("*/*.yaml")), Path("tests/editions/full_policy.yaml")]
MOST = 1024 * 1024

OVERLAY = """\
{format: overlay/1, id: mine, force: test, version: "1", title: Mine, owner: Owner, change: First,
 based_on: {id: base, sha256: abababababababababababababababababababababababababababababababab},
 rules: {add: [{id: one, says: One, basis: [source], when: {fact: danger, is: yes}, grade: top}], remove: [two]},
 facts: {order: [danger]}}
"""
CASES = """\
{format: cases/1, policy: mine, cases: [{id: P01, title: One, expect: {grade: {at_least: PRIORITY}},
 people: [{ref: V1, roles: [victim]}], checks: [{check: history, result: found}], contact: {channel: "101"},
 answers: [{fact: danger, value: yes}, {fact: signs, present: [a], ruled_out: [b]}, {fact: hurt, absent: unknown}]}]}
"""

# document, what is replaced, by what, remark
WRONG = [
    (DOCUMENT, "id: two, ", "", "an id is missing"),
    (DOCUMENT, "version: \"1\"", "version: 1", "a number for a text"),
    (DOCUMENT, "done_by: [caller_told]", "must_not: true, minutes: 5", "a time for what must not be done"),
    (DOCUMENT, "owed_by: call_handler, done_by: [caller_told]", "owed_by: call_handler", "a duty that nothing does"),
    (DOCUMENT, "done_by: [caller_told]", "minutes: 5, working_days: 2, done_by: [caller_told]", "two times"),
    (DOCUMENT, "{fact: count, at_least: 9}", "{fact: count, between: [1, 2, 3]}", "three bounds"),
    (DOCUMENT, "{fact: count, at_least: 9}", "{fact: count, at_least: 9, finding: risk}", "two kinds of condition"),
    (DOCUMENT, "flags: [{id: mark, title: Mark}]",
     "outcomes: [{id: o, title: O, for: [set], basis: [source]}]", "a reason that nobody gives"),
    (DOCUMENT, "flags: [{id: mark, title: Mark}]",
     "outcomes: [{id: o, title: O, for: [set], by: [supervisor], refused: No, basis: [source]}]", "given and refused"),
    (DOCUMENT, "flags: [{id: mark, title: Mark}]",
     "guarantees: [{id: g, says: G, when: {fact: danger, is: yes}, flags: [], basis: [source]}]", "promises nothing"),
    (OVERLAY, "remove: [two]", "delete: [two]", "a change that does not exist"),
    (OVERLAY, "grade: top", "grad: top", "a slip inside an added rule"),
    (OVERLAY, "sha256: ab", "sha256: x", "no digest"),
    (CASES, "at_least: PRIORITY", "is: PRIORITY, at_least: PRIORITY", "exact and a bound"),
    (CASES, "{at_least: PRIORITY}", "{}", "no grade at all"),
    (CASES, "value: yes", "value: yes, absent: unknown", "a value and why there is none"),
    (CASES, "value: yes", "value: yes, at_least: yes", "a value and a part of one"),
    (CASES, "absent: unknown", "absent: unknown, correction: true", "a correction without a value"),
    (CASES, "value: yes", "source: caller", "an answer that says nothing"),
    (CASES, "result: found", "result: found, done_at: yesterday", "no time"),
    (CASES, 'channel: "101"', "channel: fax", "a channel that is not known"),
]  # fmt: skip


def value_of(text: str) -> Json:
    """A document as plain values."""
    return read_yaml(text.encode(), most=MOST).value


def format_of(value: Json) -> str:
    """The format that a document says it has."""
    assert isinstance(value, dict)
    return str(value["format"])


def is_taken(name: str, value: Json) -> bool:
    """Whether the model of a format takes a value."""
    try:
        as_model(MODELS[name], value)
    except Invalid:
        return False
    return True


@pytest.mark.parametrize("name", FORMATS)
def test_the_published_schema_is_the_one_that_the_models_make(name: str) -> None:
    """Write them again with: make generated"""
    published = Path(f"docs/schemas/{name.replace('/', '-')}.schema.json")
    assert published.read_text(encoding="utf-8") == schema_text(name)


@pytest.mark.parametrize("name", FORMATS)
def test_a_schema_is_a_schema_and_names_no_host(name: str) -> None:
    schema = schema_of(name)
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"urn:thriives:schema:{name.replace('/', ':')}"
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def members_of(schema: Json, where: str = "") -> Iterator[tuple[str, Json]]:
    """The members of every closed object of a schema, with their place."""
    if isinstance(schema, dict):
        members = schema.get("properties")
        if schema.get("additionalProperties") is False and isinstance(members, dict):
            yield from ((f"{where}/{name}", member) for name, member in members.items())
        for name, part in schema.items():
            yield from members_of(part, f"{where}/{name}")
    elif isinstance(schema, list):
        for part in schema:
            yield from members_of(part, where)


@pytest.mark.parametrize("name", FORMATS)
def test_every_member_has_its_meaning(name: str) -> None:
    found = list(members_of(schema_of(name)))
    assert len(found) > 30
    assert [where for where, member in found if not (isinstance(member, dict) and member.get("description"))] == []


@pytest.mark.parametrize("path", SHIPPED, ids=str)
def test_every_shipped_document_is_taken(path: Path) -> None:
    value = value_of(path.read_text(encoding="utf-8"))
    assert [error.message for error in VALIDATORS[format_of(value)].iter_errors(value)] == []


@pytest.mark.parametrize("text", [DOCUMENT, OVERLAY, CASES])
def test_the_documents_that_are_made_wrong_below_are_taken(text: str) -> None:
    value = value_of(text)
    assert is_taken(format_of(value), value)
    assert [error.message for error in VALIDATORS[format_of(value)].iter_errors(value)] == []


def test_every_generated_policy_is_taken() -> None:
    for seed in range(150):
        written = small_policy(Random(seed)).policy.model_dump(mode="json", by_alias=True, exclude_none=True)
        assert [error.message for error in VALIDATORS["policy/1"].iter_errors(written)] == [], seed


@pytest.mark.parametrize(("text", "before", "after", "remark"), WRONG, ids=[row[3] for row in WRONG])
def test_what_the_model_refuses_the_schema_refuses(text: str, before: str, after: str, remark: str) -> None:
    assert text.count(before) == 1
    value = value_of(text.replace(before, after))
    assert not is_taken(format_of(value), value), remark
    assert not VALIDATORS[format_of(value)].is_valid(value), remark


CANNOT_SAY = {
    "unknown_name": "whether something of that name exists",
    "value": "whether a fact has that value",
    "comparison": "whether a comparison fits the fact's type",
    "fact_form": "whether the members of a fact fit its type",
    "duplicate_id": "whether an id stands twice",
    "grade_order": "whether the grades are in order",
    "cycle": "whether asking depends on itself",
    "order": "whether a condition stands above its use",
    "stratum": "whether findings rest on findings",
    "no_effect": "whether a rule does anything",
    "unless": "whether an exception has a grade to hold",
    "calendar": "whether a calendar is needed",
    "text_form": "whether a time zone exists; all else about texts it says",
}
"""What a schema leaves to `policy check`."""


@pytest.mark.parametrize(("before", "after", "code", "where", "named"), [*ROWS, *SLIPS])
def test_a_schema_refuses_every_wrong_form(before: str, after: str, code: str, where: str, named: str) -> None:
    value = value_of(DOCUMENT.replace(before, after))
    refused = not VALIDATORS["policy/1"].is_valid(value)
    assert refused or code in CANNOT_SAY, (where, named)
    if not is_taken("policy/1", value):
        assert refused or "time_zone" in where
