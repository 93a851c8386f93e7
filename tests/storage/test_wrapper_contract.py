"""What every key wrapper does, on every implementation."""

from __future__ import annotations

import pytest

from chalicelib.ports import Wrapper

KEY = bytes(range(32))
CONTEXT = {"force": "hertfordshire", "key": "1"}


def test_a_wrapped_key_comes_back(wrapper: Wrapper) -> None:
    assert wrapper.unwrap(wrapper.wrap(KEY, CONTEXT), CONTEXT) == KEY


def test_a_wrapped_key_does_not_show_the_key(wrapper: Wrapper) -> None:
    assert KEY not in wrapper.wrap(KEY, CONTEXT)


def test_the_order_of_the_context_does_not_matter(wrapper: Wrapper) -> None:
    assert wrapper.unwrap(wrapper.wrap(KEY, CONTEXT), dict(reversed(CONTEXT.items()))) == KEY


@pytest.mark.parametrize("context", [{}, {"force": "hertfordshire"}, {**CONTEXT, "key": "2"}, {**CONTEXT, "more": ""}])
def test_a_key_does_not_come_back_in_another_context(wrapper: Wrapper, context: dict[str, str]) -> None:
    wrapped = wrapper.wrap(KEY, CONTEXT)
    with pytest.raises(ValueError, match=r"not a key"):
        wrapper.unwrap(wrapped, context)


DAMAGE = [
    (lambda wrapped: wrapped[:-1], "the end is missing"),
    (lambda wrapped: wrapped[:-1] + bytes([wrapped[-1] ^ 1]), "one bit is different"),
    (lambda wrapped: wrapped[:40] + bytes([wrapped[40] ^ 1]) + wrapped[41:], "one bit in the middle"),
    (lambda wrapped: wrapped[:5], "almost nothing"),
    (lambda wrapped: b"", "nothing"),
]


@pytest.mark.parametrize("damage", [row for row, _ in DAMAGE], ids=[remark for _, remark in DAMAGE])
def test_a_damaged_key_is_refused(wrapper: Wrapper, damage: object) -> None:
    assert callable(damage)
    with pytest.raises(ValueError, match="wrapped"):
        wrapper.unwrap(damage(wrapper.wrap(KEY, CONTEXT)), CONTEXT)
