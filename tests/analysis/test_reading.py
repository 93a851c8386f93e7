from __future__ import annotations

from random import Random

import pytest

from chalicelib.analysis.formula import Formula, denied, holds
from chalicelib.analysis.joint import Place, View
from chalicelib.analysis.reading import Reading, read
from chalicelib.policy.nodes import FALSE, TRUE, UNKNOWN, Node
from tests.strategies import small_policy


def _of_all_masks(reading: Reading) -> View:
    """A view in which the state of a variable is any mask of its cells, in order."""
    return View(
        reading,
        {
            variable.index: Place(variable.index, tuple(range(1, variable.full + 1)))
            for variable in reading.policy.variables
        },
    )


def _truth(view: View, formula: Formula, masks: list[int]) -> int:
    states = [1 << mask - 1 for mask in masks]
    if holds(view.known(formula), states):
        return TRUE
    return FALSE if holds(view.known(denied(formula)), states) else UNKNOWN


def _read_and_compiled(reading: Reading) -> list[tuple[Formula, Node]]:
    policy = reading.policy
    pairs = [(floor.when, known.node) for floor, known in zip(reading.floors, policy.floors, strict=True)]
    guards = {guard.id: guard for guard in policy.guards}
    assert sorted(guards) == sorted(fear.id for fear in reading.fears)
    for fear in reading.fears:
        guard = guards[fear.id]
        assert (fear.id, fear.rank, fear.reasons, fear.not_asked) == (
            guard.id, guard.rank, guard.reasons, guard.not_asked,
        )  # fmt: skip
        pairs += [(fear.on, guard.on), (fear.scope, guard.scope)]
    pairs += [(gate.asked, known.node) for gate, known in zip(reading.gates, policy.gates, strict=True)]
    pairs += [(odd.when, node) for odd, (_, node) in zip(reading.impossible, policy.impossible, strict=True)]
    return [*pairs, (reading.earned, policy.earned)]


@pytest.mark.parametrize("seed", range(200))
def test_a_condition_read_is_as_true_unknown_and_false_as_the_same_condition_compiled(seed: int) -> None:
    chance = Random(seed)
    reading = read(small_policy(chance))
    view = _of_all_masks(reading)
    pairs = _read_and_compiled(reading)
    for _ in range(20):
        masks = [chance.randint(1, variable.full) for variable in reading.policy.variables]
        assert [_truth(view, formula, masks) for formula, _ in pairs] == [node.test(masks) for _, node in pairs]
