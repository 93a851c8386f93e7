"""Overlays: what they compose to, and each mistake told once, at its place in the overlay."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from chalicelib.authoring.documents import CheckedPolicy, checked
from chalicelib.authoring.overlay import LISTS, RESTATED, Overlay, compose
from chalicelib.canonical import canonical, sha256_hex
from chalicelib.cli.policy_files import compiled_file
from chalicelib.errors import Fault, Invalid, NotFound, ServiceError, TooLarge
from chalicelib.policy.document import POLICY_BYTES, Policy
from tests.policy.wrong_documents import DOCUMENT

BASE = DOCUMENT.replace("id: small", "id: base")
FLAT = checked(BASE.encode()).stored
DIGEST = sha256_hex(FLAT)
HEAD = f"""\
format: overlay/1
id: ours
force: test
version: "2"
title: Ours
owner: Us
change: What is ours
based_on: {{id: base, sha256: {DIGEST}}}
"""
THREE = "{id: three, says: Three, basis: [source], when: {fact: count, at_least: 3}, grade: top}"


def base_of(policy_id: str, digest: str) -> bytes:
    """The one base there is, whatever digest it is asked for with."""
    if policy_id not in ("base", "renamed"):
        raise NotFound("a base that is there")
    return FLAT


def overlaid(body: str, head: str = HEAD) -> CheckedPolicy:
    """An overlay with its base."""
    return checked((head + body).encode(), base_of)


def flat(body: str) -> dict[str, Any]:
    """What an overlay composes to."""
    found: dict[str, Any] = json.loads(overlaid(body).stored)
    return found


def ids(whole: dict[str, Any], part: str) -> list[str]:
    """The ids in a list."""
    return [thing["id"] for thing in whole[part]]


def faults_in(body: str, head: str = HEAD) -> list[Fault]:
    """The faults of an overlay; each has its line and column."""
    with pytest.raises(ServiceError) as refused:
        overlaid(body, head)
    found = list(refused.value.faults)
    assert all(fault.line and fault.column for fault in found)
    return found


def test_an_overlay_without_changes_is_the_base_under_its_own_name() -> None:
    found, base = flat(""), json.loads(FLAT)
    own = {"id": "ours", "version": "2", "title": "Ours", "owner": "Us", "change": "What is ours"}
    assert found == {**base, **own, "based_on": {"id": "base", "sha256": DIGEST}}


def test_things_are_added_replaced_removed_and_ordered_by_id() -> None:
    found = flat(
        f"""\
rules:
  add: [{THREE}]
  replace: [{{id: one, says: Uno, basis: [source], when: {{fact: danger, is: yes}}, grade: top}}]
  order: [three]
specified_needs: {{remove: [need]}}
impossible: {{add: [{{id: never, when: {{fact: count, at_least: 8}}, says: Never.}}], order: [never, odd]}}
"""
    )
    assert ids(found, "rules") == ["three", "one", "two"]
    assert found["rules"][1]["says"] == "Uno"
    assert "flags" not in found["rules"][1], "what is replaced is restated whole"
    assert found["specified_needs"] == []
    assert ids(found, "impossible") == ["never", "odd"]


def test_single_parts_are_restated_whole() -> None:
    found = flat('base_grade: top\nearned_when: {fact: count, is: 0}\ncalendar: {known_until: "2027-12-31"}\n')
    assert found["base_grade"] == "top"
    assert found["earned_when"] == {"fact": "count", "is": 0}
    assert found["calendar"] == {"known_until": "2027-12-31"}, "no default is filled in"


def test_a_list_that_the_base_does_not_have_can_be_added_to() -> None:
    assert flat("texts: {add: [{id: hold, text: Please hold.}]}\n")["texts"] == [{"id": "hold", "text": "Please hold."}]


def test_every_part_of_a_policy_can_be_changed() -> None:
    own = {"format", "id", "force", "version", "title", "owner", "change", "based_on"}
    assert set(Policy.model_fields) == own | set(LISTS) | set(RESTATED) == set(Overlay.model_fields)


def test_what_is_stored_is_the_flat_policy_and_what_was_written_is_kept() -> None:
    found = overlaid(f"rules: {{add: [{THREE}]}}\n")
    assert found.compiled.digest == sha256_hex(found.stored)
    again = checked(found.stored)
    assert (again.stored, again.source, again.compiled.digest) == (found.stored, found.stored, found.compiled.digest)
    assert json.loads(found.source)["format"] == "overlay/1"
    assert found.compiled.policy.based_on is not None
    assert found.compiled.policy.based_on.sha256 == DIGEST


def test_a_composed_policy_can_be_a_base() -> None:
    middle = overlaid(f"rules: {{add: [{THREE}]}}\n")
    head = HEAD.replace("id: ours", "id: top").replace("id: base", "id: ours").replace(DIGEST, middle.compiled.digest)
    found = checked(f"{head}rules: {{remove: [two]}}\n".encode(), lambda *_: middle.stored)
    whole = json.loads(found.stored)
    assert ids(whole, "rules") == ["one", "three"]
    assert whole["based_on"] == {"id": "ours", "sha256": middle.compiled.digest}


# the overlay's own part, code ("": that of any wrong form), pointer, what the fault has to name
ROWS = [
    ("rules: {add: [{id: one, says: O, basis: [source], when: {fact: danger, is: yes}, grade: top}]}",
     "exists", "/rules/add/0/id", "replace"),
    ("flags: {replace: [{id: marc, title: Mark}]}", "unknown_name", "/flags/replace/0/id", '"mark"?'),
    ("flags: {replace: [{id: zzz, title: Mark}]}", "unknown_name", "/flags/replace/0/id", "among flags"),
    ("rules: {remove: [twoo]}", "unknown_name", "/rules/remove/0", '"two"?'),
    ("rules: {remove: [two], order: [two]}", "unknown_name", "/rules/order/0", "is removed"),
    ("rules: {order: [tow]}", "unknown_name", "/rules/order/0", "tow"),
    ("rules: {order: [two, two]}", "duplicate_id", "/rules/order/1", "twice"),
    ("rules: {remove: [two, two]}", "duplicate_id", "/rules/remove/1", "twice"),
    ("flags: {add: [{id: new, title: N}, {id: new, title: N}]}", "duplicate_id", "/flags/add/1/id", "twice"),
    ("flags: {replace: [{id: mark, title: N}, {id: mark, title: N}]}", "duplicate_id", "/flags/replace/1/id", "twice"),
    ("specified_needs: {replace: [{id: need, title: N, when: {fact: danger, is: yes}}], remove: [need]}",
     "replaced_and_removed", "/specified_needs/remove/0", "one of the two"),
    ("rules: {}", "empty", "/rules", "add, replace, remove or order"),
    ("rules: {add: [], remove: []}", "empty", "/rules", "left out"),
    ("rules:", "empty", "/rules", "rules"),
    ("calendar:", "empty", "/calendar", "calendar"),
    ("rules: {added: []}", "", "/rules/added", "added"),
    ("ruls: {remove: [two]}", "", "/ruls", "ruls"),
    ("rules: [two]", "", "/rules", "two"),
    ("rules: {remove: [Two]}", "", "/rules/remove/0", "Two"),
    ("rules: {add: [{id: three, says: T, basis: [source], when: {fact: count, least: 3}, grade: top}]}",
     "", "/rules/add/0/when/least", "least"),
    ("checks: {add: [{id: c, title: C, due_when: {all: []}, results: [{result: r, fact: danger, value: yes}]}]}",
     "", "/checks/add/0/due_when/all", "all"),
    # faults of the whole that stand in the overlay
    ("rules: {add: [{id: three, says: T, basis: [source], when: {fact: cuont, at_least: 3}, grade: top}]}",
     "unknown_name", "/rules/add/0/when/fact", '"count"'),
    ("base_grade: topp", "unknown_name", "/base_grade", '"top"'),
    ("earned_when: {fact: danger, is: maybe}", "value", "/earned_when/is", "yes"),
    ("grades: {remove: [low]}\nbase_grade: top", "", "/grades", "2"),
    ("precautions: {add: [{id: one, says: C, basis: [source], on: bad, scope: {fact: danger, is: yes}, "
     "not_asked: at_end, grade: top, question: hurt}]}", "duplicate_id", "/precautions/add/0/id", '"one"'),
    ("conditions: {replace: [{id: bad, title: B, when: {condition: late}}],"
     " add: [{id: late, title: L, when: {fact: danger, is: yes}}]}",
     "order", "/conditions/replace/0/when/condition", "`order`"),
    # faults of the base that the overlay makes
    ("facts: {remove: [count]}", "still_used", "/facts/remove/0", "impossible (odd)"),
    ("facts: {remove: [danger]}", "still_used", "/facts/remove/0",
     "facts (signs), rules (one), precautions (care), earned_when, specified_needs (need)"),
    ("flags: {remove: [mark]}", "still_used", "/flags/remove/0", "in base by rules (one)"),
    ("basis: {add: [{id: law, title: Law}], remove: [source]}", "still_used", "/basis/remove/0", "rules (one, two)"),
    ("grades: {add: [{id: least, title: L, national: RESOLVE}], remove: [low]}", "still_used", "/grades/remove/0",
     "rules (two), base_grade"),
    ("conditions: {remove: [bad]}", "still_used", "/conditions/remove/0", "rules (two), precautions (care)"),
    ("facts: {replace: [{id: hurt, type: yes_no, question: Hurt?, worse: yes, purpose: [grade]}]}",
     "no_longer_fits", "/facts/replace/0/id", "conditions (bad), checks (history) of base"),
    ("rules: {add: [{id: care, says: T, basis: [source], when: {fact: count, at_least: 3}, grade: top}]}",
     "duplicate_id", "/rules/add/0/id", "in base by precautions (care)"),
    ("grades: {order: [low]}", "grade_order", "/grades/order", "grades (top) of base"),
    ("grades: {replace: [{id: top, title: T, national: RESOLVE}]}", "grade_order", "/grades", "grades (low) of base"),
    ("elements: {add: [{id: more, title: M}]}\nrules: {add: [{id: three, says: T, basis: [source], grade: top,"
     " when: {all: [{finding: threat, at_least: high}, {finding: risk, at_least: low}]}}],"
     " replace: [{id: one, says: O, basis: [source], when: {finding: more, at_least: low}, grade: top,"
     " findings: [{element: threat, level: high}]}]}", "stratum", "/rules/replace/0/findings/0/element", "threat"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "code", "where", "named"), ROWS, ids=[f"{row[2]} {row[1]}" for row in ROWS])
def test_a_mistake_is_one_fault_at_its_place(body: str, code: str, where: str, named: str) -> None:
    (fault,) = faults_in(body + "\n")
    assert (fault.code if code else "", fault.where) == (code, where)
    assert named in f"{fault.wrong} {fault.right}"


@pytest.mark.parametrize(("body", "where"), [(row[0], row[2]) for row in ROWS])
def test_a_fault_stands_on_the_line_that_it_is_about(body: str, where: str) -> None:
    (fault,) = faults_in(f"{body}\n")
    written = (HEAD + body).split("\n")
    assert fault.line is not None
    if "in base: " in fault.wrong:
        assert written[fault.line - 1].startswith("based_on")
    else:
        assert written[fault.line - 1].startswith(where.split("/")[1]) or fault.line > HEAD.count("\n")


def test_two_mistakes_are_two_faults() -> None:
    found = faults_in("facts: {remove: [count]}\nflags: {remove: [mark]}\n")
    assert [(fault.where, fault.line) for fault in found] == [("/facts/remove/0", 9), ("/flags/remove/0", 10)]
    found = faults_in(f"rules: {{remove: [twoo], add: [{THREE}, {THREE}]}}\ntexts: {{}}\n")
    assert sorted(fault.where for fault in found) == ["/rules/add/1/id", "/rules/remove/0", "/texts"]


def test_a_mistake_of_form_hides_no_name_that_is_wrong() -> None:
    wrong = THREE.replace("grade: top", "grade: toop, findings: [{element: threat, level: hihg}], duties: [nobody]")
    found = faults_in(f"rules: {{add: [{wrong}], remove: [two]}}\n")
    assert sorted(fault.where.rpartition("/rules/add/0/")[2] for fault in found) == [
        "duties/0", "findings/0/level", "grade",
    ]  # fmt: skip
    # Where it could not be put together, what is known is told.
    assert [fault.where for fault in faults_in(f"rules: {{add: [{wrong}], remove: [twoo]}}\n")] == [
        "/rules/add/0/findings/0/level"
    ]
    assert [fault.where for fault in faults_in(f"rules: {{add: [{wrong.replace('id: three', 'id: 3')}]}}\n")] == [
        "/rules/add/0/id",
        "/rules/add/0/findings/0/level",
    ]


def test_conditions_of_the_base_that_are_put_in_a_wrong_order_are_told_at_the_order() -> None:
    late = "conditions: {add: [{id: late, title: L, when: {condition: bad}}]}\n"
    middle = overlaid(late)
    head = HEAD.replace("id: base", "id: ours").replace(DIGEST, middle.compiled.digest)
    with pytest.raises(Invalid) as refused:
        checked(f"{head}conditions: {{order: [late]}}\n".encode(), lambda *_: middle.stored)
    (fault,) = refused.value.faults
    assert (fault.code, fault.where, fault.line) == ("order", "/conditions/order", 9)
    assert "conditions (late) of ours" in fault.wrong


def test_a_removal_is_told_of_the_part_that_the_name_is_used_for() -> None:
    base = checked(BASE.replace("id: odd", "id: mark").encode())
    text = HEAD.replace(DIGEST, base.compiled.digest) + "impossible: {remove: [mark]}\nflags: {remove: [mark]}\n"
    with pytest.raises(Invalid) as refused:
        checked(text.encode(), lambda *_: base.stored)
    assert [(fault.where, fault.line) for fault in refused.value.faults] == [("/flags/remove/0", 10)]


# what is changed in the head, code ("": that of any wrong form), pointer, what the fault has to name
HEADS = [
    ((DIGEST, "a" * 64), "base_digest", "/based_on/sha256", f"the base is {DIGEST}; this was written for {'a' * 64}"),
    (("id: base", "id: renamed"), "base_id", "/based_on/id", 'the base calls itself "base"'),
    (("id: base", "id: basis"), "no_base", "/based_on", "a base that is there"),
    (("format: overlay/1", "format: overlay/2"), "", "/format", "overlay/1"),
    ((DIGEST, DIGEST[:60]), "", "/based_on/sha256", DIGEST[:20]),
    (("owner: Us\n", ""), "", "/owner", "owner"),
]


@pytest.mark.parametrize(("change", "code", "where", "named"), HEADS, ids=[row[2] for row in HEADS])
def test_an_overlay_for_another_base_is_refused(change: tuple[str, str], code: str, where: str, named: str) -> None:
    (fault,) = faults_in("rules: {remove: [twoo]}\n" if code.endswith("base") else "", HEAD.replace(*change))
    assert (fault.code if code else "", fault.where) == (code, where)
    assert named in f"{fault.wrong} {fault.right}"


def test_an_overlay_by_itself_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        checked(HEAD.encode())
    assert [fault.code for fault in refused.value.faults] == ["no_base"]


def test_a_composed_policy_is_no_larger_than_one_that_was_written() -> None:
    long = ", ".join(f'{{id: t{place}, text: "{"x" * 590}"}}' for place in range(1000))
    large = checked(f"{BASE}texts: [{long}]\n".encode())
    assert len(large.stored) < POLICY_BYTES
    more = ", ".join(f'{{id: u{place}, text: "{"x" * 590}"}}' for place in range(1000))
    head = HEAD.replace(DIGEST, large.compiled.digest)
    with pytest.raises(TooLarge):
        checked(f"{head}texts: {{add: [{more}]}}\n".encode(), lambda *_: large.stored)


def test_neither_base_nor_overlay_is_changed_by_composing() -> None:
    base, overlay = json.loads(FLAT), json.loads(overlaid("rules: {remove: [two]}\n").source)
    before = canonical([base, overlay])
    compose(base, overlay)
    assert canonical([base, overlay]) == before


def test_the_schema_describes_the_parts_for_an_editor() -> None:
    schema = Overlay.model_json_schema()
    validator = jsonschema.Draft202012Validator(schema)
    body = json.loads(overlaid(f"rules: {{add: [{THREE}], remove: [two]}}\n").source)
    assert list(validator.iter_errors(body)) == []
    for wrong in ({}, {"add": [{"id": "three"}]}, {"move": ["two"]}):
        assert list(validator.iter_errors({**body, "rules": wrong})), wrong
    described = schema["$defs"]["Part_Rule_"]["properties"]
    assert described["add"]["description"].startswith("New ones.")


def in_folders(root: Path, **texts: str) -> None:
    """A folder for each policy."""
    for name, text in texts.items():
        (root / name).mkdir()
        (root / name / "policy.yaml").write_text(text)


def test_the_base_of_a_file_is_in_the_folder_beside_it(tmp_path: Path) -> None:
    in_folders(tmp_path, base=BASE, ours=f"{HEAD}rules: {{add: [{THREE}]}}\n")
    middle = compiled_file(tmp_path / "ours" / "policy.yaml")
    assert [rule.id for rule in middle.compiled.policy.rules] == ["one", "two", "three"]
    above = HEAD.replace("id: ours", "id: theirs").replace("id: base", "id: ours")
    in_folders(tmp_path, theirs=above.replace(DIGEST, middle.compiled.digest))
    assert compiled_file(tmp_path / "theirs" / "policy.yaml").compiled.policy.based_on is not None


def test_a_base_in_a_file_that_has_changed_is_told_by_its_digest(tmp_path: Path) -> None:
    changed = BASE.replace("title: Small", "title: Smaller")
    in_folders(tmp_path, base=changed, ours=HEAD)
    with pytest.raises(Invalid) as refused:
        compiled_file(tmp_path / "ours" / "policy.yaml")
    (fault,) = refused.value.faults
    assert (fault.code, fault.line) == ("base_digest", 8)
    assert checked(changed.encode()).compiled.digest in fault.right


def test_a_file_without_its_base_says_where_it_is_looked_for(tmp_path: Path) -> None:
    in_folders(tmp_path, ours=HEAD)
    with pytest.raises(Invalid) as refused:
        compiled_file(tmp_path / "ours" / "policy.yaml")
    assert str(tmp_path / "base" / "policy.yaml") in refused.value.faults[0].right


def test_a_wrong_base_in_a_file_is_told_with_its_own_faults(tmp_path: Path) -> None:
    in_folders(tmp_path, base=BASE.replace("base_grade: low", "base_grade: lo"), ours=HEAD)
    with pytest.raises(Invalid) as refused:
        compiled_file(tmp_path / "ours" / "policy.yaml")
    assert "base/policy.yaml is not right" in refused.value.detail
    assert [(fault.where, fault.line) for fault in refused.value.faults] == [("/base_grade", 13)]


def test_policies_that_are_based_on_each_other_are_refused(tmp_path: Path) -> None:
    in_folders(tmp_path, ours=HEAD, base=HEAD.replace("id: ours", "id: base").replace("id: base, sha", "id: ours, sha"))
    with pytest.raises(Invalid) as refused:
        compiled_file(tmp_path / "ours" / "policy.yaml")
    assert "not made from this policy itself" in refused.value.faults[0].right
