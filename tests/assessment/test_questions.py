"""Which questions are open: facts that decide whether others are asked, and nothing left to ask."""

from __future__ import annotations

from pathlib import Path

from chalicelib.assessment.evaluate import evaluate
from chalicelib.cli.policy_files import compiled_file
from chalicelib.policy.document import Absence, Source
from tests.strategies import BEGINS, a_call, claim, compiled, document, fact, rule

SHIPPED = compiled_file(Path("policies/hertfordshire-thriives/policy.yaml")).compiled

GATED = compiled(
    document(
        [
            fact("children_there", "yes_no", worse="yes"),
            fact(
                "in_their_room",
                "yes_no",
                worse="no",
                asked_when={"fact": "children_there", "is": "yes"},
                otherwise="yes",
            ),
            fact("hurt", "yes_no", worse="yes", asked_when={"fact": "in_their_room", "is": "no"}, otherwise="no"),
        ],
        [rule("child_hurt", {"fact": "hurt", "is": "yes"}, grade="top")],
    )
)


def asked(*answers: tuple[str, bool]) -> list[tuple[str, str | None]]:
    """The open questions, and how high each could still reach."""
    claims = [claim(name, second, value=value) for second, (name, value) in enumerate(answers)]
    return [(one.fact, one.could_reach) for one in evaluate(GATED, a_call(*claims), BEGINS).questions]


def test_a_fact_that_only_decides_whether_another_is_asked_reaches_as_high_as_that_one() -> None:
    assert asked() == [("children_there", "top")]
    assert asked(("children_there", True)) == [("in_their_room", "top")]
    assert asked(("children_there", True), ("in_their_room", False)) == [("hurt", "top")]
    assert asked(("children_there", False)) == []


def test_when_nothing_is_left_to_ask_the_grade_is_settled() -> None:
    unknown = [
        claim(name, absent=Absence.UNKNOWN, source=(term.fact.answerers or (Source.CALLER,))[0])
        for name, term in SHIPPED.terms.items()
    ]
    result = evaluate(SHIPPED, a_call(*unknown), BEGINS)
    assert result.questions == ()
    assert result.grade_settled
    assert result.may_stop
    assert result.exact


def test_what_is_not_settled_has_a_question() -> None:
    result = evaluate(SHIPPED, a_call(), BEGINS)
    assert not result.grade_settled
    assert result.questions[0].purpose == "dispatch"
    assert {one.fact for one in result.questions} >= {"dangers_now", "concerns", "vulnerability"}
