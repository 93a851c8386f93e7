"""A small policy in versions that are stronger and weaker than each other, for stories about their lives. No tests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from chalicelib.model import instant_text
from chalicelib.services import Services
from tests.journeys.calls import FORCE, POLICY_ID, STEPS, Text
from tests.journeys.people import Answer, Caller, new_key
from tests.journeys.rooms import MovableClock, Stage, embedded, local_tokens, room_of

_POLICY = """\
format: policy/1
id: hertfordshire-thriives
force: hertfordshire
version: "{label}"
title: A small policy
owner: Head of Contact Management
change: "{change}"
basis: [{{id: force, title: Decision of the force}}]
elements: [{{id: threat, title: "Threat: imminent danger"}}]
grades:
  - {{id: immediate, title: Immediate, national: IMMEDIATE}}
  - {{id: priority, title: Priority, national: PRIORITY}}
  - {{id: scheduled, title: Scheduled, national: SCHEDULED}}
  - {{id: resolve, title: Resolved, national: RESOLVE}}
base_grade: scheduled
earned_when: {{fact: dangers, includes_none: [violence, threats]}}
responses:
  - {{id: attend, title: Officers attend, attends: true}}
  - {{id: desk, title: Telephone desk, attends: false}}
facts:
  - id: dangers
    type: set
    question: Is any of these happening now?
    element: threat
    options: [{{id: violence, title: Somebody is being attacked}}, {{id: threats, title: Somebody is threatened}}]
    purpose: [grade]
    required: true
rules:
  - id: violence
    says: Somebody is being attacked.
    basis: [force]
    when: {{fact: dangers, includes_any: [violence]}}
    grade: {violence}
    response: {{require: attendance, forbid: [desk]}}
  - id: threats
    says: Somebody is threatened.
    basis: [force]
    when: {{fact: dangers, includes_any: [threats]}}
    grade: {threats}
"""
_CASES = """\
format: cases/1
policy: hertfordshire-thriives
cases:
  - id: attack
    title: {title}
    answers: [{{fact: dangers, present: [violence]}}]
    expect: {{grade: {{at_least: SCHEDULED}}, reasons: [violence]}}
"""


def a_version(
    label: str, violence: str = "immediate", threats: str = "priority", *, change: str = "Made for a story",
    title: str = "An attack",
) -> Text:  # fmt: skip
    """A version with these grades for its two rules. The usual ones are those of the first."""
    return Text(
        _POLICY.format(label=label, violence=violence, threats=threats, change=change), _CASES.format(title=title)
    )


def weaker(label: str) -> Text:
    """A version that lowers what the first gives to threats."""
    return a_version(label, threats="scheduled")


def stronger(label: str) -> Text:
    """A version that raises it."""
    return a_version(label, threats="immediate")


def mixed(label: str) -> Text:
    """A version that raises one and lowers the other."""
    return a_version(label, violence="priority", threats="immediate")


@contextmanager
def small_room(folder: Path, clock: MovableClock) -> Iterator[Stage]:
    """A service on a folder, with the first version in force since an hour if the folder is new."""
    services = embedded(folder, clock)
    with serving(services, clock) as stage:
        if not services.ports.policies.names("activations/"):
            services.keys.create(FORCE)
            approve(stage, submitted(stage, a_version("first")))
            activate(stage, "first", emergency=True).granted()
            clock.move(hours=1)
        yield stage


@contextmanager
def serving(services: Services, clock: MovableClock) -> Iterator[Stage]:
    """Services of the embedded run behind HTTP."""
    with room_of(services, local_tokens(services)) as room:
        yield Stage(room, clock)


def submitted(stage: Stage, text: Text, owner: Caller | None = None) -> str:
    """The manifest of a version that was drafted and submitted."""
    owner = owner or stage.room.owner
    manifest: str = owner.post(STEPS, text.sent()).granted()["manifest"]
    owner.post(f"{STEPS}/{manifest}/submit", {}).granted()
    return manifest


def step(who: Caller, version: str, name: str, body: Mapping[str, object] | None = None, *, key: str = "") -> Answer:
    """Take a step."""
    return who.post(f"{STEPS}/{version}/{name}", dict(body or {}), key=key or new_key())


def approve(stage: Stage, version: str, *, accept: bool = False) -> dict[str, Any]:
    """Approve a version; with `accept` whatever it lowers."""
    answer = step(stage.room.approver, version, "approve")
    if accept:
        listed = answer.problem(409, "not_acknowledged")
        answer = step(stage.room.approver, version, "approve", {"acknowledged": listed["acknowledge"]})
    return answer.granted()


def activate(stage: Stage, version: str, minutes: float = 5, *, key: str = "", **body: object) -> Answer:
    """Put a version in force in some minutes; or as the body says."""
    if "emergency" not in body and "night" not in body:
        body["from"] = instant_text(stage.clock() + timedelta(minutes=minutes))
    return step(stage.room.approver, version, "activate", body, key=key)


def listed(stage: Stage, version: str) -> dict[str, Any]:
    """A version as it is listed."""
    found = stage.room.owner.get(STEPS).granted()["versions"]
    [one] = [one for one in found if version in (one["version"], one["manifest"])]
    return dict(one)


def active(stage: Stage, **query: str) -> dict[str, Any]:
    """What is in force."""
    return stage.room.auditor.get(f"/v1/policies/{POLICY_ID}/active", **query).granted()


def applied(stage: Stage) -> str:
    """The version that a new call is assessed under, by whoever has not looked at the list for a while."""
    stage.clock.move(seconds=21)
    body = {
        "contact": {
            "reference": f"HC-{new_key()[:12]}", "started_at": "2026-11-23T04:17:09Z", "channel": "999",
            "state": "in_progress",
        },
        "actor": {"pseudonym": "ch-4471", "role": "call_handler"},
        "answers": [],
    }  # fmt: skip
    found: str = stage.room.handler.decide(body)["policy"]["version"]
    return found
