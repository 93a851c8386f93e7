from __future__ import annotations

from pathlib import Path

import pytest

from chalicelib.auth.local_issuer import LOCAL_ISSUER
from chalicelib.errors import Invalid
from chalicelib.settings import Mode, Settings

EMBEDDED = {"THRIIVES_MODE": "embedded", "THRIIVES_DATA": "/var/lib/thriives"}
AWS = {
    "THRIIVES_MODE": "aws",
    "THRIIVES_TABLE": "thriives-trail",
    "THRIIVES_WORK_TABLE": "thriives-work",
    "THRIIVES_POLICY_BUCKET": "thriives-policies",
    "THRIIVES_SPILL_BUCKET": "thriives-spill",
    "THRIIVES_JOB_QUEUE_URL": "https://sqs.eu-west-2.amazonaws.com/111122223333/thriives-jobs",
    "THRIIVES_FORCE_KEY": "arn:aws:kms:eu-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    "THRIIVES_ISSUER": "https://login.force.example/",
    "THRIIVES_AUDIENCE": "thriives",
    "THRIIVES_JWKS_URL": "https://login.force.example/keys",
    "AWS_REGION": "eu-west-2",
}


def faults(env: dict[str, str]) -> set[str]:
    try:
        Settings.from_env(env)
    except Invalid as error:
        return {fault.where for fault in error.faults}
    return set()


def test_an_embedded_run_needs_a_folder_and_has_its_own_issuer() -> None:
    found = Settings.from_env({**EMBEDDED, "PATH": "/bin", "AWS_REGION": "nowhere"})
    assert (found.mode, found.data, found.log_level) == (Mode.EMBEDDED, Path("/var/lib/thriives"), "INFO")
    assert found.issuer == LOCAL_ISSUER
    assert found.table is None


def test_a_run_on_aws_needs_every_name() -> None:
    found = Settings.from_env({**AWS, "THRIIVES_LOG_LEVEL": "ERROR"})
    assert (found.mode, found.table, found.region) == (Mode.AWS, "thriives-trail", "eu-west-2")
    assert found.issuer == "https://login.force.example/"
    assert found.log_level == "ERROR"
    assert found.data is None
    for name in AWS:
        assert faults({other: value for other, value in AWS.items() if other != name}) >= {name}


def test_all_faults_are_named_at_once() -> None:
    env = {**AWS, "THRIIVES_TABLE": "a b", "THRIIVES_TABEL": "x", "THRIIVES_AUDIENCE": "", "THRIIVES_LOG_LEVEL": "LOUD"}
    assert faults(env) == {"THRIIVES_TABLE", "THRIIVES_TABEL", "THRIIVES_AUDIENCE", "THRIIVES_LOG_LEVEL"}


@pytest.mark.parametrize(
    ("env", "wrong", "why"),
    [
        ({}, {"THRIIVES_MODE"}, "nothing is assumed"),
        ({**EMBEDDED, "THRIIVES_MODE": "test"}, {"THRIIVES_MODE"}, "there is no such mode"),
        ({**EMBEDDED, "THRIIVES_MODE": ""}, {"THRIIVES_MODE"}, "nothing is assumed"),
        ({"THRIIVES_MODE": "embedded"}, {"THRIIVES_DATA"}, "where to?"),
        ({**EMBEDDED, "THRIIVES_TABLE": "x-y-z"}, {"THRIIVES_TABLE"}, "it would be ignored in silence"),
        ({**AWS, "THRIIVES_DATA": "/x"}, {"THRIIVES_DATA"}, "it would be ignored in silence"),
        ({**AWS, "THRIIVES_ISSUER": LOCAL_ISSUER}, {"THRIIVES_ISSUER"}, "the local issuer never vouches on AWS"),
        ({**AWS, "THRIIVES_JWKS_URL": "http://login.force.example/keys"}, {"THRIIVES_JWKS_URL"}, "not encrypted"),
        ({**AWS, "THRIIVES_JWKS_URL": "https://"}, {"THRIIVES_JWKS_URL"}, "no host"),
        ({**AWS, "THRIIVES_JWKS_URL": "https://[x"}, {"THRIIVES_JWKS_URL"}, "no address"),
        ({**AWS, "THRIIVES_JWKS_URL": "file:///keys"}, {"THRIIVES_JWKS_URL"}, "not https"),
        ({**AWS, "THRIIVES_JWKS_URL": "http://127.0.0.1:8001/keys"}, set(), "this machine itself"),
        ({**AWS, "AWS_REGION": "London"}, {"AWS_REGION"}, "no region"),
    ],
)
def test_a_wrong_environment_is_refused(env: dict[str, str], wrong: set[str], why: str) -> None:
    assert faults(env) == wrong, why


def test_a_fault_does_not_repeat_a_value_that_could_be_secret() -> None:
    with pytest.raises(Invalid) as caught:
        Settings.from_env({**AWS, "THRIIVES_FORCE_KEY": "hunter2 hunter2"})
    assert "hunter2" not in " ".join(fault.as_text() for fault in caught.value.faults)


def test_the_table_describes_every_setting_and_its_example_is_right() -> None:
    rows = {row.variable: row for row in Settings.describe()}
    assert set(rows) == {*EMBEDDED, *AWS, "THRIIVES_LOG_LEVEL"}
    assert faults({name: rows[name].example for name in AWS}) == set()
    assert rows["THRIIVES_DATA"].needed == "in mode embedded"
    assert rows["THRIIVES_MODE"].needed == "yes"
