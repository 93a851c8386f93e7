"""Where in its owner's files something of a policy was written: in its own, or in that of a base. It checks nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import cast

from chalicelib.authoring.overlay import Object, compose
from chalicelib.cli.policy_files import POLICY, compiled_file, read_file, shortened
from chalicelib.errors import Fault
from chalicelib.policy.document import POLICY_BYTES
from chalicelib.reader import Source, read_yaml


class Places:
    """The places of one policy that fits together, by pointers into the flat policy."""

    def __init__(self, path: Path) -> None:
        """Read the files again, those of its bases included."""
        self._path = path
        self._source: Source = read_yaml(read_file(path), most=POLICY_BYTES)
        self._base: Places | None = None
        value = cast("Object", self._source.value)
        if str(value["format"]).startswith("overlay/"):
            base = path.resolve().parent.parent / str(cast("Object", value["based_on"])["id"]) / POLICY
            self._base = Places(base)
            self._composed = compose(json.loads(compiled_file(base).stored), value)

    def of(self, pointer: str) -> tuple[str, int]:
        """The file and line of what stands at a pointer, or of the nearest thing around it."""
        if self._base is not None:
            origin = self._composed.origin(pointer)
            if not origin.of_overlay:
                return self._base.of(origin.pointer)
            pointer = origin.pointer
        return shortened(self._path), self._source.located(Fault("", pointer, "")).line or 1
