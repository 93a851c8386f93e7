"""What can be typed while a call is played: answers and commands, and what each does to the play. It reads no file.

A wrong line changes nothing: it is answered with what would be right, and the question is put again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple

from chalicelib.assessment.contact import ContactState
from chalicelib.cli.ask_grade import explanation, grade_lines
from chalicelib.cli.ask_screen import answers_lines, why_lines
from chalicelib.cli.ask_session import Session
from chalicelib.errors import Invalid
from chalicelib.playing.play import Play
from chalicelib.playing.said import meant, said_of
from chalicelib.policy.document import Role

LONGEST_LINE = 400
"""The longest line that is taken."""


class Command(NamedTuple):
    """A command: what it does, what follows it, and what is said about it."""

    run: Callable[[Session, str], None]
    takes: str
    says: str


def take(session: Session, line: str) -> None:
    """Do what a line says. What is wrong is said, and changes nothing."""
    text = "".join(letter for letter in line if letter.isprintable() or letter == "\t").strip()
    try:
        if len(text) > LONGEST_LINE:
            raise Invalid(f"The line is too long: at most {LONGEST_LINE} characters.")
        if text:
            _take(session, text)
    except Invalid as error:
        session.refuse(error.detail)


def _take(session: Session, text: str) -> None:
    word, _, rest = text.partition(" ")
    command = COMMANDS.get(word.removeprefix("/").casefold())
    if command is not None and (command.takes or not rest.strip()):
        if not rest:
            _not_an_answer_too(session, word)
        command.run(session, rest.strip())
    elif word.startswith("/"):
        raise Invalid(f'There is no command "{word}". Type help for all of them.')
    elif (name := text.partition("=")[0].strip()) in session.play.policy.terms:
        _named(session, name, text.partition("=")[2].strip())
    else:
        _answer(session, text)


def _not_an_answer_too(session: Session, word: str) -> None:
    put = session.put()
    if put is not None and word.casefold() in put.term.ids:
        number = put.term.ids.index(word.casefold()) + 1
        raise Invalid(f'"{word}" is also an answer here: type {number} for that, or /{word} for the command.')


def _named(session: Session, name: str, text: str) -> None:
    """An answer with the fact that it is meant for: in a script it never lands on another question."""
    put = session.put()
    if put is not None and put.term.fact.id == name and text:
        _answer(session, text)
    else:
        _say(session, f"{name} = {text}")


def _answer(session: Session, text: str) -> None:
    put = session.put()
    if put is None:
        raise Invalid("No question is put now. Type more to go on, stop for the summary, or help.")
    session.move(session.play.answer(put, said_of(put.term, text)))


def _say(session: Session, rest: str, *, correction: bool = False) -> None:
    left, equals, right = rest.partition("=")
    if not equals or not left.strip() or not right.strip():
        word = "correct" if correction else "say"
        raise Invalid(f'Right would be: {word} <fact> = <answer>, such as "{word} {_a_fact(session)} = ? by victim".')
    name, _, about = left.strip().partition(" about ")
    term = session.play.term(name)
    said = said_of(term, right.strip(), correction=correction)
    session.move(session.play.say(term, replace(said, about=said.about or about.strip() or None)))


def _a_fact(session: Session) -> str:
    put = session.put()
    return put.term.fact.id if put else next(iter(session.play.policy.terms))


def _person(session: Session, rest: str) -> None:
    ref, *roles = rest.split() or [""]
    if not roles:
        raise Invalid('Right would be: person <reference> <role>, such as "person V1 victim".')
    named = [Role(meant(role, [known.value for known in Role], "role")) for role in roles]
    session.move(session.play.person(ref, tuple(named)))


def _check(session: Session, rest: str) -> None:
    name, _, result = rest.partition(" ")
    if not result.strip():
        checks = session.play.policy.policy.checks
        session.show(f"check {one.id} {' | '.join(dict.fromkeys(r.result for r in one.results))}" for one in checks)
        raise Invalid("Right would be: check <id> <result>." if checks else "The policy has no checks.")
    session.move(session.play.check(name, result))


def _skip(session: Session) -> None:
    put = session.put()
    if put is None:
        raise Invalid("No question is put that could be skipped.")
    session.play = session.play.skip(put)


def _why(session: Session) -> None:
    put = session.put() or session.play.question()
    if put is None:
        raise Invalid("Nothing is left to ask: no answer that can still be had serves a purpose.")
    session.show(why_lines(session.play, put))


def _minutes(rest: str) -> int:
    if not re.fullmatch(r"[0-9]{1,5}", rest):
        raise Invalid("Right would be a whole number of minutes, up to 99999.")
    return int(rest)


def _contact(session: Session, state: ContactState) -> None:
    if session.play.case.contact.state is state:
        raise Invalid("That is how the contact stands already.")
    session.move(session.play.contact(state))


def _end(session: Session) -> None:
    session.ended = True


def _help(session: Session) -> None:
    session.show(_HELP)
    session.show(f"{name + ' ' + one.takes:<34} {one.says}" for name, one in COMMANDS.items())


_HELP = (
    "Answers: y or n; the number, the id or the beginning of an answer; several with commas (1,3), only 1,3 when the",
    "rest is not so, not 2, none; at least 2, at most 2; a whole number. If there is no answer: ? not known, refused,",
    "unable (line lost, cannot speak), pending (a check is running). Who said it, if not the caller: y by victim.",
    "With its fact before it (injury = 2) an answer is for that question alone. Lines that begin with # are left out.",
    "Commands (with / before them where an answer has the same name):",
)

COMMANDS: dict[str, Command] = {
    "why": Command(lambda session, _: _why(session), "", "why this question, and which three come next"),
    "grade": Command(
        lambda session, _: session.show(grade_lines(session.play)), "", "the grade with its reasons, response, duties"
    ),
    "explain": Command(
        lambda session, _: session.show(explanation(session.play).text.splitlines()), "", "the grade in a few sentences"
    ),
    "answers": Command(lambda session, _: session.show(answers_lines(session.play)), "", "what was said so far"),
    "say": Command(_say, "<fact> = <answer> [by ...]", "what was said about any other fact"),
    "correct": Command(
        lambda session, rest: _say(session, rest, correction=True),
        "<fact> = <answer> [by ...]",
        "what the same source, or an officer at the scene, says instead",
    ),
    "facts": Command(
        lambda session, rest: session.show(_facts(session.play, rest)), "[word]", "the facts with their ids"
    ),
    "person": Command(_person, "V2 victim", "somebody in the call, and in which role"),
    "check": Command(_check, "<id> <result>", "a look-up that was made; check alone lists them"),
    "lost": Command(lambda session, _: _contact(session, ContactState.LOST), "", "the line was lost"),
    "ended": Command(lambda session, _: _contact(session, ContactState.COMPLETED), "", "the call has ended"),
    "back": Command(
        lambda session, _: _contact(session, ContactState.IN_PROGRESS), "", "the caller is on the line again"
    ),
    "happened": Command(
        lambda session, rest: session.move(session.play.happened(_minutes(rest))),
        "<minutes>",
        "how long ago it happened",
    ),
    "opened": Command(lambda session, _: session.move(session.play.opened()), "", "an incident was opened"),
    "wait": Command(lambda session, rest: session.move(session.play.wait(_minutes(rest))), "<minutes>", "time goes by"),
    "skip": Command(lambda session, _: _skip(session), "", "put another question first"),
    "more": Command(lambda session, _: session.more(), "", "go on asking although you may stop"),
    "undo": Command(lambda session, _: session.undo(), "", "take the last answer or command back"),
    "stop": Command(lambda session, _: _end(session), "", "end, with the summary"),
    "help": Command(lambda session, _: _help(session), "", "this"),
}


def _facts(play: Play, word: str) -> Iterator[str]:
    """The facts whose ids or questions have a word in them."""
    wanted = word.casefold()
    found = [
        term.fact
        for term in play.policy.terms.values()
        if wanted in term.fact.id or wanted in term.fact.question.casefold()
    ]
    yield from (f"{fact.id:<24} {fact.question}" for fact in found)
    if not found:
        yield f'No fact has "{word}" in its id or question.'
