"""What every trail does, on every implementation."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from itertools import count
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.assessment.looked_up import Slot
from chalicelib.errors import Invalid
from chalicelib.ports import Trail
from chalicelib.records.entry import Entry, Place, Position, Query, Shelf, Summary
from chalicelib.records.slots import Indexed
from tests.builders import an_entry

DAY = {"force": "hertfordshire", "since": "2026-11-23T00:00:00.000000Z", "until": "2026-11-24T00:00:00.000000Z"}


def a_query(**changes: object) -> Query:
    return Query.model_validate({**DAY, "mode": None, **changes})


def keep(trail: Trail, *entries: Entry) -> None:
    for entry in entries:
        assert trail.append(entry) is None


def all_found(trail: Trail, query: Query, limit: int = 50, most_pages: int = 200) -> list[Summary]:
    found: list[Summary] = []
    after: Position | None = None
    for _ in range(most_pages):
        page = trail.find(query, after, limit)
        assert len(page.found) <= limit
        found += page.found
        if page.after is None:
            return found
        assert after is None or page.after < after, "each page comes further back"
        after = page.after
    raise AssertionError("the walk does not end")


def at_minute(minute: int) -> Entry:
    return an_entry(id=f"d-{minute}", recorded_at=f"2026-11-23T04:{minute}:00.000000Z")


def ids(summaries: Iterable[Summary]) -> list[str]:
    return [summary.id for summary in summaries]


BARE = an_entry(contact=None, incident=None, grade=None, standing=None, policy=None, version=None, flags=(), rules=())
FULL = an_entry(caller="phone:1:aa", victim="person:1:bb", suspect="person:1:cc", address="place:1:dd")
FILED = [
    (BARE, "no optional member at all"),
    (FULL, "every member"),
    (an_entry(kind="outcome", id="o-1"), "an event of an incident"),
    (an_entry(kind="check", id="c-1", place_shelf=Shelf.CONTACT, place_name="HC-20261123-0417-1"), "of a contact"),
    (an_entry(kind="policy_approved", id="p-1", place_shelf=Shelf.POLICY, place_name="thriives"), "of a policy"),
    (an_entry(kind="access", id="a-1", place_shelf=Shelf.FORCE, place_name="2026-11-23#x"), "a separator in a name"),
    (an_entry(body=b"", secret=b"\x00", leaf=b"\xff\x00\n", fingerprint=""), "odd bytes"),
    (an_entry(kind="outcome", id="o-2", caller="phone:1:aa"), "a keyed hash on an event that is in no subject's index"),
]


@pytest.mark.parametrize("entry", [row for row, _ in FILED], ids=[remark for _, remark in FILED])
def test_an_entry_is_read_back_whole(trail: Trail, entry: Entry) -> None:
    keep(trail, entry)
    assert trail.get("hertfordshire", entry.place, entry.id) == entry
    assert trail.events("hertfordshire", entry.place) == [entry]


def test_the_first_of_two_under_one_id_stays_for_ever(trail: Trail) -> None:
    first, second = an_entry(body=b"first"), an_entry(body=b"second", recorded_at="2026-11-23T05:00:00.000000Z")
    keep(trail, first)
    assert trail.append(second) == first
    assert trail.get("hertfordshire", first.place, first.id) == first
    assert ids(all_found(trail, a_query())) == [first.id]


def test_an_own_write_seen_again_comes_back_as_it_is(trail: Trail) -> None:
    keep(trail, an_entry())
    assert trail.append(an_entry()) == an_entry()


def test_two_events_at_one_place_are_both_kept(trail: Trail) -> None:
    earlier = an_entry(kind="outcome", id="z")
    later = an_entry(kind="outcome", id="a", recorded_at="2026-11-23T05:00:00.000000Z")
    keep(trail, later, earlier)
    assert trail.events("hertfordshire", earlier.place) == [earlier, later]


def test_events_at_one_time_stand_in_order_of_their_ids(trail: Trail) -> None:
    entries = [an_entry(kind="outcome", id=name) for name in ("b", "c", "a", "B")]
    keep(trail, *entries)
    assert [entry.id for entry in trail.events("hertfordshire", entries[0].place)] == ["B", "a", "b", "c"]


def test_all_events_of_a_place_are_found_however_many_pages_they_fill(trail: Trail) -> None:
    entries = [an_entry(kind="check", id=f"c-{number}", body=secrets.token_bytes(300_000)) for number in range(8)]
    keep(trail, *entries)
    assert trail.events("hertfordshire", entries[0].place) == entries


def test_a_place_with_nothing_is_empty(trail: Trail) -> None:
    assert trail.events("hertfordshire", Place(Shelf.INCIDENT, "none")) == []
    assert trail.get("hertfordshire", Place(Shelf.DECISION, "none"), "none") is None


def test_another_forces_events_do_not_exist(trail: Trail) -> None:
    decision, event = an_entry(), an_entry(kind="outcome", id="o-1")
    keep(trail, decision, event)
    for entry in (decision, event):
        assert trail.get("elsewhere", entry.place, entry.id) is None
        assert trail.events("elsewhere", entry.place) == []
    assert trail.newest("elsewhere", "live", "contact", str(decision.summary.contact), 9) == []
    assert trail.find(a_query(force="elsewhere"), None, 9).found == ()


def test_a_decision_is_found_by_its_own_id_only(trail: Trail) -> None:
    keep(trail, an_entry())
    assert trail.get("hertfordshire", an_entry().place, "another") is None


@pytest.mark.parametrize("by", ["contact", "incident"])
def test_newest_gives_decisions_of_the_mode_newest_first(trail: Trail, by: str) -> None:
    decisions = [at_minute(11), at_minute(13), at_minute(12)]
    training = an_entry(id="t-1", mode="training", recorded_at="2026-11-23T05:00:00.000000Z")
    other = an_entry(id="d-other", contact="other", incident="other", recorded_at="2026-11-23T05:00:00.000000Z")
    event = an_entry(kind="outcome", id="o-1", recorded_at="2026-11-23T05:00:00.000000Z")
    keep(trail, *decisions, training, other, event)
    reference = {"contact": "HC-20261123-0417-1", "incident": "HC-20261123-0417"}[by]
    newest = trail.newest("hertfordshire", "live", by, reference, 2)  # type: ignore[arg-type]  # a parameter of the test
    assert newest == [decisions[1], decisions[2]]
    assert trail.newest("hertfordshire", "training", by, reference, 2) == [training]  # type: ignore[arg-type]  # the same


@pytest.mark.parametrize("slot", ["caller", "victim", "suspect", "address"])
def test_decisions_are_found_by_a_keyed_hash_in_its_own_slot_newest_first(trail: Trail, slot: Slot) -> None:
    others = {name: "phone.1.1.aa" for name in ("caller", "victim", "suspect", "address") if name != slot}
    times = {f"d-{minute}": f"2026-11-23T04:{minute}:00.000000Z" for minute in (11, 13, 12)}
    mine = [an_entry(id=name, recorded_at=at, **{slot: "phone.1.1.aa"}) for name, at in times.items()]
    keep(
        trail,
        *mine,
        an_entry(id="d-training", mode="training", **{slot: "phone.1.1.aa"}),
        an_entry(id="d-elsewhere", force="elsewhere", **{slot: "phone.1.1.aa"}),
        an_entry(id="d-other-slots", **others),
        an_entry(id="d-other-hash", **{slot: "phone.1.1.ab"}),
        an_entry(kind="outcome", id="o-1", **{slot: "phone.1.1.aa"}),
    )
    wanted, early = Indexed(slot, "phone.1.1.aa"), "2026-11-23T00:00:00.000000Z"
    found = trail.of_subject("hertfordshire", "live", wanted, early, 9)
    assert ids(found) == ["d-13", "d-12", "d-11"]
    assert found[0] == mine[1].summary.model_copy(update={slot: None}), "no keyed hash is shown"
    assert ids(trail.of_subject("hertfordshire", "live", wanted, early, 2)) == ["d-13", "d-12"]
    assert ids(trail.of_subject("hertfordshire", "training", wanted, early, 9)) == ["d-training"]
    assert trail.of_subject("hertfordshire", "live", Indexed(slot, "phone.1.1.ac"), early, 9) == []


SINCE = [
    ("2026-11-23T04:12:00.000000Z", ["d-13", "d-12"], "that very moment"),
    ("2026-11-23T04:12:00.000001Z", ["d-13"], "just after it"),
    ("2026-11-23T04:13:00.000001Z", [], "after everything"),
    ("2016-11-23T00:00:00.000000Z", ["d-13", "d-12"], "ten years"),
]


@pytest.mark.parametrize(("since", "expected"), [row[:2] for row in SINCE], ids=[row[2] for row in SINCE])
def test_a_look_up_goes_back_to_a_time_which_belongs_to_it(trail: Trail, since: str, expected: list[str]) -> None:
    for minute in (12, 13):
        keep(
            trail, an_entry(id=f"d-{minute}", recorded_at=f"2026-11-23T04:{minute}:00.000000Z", victim="person.1.1.bb")
        )
    found = trail.of_subject("hertfordshire", "live", Indexed("victim", "person.1.1.bb"), since, 9)
    assert ids(found) == expected


def test_a_look_up_since_a_time_in_another_form_is_refused(trail: Trail) -> None:
    with pytest.raises(ValueError, match="stored form"):
        trail.of_subject("hertfordshire", "live", Indexed("victim", "person.1.1.bb"), "2026-11-24", 5)


def test_an_entry_that_is_too_large_is_refused_and_not_kept(trail: Trail) -> None:
    huge = an_entry(body=secrets.token_bytes(400_000))
    with pytest.raises(Invalid) as refusal:
        trail.append(huge)
    assert refusal.value.code == "event_too_large"
    assert trail.get("hertfordshire", huge.place, huge.id) is None


def test_a_body_that_could_not_be_unpacked_again_is_refused(trail: Trail) -> None:
    with pytest.raises(Invalid):
        trail.append(an_entry(body=b"0" * 1_048_577))


MISFILED = [
    (an_entry(place_shelf=Shelf.INCIDENT, place_name="x"), "a decision among the events of an incident"),
    (an_entry(kind="outcome", place_shelf=Shelf.DECISION, place_name="d-0001"), "an event among the decisions"),
    (an_entry(recorded_at="2026-11-23T04:17:00Z"), "a time that is shorter than the others sorts wrongly"),
    (an_entry(recorded_at="2026-11-23T04:17:00.000000+00:00"), "an offset in figures"),
    (an_entry(force="a#b"), "the separator in a force"),
    (an_entry(mode=""), "an empty mode"),
]


@pytest.mark.parametrize("entry", [row for row, _ in MISFILED], ids=[remark for _, remark in MISFILED])
def test_an_entry_that_no_search_would_find_is_refused(trail: Trail, entry: Entry) -> None:
    with pytest.raises(ValueError, match=r"decisions|time|key"):
        trail.append(entry)
    assert trail.events(entry.summary.force.replace("#", ""), entry.place) == []


LIVE = {"kind": "decision", "mode": "live"}
MONTHS = {"since": "2026-10-20T00:00:00.000000Z", "until": "2027-02-03T00:00:00.000000Z"}
SEARCHES: list[tuple[dict[str, object], list[str], str]] = [
    ({}, ["o-1", "d-5", "d-4", "d-3", "d-2", "d-1"], "no filter: every kind and mode"),
    ({"kind": "decision"}, ["d-5", "d-4", "d-3", "d-2", "d-1"], "decisions"),
    ({"kind": "outcome"}, ["o-1"], "another kind"),
    ({"mode": "live"}, ["o-1", "d-5", "d-4", "d-3", "d-1"], "one mode"),
    ({"grade": "PRIORITY"}, ["d-3"], "a grade"),
    ({"version": "2026.2"}, ["d-4"], "a version by label"),
    ({"version": "e" * 64}, ["d-4"], "a version by digest"),
    ({"actor": "ch-9"}, ["d-5"], "an actor, any kind"),
    ({"actor": "ch-9", "kind": "decision"}, ["d-5"], "an actor's decisions"),
    ({"contact": "K"}, ["d-5"], "a contact, any kind"),
    ({"contact": "K", "kind": "decision", "mode": "live"}, ["d-5"], "a contact's decisions"),
    ({"contact": "K", "kind": "decision", "mode": "test"}, [], "of another mode"),
    ({"incident": "HC-20261123-0417"}, ["o-1", "d-5", "d-4", "d-3", "d-2", "d-1"], "an incident's events"),
    ({**LIVE, "incident": "HC-20261123-0417"}, ["d-5", "d-4", "d-3", "d-1"], "its decisions"),
    ({**LIVE, "incident": "HC-20261123-0417", "contact": "K"}, ["d-5"], "both"),
    ({**LIVE, "incident": "HC-20261123-0417", "grade": "PRIORITY"}, ["d-3"], "and a grade"),
    ({"since": "2026-11-23T04:13:00.000000Z"}, ["o-1", "d-5", "d-4", "d-3"], "since is inclusive"),
    ({"until": "2026-11-23T04:13:00.000000Z"}, ["d-2", "d-1"], "until is exclusive"),
    ({"since": "2026-11-23T04:13:00.000000Z", "until": "2026-11-23T04:13:00.000001Z"}, ["d-3"], "a single moment"),
    ({"since": "2026-11-23T04:13:00.000000Z", "until": "2026-11-23T04:13:00.000000Z"}, [], "no time at all"),
    ({"since": "2026-11-24T00:00:00.000000Z", "until": "2026-11-23T00:00:00.000000Z"}, [], "the wrong way round"),
    ({**MONTHS, "grade": "PRIORITY"}, ["d-3"], "months, day by day"),
    ({**MONTHS, **LIVE, "incident": "HC-20261123-0417", "grade": "PRIORITY"}, ["d-3"], "months of an incident"),
    ({**MONTHS, "actor": "ch-9", "kind": "decision"}, ["d-5"], "months of a handler"),
    ({"since": "2026-01-20T00:00:00.000000Z", "actor": "ch-9", "kind": "decision"}, ["d-5"], "a handler's months"),
    ({"actor": "nobody", "kind": "decision", "mode": "live"}, [], "nothing"),
]


@pytest.fixture
def searched(trail: Trail) -> Trail:
    changes: list[dict[str, object]] = [
        {},
        {"mode": "training"},
        {"grade": "PRIORITY"},
        {"version": "2026.2", "policy": "e" * 64},
        {"actor": "ch-9", "contact": "K", "caller": "phone:1:aa"},
    ]
    for number, change in enumerate(changes, 1):
        keep(trail, an_entry(id=f"d-{number}", recorded_at=f"2026-11-23T04:1{number}:00.000000Z", **change))
    outcome = {"kind": "outcome", "recorded_at": "2026-11-23T04:20:00.000000Z", "grade": None, "flags": (), "rules": ()}
    keep(trail, an_entry(id="o-1", **outcome))
    return trail


@pytest.mark.parametrize(("changes", "expected"), [row[:2] for row in SEARCHES], ids=[row[2] for row in SEARCHES])
def test_a_search_finds_what_it_asks_for_newest_first(
    searched: Trail, changes: dict[str, object], expected: list[str]
) -> None:
    for limit in (1, 2, 50):
        assert ids(all_found(searched, a_query(**changes), limit)) == expected


def test_a_search_shows_no_keyed_hash_of_anybody(trail: Trail) -> None:
    keep(trail, FULL)
    for query in (a_query(), a_query(kind="decision", mode="live", contact=FULL.summary.contact)):
        [found] = trail.find(query, None, 5).found
        assert found == FULL.summary.model_copy(update=dict.fromkeys(("caller", "victim", "suspect", "address")))


def test_a_page_has_room_for_one_at_least(trail: Trail) -> None:
    with pytest.raises(ValueError, match="one at least"):
        trail.find(a_query(), None, 0)


def test_a_search_with_times_in_another_form_is_refused(trail: Trail) -> None:
    with pytest.raises(ValueError, match="stored form"):
        trail.find(a_query(until="2026-11-24"), None, 5)


def test_a_year_without_any_event_is_walked_to_its_end(trail: Trail) -> None:
    assert all_found(trail, a_query(since="2026-01-01T00:00:00.000000Z", until="2027-01-01T00:00:00.000000Z")) == []


def test_what_is_recorded_between_two_pages_moves_nothing(trail: Trail) -> None:
    keep(trail, at_minute(11), at_minute(12), at_minute(13))
    first = trail.find(a_query(), None, 2)
    keep(trail, at_minute(14))
    assert ids(first.found) == ["d-13", "d-12"]
    assert ids(trail.find(a_query(), first.after, 2).found) == ["d-11"]


MOMENTS = [
    f"2026-{day}T{time}Z"
    for day in ("02-28", "03-01", "03-02", "03-09", "03-31", "04-01")
    for time in ("00:00:00.000000", "00:00:00.000001", "11:59:59.999999", "23:59:59.999999")
]
ENTRIES = st.lists(
    st.fixed_dictionaries(
        {
            "recorded_at": st.sampled_from(MOMENTS),
            "kind": st.sampled_from(["decision", "decision", "outcome"]),
            "mode": st.sampled_from(["live", "live", "training"]),
            "grade": st.sampled_from(["IMMEDIATE", "PRIORITY", None]),
            "actor": st.sampled_from(["ch-1", "ch-2"]),
            "contact": st.sampled_from(["K-1", "K-2", None]),
            "incident": st.sampled_from(["I-1", "I-2"]),
            "version": st.sampled_from(["1", "2"]),
        }
    ),
    max_size=25,
)
QUERIES = st.fixed_dictionaries(
    {"since": st.sampled_from(MOMENTS), "until": st.sampled_from([*MOMENTS, "2026-04-02T00:00:00.000000Z"])},
    optional={
        "mode": st.sampled_from(["live", "training", None]),
        "kind": st.sampled_from(["decision", "decision", "outcome"]),
        "grade": st.sampled_from(["IMMEDIATE", "PRIORITY"]),
        "actor": st.sampled_from(["ch-1", "ch-2"]),
        "contact": st.sampled_from(["K-1", "K-2"]),
        "incident": st.sampled_from(["I-1", "I-2"]),
        "version": st.sampled_from(["1", "2"]),
    },
)
_forces = count()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(entries=ENTRIES, queries=st.lists(QUERIES, min_size=1, max_size=4), limit=st.integers(1, 6), names=st.randoms())
def test_paging_yields_each_admitted_entry_once_and_in_order(
    trail: Trail,
    entries: list[dict[str, object]],
    queries: list[dict[str, object]],
    limit: int,
    names: Random,
) -> None:
    force = f"force-{next(_forces)}"  # one store for all examples, a force for each
    order = list(range(len(entries)))
    names.shuffle(order)
    kept = [an_entry(id=f"{force}-{name:02}", force=force, **entry) for name, entry in zip(order, entries, strict=True)]
    keep(trail, *kept)
    for changes in queries:
        query = Query.model_validate({"force": force, **changes})
        admitted = [entry.summary for entry in kept if query.admits(entry.summary)]
        expected = sorted(admitted, key=lambda known: (known.recorded_at, known.id), reverse=True)
        assert all_found(trail, query, limit) == expected
