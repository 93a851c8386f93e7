"""Compressed files of lines: a first line that says what follows, then lines. It knows nothing of what is in them.

Two gzip members, the first line alone in the first, so that it can be written last: it holds the number of the lines
that follow and the SHA-256 of them. There is no name and no time in the headers: the same lines give the same bytes.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from chalicelib.errors import Unreadable

FIRST_BYTES = 1024 * 1024
"""The longest first line."""

LINE_BYTES = 1024 * 1024 + 1
"""The longest other line: what the trail takes as a record, and its end."""


class Packed(NamedTuple):
    """Lines, compressed, and what a first line says of them."""

    content: bytes
    lines: int
    sha256: str
    """Of all the lines, their ends included."""


def pack(lines: Iterable[bytes]) -> Packed:
    """Compress lines, which have no end yet, one after another: only compressed bytes are held."""
    content, digest, count = io.BytesIO(), hashlib.sha256(), 0
    with gzip.GzipFile("", "wb", compresslevel=6, fileobj=content, mtime=0) as packed:
        for line in lines:
            ended = line + b"\n"
            digest.update(ended)
            packed.write(ended)
            count += 1
    return Packed(content.getvalue(), count, digest.hexdigest())


def whole(first: bytes, packed: Packed) -> bytes:
    """The file of a first line and what follows it."""
    return gzip.compress(first + b"\n", compresslevel=6, mtime=0) + packed.content


def first_of(data: bytes) -> bytes:
    """The first line. Raises Unreadable when there is none."""
    with _reading(), gzip.GzipFile(fileobj=io.BytesIO(data)) as packed:
        return packed.readline(FIRST_BYTES)


def following(data: bytes, lines: int, sha256: str) -> Iterator[bytes]:
    """The lines after the first. Raises Unreadable, after the last, when they are not those that it names."""
    digest, count = hashlib.sha256(), 0
    with _reading(), gzip.GzipFile(fileobj=io.BytesIO(data)) as packed:
        packed.readline(FIRST_BYTES)
        while line := packed.readline(LINE_BYTES + 1):
            if len(line) > LINE_BYTES:
                raise _damaged()
            digest.update(line)
            count += 1
            yield line
    if (count, digest.hexdigest()) != (lines, sha256):
        raise _damaged()


@contextmanager
def _reading() -> Iterator[None]:
    try:
        yield
    except (EOFError, OSError, zlib.error):
        raise _damaged() from None


def _damaged() -> Unreadable:
    return Unreadable("The file is damaged: it does not hold what its first line says.", code="file_damaged")
