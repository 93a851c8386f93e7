"""Full examples for the API document: what a version changes and who accepted it, as a run of the service gave them.

It is version 2026.2 of the story of `policy_examples`; 2026.1, in force, always put its question first.
"""

from __future__ import annotations

from chalicelib.canonical import Json

# fmt: off
CHECKED: Json = {
    "cases": 1,
    "compared": [
        {
            "comparison": {
                "axes": [{"kind": "grade", "of": "", "verdict": "equal"}],
                "changes": [
                    {
                        "change": "changed", "id": "dangers_now", "members": ["options", "always_first"],
                        "part": "facts",
                        "says": "The question \"dangers_now\" is changed: options, always_first.",
                        "weight": "major",
                    },
                    {
                        "change": "changed", "id": "hertfordshire-thriives", "members": ["change"],
                        "part": "policy", "says": "The policy \"hertfordshire-thriives\" is changed: change.",
                        "weight": "patch",
                    },
                ],
                "grade": "equal", "response": "equal",
                "says": [
                    "The recommended grade is the same in every possible call.",
                    "What is required and refused of the response is the same in every possible call.",
                ],
                "scale": "local", "step": "major",
            },
            "id": "hertfordshire-thriives", "lowers": True,
            "manifest": "d4aa46ed07d6be5311ef3aa611bd2c5b3785d7878ba5f2efd59cd20333e50e66",
            "policy": "3ecfc3d052a269005d4fce2178759391c8006725e5aa596305e55da4bd989252",
            "starts": "2026-11-20T08:59:09.591668Z", "version": "2026.1", "why": "in_force",
        },
    ],
    "faults": [], "findings": [], "policy": "67cfd46c41caf55d49ab036bef320db18d4f1317369b3914029431fc67dd7c95",
    "skipped": [],
}
COMPARED: Json = {
    "acknowledge": "21a895b79d548661f1e691047c990897ac45ab70cd172b759ad8cde24f5da4ca",
    "comparison": {
        "axes": [{"kind": "grade", "of": "", "verdict": "equal"}],
        "changes": [
            {
                "change": "changed", "id": "dangers_now", "members": ["options", "always_first"], "part": "facts",
                "says": "The question \"dangers_now\" is changed: options, always_first.", "weight": "major",
            },
            {
                "change": "changed", "id": "hertfordshire-thriives", "members": ["change"], "part": "policy",
                "says": "The policy \"hertfordshire-thriives\" is changed: change.", "weight": "patch",
            },
        ],
        "grade": "equal", "response": "equal",
        "says": [
            "The recommended grade is the same in every possible call.",
            "What is required and refused of the response is the same in every possible call.",
        ],
        "scale": "local", "step": "major",
    },
    "lowerings": [
        {
            "lowered": [
                {
                    "kind": "facts", "of": "dangers_now",
                    "says": "The question \"dangers_now\" is changed: options, always_first.",
                },
            ],
            "new": {
                "id": "hertfordshire-thriives",
                "policy": "67cfd46c41caf55d49ab036bef320db18d4f1317369b3914029431fc67dd7c95", "version": "2026.2",
            },
            "old": {
                "id": "hertfordshire-thriives",
                "policy": "3ecfc3d052a269005d4fce2178759391c8006725e5aa596305e55da4bd989252", "version": "2026.1",
            },
        },
    ],
    "new": {
        "id": "hertfordshire-thriives",
        "policy": "67cfd46c41caf55d49ab036bef320db18d4f1317369b3914029431fc67dd7c95", "version": "2026.2",
    },
    "old": {
        "id": "hertfordshire-thriives",
        "policy": "3ecfc3d052a269005d4fce2178759391c8006725e5aa596305e55da4bd989252", "version": "2026.1",
    },
}
REPORT: Json = {
    "cases": 1,
    "compared": [
        {
            "comparison": {
                "axes": [{"kind": "grade", "of": "", "verdict": "equal"}],
                "changes": [
                    {
                        "change": "changed", "id": "dangers_now", "members": ["options", "always_first"],
                        "part": "facts",
                        "says": "The question \"dangers_now\" is changed: options, always_first.",
                        "weight": "major",
                    },
                    {
                        "change": "changed", "id": "hertfordshire-thriives", "members": ["change"],
                        "part": "policy", "says": "The policy \"hertfordshire-thriives\" is changed: change.",
                        "weight": "patch",
                    },
                ],
                "grade": "equal", "response": "equal",
                "says": [
                    "The recommended grade is the same in every possible call.",
                    "What is required and refused of the response is the same in every possible call.",
                ],
                "scale": "local", "step": "major",
            },
            "id": "hertfordshire-thriives", "lowers": True,
            "manifest": "d4aa46ed07d6be5311ef3aa611bd2c5b3785d7878ba5f2efd59cd20333e50e66",
            "policy": "3ecfc3d052a269005d4fce2178759391c8006725e5aa596305e55da4bd989252",
            "starts": "2026-11-20T08:59:09.591668Z", "version": "2026.1", "why": "in_force",
        },
    ],
    "findings": [], "format": "report/1",
    "manifest": {
        "cases": "d2ac7d9e9cf4661cb8660c37193dfe6b8e36e215ad5c86428e0f92f1fcf11479", "force": "hertfordshire",
        "id": "hertfordshire-thriives",
        "policy": "67cfd46c41caf55d49ab036bef320db18d4f1317369b3914029431fc67dd7c95",
        "source": "9c9974ed0944115ef02b77504b0ec5badfe82063d03dc720f08702d744ff19b3", "v": 1, "version": "2026.2",
    },
    "skipped": [],
}
LISTS: Json = {
    "accepted": [
        {
            "acknowledged": "21a895b79d548661f1e691047c990897ac45ab70cd172b759ad8cde24f5da4ca",
            "at": "2026-11-20T15:31:01.801919Z", "by": "pa-0012", "event": "e_3vokdtaewcqpekyrxo7pdphmfe3d6lfs",
            "lowerings": [
                {
                    "lowered": [
                        {
                            "kind": "facts", "of": "dangers_now",
                            "says": "The question \"dangers_now\" is changed: options, always_first.",
                        },
                    ],
                    "new": {
                        "id": "hertfordshire-thriives",
                        "policy": "67cfd46c41caf55d49ab036bef320db18d4f1317369b3914029431fc67dd7c95",
                        "version": "2026.2",
                    },
                    "old": {
                        "id": "hertfordshire-thriives",
                        "policy": "3ecfc3d052a269005d4fce2178759391c8006725e5aa596305e55da4bd989252",
                        "version": "2026.1",
                    },
                },
            ],
            "step": "policy_approved",
        },
    ],
}
# fmt: on
