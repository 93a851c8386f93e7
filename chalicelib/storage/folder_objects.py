"""Objects as files in a folder of the embedded run, under the same conditions as on S3. They survive kill -9."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from chalicelib.canonical import sha256_hex
from chalicelib.errors import StoreFailed
from chalicelib.ports import Stored
from chalicelib.storage.files import create_file, sync_folder, written_aside
from chalicelib.storage.keys import object_name, object_prefix

_PATIENCE = 2.0
"""Seconds to wait for another process that replaces an object in the same folder."""


class FolderObjects:
    """`Objects` in a folder that may be shared by processes of one machine. A tag is the SHA-256 of the bytes."""

    def __init__(self, folder: Path) -> None:
        """Take the folder; it is made on the first write."""
        self._folder = folder

    def get(self, name: str) -> Stored | None:
        """The object, or None. Raises StoreFailed when it cannot be read, ValueError for what is no name."""
        with _answering():
            try:
                data = self._path(name).read_bytes()
            except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
                return None
        return Stored(data, sha256_hex(data))

    def get_changed(self, name: str, tag: str) -> Stored | Literal["unchanged"] | None:
        """The object unless it still has this tag; None when there is none."""
        found = self.get(name)
        return "unchanged" if found and found.tag == tag else found

    def create(self, name: str, data: bytes) -> bool:
        """Write an object that is not there yet; False, and nothing written, when it is."""
        path = self._path(name)
        with _answering():
            self._make(path.parent)
            return create_file(self._folder, path, data)

    def replace(self, name: str, data: bytes, tag: str) -> bool:
        """Replace the state that has this tag; False, and nothing written, when it is another by now."""
        path = self._path(name)
        with _answering(), self._alone():
            found = self.get(name)
            if found is None or found.tag != tag:
                return False
            with written_aside(self._folder, data) as aside:
                aside.replace(path)
                sync_folder(path.parent)
            return True

    def names(self, prefix: str) -> Sequence[str]:
        """All names that begin so, sorted."""
        within = object_prefix(prefix).rpartition("/")[0]
        with _answering():
            return sorted(name for name in self._names_in(self._folder / within) if name.startswith(prefix))

    def remove(self, name: str) -> None:
        """Take an object away; nothing happens when it is not there."""
        path = self._path(name)
        if self.get(name) is None:
            return
        with _answering(), self._alone():
            path.unlink(missing_ok=True)
            sync_folder(path.parent)

    def _path(self, name: str) -> Path:
        return self._folder / object_name(name)

    def _names_in(self, folder: Path) -> Iterator[str]:
        for place, folders, files in os.walk(folder):
            folders[:] = (inner for inner in folders if not inner.startswith("."))
            for file in files:
                if not file.startswith("."):  # the lock, and what is being written
                    yield (Path(place) / file).relative_to(self._folder).as_posix()

    def _make(self, folder: Path) -> None:
        if folder.is_dir():
            return
        folder.mkdir(parents=True, exist_ok=True)
        for made in (folder, *folder.parents):
            sync_folder(made)
            if made == self._folder:
                break

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the folder's lock, which is between processes and threads alike. Raises TimeoutError, an OSError."""
        self._make(self._folder)
        with (self._folder / ".lock").open("ab") as file:
            deadline = time.monotonic() + _PATIENCE
            while True:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > deadline:
                        raise TimeoutError("the folder's lock is held") from None
                    time.sleep(0.005)
            yield  # closing the file releases the lock


@contextmanager
def _answering() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreFailed("The object store did not answer.") from error
