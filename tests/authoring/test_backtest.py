"""A draft against recorded decisions: what each verdict means, row by row, and that the quick grade is exact."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import product
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.assessment.call import Call, Claim
from chalicelib.assessment.contact import ContactState
from chalicelib.assessment.evaluate import evaluate
from chalicelib.assessment.standing import standing_of
from chalicelib.authoring.backtest import Backtest, Recorded, Tally, Verdict
from chalicelib.authoring.backtest_report import Draft, Report, report_of, tally_of_json, tally_to_json
from chalicelib.authoring.never_asked import NeverAsked
from chalicelib.authoring.regrade import regrade
from chalicelib.canonical import Json, canonical
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.policy.document import Absence, Fact, FactType, Source
from chalicelib.policy.nodes import TRUE
from tests.strategies import BEGINS, Doc, a_call, claim, compiled, document, fact, rule, small_policy, some_claims

HURT, NEAR, SEEN = fact("hurt", "yes_no", worse="yes"), fact("near", "yes_no"), fact("seen", "yes_no", worse="yes")
SIGNS = fact("signs", "set")
EARNED: Json = {"fact": "hurt", "is": "no"}
OLD_RULES = [
    rule("hurt", {"fact": "hurt", "is": "yes"}, grade="high", findings=[{"element": "risk", "level": "medium"}]),
    rule("signs", {"fact": "signs", "includes_any": ["a"]}, grade="top", response={"require": "attendance"}),
]
FLAGS: Doc = {"flags": [{"id": "mark", "title": "Mark"}]}
DESK: Json = [{"id": "attend", "title": "Attend", "attends": True}, {"id": "desk", "title": "Desk", "attends": False}]


def policy(facts: list[Doc], rules: list[Doc], **parts: Json) -> CompiledPolicy:
    """A policy whose lowest grade is earned when nobody is hurt."""
    return compiled(document(facts, rules, earned_when=EARNED, responses=DESK, **FLAGS, **parts))


OLD = policy([HURT, NEAR, SIGNS], OLD_RULES)


def recorded(call: Call, under: CompiledPolicy = OLD) -> Recorded:
    """A call as it was decided under a policy."""
    result = evaluate(under, call, BEGINS)
    return Recorded(
        id="d_1",
        at=BEGINS,
        call=call,
        grade=result.national.recommended,
        findings={one.element: one.level for one in result.findings},
        attendance=result.response.require is not None,
        permitted=result.response.permitted,
        flags=result.flags,
        reasons={reason.id: reason.grade for reason in result.reasons},
    )


def compared(
    draft: CompiledPolicy, *answers: Claim, under: CompiledPolicy | None = OLD
) -> tuple[Mapping[str, Json], Tally]:
    """What is listed of a call, and what is counted; the policy of the time can be missing."""
    backtest = Backtest(draft, lambda _, digest: under)
    line = backtest.compare(recorded(a_call(*answers))).line
    return line or {"verdict": "same", "weaker": False}, backtest.tally


def with_rule(*more: Doc, facts: list[Doc] | None = None, without: str = "", **parts: Json) -> CompiledPolicy:
    """The old policy with more rules, perhaps other facts, and perhaps without one of its rules."""
    kept = [one for one in OLD_RULES if one["id"] not in (without, *(other["id"] for other in more))]
    return policy(facts or [HURT, NEAR, SIGNS], [*kept, *more], **parts)


YES, NO, TOP = claim("hurt", value=True), claim("hurt", value=False), claim("signs", present=("a",))
CLEAR = claim("signs", value="none_of_these")
ON_SEEN: Json = {"fact": "seen", "is": "yes"}
NEW = [HURT, NEAR, SIGNS, SEEN]
WIDER = {**SIGNS, "options": [*SIGNS["options"], {"id": "z", "title": "z"}]}  # type: ignore[misc]  # a list of options
ON_Z = rule("z", {"fact": "signs", "includes_any": ["z"]}, grade="top")
OTHERWISE = fact("near", "yes_no", asked_when={"fact": "hurt", "is": "yes"}, otherwise="no")
ON_NEAR = rule("near", {"fact": "near", "is": "yes"}, grade="top")
CAUTION: Doc = {
    "id": "fear", "says": "Not known", "basis": ["source"], "on": "seen", "question": "seen", "grade": "top",
    "scope": {"fact": "hurt", "is": "yes"}, "reasons": ["unknown", "declined", "unable"], "not_asked": "from_start",
}  # fmt: skip

# the draft, the recorded answers, the verdict, whether it is weaker or might be, remark
ROWS = [
    (OLD, [YES], "same", False, "the policy itself"),
    (with_rule(rule("hurt", {"fact": "hurt", "is": "yes"}, grade="top")), [YES], "raised", False, "a higher grade"),
    (with_rule(without="hurt"), [YES], "lowered", True, "a rule less; the base holds"),
    (with_rule(without="hurt"), [NO, CLEAR], "same", False, "a rule less that did not hold"),
    (with_rule(rule("seen", ON_SEEN, grade="top"), facts=NEW), [YES], "cannot_tell", False, "a new fact could raise"),
    (with_rule(rule("seen", ON_SEEN, grade="low"), facts=NEW), [YES], "same", False, "it could not raise so far"),
    (with_rule(rule("seen", ON_SEEN, grade="top"), facts=NEW), [TOP], "same", False, "already as high as it goes"),
    (
        with_rule(rule("seen", {"all": [ON_SEEN, {"fact": "near", "is": "yes"}]}, grade="top"), facts=NEW),
        [YES, claim("near", value=False)],
        "same",
        False,
        "another part of the new rule is known false",
    ),
    (
        with_rule(rule("seen", {"all": [ON_SEEN, {"fact": "near", "is": "yes"}]}, grade="top"), facts=NEW),
        [YES],
        "same",
        False,
        "another part was open then, and stays as open",
    ),
    (
        with_rule(rule("hurt", {"all": [{"fact": "hurt", "is": "yes"}, ON_SEEN]}, grade="high"), facts=NEW),
        [YES],
        "cannot_tell",
        True,
        "an old rule has a part more: it might be lower",
    ),
    (
        with_rule(
            rule("hurt", {"all": [{"fact": "hurt", "is": "yes"}, ON_SEEN]}, grade="low"), facts=NEW, base_grade="least"
        ),
        [YES],
        "lowered",
        True,
        "lower whatever the answer",
    ),
    (with_rule(facts=NEW, precautions=[CAUTION]), [YES], "cannot_tell", False, "a precaution on what was never asked"),
    (with_rule(facts=NEW, precautions=[CAUTION]), [NO, CLEAR], "same", False, "the same out of its scope"),
    (with_rule(ON_Z, facts=[HURT, NEAR, WIDER]), [NO, CLEAR], "cannot_tell", False, "none of what was on offer"),
    (with_rule(ON_Z, facts=[HURT, NEAR, WIDER]), [TOP], "same", False, "a new tag beside one that was there"),
    (with_rule(ON_NEAR), [YES], "same", False, "an old fact that nobody answered is as open as it was"),
]


@pytest.mark.parametrize(("draft", "answers", "verdict", "weaker", "remark"), ROWS, ids=[row[4] for row in ROWS])
def test_a_verdict_is_about_what_was_recorded(
    draft: CompiledPolicy, answers: list[Claim], verdict: str, weaker: bool, remark: str
) -> None:
    line, tally = compared(draft, *answers)
    assert (line["verdict"], line["weaker"]) == (verdict, weaker), remark
    assert tally["outcome", verdict] == tally["decisions",] == 1


def test_a_fact_that_was_not_asked_then_was_never_asked() -> None:
    gated = policy([HURT, OTHERWISE, SIGNS], OLD_RULES)
    line, _ = compared(with_rule(ON_NEAR), NO, CLEAR, under=gated)
    assert (line["verdict"], line["never_asked"]) == ("cannot_tell", ("near",))
    line, _ = compared(with_rule(ON_NEAR), YES, CLEAR, under=gated)
    assert line["verdict"] == "same", "it was due, and nobody answered"


def test_an_answer_that_no_longer_fits_was_not_recorded_in_the_form_that_is_needed() -> None:
    before = fact("pain", "choice")
    after: Doc = {**before, "options": [{"id": "b", "title": "B"}, {"id": "d", "title": "D"}]}
    when: Json = {"fact": "pain", "is": "d"}
    under, draft = (
        policy([HURT, before], [OLD_RULES[0]]),
        policy([HURT, after], [OLD_RULES[0], rule("d", when, grade="top")]),
    )
    backtest = Backtest(draft, lambda _, digest: under)
    line = backtest.compare(recorded(a_call(YES, claim("pain", value="a")), under)).line
    assert line is not None
    assert (line["verdict"], line["never_asked"]) == ("cannot_tell", ("pain",))
    assert backtest.compare(recorded(a_call(YES, claim("pain", value="b")), under)).verdict is Verdict.SAME


def test_without_the_policy_of_the_time_whatever_has_no_answer_was_never_asked() -> None:
    line, tally = compared(with_rule(ON_NEAR), YES, under=None)
    assert (line["verdict"], line["highest"]) == ("cannot_tell", "IMMEDIATE")
    assert report(tally).policies[0].there is False
    line, _ = compared(with_rule(ON_NEAR), TOP, under=None)
    assert line["verdict"] == "same", "what is certain is certain without it"


def report(tally: Tally) -> Report:
    return report_of(tally, with_rule().policy, Draft(id="small", version="2", digest="1" * 64), ())


def test_attendance_findings_flags_and_responses_are_told_besides_the_grade() -> None:
    draft = with_rule(
        rule("signs", {"fact": "signs", "includes_any": ["a"]}, grade="top", flags=["mark"]),
        rule("hurt", {"fact": "hurt", "is": "yes"}, grade="high"),
    )
    line, tally = compared(draft, YES, TOP)
    assert (line["verdict"], line["attendance"], line["weaker"]) == ("same", "lowered", True)
    assert (line["elements"], line["flags_added"]) == ({"risk": "lowered"}, ["mark"])
    found = report(tally)
    assert found.outcome.same == found.attendance.required.lowered == found.elements["risk"].lowered == 1
    assert (found.flags["mark"].added, found.responses["desk"].newly_permitted, found.weaker) == (1, 1, 1)


def test_required_attendance_that_hangs_on_what_was_never_asked_might_be_dropped() -> None:
    when: Json = {"all": [{"fact": "signs", "includes_any": ["a"]}, ON_SEEN]}
    plain = rule("top", {"fact": "signs", "includes_any": ["a"]}, grade="top")
    line, _ = compared(with_rule(plain, rule("signs", when, response={"require": "attendance"}), facts=NEW), TOP)
    assert (line["verdict"], line["attendance"], line["weaker"], line["never_asked"]) == (
        "same", "cannot_tell", True, ("seen",),
    )  # fmt: skip


def test_the_reasons_of_what_is_lowered_are_told() -> None:
    line, tally = compared(with_rule(without="hurt"), YES)
    assert (line["no_longer"], line["newly"]) == (["hurt"], [])
    assert report(tally).reasons_of_lowered["hurt"].no_longer == 1
    line, tally = compared(with_rule(rule("hurt", {"fact": "hurt", "is": "yes"}, grade="low")), YES)
    assert (line["verdict"], line["regraded"], line["no_longer"]) == ("lowered", ["hurt"], [])
    assert report(tally).reasons_of_lowered["hurt"].regraded == 1


def test_tallies_add_up_in_any_order_and_survive_being_kept() -> None:
    parts = [compared(draft, *answers)[1] for draft, answers, *_ in ROWS]
    forwards, backwards = Tally(), Tally()
    for one, other in zip(parts, reversed(parts), strict=True):
        forwards.update(one)
        backwards.update(tally_of_json(json.loads(canonical(tally_to_json(other)))))
    assert report(forwards) == report(backwards)
    outcome = report(forwards).outcome
    assert sum(count for _, count in outcome) == report(forwards).decisions == len(ROWS)


SEEDS = st.integers(0, 2**32)


def drawn(seed: int) -> tuple[CompiledPolicy, Call, list[Fact]]:
    """A small policy, a call, and facts of it that were never asked and that no claim is about."""
    chance = Random(seed)
    policy = small_policy(chance)
    asked = [one for one in policy.policy.facts if one.asked]
    never = chance.sample(asked, min(len(asked), chance.choice([1, 1, 2])))
    names = {one.id for one in never} | {one.id for one in policy.policy.facts if one.asked_when is not None}
    said = [one for one in some_claims(chance, policy) if one.fact not in names]
    return policy, a_call(*said, state=chance.choice(list(ContactState))), never


@settings(max_examples=150, deadline=None)
@given(SEEDS)
def test_the_quick_grade_is_that_of_the_evaluator(seed: int) -> None:
    policy, call, _ = drawn(seed)
    quick = regrade(policy, call.contact.state, standing_of(policy, call, BEGINS), frozenset())
    assert policy.grades[quick.rank].id == evaluate(policy, call, BEGINS).recommended


@settings(max_examples=100, deadline=None)
@given(SEEDS)
def test_no_answer_to_what_was_never_asked_leads_out_of_the_interval(seed: int) -> None:
    policy, call, never = drawn(seed)
    standing = standing_of(policy, call, BEGINS)
    indexes = frozenset(
        variable.index
        for one in never
        for variable in policy.terms[one.id].variables
        if standing.masks[variable.index] & (standing.masks[variable.index] - 1)
    )
    found = regrade(policy, call.contact.state, standing, indexes)
    odd = evaluate(policy, call, BEGINS).impossible
    for said in product(*(answers(one) for one in never)):
        told = call.model_copy(update={"answers": (*call.answers, *(one for one in said if one is not None))})
        gates = standing_of(policy, told, BEGINS).gates
        result = evaluate(policy, told, BEGINS)
        put = all(gates.get(one.fact, TRUE) == TRUE for one in said if one is not None)
        if put and result.impossible == odd == ():
            assert found.lowest <= policy.rank_of(result.recommended) <= found.highest, said


def answers(one: Fact) -> list[Claim | None]:
    """Every answer that the fact takes, no answer, and that it is not known."""
    source = (one.answerers or [Source.CALLER])[0]
    values: list[dict[str, object]] = [{"absent": why} for why in (Absence.UNKNOWN, Absence.DECLINED, Absence.UNABLE)]
    if one.type is FactType.SET:
        tags = [option.id for option in one.options or ()]
        for chosen in product([True, False], repeat=len(tags)):
            present = tuple(tag for tag, there in zip(tags, chosen, strict=True) if there)
            values.append({"present": present, "ruled_out": tuple(tag for tag in tags if tag not in present)})
    else:
        every: dict[FactType, list[object]] = {FactType.YES_NO: [True, False], FactType.WHOLE: [0, 1, 2, 3]}
        values += [{"value": value} for value in every.get(one.type, [option.id for option in one.options or ()])]
    return [None, *(claim(one.id, 50, source=source, **value) for value in values)]


def test_the_same_rules_on_the_same_facts_ask_nothing_new() -> None:
    standing = standing_of(OLD, a_call(YES), BEGINS)
    assert NeverAsked(OLD, OLD).variables(a_call(YES), BEGINS, standing) == frozenset()
