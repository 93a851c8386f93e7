"""Mutants of the shipped policies: a sample of every kind is seen, and none that is weaker passes unnoticed.

All of them, with the table by kind: `python -m tests.policies.mutations policies/<policy>`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from random import Random

import pytest

from chalicelib.analysis.comparison import compare
from chalicelib.analysis.differences import Weight
from chalicelib.policy.leaves import conditions_of, leaves
from tests.policies.catching import CATCHERS, Outcome, Trial
from tests.policies.mutations import Edit, Mutant, made, mutants, plain
from tests.policies.shipped import SHIPPED, cases_of

ALL: Mapping[str, list[Mutant]] = {name: list(mutants(one.policy)) for name, one in SHIPPED.items()}
EACH = pytest.mark.parametrize("name", SHIPPED)
KINDS = list(dict.fromkeys(mutant.kind for every in ALL.values() for mutant in every))
TIMES = 3
"""How many mutants of each kind are tried here, as far as there are so many."""

SEEDED = 40
"""How many seeded calls they are held against, beside all cases."""


@pytest.fixture(scope="module")
def trials() -> Mapping[str, Trial]:
    """Both policies with their cases."""
    return {name: Trial(SHIPPED[name], cases_of(name), seeded=SEEDED) for name in SHIPPED}


def tried(trials: Mapping[str, Trial], kind: str) -> list[Outcome]:
    """What became of a seeded sample of a kind, from both policies; the first of it is compared whatever sees it."""
    pool = [(name, mutant) for name, every in ALL.items() for mutant in every if mutant.kind == kind]
    sample = Random(kind).sample(pool, min(TIMES, len(pool)))
    return [trials[name].outcome(mutant, always_compared=place == 0) for place, (name, mutant) in enumerate(sample)]


@pytest.mark.parametrize("kind", KINDS)
def test_a_mutant_is_seen_and_no_weaker_one_passes_unnoticed(trials: Mapping[str, Trial], kind: str) -> None:
    outcomes = tried(trials, kind)
    assert outcomes, "none was tried"
    for outcome in outcomes:
        assert outcome.caught in CATCHERS, outcome.line
        assert not outcome.wrong, outcome.line
        assert not outcome.unnoticed, outcome.line


@EACH
def test_new_words_change_nothing_in_any_call(trials: Mapping[str, Trial], name: str) -> None:
    outcome = trials[name].outcome(Mutant("other words", name, (Edit(("title",), "Other words"),)))
    assert (outcome.caught, outcome.wrong, outcome.told_apart) == ("list", "", "")
    assert outcome.comparison is not None
    assert outcome.comparison.step is Weight.PATCH


@EACH
def test_a_comparison_that_sees_nothing_is_found_out(name: str) -> None:
    blind = Trial(SHIPPED[name], cases_of(name), seeded=0, comparing=lambda old, _: compare(old, old))
    weaker = [mutant for mutant in ALL[name] if mutant.kind == "base grade lowered"]
    weaker += [mutant for mutant in ALL[name] if mutant.kind == "grade lowered"][:2]
    for mutant in weaker:
        assert blind.outcome(mutant).wrong, mutant.name


@EACH
@pytest.mark.parametrize("tag", ["stalking", "order_breach", "threat_to_kill", "honour"])
def test_a_question_that_is_put_in_more_calls_is_proved_to_lower_nothing(
    trials: Mapping[str, Trial], name: str, tag: str
) -> None:
    """Whether officers meet an order is asked in all these calls; the mutant does not ask it in some."""
    asks_less = next(one for one in ALL[name] if one.owner == "order_known" and f"tag dropped ({tag})" in one.name)
    narrow = trials[name].compiled(asks_less)
    assert compare(SHIPPED[name], narrow).step is Weight.MAJOR
    assert compare(narrow, SHIPPED[name]).never_lowers


@EACH
@pytest.mark.parametrize(
    ("part", "kind"),
    [("rules", "rule removed"), ("precautions", "precaution dropped"), ("duties", "duty dropped"),
     ("timers", "timer dropped"), ("guarantees", "guarantee dropped"), ("checks", "check dropped"),
     ("specified_needs", "need dropped")],
)  # fmt: skip
def test_every_part_is_dropped_once(name: str, part: str, kind: str) -> None:
    dropped = [mutant.owner for mutant in ALL[name] if mutant.kind == kind]
    assert dropped == [one.id for one in getattr(SHIPPED[name].policy, part)]


@EACH
def test_every_leaf_is_turned_round_once(name: str) -> None:
    turned = Counter(mutant.part for mutant in ALL[name] if mutant.kind == "comparison reversed")
    assert turned.total() == sum(len(list(leaves(one))) for one in conditions_of(SHIPPED[name].policy))


@EACH
def test_every_mutant_has_a_name_of_its_own_and_is_another_document(name: str) -> None:
    assert [one for one, count in Counter(mutant.name for mutant in ALL[name]).items() if count > 1] == []
    document = plain(SHIPPED[name].policy)
    assert [mutant.name for mutant in ALL[name] if made(document, mutant) == document] == []
