"""The player of calls: what it puts, what it hears, and that it would see a question put twice."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from bench._calls_played import (
    AskedAgain,
    Told,
    best_first,
    document_order,
    hearing_in,
    hearing_of,
    play,
    whole_card,
)
from bench._worlds import a_call, a_world, with_some_not_known
from bench.questions import Compared, distribution
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.policy.document import Absence
from tests.strategies import claim, compiled, document, fact, rule, small_policy


@pytest.fixture(scope="module")
def policy() -> CompiledPolicy:
    """`minor` comes first in the document, `grave` could raise the grade further, `more` hangs on `signs`."""
    facts = [
        fact("minor", "yes_no", worse="yes"),
        fact("grave", "yes_no", worse="yes"),
        fact("signs", "set"),
        fact("more", "ordered", worse="higher", asked_when={"fact": "signs", "includes_any": ["a"]}, otherwise="a"),
    ]
    rules = [
        rule("lower", {"fact": "minor", "is": True}, grade="high"),
        rule("upper", {"fact": "grave", "is": True}, grade="top"),
        rule("signs", {"fact": "more", "at_least": "c"}, grade="top"),
    ]
    return compiled(document(list(facts), list(rules)))


def test_the_best_question_comes_first_and_a_grave_answer_ends_it(policy: CompiledPolicy) -> None:
    call, hear = hearing_of(policy, a_call(policy, [claim("grave", value=True)]))
    played = play(policy, call, hear, best_first)
    assert played.asked[0] == "grave"
    assert (played.until_settled, played.until_stop, played.result.recommended) == (1, 1, "top")


def test_document_order_puts_the_first_of_the_document(policy: CompiledPolicy) -> None:
    call, hear = hearing_of(policy, a_call(policy, [claim("grave", value=True)]))
    played = play(policy, call, hear, document_order)
    assert played.asked == ("minor", "grave")


def test_what_a_call_does_not_mention_is_answered_with_the_best(policy: CompiledPolicy) -> None:
    call, hear = hearing_of(policy, a_call(policy, []))
    assert [said.value for said in hear("minor").answers] == [False]
    assert [said.ruled_out for said in hear("signs").answers] == [("a", "b")]
    played = play(policy, call, hear, best_first)
    assert played.until_stop is not None
    assert "more" not in played.asked, "it does not apply"


def test_the_rest_of_a_part_answer_is_the_best_that_is_left(policy: CompiledPolicy) -> None:
    told = [claim("signs", present=("a",)), claim("more", at_least="b")]
    _, hear = hearing_of(policy, a_call(policy, told))
    assert [said.ruled_out for said in hear("signs").answers] == [None, ("b",)]
    assert [said.value for said in hear("more").answers] == [None, "b"]


def test_what_nobody_knows_stays_unknown(policy: CompiledPolicy) -> None:
    call, hear = hearing_of(policy, a_call(policy, [claim("grave", absent=Absence.UNKNOWN)]))
    assert [said.absent for said in hear("grave").answers] == [Absence.UNKNOWN]
    assert play(policy, call, hear, best_first).asked.count("grave") == 1


def test_a_question_put_twice_is_seen(policy: CompiledPolicy) -> None:
    with pytest.raises(AskedAgain):
        play(policy, a_call(policy, []), lambda _: Told(), best_first)


def test_a_whole_card_skips_only_what_does_not_apply(policy: CompiledPolicy) -> None:
    call, hear = hearing_of(policy, a_call(policy, []))
    assert whole_card(policy, call, hear) == ("minor", "grave", "signs")
    call, hear = hearing_of(policy, a_call(policy, [claim("signs", present=("a",))]))
    assert whole_card(policy, call, hear) == ("minor", "grave", "signs", "more")


@pytest.mark.parametrize("seed", range(30))
def test_no_order_asks_twice_and_both_end_with_the_same_grade(seed: int) -> None:
    chance = Random(seed)
    policy = small_policy(chance)
    world = with_some_not_known(a_world(policy, chance), chance, 0.1 if seed % 2 else 0)
    call, hear = hearing_in(policy, world)
    first, second = (play(policy, call, hear, order) for order in (best_first, document_order))
    assert first.result.recommended == second.result.recommended
    assert max(len(first.asked), len(second.asked)) <= len(policy.terms)


@pytest.mark.parametrize(
    ("counts", "found", "remark"),
    [
        ([3], {"median": 3, "p90": 3, "max": 3, "mean": 3, "never": 0}, "one call"),
        (list(range(1, 11)), {"median": 5.5, "p90": 9, "max": 10, "mean": 5.5, "never": 0}, "nine of ten take nine"),
        ([1, None], {"median": 1, "p90": 1, "max": 1, "mean": 1, "never": 1}, "one never could stop"),
        ([None], {"never": 1}, "nothing to say of the others"),
    ],
)
def test_counts_are_summed_up(counts: list[int | None], found: dict[str, float], remark: str) -> None:
    assert distribution(counts) == found, remark


def test_what_the_end_of_the_call_brings_is_seen(policy: CompiledPolicy) -> None:
    said = play(policy, *hearing_of(policy, a_call(policy, [claim("grave", value=True)])), best_first)
    kept = Compared({"best first": said}, 3)
    lost = Compared({"best first": replace(said, ended="least")}, 3)
    still_open = Compared({"best first": replace(said, ended="least", until_stop=None)}, 3)
    assert said.ended == "top"
    assert [one.changed_by_ending for one in (kept, lost, still_open)] == [False, True, False]
