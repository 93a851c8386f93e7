"""Objects in an S3 bucket; its own conditions decide between writers. Encryption and versions are the bucket's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from botocore.exceptions import ClientError

from chalicelib.errors import StoreFailed
from chalicelib.ports import Stored
from chalicelib.storage.connect import Connect, answering, code_of
from chalicelib.storage.keys import object_name, object_prefix

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_BUCKET = "The object store"
_LOST = ("PreconditionFailed", "NoSuchKey")
_CONFLICT = "ConditionalRequestConflict"


class S3Objects:
    """`Objects` in a bucket, under a prefix that its callers do not see. A tag is the object's ETag as S3 gives it.

    When the SDK repeats a write whose answer was lost, S3 refuses the repetition because of our own first one. So False
    from `create` or `replace` can also mean "your own write, seen again": who has to know compares the object's bytes.
    """

    def __init__(self, bucket: str, *, connect: Connect, prefix: str = "") -> None:
        """Take the bucket's name and the way to it. Raises ValueError for a prefix that no name could begin with."""
        self._bucket, self._connect, self._prefix = bucket, connect, object_prefix(prefix)

    @property
    def _client(self) -> S3Client:
        return self._connect.client("s3")

    def get(self, name: str) -> Stored | None:
        """The object, or None. Raises StoreFailed when it cannot be read, ValueError for what is no name."""
        try:
            with answering(_BUCKET, "GetObject", "NoSuchKey"):
                reply = self._client.get_object(Bucket=self._bucket, Key=self._key(name))
                return Stored(reply["Body"].read(), reply["ETag"])
        except ClientError:
            return None

    def get_changed(self, name: str, tag: str) -> Stored | Literal["unchanged"] | None:
        """The object unless it still has this tag; None when there is none."""
        try:
            with answering(_BUCKET, "GetObject", "NoSuchKey", "304", "NotModified"):
                reply = self._client.get_object(Bucket=self._bucket, Key=self._key(name), IfNoneMatch=tag)
                return Stored(reply["Body"].read(), reply["ETag"])
        except ClientError as answer:
            return None if code_of(answer) == "NoSuchKey" else "unchanged"

    def create(self, name: str, data: bytes) -> bool:
        """Write an object that is not there yet. False when it is there: another's, or our own write seen again."""
        for _attempt in range(2):
            if (kept := self._put(name, data, tag=None)) is not None:
                return kept
        if self.get(name) is None:
            raise StoreFailed("The object store could not decide between two writers.")
        return False

    def replace(self, name: str, data: bytes, tag: str) -> bool:
        """Replace the state that has this tag. False when it is another: another's, or our own write seen again."""
        for _attempt in range(2):
            if (kept := self._put(name, data, tag=tag)) is not None:
                return kept
        if self.get_changed(name, tag) == "unchanged":
            raise StoreFailed("The object store could not decide between two writers.")
        return False

    def names(self, prefix: str) -> Sequence[str]:
        """All names that begin so, sorted."""
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=self._prefix + object_prefix(prefix)
        )
        with answering(_BUCKET, "ListObjectsV2"):
            keys = [found["Key"] for page in pages for found in page.get("Contents", ())]
        return sorted(key.removeprefix(self._prefix) for key in keys)

    def remove(self, name: str) -> None:
        """Take an object away; in a bucket with versions, its bytes stay as a version."""
        with answering(_BUCKET, "DeleteObject"):
            self._client.delete_object(Bucket=self._bucket, Key=self._key(name))

    def _put(self, name: str, data: bytes, *, tag: str | None) -> bool | None:
        """Write under a condition: whether it was written, or None when S3 met another writer and asks to try again."""
        condition = {"IfNoneMatch": "*"} if tag is None else {"IfMatch": tag}
        try:
            with answering(_BUCKET, "PutObject", _CONFLICT, *_LOST):
                self._client.put_object(Bucket=self._bucket, Key=self._key(name), Body=data, **condition)  # type: ignore[arg-type]  # two known names
        except ClientError as refusal:
            return None if code_of(refusal) == _CONFLICT else False
        return True

    def _key(self, name: str) -> str:
        return self._prefix + object_name(name)
