"""What was typed about a fact: the answer, who said it, and about whom. It does not read the answer itself."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from chalicelib.errors import Invalid
from chalicelib.playing.typed import plain
from chalicelib.policy.document import Fact, Source
from chalicelib.policy.vocabulary import Term, nearest

_TRAILING = re.compile(r"(.*\S)\s+(by|about)\s+(\S.*)", re.IGNORECASE)
_SHOWN = 40
_LISTED = 16


@dataclass(frozen=True, slots=True)
class Said:
    """An answer as it was typed; its source and person where they were typed too."""

    text: str
    source: Source | None = None
    about: str | None = None
    correction: bool = False


def said_of(term: Term, text: str, *, correction: bool = False) -> Said:
    """Part an answer from "by ..." and "about ..." behind it. Raises Invalid for a source that there is not."""
    titles = {plain(option.title) for option in term.fact.options or ()}
    source: Source | None = None
    about: str | None = None
    while plain(text) not in titles and (found := _TRAILING.fullmatch(text)):
        if found[2].casefold() == "about":
            about = found[3].strip()
        else:
            source = Source(meant(found[3], [one.value for one in Source], "source"))
        text = found[1]
    return Said(text, source, about, correction)


def usual_source(fact: Fact) -> Source:
    """Who answers when nobody is named: the caller, or the first whom the policy lets answer."""
    return Source.CALLER if not fact.answerers or Source.CALLER in fact.answerers else fact.answerers[0]


def meant(word: str, names: Iterable[str], kind: str) -> str:
    """The name that a word is or begins. Raises Invalid, with what would be right, when none or several are meant."""
    known = list(names)
    name = "_".join(word.casefold().replace("-", " ").split())
    found = [name] if name in known else [one for one in known if name and one.startswith(name)]
    if len(found) == 1:
        return found[0]
    if found:
        raise Invalid(f'"{name[:_SHOWN]}" could be {" or ".join(found[:6])}.')
    near = nearest(name, known)
    listed = ", ".join(known) if len(known) <= _LISTED else f"one of {len(known)}; type {kind}s for all of them"
    right = f"did you mean {near}?" if near else f"right would be {listed or 'none: the policy has none'}."
    raise Invalid(f'There is no {kind} "{word.strip()[:_SHOWN]}": {right}')
