"""Calls to assess and versions of the shipped policy: right by default, so that a story names only what it is about."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from chalicelib.cli.policy_files import compiled_file
from chalicelib.model import instant_text
from tests.journeys.people import Answer, Caller, new_key

POLICY_ID = "hertfordshire-thriives"
FORCE = "hertfordshire"
SHIPPED = Path(__file__).parent / "policy"
"""What is shipped to the room of a story: a policy that changes only with the stories."""
STEPS = f"/v1/policies/{POLICY_ID}/versions"

VIOLENCE_HERE = (
    {"fact": "dangers_now", "present": ["violence"]},
    {"fact": "suspect_whereabouts", "value": "here"},
)
"""Two facts of a call whose grade is certain at once."""


class Text(NamedTuple):
    """A version as its owner writes it."""

    policy: str
    cases: str

    def replaced(self, old: str, new: str) -> Text:
        """The same with one word for another, in both documents."""
        assert old in self.policy, old
        return Text(self.policy.replace(old, new), self.cases.replace(old, new))

    def labelled(self, label: str) -> Text:
        """The same under another version label."""
        return Text(re.sub(r'(?m)^ "version": .*$', f' "version": "{label}",', self.policy, count=1), self.cases)

    def sent(self) -> dict[str, str]:
        """The body of a draft."""
        return {"policy": self.policy, "cases": self.cases}


@cache
def shipped() -> Text:
    """The shipped version."""
    whole = json.loads(compiled_file(SHIPPED / "policy.yaml").stored)
    return Text(json.dumps(whole, indent=1, ensure_ascii=False), (SHIPPED / "cases.yaml").read_text())


@cache
def renamed(label: str = "2026.2") -> Text:
    """A version in which a fact that calls use has another name."""
    return shipped().replaced("suspect_whereabouts", "where_suspect_is").labelled(label)


def a_call(*answers: Mapping[str, object], contact: str = "HC-1", **changes: object) -> dict[str, Any]:
    """The body of an assessment. `state` and `started_at` change the contact; anything else is a member of the body."""
    state = {name: changes.pop(name) for name in ("state", "started_at", "channel") if name in changes}
    usual = {"reference": contact, "started_at": "2026-11-23T04:17:09Z", "channel": "999", "state": "in_progress"}
    return {
        "contact": {**usual, **state},
        "actor": {"pseudonym": "ch-4471", "role": "call_handler"},
        "answers": list(answers),
        **changes,
    }


def grade(decision: Mapping[str, Any]) -> str:
    """The national grade that a decision recommends."""
    found: str = decision["advice"]["grade"]["national"]
    return found


def reasons(decision: Mapping[str, Any]) -> set[str]:
    """The rules and precautions that are a decision's reasons."""
    return {reason["id"] for reason in decision["advice"]["reasons"]}


def open_facts(decision: Mapping[str, Any]) -> list[str]:
    """The facts whose questions are open, the one to put first."""
    return [question["fact"] for question in decision["advice"]["open_questions"]]


def warned(decision: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The codes of the warnings, and where in the request they point."""
    return [(warning["code"], warning["where"]) for warning in decision["warnings"]]


def drafted(owner: Caller, text: Text) -> str:
    """The manifest of a new draft."""
    answer = owner.post(STEPS, text.sent())
    assert answer.status == 201, answer.body.decode()
    found: str = answer.json()["manifest"]
    return found


def approved(owner: Caller, approver: Caller, text: Text) -> str:
    """The manifest of a version that was drafted, submitted and approved, whatever it lowers."""
    manifest = drafted(owner, text)
    owner.post(f"{STEPS}/{manifest}/submit", {}).granted()
    accepting(approver, f"{STEPS}/{manifest}/approve", {}).granted()
    return manifest


def activate(approver: Caller, version: str, *, key: str | None = None, start: str | None = None) -> Answer:
    """Put a version in force from a time; or at once, if it has been before or is the first of its force.

    What it lowers is accepted.
    """
    body = {"from": start} if start else {"emergency": True}
    return accepting(approver, f"{STEPS}/{version}/activate", body, key=key or new_key())


def accepting(approver: Caller, path: str, body: Mapping[str, object], *, key: str | None = None) -> Answer:
    """Take a step; if it lowers something, take it again with the list that it was refused with acknowledged."""
    answer = approver.post(path, body, key=key)
    if answer.status == 409 and "acknowledge" in answer.json():
        return approver.post(path, {**body, "acknowledged": answer.json()["acknowledge"]}, key=key)
    return answer


def put_in_force_from(owner: Caller, approver: Caller, text: Text, start: datetime) -> dict[str, Any]:
    """Take a new version through all its steps, to be in force from a time; its activation."""
    answer = activate(approver, approved(owner, approver, text), start=instant_text(start))
    assert answer.status == 201, answer.body.decode()
    return answer.json()
