"""Searches everything that a service has kept, logged and answered for what was said about people. It trusts no format.

    secrets = [Secret("phone", "07700 900123"), Secret("name_dob", "Quillfeather|Zebedee|1987-02-03")]
    found = leaks([*kept_in_folder(data), *kept_in_table(address, table), *lines_of(log)], secrets)
    assert found == []

Each piece is unpacked as far as it goes: gzip, zlib, base64, hexadecimal, JSON in JSON, percent-encoding. What comes
out is searched for each secret as it was sent, as it is normalised, part by part, without regard to case, accents,
spaces and punctuation, and for the plain digests of all these: SHA-256, SHA-1 and MD5, in hexadecimal, base64 and raw.
"""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
import unicodedata
import zlib
from base64 import b64decode, b64encode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

import boto3

from chalicelib.records.identifiers import NORMALISERS, IdentifierKind
from tests.aws import REGION

DEEPEST = 8
"""How many layers are unpacked."""


class Secret(NamedTuple):
    """Something by which a person or a place can be found, as it was sent."""

    kind: IdentifierKind
    value: str


class Piece(NamedTuple):
    """Something that was kept, logged or answered, and where."""

    place: str
    content: object
    """Bytes, text, or a structure of them."""


def leaks(pieces: Iterable[Piece], secrets: Iterable[Secret]) -> list[str]:
    """The places at which a secret was found, with its kind; never with the secret itself."""
    wanted = [(secret.kind, *_wanted(secret)) for secret in secrets]
    found: list[str] = []
    clean: set[str] = set()
    for piece in pieces:
        for path, view in _views(piece.content, piece.place, DEEPEST):
            if view in clean:
                continue
            squeezed = _squeezed(view)
            # Only a long run of the letters of base64, or what is no ASCII at all, can hold a digest.
            digested = _LONG.findall(view) if view.isascii() else [view]
            kinds = [
                kind
                for kind, words, digests in wanted
                if any(word in squeezed for word in words)
                or any(digest in run for run in digested for digest in digests)
            ]
            found += [f"{kind} in {path}" for kind in kinds]
            if not kinds:
                clean.add(view)
    return list(dict.fromkeys(found))


def _wanted(secret: Secret) -> tuple[set[str], set[str]]:
    """What to look for: words, without regard to their spelling, and digests, letter by letter."""
    forms = {secret.value, secret.value.strip().casefold(), f"{secret.kind}\n{secret.value}"}
    parts = {secret.value}
    try:
        normal = NORMALISERS[secret.kind](secret.value)
    except ValueError:
        normal = _squeezed(secret.value)  # no identifier of its kind: it has to be nowhere all the same
    forms |= {normal, f"{secret.kind}\n{normal}"}
    parts.add(normal)
    if secret.kind == "phone":
        national = re.sub(r"^(00|\+)?44|^0", "", normal)
        forms |= {f"+44{national}", f"44{national}", f"0{national}", f"0044{national}", national}
        parts = {national}
    elif secret.kind == "name_dob":
        parts |= set(secret.value.split("|"))
    elif secret.kind == "address":
        parts |= set(secret.value.split(","))
    words = {word for part in parts if len(word := _squeezed(part)) >= 6}
    return words, {shape for form in forms for shape in _digests(form.encode())}


def _digests(form: bytes) -> Iterator[str]:
    for make in (hashlib.sha256, hashlib.sha1, hashlib.md5):
        raw = make(form).digest()
        yield from (raw.hex(), raw.hex().upper(), raw.decode("latin-1"))
        yield from (code(raw).decode().rstrip("=") for code in (b64encode, urlsafe_b64encode))


def _squeezed(text: str) -> str:
    """Letters and digits alone, in their plainest form."""
    return _NO_LETTER.sub("", unicodedata.normalize("NFKD", text).casefold())


def _views(content: object, path: str, depth: int) -> Iterator[tuple[str, str]]:
    """Everything that a piece is when it is unpacked, as text."""
    if isinstance(content, Mapping):
        for name, member in content.items():
            yield f"{path}/{name}", str(name)
            yield from _views(member, f"{path}/{name}", depth)
    elif isinstance(content, list | tuple | set):
        for place, member in enumerate(content):
            yield from _views(member, f"{path}/{place}", depth)
    elif isinstance(content, bytes | bytearray | memoryview):
        yield from _views_of_bytes(bytes(content), path, depth)
    elif content is not None:
        yield from _views_of_text(str(content), path, depth)


def _views_of_bytes(data: bytes, path: str, depth: int) -> Iterator[tuple[str, str]]:
    try:
        yield from _views_of_text(data.decode("utf-8"), path, depth)
    except UnicodeDecodeError:
        yield path, data.decode("latin-1")
    if depth:
        for bits in (31, 15):  # gzip, zlib
            try:
                unpacked = zlib.decompressobj(wbits=bits).decompress(data)
            except zlib.error:
                continue
            yield from _views_of_bytes(unpacked, f"{path} unpacked", depth - 1)


_NO_LETTER = re.compile(r"[\W_]+")
_LONG = re.compile(r"[A-Za-z0-9+/_-]{20,}")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{8,}={0,2}")
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2}){4,}")


def _views_of_text(text: str, path: str, depth: int) -> Iterator[tuple[str, str]]:
    yield path, text
    if not depth:
        return
    if "%" in text:
        yield path, unquote(text)
    if text[:1] in ("{", "[", '"'):
        with suppress(ValueError, RecursionError):
            yield from _views(json.loads(text), path, depth - 1)
    elif _HEX.fullmatch(text):
        yield from _views_of_bytes(bytes.fromhex(text), f"{path} from hexadecimal", depth - 1)
    elif _BASE64.fullmatch(text):
        padded = text.translate(str.maketrans("-_", "+/")).rstrip("=")
        with suppress(NotBase64):
            yield from _views_of_bytes(b64decode(padded + "=" * (-len(padded) % 4)), f"{path} from base64", depth - 1)


def kept_in_folder(folder: Path) -> Iterator[Piece]:
    """Every file under a folder, and every cell of those that are SQLite's."""
    files = {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
    for path, data in files.items():
        yield Piece(f"file {path.relative_to(folder)}", data)
    for path, data in files.items():  # last, since it changes the files beside it
        if data.startswith(b"SQLite format 3\0"):
            yield from _rows(path)


def _rows(file: Path) -> Iterator[Piece]:
    with closing(sqlite3.connect(file)) as database:
        tables = [name for [name] in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            rows = database.execute(f'SELECT * FROM "{table}"')
            columns = [column[0] for column in rows.description]
            for number, row in enumerate(rows):
                for column, cell in zip(columns, row, strict=True):
                    yield Piece(f"{table} row {number} {column}", cell)


def kept_in_table(address: str, table: str) -> Iterator[Piece]:
    """Every attribute of every item of a table."""
    client = boto3.client("dynamodb", endpoint_url=address, region_name=REGION)
    for page in client.get_paginator("scan").paginate(TableName=table):
        for number, item in enumerate(page["Items"]):
            for name, typed in item.items():
                yield Piece(f"item {number} {name}", list(typed.values()))
    client.close()


def kept_in_bucket(address: str, bucket: str) -> Iterator[Piece]:
    """Every version of every object of a bucket, and its name."""
    client = boto3.client("s3", endpoint_url=address, region_name=REGION)
    for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket):
        for version in page.get("Versions", ()):
            key = version["Key"]
            yield Piece(f"object name {key}", key)
            found = client.get_object(Bucket=bucket, Key=key, VersionId=version["VersionId"])
            yield Piece(f"object {key}", found["Body"].read())
            yield Piece(f"object {key} metadata", found["Metadata"])
    client.close()


def lines_of(log: Path) -> Iterator[Piece]:
    """Every line of a log."""
    for number, line in enumerate(log.read_text().splitlines(), 1):
        yield Piece(f"log line {number}", line)
