"""Full examples for the API document: a policy version and its steps, as a run of the service gave them.

Version 2026.2, here shortened to what an example needs, goes from draft to a date while 2026.1 is in force.
"""

from __future__ import annotations

from chalicelib.canonical import Json

# fmt: off
_POLICY = """\
format: policy/1
id: hertfordshire-thriives
force: hertfordshire
version: "2026.2"
title: THRIIVES, shortened to an example
owner: Head of Contact Management
change: Attacks on shop workers are named
basis:
  - {id: force, title: Decision of the force}
elements:
  - {id: threat, title: "Threat: imminent danger"}
grades:
  - {id: immediate, title: Immediate, national: IMMEDIATE}
  - {id: scheduled, title: Scheduled, national: SCHEDULED}
  - {id: resolve, title: Resolved without attendance, national: RESOLVE}
base_grade: scheduled
earned_when: {fact: dangers_now, includes_none: [violence, threat]}
responses:
  - {id: attend, title: Officers attend, attends: true}
  - {id: telephone_desk, title: Telephone desk, attends: false}
facts:
  - id: dangers_now
    type: set
    question: Is any of these happening now?
    element: threat
    options:
      - {id: violence, title: "Somebody is being attacked, shop workers included"}
      - {id: threat, title: Somebody is about to be attacked}
    purpose: [grade]
    required: true
rules:
  - id: danger_now
    says: Somebody is being attacked or is about to be.
    basis: [force]
    when: {fact: dangers_now, includes_any: [violence, threat]}
    grade: immediate
    findings: [{element: threat, level: high}]
    response: {require: attendance, forbid: [telephone_desk]}
"""
_CASES = """\
format: cases/1
policy: hertfordshire-thriives
cases:
  - id: attack-in-a-shop
    title: A customer hits a shop worker
    answers:
      - {fact: dangers_now, present: [violence]}
    expect: {grade: {is: IMMEDIATE}, reasons: [danger_now], response: {require: attendance}}
"""
VERSION_SENT: Json = {"policy": _POLICY, "cases": _CASES}
DRAFTED: Json = {
    "cases": "d2ac7d9e9cf4661cb8660c37193dfe6b8e36e215ad5c86428e0f92f1fcf11479",
    "event": {
        "actor": {"client": "policy-desk", "pseudonym": "po-0031", "role": "policy_owner"},
        "at": "2026-11-20T10:31:44.107325Z", "force": "hertfordshire", "id": "e_6b4lhf74lnmlllhjhgc2zg3cizherhjn",
        "kind": "policy_drafted", "mode": "live", "recorded_at": "2026-11-20T10:31:44.107325Z", "v": 1,
    },
    "force": "hertfordshire", "id": "hertfordshire-thriives",
    "manifest": "933d533d09ea68f85e76c119794b4f703255221863de8aad9128813c751b0d00",
    "note": "Attacks on shop workers are named",
    "policy": "67cfd46c41caf55d49ab036bef320db18d4f1317369b3914029431fc67dd7c95",
    "receipt": {
        "leaf_hash": "2ee0df691c7a154ba208452ba2f7459dea895edbac37fc778a9bfd7d62b2b6a5",
        "recorded_at": "2026-11-20T10:31:44.107325Z",
    },
    "source": "9c9974ed0944115ef02b77504b0ec5badfe82063d03dc720f08702d744ff19b3", "v": 1, "version": "2026.2",
}
SUBMITTED: Json = {
    "cases": "d2ac7d9e9cf4661cb8660c37193dfe6b8e36e215ad5c86428e0f92f1fcf11479",
    "event": {
        "actor": {"client": "policy-desk", "pseudonym": "po-0031", "role": "policy_owner"},
        "at": "2026-11-20T12:32:01.657446Z", "force": "hertfordshire", "id": "e_quwvtzko52h37rnxlsf34pi4hd4k4mvs",
        "kind": "policy_submitted", "mode": "live", "recorded_at": "2026-11-20T12:32:01.657446Z", "v": 1,
    },
    "force": "hertfordshire", "id": "hertfordshire-thriives",
    "manifest": "933d533d09ea68f85e76c119794b4f703255221863de8aad9128813c751b0d00",
    "policy": "67cfd46c41caf55d49ab036bef320db18d4f1317369b3914029431fc67dd7c95",
    "receipt": {
        "leaf_hash": "6ed4b2a0256fdfec76ad74fca46c7d50819b0393bc66e5ba90c8fb55a47cff50",
        "recorded_at": "2026-11-20T12:32:01.657446Z",
    },
    "source": "9c9974ed0944115ef02b77504b0ec5badfe82063d03dc720f08702d744ff19b3", "v": 1, "version": "2026.2",
}
APPROVED: Json = {
    "cases": "d2ac7d9e9cf4661cb8660c37193dfe6b8e36e215ad5c86428e0f92f1fcf11479",
    "event": {
        "actor": {"client": "policy-desk", "pseudonym": "pa-0012", "role": "policy_approver"},
        "at": "2026-11-20T15:32:42.734569Z", "force": "hertfordshire", "id": "e_mrtuvur7nzggxf2vdacl6hxjzcl5poyp",
        "kind": "policy_approved", "mode": "live", "recorded_at": "2026-11-20T15:32:42.734569Z", "v": 1,
    },
    "force": "hertfordshire", "id": "hertfordshire-thriives",
    "manifest": "933d533d09ea68f85e76c119794b4f703255221863de8aad9128813c751b0d00",
    "policy": "67cfd46c41caf55d49ab036bef320db18d4f1317369b3914029431fc67dd7c95",
    "receipt": {
        "leaf_hash": "7dbd6bbaa90cc8b3872b940af802a3027c5b7b82ef2c2fdaf5dcdcdea902a8c7",
        "recorded_at": "2026-11-20T15:32:42.734569Z",
    },
    "source": "9c9974ed0944115ef02b77504b0ec5badfe82063d03dc720f08702d744ff19b3", "v": 1, "version": "2026.2",
}
ACTIVATION: Json = {"from": "2026-12-01T06:00:00Z", "note": "Attacks on shop workers"}
ACTIVATED: Json = {
    "cases": "d2ac7d9e9cf4661cb8660c37193dfe6b8e36e215ad5c86428e0f92f1fcf11479",
    "event": {
        "actor": {"client": "policy-desk", "pseudonym": "pa-0012", "role": "policy_approver"},
        "at": "2026-11-20T15:37:23.811692Z", "force": "hertfordshire", "id": "e_6mhqukynrt6q34z7czr4mipt4u7vlcv4",
        "kind": "policy_activated", "mode": "live", "recorded_at": "2026-11-20T15:37:23.811692Z", "v": 1,
    },
    "force": "hertfordshire", "id": "hertfordshire-thriives",
    "manifest": "933d533d09ea68f85e76c119794b4f703255221863de8aad9128813c751b0d00", "note": "Attacks on shop workers",
    "policy": "67cfd46c41caf55d49ab036bef320db18d4f1317369b3914029431fc67dd7c95",
    "receipt": {
        "leaf_hash": "9b345247acf6200c889dfedbb0220f5355e23692c00d0d04dc919ddebd2a5b52",
        "recorded_at": "2026-11-20T15:37:23.811692Z",
    },
    "source": "9c9974ed0944115ef02b77504b0ec5badfe82063d03dc720f08702d744ff19b3",
    "starts": "2026-12-01T06:00:00.000000Z", "v": 1, "version": "2026.2",
}
POLICIES: Json = {"policies": ["hertfordshire-thriives"]}
VERSIONS: Json = {
    "policy": "hertfordshire-thriives",
    "versions": [
        {
            "approved_by": "shipped-approver", "authors": ["shipped-author"],
            "manifest": "0ccaa1ea975dc316f9ef1b5a548c120f1227fafcebbb0c4f8e27ae6717b3d997",
            "policy": "5da69f387281c5d86bcf7f21ef46743c4052d18aff60be1b9a2d27ddd6747b26",
            "starts": ["2026-11-20T09:00:03.402711Z"], "state": "approved", "version": "2026.1",
        },
        {
            "approved_by": "pa-0012", "authors": ["po-0031"],
            "manifest": "933d533d09ea68f85e76c119794b4f703255221863de8aad9128813c751b0d00",
            "policy": "67cfd46c41caf55d49ab036bef320db18d4f1317369b3914029431fc67dd7c95",
            "starts": ["2026-12-01T06:00:00.000000Z"], "state": "approved", "version": "2026.2",
        },
    ],
}
VERSION_READ: Json = {
    "approved_by": "pa-0012", "authors": ["po-0031"],
    "document": {
        "base_grade": "scheduled", "basis": [{"id": "force", "title": "Decision of the force"}],
        "change": "Attacks on shop workers are named",
        "earned_when": {"fact": "dangers_now", "includes_none": ["violence", "threat"]},
        "elements": [{"id": "threat", "title": "Threat: imminent danger"}],
        "facts": [
            {
                "element": "threat", "id": "dangers_now",
                "options": [
                    {"id": "violence", "title": "Somebody is being attacked, shop workers included"},
                    {"id": "threat", "title": "Somebody is about to be attacked"},
                ],
                "purpose": ["grade"], "question": "Is any of these happening now?", "required": True, "type": "set",
            },
        ],
        "force": "hertfordshire", "format": "policy/1",
        "grades": [
            {"id": "immediate", "national": "IMMEDIATE", "title": "Immediate"},
            {"id": "scheduled", "national": "SCHEDULED", "title": "Scheduled"},
            {"id": "resolve", "national": "RESOLVE", "title": "Resolved without attendance"},
        ],
        "id": "hertfordshire-thriives", "owner": "Head of Contact Management",
        "responses": [
            {"attends": True, "id": "attend", "title": "Officers attend"},
            {"attends": False, "id": "telephone_desk", "title": "Telephone desk"},
        ],
        "rules": [
            {
                "basis": ["force"], "findings": [{"element": "threat", "level": "high"}], "grade": "immediate",
                "id": "danger_now", "response": {"forbid": ["telephone_desk"], "require": "attendance"},
                "says": "Somebody is being attacked or is about to be.",
                "when": {"fact": "dangers_now", "includes_any": ["violence", "threat"]},
            },
        ],
        "title": "THRIIVES, shortened to an example", "version": "2026.2",
    },
    "manifest": "933d533d09ea68f85e76c119794b4f703255221863de8aad9128813c751b0d00",
    "policy": "67cfd46c41caf55d49ab036bef320db18d4f1317369b3914029431fc67dd7c95",
    "starts": ["2026-12-01T06:00:00.000000Z"], "state": "approved", "version": "2026.2",
}
IN_FORCE: Json = {
    "at": "2026-11-23T09:02:11.904417Z", "digest": "5da69f387281c5d86bcf7f21ef46743c4052d18aff60be1b9a2d27ddd6747b26",
    "manifest": "0ccaa1ea975dc316f9ef1b5a548c120f1227fafcebbb0c4f8e27ae6717b3d997",
    "next": "2026-12-01T06:00:00.000000Z", "policy": "hertfordshire-thriives", "since": "2026-11-20T09:00:03.402711Z",
    "version": "2026.1",
}
HEALTH: Json = {
    "status": "alive",
    "details": {
        "version": "0.1.0",
        "policies": {
            "hertfordshire": {"policy": "hertfordshire-thriives", "version": "2026.1", "confirmed_seconds_ago": 17069},
        },
    },
}
# fmt: on
