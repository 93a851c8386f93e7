"""An answer as a handler types it: from a line of text to the parts of an answer as it is sent.

It knows no call and no source, and it judges no value: whether an answer fits its fact is for the intake to say.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from chalicelib.assessment.standing import NONE_OF_THESE
from chalicelib.canonical import Json
from chalicelib.errors import Invalid
from chalicelib.playing.answer_words import title_of
from chalicelib.policy.document import Absence, FactType, Option
from chalicelib.policy.vocabulary import Term, nearest

ABSENCES = {
    "?": Absence.UNKNOWN,
    "refused": Absence.DECLINED,
    "unable": Absence.UNABLE,
    "pending": Absence.PENDING,
}
"""What is typed when there is no answer; with a question mark before it, it is never anything else."""

_YES, _NO = ("y", "yes"), ("n", "no")
_NONE = ("none", "none of these", *_NO)
_BETWEEN = re.compile(r"(?:between )?(.+?) (?:and|to) (.+)|(\d+) ?- ?(\d+)")
_ITEMS = re.compile(r"\s*[,;]\s*|\s+and\s+(?=not\b|\d)|(?<=\d)\s+(?=\d)")
_ARTICLE = re.compile(r"^(?:a|an|the) ")
_SHOWN = 40


def read_answer(term: Term, text: str, *, still_open: Sequence[str] | None = None) -> dict[str, Json]:
    """The parts of an answer to a fact. Raises Invalid, with what would be right, for what is no answer to it.

    `still_open`: the tags of a set that are being asked about; all of them, if left out.
    """
    words = plain(text)
    if not words:
        raise Invalid(f"Nothing was typed. {_right(term)}")
    absence = ABSENCES.get(words) or ABSENCES.get(words.removeprefix("?").strip() if words[0] == "?" else "")
    if absence is not None:
        if words in term.ids:
            raise Invalid(f'"{words}" is also an answer here: type {_number(term, words)} for that, else ?{words}.')
        return {"absent": absence.value}
    match term.fact.type:
        case FactType.YES_NO:
            return {"value": _yes_no(term, words)}
        case FactType.SET:
            return _tags(term, words, term.ids if still_open is None else still_open)
        case _:
            return _value(term, words)


def plain(text: str) -> str:
    """What was typed, without differences that mean nothing."""
    return " ".join(text.split()).casefold().strip("\"'").rstrip(".")


def answers_to(term: Term) -> str:
    """What can be typed in answer to a fact."""
    match term.fact.type:
        case FactType.YES_NO:
            right = "y or n"
        case FactType.SET:
            right = "the numbers of all that is so (1,3); only 1,3 if the rest is not; not 2; none"
        case FactType.WHOLE:
            span = term.fact.range
            right = f"a whole number{f' from {span.least} to {span.most}' if span else ''}, or at least 3"
        case FactType.ORDERED:
            right = f"a number from 1 to {len(term.ids)}, or at least 2"
        case FactType.CHOICE:
            right = f"a number from 1 to {len(term.ids)}"
    return f"{right}; ? if it is not known"


def _yes_no(term: Term, words: str) -> bool:
    if words not in (*_YES, *_NO):
        raise _not_an_answer(term, words)
    return words in _YES


def _value(term: Term, words: str) -> dict[str, Json]:
    """A value of a choice, an ordered choice or a whole number, or bounds of one."""
    exact = _exact(term, words)
    if exact is not None:
        return {"value": exact}
    for before, name in (("at least ", "at_least"), ("at most ", "at_most")):
        if words.startswith(before):
            return {name: _bound(term, words.removeprefix(before), words)}
    if words.endswith(" or more"):
        return {"at_least": _bound(term, words.removesuffix(" or more"), words)}
    between = _BETWEEN.fullmatch(words)
    if between and (words.startswith("between ") or term.fact.type is FactType.WHOLE):
        low, high = between[1] or between[3], between[2] or between[4]
        return {"at_least": _bound(term, low, words), "at_most": _bound(term, high, words)}
    return {"value": _one(term, words)}


def _exact(term: Term, words: str) -> str | None:
    """The option that is typed out in full."""
    return next((option.id for option in term.fact.options or () if words in (option.id, plain(option.title))), None)


def _bound(term: Term, words: str, whole: str) -> Json:
    if term.fact.type not in (FactType.ORDERED, FactType.WHOLE):
        raise Invalid(f'"{whole[:_SHOWN]}" needs a scale, and these answers have no order. {_right(term)}')
    return _one(term, words)


def _one(term: Term, words: str) -> Json:
    if term.fact.type is not FactType.WHOLE:
        return _option(term, words)
    if not re.fullmatch(r"-?[0-9]{1,9}", words):
        raise _not_an_answer(term, words)
    return int(words)


def _tags(term: Term, words: str, still_open: Sequence[str]) -> dict[str, Json]:
    """What is there and what is not. "None" means none of those that are being asked about."""
    if words in _NONE:
        return {"value": NONE_OF_THESE} if set(still_open) == set(term.ids) else {"ruled_out": [*still_open]}
    only = words.startswith("only ")
    present: list[Json] = []
    ruled_out: list[Json] = []
    for item in filter(None, _ITEMS.split(words.removeprefix("only "))):
        denied = re.match(r"(?:not|no) ", item)
        if denied:
            ruled_out.append(_option(term, item[denied.end() :]))
        elif ruled_out:
            raise Invalid('After a "not" the next one could mean either: type "3, not 2", or "not 2, not 3".')
        else:
            present.append(_option(term, item))
    if only:
        ruled_out += [tag for tag in still_open if tag not in present and tag not in ruled_out]
    said: dict[str, Json] = {"present": present, "ruled_out": ruled_out}
    if not present and not ruled_out:
        raise _not_an_answer(term, words)
    return {name: tags for name, tags in said.items() if tags}


def _option(term: Term, words: str) -> str:
    """The option that a number, an id, a title or the beginning of one means."""
    options = term.fact.options or ()
    if re.fullmatch(r"[0-9]{1,6}", words):
        if not 1 <= int(words) <= len(options):
            raise Invalid(f"There is no {words[:_SHOWN]} here: the numbers are 1 to {len(options)}.")
        return options[int(words) - 1].id
    exact = _exact(term, words.replace("-", "_").replace(" ", "_")) or _exact(term, words)
    if exact is not None:
        return exact
    found = [option for option in options if _begins(option, words)]
    if len(found) > 1:
        meant = " or ".join(f"{_number(term, option.id)} ({option.title})" for option in found)
        raise Invalid(f'"{words[:_SHOWN]}" could be {meant}.')
    if not found:
        raise _not_an_answer(term, words)
    return found[0].id


def _begins(option: Option, words: str) -> bool:
    """Whether an option begins with what was typed. A yes or no means only a title with that very word."""
    title = plain(option.title)
    if words in (*_YES, *_NO):
        return re.match(r"yes\b" if words in _YES else r"no\b", title) is not None
    in_title = title.startswith(words) or _ARTICLE.sub("", title).startswith(words)
    return in_title or option.id.startswith(words.replace(" ", "_"))


def _number(term: Term, name: str) -> int:
    return term.ids.index(name) + 1


def _not_an_answer(term: Term, words: str) -> Invalid:
    near = nearest(words.replace(" ", "_"), term.ids)
    meant = f" Did you mean {_number(term, near)} ({title_of(term, near)})?" if near else ""
    return Invalid(f'"{words[:_SHOWN]}" is no answer here.{meant} {_right(term)}')


def _right(term: Term) -> str:
    return f"Right would be: {answers_to(term)}."
