"""An answer as people read it: values by their titles, and why there is none. It reads nothing that was typed."""

from __future__ import annotations

from chalicelib.assessment.intake import Given
from chalicelib.assessment.standing import NONE_OF_THESE
from chalicelib.policy.conditions import Value
from chalicelib.policy.document import Absence
from chalicelib.policy.vocabulary import Term

ABSENT_IN_WORDS = {
    Absence.NOT_ASKED: "not asked",
    Absence.UNKNOWN: "not known",
    Absence.DECLINED: "refused to say",
    Absence.UNABLE: "unable to answer",
    Absence.PENDING: "a check is running",
    Absence.INVALID: "not readable",
}


def in_words(term: Term, given: Given) -> str:
    """An answer in words."""
    if given.absent is not None:
        return ABSENT_IN_WORDS[given.absent]
    bounds = [(given.at_least, "at least "), (given.at_most, "at most "), (given.value, "")]
    parts = [before + value_in_words(term, value) for value, before in bounds if value is not None]
    parts += [title_of(term, tag) for tag in given.present or ()]
    if given.present and {*given.present, *(given.ruled_out or ())} == set(term.ids):
        return "; ".join([*parts, "nothing else"])
    return "; ".join([*parts, *(f"not: {title_of(term, tag)}" for tag in given.ruled_out or ())])


def value_in_words(term: Term, value: Value) -> str:
    """A value as a handler would read it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none of these" if value == NONE_OF_THESE else title_of(term, str(value))


def title_of(term: Term, name: str) -> str:
    """The title of an option; the name itself of what has none."""
    return next((option.title for option in term.fact.options or () if option.id == name), name)
