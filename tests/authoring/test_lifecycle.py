"""Steps and activations as pure functions: where versions stand, what is in force, and what comes in whose place."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

import pytest

from chalicelib.authoring.activations import Activation, effective, in_force, new_successions, to_come
from chalicelib.authoring.lifecycle import (
    Compared,
    Manifest,
    State,
    Step,
    StepKind,
    Version,
    approval_due,
    label_holder,
    state_at,
    versions,
)
from chalicelib.model import instant_of

NOON = instant_of("2026-11-23T12:00:00Z")
AUTHOR, APPROVER = "po-1", "pa-1"


def manifest(policy: str = "a", label: str = "1") -> Manifest:
    """The manifest of a policy that is named by a hexadecimal digit."""
    digest = policy * 64
    return Manifest(id="small", force="north", version=label, policy=digest, cases=digest, source=digest)


def steps(*taken: tuple[str, str] | tuple[str, str, Manifest], **more: object) -> dict[str, Version]:
    """The versions after some steps; `more` belongs to the last of them."""
    found = []
    for number, (kind, by, *about) in enumerate(taken):
        last = more if number == len(taken) - 1 else {}
        one = about[0] if about else manifest()
        event = f"e{number}"
        at = NOON + timedelta(minutes=number)
        found.append(
            Step(event=event, kind=StepKind(f"policy_{kind}"), manifest=one, by=by, at=at).model_copy(update=last)
        )
    return versions(found)


DRAFTED, SUBMITTED = ("drafted", AUTHOR), ("submitted", AUTHOR)
APPROVED, DECLINED = ("approved", APPROVER), ("declined", APPROVER)

STANDS = [
    ([DRAFTED], State.DRAFT, "a draft"),
    ([DRAFTED, SUBMITTED], State.SUBMITTED, "submitted"),
    ([DRAFTED, SUBMITTED, APPROVED], State.APPROVED, "approved"),
    ([DRAFTED, SUBMITTED, APPROVED, DRAFTED], State.APPROVED, "the same draft once more"),
    ([DRAFTED, APPROVED], State.DRAFT, "nobody approves what was not submitted"),
    ([DRAFTED, SUBMITTED, ("approved", AUTHOR)], State.SUBMITTED, "its author cannot"),
    ([DRAFTED, SUBMITTED, ("drafted", APPROVER), APPROVED], State.SUBMITTED, "who drafts it too, meanwhile, cannot"),
    ([DRAFTED, SUBMITTED, ("drafted", APPROVER, manifest("b")), APPROVED], State.SUBMITTED, "nor under its label"),
    ([DRAFTED, SUBMITTED, ("drafted", APPROVER, manifest("b", "2")), APPROVED], State.APPROVED, "unlike another"),
    ([DRAFTED, SUBMITTED, DECLINED], State.DECLINED, "declined"),
    ([DRAFTED, SUBMITTED, DECLINED, APPROVED], State.DECLINED, "declined and approved at once"),
    ([DRAFTED, SUBMITTED, APPROVED, DECLINED], State.DECLINED, "the other way round"),
    ([DRAFTED, SUBMITTED, DECLINED, DRAFTED, SUBMITTED], State.DECLINED, "a decline is for good"),
    ([DRAFTED, ("withdrawn", AUTHOR), SUBMITTED, APPROVED], State.WITHDRAWN, "and so is a withdrawal"),
]  # fmt: skip


@pytest.mark.parametrize(("taken", "state", "remark"), STANDS, ids=[row[2] for row in STANDS])
def test_where_a_version_stands_follows_from_its_steps(taken: list[tuple[str, str]], state: State, remark: str) -> None:
    assert steps(*taken)[manifest().digest].state is state, remark


def test_of_two_approved_under_one_label_the_first_holds_it() -> None:
    other = manifest("b")
    known = steps(
        DRAFTED, SUBMITTED, ("drafted", AUTHOR, other), ("submitted", AUTHOR, other), ("approved", APPROVER, other),
        APPROVED,
    )  # fmt: skip
    assert label_holder(known.values(), "1") is known[other.digest]
    assert known[manifest().digest].state is State.SUBMITTED


def test_only_an_approval_that_counts_and_names_a_list_accepts_anything() -> None:
    pair = {"compared": (Compared(old="b" * 64, new="a" * 64),)}
    accepted = {**pair, "acknowledged": "c" * 64}
    name = manifest().digest
    assert steps(DRAFTED, SUBMITTED, APPROVED, **accepted)[name].acknowledged == {"b" * 64}
    assert steps(DRAFTED, SUBMITTED, APPROVED, **pair)[name].acknowledged == set()
    assert steps(DRAFTED, SUBMITTED, ("approved", AUTHOR), **accepted)[name].acknowledged == set()
    assert steps(DRAFTED, SUBMITTED, APPROVED, ("activated", APPROVER), **accepted)[name].acknowledged == set()


# Activations: a letter for the policy, minutes after noon, and the events that are taken back.


class Put(NamedTuple):
    """An entry of a list."""

    policy: str
    minutes: float
    back: tuple[int, ...] = ()


def entries(*put: Put) -> list[Activation]:
    """A list; the event of an entry is its place."""
    return [
        Activation(
            event=f"e{place}",
            id="small",
            version=one.policy,
            manifest=manifest(one.policy, one.policy).digest,
            policy=one.policy * 64,
            starts=after(one.minutes),
            withdraws=tuple(f"e{number}" for number in one.back) or None,
        )
        for place, one in enumerate(put)
    ]


def after(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def names(found: list[Activation]) -> str:
    return "".join(one.version for one in found)


LISTS = [
    ([Put("a", -9), Put("b", 5)], "a", "b", "one in force, one to come"),
    ([Put("a", -9), Put("b", 5), Put("b", -1, (1,))], "a", "", "taken back before it began"),
    ([Put("a", -9), Put("b", -5), Put("b", -1, (1,))], "ba", "", "too late: it had begun"),
    ([Put("a", -9), Put("b", -5), Put("b", -5, (1,))], "ba", "", "at its very start is too late as well"),
    ([Put("a", -9), Put("b", 5), Put("b", -1, (1,)), Put("b", 7)], "a", "b", "and put there again"),
    ([Put("a", -9), Put("b", 5), Put("b", 9), Put("b", -1, (1, 2))], "a", "", "two of one version at once"),
    ([Put("a", -9), Put("b", 5), Put("c", 5)], "a", "c", "of equal starts the one made last"),
    ([Put("a", -9), Put("c", 5), Put("b", 5), Put("b", -1, (2,))], "a", "c", "unless it is taken back"),
    ([Put("a", -9), Put("b", -9)], "ba", "", "equal starts that have begun"),
    ([Put("c", 9), Put("b", 5), Put("a", -9)], "a", "bc", "in whatever order they were made"),
]


@pytest.mark.parametrize(("put", "begun", "next_", "remark"), LISTS, ids=[row[3] for row in LISTS])
def test_what_is_in_force_and_to_come_follows_from_the_list(
    put: list[Put], begun: str, next_: str, remark: str
) -> None:
    listed = entries(*put)
    assert (names(in_force(listed, NOON)), names(to_come(listed, NOON))) == (begun, next_), remark
    assert in_force(listed, after(-60)) == []


SUCCESSIONS = [
    ([], [Put("a", 5)], [], "the first of all replaces nothing"),
    ([Put("a", -9)], [Put("b", 5)], ["ab"], "a new one"),
    ([Put("a", -9)], [Put("b", 0)], ["ab"], "at once"),
    ([Put("a", -9), Put("c", 9)], [Put("b", 5)], ["ab", "bc"], "between two"),
    ([Put("a", -9), Put("c", 9)], [Put("b", 12)], ["cb"], "behind both"),
    ([Put("a", -9), Put("c", 9)], [Put("b", 0)], ["ab", "bc"], "at once, before one that is scheduled"),
    ([Put("a", -9), Put("c", 9)], [Put("b", 9)], ["ab"], "in the place of one that is scheduled"),
    ([Put("a", -9), Put("b", 5), Put("c", 9)], [Put("b", -1, (1,))], ["ac"], "one taken back between two"),
    ([Put("a", -9), Put("b", 5)], [Put("b", -1, (1,))], [], "the last one taken back"),
    ([Put("a", -9), Put("b", 9)], [Put("b", 5)], [], "what would come anyway comes sooner"),
    ([Put("a", -9)], [Put("a", 5)], [], "the same once more"),
    ([Put("a", -9), Put("b", -5)], [Put("a", 0)], ["ba"], "going back"),
    ([Put("a", -9), Put("b", -5), Put("a", -3)], [Put("b", 0)], ["ab"], "going back on going back"),
    ([Put("a", -9), Put("b", -5)], [Put("a", -7)], [], "an old start that something has followed"),
]


@pytest.mark.parametrize(("put", "more", "pairs", "remark"), SUCCESSIONS, ids=[row[3] for row in SUCCESSIONS])
def test_what_a_longer_list_puts_in_whose_place(put: list[Put], more: list[Put], pairs: list[str], remark: str) -> None:
    longer = entries(*put, *more)
    found = new_successions(longer[: len(put)], longer, NOON)
    assert [f"{old.version}{new.version}" for old, new in found] == pairs, remark


def test_a_version_is_scheduled_active_and_superseded_by_the_list() -> None:
    about = manifest("b", "b")
    version = versions(
        Step(event=kind, kind=kind, manifest=about, by=by, at=NOON)
        for kind, by in ((StepKind.DRAFTED, AUTHOR), (StepKind.SUBMITTED, AUTHOR), (StepKind.APPROVED, APPROVER))
    )[about.digest]
    listed = entries(Put("a", -9), Put("b", 5), Put("a", 9))
    shown = [state_at(version, listed, after(minutes)) for minutes in (0, 5, 8.9, 9)]
    assert shown == [State.SCHEDULED, State.ACTIVE, State.ACTIVE, State.SUPERSEDED]
    assert state_at(version, [], NOON) is State.APPROVED
    taken_back = [*listed, *entries(Put("a", 0), Put("b", 1, (1,)))[1:]]
    assert [one.version for one in effective(taken_back)] == ["a", "a"]
    assert state_at(version, taken_back, after(6)) is State.APPROVED


def test_an_approval_is_due_while_one_person_alone_holds_a_version_in_force() -> None:
    due = after(24 * 60)
    night = Step(
        event="e1",
        kind=StepKind.ACTIVATED,
        manifest=manifest("b", "b"),
        by=AUTHOR,
        at=NOON,
        night=True,
        approval_due=due,
    )
    taken = [night.model_copy(update={"event": kind, "kind": kind}) for kind in (StepKind.DRAFTED, StepKind.SUBMITTED)]
    approval = Step(event="e9", kind=StepKind.APPROVED, manifest=night.manifest, by=APPROVER, at=after(60))
    name = night.manifest.digest
    version, approved = versions([*taken, night])[name], versions([*taken, night, approval])[name]
    listed = entries(Put("a", -9), Put("b", 1))
    assert version.holds_label
    assert [approval_due(version, listed, after(minutes)) for minutes in (0, 2)] == [due, due]
    assert approval_due(approved, listed, after(2)) is None
    assert approval_due(version, entries(Put("a", -9), Put("b", 1), Put("a", 3)), after(4)) is None
    assert approval_due(version, entries(Put("a", -9), Put("b", 1), Put("b", 0, (1,))), after(2)) is None
