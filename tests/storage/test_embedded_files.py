"""The embedded run's files: agreement between processes, permissions, damage, and what is left behind."""

from __future__ import annotations

import fcntl
import multiprocessing
import os
import stat
import threading
from collections.abc import Callable
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest

from chalicelib.canonical import sha256_hex
from chalicelib.errors import StoreFailed
from chalicelib.storage import folder_objects
from chalicelib.storage.folder_objects import FolderObjects
from chalicelib.storage.local_wrapper import LocalWrapper

PROCESSES = multiprocessing.get_context("spawn")


def in_threads(work: Callable[[int], None], count: int) -> None:
    threads = [threading.Thread(target=work, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def create_in_threads(folder: Path, name: str, start: Barrier, results: multiprocessing.Queue[bool]) -> None:
    objects = FolderObjects(folder)

    def create(number: int) -> None:
        start.wait(30)
        results.put(objects.create(name, f"{os.getpid()}-{number}".encode() * 1000))

    in_threads(create, 8)


def test_of_sixteen_threads_in_two_processes_one_creates(tmp_path: Path) -> None:
    results: multiprocessing.Queue[bool] = PROCESSES.Queue()
    arguments = (tmp_path / "objects", "spill/hertfordshire/d-1", PROCESSES.Barrier(16), results)
    processes = [PROCESSES.Process(target=create_in_threads, args=arguments) for _ in range(2)]
    for process in processes:
        process.start()
    outcomes = [results.get(timeout=30) for _ in range(16)]
    for process in processes:
        process.join()
    assert outcomes.count(True) == 1
    assert FolderObjects(tmp_path / "objects").names("") == ["spill/hertfordshire/d-1"]


def test_no_replacement_is_lost_between_threads(tmp_path: Path) -> None:
    objects = FolderObjects(tmp_path)
    objects.create("list", b"")

    def add(number: int) -> None:
        while (found := objects.get("list")) and not objects.replace("list", found.data + bytes([number]), found.tag):
            pass

    in_threads(add, 12)
    found = objects.get("list")
    assert found is not None
    assert sorted(found.data) == list(range(12))


def test_a_tag_is_the_digest_of_the_bytes(tmp_path: Path) -> None:
    objects = FolderObjects(tmp_path)
    objects.create("a", b"1")
    assert objects.get("a") == (b"1", sha256_hex(b"1"))


def test_what_was_being_written_at_a_crash_is_no_object(tmp_path: Path) -> None:
    (tmp_path / ".0123456789abcdef.new").write_bytes(b"half")
    assert FolderObjects(tmp_path).names("") == []


def test_nothing_is_left_beside_the_objects(tmp_path: Path) -> None:
    objects = FolderObjects(tmp_path)
    objects.create("a", b"1")
    objects.create("a", b"2")
    objects.replace("a", b"3", sha256_hex(b"1"))
    objects.remove("a")
    assert [path.name for path in tmp_path.iterdir()] == [".lock"]


def test_objects_are_for_their_owner_only(tmp_path: Path) -> None:
    FolderObjects(tmp_path).create("a", b"1")
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o600


def test_a_lock_that_is_never_released_is_a_failure_and_no_hang(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_objects, "_PATIENCE", 0.05)
    objects = FolderObjects(tmp_path)
    objects.create("a", b"1")
    with (tmp_path / ".lock").open("wb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(StoreFailed):
            objects.replace("a", b"2", sha256_hex(b"1"))
    assert objects.replace("a", b"2", sha256_hex(b"1"))


def test_a_folder_that_cannot_be_one_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StoreFailed):
        FolderObjects(tmp_path / "file").create("a", b"1")


def wrap_in_threads(folder: Path, results: multiprocessing.Queue[bytes]) -> None:
    in_threads(lambda _number: results.put(LocalWrapper(folder).wrap(b"key", {})), 4)


def test_processes_that_start_at_once_agree_on_the_key(tmp_path: Path) -> None:
    results: multiprocessing.Queue[bytes] = PROCESSES.Queue()
    processes = [PROCESSES.Process(target=wrap_in_threads, args=(tmp_path / "keys", results)) for _ in range(2)]
    for process in processes:
        process.start()
    wrapped = [results.get(timeout=30) for _ in range(8)]
    for process in processes:
        process.join()
    assert {LocalWrapper(tmp_path / "keys").unwrap(one, {}) for one in wrapped} == {b"key"}


def test_the_key_file_is_for_its_owner_only_and_nothing_is_beside_it(tmp_path: Path) -> None:
    LocalWrapper(tmp_path).wrap(b"key", {})
    [path] = tmp_path.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(path.read_bytes()) == 32


def test_another_key_file_does_not_unwrap(tmp_path: Path) -> None:
    wrapped = LocalWrapper(tmp_path / "one").wrap(b"key", {})
    with pytest.raises(ValueError, match="not a key"):
        LocalWrapper(tmp_path / "two").unwrap(wrapped, {})


def test_a_later_form_of_wrapping_is_refused(tmp_path: Path) -> None:
    wrapped = LocalWrapper(tmp_path).wrap(b"key", {})
    with pytest.raises(ValueError, match="not a wrapped key"):
        LocalWrapper(tmp_path).unwrap(b"\x02" + wrapped[1:], {})


def test_a_key_file_that_was_cut_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "wrapping.key").write_bytes(b"short")
    with pytest.raises(StoreFailed) as failure:
        LocalWrapper(tmp_path).wrap(b"key", {})
    assert failure.value.code == "store_damaged"
    assert (tmp_path / "wrapping.key").read_bytes() == b"short"
