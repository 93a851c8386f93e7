"""The local run's own identity provider: a key kept in the object store, its public half, and tokens. Never on AWS."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from chalicelib.auth.local_issuer import issue, jwks_of
from chalicelib.auth.principal import Principal
from chalicelib.errors import StoreFailed
from chalicelib.ports import Clock, Objects

LOCAL_KEY = "identity/local-key.pem"


@dataclass(frozen=True, slots=True)
class LocalIssuer:
    """Issues tokens and publishes its key; as such it is one of the `IssuerKeys`."""

    objects: Objects
    clock: Clock

    def token(self, principal: Principal, *, lifetime: timedelta) -> str:
        """A token that proves the principal for so long. Raises StoreFailed when the key cannot be had."""
        return issue(self._private_pem(), principal, now=self.clock(), lifetime=lifetime)

    def fetch(self) -> bytes:
        """The issuer's JSON Web Key Set. Raises StoreFailed when the key cannot be had."""
        return jwks_of(self._private_pem())

    def _private_pem(self) -> bytes:
        kept = self.objects.get(LOCAL_KEY)
        if kept is None:
            # Of two processes that start at once, one creates the key and both then read that one.
            self.objects.create(LOCAL_KEY, _new_key())
            kept = self.objects.get(LOCAL_KEY)
        if kept is None:
            raise StoreFailed("The local issuer's key was written but cannot be read.")
        return kept.data


def _new_key() -> bytes:
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    return ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
