"""All that came of a played call: the grade, what is due and told, the log, and what is still not known. Only words."""

from __future__ import annotations

from collections.abc import Iterator

from chalicelib.cli.ask_grade import grade_lines, minutes, part
from chalicelib.cli.ask_screen import headline, plain_name, titles_of, why
from chalicelib.playing.answer_words import ABSENT_IN_WORDS
from chalicelib.playing.play import Play
from chalicelib.policy.document import Absence
from chalicelib.records.advice import Advice
from chalicelib.records.log_line import london_time
from chalicelib.records.owed import VictimShown
from chalicelib.records.shown import advice_of

_SAY = {"now": "now", "before_end": "before the call ends", "officer": "left to the officer"}


def summary_lines(play: Play) -> Iterator[str]:
    """All that came of the call."""
    advice = advice_of(play.policy, play.call, play.result)
    yield from grade_lines(play)
    flags = {flag.id: flag.title for flag in play.policy.policy.flags}
    needs = {need.id: need.title for need in play.policy.policy.specified_needs}
    yield from part("Flags:", [", ".join(flags[name] for name in advice.flags)] if advice.flags else [])
    yield from part("Specified needs:", (needs[name] for name in advice.needs))
    yield from part("Checks to make:", (f"{one.title} [{one.check}]" for one in advice.checks or ()))
    yield from part("Timers:", _timers(play, advice))
    for victim in advice.victims or ():
        yield from _victim(play, victim)
    yield from part("Contradictions:", (one.words for one in advice.conflicts))
    yield from part("Log:", [advice.log])
    yield from part("Still not known:", _not_known(play))
    yield _count(play)


def _timers(play: Play, advice: Advice) -> Iterator[str]:
    timers = {timer.id: timer for timer in play.policy.policy.timers}
    for shown in advice.timers or ():
        timer = timers[shown.timer]
        due = f", due {london_time(shown.due)}" if shown.due else ""
        clock = plain_name(timer.clock)
        yield f"{timer.title} ({plain_name(timer.owed_by)}; {minutes(timer.minutes)} from {clock}{due})"


def _victim(play: Play, victim: VictimShown) -> Iterator[str]:
    category = {"enhanced": "enhanced rights", "not_settled": "whether rights are enhanced is not settled"}
    yield f"Victims' Code, {victim.about or 'the victim'}: {category.get(victim.category, 'standard rights')}."
    yield from (f"    Ground: {ground}." for ground in victim.because)
    questions = [play.policy.terms[name].fact.question for name in victim.settled_by]
    if questions:
        yield f"    To be settled by: {' '.join(questions)}"
    for one in victim.tell:
        words = f' Words: "{one.text}"' if one.text else ""
        yield f"    To tell ({_SAY[one.say]}): {one.title}.{words}"


def _not_known(play: Play) -> Iterator[str]:
    """What is open, and what was asked in vain."""
    for put in play.questions():
        skipped = " It was skipped." if (put.term.fact.id, put.about) in play.skipped else ""
        yield f"{headline(put)} Open: {why(play.policy, put.open)}.{skipped}"
    asked = {put.term.fact.id for put in play.questions()}
    for name, term in play.policy.terms.items():
        given = sorted(play.standing.reasons[name] - {Absence.NOT_ASKED})
        if given and name not in asked and not play.standing.known(term):
            yield f"{term.fact.question} {', '.join(ABSENT_IN_WORDS[reason] for reason in given).capitalize()}."
        elif name in play.standing.claimed and name not in asked and not play.standing.known(term):
            yield from _partly(play, name)


def _partly(play: Play, name: str) -> Iterator[str]:
    """Of an answer in part, what it leaves open."""
    term, masks = play.policy.terms[name], play.standing.masks
    open_tags = [variable.tag for variable in term.variables if variable.tag and masks[variable.index] == 3]
    values = open_tags or term.variables[0].labels(masks[term.variables[0].index])
    says = "not known of:" if open_tags else "one of:"
    yield f"{term.fact.question} In part; {says} {', '.join(titles_of(term, values))}."


def _count(play: Play) -> str:
    asked = f"{play.asked} question{'' if play.asked == 1 else 's'} answered"
    if play.enough_after is None:
        return f"{asked}; it was not enough to stop."
    return f"{asked}; {play.enough_after} were enough to stop."
