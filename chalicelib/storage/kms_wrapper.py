"""Keys wrapped by a KMS key, together with their context. It keeps no key and caches nothing."""

from __future__ import annotations

from collections.abc import Mapping

from botocore.exceptions import ClientError

from chalicelib.storage.connect import Connect, answering

_KEYS = "The key service"


class KmsWrapper:
    """A `Wrapper` on one symmetric KMS key. Nothing is asked of AWS before the first call."""

    def __init__(self, key_id: str, connect: Connect) -> None:
        """Take the key's id, ARN or alias, and the way to it."""
        self._key_id, self._connect = key_id, connect

    def wrap(self, key: bytes, context: Mapping[str, str]) -> bytes:
        """The key, encrypted together with its context. Raises StoreFailed."""
        with answering(_KEYS, "Encrypt"):
            reply = self._connect.client("kms").encrypt(KeyId=self._key_id, Plaintext=key, EncryptionContext=context)
        return reply["CiphertextBlob"]

    def unwrap(self, wrapped: bytes, context: Mapping[str, str]) -> bytes:
        """The key again. Raises StoreFailed, or ValueError when the context or the bytes are wrong."""
        if not wrapped:
            raise ValueError("no wrapped key")
        try:
            with answering(_KEYS, "Decrypt", "InvalidCiphertextException", "IncorrectKeyException"):
                reply = self._connect.client("kms").decrypt(
                    KeyId=self._key_id, CiphertextBlob=wrapped, EncryptionContext=context
                )
        except ClientError:
            raise ValueError("not a key that was wrapped with this context") from None
        return reply["Plaintext"]
