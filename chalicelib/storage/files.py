"""Whole files that survive a crash: written aside, synced, put in place in one step. It knows no formats."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def written_aside(folder: Path, data: bytes) -> Iterator[Path]:
    """A synced file that holds the data, for its owner only; gone afterwards unless it was moved. Raises OSError."""
    aside = folder / f".{secrets.token_hex(8)}.new"
    try:
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(descriptor)
        yield aside
    finally:
        aside.unlink(missing_ok=True)


def create_file(aside_in: Path, path: Path, data: bytes) -> bool:
    """Write a file that is not there yet, whole or not at all; False when it is. Raises OSError."""
    with written_aside(aside_in, data) as aside:
        try:
            os.link(aside, path)
        except FileExistsError:
            return False
        sync_folder(path.parent)
        return True


def sync_folder(folder: Path) -> None:
    """Make sure that the names in a folder survive a crash. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
