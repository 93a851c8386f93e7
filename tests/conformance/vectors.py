"""The vector files, row by row, each with what this implementation makes of it. README.md says what the rows mean.

Nothing here is an expectation: what has to come of a row stands in the row.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple

from chalicelib.assessment.call import Call
from chalicelib.assessment.evaluate import evaluate
from chalicelib.authoring.documents import checked
from chalicelib.canonical import Json
from chalicelib.errors import Invalid, ServiceError
from chalicelib.model import instant_of
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.policy.compiler import compile_policy
from chalicelib.policy.document import Policy
from chalicelib.reader import as_model
from tests.conformance.comparing import differences

FOLDER = Path(__file__).parent
FILES = ("truth-tables", "leaves", "standing", "evaluation", "refused")
STARTS = datetime(2026, 11, 23, 4, 17, tzinfo=UTC)
"""When every contact begins, unless a row says otherwise."""

_DIGEST = "0" * 64

Object = Mapping[str, Any]
Finds = Callable[[Object, Object], Any]
"""What this implementation makes of a row, given the content of its file and the row."""


class Row(NamedTuple):
    """One row of a file, and the differences between what it expects and what comes of it."""

    file: str
    id: str
    remark: str
    differ: Callable[[], list[str]]


def read(file: str) -> dict[str, Any]:
    """The content of a vector file."""
    content: dict[str, Any] = json.loads((FOLDER / f"{file}.json").read_bytes())
    return content


def rows(file: str) -> Iterator[Row]:
    """The rows of a file, ready to be held against this implementation."""
    content = read(file)
    for row in content["rows"]:
        yield Row(file, row["id"], row.get("remark", ""), partial(_differ, _OF_FILE[file], content, row))


def _differ(finds: Finds, content: Object, row: Object) -> list[str]:
    return list(differences(row["expect"], finds(content, row)))


def compiled(document: Json) -> CompiledPolicy:
    """A document, compiled. Raises Invalid."""
    return _compiled(json.dumps(document))


@cache
def _compiled(text: str) -> CompiledPolicy:
    return compile_policy(as_model(Policy, json.loads(text)), _DIGEST)


def _of_condition(content: Object, row: Object) -> Json:
    """The truth of a row's condition, or the errors with which it is refused."""
    rule = {**content["policy"]["rules"][0], "when": row["condition"]}
    try:
        policy = compiled({**content["policy"], "rules": [rule]})
    except Invalid as refused:
        return {"errors": [{"code": fault.code, "pointer": fault.where} for fault in refused.faults]}
    return {"truth": truths(policy, _result(policy, row))[rule["id"]]}


def _of_standing(content: Object, row: Object) -> Json:
    """What each fact or tag can still be: the values of which the policy's rule `fact__value` is not known false."""
    policy = compiled(content["policy"])
    result = _result(policy, row)
    stands: dict[str, Json] = {}
    for name, truth in truths(policy, result).items():
        of, _, value = name.partition("__")
        if value in ("present", "absent"):
            of, _, tag = of.partition("_has_")
            of = f"{of}.{tag}"
        left = stands.setdefault(of, [])
        if truth != "false" and isinstance(left, list):
            left.append(value)
    return {"stands": stands, "conflicts": result["conflicts"]}


def _of_evaluation(content: Object, row: Object) -> Json:
    """The result of a row's call, with the truth of each rule by its name."""
    policy = compiled({**content["frame"], **content["policies"][row["policy"]]})
    result = _result(policy, row["call"])
    return {**result, "rules": truths(policy, result)}


def refusal(content: Object, row: Object) -> Any:  # noqa: ANN401  # an object of errors
    """The errors of a document."""
    try:
        checked(text_of(content, row).encode())
    except ServiceError as refused:
        errors = sorted((fault.as_json() for fault in refused.faults), key=_place)
        return {"status": refused.status, "errors": errors}
    return {"status": 200, "errors": []}


def _place(error: Object) -> tuple[int, int, str, str]:
    return error.get("line", 0), error.get("column", 0), error["pointer"], error["code"]


def text_of(content: Object, row: Object) -> str:
    """The document of a row of `refused`: the sound one with its replacements made, each of something that is there."""
    text = "\n".join(content["document"]) + "\n"
    for before, after in row["replace"]:
        if text.count(before) != 1:
            raise ValueError(f"{row['id']}: {before!r} stands {text.count(before)} times in the document")
        text = text.replace(before, after)
    return text


def truths(policy: CompiledPolicy, result: Object) -> dict[str, Json]:
    """The truth of each rule: one that a result does not list is known to be false."""
    listed: dict[str, Json] = {one["rule"]: one["truth"] for one in result["rules"]}
    return {rule.id: listed.get(rule.id, "false") for rule in policy.policy.rules}


def _result(policy: CompiledPolicy, row: Object) -> dict[str, Any]:
    at = instant_of(row["at"]) if "at" in row else STARTS
    result: dict[str, Any] = evaluate(policy, call_of(policy, row), at).model_dump(mode="json", exclude_none=True)
    return result


def call_of(policy: CompiledPolicy, row: Object) -> Call:
    """The call that a row describes."""
    before = row.get("standing_before")
    contact = {"started_at": STARTS, "channel": "999", "state": "in_progress", **row.get("contact", {})}
    return Call.model_validate(
        {
            "policy": {"id": policy.policy.id, "version": policy.policy.version, "digest": policy.digest},
            "engine": {"version": "conformance"},
            "contact": contact,
            "incident": row.get("incident"),
            "people": _tuples(row.get("people", ())),
            "answers": tuple(_answer(place, answer) for place, answer in enumerate(row.get("answers", ()))),
            "checks": tuple({"done_at": STARTS, **done} for done in row.get("checks", ())),
            "lookups": ({"state": "read", "standing": before},) if before else (),
        },
        strict=False,
    )


def _answer(place: int, answer: Object) -> Object:
    """An answer of a row as a claim. Without a time of its own it was given that many seconds after the start."""
    after = answer.get("after", place)
    said = {name: _tuples(part) for name, part in answer.items() if name != "after"}
    return {"source": "caller", "at": STARTS + timedelta(seconds=after), **said}


def _tuples(value: Any) -> Any:  # noqa: ANN401  # whatever a row holds
    if isinstance(value, Sequence) and not isinstance(value, str):
        return tuple(_tuples(part) for part in value)
    if isinstance(value, Mapping):
        return {name: _tuples(part) for name, part in value.items()}
    return value


_OF_FILE: dict[str, Finds] = {
    "truth-tables": _of_condition,
    "leaves": _of_condition,
    "standing": _of_standing,
    "evaluation": _of_evaluation,
    "refused": refusal,
}
