"""Keys wrapped by a key file beside the data of an embedded run. It protects no more than that file is protected."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from chalicelib.canonical import canonical
from chalicelib.errors import StoreFailed
from chalicelib.storage.files import create_file

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_FORM = b"\x01"
_NONCE = 12
_TAG = 16
_KEY = 32


class LocalWrapper:
    """A `Wrapper` with AES-256-GCM; its key file is made on first use, and processes that start at once agree on it."""

    def __init__(self, folder: Path) -> None:
        """Take the folder of the key file."""
        self._path = folder / "wrapping.key"

    def wrap(self, key: bytes, context: Mapping[str, str]) -> bytes:
        """The key, sealed together with its context. Raises StoreFailed."""
        nonce = secrets.token_bytes(_NONCE)
        return _FORM + nonce + self._cipher().encrypt(nonce, key, canonical(context))

    def unwrap(self, wrapped: bytes, context: Mapping[str, str]) -> bytes:
        """The key again. Raises StoreFailed, or ValueError when the context or the bytes are wrong."""
        from cryptography.exceptions import InvalidTag  # here, since a function on AWS never needs it

        if wrapped[:1] != _FORM or len(wrapped) < 1 + _NONCE + _TAG:
            raise ValueError("not a wrapped key")
        nonce, sealed = wrapped[1 : 1 + _NONCE], wrapped[1 + _NONCE :]
        try:
            return self._cipher().decrypt(nonce, sealed, canonical(context))
        except InvalidTag:
            raise ValueError("not a key that was wrapped with this context") from None

    def _cipher(self) -> AESGCM:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # here, since a function on AWS never needs it

        try:
            key = self._key()
        except OSError as error:
            raise StoreFailed("The wrapping key cannot be read or made.") from error
        if len(key) != _KEY:
            raise StoreFailed("The wrapping key is damaged.", code="store_damaged")
        return AESGCM(key)

    def _key(self) -> bytes:
        if not self._path.exists():
            self._path.parent.mkdir(parents=True, exist_ok=True)
            create_file(self._path.parent, self._path, secrets.token_bytes(_KEY))
        return self._path.read_bytes()
