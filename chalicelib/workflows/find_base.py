"""Finding the base of a force's overlay among what is stored, by id and digest. It composes and publishes nothing.

A base is any stored policy of the force itself or of the national force; another force's does not exist for it. That
nobody may have approved it does not matter: its every word is in the flat policy, which is what is approved.
"""

from __future__ import annotations

from collections.abc import Mapping

from chalicelib.authoring.documents import BaseOf
from chalicelib.authoring.lifecycle import NATIONAL_FORCE
from chalicelib.canonical import sha256_hex
from chalicelib.errors import NotFound
from chalicelib.policy.document import POLICY_BYTES
from chalicelib.ports import Objects
from chalicelib.reader import read_json
from chalicelib.workflows.policies_in_force import policy_object


def bases_for(force: str, objects: Objects) -> BaseOf:
    """Where the overlays of a force have their bases. Raises StoreFailed when asked while the store does not answer."""

    def base_of(policy_id: str, digest: str) -> bytes:
        stored = objects.get(policy_object(policy_id, digest, "policy.json"))
        if stored is not None and sha256_hex(stored.data) == digest:
            base = read_json(stored.data, most=POLICY_BYTES)
            if isinstance(base, Mapping) and base["force"] in (force, NATIONAL_FORCE):
                return stored.data
        raise NotFound(
            f"one that is stored: send the base first (POST /v1/policies/{policy_id}/versions), or name the digest of "
            f"one that is there (`policy` in GET /v1/policies/{policy_id}/versions)"
        )

    return base_of
