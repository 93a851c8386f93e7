"""What infra/resources.json says, read as text: emulators leave half of it out in silence, so none is asked."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from chalicelib.api.problems import Problem
from chalicelib.records.entry import Shelf
from chalicelib.settings import Settings
from chalicelib.storage.dynamodb_board import OPEN
from chalicelib.storage.items import FOUND
from chalicelib.storage.keys import BY_CONTACT, BY_INCIDENT, INDEXES

ROOT = Path(__file__).parent.parent.parent
FRAGMENT: dict[str, Any] = json.loads((ROOT / "infra" / "resources.json").read_text())
RESOURCES: dict[str, Any] = FRAGMENT["Resources"]
TABLE = RESOURCES["TrailTable"]["Properties"]
GATEWAY = RESOURCES["RestAPI"]["Properties"]["GatewayResponses"]
VARIABLES = FRAGMENT["Globals"]["Function"]["Environment"]["Variables"]

KEPT = ("TrailTable", "PolicyBucket", "SpillBucket", "ForceKey", "StoreKey")
BUCKETS = ("PolicyBucket", "SpillBucket")
KEYS = ("ForceKey", "StoreKey")
GROUPS = (
    "ApiHandlerLogGroup", "CloseDaysLogGroup", "DrainSpillsLogGroup", "ProjectWorkLogGroup",
    "PushDueLogGroup", "RunJobsLogGroup",
)  # fmt: skip


def statements(bucket: str) -> dict[str, Any]:
    found = RESOURCES[f"{bucket}Policy"]["Properties"]["PolicyDocument"]["Statement"]
    return {statement["Sid"]: statement for statement in found}


@pytest.mark.parametrize("name", KEPT)
def test_what_holds_data_outlives_its_stack(name: str) -> None:
    assert RESOURCES[name]["DeletionPolicy"] == "Retain"
    assert RESOURCES[name]["UpdateReplacePolicy"] == "Retain"


def test_the_table_has_the_keys_that_the_store_writes() -> None:
    assert TABLE["KeySchema"] == [
        {"AttributeName": "pk", "KeyType": "HASH"},
        {"AttributeName": "sk", "KeyType": "RANGE"},
    ]
    defined = {found["AttributeName"]: found["AttributeType"] for found in TABLE["AttributeDefinitions"]}
    assert defined == dict.fromkeys(["pk", "sk", "at", *(index.attribute for index in INDEXES)], "S")


def test_the_table_has_the_indexes_that_the_store_reads() -> None:
    found = {index["IndexName"]: index["KeySchema"] for index in TABLE["GlobalSecondaryIndexes"]}
    assert found == {
        index.name: [
            {"AttributeName": index.attribute, "KeyType": "HASH"},
            {"AttributeName": "at", "KeyType": "RANGE"},
        ]
        for index in INDEXES
    }


@pytest.mark.parametrize("index", TABLE["GlobalSecondaryIndexes"], ids=lambda index: str(index["IndexName"]))
def test_an_index_holds_what_is_read_from_it(index: dict[str, Any]) -> None:
    projection = index["Projection"]
    if index["IndexName"] in {BY_CONTACT.name, BY_INCIDENT.name}:
        assert projection == {"ProjectionType": "ALL"}
    else:
        assert projection["ProjectionType"] == "INCLUDE"
        assert set(projection["NonKeyAttributes"]) == set(FOUND)


def test_the_indexes_project_no_more_attributes_than_dynamodb_takes() -> None:
    projected = [index["Projection"].get("NonKeyAttributes", []) for index in TABLE["GlobalSecondaryIndexes"]]
    assert all(len(names) <= 20 for names in projected)
    assert sum(map(len, projected)) <= 100


def test_the_table_can_be_restored_is_streamed_and_is_not_deleted_by_mistake() -> None:
    assert TABLE["PointInTimeRecoverySpecification"] == {
        "PointInTimeRecoveryEnabled": True,
        "RecoveryPeriodInDays": 35,
    }
    assert TABLE["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}
    assert TABLE["DeletionProtectionEnabled"] is True
    assert TABLE["BillingMode"] == "PAY_PER_REQUEST"
    assert "TimeToLiveSpecification" not in TABLE


def test_the_table_is_encrypted_with_our_own_key() -> None:
    assert TABLE["SSESpecification"] == {
        "SSEEnabled": True,
        "SSEType": "KMS",
        "KMSMasterKeyId": {"Fn::GetAtt": ["StoreKey", "Arn"]},
    }


def test_nobody_may_change_or_remove_an_item_whatever_their_role_says() -> None:
    [statement] = TABLE["ResourcePolicy"]["PolicyDocument"]["Statement"]
    assert statement["Effect"] == "Deny"
    assert statement["Principal"] == "*"
    assert {"dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem"} <= set(statement["Action"])
    assert {f"dynamodb:PartiQL{verb}" for verb in ("Insert", "Update", "Delete")} <= set(statement["Action"])


WORK = RESOURCES["WorkTable"]["Properties"]


def test_the_worklists_open_rows_stand_in_an_index_that_can_be_read_strongly() -> None:
    [index] = WORK["LocalSecondaryIndexes"]
    assert (index["IndexName"], index["KeySchema"][1]["AttributeName"]) == (OPEN, OPEN)
    assert index["Projection"] == {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["body"]}
    assert WORK["SSESpecification"] == TABLE["SSESpecification"]
    assert "StreamSpecification" not in WORK


def test_the_worklist_can_be_thrown_away() -> None:
    assert RESOURCES["WorkTable"]["DeletionPolicy"] == "Delete"
    assert "DeletionProtectionEnabled" not in WORK


def test_the_worklist_follows_what_is_kept_of_live_incidents_and_says_what_it_could_not() -> None:
    [source] = RESOURCES["ProjectWork"]["Properties"]["Events"].values()
    follows = source["Properties"]
    assert follows["Stream"] == {"Fn::GetAtt": ["TrailTable", "StreamArn"]}
    assert follows["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert follows["BisectBatchOnFunctionError"] is True
    assert follows["DestinationConfig"]["OnFailure"]["Destination"] == {"Fn::GetAtt": ["LostWorkQueue", "Arn"]}
    [only] = follows["FilterCriteria"]["Filters"]
    pattern = json.loads(only["Pattern"])
    shelves = [f"{shelf.value}#" for shelf in (Shelf.DECISION, Shelf.INCIDENT, Shelf.CONTACT)]
    assert pattern["dynamodb"]["Keys"]["pk"]["S"] == [{"prefix": shelf} for shelf in shelves]
    assert pattern["dynamodb"]["NewImage"]["mode"]["S"] == ["live"]
    assert pattern["eventName"] == ["INSERT", "MODIFY"]


@pytest.mark.parametrize("name", BUCKETS)
def test_a_bucket_keeps_versions_and_is_private_and_encrypted(name: str) -> None:
    bucket = RESOURCES[name]["Properties"]
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert bucket["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    assert bucket["PublicAccessBlockConfiguration"] == {
        "BlockPublicAcls": True,
        "BlockPublicPolicy": True,
        "IgnorePublicAcls": True,
        "RestrictPublicBuckets": True,
    }
    [rule] = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"] == {
        "SSEAlgorithm": "aws:kms",
        "KMSMasterKeyID": {"Fn::GetAtt": ["StoreKey", "Arn"]},
    }


@pytest.mark.parametrize("name", BUCKETS)
def test_a_bucket_is_spoken_to_over_tls_only(name: str) -> None:
    statement = statements(name)["OnlyOverTls"]
    assert statement["Effect"] == "Deny"
    assert statement["Action"] == "s3:*"
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert statement["Resource"] == [{"Fn::GetAtt": [name, "Arn"]}, {"Fn::Sub": f"${{{name}.Arn}}/*"}]


WRITING_RULES = [
    # bucket, statement, prefixes, condition; remark
    ("PolicyBucket", "PoliciesAreWrittenOnce", ["policies"], ["s3:if-none-match"]),  # a version never changes
    ("PolicyBucket", "ReconciliationsAreWrittenOnce", ["reconciliations"], ["s3:if-none-match"]),  # reports read them
    (
        "PolicyBucket",
        "NobodyOverwritesUnseen",
        ["activations", "keys", "identity", "days", "jobs"],
        ["s3:if-match", "s3:if-none-match"],  # both missing: a write that saw nothing
    ),
    ("SpillBucket", "SpillsAreWrittenOnce", [""], ["s3:if-none-match"]),  # the whole bucket
]


@pytest.mark.parametrize(("bucket", "sid", "prefixes", "conditions"), WRITING_RULES)
def test_a_write_without_its_condition_is_refused(
    bucket: str, sid: str, prefixes: list[str], conditions: list[str]
) -> None:
    statement = statements(bucket)[sid]
    named = statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]]
    assert named == [{"Fn::Sub": f"${{{bucket}.Arn}}/{prefix}/*".replace("//", "/")} for prefix in prefixes]
    assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "s3:PutObject")
    assert statement["Condition"] == {"Null": dict.fromkeys(sorted(conditions, reverse=True), "true")}


def test_nothing_published_can_be_deleted() -> None:
    statement = statements("PolicyBucket")["NothingPublishedIsDeleted"]
    assert statement["Effect"] == "Deny"
    assert statement["Action"] == ["s3:DeleteObject", "s3:DeleteObjectVersion"]
    assert statement["Resource"] == [
        {"Fn::Sub": f"${{PolicyBucket.Arn}}/{prefix}/*"} for prefix in ("policies", "activations", "keys")
    ]


@pytest.mark.parametrize("name", KEYS)
def test_a_key_is_symmetric_rotates_and_has_a_name(name: str) -> None:
    key = RESOURCES[name]["Properties"]
    assert (key["KeySpec"], key["KeyUsage"]) == ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")
    assert key["EnableKeyRotation"] is True
    assert RESOURCES[f"{name}Alias"]["Properties"]["TargetKeyId"] == {"Ref": name}


def test_the_function_gets_every_setting_that_mode_aws_needs() -> None:
    needed = {row.variable for row in Settings.describe() if "aws" in row.needed or row.needed == "yes"}
    assert set(VARIABLES) == needed - {"AWS_REGION"}  # Lambda sets that one itself
    assert VARIABLES["THRIIVES_MODE"] == "aws"


def test_names_of_what_is_deployed_are_referred_to_and_never_typed() -> None:
    deployed = {name: value for name, value in VARIABLES.items() if name != "THRIIVES_MODE"}
    assert all(isinstance(value, dict) for value in deployed.values())
    for name in KEPT:
        assert not {"TableName", "BucketName"} & set(RESOURCES[name]["Properties"])


RESPONSE_TYPES = [
    *("ACCESS_DENIED", "API_CONFIGURATION_ERROR", "AUTHORIZER_CONFIGURATION_ERROR", "AUTHORIZER_FAILURE"),
    *("BAD_REQUEST_BODY", "BAD_REQUEST_PARAMETERS", "DEFAULT_4XX", "DEFAULT_5XX", "EXPIRED_TOKEN"),
    *("INTEGRATION_FAILURE", "INTEGRATION_TIMEOUT", "INVALID_API_KEY", "INVALID_SIGNATURE"),
    *("MISSING_AUTHENTICATION_TOKEN", "QUOTA_EXCEEDED", "REQUEST_TOO_LARGE", "RESOURCE_NOT_FOUND"),
    *("THROTTLED", "UNAUTHORIZED", "UNSUPPORTED_MEDIA_TYPE", "WAF_FILTERED"),
]
"""All that Amazon API Gateway's REST APIs know."""


def test_every_answer_that_the_gateway_can_give_by_itself_is_written() -> None:
    assert sorted(GATEWAY) == sorted(RESPONSE_TYPES)


@pytest.mark.parametrize("kind", RESPONSE_TYPES)
def test_the_gateway_answers_with_the_same_problem_documents_as_the_service(kind: str) -> None:
    answer = GATEWAY[kind]
    [template] = answer["ResponseTemplates"].values()
    document = Problem.model_validate_json(template)
    assert document.status == answer["StatusCode"]
    assert document.type == f"urn:thriives:problem:{document.code}"
    assert answer["ResponseParameters"]["Headers"]["Content-Type"] == "'application/problem+json'"


GATEWAY_STATUSES = [
    ("MISSING_AUTHENTICATION_TOKEN", 404),  # what the gateway says for an unknown path or method
    ("REQUEST_TOO_LARGE", 413),
    ("THROTTLED", 429),
    ("UNAUTHORIZED", 401),
]


@pytest.mark.parametrize(("kind", "status"), GATEWAY_STATUSES)
def test_the_gateway_uses_the_status_that_says_what_happened(kind: str, status: int) -> None:
    assert GATEWAY[kind]["StatusCode"] == status


@pytest.mark.parametrize("kind", [kind for kind in RESPONSE_TYPES if GATEWAY[kind]["StatusCode"] in {429, 503, 504}])
def test_who_has_to_wait_is_told_how_long(kind: str) -> None:
    assert GATEWAY[kind]["ResponseParameters"]["Headers"]["Retry-After"].strip("'").isdigit()


def test_every_alarm_tells_the_operators_topic() -> None:
    alarms = [found["Properties"] for found in RESOURCES.values() if found.get("Type") == "AWS::CloudWatch::Alarm"]
    assert len(alarms) >= 5
    for alarm in alarms:
        assert alarm["AlarmActions"] == {
            "Fn::If": ["HasAlarmTopic", [{"Ref": "AlarmTopicArn"}], {"Ref": "AWS::NoValue"}]
        }
        assert alarm["TreatMissingData"] == "notBreaching"


def test_throttling_is_watched_on_the_table_and_on_every_index() -> None:
    metrics = RESOURCES["TableThrottlesAlarm"]["Properties"]["Metrics"]
    watched = {metric["Id"] for metric in metrics if "MetricStat" in metric}
    assert watched == {"table", *(index.name for index in INDEXES)}
    [total] = [metric["Expression"] for metric in metrics if "Expression" in metric]
    assert all(f"FILL({name}, 0)" in total for name in watched)


def test_the_spill_alarm_counts_what_is_written_under_the_spill_prefix() -> None:
    [metrics] = RESOURCES["SpillBucket"]["Properties"]["MetricsConfigurations"]
    alarm = RESOURCES["SpilledObjectsAlarm"]["Properties"]
    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/S3", "PutRequests")
    assert {"Name": "FilterId", "Value": metrics["Id"]} in alarm["Dimensions"]


@pytest.mark.parametrize("group", GROUPS)
def test_a_log_group_is_named_without_the_function_that_writes_to_it(group: str) -> None:
    # Chalice names a resource there that its own template calls otherwise (aws/chalice#2079); and the function's role
    # names the group, so that naming the function in the group would go round in a circle.
    name = RESOURCES[group]["Properties"]["LogGroupName"]["Fn::Sub"]
    assert re.findall(r"\$\{([^}]+)\}", name) == ["AWS::StackName"]


def test_log_lines_are_kept_for_a_set_time() -> None:
    assert json.loads((ROOT / ".chalice" / "config.json").read_text())["log_retention_in_days"] == 90
