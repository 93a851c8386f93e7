"""Policies in files: the document of a folder, and the base of an overlay in the folder beside it. It prints nothing.

The base of `policies/<policy id>/policy.yaml` is `policies/<base id>/policy.yaml`.
"""

from __future__ import annotations

from pathlib import Path

from chalicelib.authoring.documents import BaseOf, CheckedPolicy, checked
from chalicelib.errors import Invalid, NotFound, ServiceError, TooLarge, Unreadable

POLICY, CASES = "policy.yaml", "cases.yaml"
"""The documents in a policy's folder."""


def compiled_file(path: Path) -> CheckedPolicy:
    """Read and compile the policy in a file, together with its base when it is an overlay. Raises as `checked`."""
    return checked(read_file(path), local_base(path))


def compiled_one_of(path: Path) -> CheckedPolicy:
    """As `compiled_file`, for commands that take several files: what is wrong begins with the file. Raises Invalid."""
    try:
        return compiled_file(path)
    except ServiceError as error:
        about = "" if str(path) in error.detail else f"{path}: "
        raise Invalid(f"{about}{error.detail}", error.faults) from None


def local_base(path: Path) -> BaseOf:
    """Where an overlay in a file has its base: in the folder of the base's id beside its own."""
    return _base_beside(path.resolve(), ())


def read_file(path: Path) -> bytes:
    """The bytes of a file. Raises Invalid when it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise Invalid(f"{path} cannot be read: {error.strerror}.") from None


def _base_beside(path: Path, above: tuple[Path, ...]) -> BaseOf:
    def base_of(policy_id: str, digest: str) -> bytes:
        # Whatever digest it has: who asks compares it, and says which it is.
        base = path.parent.parent / policy_id / POLICY
        if base == path or base in above:
            raise NotFound(f"a base that is not made from this policy itself, as {shortened(base)} is")
        if not base.is_file():
            raise NotFound(f"its document in {shortened(base)}")
        try:
            return checked(read_file(base), _base_beside(base, (*above, path))).stored
        except (Invalid, Unreadable, TooLarge) as error:
            raise Invalid(f"The base in {shortened(base)} is not right. {error.detail}", error.faults) from None

    return base_of


def shortened(path: Path) -> str:
    """The path as it is from here, if it is below."""
    here, whole = Path.cwd(), path.resolve()
    return str(whole.relative_to(here) if whole.is_relative_to(here) else path)
