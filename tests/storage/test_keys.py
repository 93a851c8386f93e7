"""The forms of keys, which can never change: written out, so that a change of them fails here first."""

from __future__ import annotations

import json

import pytest

from chalicelib.records.entry import Place, Position, Query, Shelf
from chalicelib.storage.items import FOUND, item_of
from chalicelib.storage.keys import INDEXES, partition_key, partitions, place_of, sort_key
from tests.aws import FRAGMENT
from tests.builders import SUMMARY, an_entry

PARTITIONS = [
    (Place(Shelf.DECISION, "d-1"), "D#d-1", "E#0", "a decision: its id alone, one item only"),
    (Place(Shelf.INCIDENT, "HC-20261123-0417"), "I#kent#HC-20261123-0417", "E#e-1", "an incident's event"),
    (Place(Shelf.CONTACT, "HC-20261123-0417-1"), "C#kent#HC-20261123-0417-1", "E#e-1", "a contact's"),
    (Place(Shelf.POLICY, "kent-thriives"), "P#kent#kent-thriives", "E#e-1", "a policy's"),
    (Place(Shelf.FORCE, "kent"), "F#kent#kent", "E#e-1", "a force's"),
    (Place(Shelf.INCIDENT, "a#b"), "I#kent#a#b", "E#e-1", "a name may hold the separator"),
]


@pytest.mark.parametrize(("place", "pk", "sk"), [row[:3] for row in PARTITIONS], ids=[row[3] for row in PARTITIONS])
def test_an_event_is_filed_under_the_same_key_for_ever(place: Place, pk: str, sk: str) -> None:
    assert (partition_key("kent", place), sort_key(place, "e-1")) == (pk, sk)
    assert place_of(pk) == place


def test_a_decision_has_these_attributes_and_no_others() -> None:
    entry = an_entry(caller="phone:1:aa", victim="person:1:bb", suspect="person:1:cc", address="place:1:dd")
    item = item_of(entry)
    keys = {name: value["S"] for name, value in item.items() if name in {"pk", "sk", "at"} or name.endswith("_pk")}
    assert keys == {
        "pk": "D#d-0001",
        "sk": "E#0",
        "at": "2026-11-23T04:17:00.000000Z#d-0001",
        "time_pk": "hertfordshire#2026-11-23",
        "contact_pk": "hertfordshire#live#HC-20261123-0417-1",
        "incident_pk": "hertfordshire#live#HC-20261123-0417",
        "handler_pk": "hertfordshire#ch-4471#2026-11",
        "caller_pk": "hertfordshire#live#phone:1:aa",
        "victim_pk": "hertfordshire#live#person:1:bb",
        "suspect_pk": "hertfordshire#live#person:1:cc",
        "address_pk": "hertfordshire#live#place:1:dd",
    }
    slots = {"caller", "victim", "suspect", "address"}
    assert item.keys() - keys.keys() == {*SUMMARY, *slots, "body", "secret", "leaf", "fp"}


def test_an_event_that_is_no_decision_stands_in_the_index_of_time_only() -> None:
    item = item_of(an_entry(kind="outcome", id="o-1", caller="phone:1:aa"))
    assert {name for name in item if name.endswith("_pk")} == {"time_pk"}


def test_the_template_has_exactly_these_indexes() -> None:
    table = json.loads(FRAGMENT.read_text())["Resources"]["TrailTable"]["Properties"]
    described = {index["IndexName"]: index for index in table["GlobalSecondaryIndexes"]}
    assert described.keys() == {index.name for index in INDEXES}
    for index in INDEXES:
        keys = [(key["AttributeName"], key["KeyType"]) for key in described[index.name]["KeySchema"]]
        assert keys == [(index.attribute, "HASH"), ("at", "RANGE")]
        projection = described[index.name]["Projection"]
        whole = index.name in {"by_contact", "by_incident"}  # the hot path reads these records themselves
        assert projection["ProjectionType"] == ("ALL" if whole else "INCLUDE")
        assert whole or set(projection["NonKeyAttributes"]) == set(FOUND)


WALKS = [
    ({}, "2026-03-02T00:00:00.000000Z", ["f#2026-03-01", "f#2026-02-28"], "midnight belongs to the day that begins"),
    ({}, "2026-03-02T00:00:00.000001Z", ["f#2026-03-02", "f#2026-03-01", "f#2026-02-28"], "a moment later"),
    ({}, "2026-02-28T00:00:00.000000Z", [], "before the first day"),
    ({"actor": "ch-1", "kind": "decision"}, "2026-03-01T00:00:00.000000Z", ["f#ch-1#2026-02"], "a month likewise"),
    ({"actor": "ch-1", "kind": "decision"}, "2026-03-02T00:00:00.000000Z", ["f#ch-1#2026-03", "f#ch-1#2026-02"], "two"),
    ({"actor": "ch-1"}, "2026-03-01T00:00:00.000000Z", ["f#2026-02-28"], "a handler's other events: by day"),
    ({"contact": "K", "kind": "decision"}, "2026-03-02T00:00:00.000000Z", ["f#live#K"], "a contact: one partition"),
    ({"contact": "K"}, "2026-03-01T00:00:00.000000Z", ["f#2026-02-28"], "a contact's other events: by day"),
    ({"contact": "K", "kind": "decision", "mode": None}, "2026-03-01T00:00:00.000000Z", ["f#2026-02-28"], "any mode"),
]


@pytest.mark.parametrize(("changes", "before", "keys"), [row[:3] for row in WALKS], ids=[row[3] for row in WALKS])
def test_a_search_walks_these_partitions(changes: dict[str, object], before: str, keys: list[str]) -> None:
    span = {"force": "f", "since": "2026-02-28T12:00:00.000000Z", "until": before}
    walked = partitions(Query.model_validate({**span, **changes}), Position(before, ""))
    assert [partition.key for partition in walked] == keys


def test_the_first_day_of_all_ends_the_walk() -> None:
    query = Query(force="f", since="0001-01-01T00:00:00.000000Z", until="0001-01-02T00:00:00.000000Z")
    assert [found.key for found in partitions(query, Position(query.until, ""))] == ["f#0001-01-01"]
