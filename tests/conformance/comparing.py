"""Whether what was found is what a vector expects: members that are left out may be anything. No domain knowledge."""

from __future__ import annotations

from collections.abc import Iterator

from chalicelib.canonical import Json

NAMING = ("id", "response", "fact", "duty", "element", "rule", "check", "timer", "person")
"""The members by which a listed object is named: a text in its place stands for the object of that name."""


def differences(expected: Json, found: Json, where: str = "") -> Iterator[str]:
    """Every difference in words. Objects may have more members than expected, lists no more elements."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for name, member in expected.items():
            yield from differences(member, found.get(name), f"{where}/{name}")
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for place, (one, other) in enumerate(zip(expected, found, strict=True)):
            yield from differences(one, other, f"{where}/{place}")
    elif not _same(expected, _name(found) if isinstance(expected, str) else found):
        yield f"{where}: expected {_words(expected)}, found {_words(found)}"


def _same(expected: Json, found: Json) -> bool:
    return expected == found and isinstance(expected, bool) is isinstance(found, bool)


def _words(value: Json) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(str(_name(one)) for one in value) + "]"
    return repr(_name(value))


def _name(one: Json) -> Json:
    if isinstance(one, dict):
        return next((one[name] for name in NAMING if name in one), one)
    return one
