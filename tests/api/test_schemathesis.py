"""The committed API document against the served application: every operation, by every role that may, made-up data.

Requests are generated from the document alone. In a `sound` case what no document can tell is filled in: ids that
exist, an Idempotency-Key not used before, a period with decisions in it, a whole policy, a time that is still ahead.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from itertools import count
from time import sleep
from typing import Any, cast

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case
from schemathesis.config import GenerationConfig
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from chalicelib.api.examples import ASSESSMENT
from chalicelib.api.fallback_example import FALLBACKS
from chalicelib.api.policy_examples import VERSION_SENT
from chalicelib.auth.roles import Role
from chalicelib.canonical import Json, canonical
from tests.api.service import POLICY, ROOT, LocalService
from tests.callers import NOW

pytestmark = pytest.mark.xdist_group("schemathesis")

DOCUMENT = json.loads((ROOT / "docs" / "openapi.json").read_bytes())
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
OPERATIONS = {
    found.ok().definition.raw["operationId"]: found.ok()
    for found in SCHEMA.get_all_operations()
    if isinstance(found, Ok)
}
EVERYBODY = "nobody"
INCIDENT = "HC-20261123-0417"
BOUNDS = settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def allowed_roles(name: str) -> list[str]:
    """Who may call an operation, as the document says."""
    described = OPERATIONS[name].definition.raw
    if "x-roles" in described:
        return [str(role) for role in described["x-roles"]]
    return [EVERYBODY, "operator"] if {"bearer": []} in described["security"] else [EVERYBODY]


CALL = cast("dict[str, Any]", ASSESSMENT)


class Bench:
    """The service behind a real socket, things in it that requests can be about, and what came of the requests."""

    def __init__(self, local: LocalService) -> None:
        """Record a decision of an incident, and keep a token for each role."""
        self.url, self.session = local.url, requests.Session()
        # Who drafts is not who approves, or no approval would come through.
        self.tokens = {role.value: local.token(role, sub=f"sub-{role.value}") for role in Role}
        self.answers: Counter[tuple[str, str, int]] = Counter()
        self._numbers = count(1)
        self.decision = self.post("/v1/assessments", "control_room", ASSESSMENT)["decision"]
        # What is put in force at night has to lower nothing: the policy in force, under another label.
        self.night = self.version("submit", sent=self.relabelled("night"))
        self.post(f"/v1/policies/{POLICY}/versions/{self.night}/activate", "policy_owner", {"night": True})
        simulated = self.post(f"/v1/policies/{POLICY}/versions/{self.night}/simulate", "policy_owner", DAYS)
        self.job: str = self.done(simulated)
        self.waiting_in: str = ""
        """The incident of the outcome that waits for a second person."""

    def key(self) -> str:
        """An Idempotency-Key that was not used before."""
        return f"schemathesis-{next(self._numbers):08}"

    def post(self, path: str, role: str, body: Json) -> dict[str, str]:
        """A request that has to succeed."""
        headers = {
            "Authorization": f"Bearer {self.tokens[role]}",
            "Content-Type": "application/json",
            "Idempotency-Key": self.key(),
        }
        answer = self.session.post(self.url + path, canonical(body), headers=headers, timeout=60)
        if answer.status_code == 409 and isinstance(body, dict) and "acknowledged" not in body:
            return self.post(path, role, {**body, "acknowledged": answer.json()["acknowledge"]})
        assert answer.status_code in (201, 202), answer.text
        found: dict[str, str] = answer.json()
        return found

    def waiting(self) -> str:
        """An outcome, in an incident of its own, that waits for a second person."""
        number = next(self._numbers)
        self.waiting_in = f"HC-{number}"
        told = {"contact": {**CALL["contact"], "reference": f"{self.waiting_in}-1"}}
        call = {**CALL, **told, "incident": {"reference": self.waiting_in}}
        self.post("/v1/assessments", "control_room", call)
        new = {**call, "answers": [{"fact": "callback", "value": "safe"}]}
        decision = self.post("/v1/assessments", "control_room", new)["decision"]
        lower = {"grade": "priority", "reason": "victim_found_safe", "words": "Spoken to alone."}
        asked = {"actor": CALL["actor"], "act": "request", **lower}
        outcome = self.post(f"/v1/decisions/{decision}/outcomes", "control_room", asked)
        return cast("dict[str, str]", outcome["event"])["id"]

    def done(self, job: Mapping[str, str]) -> str:
        """The id of a job, once it is done."""
        headers = {"Authorization": f"Bearer {self.tokens['policy_owner']}"}
        for _ in range(200):
            told = self.session.get(f"{self.url}/v1/jobs/{job['job']}", headers=headers, timeout=60).json()
            if told["state"] in ("done", "failed"):
                break
            sleep(0.05)
        assert told["state"] == "done", told
        return job["job"]

    def version_sent(self) -> dict[str, str]:
        """A version with a label of its own."""
        sent = cast("dict[str, str]", VERSION_SENT)
        return {**sent, "policy": sent["policy"].replace("2026.2", f"made-up.{next(self._numbers)}")}

    def relabelled(self, label: str) -> dict[str, str]:
        """The version in force, whole, under another label."""
        headers = {"Authorization": f"Bearer {self.tokens['policy_owner']}"}
        read = self.session.get(f"{self.url}/v1/policies/{POLICY}/versions/2026.1", headers=headers, timeout=60)
        document = {name: part for name, part in read.json()["document"].items() if name != "based_on"}
        cases = (ROOT / "policies" / POLICY / "cases.yaml").read_text()
        return {"policy": json.dumps({**document, "version": label}), "cases": cases}

    def version(self, *steps: str, sent: dict[str, str] | None = None) -> str:
        """The manifest of a new version that has come as far as the steps say."""
        path = f"/v1/policies/{POLICY}/versions"
        manifest = self.post(path, "policy_owner", sent or self.version_sent())["manifest"]
        for step in steps:
            self.post(f"{path}/{manifest}/{step}", "policy_owner" if step == "submit" else "policy_approver", {})
        return manifest

    def accepting(self, version: str) -> dict[str, Json]:
        """The body of an approval that accepts what a version lowers."""
        headers = {"Authorization": f"Bearer {self.tokens['policy_approver']}", "Idempotency-Key": self.key()}
        refused = self.session.post(f"{self.url}/v1/policies/{POLICY}/versions/{version}/approve", headers=headers)
        return {"acknowledged": refused.json()["acknowledge"]}

    def ask(self, case: Case[Any], role: str, **headers: str) -> None:
        """Send a case and judge the answer: known status, right schema and media type, no 5xx."""
        sent = {**headers, **({} if role == EVERYBODY else {"Authorization": f"Bearer {self.tokens[role]}"})}
        answer = case.call(self.url, session=self.session, headers=sent)
        self.answers[case.operation.definition.raw["operationId"], role, answer.status_code] += 1
        # What a well-formed request has to be besides (ids that exist, a policy that fits) no schema can say.
        case.validate_response(answer, headers=sent, excluded_checks=[positive_data_acceptance])
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == ["application/problem+json"]
            assert answer.json()["status"] == answer.status_code


def in_an_hour() -> str:
    return (NOW + timedelta(hours=1)).isoformat()


def today() -> Mapping[str, str]:
    return {"from": (NOW - timedelta(days=1)).isoformat(), "to": (NOW + timedelta(days=1)).isoformat()}


DAYS = {"from": (NOW - timedelta(days=2)).date().isoformat(), "to": (NOW - timedelta(days=2)).date().isoformat()}
"""A period that is over."""

AMONG: Mapping[str, Mapping[str, str]] = {"search_decisions": today(), "read_job_decisions": {"day": DAYS["from"]}}
"""What a query has to name for there to be anything."""

PATHS: Mapping[str, Callable[[Bench], Mapping[str, str]]] = {
    "read_decision": lambda bench: {"decision": bench.decision},
    "read_assessment": lambda bench: {"decision": bench.decision},
    "replay_decision": lambda bench: {"decision": bench.decision},
    "record_outcome": lambda bench: {"decision": bench.decision},
    "authorise_outcome": lambda bench: {"outcome": bench.waiting()},
    "record_events": lambda bench: {"reference": INCIDENT},
    "explain_decision": lambda bench: {"decision": bench.decision},
    "simulate_policy_version": lambda bench: {"policy": POLICY, "version": bench.night},
    "read_job": lambda bench: {"job": bench.job},
    "read_job_decisions": lambda bench: {"job": bench.job},
    "read_incident": lambda bench: {"reference": INCIDENT},
    "draft_policy_version": lambda bench: {"policy": POLICY},
    "submit_policy_version": lambda bench: {"policy": POLICY, "version": bench.version()},
    "approve_policy_version": lambda bench: {"policy": POLICY, "version": bench.version("submit")},
    "decline_policy_version": lambda bench: {"policy": POLICY, "version": bench.version("submit")},
    "check_policy": lambda bench: {"policy": POLICY},
    "compare_policy_versions": lambda bench: {"policy": POLICY, "version": bench.night},
    "read_policy_report": lambda bench: {"policy": POLICY, "version": bench.night},
    "read_policy_lowerings": lambda bench: {"policy": POLICY, "version": bench.night},
    "list_policy_versions": lambda bench: {"policy": POLICY},
    "read_policy_version": lambda bench: {"policy": POLICY, "version": "2026.1"},
    "read_policy_source": lambda bench: {"policy": POLICY, "version": "2026.1"},
    "read_policy_in_force": lambda bench: {"policy": POLICY},
}
"""What each operation with a path can be about."""

OF_ROLES: Mapping[tuple[str, str], Callable[[Bench], str]] = {
    ("activate_policy_version", "policy_owner"): lambda bench: bench.night,
    ("activate_policy_version", "policy_approver"): lambda bench: bench.version("submit", "approve"),
    ("withdraw_policy_version", "policy_owner"): lambda bench: bench.version("submit"),
    ("withdraw_policy_version", "policy_approver"): lambda bench: bench.version("submit", "approve"),
}
"""Where it depends on the role with which version it can succeed."""

BODIES: Mapping[str, Callable[[Bench], Any]] = {
    # Text that is a policy, and a time that is ahead, do not come by chance.
    "draft_policy_version": lambda bench: bench.version_sent(),
    "check_policy": lambda bench: bench.version_sent(),
    "simulate_policy_version": lambda bench: DAYS,
    # Nor do a day that is over, and a card that fits the policy of its time.
    "reconcile_day": lambda bench: {"day": DAYS["to"], "incidents": [{"reference": INCIDENT, "grade": "PRIORITY"}]},
    "enter_fallbacks": lambda bench: FALLBACKS,
    # Nor a reason that fits, and the incident of what waits.
    "record_outcome": lambda bench: {"actor": CALL["actor"], "act": "fact"},
    "authorise_outcome": lambda bench: {
        "actor": {"pseudonym": "sv-0031", "role": "supervisor"},
        "answer": "authorised",
        "incident": bench.waiting_in,
    },
    "record_events": lambda bench: {
        "actor": CALL["actor"],
        "events": [{"kind": "caller_told", "that": "police_come"}],
    },
}
"""Bodies of which a schema can say too little; all others are sent as they were generated."""


LEFT_OUT = ("after", "force", "cursor", "at", "mode", "with")
"""Members of a query that by chance would mean nothing that is there."""


def make_sound(case: Case[Any], bench: Bench, role: str) -> None:
    """Fill in what the document cannot tell."""
    name = case.operation.definition.raw["operationId"]
    if name in PATHS:
        case.path_parameters = dict(PATHS[name](bench))
    if (name, role) in OF_ROLES:
        case.path_parameters = {"policy": POLICY, "version": OF_ROLES[name, role](bench)}
    if name in BODIES:
        case.body = BODIES[name](bench)
    elif name == "activate_policy_version":
        case.body = {"night": True} if role == "policy_owner" else {"from": in_an_hour()}
    elif name == "approve_policy_version":
        case.body = cast("dict[str, Any]", bench.accepting(case.path_parameters["version"]))
    elif isinstance(case.body, dict):
        case.body.pop("force", None)
    query = {one: value for one, value in (case.query or {}).items() if one not in LEFT_OUT}
    case.query = {**query, **AMONG.get(name, {})}
    if "Idempotency-Key" in (case.headers or {}):
        case.headers["Idempotency-Key"] = bench.key()


def test_every_operation_of_the_document_is_tried() -> None:
    assert len(OPERATIONS) == sum(len(methods) for methods in DOCUMENT["paths"].values())


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    ticks = count()
    # What is assessed again has to come after what was there before.
    clock = lambda: NOW + timedelta(microseconds=next(ticks))  # noqa: E731  # two words
    with LocalService(tmp_path_factory.mktemp("store"), clock).serving() as local:
        yield Bench(local)


@pytest.mark.parametrize("name", OPERATIONS)
def test_well_formed_requests_are_answered_as_documented_and_some_of_each_role_succeed(
    name: str, bench: Bench, record_property: Callable[[str, object], None]
) -> None:
    roles = allowed_roles(name)
    before = bench.answers.copy()
    strategy = OPERATIONS[name].as_strategy(generation_mode=GenerationMode.POSITIVE)

    @BOUNDS
    @given(strategy, st.sampled_from(["sound", "sound", "as generated"]))
    def ask(role: str, case: Case[Any], how: str) -> None:
        if how == "sound":
            make_sound(case, bench, role)
        bench.ask(case, role)

    for role in roles:
        ask(role)
    made = bench.answers - before
    succeeded = Counter({role: often for (_, role, status), often in made.items() if status < 300})
    record_property("figure", f"2xx for {succeeded.total():3} of {made.total():3} well-formed requests: {name}")
    assert set(succeeded) == set(roles), made


@pytest.mark.parametrize("name", [name for name in OPERATIONS if name not in ("health", "api_document")])
def test_malformed_requests_are_refused_as_documented(name: str, bench: Bench) -> None:
    # Nothing about liveness and the document can be malformed. Lenient handling takes wrong answers on purpose.
    role = allowed_roles(name)[0]

    @settings(BOUNDS, max_examples=25)
    @given(OPERATIONS[name].as_strategy(generation_mode=GenerationMode.NEGATIVE))
    def ask(case: Case[Any]) -> None:
        bench.ask(case, role, Prefer="handling=strict")

    ask()


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_bound_and_every_other_method_is_answered_as_documented(name: str, bench: Bench) -> None:
    role = allowed_roles(name)[0]
    cases = SCHEMA.iter_coverage_cases(
        OPERATIONS[name], generation_modes=list(GenerationMode), generation_config=GenerationConfig()
    )
    for case in cases:
        bench.ask(case, role, Prefer="handling=strict")
