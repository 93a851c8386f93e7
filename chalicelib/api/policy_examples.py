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
        "at": "2026-11-20T10:30:26.997085Z", "force": "hertfordshire", "id": "e_o5qvshjlkiokot3elpp7q66neqnhhhxe",
        "kind": "policy_drafted", "mode": "live", "recorded_at": "2026-11-20T10:30:26.997085Z", "v": 1,
    },
    "force": "hertfordshire", "id": "hertfordshire-thriives",
    "manifest": "933d533d09ea68f85e76c119794b4f703255221863de8aad9128813c751b0d00",
    "note": "Attacks on shop workers are named",
    "policy": "67cfd46c41caf55d49ab036bef320db18d4f1317369b3914029431fc67dd7c95",
    "receipt": {
        "leaf_hash": "2a34589bbdb4946f37052705432b3b74efb5b88af7aca9fc4ec29a9bd9f560b5",
        "recorded_at": "2026-11-20T10:30:26.997085Z",
    },
    "source": "9c9974ed0944115ef02b77504b0ec5badfe82063d03dc720f08702d744ff19b3", "v": 1, "version": "2026.2",
}
SUBMITTED: Json = {
    "backtest": "j_abcdefghijklmnopqrstuvwxyz234567",
    "cases": "d2ac7d9e9cf4661cb8660c37193dfe6b8e36e215ad5c86428e0f92f1fcf11479", "cases_run": 1,
    "event": {
        "actor": {"client": "policy-desk", "pseudonym": "po-0031", "role": "policy_owner"},
        "at": "2026-11-20T12:30:44.397502Z", "force": "hertfordshire", "id": "e_45wnfikx3kw4ton2stsjb6pfgsyx3eqi",
        "kind": "policy_submitted", "mode": "live", "recorded_at": "2026-11-20T12:30:44.397502Z", "v": 1,
    },
    "force": "hertfordshire", "id": "hertfordshire-thriives", "lowers": True,
    "manifest": "933d533d09ea68f85e76c119794b4f703255221863de8aad9128813c751b0d00",
    "policy": "67cfd46c41caf55d49ab036bef320db18d4f1317369b3914029431fc67dd7c95",
    "receipt": {
        "leaf_hash": "f4226cc7b088453e9b9154bde38a5ae927dc783dd43c7af18ee283045771ef38",
        "recorded_at": "2026-11-20T12:30:44.397502Z",
    },
    "report": "24d322761f8a80ad31c5f29f4952fccef884a54efc3cc207a6d10c949784eb7e",
    "source": "9c9974ed0944115ef02b77504b0ec5badfe82063d03dc720f08702d744ff19b3", "v": 1, "version": "2026.2",
    "warnings": 0,
}
APPROVAL: Json = {"acknowledged": "21a895b79d548661f1e691047c990897ac45ab70cd172b759ad8cde24f5da4ca"}
APPROVED: Json = {
    "acknowledged": "21a895b79d548661f1e691047c990897ac45ab70cd172b759ad8cde24f5da4ca",
    "cases": "d2ac7d9e9cf4661cb8660c37193dfe6b8e36e215ad5c86428e0f92f1fcf11479",
    "compared": [
        {
            "new": "67cfd46c41caf55d49ab036bef320db18d4f1317369b3914029431fc67dd7c95",
            "old": "3ecfc3d052a269005d4fce2178759391c8006725e5aa596305e55da4bd989252",
        },
    ],
    "event": {
        "actor": {"client": "policy-desk", "pseudonym": "pa-0012", "role": "policy_approver"},
        "at": "2026-11-20T15:31:01.801919Z", "force": "hertfordshire", "id": "e_3vokdtaewcqpekyrxo7pdphmfe3d6lfs",
        "kind": "policy_approved", "mode": "live", "recorded_at": "2026-11-20T15:31:01.801919Z", "v": 1,
    },
    "force": "hertfordshire", "id": "hertfordshire-thriives",
    "manifest": "933d533d09ea68f85e76c119794b4f703255221863de8aad9128813c751b0d00",
    "policy": "67cfd46c41caf55d49ab036bef320db18d4f1317369b3914029431fc67dd7c95",
    "receipt": {
        "leaf_hash": "8b211d5dd02f1f16ebbd3f59bddee14e244e413c71c767c70727e9f4fc83f7e5",
        "recorded_at": "2026-11-20T15:31:01.801919Z",
    },
    "source": "9c9974ed0944115ef02b77504b0ec5badfe82063d03dc720f08702d744ff19b3", "v": 1, "version": "2026.2",
}
DECLINE: Json = {"reason": "The change note does not say who asked for it"}
DECLINED: Json = {
    "cases": "d2ac7d9e9cf4661cb8660c37193dfe6b8e36e215ad5c86428e0f92f1fcf11479",
    "event": {
        "actor": {"client": "policy-desk", "pseudonym": "pa-0012", "role": "policy_approver"},
        "at": "2026-11-23T08:36:28.820004Z", "force": "hertfordshire", "id": "e_v4tfsrdg3tf6dbenxzybpof4w63ojatt",
        "kind": "policy_declined", "mode": "live", "recorded_at": "2026-11-23T08:36:28.820004Z", "v": 1,
    },
    "force": "hertfordshire", "id": "hertfordshire-thriives",
    "manifest": "dec40a4c210850a17e13587e8f016f8108ac8ea41c29fc3f0663abe32dc0da61",
    "policy": "3202e45996d66a4f3c016e973d4af6e90e1a80da1c49d7e2220d292eae08b022",
    "reason": "The change note does not say who asked for it",
    "receipt": {
        "leaf_hash": "72e1b08bbb9618f5526b33c3323deb7bef8d6549b0227ca1c5aa91ba0597fd47",
        "recorded_at": "2026-11-23T08:36:28.820004Z",
    },
    "source": "1d44c88fd1a3ff4baa9a03b7afa2835f8b711e15009e01f187627eb4a006cd09", "v": 1, "version": "2026.3",
}
WITHDRAWAL: Json = {"reason": "The training is not finished"}
WITHDRAWN: Json = {
    "cases": "d2ac7d9e9cf4661cb8660c37193dfe6b8e36e215ad5c86428e0f92f1fcf11479",
    "event": {
        "actor": {"client": "policy-desk", "pseudonym": "pa-0012", "role": "policy_approver"},
        "at": "2026-11-23T08:35:36.624753Z", "force": "hertfordshire", "id": "e_ypx2bugkyllckibap2byzlfzvvw7yekg",
        "kind": "policy_withdrawn", "mode": "live", "recorded_at": "2026-11-23T08:35:36.624753Z", "v": 1,
    },
    "force": "hertfordshire", "id": "hertfordshire-thriives",
    "manifest": "933d533d09ea68f85e76c119794b4f703255221863de8aad9128813c751b0d00",
    "policy": "67cfd46c41caf55d49ab036bef320db18d4f1317369b3914029431fc67dd7c95",
    "reason": "The training is not finished",
    "receipt": {
        "leaf_hash": "92f7893694ca20478b1239e032a653dbf098e88348a03c51bf13caf597b28970",
        "recorded_at": "2026-11-23T08:35:36.624753Z",
    },
    "source": "9c9974ed0944115ef02b77504b0ec5badfe82063d03dc720f08702d744ff19b3", "v": 1, "version": "2026.2",
    "withdraws": ["e_lqygvphnpkozvct3k7uzjtsfrwniryho"],
}
ACTIVATION: Json = {"from": "2026-12-01T06:00:00Z", "note": "Attacks on shop workers"}
ACTIVATED: Json = {
    "cases": "d2ac7d9e9cf4661cb8660c37193dfe6b8e36e215ad5c86428e0f92f1fcf11479",
    "compared": [
        {
            "new": "67cfd46c41caf55d49ab036bef320db18d4f1317369b3914029431fc67dd7c95",
            "old": "3ecfc3d052a269005d4fce2178759391c8006725e5aa596305e55da4bd989252",
        },
    ],
    "event": {
        "actor": {"client": "policy-desk", "pseudonym": "pa-0012", "role": "policy_approver"},
        "at": "2026-11-20T15:35:19.200336Z", "force": "hertfordshire", "id": "e_lqygvphnpkozvct3k7uzjtsfrwniryho",
        "kind": "policy_activated", "mode": "live", "recorded_at": "2026-11-20T15:35:19.200336Z", "v": 1,
    },
    "force": "hertfordshire", "id": "hertfordshire-thriives",
    "manifest": "933d533d09ea68f85e76c119794b4f703255221863de8aad9128813c751b0d00",
    "note": "Attacks on shop workers",
    "policy": "67cfd46c41caf55d49ab036bef320db18d4f1317369b3914029431fc67dd7c95",
    "receipt": {
        "leaf_hash": "08a9483829b18fd92bedfb30e31925a4986e717503e614a1dbffbc2aa4eb5b8d",
        "recorded_at": "2026-11-20T15:35:19.200336Z",
    },
    "source": "9c9974ed0944115ef02b77504b0ec5badfe82063d03dc720f08702d744ff19b3",
    "starts": "2026-12-01T06:00:00.000000Z", "v": 1, "version": "2026.2",
}
POLICIES: Json = {"policies": ["hertfordshire-thriives"], "bases": ["national-baseline"]}
VERSIONS: Json = {
    "policy": "hertfordshire-thriives",
    "versions": [
        {
            "approved_by": "pa-0012", "authors": ["po-0031"],
            "manifest": "d4aa46ed07d6be5311ef3aa611bd2c5b3785d7878ba5f2efd59cd20333e50e66",
            "policy": "3ecfc3d052a269005d4fce2178759391c8006725e5aa596305e55da4bd989252",
            "starts": ["2026-11-20T08:59:09.591668Z"], "state": "active",
            "steps": [
                {
                    "at": "2026-11-20T08:58:17.397417Z", "by": "po-0031",
                    "event": "e_eed4abjq2wpireazqnp3eppvux3wbe4h", "note": "First version",
                    "step": "policy_drafted",
                },
                {
                    "at": "2026-11-20T08:58:34.795834Z", "by": "po-0031",
                    "event": "e_ousxgtyj2dprpryak6dcl6uuxzqzygx7",
                    "report": "e6094e54dec5d856d9cc997cb42bace0f80fa42ddd7a68195ed33fd233fcb33a",
                    "step": "policy_submitted",
                },
                {
                    "at": "2026-11-20T08:58:52.194251Z", "by": "pa-0012",
                    "event": "e_3yeac6sean6ybvaukby3xdhj7dxgbhdz", "step": "policy_approved",
                },
                {
                    "at": "2026-11-20T08:59:09.592668Z", "by": "pa-0012",
                    "event": "e_pvj54lijlivapxwmy5u37tjomrrqbc2b", "holds": True, "note": "The first version",
                    "starts": "2026-11-20T08:59:09.591668Z", "step": "policy_activated",
                },
            ],
            "version": "2026.1",
        },
        {
            "approved_by": "pa-0012", "authors": ["po-0031"],
            "manifest": "933d533d09ea68f85e76c119794b4f703255221863de8aad9128813c751b0d00",
            "policy": "67cfd46c41caf55d49ab036bef320db18d4f1317369b3914029431fc67dd7c95",
            "starts": ["2026-12-01T06:00:00.000000Z"], "state": "scheduled",
            "steps": [
                {
                    "at": "2026-11-20T10:30:26.997085Z", "by": "po-0031",
                    "event": "e_o5qvshjlkiokot3elpp7q66neqnhhhxe", "note": "Attacks on shop workers are named",
                    "step": "policy_drafted",
                },
                {
                    "at": "2026-11-20T12:30:44.397502Z", "by": "po-0031",
                    "event": "e_45wnfikx3kw4ton2stsjb6pfgsyx3eqi",
                    "report": "24d322761f8a80ad31c5f29f4952fccef884a54efc3cc207a6d10c949784eb7e",
                    "step": "policy_submitted",
                },
                {
                    "acknowledged": "21a895b79d548661f1e691047c990897ac45ab70cd172b759ad8cde24f5da4ca",
                    "at": "2026-11-20T15:31:01.801919Z", "by": "pa-0012",
                    "compared": [
                        {
                            "new": "67cfd46c41caf55d49ab036bef320db18d4f1317369b3914029431fc67dd7c95",
                            "old": "3ecfc3d052a269005d4fce2178759391c8006725e5aa596305e55da4bd989252",
                        },
                    ],
                    "event": "e_3vokdtaewcqpekyrxo7pdphmfe3d6lfs", "step": "policy_approved",
                },
                {
                    "at": "2026-11-20T15:35:19.200336Z", "by": "pa-0012",
                    "compared": [
                        {
                            "new": "67cfd46c41caf55d49ab036bef320db18d4f1317369b3914029431fc67dd7c95",
                            "old": "3ecfc3d052a269005d4fce2178759391c8006725e5aa596305e55da4bd989252",
                        },
                    ],
                    "event": "e_lqygvphnpkozvct3k7uzjtsfrwniryho", "holds": True,
                    "note": "Attacks on shop workers", "starts": "2026-12-01T06:00:00.000000Z",
                    "step": "policy_activated",
                },
            ],
            "version": "2026.2",
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
                "purpose": ["grade"], "question": "Is any of these happening now?", "required": True,
                "type": "set",
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
    "source": "9c9974ed0944115ef02b77504b0ec5badfe82063d03dc720f08702d744ff19b3",
    "starts": ["2026-12-01T06:00:00.000000Z"], "state": "scheduled",
    "steps": [
        {
            "at": "2026-11-20T10:30:26.997085Z", "by": "po-0031", "event": "e_o5qvshjlkiokot3elpp7q66neqnhhhxe",
            "note": "Attacks on shop workers are named", "step": "policy_drafted",
        },
        {
            "at": "2026-11-20T12:30:44.397502Z", "by": "po-0031", "event": "e_45wnfikx3kw4ton2stsjb6pfgsyx3eqi",
            "report": "24d322761f8a80ad31c5f29f4952fccef884a54efc3cc207a6d10c949784eb7e",
            "step": "policy_submitted",
        },
        {
            "acknowledged": "21a895b79d548661f1e691047c990897ac45ab70cd172b759ad8cde24f5da4ca",
            "at": "2026-11-20T15:31:01.801919Z", "by": "pa-0012",
            "compared": [
                {
                    "new": "67cfd46c41caf55d49ab036bef320db18d4f1317369b3914029431fc67dd7c95",
                    "old": "3ecfc3d052a269005d4fce2178759391c8006725e5aa596305e55da4bd989252",
                },
            ],
            "event": "e_3vokdtaewcqpekyrxo7pdphmfe3d6lfs", "step": "policy_approved",
        },
        {
            "at": "2026-11-20T15:35:19.200336Z", "by": "pa-0012",
            "compared": [
                {
                    "new": "67cfd46c41caf55d49ab036bef320db18d4f1317369b3914029431fc67dd7c95",
                    "old": "3ecfc3d052a269005d4fce2178759391c8006725e5aa596305e55da4bd989252",
                },
            ],
            "event": "e_lqygvphnpkozvct3k7uzjtsfrwniryho", "holds": True, "note": "Attacks on shop workers",
            "starts": "2026-12-01T06:00:00.000000Z", "step": "policy_activated",
        },
    ],
    "version": "2026.2",
}
SOURCE_READ: Json = _POLICY
IN_FORCE: Json = {
    "at": "2026-11-23T08:35:19.225336Z",
    "digest": "3ecfc3d052a269005d4fce2178759391c8006725e5aa596305e55da4bd989252",
    "manifest": "d4aa46ed07d6be5311ef3aa611bd2c5b3785d7878ba5f2efd59cd20333e50e66",
    "next": "2026-12-01T06:00:00.000000Z", "policy": "hertfordshire-thriives",
    "since": "2026-11-20T08:59:09.591668Z", "version": "2026.1",
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
