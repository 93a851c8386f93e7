"""Who is asking: the proved identity behind a request, and what it may do. It proves nothing itself."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from chalicelib.auth.roles import GRANTS, Permission, Role
from chalicelib.errors import BadRequest, Fault, NotFound
from chalicelib.model import Frozen, Identity, Slug


class Principal(Frozen):
    """A caller whose token was verified."""

    subject: Identity
    """The token's `sub`."""
    client: Identity
    """The system that the token was issued to."""
    forces: Annotated[tuple[Slug, ...], Field(min_length=1)]
    """The forces that the caller acts for; no other force exists for it."""
    roles: frozenset[Role]

    def force_of(self, named: str | None) -> str:
        """The force that is meant. Raises NotFound for one not in the token, BadRequest when one has to be named."""
        if named is not None:
            if named not in self.forces:
                raise NotFound("There is no such force here.", code="force_not_found")
            return named
        if len(self.forces) > 1:
            fault = Fault("force_needed", "/force", "no force is named", "one of: " + ", ".join(self.forces))
            raise BadRequest("The token carries several forces: the request has to name one.", [fault], "force_needed")
        return self.forces[0]


def allowed(principal: Principal, permission: Permission) -> bool:
    """Whether one of the principal's roles carries the permission."""
    return not principal.roles.isdisjoint(GRANTS[permission])
