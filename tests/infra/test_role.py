"""What the function's role may do, read as text: moto judges policies against the resource `*` only."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent.parent
STATEMENTS: list[dict[str, Any]] = json.loads((ROOT / "infra" / "iam-policy.json").read_text())["Statement"]
CONFIG: dict[str, Any] = json.loads((ROOT / ".chalice" / "config.json").read_text())


def listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


def texts(resource: object) -> list[str]:
    return [one if isinstance(one, str) else json.dumps(one) for one in listed(resource)]


def allowed() -> dict[str, set[str]]:
    """Every allowed action and the resources it is allowed on."""
    found: dict[str, set[str]] = {}
    for statement in STATEMENTS:
        if statement["Effect"] == "Allow":
            for action in listed(statement["Action"]):
                found.setdefault(action, set()).update(texts(statement["Resource"]))
    return found


def test_the_policy_is_written_by_hand() -> None:
    assert CONFIG["autogen_policy"] is False
    assert (ROOT / ".chalice" / CONFIG["iam_policy_file"]).resolve() == ROOT / "infra" / "iam-policy.json"


def test_the_role_has_these_rights_and_no_others() -> None:
    assert set(allowed()) == {
        *("dynamodb:PutItem", "dynamodb:GetItem", "dynamodb:Query"),
        *("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"),
        *("s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket"),
        "events:PutEvents",
        *("kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey"),
        *("sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"),
        *("logs:CreateLogStream", "logs:PutLogEvents"),
    }


@pytest.mark.parametrize("statement", STATEMENTS, ids=lambda statement: str(statement["Sid"]))
def test_no_statement_has_a_wildcard_for_its_action_or_its_resource(statement: dict[str, Any]) -> None:
    assert not any("*" in action for action in listed(statement["Action"]))
    for resource in listed(statement["Resource"]):
        # A reference to something deployed by the same template; a star only behind its name, for what is inside it.
        assert isinstance(resource, dict)
        assert "*" not in json.dumps(resource).removesuffix('/*"}')


DENIED = [
    ("dynamodb:UpdateItem", "changes an item"),
    ("dynamodb:DeleteItem", "removes an item"),
    ("dynamodb:BatchWriteItem", "overwrites without a condition"),
    ("dynamodb:PartiQLInsert", "another way to write, with rights of its own"),
    ("dynamodb:PartiQLUpdate", "another way to change"),
    ("dynamodb:PartiQLDelete", "goes through where only DeleteItem is denied"),
    ("dynamodb:PartiQLSelect", "another way to scan"),
    ("dynamodb:Scan", "reads everything"),
    ("dynamodb:DeleteTable", "removes everything"),
    ("dynamodb:UpdateContinuousBackups", "ends the way back"),
    ("dynamodb:UpdateTimeToLive", "removes in silence"),
    ("dynamodb:DeleteResourcePolicy", "takes the table's own refusals away"),
]


@pytest.mark.parametrize(("action", "because"), DENIED)
def test_the_role_is_denied_what_could_alter_the_trail(action: str, because: str) -> None:
    denied = [statement for statement in STATEMENTS if statement["Effect"] == "Deny"]
    assert any(
        action in statement["Action"] and {"Fn::GetAtt": ["TrailTable", "Arn"]} in statement["Resource"]
        for statement in denied
    ), because


def test_only_the_trails_own_stream_is_followed() -> None:
    stream = {'{"Fn::Sub": "${TrailTable.Arn}/stream/*"}'}
    assert allowed()["dynamodb:GetRecords"] == allowed()["dynamodb:ListStreams"] == stream


def test_nothing_is_removed_from_the_worklist_and_it_is_never_scanned() -> None:
    named = [one for one in STATEMENTS if "WorkTable" in json.dumps(one["Resource"])]
    assert {action for one in named for action in listed(one["Action"])} == {
        *("dynamodb:PutItem", "dynamodb:GetItem", "dynamodb:Query")
    }


def test_only_spilled_objects_can_be_deleted() -> None:
    assert allowed()["s3:DeleteObject"] == {'{"Fn::Sub": "${SpillBucket.Arn}/spill/*"}'}


def test_keys_at_rest_are_used_through_the_stores_only() -> None:
    [statement] = [found for found in STATEMENTS if found["Resource"] == {"Fn::GetAtt": ["StoreKey", "Arn"]}]
    assert statement["Condition"] == {
        "StringEquals": {
            "kms:ViaService": [
                {"Fn::Sub": "dynamodb.${AWS::Region}.amazonaws.com"},
                {"Fn::Sub": "s3.${AWS::Region}.amazonaws.com"},
            ]
        }
    }
