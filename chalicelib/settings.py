"""What the environment says, as one frozen value; its only reader. It opens and checks nothing outside."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from chalicelib.auth.local_issuer import LOCAL_AUDIENCE, LOCAL_ISSUER
from chalicelib.errors import Fault, Invalid

PREFIX = "THRIIVES_"


class Mode(StrEnum):
    """Where the service keeps things and who vouches for its callers."""

    EMBEDDED = "embedded"
    AWS = "aws"


class SettingRow(NamedTuple):
    """One line of the table of settings in the documentation."""

    variable: str
    needed: str
    meaning: str
    example: str


class _Variable(NamedTuple):
    modes: frozenset[Mode]
    meaning: str
    example: str
    right: str
    fits: Callable[[str], bool]
    otherwise: str | None = None


def _matches(pattern: str) -> Callable[[str], bool]:
    found = re.compile(pattern)
    return lambda text: found.fullmatch(text) is not None


def _is_secure_address(text: str) -> bool:
    """Https, or http to this machine itself: keys that came over an open network would prove nothing."""
    try:
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError:
        return False
    return bool(host) and (
        parts.scheme == "https" or (parts.scheme == "http" and host in {"localhost", "127.0.0.1", "::1"})
    )


_BOTH, _EMBEDDED, _AWS = frozenset(Mode), frozenset({Mode.EMBEDDED}), frozenset({Mode.AWS})
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")

_VARIABLES: Mapping[str, _Variable] = {
    "THRIIVES_MODE": _Variable(_BOTH, "Where things are kept.", "aws", "embedded or aws", _matches("embedded|aws")),
    "THRIIVES_LOG_LEVEL": _Variable(
        _BOTH,
        "The least severe level of log lines.",
        "INFO",
        "one of " + ", ".join(_LEVELS),
        _matches("|".join(_LEVELS)),
        "INFO",
    ),
    "THRIIVES_DATA": _Variable(
        _EMBEDDED, "The folder that holds everything.", "/var/lib/thriives", "a folder", lambda text: "\0" not in text
    ),
    "THRIIVES_TABLE": _Variable(
        _AWS, "The DynamoDB table of the trail.", "thriives-trail", "a table name", _matches(r"[A-Za-z0-9_.-]{3,255}")
    ),
    "THRIIVES_WORK_TABLE": _Variable(
        _AWS, "The DynamoDB table of the worklist.", "thriives-work", "a table name", _matches(r"[A-Za-z0-9_.-]{3,255}")
    ),
    "THRIIVES_POLICY_BUCKET": _Variable(
        _AWS,
        "The bucket of policies, activations and keys.",
        "thriives-policies",
        "a bucket name",
        _matches(r"[a-z0-9.-]{3,63}"),
    ),
    "THRIIVES_SPILL_BUCKET": _Variable(
        _AWS,
        "The bucket of what the table could not take.",
        "thriives-spill",
        "a bucket name",
        _matches(r"[a-z0-9.-]{3,63}"),
    ),
    "THRIIVES_JOB_QUEUE_URL": _Variable(
        _AWS,
        "The SQS queue that hands jobs to the worker.",
        "https://sqs.eu-west-2.amazonaws.com/111122223333/thriives-jobs",
        "an https address",
        _is_secure_address,
    ),
    "THRIIVES_FORCE_KEY": _Variable(
        _AWS,
        "The KMS key that wraps the forces' keys.",
        "alias/thriives-force",
        "id, ARN or alias",
        _matches(r"[A-Za-z0-9:/_-]{1,2048}"),
    ),
    "THRIIVES_ISSUER": _Variable(
        _AWS,
        "The `iss` of accepted tokens, exactly.",
        "https://login.force.example/",
        "an issuer, and not the local run's own",
        lambda text: re.fullmatch(r"[\x21-\x7e]{1,512}", text) is not None and text != LOCAL_ISSUER,
    ),
    "THRIIVES_AUDIENCE": _Variable(
        _AWS, "The `aud` of accepted tokens, exactly.", "thriives", "an audience", _matches(r"[\x21-\x7e]{1,512}")
    ),
    "THRIIVES_JWKS_URL": _Variable(
        _AWS,
        "Where the issuer publishes its keys.",
        "https://login.force.example/keys",
        "an https address",
        _is_secure_address,
    ),
    "AWS_REGION": _Variable(
        _AWS, "The region; Lambda sets it.", "eu-west-2", "a region", _matches(r"[a-z]{2}(-[a-z]+)+-[0-9]")
    ),
}


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one process. What the mode does not use is None."""

    mode: Mode
    log_level: str
    issuer: str
    audience: str
    data: Path | None = None
    """Embedded: the folder that holds everything."""
    table: str | None = None
    work_table: str | None = None
    policy_bucket: str | None = None
    spill_bucket: str | None = None
    job_queue: str | None = None
    force_key: str | None = None
    jwks_url: str | None = None
    region: str | None = None

    @classmethod
    def from_process(cls) -> Settings:
        """The settings of this process. Raises Invalid with every fault at once."""
        return cls.from_env(os.environ)

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        """Read settings from variables. Raises Invalid with every fault at once, unknown variables of ours included."""
        mode, faults = _mode_of(env)
        faults += [
            Fault("unknown_setting", name, "there is no such setting", "one of " + ", ".join(_VARIABLES))
            for name in sorted(env)
            if name.startswith(PREFIX) and name not in _VARIABLES
        ]
        values: dict[str, str] = {}
        for name, variable in _VARIABLES.items():
            faults += _read(name, variable, mode, env=env, into=values)
        if mode is None or faults:
            raise Invalid("The settings are wrong; the service does not start.", faults, "settings")
        return cls._of(mode, values)

    @classmethod
    def _of(cls, mode: Mode, values: Mapping[str, str]) -> Settings:
        data = values.get("THRIIVES_DATA")
        return cls(
            mode=mode,
            log_level=values["THRIIVES_LOG_LEVEL"],
            issuer=values.get("THRIIVES_ISSUER", LOCAL_ISSUER),
            audience=values.get("THRIIVES_AUDIENCE", LOCAL_AUDIENCE),
            data=Path(data) if data else None,
            table=values.get("THRIIVES_TABLE"),
            work_table=values.get("THRIIVES_WORK_TABLE"),
            policy_bucket=values.get("THRIIVES_POLICY_BUCKET"),
            spill_bucket=values.get("THRIIVES_SPILL_BUCKET"),
            job_queue=values.get("THRIIVES_JOB_QUEUE_URL"),
            force_key=values.get("THRIIVES_FORCE_KEY"),
            jwks_url=values.get("THRIIVES_JWKS_URL"),
            region=values.get("AWS_REGION"),
        )

    @staticmethod
    def describe() -> tuple[SettingRow, ...]:
        """All settings, for the documentation."""
        return tuple(
            SettingRow(name, _needed(variable), variable.meaning, variable.example)
            for name, variable in _VARIABLES.items()
        )


def colours_refused() -> bool:
    """Whether whoever runs a command wants no colours (the custom of NO_COLOR)."""
    return bool(os.environ.get("NO_COLOR"))


def _mode_of(env: Mapping[str, str]) -> tuple[Mode | None, list[Fault]]:
    if (text := env.get("THRIIVES_MODE")) in set(Mode):
        return Mode(text), []
    wrong = "it is not set" if text is None else f'"{text[:64]}" is not a mode'
    return None, [Fault("setting", "THRIIVES_MODE", wrong, _VARIABLES["THRIIVES_MODE"].right)]


def _read(
    name: str, variable: _Variable, mode: Mode | None, *, env: Mapping[str, str], into: dict[str, str]
) -> list[Fault]:
    """The faults of one variable; its value goes into the mapping when it has none. Faults repeat no value."""
    text = env.get(name)
    if name == "THRIIVES_MODE" or (mode is None and text is None):
        return []
    if mode is not None and mode not in variable.modes:
        # AWS's own variables may stand in any environment; ours would be ignored in silence.
        stray = text is not None and name.startswith(PREFIX)
        return [Fault("setting", name, f"it has no meaning in mode {mode}", "no such variable")] if stray else []
    if not text:
        if variable.otherwise is None:
            return [Fault("setting", name, "it is not set", variable.right)]
        text = variable.otherwise
    if not variable.fits(text):
        return [Fault("setting", name, "its value is not of the right form", variable.right)]
    into[name] = text
    return []


def _needed(variable: _Variable) -> str:
    if variable.otherwise is not None:
        return f"no; {variable.otherwise}"
    return "yes" if variable.modes == _BOTH else "in mode " + " and ".join(sorted(variable.modes))
