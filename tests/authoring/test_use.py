"""How a policy is used: what is counted of decisions and outcomes, and how it is shown."""

from __future__ import annotations

from collections import Counter

from chalicelib.authoring.use import Decided, Use, count_decision, count_outcome, use_shown
from chalicelib.cli.use_tables import use_tables
from chalicelib.policy.document import Absence
from tests.strategies import claim, compiled, document, fact, rule

POLICY = compiled(
    document(
        [fact(name, "yes_no", worse="yes") for name in ("hurt", "armed", "where")],
        [
            rule("hurt", {"fact": "hurt", "is": True}, grade="top"),
            rule("armed", {"fact": "armed", "is": True}, grade="high"),
        ],
        earned_when={"fact": "hurt", "is": False},
    )
).policy


def counted() -> Use:
    use: Use = Counter()
    count_decision(use, POLICY, ["hurt"], [claim("hurt", value=True), claim("armed", absent=Absence.UNKNOWN)])
    count_decision(use, POLICY, [], [claim("armed", absent=Absence.PENDING)])
    count_outcome(use, Decided("lowered", ("hurt",)))
    count_outcome(use, Decided("accepted", ("hurt", "gone")))
    return use


def test_what_held_what_was_answered_and_what_was_decided_instead() -> None:
    shown = use_shown(counted(), POLICY)
    assert (shown.rules, shown.never) == ({"hurt": 1}, ("armed",))
    hurt, armed = shown.questions["hurt"], shown.questions["armed"]
    assert (hurt.answered, hurt.not_known, hurt.not_answered) == (1, 0, 1)
    assert (armed.answered, armed.not_known, armed.not_answered) == (0, 1, 1), "what is looked up was not asked in vain"
    assert (shown.outcomes["hurt"].lowered, shown.outcomes["hurt"].accepted) == (1, 1)
    assert shown.outcomes["gone"].accepted == 1, "a rule of the time that the draft no longer has"


def test_an_answer_that_came_after_all_counts_as_one() -> None:
    use: Use = Counter()
    said = [claim("hurt", absent=Absence.UNKNOWN), claim("hurt", value=False), claim("hurt", absent=Absence.DECLINED)]
    count_decision(use, POLICY, [], said)
    assert use["questions", "hurt", "answered"] == 1


def test_people_are_shown_what_never_held_what_was_asked_in_vain_and_what_was_lowered() -> None:
    lines = "\n".join(use_tables(use_shown(counted(), POLICY)))
    assert "never held in these decisions: 1\n  armed" in lines
    assert "armed" in lines.partition("asked in vain")[2]
    assert "never answered in these decisions: 1\n  where" in lines
    assert lines.splitlines()[-1].split() == ["hurt", "0", "1", "1"]
