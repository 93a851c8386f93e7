"""An explanation as a few short paragraphs for a person to read. It finds nothing out: all of it is in the models."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from zoneinfo import ZoneInfo

from chalicelib.assessment.explained import Answer, Explanation, NearRule, NotKnown, RuleExplained
from chalicelib.policy.levels import Level
from chalicelib.policy.lexicon import Lexicon, listed, quoted
from chalicelib.policy.wording import ABSENT, SOURCES

MOST_TOLD = 4
"""How many of a kind are told in the text; the others are counted."""


def text_of(lexicon: Lexicon, explained: Explanation, zone: str) -> str:
    """The paragraphs, with an empty line between them. Times are those of a zone."""
    return "\n\n".join(_paragraphs(lexicon, explained, ZoneInfo(zone)))


def _paragraphs(lexicon: Lexicon, explained: Explanation, zone: ZoneInfo) -> Iterator[str]:
    yield _grade(lexicon, explained)
    yield from _rules(explained, zone)
    for guard in explained.precautions:
        asks = f" To be settled by: {quoted(guard.question)}" if guard.question else ""
        grade, missing = lexicon.at_least(guard.grade), _missing(guard.not_known)
        yield f"Not known, so treated as the worst ({grade}): it is not known whether {guard.whether}. {missing}{asks}"
    if explained.base:
        known = {"earned": "It is known to be so.", "not_earned": "It is known not to be so."}
        how = known.get(explained.base.lowest) or _missing(explained.base.not_known)
        yield f"{explained.base.sentence} {how}".rstrip()
    yield from _findings(lexicon, explained)
    yield from _near(lexicon, explained.near)
    if explained.open:
        more = f" {len(explained.open) - 1} more are open." if len(explained.open) > 1 else ""
        yield f"To be asked next: {quoted(explained.open[0].question)}{more}"


def _rules(explained: Explanation, zone: ZoneInfo) -> Iterator[str]:
    """The rules that give the grade in full, the others by their reasons alone."""
    if explained.basis.kind == "completions":
        yield "No single rule is known to hold, but whatever the open answers are, one of them gives this grade."
    giving = [rule for rule in explained.rules if rule.rule in explained.basis.ids]
    for rule in giving:
        yield f"Because: {rule.says} {_rests_on(rule.answers, zone)}{_sources(rule)}"
    others = [rule.says for rule in explained.rules if rule not in giving]
    if others:
        yield f"Also: {' '.join(others)}"


def _findings(lexicon: Lexicon, explained: Explanation) -> Iterator[str]:
    """What was found of each element, and where answers contradict each other."""
    weighed = [one for one in explained.elements if one.level not in (None, Level.NONE)]
    if weighed:
        yield f"Found: {', '.join(f'{lexicon.elements[one.element]} {one.level}' for one in weighed)}."
    if explained.conflicts:
        disputed = [quoted(lexicon.facts[name].question) for name in explained.conflicts]
        yield f"Answers contradict each other on {listed(disputed, 'and')}. The worse stands."


def _grade(lexicon: Lexicon, explained: Explanation) -> str:
    attends = " An officer has to attend." if explained.attends else ""
    if explained.provisional:
        sure = f"It could still become {lexicon.grades[explained.possible]}."
    elif explained.settled:
        sure = "No answer that can still be had changes that."
    else:
        sure = "That is on what is known so far."
    return f"Recommended: {explained.title}. {sure}{attends}"


def _rests_on(answers: Iterable[Answer], zone: ZoneInfo) -> str:
    told = [_told(answer, zone) for answer in answers]
    return f"It rests on this: {'; '.join(told)}. " if told else ""


def _told(answer: Answer, zone: ZoneInfo) -> str:
    if not answer.put:
        return f"{answer.says} (not asked, because nothing called for it)"
    time = f", {answer.at.astimezone(zone):%H:%M}" if answer.at else ""
    return f"{answer.says} ({SOURCES[answer.source]}{time})" if answer.source else answer.says


def _sources(rule: RuleExplained) -> str:
    return f"Source: {'; '.join(cited.title for cited in rule.basis)}."


def _missing(not_known: Iterable[NotKnown]) -> str:
    """What is not known, grouped by why."""
    by_reason: dict[str, list[str]] = {}
    for one in not_known:
        by_reason.setdefault(listed([ABSENT[why] for why in one.why], "and"), []).append(quoted(one.question))
    told = [f"{_few(questions)} ({why})" for why, questions in by_reason.items()]
    return f"Not known: {'; '.join(told)}." if told else ""


def _few(questions: Sequence[str]) -> str:
    """The first of some questions, and how many there are besides."""
    more = f" and {len(questions) - MOST_TOLD} more" if len(questions) > MOST_TOLD else ""
    return ", ".join(questions[:MOST_TOLD]) + more


def _near(lexicon: Lexicon, near: tuple[NearRule, ...]) -> Iterator[str]:
    """Rules that lack one answer, in full; and those for which one answer is enough whatever else is known, by name."""
    lacking = [one for one in near if not one.by_itself]
    told = [f"{one.says} {lexicon.at_least(one.grade or '')}, if {one.needed} ({_stands(one)})." for one in lacking]
    if told:
        more = f" And {len(told) - MOST_TOLD} more." if len(told) > MOST_TOLD else ""
        yield f"Nearly so, one answer away: {' '.join(told[:MOST_TOLD])}{more}"
    questions = list(dict.fromkeys(one.question for one in near if one.by_itself))
    if questions:
        few = _few([quoted(question) for question in questions])
        yield f"One other answer would be enough by itself for a higher grade, on any of these: {few}."


def _stands(one: NearRule) -> str:
    if one.state == "answered":
        return f"the answer was: {one.stands}"
    return {"open": "not known yet", "not_known": "asked, and not known"}.get(one.state, f"as looked up: {one.stands}")
