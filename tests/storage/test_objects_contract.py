"""What every store of objects does, on every implementation."""

from __future__ import annotations

import pytest

from chalicelib.ports import Objects, Stored


def tag_of(objects: Objects, name: str) -> str:
    found = objects.get(name)
    assert found is not None
    return found.tag


def test_a_created_object_is_read_back(objects: Objects) -> None:
    data = bytes(range(256)) * 300
    assert objects.create("policies/thriives/abc/policy.json", data)
    found = objects.get("policies/thriives/abc/policy.json")
    assert found == Stored(data, tag_of(objects, "policies/thriives/abc/policy.json"))


def test_an_object_may_be_empty(objects: Objects) -> None:
    assert objects.create("empty", b"")
    found = objects.get("empty")
    assert found is not None
    assert found.data == b""


def test_what_is_not_there_is_none(objects: Objects) -> None:
    assert objects.get("a/b") is None
    assert objects.get_changed("a/b", "some tag") is None
    objects.create("a/b/c", b"1")
    assert objects.get("a/b") is None


def test_a_published_object_cannot_be_created_again(objects: Objects) -> None:
    assert objects.create("a", b"first")
    assert not objects.create("a", b"second")
    assert not objects.create("a", b"first")
    assert objects.get("a") == Stored(b"first", tag_of(objects, "a"))


def test_only_who_has_seen_the_newest_replaces_it(objects: Objects) -> None:
    objects.create("activations/hertfordshire.json", b"1")
    seen = tag_of(objects, "activations/hertfordshire.json")
    assert objects.replace("activations/hertfordshire.json", b"12", seen)
    assert not objects.replace("activations/hertfordshire.json", b"13", seen)
    found = objects.get("activations/hertfordshire.json")
    assert found is not None
    assert found.data == b"12"
    assert objects.replace("activations/hertfordshire.json", b"124", found.tag)


def test_what_is_not_there_is_not_replaced(objects: Objects) -> None:
    objects.create("a", b"1")
    assert not objects.replace("b", b"2", tag_of(objects, "a"))
    assert objects.get("b") is None


def test_an_unchanged_object_is_not_sent_again(objects: Objects) -> None:
    objects.create("a", b"1")
    tag = tag_of(objects, "a")
    assert objects.get_changed("a", tag) == "unchanged"
    objects.replace("a", b"2", tag)
    assert objects.get_changed("a", tag) == Stored(b"2", tag_of(objects, "a"))


def test_names_are_those_that_begin_so_in_order(objects: Objects) -> None:
    names = ["spill/b/2", "spill/a-1", "spill/a/1", "spill/b/10", "policies/x", "spill/A"]
    for name in names:
        objects.create(name, b"1")
    assert objects.names("spill/") == ["spill/A", "spill/a-1", "spill/a/1", "spill/b/10", "spill/b/2"]
    assert objects.names("spill/b/1") == ["spill/b/10"]
    assert objects.names("spill/a") == ["spill/a-1", "spill/a/1"]
    assert objects.names("none/") == []
    assert objects.names("") == sorted(names)


def test_all_names_are_listed_however_many(objects: Objects) -> None:
    names = [f"spill/{number:04}" for number in range(1001)]
    for name in names:
        objects.create(name, b"")
    assert objects.names("spill/") == names


def test_a_removed_object_is_gone_and_may_be_created_again(objects: Objects) -> None:
    objects.create("spill/a", b"1")
    objects.remove("spill/a")
    objects.remove("spill/a")
    assert objects.get("spill/a") is None
    assert objects.names("") == []
    assert objects.create("spill/a", b"2")


NO_NAMES = [
    ("", "nothing"),
    ("/a", "from the root"),
    ("a/", "a folder"),
    ("a//b", "an empty segment"),
    ("../a", "out of the folder"),
    ("a/../b", "up and down"),
    ("a/./b", "the same folder"),
    (".lock", "hidden, the store's own"),
    ("a/.b", "hidden in a folder"),
    ("a..b", "two dots anywhere"),
    ("a\\b", "a backslash"),
    ("a\x00b", "a null"),
    ("a\n", "a line end"),
    ("ä", "a letter outside ASCII"),
    ("a b", "a space"),
    ("a?b", "a sign with a meaning in addresses"),
    ("a" * 901, "too long"),
]


@pytest.mark.parametrize("name", [row for row, _ in NO_NAMES], ids=[remark for _, remark in NO_NAMES])
def test_what_is_no_name_is_refused(objects: Objects, name: str) -> None:
    for use in (objects.get, objects.remove):
        with pytest.raises(ValueError, match="not the name"):
            use(name)
    with pytest.raises(ValueError, match="not the name"):
        objects.create(name, b"1")
    with pytest.raises(ValueError, match="not the name"):
        objects.replace(name, b"1", "tag")
    with pytest.raises(ValueError, match="not the name"):
        objects.get_changed(name, "tag")


@pytest.mark.parametrize("prefix", ["/", "../", "a/../", ".l", "a/.", "a//", "ä"])
def test_what_no_name_begins_with_is_refused(objects: Objects, prefix: str) -> None:
    with pytest.raises(ValueError, match="not the beginning"):
        objects.names(prefix)
