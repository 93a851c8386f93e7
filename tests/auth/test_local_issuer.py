from __future__ import annotations

import argparse
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import jwt
import pytest

from chalicelib.auth.keys import key_set
from chalicelib.auth.local_issuer import LOCAL_AUDIENCE, LOCAL_ISSUER, issue, jwks_of
from chalicelib.auth.principal import Principal
from chalicelib.auth.roles import Role
from chalicelib.auth.tokens import verify
from chalicelib.cli.tokens import add_token_arguments, print_token
from chalicelib.errors import Invalid
from chalicelib.storage.folder_objects import FolderObjects
from chalicelib.workflows.local_issuer import LocalIssuer
from tests.callers import NOW

SOMEBODY = Principal(
    subject="local-user",
    client="local-cad",
    forces=("hertfordshire",),
    roles=frozenset({Role.CONTROL_ROOM, Role.AUDITOR}),
)


def an_issuer(folder: Path) -> LocalIssuer:
    return LocalIssuer(FolderObjects(folder), lambda: NOW)


def test_its_token_proves_the_principal_it_was_made_for(tmp_path: Path) -> None:
    issuer = an_issuer(tmp_path)
    token = issuer.token(SOMEBODY, lifetime=timedelta(hours=12))
    assert (
        verify(token, keys=key_set(issuer.fetch()), issuer=LOCAL_ISSUER, audience=LOCAL_AUDIENCE, now=NOW) == SOMEBODY
    )


def test_another_implementation_takes_its_token(tmp_path: Path) -> None:
    issuer = an_issuer(tmp_path)
    token = issuer.token(SOMEBODY, lifetime=timedelta(hours=12))
    key = jwt.PyJWK(json.loads(issuer.fetch())["keys"][0])
    found = jwt.decode(
        token,
        key,
        ["ES256"],
        issuer=LOCAL_ISSUER,
        audience=LOCAL_AUDIENCE,
        options={"verify_exp": False, "verify_iat": False},
    )
    assert found["exp"] - found["iat"] == 12 * 3600
    assert found["roles"] == ["auditor", "control_room"]


def test_the_key_outlives_the_process(tmp_path: Path) -> None:
    assert an_issuer(tmp_path).fetch() == an_issuer(tmp_path).fetch()


def test_issuers_that_start_at_once_agree_on_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: an_issuer(tmp_path).fetch(), range(8)))) == 1


def test_nobody_else_on_the_machine_reads_the_key(tmp_path: Path) -> None:
    an_issuer(tmp_path).fetch()
    assert (tmp_path / "identity" / "local-key.pem").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("data", [b"", b"-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n", b"\x00"])
def test_a_damaged_key_is_named_as_such(data: bytes) -> None:
    with pytest.raises(Invalid):
        jwks_of(data)
    with pytest.raises(Invalid):
        issue(data, SOMEBODY, now=NOW, lifetime=timedelta(hours=1))


def test_the_command_prints_a_token_and_nothing_else(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    add_token_arguments(parser)
    arguments = parser.parse_args(
        ["--role", "auditor", "--role", "supervisor", "--force", "hertfordshire", "--hours", "2"]
    )
    issuer = an_issuer(tmp_path)
    assert print_token(issuer, arguments) == 0
    token = capsys.readouterr().out.removesuffix("\n")
    found = verify(token, keys=key_set(issuer.fetch()), issuer=LOCAL_ISSUER, audience=LOCAL_AUDIENCE, now=NOW)
    assert found.roles == {Role.AUDITOR, Role.SUPERVISOR}


@pytest.mark.parametrize("words", ["", "--role auditor", "--role boss --force x", "--role auditor --force x --hours 0"])
def test_the_command_refuses_what_makes_no_token(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    add_token_arguments(parser)
    with pytest.raises(SystemExit):
        parser.parse_args(words.split())


def test_the_command_names_a_malformed_force(tmp_path: Path) -> None:
    parser = argparse.ArgumentParser()
    add_token_arguments(parser)
    with pytest.raises(Invalid) as caught:
        print_token(an_issuer(tmp_path), parser.parse_args(["--role", "auditor", "--force", "Essex Police"]))
    assert caught.value.faults[0].where == "/forces/0"
