"""The sections that both editions of a policy have: grades, the end of a call, the lowest grade, definitions, sources.

It puts no edition together: see `edition` and `public`.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator

from chalicelib.editions.blocks import Block, Bullets, Heading, Paragraph, Table
from chalicelib.policy.closed_lists import EventKind
from chalicelib.policy.conditions import Condition, FactLeaf, NamedLeaf
from chalicelib.policy.document import Grade, NamedCondition, NotAsked, Policy, Precaution, Rule
from chalicelib.policy.english import Outline, outline_of
from chalicelib.policy.leaves import leaves
from chalicelib.policy.lexicon import Lexicon, quoted
from chalicelib.policy.sentences import precaution_head
from chalicelib.policy.wording import due_in_words


def cited(policy: Policy, names: Iterable[str]) -> str:
    """The sources that something leans on, by their titles."""
    titles = {source.id: source.title for source in policy.basis}
    return "Source: " + "; ".join(titles[name] for name in names) + "."


def grades(policy: Policy) -> Iterator[Block]:
    """The grades with their times."""
    yield Heading(2, "The grades and their times", "grades")
    rows = tuple((grade.title, grade.national.title(), _targets(grade)) for grade in policy.grades)
    yield Table("Grades, the most urgent first", ("Grade", "National name", "Target"), rows)


def _targets(grade: Grade) -> str:
    """How soon, by place; the target without a place is for everywhere else."""
    if not grade.targets:
        return "none set"
    several = len(grade.targets) > 1
    told: list[str] = []
    for target in grade.targets:
        where = f"{target.location}: " if target.location else "elsewhere: " if several else ""
        told.append(where + due_in_words(target.minutes, target.clock))
    return "; ".join(told)


def element_of(lexicon: Lexicon, rule: Rule) -> str:
    """The first element that a rule gives a finding for; without any, the first of the facts that it looks at."""
    asked = [lexicon.facts[leaf.fact].element for leaf in leaves(rule.when) if hasattr(leaf, "fact")]
    given = [finding.element for finding in rule.findings]
    return next((element for element in [*given, *asked] if element), "other")


def after(head: str, outline: Outline) -> Outline:
    """A condition behind the words that it belongs to; in one line where it is one."""
    return Outline(f"{head} {outline.text}{'' if outline.parts else '.'}", outline.parts)


def lowest(policy: Policy, lexicon: Lexicon) -> Iterator[Block]:
    """What has to be known before a call gets the lowest grade."""
    least, base = policy.grades[-1], lexicon.grades[policy.base_grade]
    yield Heading(2, "What the lowest grade needs", "lowest-grade")
    yield Paragraph(
        f"{quoted(least.title)} has to be earned. Until what follows is known, the grade is at least {quoted(base)}, "
        "even for a call of which nothing is known."
    )
    yield Bullets((outline_of(lexicon, _opened(policy, policy.earned_when)),))


def _opened(policy: Policy, condition: Condition) -> Condition:
    """What a named condition that stands alone stands for."""
    [*all_leaves] = leaves(condition)
    named = {one.id: one.when for one in policy.conditions}
    name = getattr(all_leaves[0], "condition", None) if len(all_leaves) == 1 and condition is all_leaves[0] else None
    return named.get(name, condition) if name else condition


_MOMENTS = (
    (NotAsked.IF_LOST, "As soon as the line is lost"),
    (NotAsked.AT_END, "As soon as the contact ends, however it ends"),
)
_SIGNS = re.compile(
    r"\b(hangs? up|hung up|cut off|given up|gave up|abandoned|silent|nobody speaks|call(ed)? back)\b", re.I
)
"""How a policy speaks of what a call itself shows."""


def call_ends(policy: Policy, lexicon: Lexicon) -> Iterator[Block]:
    """What happens when the caller hangs up: nothing is forgotten, and what was not asked may count as the worst."""
    yield Heading(2, "If you hang up or are cut off", "call-ends")
    yield Paragraph(
        "What you said stays on record and goes on counting. A call is not graded lower because it ended. Questions "
        "that nobody could ask count as not known, never as no."
    )
    items = [
        Outline(f"{says}, each of these counts:", tuple(_feared(lexicon, one) for one in feared))
        for moment, says in _MOMENTS
        if (feared := [one for one in policy.precautions if one.not_asked is moment])
    ]
    items += _by_signs(policy, lexicon)
    if items:
        yield Paragraph(
            "The line is lost when the call breaks off before the call handler has finished. The contact ends when "
            "the call is over, whoever ends it; a lost line ends it too."
        )
        yield Bullets(tuple(items))


def _feared(lexicon: Lexicon, precaution: Precaution) -> Outline:
    return after(precaution_head(lexicon, precaution), outline_of(lexicon, precaution.scope))


def _by_signs(policy: Policy, lexicon: Lexicon) -> Iterator[Outline]:
    """The rules that look at the call itself, and those by which somebody calls back."""
    back = {duty.id for duty in policy.duties if EventKind.CALLBACK in duty.done_by}
    looking = [rule for rule in policy.rules if rule.grade and any(map(_SIGNS.search, _own_words(lexicon, rule)))]
    called = [rule for rule in policy.rules if back.intersection(rule.duties)]
    if looking:
        too = {rule.id: " Somebody calls back." if rule in called else "" for rule in looking}
        says = (Outline(f"{lexicon.at_least(rule.grade or '')}: {rule.says}{too[rule.id]}") for rule in looking)
        yield Outline("These rules look at a call that breaks off, is silent or is given up:", tuple(says))
    others = [rule for rule in called if rule not in looking]
    if others:
        yield Outline("Somebody has to call back in these cases too:", tuple(Outline(rule.says) for rule in others))


def _own_words(lexicon: Lexicon, rule: Rule) -> Iterator[str]:
    """The words of what a rule itself names."""
    yield rule.says
    for leaf in leaves(rule.when):
        if isinstance(leaf, NamedLeaf):
            yield lexicon.clause("condition", leaf.condition)
        elif isinstance(leaf, FactLeaf):
            yield " ".join(outline_of(lexicon, leaf).lines())


def names_in(policy: Policy, conditions: Iterable[Condition]) -> set[str]:
    """The named conditions that conditions lean on, and those that these lean on."""
    whens = {one.id: one.when for one in policy.conditions}
    found: set[str] = set()
    open_ones = list(conditions)
    while open_ones:
        for leaf in leaves(open_ones.pop()):
            if isinstance(leaf, NamedLeaf) and leaf.condition not in found:
                found.add(leaf.condition)
                open_ones.append(whens[leaf.condition])
    return found


def if_not_ruled_out(outline: Outline) -> Outline:
    """A condition that counts for as long as it is not known to be false."""
    if outline.parts:
        return Outline(f"If this is so, or while it is not known: {outline.text}", outline.parts)
    return Outline(f"If {outline.text}, or while that is not known.")


def definitions(policy: Policy, lexicon: Lexicon, wanted: Container[str] | None = None) -> Iterator[Block]:
    """What the names stand for, or the `wanted` ones. A name that only repeats its condition is left out."""
    named = [one for one in policy.conditions if wanted is None or one.id in wanted]
    told = [_definition(lexicon, one, full=wanted is None) for one in named if not _says_itself(lexicon, one)]
    if told:
        yield Heading(2, "Definitions", "definitions")
        yield Bullets(tuple(told))


def impossible(policy: Policy) -> Iterator[Block]:
    """The answers that cannot go together."""
    if policy.impossible:
        yield Heading(2, "Answers that cannot go together", "impossible")
        yield Bullets(tuple(Outline(one.says) for one in policy.impossible))


def _definition(lexicon: Lexicon, one: NamedCondition, *, full: bool) -> Outline:
    """A named condition by the words that sentences use for it; in full by its title too, where that is another."""
    words = lexicon.clause("condition", one.id)
    if words.endswith(" holds") or words.casefold() == one.title.casefold():
        title = one.title
    else:
        title = f"{one.title} (in sentences: {quoted(words)})" if full else words[:1].upper() + words[1:]
    return Outline(title, (after("This is so if", outline_of(lexicon, one.when)),))


def _says_itself(lexicon: Lexicon, one: NamedCondition) -> bool:
    body = outline_of(lexicon, one.when)
    return not body.parts and plain(body.text) in {plain(one.title), plain(lexicon.clause("condition", one.id))}


def plain(words: str) -> str:
    """Words without capitals and marks, to tell whether two texts say the same."""
    return re.sub(r"[^a-z0-9]+", " ", words.casefold()).strip()


def unpublished(policy: Policy) -> dict[str, str]:
    """The sources that tell no place where they can be read, such as a proposal of the authors."""
    return {source.id: source.title for source in policy.basis if source.where is None}


def sources(policy: Policy) -> Iterator[Block]:
    """What the policy leans on."""
    yield Heading(2, "Sources", "sources")
    yield Bullets(tuple(Outline(one.title + (f" ({one.where})" if one.where else "")) for one in policy.basis))
