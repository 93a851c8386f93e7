"""Full examples for the API document: a call and its decision, as a run of the service gave them.

Tests hold each against its model.

A caller is being attacked; the call is assessed under version 2026.1 of the shipped policy. References and people are
made up; the telephone number is one of those kept free for drama.
"""

from __future__ import annotations

from chalicelib.canonical import Json

# fmt: off
ASSESSMENT: Json = {
    "contact": {
        "reference": "HC-20261123-0417-1", "started_at": "2026-11-23T04:17:09Z", "channel": "999",
        "state": "in_progress",
    },
    "incident": {
        "reference": "HC-20261123-0417", "opened_at": "2026-11-23T04:17:30Z", "location_class": "urban",
        "category_code": "VP-02",
    },
    "actor": {"pseudonym": "ch-4471", "role": "call_handler"}, "mode": "live",
    "people": [
        {"ref": "V1", "roles": ["victim", "caller"], "identifiers": [{"kind": "phone", "value": "+447700900123"}]},
        {"ref": "S1", "roles": ["suspect"]},
    ],
    "answers": [
        {"fact": "where", "value": "known"},
        {"fact": "dangers_now", "present": ["violence"], "source": "heard_on_line", "at": "2026-11-23T04:17:21Z"},
        {"fact": "suspect_whereabouts", "value": "here", "source": "caller"},
        {"fact": "injury", "at_least": "minor", "source": "victim"}, {"fact": "weapon", "absent": "unable"},
    ],
    "checks": [{"check": "address_history", "done_at": "2026-11-23T04:17:36Z", "result": "nothing_found"}],
    "trigger": "new_information",
}
DECISION: Json = {
    "advice": {
        "changes": [], "conflicts": [],
        "duties": [
            {
                "clock": "call_ended", "duty": "tell_caller", "minutes": 0, "owed_by": "call_handler",
                "rules": ["f01_danger_now"],
                "title": "Tell the caller whether, when and how police will answer, and tell them if that changes",
            },
            {
                "clock": "call_ended", "duty": "safeguarding_advice", "minutes": 0, "owed_by": "call_handler",
                "rules": ["f01_danger_now"], "title": "Give advice on staying safe until police are there",
            },
            {
                "clock": "call_ended", "duty": "preservation_advice", "minutes": 0, "owed_by": "call_handler",
                "rules": ["attack_reported"], "title": "Give advice on keeping evidence",
            },
        ],
        "findings": [
            {"element": "threat", "level": "high", "settled": True},
            {"element": "harm", "level": "high", "settled": True},
            {"element": "risk", "level": "high", "settled": True},
            {"element": "intelligence", "level": "none", "settled": False},
            {"element": "investigation", "level": "none", "settled": False},
            {"element": "vulnerability", "level": "none", "settled": False},
            {"element": "engagement", "level": "none", "settled": False},
            {"element": "specified_need", "level": "none", "settled": False},
        ],
        "flags": [],
        "grade": {
            "certain": "immediate", "national": "IMMEDIATE", "possible": "immediate", "provisional": False,
            "recommended": "immediate", "settled": True, "standing": "IMMEDIATE", "title": "Immediate",
            "words": "Immediate.",
        },
        "log": (
            "THRIIVES 2026.1: IMMEDIATE. Because: Danger to life, violence now or about to happen, serious "
            "injury, or serious damage to property; Whether there is a weapon is not known, and whoever is "
            "responsible is here or nearby; Somebody was attacked or hurt. Open: If we are cut off, can we call "
            "back safely on this number."
        ),
        "may_stop": False, "needs": [],
        "next_question": {
            "because": "required", "fact": "callback",
            "options": [
                {"id": "safe", "title": "Yes"},
                {"id": "unsafe", "title": "There is a number, but calling it is not safe"},
                {"id": "none", "title": "There is no number"},
            ],
            "question": "If we are cut off, can we call back safely on this number?", "type": "choice",
        },
        "open_questions": [
            {"because": "required", "fact": "callback", "purpose": "dispatch"},
            {"because": "required", "fact": "dangers_now", "purpose": "grade"},
            {"because": "required", "fact": "domestic_abuse", "purpose": "grade"},
            {"because": "required", "fact": "vulnerability", "purpose": "grade"},
            {"because": "purpose", "fact": "concerns", "purpose": "safeguarding"},
            {"because": "required", "fact": "household", "purpose": "safeguarding"},
            {"because": "required", "fact": "safe_place", "purpose": "safeguarding"},
            {"because": "purpose", "fact": "number_marker", "purpose": "officer_safety"},
            {"because": "purpose", "fact": "person_marker", "purpose": "officer_safety"},
            {"because": "purpose", "fact": "injury", "purpose": "safeguarding"},
        ],
        "reasons": [
            {
                "answers": ["dangers_now: violence (heard_on_line 04:17)"], "grade": "immediate",
                "id": "f01_danger_now", "kind": "rule",
                "says": (
                    "Danger to life, violence now or about to happen, serious injury, or serious damage to "
                    "property."
                ),
            },
            {
                "answers": ["dangers_now: violence (heard_on_line 04:17)", "suspect_whereabouts: here (caller 04:17)"],
                "grade": "immediate", "id": "weapon_not_known", "kind": "precaution",
                "says": "Whether there is a weapon is not known, and whoever is responsible is here or nearby.",
            },
            {
                "answers": ["injury: minor or serious (victim 04:17)"], "id": "attack_reported", "kind": "rule",
                "says": "Somebody was attacked or hurt.",
            },
        ],
        "response": {
            "permitted": ["attend"],
            "refused": [
                {"response": "appointment_home", "rule": "f01_danger_now"},
                {"response": "appointment_station", "rule": "f01_danger_now"},
                {"response": "telephone_desk", "rule": "f01_danger_now"},
                {"response": "other_agency", "rule": "f01_danger_now"},
                {"response": "advice", "rule": "f01_danger_now"},
            ],
            "require": "attendance", "required_by": ["f01_danger_now"],
        },
    },
    "contact": "HC-20261123-0417-1", "decision": "d_gnxuyjhl5iaiw6lqownuff76vi7zksz3", "incident": "HC-20261123-0417",
    "mode": "live",
    "policy": {
        "digest": "5da69f387281c5d86bcf7f21ef46743c4052d18aff60be1b9a2d27ddd6747b26", "id": "hertfordshire-thriives",
        "version": "2026.1",
    },
    "receipt": {
        "leaf_hash": "5c7d29f2ac2a0c7916986931aedc1a61685dc159517ba89e15d95befd2162fdb",
        "recorded_at": "2026-11-23T04:17:42.318204Z",
    },
    "warnings": [],
}
_CALL: Json = {
    "answers": [
        {
            "at": "2026-11-23T04:17:21.000000Z", "correction": False, "fact": "dangers_now", "present": ["violence"],
            "source": "heard_on_line", "supervisor": False,
        },
        {
            "at": "2026-11-23T04:17:42.318204Z", "correction": False, "fact": "where", "source": "caller",
            "supervisor": False, "value": "known",
        },
        {
            "at": "2026-11-23T04:17:42.318204Z", "correction": False, "fact": "suspect_whereabouts",
            "source": "caller", "supervisor": False, "value": "here",
        },
        {
            "at": "2026-11-23T04:17:42.318204Z", "at_least": "minor", "correction": False, "fact": "injury",
            "source": "victim", "supervisor": False,
        },
        {
            "absent": "unable", "at": "2026-11-23T04:17:42.318204Z", "correction": False, "fact": "weapon",
            "source": "caller", "supervisor": False,
        },
    ],
    "checks": [{"check": "address_history", "done_at": "2026-11-23T04:17:36.000000Z", "result": "nothing_found"}],
    "contact": {"channel": "999", "started_at": "2026-11-23T04:17:09.000000Z", "state": "in_progress"},
    "engine": {"name": "thriives", "version": "0.1.0"},
    "incident": {"category_code": "VP-02", "location_class": "urban", "opened_at": "2026-11-23T04:17:30.000000Z"},
    "lookups": [{"decisions": [], "reasons": [], "state": "none"}],
    "people": [
        {
            "ref": "V1", "roles": ["victim", "caller"],
            "subjects": [
                {
                    "hash": "1f887fe49494ee129ae83b83b15f9298b068f23911946a5f168999293b813a1d", "key_version": 1,
                    "kind": "phone", "normalisation": 1,
                },
            ],
        },
        {"ref": "S1", "roles": ["suspect"], "subjects": []},
    ],
    "policy": {
        "digest": "5da69f387281c5d86bcf7f21ef46743c4052d18aff60be1b9a2d27ddd6747b26", "id": "hertfordshire-thriives",
        "version": "2026.1",
    },
    "trigger": "new_information", "warnings": [],
}
_RESULT: Json = {
    "basis": {"ids": ["f01_danger_now"], "kind": "rule"}, "certain": "immediate", "changes": [], "conflicts": [],
    "duties": [
        {"duty": "tell_caller", "rules": ["f01_danger_now"]},
        {"duty": "safeguarding_advice", "rules": ["f01_danger_now"]},
        {"duty": "preservation_advice", "rules": ["attack_reported"]},
    ],
    "exact": True,
    "findings": [
        {"element": "threat", "level": "high", "settled": True},
        {"element": "harm", "level": "high", "settled": True}, {"element": "risk", "level": "high", "settled": True},
        {"element": "intelligence", "level": "none", "settled": False},
        {"element": "investigation", "level": "none", "settled": False},
        {"element": "vulnerability", "level": "none", "settled": False},
        {"element": "engagement", "level": "none", "settled": False},
        {"element": "specified_need", "level": "none", "settled": False},
    ],
    "flags": [], "format": "result/1", "grade_settled": True, "impossible": [], "may_stop": False,
    "national": {"recommended": "IMMEDIATE", "standing": "IMMEDIATE"}, "needs": [], "possible": "immediate",
    "provisional": False,
    "questions": [
        {"because": "required", "fact": "callback", "purpose": "dispatch"},
        {"because": "required", "fact": "dangers_now", "purpose": "grade"},
        {"because": "required", "fact": "domestic_abuse", "purpose": "grade"},
        {"because": "required", "fact": "vulnerability", "purpose": "grade"},
        {"because": "purpose", "fact": "concerns", "purpose": "safeguarding"},
        {"because": "required", "fact": "household", "purpose": "safeguarding"},
        {"because": "required", "fact": "safe_place", "purpose": "safeguarding"},
        {"because": "purpose", "fact": "number_marker", "purpose": "officer_safety"},
        {"because": "purpose", "fact": "person_marker", "purpose": "officer_safety"},
        {"because": "purpose", "fact": "injury", "purpose": "safeguarding"},
    ],
    "reasons": [
        {
            "grade": "immediate", "id": "f01_danger_now", "kind": "rule",
            "used": [
                {
                    "at": "2026-11-23T04:17:21.000000Z", "fact": "dangers_now", "source": "heard_on_line",
                    "values": ["violence"],
                },
            ],
        },
        {
            "grade": "immediate", "id": "weapon_not_known", "kind": "precaution",
            "used": [
                {
                    "at": "2026-11-23T04:17:21.000000Z", "fact": "dangers_now", "source": "heard_on_line",
                    "values": ["violence"],
                },
                {
                    "at": "2026-11-23T04:17:42.318204Z", "fact": "suspect_whereabouts", "source": "caller",
                    "values": ["here"],
                },
            ],
        },
        {
            "id": "attack_reported", "kind": "rule",
            "used": [
                {
                    "at": "2026-11-23T04:17:42.318204Z", "fact": "injury", "source": "victim",
                    "values": ["minor", "serious"],
                },
            ],
        },
    ],
    "recommended": "immediate",
    "response": {
        "permitted": ["attend"],
        "refused": [
            {"response": "appointment_home", "rule": "f01_danger_now"},
            {"response": "appointment_station", "rule": "f01_danger_now"},
            {"response": "telephone_desk", "rule": "f01_danger_now"},
            {"response": "other_agency", "rule": "f01_danger_now"}, {"response": "advice", "rule": "f01_danger_now"},
        ],
        "require": "attendance", "required_by": ["f01_danger_now"],
    },
    "rules": [
        {"rule": "f01_danger_now", "truth": "true"}, {"rule": "f01_seriously_hurt", "truth": "unknown"},
        {"rule": "f01_weapon", "truth": "unknown"}, {"rule": "f02_serious_crime_now", "truth": "unknown"},
        {"rule": "f02_offender_disturbed", "truth": "unknown"},
        {"rule": "f02_offender_in_building", "truth": "unknown"},
        {"rule": "f02_offender_held_a_risk", "truth": "unknown"},
        {"rule": "f03_screams_or_struggle", "truth": "unknown"},
        {"rule": "f04_silent_with_marker", "truth": "unknown"}, {"rule": "f16_child_in_danger", "truth": "unknown"},
        {"rule": "f05_domestic_abuse_at_once", "truth": "unknown"},
        {"rule": "f05_domestic_abuse_cut_off", "truth": "unknown"},
        {"rule": "f06_domestic_abuse", "truth": "unknown"}, {"rule": "f07_life_at_risk", "truth": "unknown"},
        {"rule": "f07_self_harm", "truth": "unknown"}, {"rule": "f08_missing_high_risk", "truth": "unknown"},
        {"rule": "f08_missing", "truth": "unknown"}, {"rule": "f09_collision_danger", "truth": "unknown"},
        {"rule": "f09_collision_injury_likely", "truth": "unknown"},
        {"rule": "f10_collision_minor", "truth": "unknown"}, {"rule": "f10_concern_for_safety", "truth": "unknown"},
        {"rule": "f10_call_not_answered", "truth": "unknown"}, {"rule": "f10_cannot_speak", "truth": "unknown"},
        {"rule": "f10_distress", "truth": "unknown"}, {"rule": "f10_vulnerable", "truth": "unknown"},
        {"rule": "f10_evidence_at_risk", "truth": "unknown"}, {"rule": "f10_offender_there", "truth": "unknown"},
        {"rule": "f10_hate_recent", "truth": "unknown"},
        {"rule": "f10_sexual_offence_or_exploitation", "truth": "unknown"},
        {"rule": "f11_threat_near_or_able", "truth": "unknown"}, {"rule": "f11_threat_to_kill", "truth": "unknown"},
        {"rule": "f12_stalking", "truth": "unknown"}, {"rule": "f12_order_breach", "truth": "unknown"},
        {"rule": "f13_home_burglary", "truth": "unknown"}, {"rule": "f14_prejudice", "truth": "unknown"},
        {"rule": "f15_personal_repeat", "truth": "unknown"}, {"rule": "f17_judgement_immediate", "truth": "unknown"},
        {"rule": "f17_judgement_priority", "truth": "unknown"},
        {"rule": "f17_judgement_scheduled", "truth": "unknown"}, {"rule": "officer_to_see", "truth": "unknown"},
        {"rule": "attack_reported", "truth": "true"}, {"rule": "markers_known", "truth": "unknown"},
        {"rule": "known_for_abuse", "truth": "unknown"}, {"rule": "weapon_near", "truth": "unknown"},
        {"rule": "others_in_household", "truth": "unknown"}, {"rule": "no_safe_place", "truth": "unknown"},
        {"rule": "repeat_victim", "truth": "unknown"}, {"rule": "child_involved", "truth": "unknown"},
        {"rule": "needs_help_to_understand", "truth": "unknown"}, {"rule": "asb_aimed_at_them", "truth": "unknown"},
        {"rule": "victim_of_crime", "truth": "unknown"}, {"rule": "enhanced_rights", "truth": "unknown"},
        {"rule": "burglary_prevention", "truth": "unknown"},
    ],
}
REPLAY: Json = {
    "call": _CALL, "decision": "d_gnxuyjhl5iaiw6lqownuff76vi7zksz3", "equal": True, "intact": True,
    "recorded": _RESULT, "replayed": _RESULT, "shown_equal": True,
}
INCIDENT: Json = {
    "decisions": [
        {
            "actor": {"client": "cad-01", "pseudonym": "ch-4471", "role": "call_handler"},
            "contact": "HC-20261123-0417-1", "decision": "d_gnxuyjhl5iaiw6lqownuff76vi7zksz3",
            "log": (
                "THRIIVES 2026.1: IMMEDIATE. Because: Danger to life, violence now or about to happen, serious "
                "injury, or serious damage to property; Whether there is a weapon is not known, and whoever is "
                "responsible is here or nearby; Somebody was attacked or hurt. Open: If we are cut off, can we "
                "call back safely on this number."
            ),
            "policy": "2026.1", "reasons": ["f01_danger_now", "weapon_not_known", "attack_reported"],
            "recommended": "IMMEDIATE", "recorded_at": "2026-11-23T04:17:42.318204Z", "standing": "IMMEDIATE",
        },
    ],
    "incident": "HC-20261123-0417", "mode": "live", "standing": "IMMEDIATE",
}
SEARCH: Json = {
    "as_of": "2026-11-23T09:02:11.904417Z",
    "decisions": [
        {
            "actor": "ch-4471", "contact": "HC-20261123-0417-1", "decision": "d_gnxuyjhl5iaiw6lqownuff76vi7zksz3",
            "flags": [], "incident": "HC-20261123-0417", "mode": "live",
            "policy": "5da69f387281c5d86bcf7f21ef46743c4052d18aff60be1b9a2d27ddd6747b26",
            "reasons": ["f01_danger_now", "weapon_not_known", "attack_reported"], "recommended": "IMMEDIATE",
            "recorded_at": "2026-11-23T04:17:42.318204Z", "standing": "IMMEDIATE", "version": "2026.1",
        },
    ],
}
# fmt: on
