"""What plainly follows from a condition, and with it which promises somebody may set aside."""

from __future__ import annotations

import pytest

from chalicelib.canonical import Json
from chalicelib.policy.implication import ATTENDANCE, softened
from tests.policy.spoken import PHRASED, SAFE, YES, policy
from tests.strategies import Doc, rule

SOFT: Doc = {"require": "attendance", "unless_authorised_by": "supervisor"}
FIRM: Doc = {"require": "attendance"}
NEAR: Doc = {"fact": "where", "at_least": "near"}
NOW: Doc = {"fact": "now", "includes_any": ["x", "y"]}

# what is promised to be attended, when the firm rule demands it, whether a supervisor may authorise otherwise, remark
ROWS: list[tuple[Json, Json, bool, str]] = [
    (SAFE, SAFE, False, "the very condition"),
    (SAFE, YES, True, "another condition"),
    (SAFE, {"any": [YES, SAFE]}, False, "one of the ways"),
    (SAFE, {"all": [YES, SAFE]}, True, "more has to be so"),
    ({"all": [YES, SAFE]}, SAFE, False, "more is so"),
    ({"any": [YES, SAFE]}, SAFE, True, "only one of the ways is seen to"),
    ({"fact": "where", "is": "here"}, NEAR, False, "further up the scale"),
    (NEAR, {"fact": "where", "is": "here"}, True, "not as far up"),
    (NEAR, {"fact": "where", "between": ["near", "here"]}, False, "the same part of the scale"),
    (NEAR, {"fact": "where", "is_not": "gone"}, False, "all but the rest"),
    (NEAR, {"none": [{"fact": "where", "at_most": "gone"}]}, False, "what it excludes is denied"),
    (NEAR, {"condition": "near"}, False, "under a name"),
    ({"fact": "now", "includes_any": ["x"]}, NOW, False, "one tag of several"),
    (NOW, {"fact": "now", "includes_any": ["x"]}, True, "several tags, one seen to"),
    ({"fact": "now", "includes_all": ["x", "y"]}, {"fact": "now", "includes_any": ["y"]}, False, "all tags"),
]


def soft(promised: Json, *rules: Doc) -> bool:
    """Whether attendance is promised with an exception."""
    promise: Json = {"id": "g", "says": "Always", "when": promised, "attendance": True, "basis": ["source"]}
    made = policy(PHRASED, *rules, guarantees=[promise]).policy
    return ATTENDANCE in softened(made, made.guarantees[0])


@pytest.mark.parametrize(("promised", "demanded", "excepted", "remark"), ROWS)
def test_a_promise_is_firm_only_if_a_firm_rule_plainly_sees_to_it(
    promised: Json, demanded: Json, excepted: bool, remark: str
) -> None:
    rules = rule("firm", demanded, response=FIRM), rule("soft", promised, response=SOFT)
    assert soft(promised, *rules) is excepted, remark


def test_a_rule_with_an_exception_is_firm_where_the_exception_cannot_be() -> None:
    firm = rule("firm", SAFE, grade="top", response=FIRM, unless={"all": [{"fact": "where", "is": "gone"}, YES]})
    authorised = rule("soft", SAFE, response=SOFT)
    assert soft(SAFE, firm, authorised)
    assert not soft({"all": [SAFE, NEAR]}, firm, authorised)
    assert not soft({"all": [SAFE, {"fact": "abuse", "is": False}]}, firm, authorised)


def test_without_a_rule_that_somebody_may_set_aside_no_exception_is_named() -> None:
    assert not soft(SAFE, rule("firm", {"any": [SAFE, YES]}, response=FIRM))
    assert not soft(SAFE, rule("soft", YES, response=SOFT), rule("firm", SAFE, response=FIRM))
