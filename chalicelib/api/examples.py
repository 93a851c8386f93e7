"""Full examples for the API document: a call and its decision, as a run of the service gave them.

Tests hold each against its model. A caller is being attacked; the call is assessed under version 2026.1 of the shipped
policy. References and people are made up; the telephone number is one of those kept free for drama.
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
        "changes": [],
        "checks": [
            {"check": "number_history", "title": "Number: earlier calls and markers"},
            {
                "check": "person_history",
                "title": "People: markers and earlier calls, and whether the case is one for several agencies (MARAC)",
            },
            {"check": "person_national", "title": "People: national computer, warnings, bail and licence"},
            {"check": "open_incidents", "title": "Open incidents: the same place, people or number"},
        ],
        "conflicts": [],
        "duties": [
            {
                "clock": "call_ended", "duty": "tell_caller", "minutes": 0, "owed_by": "call_handler",
                "rules": ["caller_is_told"],
                "text": (
                    "We will do what I have just told you. If that changes, we will tell you. If anything changes "
                    "for you, call again at once."
                ),
                "title": (
                    "Tell the caller whether, when and how police will answer, and tell them again if that "
                    "changes"
                ),
            },
            {
                "clock": "call_ended", "duty": "safeguarding_advice", "minutes": 0, "owed_by": "call_handler",
                "rules": ["f01_danger_now"],
                "text": (
                    "If you are in danger, go where you are safe if you can, lock the door, keep away from "
                    "whoever may hurt you and stay on the telephone."
                ),
                "title": "Give advice on staying safe until police are there",
            },
            {
                "clock": "call_ended", "duty": "preservation_advice", "minutes": 0, "owed_by": "call_handler",
                "rules": ["attack_reported"],
                "text": (
                    "Please leave things as they are and touch as little as you can. Keep recordings and "
                    "messages, and the names of those who saw it."
                ),
                "title": "Give advice on keeping evidence",
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
            "responsible is here or nearby; Serious harm and a threat together make a high risk; Harm and a "
            "strong threat together make a high risk; A threat or harm by itself makes a risk; Every caller is "
            "told whether, when and how police will answer; Somebody was attacked or hurt. Open: If we are cut "
            "off, can we call b..."
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
            {"because": "required", "fact": "safe_place", "purpose": "safeguarding"},
            {"because": "required", "fact": "household", "purpose": "safeguarding"},
            {"because": "required", "fact": "vulnerability", "purpose": "grade"},
            {"because": "purpose", "fact": "weapon_kind", "purpose": "officer_safety"},
            {"because": "purpose", "fact": "suspect_signs", "purpose": "officer_safety"},
            {"because": "purpose", "fact": "number_marker", "purpose": "officer_safety"},
            {"because": "purpose", "fact": "person_marker", "purpose": "officer_safety"},
            {"because": "purpose", "fact": "person_warnings", "purpose": "officer_safety"},
            {"because": "purpose", "fact": "concerns", "purpose": "safeguarding"},
            {"because": "purpose", "fact": "interim_risk", "purpose": "safeguarding"},
            {"because": "purpose", "fact": "injury", "purpose": "safeguarding"},
            {"because": "purpose", "fact": "open_incident", "purpose": "safeguarding"},
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
                "answers": [
                    "dangers_now: violence (heard_on_line 04:17)", "suspect_whereabouts: here (caller 04:17)",
                    "injury: minor or serious (victim 04:17)", "address_marker: none_known (system_check 04:17)",
                ],
                "id": "risk_serious_and_threatened", "kind": "rule",
                "says": "Serious harm and a threat together make a high risk.",
            },
            {
                "answers": [
                    "dangers_now: violence (heard_on_line 04:17)", "suspect_whereabouts: here (caller 04:17)",
                    "injury: minor or serious (victim 04:17)", "address_marker: none_known (system_check 04:17)",
                ],
                "id": "risk_harm_and_strong_threat", "kind": "rule",
                "says": "Harm and a strong threat together make a high risk.",
            },
            {
                "answers": [
                    "dangers_now: violence (heard_on_line 04:17)", "suspect_whereabouts: here (caller 04:17)",
                    "injury: minor or serious (victim 04:17)", "address_marker: none_known (system_check 04:17)",
                ],
                "id": "risk_harm_and_threat", "kind": "rule", "says": "A threat or harm by itself makes a risk.",
            },
            {
                "answers": ["where: known (caller 04:17)"], "id": "caller_is_told", "kind": "rule",
                "says": "Every caller is told whether, when and how police will answer.",
            },
            {
                "answers": ["injury: minor or serious (victim 04:17)"], "id": "attack_reported", "kind": "rule",
                "says": "Somebody was attacked or hurt.",
            },
        ],
        "response": {
            "needs": [], "permitted": ["attend"],
            "refused": [
                {"response": "appointment_home", "rule": "f01_danger_now"},
                {"response": "appointment_station", "rule": "f01_danger_now"},
                {"response": "telephone_desk", "rule": "f01_danger_now"},
                {"response": "other_agency", "rule": "f01_danger_now"},
                {"response": "advice", "rule": "f01_danger_now"},
            ],
            "require": "attendance", "required_by": ["f01_danger_now"],
        },
        "timers": [
            {
                "due": "2026-11-23T04:17:42.318204Z", "owed_by": "dispatcher", "severity": "act",
                "timer": "immediate_to_inspector", "title": "Nobody is assigned: tell the duty inspector now",
            },
            {
                "due": "2026-11-23T04:32:42.318204Z", "owed_by": "dispatcher", "severity": "act",
                "timer": "immediate_reassess",
                "title": "Nobody is there: assess again, call back if that is safe, keep them safe",
            },
            {
                "due": "2026-11-23T07:47:30.000000Z", "owed_by": "dispatcher", "severity": "act",
                "timer": "open_reassess", "title": "Still open after three and a half hours",
            },
            {
                "owed_by": "supervisor", "severity": "act", "timer": "delayed_reassess",
                "title": "Officers are delayed: assess the risk again, keep them safe and tell the caller",
            },
            {
                "owed_by": "dispatcher", "severity": "act", "timer": "shift_change",
                "title": "Past its target at the change of shift: tell the sergeant or inspector again",
            },
        ],
        "victims": [
            {
                "about": "V1", "because": [], "category": "not_settled",
                "settled_by": [
                    "dangers_now", "concerns", "happened", "domestic_abuse", "vulnerability", "affects_safety",
                    "incidents_victim_12m", "asb_targeted", "asb_before", "intimidated",
                ],
                "tell": [
                    {
                        "id": "help_to_understand", "say": "now",
                        "text": "We can get you an interpreter or somebody to help you. Which do you need?",
                        "title": "You can have an interpreter, easy words or somebody to help you",
                    },
                    {
                        "id": "recorded", "say": "officer",
                        "title": "What you report is recorded, and you get the number",
                    },
                    {
                        "id": "what_happens_next", "say": "officer",
                        "text": (
                            "As a victim you have rights under the Victims' Code: to be told what happens, to be "
                            "offered support, and to be kept informed. We will send them to you in the way that "
                            "is safe for you."
                        ),
                        "title": "What happens next, and when you will hear from us",
                    },
                    {
                        "id": "support", "say": "officer",
                        "text": (
                            "Hertfordshire Beacon is a free service that supports victims, whether or not anybody "
                            "is charged. May we pass on your details, and how is it safe to reach you?"
                        ),
                        "title": "You can have support whether or not anybody is charged",
                    },
                    {
                        "id": "safe_contact", "say": "officer",
                        "text": "Is it safe to call, write or leave a message? At which times?",
                        "title": "How and when it is safe to reach you",
                    },
                    {
                        "id": "told_soon", "say": "officer",
                        "title": "You will be told within one working day when something happens to the suspect",
                    },
                    {
                        "id": "told", "say": "officer",
                        "title": "You will be told within five working days when something happens to the suspect",
                    },
                    {
                        "id": "statement", "say": "officer",
                        "title": "You can say in a statement of your own what the crime did to you",
                    },
                    {"id": "complain", "say": "officer", "title": "You can complain if your rights are not kept"},
                ],
            },
        ],
    },
    "contact": "HC-20261123-0417-1", "decision": "d_gnxuyjhl5iaiw6lqownuff76vi7zksz3", "incident": "HC-20261123-0417",
    "mode": "live",
    "policy": {
        "digest": "b5acc2c2c4aeeec43f62ca43634ce638def1082a6b11ce6c424492dbf714f456", "id": "hertfordshire-thriives",
        "version": "2026.1",
    },
    "receipt": {
        "leaf_hash": "378da52f42c47ab74141da24730a75d3c0e54b09a6bb158612853a3ee6e9674e",
        "recorded_at": "2026-11-23T04:17:42.318204Z",
    },
    "warnings": [],
}
INCIDENT: Json = {
    "decisions": [
        {
            "actor": {"client": "cad-01", "pseudonym": "ch-4471", "role": "call_handler"},
            "contact": "HC-20261123-0417-1", "decision": "d_gnxuyjhl5iaiw6lqownuff76vi7zksz3",
            "log": (
                "THRIIVES 2026.1: IMMEDIATE. Because: Danger to life, violence now or about to happen, serious "
                "injury, or serious damage to property; Whether there is a weapon is not known, and whoever is "
                "responsible is here or nearby; Serious harm and a threat together make a high risk; Harm and a "
                "strong threat together make a high risk; A threat or harm by itself makes a risk; Every caller "
                "is told whether, when and how police will answer; Somebody was attacked or hurt. Open: If we are "
                "cut off, can we call b..."
            ),
            "policy": "2026.1",
            "reasons": [
                "f01_danger_now", "weapon_not_known", "risk_serious_and_threatened", "risk_harm_and_strong_threat",
                "risk_harm_and_threat", "caller_is_told", "attack_reported",
            ],
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
            "policy": "b5acc2c2c4aeeec43f62ca43634ce638def1082a6b11ce6c424492dbf714f456",
            "reasons": [
                "f01_danger_now", "weapon_not_known", "risk_serious_and_threatened", "risk_harm_and_strong_threat",
                "risk_harm_and_threat", "caller_is_told", "attack_reported",
            ],
            "recommended": "IMMEDIATE", "recorded_at": "2026-11-23T04:17:42.318204Z", "standing": "IMMEDIATE",
            "version": "2026.1",
        },
    ],
}
# fmt: on
