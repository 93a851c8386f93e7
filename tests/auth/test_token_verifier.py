from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

import pytest

from chalicelib.errors import StoreFailed, Unauthenticated, Unavailable
from chalicelib.ports import Objects, Stored
from chalicelib.storage.folder_objects import FolderObjects
from chalicelib.workflows.identify_caller import SAVED_KEYS, TokenVerifier
from tests.callers import AUDIENCE, ISSUER, NOW, a_token, claims, ec_key, jwk_of, jwks, signed


@dataclass
class Provider:
    """An identity provider that can be down, and counts how often it is asked."""

    data: bytes | None
    asked: int = 0

    def fetch(self) -> bytes:
        self.asked += 1
        if self.data is None:
            raise StoreFailed("The identity provider did not answer.")
        return self.data


@dataclass
class Watch:
    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **much: float) -> None:
        self.now += timedelta(**much)


class NoObjects:
    """An object store that does not answer."""

    def get(self, name: str) -> Stored | None:
        raise StoreFailed("The store did not answer.")

    def get_changed(self, name: str, tag: str) -> Stored | Literal["unchanged"] | None:
        raise StoreFailed("The store did not answer.")

    def create(self, name: str, data: bytes) -> bool:
        raise StoreFailed("The store did not answer.")

    def replace(self, name: str, data: bytes, tag: str) -> bool:
        raise StoreFailed("The store did not answer.")

    def names(self, prefix: str) -> Sequence[str]:
        raise StoreFailed("The store did not answer.")

    def remove(self, name: str) -> None:
        raise StoreFailed("The store did not answer.")


@dataclass
class World:
    objects: Objects
    provider: Provider = field(default_factory=lambda: Provider(jwks()))
    watch: Watch = field(default_factory=Watch)

    def verifier(self) -> TokenVerifier:
        """What a new process has."""
        return TokenVerifier(self.provider, self.objects, ISSUER, AUDIENCE, self.watch)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(FolderObjects(tmp_path))


def lasting(key_id: str = "ec-1") -> str:
    """A token that is valid all day."""
    return signed(claims(exp=int((NOW + timedelta(days=1)).timestamp())), key_id=key_id)


def test_keys_are_asked_for_once_and_then_every_ten_minutes(world: World) -> None:
    verifier = world.verifier()
    for _ in range(5):
        assert verifier.principal(lasting()).client == "cad-01"
    assert world.provider.asked == 1
    world.watch.pass_by(minutes=10)
    verifier.principal(lasting())
    verifier.principal(lasting())
    assert world.provider.asked == 2


def test_an_outage_does_not_stop_a_running_process(world: World) -> None:
    verifier = world.verifier()
    verifier.principal(lasting())
    world.provider.data = None
    world.watch.pass_by(hours=8)
    assert verifier.principal(lasting()).subject == "sub-0001"
    assert verifier.fetched_at() == NOW


def test_an_outage_does_not_stop_a_new_process(world: World) -> None:
    world.verifier().principal(lasting())
    world.provider.data = None
    fresh = world.verifier()
    assert fresh.principal(lasting()).subject == "sub-0001"
    assert fresh.fetched_at() is None


def test_the_provider_is_asked_again_half_a_minute_after_it_failed(world: World) -> None:
    world.verifier().principal(lasting())
    keys, world.provider.data, world.provider.asked = world.provider.data, None, 0
    verifier = world.verifier()
    verifier.principal(lasting())
    verifier.principal(lasting())
    assert world.provider.asked == 1
    world.provider.data = keys
    world.watch.pass_by(seconds=30)
    verifier.principal(lasting())
    assert world.provider.asked == 2
    assert verifier.fetched_at() == world.watch.now


def test_no_keys_at_all_is_503_and_says_when_to_come_back(world: World) -> None:
    world.provider.data = None
    verifier = world.verifier()
    for _ in range(3):
        with pytest.raises(Unavailable) as caught:
            verifier.principal(lasting())
        assert caught.value.headers["Retry-After"] == "5"
    assert world.provider.asked == 1, "those that come meanwhile do not each wait for a time-out"
    world.provider.data = jwks()
    world.watch.pass_by(seconds=5)
    assert verifier.principal(lasting())


def test_garbage_from_the_provider_counts_as_an_outage(world: World) -> None:
    verifier = world.verifier()
    verifier.principal(lasting())
    world.provider.data = b"<html>Maintenance</html>"
    world.watch.pass_by(minutes=11)
    assert verifier.principal(lasting())
    kept = world.objects.get(SAVED_KEYS)
    assert kept is not None
    assert kept.data == jwks()


def test_a_damaged_saved_copy_is_not_believed(world: World) -> None:
    world.objects.create(SAVED_KEYS, b'{"keys":[]}')
    world.provider.data = None
    with pytest.raises(Unavailable):
        world.verifier().principal(lasting())


def test_a_new_key_is_taken_at_once_and_saved(world: World) -> None:
    verifier = world.verifier()
    verifier.principal(lasting())
    world.provider.data = jwks(jwk_of(ec_key("ec-2"), "ec-2"))
    world.watch.pass_by(seconds=31)
    assert verifier.principal(lasting("ec-2"))
    kept = world.objects.get(SAVED_KEYS)
    assert kept is not None
    assert kept.data == world.provider.data
    with pytest.raises(Unauthenticated) as caught:
        verifier.principal(lasting("ec-1"))
    assert caught.value.code == "token_key_unknown", "a withdrawn key is withdrawn"


def test_made_up_key_ids_do_not_make_us_a_weapon_against_the_provider(world: World) -> None:
    verifier = world.verifier()
    verifier.principal(lasting())
    for _ in range(50):
        world.watch.pass_by(seconds=1)
        with pytest.raises(Unauthenticated):
            verifier.principal(lasting("made-up"))
    assert world.provider.asked == 2


def test_a_store_that_does_not_answer_costs_only_the_copy() -> None:
    world = World(NoObjects())
    assert world.verifier().principal(lasting())
    world.provider.data = None
    with pytest.raises(Unavailable):
        world.verifier().principal(lasting())


def test_an_expired_token_is_refused_by_the_clock_that_is_given(world: World) -> None:
    verifier = world.verifier()
    verifier.principal(a_token())
    world.watch.pass_by(hours=2)
    with pytest.raises(Unauthenticated):
        verifier.principal(a_token())


def test_many_threads_share_one_verifier(world: World) -> None:
    verifier = world.verifier()
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: verifier.principal(lasting()).subject, range(64)))
    assert set(found) == {"sub-0001"}
    assert world.provider.asked == 1
