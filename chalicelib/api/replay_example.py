"""A full example of a replay, as a run of the service gave it. The result stands in it twice."""

from __future__ import annotations

from chalicelib.canonical import Json

# fmt: off
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
        "digest": "b5acc2c2c4aeeec43f62ca43634ce638def1082a6b11ce6c424492dbf714f456", "id": "hertfordshire-thriives",
        "version": "2026.1",
    },
    "trigger": "new_information", "warnings": [],
}
_RESULT: Json = {
    "basis": {"ids": ["f01_danger_now"], "kind": "rule"}, "certain": "immediate", "changes": [],
    "checks": [
        {"check": "number_history"}, {"check": "person_history"}, {"check": "person_national"},
        {"check": "open_incidents"},
    ],
    "conflicts": [],
    "duties": [
        {"duty": "tell_caller", "rules": ["caller_is_told"]},
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
            "id": "risk_serious_and_threatened", "kind": "rule",
            "used": [
                {
                    "at": "2026-11-23T04:17:21.000000Z", "fact": "dangers_now", "source": "heard_on_line",
                    "values": ["violence"],
                },
                {
                    "at": "2026-11-23T04:17:42.318204Z", "fact": "suspect_whereabouts", "source": "caller",
                    "values": ["here"],
                },
                {
                    "at": "2026-11-23T04:17:42.318204Z", "fact": "injury", "source": "victim",
                    "values": ["minor", "serious"],
                },
                {
                    "at": "2026-11-23T04:17:36.000000Z", "fact": "address_marker", "source": "system_check",
                    "values": ["none_known"],
                },
            ],
        },
        {
            "id": "risk_harm_and_strong_threat", "kind": "rule",
            "used": [
                {
                    "at": "2026-11-23T04:17:21.000000Z", "fact": "dangers_now", "source": "heard_on_line",
                    "values": ["violence"],
                },
                {
                    "at": "2026-11-23T04:17:42.318204Z", "fact": "suspect_whereabouts", "source": "caller",
                    "values": ["here"],
                },
                {
                    "at": "2026-11-23T04:17:42.318204Z", "fact": "injury", "source": "victim",
                    "values": ["minor", "serious"],
                },
                {
                    "at": "2026-11-23T04:17:36.000000Z", "fact": "address_marker", "source": "system_check",
                    "values": ["none_known"],
                },
            ],
        },
        {
            "id": "risk_harm_and_threat", "kind": "rule",
            "used": [
                {
                    "at": "2026-11-23T04:17:21.000000Z", "fact": "dangers_now", "source": "heard_on_line",
                    "values": ["violence"],
                },
                {
                    "at": "2026-11-23T04:17:42.318204Z", "fact": "suspect_whereabouts", "source": "caller",
                    "values": ["here"],
                },
                {
                    "at": "2026-11-23T04:17:42.318204Z", "fact": "injury", "source": "victim",
                    "values": ["minor", "serious"],
                },
                {
                    "at": "2026-11-23T04:17:36.000000Z", "fact": "address_marker", "source": "system_check",
                    "values": ["none_known"],
                },
            ],
        },
        {
            "id": "caller_is_told", "kind": "rule",
            "used": [{"at": "2026-11-23T04:17:42.318204Z", "fact": "where", "source": "caller", "values": ["known"]}],
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
        {"rule": "f01_weapon", "truth": "unknown"}, {"rule": "f01_risk_to_life", "truth": "unknown"},
        {"rule": "f01_likely_before_arrival", "truth": "unknown"},
        {"rule": "f02_serious_crime_now", "truth": "unknown"}, {"rule": "f02_offender_disturbed", "truth": "unknown"},
        {"rule": "f02_offender_in_building", "truth": "unknown"},
        {"rule": "f02_offender_held_a_risk", "truth": "unknown"}, {"rule": "f02_courier_coming", "truth": "unknown"},
        {"rule": "f03_screams_or_struggle", "truth": "unknown"}, {"rule": "f03_screaming", "truth": "unknown"},
        {"rule": "f04_silent_with_marker", "truth": "unknown"},
        {"rule": "f04_silent_with_earlier_abuse", "truth": "unknown"},
        {"rule": "f16_child_in_danger", "truth": "unknown"}, {"rule": "f16_not_safe_at_home", "truth": "unknown"},
        {"rule": "f16_child_not_safe_at_home", "truth": "unknown"},
        {"rule": "f16_exploited_child", "truth": "unknown"}, {"rule": "f16_exploited_child_now", "truth": "unknown"},
        {"rule": "f05_domestic_abuse_at_once", "truth": "unknown"},
        {"rule": "f05_domestic_abuse_cut_off", "truth": "unknown"},
        {"rule": "f06_domestic_abuse", "truth": "unknown"}, {"rule": "f07_life_at_risk", "truth": "unknown"},
        {"rule": "f07_self_harm", "truth": "unknown"}, {"rule": "f08_missing_high_risk", "truth": "unknown"},
        {"rule": "f08_missing", "truth": "unknown"}, {"rule": "f08_missing_recorded", "truth": "unknown"},
        {"rule": "f09_collision_danger", "truth": "unknown"}, {"rule": "f09_vehicle_off_road", "truth": "unknown"},
        {"rule": "f09_collision_injury_likely", "truth": "unknown"},
        {"rule": "f10_collision_minor", "truth": "unknown"}, {"rule": "f10_drink_or_drugs", "truth": "unknown"},
        {"rule": "f10_concern_for_safety", "truth": "unknown"}, {"rule": "f10_concern_recorded", "truth": "unknown"},
        {"rule": "f10_neglect", "truth": "unknown"}, {"rule": "f10_call_not_answered", "truth": "unknown"},
        {"rule": "f10_cannot_speak", "truth": "unknown"}, {"rule": "f10_denied", "truth": "unknown"},
        {"rule": "f10_distress", "truth": "unknown"}, {"rule": "f10_vulnerable", "truth": "unknown"},
        {"rule": "f10_evidence_at_risk", "truth": "unknown"}, {"rule": "evidence_to_secure", "truth": "unknown"},
        {"rule": "f10_offender_there", "truth": "unknown"}, {"rule": "f10_hate_recent", "truth": "unknown"},
        {"rule": "f10_sexual_offence_or_exploitation", "truth": "unknown"},
        {"rule": "f10_sexual_offence", "truth": "unknown"}, {"rule": "f10_exploitation", "truth": "unknown"},
        {"rule": "sexual_offence", "truth": "unknown"}, {"rule": "exploitation", "truth": "unknown"},
        {"rule": "honour", "truth": "unknown"}, {"rule": "f02_honour_leaving", "truth": "unknown"},
        {"rule": "f10_fraud_going_on", "truth": "unknown"}, {"rule": "repeat_calls_today", "truth": "unknown"},
        {"rule": "f10_attack_just_now", "truth": "unknown"}, {"rule": "f11_threat_near_or_able", "truth": "unknown"},
        {"rule": "f11_threat_to_kill", "truth": "unknown"}, {"rule": "f12_stalking", "truth": "unknown"},
        {"rule": "f12_order_breach", "truth": "unknown"}, {"rule": "f13_home_burglary", "truth": "unknown"},
        {"rule": "f14_prejudice", "truth": "unknown"}, {"rule": "f15_personal_repeat", "truth": "unknown"},
        {"rule": "f15_impact", "truth": "unknown"}, {"rule": "f17_judgement_immediate", "truth": "unknown"},
        {"rule": "f17_judgement_priority", "truth": "unknown"},
        {"rule": "f17_judgement_scheduled", "truth": "unknown"}, {"rule": "officer_to_see", "truth": "unknown"},
        {"rule": "tracked_property", "truth": "unknown"}, {"rule": "risk_serious_and_threatened", "truth": "true"},
        {"rule": "risk_harm_and_strong_threat", "truth": "true"}, {"rule": "risk_harm_and_threat", "truth": "true"},
        {"rule": "risk_harm_and_likelihood", "truth": "unknown"}, {"rule": "agency_has_not_come", "truth": "unknown"},
        {"rule": "police_owe_something", "truth": "unknown"}, {"rule": "agency_to_answer", "truth": "unknown"},
        {"rule": "manner_is_no_measure", "truth": "unknown"},
        {"rule": "not_a_hoax_until_checked", "truth": "unknown"},
        {"rule": "refusal_settles_nothing", "truth": "unknown"}, {"rule": "caller_is_told", "truth": "true"},
        {"rule": "cut_off_or_silent", "truth": "unknown"}, {"rule": "ambulance_now", "truth": "unknown"},
        {"rule": "vulnerable_and_harmed", "truth": "unknown"}, {"rule": "attack_reported", "truth": "true"},
        {"rule": "abuse_danger_signs", "truth": "unknown"}, {"rule": "strangled", "truth": "unknown"},
        {"rule": "stalking_pattern", "truth": "unknown"}, {"rule": "getting_worse", "truth": "unknown"},
        {"rule": "suspect_dangerous", "truth": "unknown"}, {"rule": "carer_responsible", "truth": "unknown"},
        {"rule": "something_may_happen", "truth": "unknown"}, {"rule": "honour_watched", "truth": "unknown"},
        {"rule": "exploitation_kind", "truth": "unknown"}, {"rule": "welfare_reasons", "truth": "unknown"},
        {"rule": "somebody_has_to_look", "truth": "unknown"}, {"rule": "only_later", "truth": "unknown"},
        {"rule": "collapsed", "truth": "unknown"}, {"rule": "self_harm_history", "truth": "unknown"},
        {"rule": "walked_out", "truth": "unknown"}, {"rule": "markers_known", "truth": "unknown"},
        {"rule": "person_warned_of", "truth": "unknown"}, {"rule": "known_for_abuse", "truth": "unknown"},
        {"rule": "order_protects", "truth": "unknown"}, {"rule": "belongs_to_open_incident", "truth": "unknown"},
        {"rule": "place_known", "truth": "unknown"}, {"rule": "weapon_near", "truth": "unknown"},
        {"rule": "firearm_or_acid", "truth": "unknown"}, {"rule": "others_in_household", "truth": "unknown"},
        {"rule": "no_safe_place", "truth": "unknown"}, {"rule": "repeat_victim", "truth": "unknown"},
        {"rule": "child_involved", "truth": "unknown"}, {"rule": "needs_help_to_understand", "truth": "unknown"},
        {"rule": "asb_aimed_at_them", "truth": "unknown"}, {"rule": "asb_changes_lives", "truth": "unknown"},
        {"rule": "fraud_trusted", "truth": "unknown"}, {"rule": "great_harm", "truth": "unknown"},
        {"rule": "property_or_animal", "truth": "unknown"}, {"rule": "lines_of_enquiry", "truth": "unknown"},
        {"rule": "driver_left", "truth": "unknown"}, {"rule": "community_concern", "truth": "unknown"},
        {"rule": "not_safe_to_contact", "truth": "unknown"}, {"rule": "victim_of_crime", "truth": "unknown"},
        {"rule": "enhanced_rights", "truth": "unknown"}, {"rule": "burglary_prevention", "truth": "unknown"},
        {"rule": "fraud_reported", "truth": "unknown"}, {"rule": "need_attack_at_work", "truth": "unknown"},
        {"rule": "need_knife", "truth": "unknown"}, {"rule": "need_hate", "truth": "unknown"},
    ],
    "timers": [
        {"due": "2026-11-23T04:17:42.318204Z", "timer": "immediate_to_inspector"},
        {"due": "2026-11-23T04:32:42.318204Z", "timer": "immediate_reassess"},
        {"due": "2026-11-23T07:47:30.000000Z", "timer": "open_reassess"}, {"timer": "delayed_reassess"},
        {"timer": "shift_change"},
    ],
    "victims": [
        {
            "about": "V1", "because": [], "category": "not_settled",
            "settled_by": [
                "dangers_now", "concerns", "happened", "domestic_abuse", "vulnerability", "affects_safety",
                "incidents_victim_12m", "asb_targeted", "asb_before", "intimidated",
            ],
            "tell": [
                {"id": "help_to_understand", "say": "now"}, {"id": "recorded", "say": "officer"},
                {"id": "what_happens_next", "say": "officer"}, {"id": "support", "say": "officer"},
                {"id": "safe_contact", "say": "officer"}, {"id": "told_soon", "say": "officer"},
                {"id": "told", "say": "officer"}, {"id": "statement", "say": "officer"},
                {"id": "complain", "say": "officer"},
            ],
        },
    ],
}
REPLAY: Json = {
    "call": _CALL, "decision": "d_gnxuyjhl5iaiw6lqownuff76vi7zksz3", "equal": True, "intact": True,
    "recorded": _RESULT, "replayed": _RESULT, "shown_equal": True,
}
# fmt: on
