"""Rules, precautions, guarantees and questions of a policy as English sentences. It words no condition itself.

Each sentence stands alone: it begins with what is given and ends with a full stop.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from chalicelib.policy.conditions import Condition, FactLeaf, NamedLeaf
from chalicelib.policy.document import (
    Absence,
    Fact,
    FactType,
    Finding,
    NotAsked,
    Policy,
    Precaution,
    ResponseRule,
    Rule,
)
from chalicelib.policy.english import condition_in_words, known_in_words
from chalicelib.policy.implication import ATTENDANCE, softened
from chalicelib.policy.leaves import leaves
from chalicelib.policy.levels import Level
from chalicelib.policy.lexicon import Lexicon, listed, quoted
from chalicelib.policy.obligations import Guarantee
from chalicelib.policy.wording import ABSENT, CLOCK_FACTS, NOT_ASKED, OWNERS, minutes_in_words


def rule_in_words(lexicon: Lexicon, rule: Rule) -> str:
    """A rule as a sentence: the grade that it gives and when; of a rule without a grade what else it does."""
    return lexicon.once("rule", rule.id, 0, lambda: _rule_in_words(lexicon, rule))


def _rule_in_words(lexicon: Lexicon, rule: Rule) -> str:
    when = condition_in_words(lexicon, rule.when)
    if rule.grade is None:
        return f"If {when}: {'; '.join(effects_in_words(lexicon, rule))}."
    unless = f", unless it is known that {known_in_words(lexicon, rule.unless)}" if rule.unless is not None else ""
    return f"{lexicon.at_least(rule.grade)} if {when}{unless}."


def effects_in_words(lexicon: Lexicon, rule: Rule) -> tuple[str, ...]:
    """What a rule does beside its grade, each as a clause."""
    return (
        *findings_in_words(lexicon, rule.findings),
        *(_response(lexicon, rule.response) if rule.response else ()),
        *_marks(lexicon, rule.flags),
        *_owed(lexicon, rule.duties),
    )


def findings_in_words(lexicon: Lexicon, findings: Iterable[Finding]) -> Iterator[str]:
    """The levels that a rule gives to elements, those of one level together."""
    by_level: dict[Level, list[str]] = {}
    for finding in findings:
        by_level.setdefault(finding.level, []).append(lexicon.elements[finding.element])
    for level, elements in by_level.items():
        words = level if level is Level.HIGH else f"at least {level}"
        yield f"{listed(elements, 'and')} {'is' if len(elements) == 1 else 'are'} found to be {words}"


def precaution_in_words(lexicon: Lexicon, precaution: Precaution) -> str:
    """A precaution as sentences: the grade that it gives, what is not known, why, and which question settles it."""
    scope = condition_in_words(lexicon, precaution.scope)
    return f"{precaution_head(lexicon, precaution)} {scope}. {' '.join(precaution_details(lexicon, precaution))}"


def precaution_head(lexicon: Lexicon, precaution: Precaution) -> str:
    """How a precaution's sentence begins, up to the words of its scope."""
    on = not_known_in_words(lexicon, precaution.on)
    return f"{lexicon.at_least(precaution.grade)} while it is not known whether {on}, if"


def precaution_details(lexicon: Lexicon, precaution: Precaution) -> Iterator[str]:
    """For which reasons a precaution counts, and which question settles it, as sentences."""
    reasons = [ABSENT[Absence(reason)] for reason in precaution.reasons]
    if len(reasons) == len(Absence) - 1:
        reasons = ["an answer is missing for whatever reason"]
    if precaution.not_asked is not NotAsked.NEVER:
        reasons.append(NOT_ASKED[precaution.not_asked])
    if reasons:
        yield f"It counts when {listed(reasons, 'or')}."
    yield f"The question that settles it: {_settling(lexicon, precaution)}"


def _settling(lexicon: Lexicon, precaution: Precaution) -> str:
    """A question and, where it is a set of which only some answers matter, those answers."""
    fact = lexicon.facts[precaution.question]
    named = {condition.id: condition.when for condition in lexicon.policy.conditions}
    about = [leaf for leaf in _leaves_below(named, precaution.on) if leaf.fact == fact.id]
    tags = {tag for leaf in about for tag in _operands(leaf)} if fact.type is FactType.SET else set()
    titles = [quoted(option.title) for option in fact.options or () if option.id in tags]
    if not titles or len(titles) == len(fact.options or ()):
        return quoted(fact.question)
    return f"{quoted(fact.question)} (the answer{'' if len(titles) == 1 else 's'} {listed(titles, 'or')})"


def _leaves_below(named: Mapping[str, Condition], name: str) -> Iterator[FactLeaf]:
    """The leaves about facts of a named condition, those of the conditions that it names included."""
    for leaf in leaves(named[name]) if name in named else ():
        if isinstance(leaf, FactLeaf):
            yield leaf
        elif isinstance(leaf, NamedLeaf):
            yield from _leaves_below(named, leaf.condition)


def _operands(leaf: FactLeaf) -> tuple[str, ...]:
    operand = leaf.comparison[1]
    return tuple(str(value) for value in operand) if isinstance(operand, tuple) else (str(operand),)


def not_known_in_words(lexicon: Lexicon, on: str) -> str:
    """What a precaution is about, as what follows "it is not known whether"."""
    named = {condition.id for condition in lexicon.policy.conditions}
    return lexicon.clause("condition" if on in named else "yes", on)


def asked_in_words(lexicon: Lexicon, fact: Fact) -> str:
    """When a question is put, and what holds while it is known that it is not."""
    if fact.history is not None:
        shared = listed([f"the same {kind}" for kind in fact.history.matched_by], "or")
        days = minutes_in_words(1440 * fact.history.days)
        marked = f" marked {quoted(lexicon.flags[fact.history.flag])}" if fact.history.flag else ""
        return f"Not asked. Counted: earlier incidents{marked} with {shared}, within {days}."
    if fact.clock is not None:
        return f"Not asked. Read off the clock: {CLOCK_FACTS[fact.clock]}."
    if fact.asked_when is None:
        return "Always asked."
    otherwise = "none of them" if fact.type is FactType.SET else lexicon.value(fact.id, fact.otherwise)
    when = condition_in_words(lexicon, fact.asked_when)
    return f"Asked if {when}. Where that is known not to be so, the answer counts as {otherwise}."


def earned_in_words(policy: Policy, lexicon: Lexicon) -> str:
    """What the lowest grade needs, as a sentence."""
    lowest, base = lexicon.grades[policy.grades[-1].id], lexicon.grades[policy.base_grade]
    needed = known_in_words(lexicon, policy.earned_when)
    return f"{quoted(lowest)} is earned only once this is known: {needed}. Until then it is at least {quoted(base)}."


def guarantee_in_words(lexicon: Lexicon, promise: Guarantee) -> str:
    """A promise about every possible call, as a sentence, with what somebody may authorise all the same."""
    return f"Whenever {condition_in_words(lexicon, promise.when)}: {'; '.join(promised(lexicon, promise))}."


def promised(lexicon: Lexicon, promise: Guarantee) -> tuple[str, ...]:
    """What a promise promises, each as a clause that names its exception."""
    soft = softened(lexicon.policy, promise)
    grade = [f"the grade is {_lower(lexicon.at_least(promise.at_least))}"] if promise.at_least else []
    other = ", unless a supervisor authorises another response" if ATTENDANCE in soft else ""
    attendance = [f"an officer attends{other}"] if promise.attendance else []
    firm = [name for name in promise.never if name not in soft]
    never = [
        *_refused(lexicon, firm, ""),
        *_refused(lexicon, [one for one in promise.never if one in soft], "supervisor"),
    ]
    return (*grade, *attendance, *never, *_marks(lexicon, promise.flags), *_owed(lexicon, promise.duties))


def _lower(words: str) -> str:
    return "at" + words.removeprefix("At") if words.startswith("At least ") else words


def _response(lexicon: Lexicon, response: ResponseRule) -> Iterator[str]:
    who = response.unless_authorised_by
    if response.require:
        yield "an officer attends" + (f", unless a {who} authorises another response" if who else "")
    yield from _refused(lexicon, response.forbid, who or "")


def _refused(lexicon: Lexicon, names: Sequence[str], who: str) -> Iterator[str]:
    if names:
        refused = listed([quoted(lexicon.responses[name]) for name in names], "and")
        be, it = ("is", "it") if len(names) == 1 else ("are", "them")
        yield f"{refused} {be} refused" + (f", unless a {who} authorises {it}" if who else "")


def _marks(lexicon: Lexicon, flags: Sequence[str]) -> Iterator[str]:
    if flags:
        named = listed([quoted(lexicon.flags[name]) for name in flags], "and")
        yield f"it is marked {named}"


def _owed(lexicon: Lexicon, duties: Sequence[str]) -> Iterator[str]:
    """What is owed, by who owes it."""
    by_owner: dict[str, list[str]] = {}
    for duty in lexicon.policy.duties:
        if duty.id in duties:
            has_to = f"the {OWNERS[duty.owed_by]} has to{' keep to this' if duty.must_not else ''}"
            by_owner.setdefault(has_to, []).append(quoted(lexicon.duties[duty.id]))
    for has_to, titles in by_owner.items():
        yield f"{has_to}: {listed(titles, 'and')}"
