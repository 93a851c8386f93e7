"""Full examples for the API document: a card that is entered afterwards, and what came of it, as a run gave them.

The service was down when the call came; the handler gave a lower grade than would have been recommended.
"""

from __future__ import annotations

from chalicelib.canonical import Json

# fmt: off
FALLBACKS: Json = {
    "entries": [
        {
            "contact": {
                "reference": "HC-20261123-0301-1", "started_at": "2026-11-23T03:01:12Z", "channel": "999",
                "state": "completed",
            },
            "actor": {"pseudonym": "ch-4471", "role": "call_handler"},
            "incident": {
                "reference": "HC-20261123-0301", "opened_at": "2026-11-23T03:02:00Z", "location_class": "urban",
            },
            "decided_at": "2026-11-23T03:05:00Z", "grade": "PRIORITY", "response": "attend", "reason": "by_hand",
            "card": "card-0017",
            "people": [
                {"ref": "V1", "roles": ["victim", "caller"],
                 "identifiers": [{"kind": "phone", "value": "+447700900123"}]},
            ],
            "answers": [
                {"fact": "where", "value": "known"},
                {"fact": "dangers_now", "present": ["violence"], "source": "heard_on_line"},
                {"fact": "suspect_whereabouts", "value": "here"},
            ],
            "checks": [],
        },
    ],
    "mode": "live",
}
ENTERED: Json = {
    "after_the_fact": True,
    "entries": [
        {
            "against": ["lower_than_recommended"],
            "contact": "HC-20261123-0301-1",
            "decided_at": "2026-11-23T03:05:00.000000Z",
            "decision": "d_kqwr2nj557aeqgoujr26whf5nj66ddzb",
            "event": "e_kqwr2nj557aeqgoujr26whf5nj66ddzb",
            "event_receipt": {
                "leaf_hash": "60c805da4348765126d7800a8757f9dfceb4c643136c16036603135064b95f66",
                "recorded_at": "2026-11-23T04:17:00.007000Z",
            },
            "given": {
                "card": "card-0017", "grade": "priority", "national": "PRIORITY", "reason": "by_hand",
                "response": "attend",
            },
            "incident": "HC-20261123-0301",
            "lower_than_recommended": True,
            "policy": {
                "digest": "2a6fa32ef5744638a09d118eab6f2a4840a584ed3164e6f3266ffa748db56e5d",
                "id": "hertfordshire-thriives", "version": "2026.1",
            },
            "receipt": {
                "leaf_hash": "b667dd9ed77bbce6195fdba96e2980f933a9df578555906f982bfb7de9726f98",
                "recorded_at": "2026-11-23T04:17:00.006000Z",
            },
            "recommended": {"grade": "immediate", "national": "IMMEDIATE"},
        },
    ],
}
# fmt: on
