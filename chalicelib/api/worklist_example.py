"""Examples of the worklist for the API document: what a run of the service has answered."""

from __future__ import annotations

from chalicelib.canonical import Json

WORKLIST: Json = {
    "as_of": "2026-11-23T04:33:00.022000Z",
    "counts": {"act": 2, "record": 0, "watch": 0},
    "rows": [
        {
            "flags": [],
            "incident": "HC-20261123-0402",
            "opened_at": "2026-11-23T04:11:00.000000Z",
            "others": [
                {
                    "because": "graded",
                    "due": "2026-11-23T04:32:00.009000Z",
                    "id": "immediate_reassess",
                    "kind": "timer",
                    "overdue_minutes": 1,
                    "owed_by": "dispatcher",
                    "severity": "act",
                    "since": "2026-11-23T04:17:00.009000Z",
                    "title": "Nobody is there: assess again, call back if that is safe, keep them safe",
                }
            ],
            "since": "2026-11-23T04:17:00.009000Z",
            "standing": "IMMEDIATE",
            "worst": {
                "because": "graded",
                "due": "2026-11-23T04:17:00.009000Z",
                "id": "immediate_to_inspector",
                "kind": "timer",
                "overdue_minutes": 16,
                "owed_by": "dispatcher",
                "severity": "act",
                "since": "2026-11-23T04:17:00.009000Z",
                "title": "Nobody is assigned: tell the duty inspector now",
            },
        },
        {
            "flags": [],
            "incident": "HC-20261123-0417",
            "opened_at": "2026-11-23T04:10:00.000000Z",
            "others": [
                {
                    "acknowledged": True,
                    "because": "graded",
                    "due": "2026-11-23T04:17:00.004000Z",
                    "id": "immediate_to_inspector",
                    "kind": "timer",
                    "overdue_minutes": 16,
                    "owed_by": "dispatcher",
                    "severity": "watch",
                    "since": "2026-11-23T04:17:00.004000Z",
                    "title": "Nobody is assigned: tell the duty inspector now",
                }
            ],
            "since": "2026-11-23T04:17:00.004000Z",
            "standing": "IMMEDIATE",
            "worst": {
                "because": "graded",
                "due": "2026-11-23T04:32:00.004000Z",
                "id": "immediate_reassess",
                "kind": "timer",
                "overdue_minutes": 1,
                "owed_by": "dispatcher",
                "severity": "act",
                "since": "2026-11-23T04:17:00.004000Z",
                "title": "Nobody is there: assess again, call back if that is safe, keep them safe",
            },
        },
    ],
}
ACKNOWLEDGEMENT: Json = {
    "actor": {"pseudonym": "sv-0031", "role": "supervisor"},
    "items": ["immediate_to_inspector"],
    "minutes": 15,
}
ACKNOWLEDGED: Json = {
    "act": "fact",
    "event": {
        "actor": {"client": "cad-01", "pseudonym": "sv-0031", "role": "supervisor"},
        "at": "2026-11-23T04:33:00.016000Z",
        "force": "hertfordshire",
        "id": "e_jrmgdlg3cd6zoan4n5bzmjuk7ecog5cs",
        "incident": "HC-20261123-0417",
        "kind": "acknowledged",
        "mode": "live",
        "recorded_at": "2026-11-23T04:33:00.017000Z",
        "v": 1,
    },
    "items": ["immediate_to_inspector"],
    "minutes": 15,
    "receipt": {
        "leaf_hash": "3a947897f864a19141c97bbc473688666c9161db19a6bbd0716c22eb351a37d0",
        "recorded_at": "2026-11-23T04:33:00.017000Z",
    },
    "until": "2026-11-23T04:48:00.016000Z",
    "v": 1,
}
