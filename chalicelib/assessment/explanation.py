"""`explain(policy, call, at)`: why this grade, in words, and what would change it. It grades nothing: `evaluate` does.

Rules are told by element, precautions with what is not known and why, and rules that are one answer away.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.assessment.call import Call
from chalicelib.assessment.decision import Reason, Result, Used
from chalicelib.assessment.evaluate import evaluate
from chalicelib.assessment.explained import (
    Answer,
    ChangeExplained,
    Cited,
    ElementExplained,
    Explanation,
    LowestExplained,
    NearRule,
    NotKnown,
    OpenExplained,
    PrecautionExplained,
    RuleExplained,
    State,
)
from chalicelib.assessment.explained_text import text_of
from chalicelib.assessment.nearness import nearly
from chalicelib.assessment.standing import NONE_OF_THESE, Standing, standing_of
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.policy.document import Absence, FactType, ResponseRule, Rule, Source
from chalicelib.policy.english import known_in_words
from chalicelib.policy.lexicon import Lexicon
from chalicelib.policy.nodes import FALSE, TRUE, Node
from chalicelib.policy.sentences import (
    earned_in_words,
    effects_in_words,
    not_known_in_words,
    precaution_in_words,
    rule_in_words,
)
from chalicelib.policy.values import PRESENT, tags_in_words, values_in_words
from chalicelib.policy.vocabulary import Variable

OTHER = "other"
"""Where a rule stands that belongs to no element."""


@dataclass(frozen=True, slots=True)
class _Explaining:
    """What every part of an explanation looks at."""

    policy: CompiledPolicy
    lexicon: Lexicon
    at: datetime
    standing: Standing
    result: Result


@dataclass(frozen=True, slots=True)
class _Alike:
    """What answers have in common that would do the same."""

    place: int
    fact: str
    needed: int
    by_itself: bool
    state: State


def explain(policy: CompiledPolicy, call: Call, at: datetime, lexicon: Lexicon | None = None) -> Explanation:
    """Explain what a policy makes of a call at a moment. A lexicon of that policy may be given, to use it again."""
    return explanation_of(policy, call, at, evaluate(policy, call, at), lexicon)


def explanation_of(
    policy: CompiledPolicy, call: Call, at: datetime, result: Result, lexicon: Lexicon | None = None
) -> Explanation:
    """Explain a result of `evaluate` for the same policy, call and moment."""
    words = lexicon or Lexicon(policy.policy)
    asking = _Explaining(policy, words, at, standing_of(policy, call, at), result)
    raising, other = _near(asking)
    explanation = Explanation(
        recommended=result.recommended,
        title=words.grades[result.recommended],
        certain=result.certain,
        possible=result.possible,
        provisional=result.provisional,
        settled=result.grade_settled,
        basis=result.basis,
        attends=result.response.require is not None,
        elements=_elements(asking),
        rules=tuple(_rule(asking, reason) for reason in result.reasons if reason.kind == "rule"),
        precautions=tuple(_precaution(asking, one) for one in result.reasons if one.kind == "precaution"),
        base=_base(asking) if result.basis.kind == "base" else None,
        near=raising,
        near_other=other,
        changes=_changes(asking),
        open=_open(asking),
        conflicts=tuple(dict.fromkeys(one.fact for one in result.conflicts)),
        text="",
    )
    zone = policy.policy.calendar.time_zone if policy.policy.calendar else "Europe/London"
    return explanation.model_copy(update={"text": text_of(words, explanation, zone)})


def _rule_by_id(asking: _Explaining, name: str) -> tuple[Rule, Node]:
    return next((floor.rule, floor.node) for floor in asking.policy.floors if floor.rule.id == name)


def _cited(asking: _Explaining, names: Iterable[str]) -> tuple[Cited, ...]:
    sources = {source.id: source for source in asking.policy.policy.basis}
    return tuple(Cited(id=name, title=sources[name].title, where=sources[name].where) for name in names)


def _elements(asking: _Explaining) -> tuple[ElementExplained, ...]:
    """Every element with the rules that hold there; and, where there are any, those that belong to none."""
    held: dict[str, list[str]] = {}
    for reason in asking.result.reasons:
        if reason.kind == "rule":
            for element in _elements_of(asking, *_rule_by_id(asking, reason.id)):
                held.setdefault(element, []).append(reason.id)
    titles = {element.id: element.title for element in asking.policy.policy.elements}
    found = [
        ElementExplained(
            element=one.element,
            title=titles[one.element],
            level=one.level,
            settled=one.settled,
            rules=tuple(held.get(one.element, ())),
        )
        for one in asking.result.findings
    ]
    other = [ElementExplained(element=OTHER, title="Other", rules=tuple(held[OTHER]))] if OTHER in held else []
    return (*found, *other)


def _elements_of(asking: _Explaining, rule: Rule, node: Node) -> list[str]:
    """The elements that a rule gives findings for; without any, those of the facts that it looks at."""
    given = [finding.element for finding in rule.findings]
    looked_at = {asking.policy.variables[index].fact for index in node.uses}
    facts = [asking.lexicon.facts[name].element for name in sorted(looked_at)]
    return list(dict.fromkeys(given or [element for element in facts if element])) or [OTHER]


def _rule(asking: _Explaining, reason: Reason) -> RuleExplained:
    rule, node = _rule_by_id(asking, reason.id)
    return RuleExplained(
        rule=rule.id,
        grade=rule.grade,
        says=rule.says,
        sentence=rule_in_words(asking.lexicon, rule),
        effects=effects_in_words(asking.lexicon, rule),
        answers=(*_answers(asking, reason.used), *_silent(asking, node)),
        basis=_cited(asking, rule.basis),
    )


def _answers(asking: _Explaining, used: Iterable[Used]) -> Iterator[Answer]:
    """The answers that a reason rests on: what stands, who said so last, and when."""
    terms = asking.policy.terms
    for one in used:
        term = terms[one.fact]
        if term.fact.type is FactType.SET:
            variable, mask = term.tag(one.values[0]), PRESENT
        else:
            variable = term.variables[0]
            mask = sum(1 << variable.cells.index(value) for value in one.values)
        says = _exactly(asking, variable, one) or values_in_words(asking.lexicon, variable, mask)
        yield Answer(fact=one.fact, says=says, source=one.source, at=one.at, put=True)


def _exactly(asking: _Explaining, variable: Variable, used: Used) -> str | None:
    """A whole number as it was said, where the policy only looks at the range that it lies in."""
    if asking.lexicon.facts[used.fact].type is FactType.WHOLE:
        for said in asking.standing.told.get(variable.index, ()):
            if (said.claim.source, said.claim.at) == (used.source, used.at) and said.claim.value is not None:
                return f"{asking.lexicon.subject(used.fact)} is {said.claim.value}"
    return None


def _silent(asking: _Explaining, node: Node) -> Iterator[Answer]:
    """What else a rule that holds needs: what was ruled out, was not called for, or was read off a clock."""
    standing, policy = asking.standing, asking.policy
    by_fact: dict[str, list[int]] = {}
    for index in sorted(node.uses):
        by_fact.setdefault(policy.variables[index].fact, []).append(index)
    for name, indexes in by_fact.items():
        fact, first = asking.lexicon.facts[name], policy.variables[indexes[0]]
        silent = [index for index in indexes if first.tag is None or standing.masks[index] == 1]
        told_already = name in standing.claimed and first.tag is None
        if told_already or not silent or not _needed(asking, node, silent):
            continue
        put = name in standing.claimed
        clock = Source.CLOCK if fact.clock else None
        if first.tag is None:
            says = values_in_words(asking.lexicon, first, standing.masks[first.index])
        else:
            says = f"{asking.lexicon.subject(name)} include nothing of what matters here"
        yield Answer(fact=name, says=says, source=clock, at=asking.at if clock else None, put=put or bool(clock))


def _needed(asking: _Explaining, node: Node, indexes: Sequence[int]) -> bool:
    """Whether the rule would no longer be known to hold if these were not known."""
    masks = asking.standing.masks.copy()
    for index in indexes:
        masks[index] = asking.policy.variables[index].full
    return node.test(masks) != TRUE


def _precaution(asking: _Explaining, reason: Reason) -> PrecautionExplained:
    """A precaution that applies: one of the policy's own, or that of an exception which is not known to be none."""
    policy, words = asking.policy, asking.lexicon
    guard = next(guard for guard in policy.guards if guard.id == reason.id)
    not_known = tuple(_not_known(asking, guard.on))
    own = next((one for one in policy.policy.precautions if one.id == reason.id), None)
    if own is not None:
        says, sentence, basis, question = own.says, precaution_in_words(words, own), own.basis, own.question
        whether = not_known_in_words(words, own.on)
    else:
        rule, _ = _rule_by_id(asking, reason.id)
        says, sentence, basis = rule.says, rule_in_words(words, rule), rule.basis
        question = next((one.fact for one in not_known), "")
        whether = known_in_words(words, rule.unless) if rule.unless is not None else ""
    return PrecautionExplained(
        precaution=reason.id,
        grade=reason.grade or policy.policy.base_grade,
        says=says,
        sentence=sentence,
        whether=whether,
        not_known=not_known,
        settled_by=question,
        question=words.facts[question].question if question else "",
        answers=tuple(_answers(asking, reason.used)),
        basis=_cited(asking, basis),
    )


def _not_known(asking: _Explaining, on: Node) -> Iterator[NotKnown]:
    """The facts that a precaution finds missing, and why each of them is."""
    masks = asking.standing.masks
    missing = [asking.policy.variables[index].fact for index in sorted(on.uses) if masks[index] & (masks[index] - 1)]
    for name in dict.fromkeys(missing):
        why = tuple(reason for reason in Absence if reason in asking.standing.reasons[name])
        yield NotKnown(fact=name, question=asking.lexicon.facts[name].question, why=why)


def _base(asking: _Explaining) -> LowestExplained:
    """Why no rule is needed: the lowest grade is earned, is known not to be, or what it needs is not known yet."""
    policy = asking.policy
    truth = policy.earned.test(asking.standing.masks)
    return LowestExplained(
        grade=asking.result.recommended,
        sentence=earned_in_words(policy.policy, asking.lexicon),
        lowest="earned" if truth == TRUE else "not_earned" if truth == FALSE else "not_known",
        not_known=() if truth in (TRUE, FALSE) else tuple(_not_known(asking, policy.earned)),
    )


def _near(asking: _Explaining) -> tuple[tuple[NearRule, ...], tuple[NearRule, ...]]:
    """Rules one answer away: those that would raise the grade, the highest first, and those with another effect.

    Among equals those come first of which all the rest stands already; of the latter kind only those are told, because
    a rule that needs nothing but one answer is near to every call. Tags of one set that would do the same are one.
    """
    floors, recommended = asking.policy.floors, asking.policy.rank_of(asking.result.recommended)
    alike: dict[_Alike, list[Variable]] = {}
    for one in nearly(asking.policy, asking.standing, _with_an_effect(asking, recommended)):
        variable = asking.policy.variables[one.index]
        state = _state(asking, variable, one.needed)
        alike.setdefault(_Alike(one.place, variable.fact, one.needed, one.by_itself, state), []).append(variable)
    raising = [key for key in alike if floors[key.place].rank > recommended]
    raising.sort(key=lambda key: (-floors[key.place].rank, key.by_itself))
    other = [key for key in alike if floors[key.place].rank <= recommended and not key.by_itself]
    return (
        tuple(_near_rule(asking, key, alike[key]) for key in raising),
        tuple(_near_rule(asking, key, alike[key]) for key in other),
    )


def _with_an_effect(asking: _Explaining, recommended: int) -> set[int]:
    """The places of the rules that do not hold and would change something of the result if they did."""
    result, masks = asking.result, asking.standing.masks
    refused = {one.response for one in result.response.refused if one.settled_by is None}
    there = {("flag", name) for name in result.flags} | {("duty", one.duty) for one in result.duties}
    there |= {("forbid", name) for name in refused} | ({("require", "")} if result.response.require else set())
    levels = {one.element: one.level.rank for one in result.findings}
    return {
        place
        for place, floor in enumerate(asking.policy.floors)
        if (
            floor.rank > recommended
            or not _effects(floor.rule) <= there
            or any(finding.level.rank > levels[finding.element] for finding in floor.rule.findings)
        )
        and floor.node.test(masks) != TRUE
    }


def _effects(rule: Rule) -> set[tuple[str, str]]:
    """What a rule does beside its grade and its findings."""
    response = rule.response or ResponseRule()
    found = {("flag", name) for name in rule.flags} | {("duty", name) for name in rule.duties}
    found |= {("forbid", name) for name in response.forbid}
    return found | ({("require", "")} if response.require else set())


def _near_rule(asking: _Explaining, key: _Alike, variables: Sequence[Variable]) -> NearRule:
    rule, first, words = asking.policy.floors[key.place].rule, variables[0], asking.lexicon
    tags = tuple(variable.tag for variable in variables if variable.tag)
    mask = asking.standing.masks[first.index]
    return NearRule(
        rule=rule.id,
        grade=rule.grade,
        says=rule.says,
        by_itself=key.by_itself,
        fact=key.fact,
        tags=tags,
        question=words.facts[key.fact].question,
        stands=_tags_stand(words, key.fact, tags, mask) if tags else values_in_words(words, first, mask),
        needed=tags_in_words(words, key.fact, tags, present=key.needed == PRESENT)
        if tags
        else values_in_words(words, first, key.needed),
        needed_values=first.labels(key.needed),
        state=key.state,
    )


def _tags_stand(words: Lexicon, fact: str, tags: Sequence[str], mask: int) -> str:
    """What stands of tags of which one would do: they all stand alike, or they would not have been put together."""
    there = tags_in_words(words, fact, tags, present=mask != 1)
    return there if mask in (1, PRESENT) else f"it is not known whether {there}"


def _state(asking: _Explaining, variable: Variable, needed: int) -> State:
    """What became of the question: it can be asked, was answered otherwise, was asked in vain, or is never asked."""
    if not asking.lexicon.facts[variable.fact].asked:
        return "looked_up"
    if not asking.standing.masks[variable.index] & needed:
        return "answered"
    return "not_known" if variable.fact in asking.standing.closed else "open"


def _changes(asking: _Explaining) -> tuple[ChangeExplained, ...]:
    """The single open answers that would change the grade, as `evaluate` found them."""
    found: list[ChangeExplained] = []
    for change in asking.result.changes:
        term, words = asking.policy.terms[change.fact], asking.lexicon
        if change.answer == NONE_OF_THESE and term.fact.type is FactType.SET:
            says = f"{words.subject(change.fact)} include none of them"
        elif term.fact.type is FactType.SET:
            says = tags_in_words(words, change.fact, (change.answer,), present=True)
        else:
            variable = term.variables[0]
            says = values_in_words(words, variable, 1 << variable.cells.index(change.answer))
        found.append(ChangeExplained(fact=change.fact, answer=change.answer, grade=change.grade, says=says))
    return tuple(found)


def _open(asking: _Explaining) -> tuple[OpenExplained, ...]:
    """The open questions, the one to put first."""
    facts = asking.lexicon.facts
    return tuple(
        OpenExplained(
            fact=one.fact, question=facts[one.fact].question, because=one.because, could_reach=one.could_reach
        )
        for one in asking.result.questions
    )
