"""The grade of a played call in full: its reasons with their sources, the response, what is owed. Only words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from chalicelib.assessment.decision import Refusal
from chalicelib.assessment.explained import Answer, Explanation
from chalicelib.assessment.explanation import explanation_of
from chalicelib.cli.ask_screen import grade_line, indented, plain_name
from chalicelib.playing.answer_words import ABSENT_IN_WORDS
from chalicelib.playing.play import Play
from chalicelib.policy.document import Target
from chalicelib.records.advice import Advice
from chalicelib.records.log_line import london_time
from chalicelib.records.owed import DutyShown
from chalicelib.records.shown import advice_of


def explanation(play: Play) -> Explanation:
    """Why the grade is what it is, and what would change it."""
    return explanation_of(play.policy, play.call, play.case.at, play.result)


def grade_lines(play: Play) -> Iterator[str]:
    """The grade with its reasons, sources, precautions, response and duties."""
    advice = advice_of(play.policy, play.call, play.result)
    titles = {grade.id: grade.title for grade in play.policy.grades}
    result, told = play.result, explanation(play)
    yield f"Grade: {grade_line(play.policy, result)}"
    yield f"    At least {titles[result.certain]} by what is known, at most {titles[result.possible]}."
    yield from indented(_targets(play.policy.grades[play.policy.rank_of(result.recommended)].targets))
    yield from _reasons(told, titles)
    yield from part("Precautions (not known, so treated as the worst):", _precautions(told, titles))
    higher = told.base is not None and result.recommended != play.policy.grades[0].id
    yield from part("Why not the lowest grade:", [told.base.sentence] if told.base and higher else [])
    yield from _response(play, advice)
    yield from part("Owed:", (_duty(duty) for duty in advice.duties if not duty.must_not))
    yield from part("Not to be done:", (_duty(duty) for duty in advice.duties if duty.must_not))


def part(heading: str, lines: Iterable[str]) -> Iterator[str]:
    """A heading with its lines under it; nothing where there are none."""
    found = indented(lines)
    if found:
        yield heading
        yield from found


def _targets(targets: Iterable[Target]) -> Iterator[str]:
    for target in targets:
        where = f"{target.location}: " if target.location else ""
        yield f"Target: {where}{minutes(target.minutes)} from {plain_name(target.clock)}."


def _reasons(told: Explanation, titles: dict[str, str]) -> Iterator[str]:
    if told.basis.kind == "completions":
        yield "Reasons: whatever the open answers are, some rule gives at least this grade."
    elif told.rules:
        yield "Reasons:"
    for rule in told.rules:
        yield f"    {titles[rule.grade] if rule.grade else 'No grade by itself'}: {rule.says} [{rule.rule}]"
        yield from (f"        because {_answer(answer)}" for answer in rule.answers if answer.put)
        idle = sum(not answer.put for answer in rule.answers)
        if idle:
            yield f"        and nothing called for {idle} other question{'s' if idle > 1 else ''} that it looks at"
        yield f"        source: {'; '.join(cited.title for cited in rule.basis)}"


def _answer(answer: Answer) -> str:
    said = [plain_name(answer.source)] if answer.source else []
    said += [london_time(answer.at)] if answer.at else []
    return answer.says + (f" ({', '.join(said)})" if said else "")


def _precautions(told: Explanation, titles: dict[str, str]) -> Iterator[str]:
    for one in told.precautions:
        yield f"{titles[one.grade]}: {one.says} [{one.precaution}]"
        for missing in one.not_known:
            yield f"    {missing.question} {', '.join(ABSENT_IN_WORDS[reason] for reason in missing.why)}"
        yield f"    source: {'; '.join(cited.title for cited in one.basis)}"


def _response(play: Play, advice: Advice) -> Iterator[str]:
    titles = {response.id: response.title for response in play.policy.policy.responses}
    permitted = [titles[name] for name in advice.response.permitted]
    yield "Response: " + ("an officer has to attend." if advice.response.require else "no kind is required.")
    yield f"    Permitted: {'; '.join(permitted) or 'none yet'}."
    together: dict[str, list[str]] = {}
    for refused in advice.response.refused:
        together.setdefault(_refused(play, refused), []).append(titles[refused.response])
    yield from (f"    {reason} {'; '.join(names)}." for reason, names in together.items())
    for one in advice.response.needs or ():
        yield f"    {titles[one.response]} counts once on record: {', '.join(one.needs).replace('_', ' ')}."


def _refused(play: Play, refused: Refusal) -> str:
    says = next(rule.says for rule in play.policy.policy.rules if rule.id == refused.rule)
    unless = f", unless a {refused.unless_authorised_by} authorises it" if refused.unless_authorised_by else ""
    if refused.settled_by is None:
        return f"Refused{unless} ({says.rstrip('.')}) [{refused.rule}]:"
    question = play.policy.terms[refused.settled_by].fact.question
    return f'Not yet{unless}; it depends on "{question}" [{refused.rule}]:'


def _duty(duty: DutyShown) -> str:
    by = f"within {minutes(duty.minutes)}" if duty.minutes else f"within {duty.working_days} working days"
    when = f", {by}" if duty.minutes or duty.working_days else ""
    since = f" of {plain_name(duty.clock)}" if duty.clock and when else ""
    if duty.clock and duty.minutes == 0:
        when = f", at {plain_name(duty.clock)}"
    words = f' Words: "{duty.text}"' if duty.text else ""
    return f"{duty.title} ({plain_name(duty.owed_by)}{when}{since}).{words}"


def minutes(count: int) -> str:
    """A time in words."""
    if count > 90 and count % 60 == 0:
        return f"{count // 60} hours"
    return f"{count} minute{'' if count == 1 else 's'}"
