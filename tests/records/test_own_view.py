"""The sample for the handler's own view: about one decision in twenty, and the same ones each time."""

from __future__ import annotations

from chalicelib.records.identity import event_id
from chalicelib.records.own_view import ONE_IN, in_sample

IDS = [event_id("d", force="example", client="cad", route="test", key=f"key-{n:020}") for n in range(4000)]


def test_about_one_decision_in_twenty_is_in_the_sample() -> None:
    assert 0.7 * len(IDS) / ONE_IN < sum(map(in_sample, IDS)) < 1.3 * len(IDS) / ONE_IN


def test_who_was_in_the_sample_can_be_told_from_the_id_alone() -> None:
    assert in_sample("d_" + "ag" * 16), "by SHA-256 of the id: its first 32 bits are a multiple of 20"
    assert not in_sample("d_" + "ab" * 16)
