"""The secrets of each force: made once, stored wrapped, unwrapped on first use. They go nowhere else."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Sequence

from pydantic import Field

from chalicelib.canonical import canonical
from chalicelib.errors import NotFound, StoreFailed, Unavailable
from chalicelib.model import Frozen, Slug
from chalicelib.ports import Entropy, Objects, Wrapper
from chalicelib.reader import read_model
from chalicelib.records.identity import ForceKey
from chalicelib.records.record import plain

_MOST = 64 * 1024


class _Wrapped(Frozen):
    version: int = Field(ge=1)
    key: str


class _Ring(Frozen):
    """`keys/<force>.json`: every version of a force's key, the newest last."""

    v: int = 1
    force: Slug
    keys: tuple[_Wrapped, ...]


class ForceKeys:
    """Gives a force its keys."""

    def __init__(self, objects: Objects, wrapper: Wrapper, entropy: Entropy) -> None:
        """Keep what is needed to fetch keys; nothing is fetched yet."""
        self._objects, self._wrapper, self._entropy = objects, wrapper, entropy
        self._known: dict[str, Sequence[ForceKey]] = {}

    def current(self, force: str) -> ForceKey:
        """The newest key. Raises StoreFailed when it cannot be had, Unavailable for a force that was not set up."""
        return self._ring(force)[-1]

    def version(self, force: str, version: int) -> ForceKey:
        """One version of the key. Raises as `current`."""
        for key in self._ring(force):
            if key.version == version:
                return key
        raise NotFound("This force has no key of that version.")

    def create(self, force: str) -> bool:
        """Make a force's first key; False when it has one."""
        wrapped = self._wrapper.wrap(self._entropy(32), _context(force, 1))
        ring = _Ring(force=force, keys=(_Wrapped(version=1, key=b64encode(wrapped).decode()),))
        return self._objects.create(_name(force), canonical(plain(ring)))

    def _ring(self, force: str) -> Sequence[ForceKey]:
        known = self._known.get(force)
        if known is None:
            stored = self._objects.get(_name(force))
            if stored is None:
                raise Unavailable("This force was not set up: it has no key.", code="force_not_set_up")
            ring = read_model(_Ring, stored.data, most=_MOST)
            try:
                known = [
                    ForceKey(one.version, self._wrapper.unwrap(b64decode(one.key), _context(force, one.version)))
                    for one in ring.keys
                ]
            except ValueError:
                raise StoreFailed("The force's key cannot be unwrapped.", code="key_damaged") from None
            self._known[force] = known
        return known


def _name(force: str) -> str:
    return f"keys/{force}.json"


def _context(force: str, version: int) -> dict[str, str]:
    return {"force": force, "use": "thriives-force-key", "version": str(version)}
