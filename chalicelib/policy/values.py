"""The values that a variable may still have, as English. It judges nothing: a mask comes in, a clause goes out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chalicelib.policy.document import FactType
from chalicelib.policy.english import any_in_words
from chalicelib.policy.lexicon import Lexicon, listed
from chalicelib.policy.vocabulary import Variable

PRESENT = 2
"""The mask of a tag that is there."""


def values_in_words(lexicon: Lexicon, variable: Variable, mask: int) -> str:
    """What is known of a variable, as a clause; of one of which nothing is known, that it is not known."""
    name = f"{variable.fact}/{variable.tag or ''}"
    return lexicon.once("values", name, mask, lambda: _values_in_words(lexicon, variable, mask))


def _values_in_words(lexicon: Lexicon, variable: Variable, mask: int) -> str:
    fact = lexicon.facts[variable.fact]
    if mask == variable.full:
        return not_known_in_words(lexicon, variable)
    if variable.tag is not None:
        return tags_in_words(lexicon, variable.fact, (variable.tag,), present=mask == PRESENT)
    if fact.type is FactType.YES_NO:
        return lexicon.clause("yes" if mask == PRESENT else "no", fact.id)
    if fact.options:
        labels = variable.labels(mask)
        return lexicon.being(fact.id, labels if fact.type is FactType.CHOICE or fact.worse == "lower" else labels[::-1])
    words = [_run_in_words(variable, first, last) for first, last in _runs(mask)]
    return f"{lexicon.subject(fact.id)} is {listed(words, 'or')}"


def not_known_in_words(lexicon: Lexicon, variable: Variable) -> str:
    """That a variable's value is not known, as a clause."""
    fact = lexicon.facts[variable.fact]
    if variable.tag is not None:
        return f"it is not known whether {tags_in_words(lexicon, fact.id, (variable.tag,), present=True)}"
    if fact.type is FactType.YES_NO:
        return f"it is not known whether {lexicon.clause('yes', fact.id)}"
    return f"{lexicon.subject(fact.id)} is not known"


def tags_in_words(lexicon: Lexicon, fact: str, tags: Sequence[str], *, present: bool) -> str:
    """That one of some tags of a set is there, or that one of them is not, as a clause."""
    name = f"{fact}/{','.join(tags)}"
    return lexicon.once("tags", name, 2 if present else 1, lambda: _tags_in_words(lexicon, fact, tags, present=present))


def _tags_in_words(lexicon: Lexicon, fact: str, tags: Sequence[str], *, present: bool) -> str:
    options = {option.id: option for option in lexicon.facts[fact].options or ()}
    if all(options[tag].phrase for tag in tags):
        words = any_in_words([lexicon.clause("tag", f"{fact}/{tag}") for tag in tags])
        return words if present else f"it is not so that {words}"
    named = listed([lexicon.value(fact, tag) for tag in tags], "or")
    return f"{lexicon.subject(fact)} {'include' if present else 'do not include'} {named}"


def _runs(mask: int) -> Iterator[tuple[int, int]]:
    """The first and last cell of each unbroken row of cells in a mask."""
    cells = [cell for cell in range(mask.bit_length()) if mask >> cell & 1]
    first = cells[0]
    for before, after in zip(cells, [*cells[1:], -1], strict=True):
        if after != before + 1:
            yield first, before
            first = after


def _run_in_words(variable: Variable, first: int, last: int) -> str:
    low, high = variable.cells[first].partition(" to ")[0], variable.cells[last].rpartition(" to ")[2]
    if low == high:
        return low
    if last == len(variable.cells) - 1:
        return f"{low} or more"
    return f"at most {high}" if first == 0 else f"between {low} and {high} (both included)"
