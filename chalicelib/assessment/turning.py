"""Which single variables could turn a condition to true or to false, whatever their new value. It tries no value.

A search that tries values only where this leaves hope finds the same, sooner: what needs two answers is left out early.
Nothing that could turn a condition is ever left out; that one could is no promise.
"""

from __future__ import annotations

from collections.abc import Iterator

from chalicelib.policy.nodes import TRUE, Masks, Node


class Turning:
    """A state of knowledge, and what could turn each condition in it. Shared parts of conditions are looked at once."""

    def __init__(self, masks: Masks) -> None:
        """Take a state of knowledge."""
        self._masks = masks
        self._known: dict[tuple[int, int], int] = {}
        self._truths: dict[int, int] = {}

    def to(self, truth: int, node: Node) -> int:
        """The variables, as bits, that could by themselves turn a condition to TRUE, or to FALSE, which it is not."""
        if node.kind is None:
            return node.bits
        key = id(node), truth
        if key not in self._known:
            self._known[key] = self._found(truth, node)
        return self._known[key]

    def _found(self, truth: int, node: Node) -> int:
        wanted = truth if node.kind != "none" else TRUE - truth
        others = [part for part in node.parts if self._truth(part) != wanted]
        if not others:
            return node.bits
        one_is_enough = (wanted == TRUE) == (node.kind != "all")
        found = self.to(wanted, others[0])
        for part in others[1:]:
            if one_is_enough:
                found |= self.to(wanted, part)
            elif found:
                found &= self.to(wanted, part)
        return found

    def _truth(self, node: Node) -> int:
        if id(node) not in self._truths:
            self._truths[id(node)] = node.test(self._masks)
        return self._truths[id(node)]


def indexes(bits: int) -> Iterator[int]:
    """The variables that are in a set of bits."""
    while bits:
        yield (bits & -bits).bit_length() - 1
        bits &= bits - 1
