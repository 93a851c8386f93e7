"""Which parts of a policy document were added, removed or changed, and what that weighs. It knows no call.

What rules, conditions and precautions come to, and in which calls something is asked, due or owed, is judged by the
comparison itself; here it weighs no more than "more". An obligation that is dropped, or changed in any other way that
is not plainly more, weighs as a lowering.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from chalicelib.analysis.differences import Change, Weight
from chalicelib.canonical import Json
from chalicelib.policy.document import Fact, FactType, Policy, Purpose

Doc = Mapping[str, Json]

WORDS = frozenset({
    "title", "says", "question", "help", "phrase", "phrase_no", "basis", "where", "change", "owner", "text", "version",
    "based_on",
})  # fmt: skip
"""Members that only people read."""

_JUDGED_BY_CALLS = ("elements", "responses", "flags", "impossible", "conditions", "rules", "precautions")
_OWED = ("duties", "checks", "timers", "specified_needs", "guarantees", "outcomes")
_OWED_IN_CALLS = ("checks", "timers", "specified_needs", "victims_code")
_CONDITIONS = ("when", "due_when")
"""Members of what is owed in some calls that say in which."""
_MORE_OF = ("duties", "flags", "never", "needs")
_MINUTES = ("minutes", "again_minutes", "working_days")


def changes_of(old: Policy, new: Policy) -> tuple[Change, ...]:
    """Every difference between two documents, in the order of the new one's parts."""
    return tuple(_changes(old, new))


def _changes(old: Policy, new: Policy) -> Iterator[Change]:
    before, after = (_document(policy) for policy in (old, new))
    for part in ("grades", *_JUDGED_BY_CALLS, *_OWED, "texts", "basis"):
        yield from _of_list(part, _by_id(before.get(part)), _by_id(after.get(part)))
    yield from _of_facts(old, new)
    codes = [_flat_code(document.get("victims_code")) for document in (before, after)]
    yield from _of_list("victims_code", codes[0], codes[1])
    if _reordered(before.get("grades"), after.get("grades")):
        yield _changed("grades", "", ("order",), Weight.MAJOR)
    for name in ("base_grade", "earned_when"):
        if before.get(name) != after.get(name):
            yield _changed(name, "", (name,), Weight.MINOR)
    if before.get("calendar") != after.get("calendar"):
        yield _changed("calendar", "", ("calendar",), Weight.MAJOR)  # another holiday makes a working day later
    if before.get("events_fed") != after.get("events_fed"):
        yield _changed("events_fed", "", ("events_fed",), Weight.MAJOR)  # what is not fed is not measured
    words = tuple(name for name in ("title", "owner", "change", "based_on") if before.get(name) != after.get(name))
    if words:
        yield _changed("policy", new.id, words, Weight.PATCH)


def _document(policy: Policy) -> Doc:
    document: Doc = policy.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return document


def _by_id(things: Json) -> dict[str, Doc]:
    found = [thing for thing in things if isinstance(thing, dict)] if isinstance(things, list) else []
    return {str(thing["id"]): thing for thing in found}


def _reordered(before: Json, after: Json) -> bool:
    """Whether what two lists have in common stands in another order."""
    names = [list(_by_id(one)) for one in (before, after)]
    common = [[name for name in own if name in other] for own, other in ((names[0], names[1]), (names[1], names[0]))]
    return common[0] != common[1]


def _flat_code(code: Json) -> dict[str, Doc]:
    """The parts of a Victims' Code, each with an id of its own."""
    if not isinstance(code, dict):
        return {}
    found = {
        f"{part}/{name}": thing for part in ("categories", "tell") for name, thing in _by_id(code.get(part)).items()
    }
    if "leave_to_officer_when" in code:
        found["leave_to_officer_when"] = {"when": code["leave_to_officer_when"]}
    return found


def _of_list(part: str, before: Mapping[str, Doc], after: Mapping[str, Doc]) -> Iterator[Change]:
    owed = part in _OWED or part in ("victims_code", "grades")
    for name in after:
        if name not in before:
            weight = Weight.PATCH if part in ("texts", "basis") else Weight.MINOR
            # What a new grade stands for among the others no call shows while only the national ones are compared.
            yield _added(part, name, Weight.MAJOR if part in ("outcomes", "grades") else weight)
        elif before[name] != after[name]:
            members = _different(before[name], after[name])
            judged = _CONDITIONS if part in _OWED_IN_CALLS else () if owed else _all_but_needs(part, members)
            yield _changed(part, name, members, _weight(before[name], after[name], members, judged=judged))
    for name in before:
        if name not in after:
            weight = Weight.MAJOR if owed else Weight.PATCH if part == "basis" else Weight.MINOR
            yield _removed(part, name, weight)


def _all_but_needs(part: str, members: tuple[str, ...]) -> tuple[str, ...]:
    """Of what is judged by calls all members, but not what a response takes before it is given: no call shows that."""
    return tuple(member for member in members if (part, member) != ("responses", "needs"))


def _weight(before: Doc, after: Doc, members: tuple[str, ...], *, judged: tuple[str, ...]) -> Weight:
    """What a change weighs: words nothing, what is `judged` by calls as more, else a lowering if not plainly more."""
    real = [member for member in members if not _only_words(before.get(member), after.get(member), member)]
    if not real:
        return Weight.PATCH
    more = all(member in judged or _plainly_more(before.get(member), after.get(member), member) for member in real)
    return Weight.MINOR if more else Weight.MAJOR


def _plainly_more(before: Json, after: Json, member: str) -> bool:
    """Whether an obligation only got sooner, or promises more."""
    if member in _MINUTES:
        return isinstance(before, int) and isinstance(after, int) and after <= before
    if member in _MORE_OF:
        known = before if isinstance(before, list) else []
        return isinstance(after, list) and all(one in after for one in known)
    return member == "attendance" and before is None


def _only_words(before: Json, after: Json, member: str) -> bool:
    """Whether two members differ, if at all, in what only people read."""
    return member in WORDS or _without_words(before) == _without_words(after)


def _without_words(value: Json) -> Json:
    if isinstance(value, dict):
        return {name: _without_words(part) for name, part in value.items() if name not in WORDS}
    return [_without_words(part) for part in value] if isinstance(value, list) else value


def _of_facts(old: Policy, new: Policy) -> Iterator[Change]:
    before, after = ({fact.id: fact for fact in policy.facts} for policy in (old, new))
    for name, fact in after.items():
        if name not in before:
            yield _added("facts", name, Weight.MINOR)
        elif before[name] != fact:
            was, becomes = (one.model_dump(mode="json", exclude_defaults=True) for one in (before[name], fact))
            members = _different(was, becomes)
            real = [member for member in members if not _only_words(was.get(member), becomes.get(member), member)]
            weight = Weight.PATCH if not real else Weight.MAJOR if _weaker(before[name], fact) else Weight.MINOR
            yield _changed("facts", name, members, weight)
    for name, fact in before.items():
        if name not in after:
            for_people = fact.required or fact.always_first or set(fact.purpose) != {Purpose.GRADE}
            yield _removed("facts", name, Weight.MAJOR if for_people else Weight.MINOR)


def _weaker(old: Fact, new: Fact) -> bool:
    """Whether a question may be left open sooner, be answered better by more people, or counts differently.

    What its values and its gate come to is seen from the calls.
    """
    everybody = new.answerers is None and old.answerers is not None
    others = set(new.answerers or ()) - set(old.answerers or new.answerers or ())
    return (
        (old.required and not new.required)
        or (old.always_first and not new.always_first)
        or (old.sensitive and not new.sensitive)
        or (new.type is FactType.ORDERED and _reordered(_options(old), _options(new)))
        or not set(old.purpose) <= set(new.purpose)
        or everybody
        or bool(others)
        or (old.type, old.worse, old.per, old.history, old.clock)
        != (new.type, new.worse, new.per, new.history, new.clock)
    )


def _options(fact: Fact) -> Json:
    return [{"id": option.id} for option in fact.options or ()]


def _different(before: Doc, after: Doc) -> tuple[str, ...]:
    return tuple(name for name in {**after, **before} if before.get(name) != after.get(name))


_NAMES = {
    "grades": "grade", "elements": "element", "responses": "response", "flags": "flag", "facts": "question",
    "impossible": "impossible combination", "conditions": "condition", "rules": "rule", "precautions": "precaution",
    "duties": "duty", "checks": "check", "timers": "timer", "specified_needs": "specified need",
    "guarantees": "guarantee", "outcomes": "outcome reason", "texts": "text", "basis": "source",
    "victims_code": "part of the Victims' Code", "base_grade": "base grade",
    "earned_when": "condition of the lowest grade", "calendar": "calendar", "policy": "policy",
    "events_fed": "list of the kinds of event that the force feeds",
}  # fmt: skip


def _named(part: str, name: str) -> str:
    return f'The {_NAMES[part]} "{name}"' if name else f"The {_NAMES[part]}"


def _added(part: str, name: str, weight: Weight) -> Change:
    return Change(part=part, id=name, change="added", weight=weight, says=f"{_named(part, name)} is new.")


def _removed(part: str, name: str, weight: Weight) -> Change:
    return Change(part=part, id=name, change="removed", weight=weight, says=f"{_named(part, name)} is gone.")


def _changed(part: str, name: str, members: tuple[str, ...], weight: Weight) -> Change:
    what = ", ".join(members)
    says = f"{_named(part, name)} is changed" + (f": {what}." if members != (part,) else ".")
    return Change(part=part, id=name, change="changed", members=members, weight=weight, says=says)
