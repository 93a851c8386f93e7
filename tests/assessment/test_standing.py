"""What stands of several claims: the worst, corrections, conflicts, parts of answers, people, and who may answer."""

from __future__ import annotations

import pytest

from chalicelib.assessment.call import Call, Claim, Person
from chalicelib.assessment.standing import Standing, standing_of
from chalicelib.canonical import Json
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.policy.document import Absence, Role, Source
from tests.strategies import BEGINS, a_call, claim, compiled, document, fact, rule

CALLER, VICTIM, OTHER = Source.CALLER, Source.VICTIM, Source.THIRD_PARTY
OFFICER, HANDLER, CHECKED = Source.OFFICER_AT_SCENE, Source.HANDLER, Source.SYSTEM_CHECK

FACTS = [
    fact("danger", "yes_no", worse="yes"),
    fact("safe", "yes_no", worse="no"),
    fact("hurt", "ordered", worse="higher"),
    fact("distance", "ordered", worse="lower"),
    fact("kind", "choice"),
    fact("count", "whole", worse="higher"),
    fact("signs", "set"),
    fact("guarded", "ordered", worse="higher", answered_by=["caller", "victim"]),
    fact("guarded_signs", "set", answered_by=["caller", "victim"]),
    fact("pain", "ordered", worse="higher", per="victim"),
    fact("marks", "set", per="victim"),
    fact("where", "choice", asked_when={"fact": "danger", "is": "yes"}, otherwise="b"),
]
CUT = [{"fact": "count", "at_least": number} for number in (1, 2, 3)]
POLICY = compiled(document(FACTS, [rule("r", {"any": CUT}, grade="top")]))


def standing(*claims: Claim, people: tuple[Person, ...] = ()) -> Standing:
    """What stands after some claims."""
    return standing_of(POLICY, a_call(*claims).model_copy(update={"people": people}), BEGINS)


def cells(policy: CompiledPolicy, found: Standing, name: str) -> set[str]:
    """What a fact may still be; for a tag `fact.tag`."""
    one, _, tag = name.partition(".")
    variable = next(v for v in policy.variables if v.fact == one and (v.tag or "") == tag)
    return {cell for place, cell in enumerate(variable.cells) if found.masks[variable.index] >> place & 1}


YES, NO = {"yes"}, {"no"}
BOTH = {"yes", "no"}
ANY = {"a", "b", "c"}

# fact looked at, claims, what it may still be, whether a conflict is shown, remark
ROWS: list[tuple[str, list[Claim], set[str], bool, str]] = [
    ("danger", [], BOTH, False, "not asked is not no"),
    ("danger", [claim("danger", absent=Absence.UNKNOWN)], BOTH, False, "not known is not no"),
    ("danger", [claim("danger", absent=Absence.DECLINED)], BOTH, False, "declined is not no"),
    ("danger", [claim("danger", value=False)], NO, False, "one claim"),
    ("danger", [claim("danger", value="no")], NO, False, "no is false"),
    (
        "danger",
        [claim("danger", value=True), claim("danger", 1, absent=Absence.UNABLE)],
        YES,
        False,
        "a lost line takes nothing back",
    ),
    (
        "danger",
        [claim("danger", value=True, source=VICTIM), claim("danger", 1, value=False, source=OTHER)],
        YES,
        True,
        "the worse stands",
    ),
    (
        "danger",
        [claim("danger", value=False, source=OTHER), claim("danger", 1, value=True, source=VICTIM)],
        YES,
        True,
        "whichever came first",
    ),
    (
        "danger",
        [claim("danger", value=True), claim("danger", 1, value=False)],
        YES,
        True,
        "the same source, but it does not say that it corrects",
    ),
    (
        "danger",
        [claim("danger", value=True), claim("danger", 1, value=False, correction=True)],
        NO,
        False,
        "the same source corrects itself",
    ),
    (
        "danger",
        [claim("danger", value=True, source=VICTIM), claim("danger", 1, value=False, correction=True)],
        YES,
        True,
        "another source corrects nothing",
    ),
    (
        "danger",
        [claim("danger", value=True), claim("danger", 1, value=False, source=OFFICER, correction=True)],
        NO,
        False,
        "an officer at the scene corrects anybody",
    ),
    (
        "danger",
        [claim("danger", value=True), claim("danger", 1, value=False, source=OFFICER)],
        YES,
        True,
        "an officer who does not say so corrects nobody",
    ),
    (
        "danger",
        [
            claim("danger", value=True),
            claim("danger", 1, value=False, source=HANDLER, correction=True, supervisor=True),
        ],
        NO,
        False,
        "a supervisor corrects anybody",
    ),
    (
        "danger",
        [
            claim("danger", value=True),
            claim("danger", 1, value=False, correction=True),
            claim("danger", 2, value=True, source=OTHER),
        ],
        YES,
        True,
        "a later claim counts again",
    ),
    (
        "safe",
        [claim("safe", value=True), claim("safe", 1, value=False, source=VICTIM)],
        NO,
        True,
        "here no is the worse",
    ),
    ("hurt", [claim("hurt", at_least="b")], {"b", "c"}, False, "a part of an answer counts"),
    ("hurt", [claim("hurt", at_most="b")], {"a", "b"}, False, "an upper part too"),
    (
        "hurt",
        [claim("hurt", at_least="b"), claim("hurt", 1, at_most="b", source=VICTIM)],
        {"b"},
        False,
        "parts that agree narrow each other",
    ),
    (
        "hurt",
        [claim("hurt", at_least="b"), claim("hurt", 1, value="a", source=VICTIM)],
        {"b", "c"},
        True,
        "the worse part stands",
    ),
    ("hurt", [claim("hurt", value="a"), claim("hurt", 1, value="c", source=VICTIM)], {"c"}, True, "the worst of two"),
    (
        "distance",
        [claim("distance", value="a"), claim("distance", 1, value="c", source=VICTIM)],
        {"a"},
        True,
        "here lower is worse",
    ),
    (
        "kind",
        [claim("kind", value="a"), claim("kind", 1, value="b", source=VICTIM)],
        {"a", "b"},
        True,
        "no value is worse, so both may be right",
    ),
    ("count", [claim("count", at_least=2)], {"2", "3"}, False, "at least two"),
    ("count", [claim("count", value=3), claim("count", 1, value=1, source=VICTIM)], {"3"}, True, "the higher"),
    ("signs.a", [claim("signs", present=("a",))], {"present"}, False, "mentioned"),
    ("signs.b", [claim("signs", present=("a",))], {"present", "absent"}, False, "not mentioned is not ruled out"),
    ("signs.b", [claim("signs", present=("a",), ruled_out=("b",))], {"absent"}, False, "ruled out"),
    ("signs.b", [claim("signs", value="none_of_these")], {"absent"}, False, "none of these rules out all"),
    (
        "signs.a",
        [claim("signs", value="none_of_these"), claim("signs", 1, present=("a",), source=VICTIM)],
        {"present"},
        True,
        "the worse stands, tag by tag",
    ),
    ("guarded", [claim("guarded", value="a", source=OTHER)], ANY, False, "somebody else's denial says nothing"),
    (
        "guarded",
        [claim("guarded", value="b", source=OTHER)],
        {"b", "c"},
        False,
        "somebody else may make it worse, never better",
    ),
    (
        "guarded",
        [claim("guarded", value="b"), claim("guarded", 1, value="a", source=OTHER)],
        {"b"},
        False,
        "and a denial makes no conflict",
    ),
    ("guarded", [claim("guarded", value="a", source=VICTIM)], {"a"}, False, "the victim may"),
    (
        "guarded_signs.a",
        [claim("guarded_signs", value="none_of_these", source=OTHER)],
        {"present", "absent"},
        False,
        "nor rule out a tag",
    ),
    ("guarded_signs.a", [claim("guarded_signs", present=("a",), source=OTHER)], {"present"}, False, "but report one"),
    ("where", [claim("danger", value=False)], {"b"}, False, "not asked, so it takes its other value"),
    ("where", [], ANY, False, "whether it is asked is not known"),
    (
        "where",
        [claim("danger", value=False), claim("where", value="c")],
        {"c"},
        False,
        "what was said all the same stands",
    ),
]


@pytest.mark.parametrize(("name", "claims", "left", "conflict", "remark"), ROWS)
def test_the_worst_claim_stands_until_it_is_corrected(
    name: str, claims: list[Claim], left: set[str], conflict: bool, remark: str
) -> None:
    found = standing(*claims)
    assert cells(POLICY, found, name) == left, remark
    assert bool(found.conflicts) is conflict, remark


def test_a_conflict_shows_every_claim_and_what_stands() -> None:
    yes, no = claim("danger", value=True, source=VICTIM), claim("danger", 120, value=False, source=OTHER)
    (conflict,) = standing(yes, no).conflicts
    assert (conflict.variable.fact, conflict.variable.labels(conflict.stands)) == ("danger", ("yes",))
    assert [said.claim for said in conflict.said] == [yes, no]


ONE, TWO = Person(ref="V1", roles=(Role.VICTIM,)), Person(ref="V2", roles=(Role.VICTIM, Role.CALLER))
MAN = Person(ref="S1", roles=(Role.SUSPECT,))

# fact looked at, claims, what it may still be, remark; V1 and V2 are victims, S1 is not
PEOPLE: list[tuple[str, list[Claim], set[str], str]] = [
    ("pain", [claim("pain", value="a", about="V1")], ANY, "the other victim was not asked"),
    ("pain", [claim("pain", value="b", about="V1")], {"b", "c"}, "at least as bad as the worst that is known"),
    (
        "pain",
        [claim("pain", value="a", about="V1"), claim("pain", 1, value="c", about="V2")],
        {"c"},
        "the worst of the victims",
    ),
    ("pain", [claim("pain", value="a", about="V1"), claim("pain", 1, value="b", about="V2")], {"b"}, "all are known"),
    ("pain", [claim("pain", value="a")], {"a"}, "about nobody in particular: about all"),
    ("marks.a", [claim("marks", present=("a",), about="V1")], {"present"}, "one of them is enough"),
    ("marks.a", [claim("marks", value="none_of_these", about="V1")], {"present", "absent"}, "the other may have it"),
    (
        "marks.a",
        [claim("marks", value="none_of_these", about="V1"), claim("marks", 1, value="none_of_these", about="V2")],
        {"absent"},
        "neither has it",
    ),
]


@pytest.mark.parametrize(("name", "claims", "left", "remark"), PEOPLE)
def test_a_fact_about_people_is_the_worst_over_all_of_them(
    name: str, claims: list[Claim], left: set[str], remark: str
) -> None:
    found = standing(*claims, people=(ONE, TWO, MAN))
    assert cells(POLICY, found, name) == left, remark
    assert found.conflicts == [], "two people may differ"


def test_why_a_fact_is_missing_is_the_last_reason_of_everybody() -> None:
    found = standing(
        claim("hurt", absent=Absence.PENDING, source=CHECKED),
        claim("hurt", 1, absent=Absence.DECLINED),
        claim("hurt", 2, absent=Absence.UNABLE),
    )
    assert found.reasons["hurt"] == {Absence.PENDING, Absence.UNABLE}, "one source's reason does not end another's"
    assert found.reasons["danger"] == {Absence.NOT_ASKED}


def test_a_question_is_closed_only_by_those_it_was_put_to() -> None:
    def closed(*claims: Claim) -> bool:
        return "hurt" in standing(*claims).closed

    assert closed(claim("hurt", absent=Absence.UNKNOWN))
    assert not closed(claim("hurt", absent=Absence.UNKNOWN, contact="c0a1b2c3d")), "another contact's caller"
    assert not closed(claim("hurt", absent=Absence.UNKNOWN, source=CHECKED)), "a system that found nothing"
    assert not closed(claim("hurt", absent=Absence.INVALID)), "what could not be read is asked again"


def test_of_several_people_the_reasons_of_those_count_of_whom_it_is_not_known() -> None:
    found = standing(claim("pain", absent=Absence.UNKNOWN, about="V1"), people=(ONE, TWO))
    assert found.reasons["pain"] == {Absence.UNKNOWN, Absence.NOT_ASKED}
    settled = standing(
        claim("pain", absent=Absence.UNKNOWN, about="V1"), claim("pain", value="a", about="V2"), people=(ONE, TWO)
    )
    assert settled.reasons["pain"] == {Absence.UNKNOWN}, "the other one is known"
    assert "pain" in settled.closed


ELSEWHERE = "c0a1b2c3d"
MISREAD = claim("danger", 5, absent=Absence.INVALID, source=VICTIM)

# what stands after claims that could make things look better than they are: fact, claims, what it may be, remark
NOT_BETTER: list[tuple[str, list[Claim], set[str], str]] = [
    (
        "signs.a",
        [claim("signs", present=("a", "b")), claim("signs", 1, ruled_out=("b",), correction=True)],
        {"present"},
        "a correction of one tag leaves the others",
    ),
    (
        "danger",
        [claim("danger", value=True), claim("danger", 1, value=False, correction=True, contact=ELSEWHERE)],
        YES,
        "the caller of another contact is not the same source",
    ),
    (
        "danger",
        [claim("danger", value=True), claim("danger", 1, value=False, correction=True)],
        NO,
        "the same source of the same contact is",
    ),
    (
        "danger",
        [
            claim("danger", value=True),
            claim("danger", 1, value=False, correction=True, source=OFFICER, contact=ELSEWHERE),
        ],
        NO,
        "an officer at the scene corrects everybody",
    ),
    ("danger", [MISREAD, claim("danger", 6, value=False, source=HANDLER)], BOTH, "a no does not cure what was misread"),
    ("danger", [claim("danger", 4, value=False, source=HANDLER), MISREAD], BOTH, "whichever came first"),
    ("danger", [MISREAD, claim("danger", 6, value=False, source=VICTIM)], NO, "who was misread has said it again"),
    (
        "danger",
        [MISREAD, claim("danger", 6, value=False, source=HANDLER, correction=True, supervisor=True)],
        NO,
        "a supervisor has put it right",
    ),
    (
        "danger",
        [claim("danger", 4, value=False, source=HANDLER, correction=True, supervisor=True), MISREAD],
        BOTH,
        "it was misread after the supervisor",
    ),
    ("hurt", [claim("hurt", value="gone_option")], ANY, "an option that this version does not have"),
    (
        "signs.a",
        [claim("signs", ruled_out=("a", "gone_tag"))],
        {"present", "absent"},
        "a tag that this version does not have: something else was said too",
    ),
    ("signs.a", [claim("signs", present=("a", "gone_tag"))], {"present"}, "what is there stays there"),
]


@pytest.mark.parametrize(("name", "claims", "left", "remark"), NOT_BETTER)
def test_nothing_looks_better_than_it_is(name: str, claims: list[Claim], left: set[str], remark: str) -> None:
    assert cells(POLICY, standing(*claims), name) == left, remark


def test_an_answer_about_nobody_in_particular_is_no_relief_for_people_of_other_contacts() -> None:
    other = Person(ref=f"{ELSEWHERE}.V1", roles=(Role.VICTIM,))
    found = standing(claim("pain", value="a"), people=(other,))
    assert cells(POLICY, found, "pain") == ANY
    theirs = standing(claim("pain", value="a", contact=ELSEWHERE), people=(other,))
    assert cells(POLICY, theirs, "pain") == {"a"}


def test_the_order_in_which_claims_arrive_means_nothing() -> None:
    said = [claim("hurt", at_least="b"), claim("hurt", 1, value="a", source=VICTIM), claim("danger", 2, value=True)]
    forth, back = standing(*said), standing(*reversed(said))
    assert (forth.masks, forth.conflicts) == (back.masks, back.conflicts)


def test_what_a_check_found_is_a_claim_of_the_system() -> None:
    check: Json = {
        "id": "history",
        "title": "History",
        "results": [{"result": "found", "fact": "danger", "value": "yes"}],
    }
    policy = compiled(document(FACTS, [rule("r", {"any": CUT}, grade="top")], checks=[check]))
    done = {"check": "history", "done_at": "2026-11-23T04:17:00Z", "result": "found"}
    call = Call.model_validate({**a_call().model_dump(), "checks": (done,)})
    assert cells(policy, standing_of(policy, call, BEGINS), "danger") == YES
