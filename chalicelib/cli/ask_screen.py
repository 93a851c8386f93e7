"""What is shown while a call is played: the question, the grade so far, what an answer has changed. It takes no input.

Everything is plain text, one line for each thing, so that a transcript reads as well as the terminal.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import TypeVar

from chalicelib.assessment.decision import Open, Result
from chalicelib.assessment.intake import Given
from chalicelib.playing.answer_words import in_words, title_of
from chalicelib.playing.play import Play
from chalicelib.playing.putting import Put
from chalicelib.playing.typed import answers_to
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.policy.document import FactType, Purpose
from chalicelib.policy.vocabulary import Term
from chalicelib.records.log_line import london_time

PURPOSES = {
    Purpose.DISPATCH: "to know where to send somebody, or how to call back",
    Purpose.GRADE: "for the grade",
    Purpose.OFFICER_SAFETY: "for the safety of officers",
    Purpose.SAFEGUARDING: "to keep people safe",
    Purpose.VICTIM: "for what the victim is owed",
}

_MOST_RULES = 4
_Known = TypeVar("_Known", bound=Hashable)


def grade_line(policy: CompiledPolicy, result: Result) -> str:
    """The grade so far, in one line."""
    titles = {grade.id: grade.title for grade in policy.grades}
    title = titles[result.recommended]
    if result.provisional:
        return f"At least {title} so far, could be {titles[result.possible]}."
    if result.grade_settled:
        return f"{title}. Settled: no answer that can still be had changes that."
    return f"{title} on what is known so far; an answer could still lower it."


def question_lines(policy: CompiledPolicy, put: Put) -> Iterator[str]:
    """A question with its help, its answers and why it is put."""
    fact = put.term.fact
    yield headline(put)
    if fact.help:
        yield f"    {fact.help}"
    if fact.sensitive:
        yield "    It may be overheard: ask it so that yes or no is enough."
    if fact.type is FactType.SET:
        yield from (f"    {put.term.ids.index(tag) + 1:>2}  {title_of(put.term, tag)}" for tag in put.still_open)
    else:
        yield from (f"    {place:>2}  {option.title}" for place, option in enumerate(fact.options or (), 1))
        if put.partly:
            yield f"    Still open of it: {', '.join(titles_of(put.term, put.still_open))}."
    yield f"    Why: {why(policy, put.open)}."
    yield f"    Type: {answers_to(put.term)}."


def headline(put: Put) -> str:
    """A question alone, and about whom it is."""
    about = f" (about {put.about})" if put.about else ""
    rest = "Of the rest: " if put.partly and put.term.fact.type is FactType.SET else ""
    return f"{rest}{put.term.fact.question}{about}"


def why(policy: CompiledPolicy, question: Open) -> str:
    """Why a question is put, as a clause."""
    reach = None
    if question.could_reach is not None:
        reach = next(grade.title for grade in policy.grades if grade.id == question.could_reach)
    match question.because:
        case "required":
            served = PURPOSES[question.purpose] if question.purpose is not Purpose.GRADE else "whatever the grade"
            return "has to be asked, " + (f"and bears on {reach}" if reach else served)
        case "could_raise":
            return f"could raise this to {reach}"
        case "would_settle":
            return f"would help to settle {reach}"
        case "purpose":
            return f"{PURPOSES[question.purpose]}; it does not bear on the grade"


def why_lines(play: Play, put: Put) -> Iterator[str]:
    """Why this question, which rules and grades hang on it, and the three to come."""
    policy, name = play.policy, put.term.fact.id
    yield f"{put.term.fact.question} Put because it {_clause(why(policy, put.open))}."
    uses = {variable.index for variable in put.term.variables}
    unknown = {one.rule for one in play.result.rules if one.truth == "unknown"}
    hang = [floor for floor in policy.floors if floor.rule.id in unknown and uses & floor.node.uses]
    for floor in sorted(hang, key=lambda floor: -floor.rank)[:_MOST_RULES]:
        grade = f" ({policy.grades[floor.rank].title})" if floor.rank >= 0 else ""
        yield f"    It bears on: {floor.rule.says}{grade}"
    if len(hang) > _MOST_RULES:
        yield f"    and on {len(hang) - _MOST_RULES} more."
    titles = {grade.id: grade.title for grade in policy.grades}
    for change in play.result.changes:
        if change.fact == name:
            yield f"    By itself: {_answer(put.term, change.answer)} would make it {titles[change.grade]}."
    others = [one for one in play.questions() if one.term.fact.id != name][:3]
    for place, other in enumerate(others, 2):
        yield f"    {place}. {headline(other)} It {_clause(why(policy, other.open))}."


def news_lines(before: Play, after: Play) -> Iterator[str]:
    """What the last move has changed, a line for each thing."""
    policy, old, new = after.policy.policy, before.result, after.result
    says = {rule.id: rule.says for rule in policy.rules} | {one.id: one.says for one in policy.precautions}
    kinds = {"rule": "reason", "precaution": "precaution"}
    held, holds = ([(kinds[one.kind], one.id) for one in result.reasons] for result in (old, new))
    yield from (f"{kind}: {says.get(name, name)} [{name}]" for kind, name in _new(held, holds))
    yield from (f"no longer a {kind}: {says.get(name, name)} [{name}]" for kind, name in _new(holds, held))
    duties = {duty.id: duty for duty in policy.duties}
    for name in _new((one.duty for one in old.duties), (one.duty for one in new.duties)):
        kind = "do not" if duties[name].must_not else "duty"
        yield f"{kind}: {duties[name].title} ({plain_name(duties[name].owed_by)})"
    flags = {flag.id: flag.title for flag in policy.flags}
    yield from (f"flag: {flags[name]}" for name in _new(old.flags, new.flags))
    checks = {check.id: check.title for check in policy.checks}
    for name in _new((one.check for one in old.checks or ()), (one.check for one in new.checks or ())):
        yield f"check to make: {checks[name]} [{name}]"
    timers = {timer.id: timer.title for timer in policy.timers}
    for name in _new((one.timer for one in old.timers or ()), (one.timer for one in new.timers or ())):
        yield f"timer: {timers[name]}"
    if new.response.require and not old.response.require:
        yield "an officer has to attend"
    yield from _contradictions(after, before)


def answers_lines(play: Play) -> Iterator[str]:
    """Everything that was said, in its order."""
    if not (play.case.answers or play.case.checks):
        yield "Nothing has been answered yet."
    for place, given in enumerate(play.case.answers, 1):
        term = play.policy.terms[given.fact]
        yield f"{place:>3}. {term.fact.question} {answer_in_words(term, given)}"
    titles = {check.id: check.title for check in play.policy.policy.checks}
    for done in play.case.checks:
        yield f"     Check made: {titles[done.check]}: {done.result} [{done.check}, {london_time(done.done_at)}]"


def answer_in_words(term: Term, given: Given) -> str:
    """An answer, and who gave it about whom and when."""
    about = f", about {given.about}" if given.about else ""
    time = f", {london_time(given.at)}" if given.at else ""
    mark = ", a correction" if given.correction else ""
    return f"{in_words(term, given)} [{given.fact}; {plain_name(given.source)}{about}{time}{mark}]"


def titles_of(term: Term, values: Iterable[str]) -> list[str]:
    """Values as a handler would read them."""
    return [title_of(term, value) for value in values]


def plain_name(name: str) -> str:
    """A name of the policy language for people."""
    return name.replace("_", " ")


def _contradictions(after: Play, before: Play) -> Iterator[str]:
    for one in after.result.conflicts:
        if one not in before.result.conflicts:
            question = after.policy.terms[one.fact].fact.question
            yield f"answers contradict each other, and the worse stands: {question}"
    odd = {one.id: one.says for one in after.policy.policy.impossible}
    yield from (f"this cannot be: {odd[name]}" for name in _new(before.result.impossible, after.result.impossible))


def _new(old: Iterable[_Known], new: Iterable[_Known]) -> list[_Known]:
    known = set(old)
    return [name for name in new if name not in known]


def _answer(term: Term, answer: str) -> str:
    return '"' + ("none of these" if answer == "none_of_these" else title_of(term, answer)) + '"'


def _clause(words: str) -> str:
    return words if words.startswith(("has ", "could ", "would ")) else f"is {words}"


def indented(lines: Iterable[str], mark: str = "    ") -> Sequence[str]:
    """Lines further in."""
    return [f"{mark}{line}" for line in lines]
