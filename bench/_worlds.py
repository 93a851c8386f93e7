"""Seeded calls to a policy: how things really are, and what a caller says of it. Nothing here measures.

A world gives every fact a value; danger is rare in it, as in a control room. What the policy would not ask takes its
`otherwise` value, and combinations that the policy calls impossible are drawn again. Beside the shipped policy there
are larger random ones: so many facts, and so many rules of two to four parts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from random import Random

from chalicelib.assessment.call import Call, Claim, Contact, Engine, PolicyUsed
from chalicelib.assessment.contact import Channel, ContactState
from chalicelib.assessment.standing import NONE_OF_THESE, standing_of
from chalicelib.authoring.cases import BEGINS
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.policy.conditions import Value
from chalicelib.policy.document import Absence, FactType, Source
from chalicelib.policy.nodes import FALSE, TRUE
from chalicelib.policy.vocabulary import Term, Variable
from tests.strategies import Doc, document, fact, rule

BAD_THINGS = (0.5, 3, 10)
"""How many bad things there are to be expected, in calmer and in graver worlds."""

DRAWN_AGAIN = 1000
"""How often an impossible world is drawn again, until it is taken for all there is."""

World = Mapping[str, Claim]
"""What a caller who knows everything would say, by fact; nothing of what the policy would not ask."""


def a_world(policy: CompiledPolicy, chance: Random) -> World:
    """Draw how things really are."""
    for _ in range(DRAWN_AGAIN):
        danger = min(chance.choice(BAD_THINGS) / len(policy.variables), 0.5)
        masks = [1 << _cell(variable, chance, danger) for variable in policy.variables]
        closed = _closed(policy, masks)
        if all(node.test(masks) != TRUE for _, node in policy.impossible):
            break
    terms = [term for name, term in policy.terms.items() if name not in closed and term.fact.clock is None]
    return {term.fact.id: claim(term, **_said(term, masks, chance)) for term in terms}


def claim(term: Term, **said: object) -> Claim:
    """What somebody says of a fact whom the policy lets say it."""
    answerers = term.fact.answerers
    source = answerers[0] if answerers else Source.CALLER
    return Claim.model_validate({"fact": term.fact.id, "source": source, "at": BEGINS, **said})


def a_call(policy: CompiledPolicy, answers: Iterable[Claim]) -> Call:
    """A call under way in which so much was said."""
    return Call(
        policy=PolicyUsed(id=policy.policy.id, version=policy.policy.version, digest=policy.digest),
        engine=Engine(version="bench"),
        contact=Contact(started_at=BEGINS, channel=Channel.EMERGENCY, state=ContactState.IN_PROGRESS),
        answers=tuple(answers),
    )


def partly_told(world: World, chance: Random) -> list[Claim]:
    """The same world with answers left out, and sets of which only is told what is there."""
    hidden = chance.choice((0.1, 0.3, 0.6))
    told = [said for said in world.values() if chance.random() >= hidden]
    return [_only_present(said) if chance.random() < hidden else said for said in told]


def with_some_not_known(world: World, chance: Random, share: float) -> World:
    """The same world, in which nobody knows some of the answers."""
    return {
        name: said.model_copy(update=_NOT_KNOWN) if chance.random() < share else said for name, said in world.items()
    }


def fully_known(policy: CompiledPolicy, call: Call) -> bool:
    """Whether nothing is open, not even what the policy reads off a clock."""
    return all(not mask & (mask - 1) for mask in standing_of(policy, call, BEGINS).masks)


_NOT_KNOWN = {"value": None, "present": None, "ruled_out": None, "absent": Absence.UNKNOWN}


def _only_present(said: Claim) -> Claim:
    return said.model_copy(update={"ruled_out": None}) if said.present and said.ruled_out else said


def _cell(variable: Variable, chance: Random, danger: float) -> int:
    """A cell of a variable: the best, or with some danger another; any where neither direction is worse."""
    most = len(variable.cells) - 1
    if variable.worse == 0:
        return chance.randint(0, most)
    bad = chance.randint(1, most) if most and chance.random() < danger else 0
    return bad if variable.worse > 0 else most - bad


def _closed(policy: CompiledPolicy, masks: list[int]) -> set[str]:
    """Give the facts that are not asked their `otherwise` value. Returns them."""
    closed = set()
    for gate in policy.gates:
        if gate.node.test(masks) == FALSE:
            closed.add(gate.fact)
            for index, mask in gate.otherwise:
                masks[index] = mask
    return closed


def _said(term: Term, masks: Sequence[int], chance: Random) -> dict[str, object]:
    """The whole of a fact in the words of a claim."""
    if term.fact.type is FactType.SET:
        present = tuple(one.tag for one in term.variables if masks[one.index] == 2)
        absent = tuple(one.tag for one in term.variables if masks[one.index] == 1)
        return {"present": present or None, "ruled_out": absent} if present else {"value": NONE_OF_THESE}
    return {"value": value_of(term, masks[term.variables[0].index], chance)}


def value_of(term: Term, mask: int, chance: Random | None = None) -> Value:
    """A value in a cell; of a whole number the least of it, or with `chance` any."""
    cell = mask.bit_length() - 1
    if term.fact.type is FactType.YES_NO:
        return cell == 1
    if term.fact.type is FactType.WHOLE and term.fact.range:
        least = term.cuts[cell]
        most = term.cuts[cell + 1] - 1 if cell + 1 < len(term.cuts) else term.fact.range.most
        return chance.randint(least, most) if chance else least
    return term.ids[cell]


def random_document(seed: int, facts: int, rules: int) -> Doc:
    """A policy of a size, always the same for the same seed: every type of fact, every comparison, some exceptions."""
    chance = Random(seed)
    asked = [_fact(chance, place) for place in range(facts)]
    floors = [
        rule(
            f"r{place}",
            _condition(chance, asked),
            grade=chance.choice(("top", "high", "low")),
            **({"unless": _part(chance, asked)} if chance.random() < 0.1 else {}),
        )
        for place in range(rules)
    ]
    return document(list(asked), list(floors), id=f"random-{facts}x{rules}")


_KINDS = {"yes_no": 4, "choice": 1, "ordered": 3, "whole": 1, "set": 2}
_WORSE = {"yes_no": "yes", "ordered": "higher", "whole": "higher"}


def _fact(chance: Random, place: int) -> Doc:
    kind = chance.choices(list(_KINDS), list(_KINDS.values()))[0]
    return fact(f"f{place}", kind, **({"worse": _WORSE[kind]} if kind in _WORSE else {}))


def _condition(chance: Random, facts: Sequence[Doc]) -> Doc:
    """Two bad things at once, and sometimes more conditions beside them: rules that seldom hold, as real ones do."""
    bad = [_leaf(chance, one, bad=True) for one in chance.sample(facts, 2)]
    return {"all": [*bad, *(_part(chance, facts) for _ in range(chance.randint(0, 2)))]}


def _part(chance: Random, facts: Sequence[Doc]) -> Doc:
    """One condition, one of two, or that none of two is."""
    one, other = (_leaf(chance, about, bad=chance.random() < 0.7) for about in chance.sample(facts, 2))
    branch = chance.choice((None, None, "any", "none"))
    return one if branch is None else {branch: [one, other]}


def _leaf(chance: Random, one: Doc, *, bad: bool) -> Doc:
    return {"fact": one["id"], **chance.choice(_BAD[str(one["type"])] if bad else _ANY[str(one["type"])])}


_BAD: Mapping[str, Sequence[Doc]] = {
    "yes_no": ({"is": True}, {"is_not": False}),
    "choice": ({"is": "b"}, {"one_of": ["b"]}),
    "ordered": ({"at_least": "b"}, {"is": "c"}, {"between": ["b", "c"]}),
    "whole": ({"at_least": 1}, {"at_least": 2}, {"between": [1, 2]}, {"one_of": [2, 3]}),
    "set": ({"includes_any": ["a", "b"]}, {"includes_any": ["a"]}, {"includes_all": ["a", "b"]}),
}
_ANY: Mapping[str, Sequence[Doc]] = {
    "yes_no": ({"is": False}, {"is_not": True}),
    "choice": ({"is_not": "a"}, {"one_of": ["a", "c"]}),
    "ordered": ({"at_most": "b"}, {"is_not": "a"}, {"one_of": ["a", "b"]}),
    "whole": ({"at_most": 1}, {"is_not": 0}),
    "set": ({"includes_none": ["a", "b"]}, {"includes_none": ["b"]}),
}
"""Comparisons that hold in worse worlds, and others."""
