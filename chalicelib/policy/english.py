"""Conditions as English: one line for the middle of a sentence, or a list with its parts below one another.

It keeps the meaning: what reads the same is the same. "Known" is said wherever something has to be false, because what
is not known is never false. Rules and the other parts of a policy are put in words by `sentences`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chalicelib.policy.conditions import All, Any_, Condition, None_
from chalicelib.policy.lexicon import DENIED, Clause, Group, Lexicon, Spoken, listed
from chalicelib.policy.nodes import Kind

LONGEST_LINE = 170
"""What is longer, or has groups within groups, is easier to read as a list."""

MOST_IN_A_LINE = 2
"""What has more parts is easier to read as a list, however short they are."""

_LAST = {"all": "and", "any": "or", "none": "or"}
_HEADINGS = {"all": "all of these:", "any": "any of these:", "none": "none of these is so:"}
_KNOWN = "it is known that "

_QUOTED = re.compile(r'"[^"]*"|\([^()]*\)|\bbetween .+? and .+? (?=\(both included\))|\d or more\b')
_JOINING = re.compile(r"[,;:()]|\b(and|or|nor|unless)\b|^(both|either|neither|all of|none of|it is known)\b")


@dataclass(frozen=True, slots=True)
class Outline:
    """A condition as a list: a line, and the parts that belong under it."""

    text: str
    parts: tuple[Outline, ...] = ()

    def lines(self, indent: int = 0) -> Iterator[str]:
        """The list as lines of text, each part further in than what it belongs to."""
        yield "  " * indent + self.text
        for part in self.parts:
            yield from part.lines(indent + 1)


def condition_in_words(lexicon: Lexicon, condition: Condition) -> str:
    """A condition as a clause for the middle of a sentence, such as one that begins with "if"."""
    return one_line(spoken(lexicon, condition))


def known_in_words(lexicon: Lexicon, condition: Condition) -> str:
    """A condition as what follows "it is known that" or "it is not known whether"."""
    return _marked(spoken(lexicon, condition), denied=True)


def outline_of(lexicon: Lexicon, condition: Condition) -> Outline:
    """A condition as a list, or as one line where that is short and plain."""
    return _outline(spoken(lexicon, condition), top=True, denied=False)


def any_in_words(clauses: Sequence[str]) -> str:
    """That one of some clauses is so, as one clause."""
    parts = tuple(Clause(words, words) for words in clauses)
    return one_line(parts[0] if len(parts) == 1 else Group("any", parts))


def spoken(lexicon: Lexicon, condition: Condition) -> Spoken:
    """A condition as clauses and groups, simplified without changing its meaning."""
    match condition:
        case All(all=parts):
            return _joined("all", [spoken(lexicon, part) for part in parts])
        case Any_(any=parts):
            return _joined("any", [spoken(lexicon, part) for part in parts])
        case None_(none=parts):
            return _joined("none", [spoken(lexicon, part) for part in parts])
        case _:
            return lexicon.leaf(condition)


def _joined(kind: Kind, parts: list[Spoken]) -> Spoken:
    """A branch without what is idle in it: one part alone, a group in a group of its kind, a denial denied."""
    inner = "any" if kind == "none" else kind
    flat: list[Spoken] = []
    for part in parts:
        flat += part.parts if isinstance(part, Group) and part.kind == inner else [part]
    if kind != "none":
        flat = _denied_together(flat) if kind == "all" else flat
        return flat[0] if len(flat) == 1 else Group(kind, tuple(flat))
    denials = [_joined("any", list(part.parts)) for part in flat if isinstance(part, Group) and part.kind == "none"]
    others = tuple(part for part in flat if not (isinstance(part, Group) and part.kind == "none"))
    if not denials:
        return Group("none", others)
    return _joined("all", [Group("none", others), *denials] if others else denials)


def _denied_together(parts: list[Spoken]) -> list[Spoken]:
    """What has to be false one by one, as one list of what has to be false. A denial with words of its own stays."""
    lists = [part for part in parts if isinstance(part, Group) and part.kind == "none" and not _has_words(part)]
    if len(lists) < 2:
        return parts
    denied: Spoken = Group("none", tuple(part for one in lists for part in one.parts))
    return [denied if part is lists[0] else part for part in parts if part is lists[0] or part not in lists]


def _has_words(denial: Group) -> bool:
    [first, *others] = denial.parts
    return not others and isinstance(first, Clause) and not first.denies.startswith(DENIED)


def one_line(what: Spoken) -> str:
    """Clauses and groups in one line. The outermost "and" or "or" needs no word before it; a semicolon parts its items
    where one of them has a comma, an "and" or an "or" of its own."""
    if isinstance(what, Clause) or (what.kind == "none" and len(what.parts) == 1):
        return _marked(what, denied=False)
    denied = what.kind == "none"
    plain = all(_is_plain(_marked(part, denied=denied)) for part in what.parts)
    items = [_item(part, denied=denied, apart="," if plain else ";") for part in what.parts]
    row = listed(items, _LAST[what.kind], ", " if plain else "; ")
    return f"{_KNOWN}{_HEADINGS['none']} {row}" if denied else row


def _item(part: Spoken, *, denied: bool, apart: str) -> str:
    words = _marked(part, denied=denied)
    if isinstance(part, Clause) and (_MARKED.match(words) or (apart == ";" and ";" in words)):
        return f"({words})"
    return words


_MARKED = re.compile(r"(and|or|both|either|neither|all of these|none of these|it is known|it is not so)\b")


def _is_plain(words: str) -> bool:
    """Whether words can stand in a row with commas: they have no joining word outside quotation marks and brackets."""
    return not _JOINING.search(_QUOTED.sub("", words))


def _marked(what: Spoken, *, denied: bool) -> str:
    """Clauses and groups so that they can stand inside others: each group begins with a word that tells its kind.

    What is `denied` already, or is known as a whole, is not said to be known a second time.
    """
    if isinstance(what, Clause):
        return what.says
    known = "" if denied or what.kind != "none" else _KNOWN
    if what.kind == "none" and len(what.parts) == 1:
        [part] = what.parts
        words = part.denies if isinstance(part, Clause) else DENIED + _marked(part, denied=True)
        return (
            f"{known}this is not so: {words.removeprefix(DENIED)}"
            if known and words.startswith(DENIED)
            else known + words
        )
    items = [_bracketed(part, denied=denied or what.kind == "none") for part in what.parts]
    row = listed(items, _LAST[what.kind])
    if what.kind == "any":
        return f"either {row}"
    if what.kind == "all":
        return f"both {row}" if len(items) == 2 else f"all of these: {row}"
    return f"{known}{_HEADINGS['none']} {row}"


def _bracketed(part: Spoken, *, denied: bool) -> str:
    words = _marked(part, denied=denied)
    single = isinstance(part, Clause) or (part.kind == "none" and len(part.parts) == 1)
    return f"({words})" if single and not _is_plain(words.removeprefix(_KNOWN)) else words


def _is_short(what: Group, *, top: bool) -> bool:
    """Whether a group reads well in a line: two parts at most, no group among them and inside a list no brackets."""
    if any(isinstance(part, Group) and len(part.parts) > 1 for part in what.parts):
        return False
    return len(what.parts) <= MOST_IN_A_LINE and (
        top or all(_is_plain(_marked(part, denied=True)) for part in what.parts)
    )


def _outline(what: Spoken, *, top: bool, denied: bool) -> Outline:
    if isinstance(what, Clause):
        return Outline(what.says)
    line = one_line(what) if top and not denied else _marked(what, denied=denied)
    if len(line) <= LONGEST_LINE and _is_short(what, top=top):
        return Outline(line)
    known = "" if denied or what.kind != "none" else _KNOWN
    heading = _HEADINGS[what.kind]
    if what.kind == "none" and len(what.parts) == 1:
        if isinstance(what.parts[0], Clause):
            return Outline(line)
        heading = "this is not so:"
    parts = (_outline(part, top=False, denied=denied or what.kind == "none") for part in what.parts)
    return Outline(known + heading, tuple(parts))
