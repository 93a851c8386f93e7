"""A full example of an explanation, as a run of the service gave it. Its texts are the shipped policy's."""

from __future__ import annotations

from chalicelib.canonical import Json

# fmt: off
EXPLANATION: Json = {
    "attends": True, "basis": {"ids": ["f01_danger_now"], "kind": "rule"}, "certain": "immediate", "changes": [],
    "conflicts": [],
    "elements": [
        {
            "element": "threat", "level": "high", "rules": ["f01_danger_now"], "settled": True,
            "title": "Threat: imminent danger",
        },
        {
            "element": "harm", "level": "high", "rules": ["f01_danger_now", "attack_reported"], "settled": True,
            "title": "Harm: actual or potential ill effect or danger",
        },
        {
            "element": "risk", "level": "high",
            "rules": ["risk_serious_and_threatened", "risk_harm_and_strong_threat", "risk_harm_and_threat"],
            "settled": True, "title": "Risk: likelihood that harm occurs",
        },
        {
            "element": "intelligence", "level": "none", "rules": [], "settled": False,
            "title": "Intelligence: any available",
        },
        {
            "element": "investigation", "level": "none", "rules": [], "settled": False,
            "title": "Investigation: meaningful lines of enquiry",
        },
        {
            "element": "vulnerability", "level": "none", "rules": [], "settled": False,
            "title": "Vulnerability: specific needs of the victim",
        },
        {
            "element": "engagement", "level": "none", "rules": [], "settled": False,
            "title": "Engagement: community reassurance, multi-agency approach",
        },
        {
            "element": "specified_need", "level": "none", "rules": [], "settled": False,
            "title": "Specified need: what the force has resolved always to see to",
        },
        {"element": "other", "rules": ["caller_is_told"], "title": "Other"},
    ],
    "near": [],
    "near_other": [
        {
            "by_itself": False, "fact": "domestic_abuse", "grade": "immediate",
            "needed": "a partner, ex-partner or relative is or may be the cause", "needed_values": ["yes"],
            "question": "Is a partner, ex-partner or relative the cause of this, or could they be?",
            "rule": "f05_domestic_abuse_at_once",
            "says": "Domestic abuse, and whoever is responsible is not known to be gone for good.",
            "stands": "it is not known whether a partner, ex-partner or relative is or may be the cause",
            "state": "open", "tags": [],
        },
        {
            "by_itself": False, "fact": "concerns", "grade": "priority", "needed": "a sexual offence is reported",
            "needed_values": ["present"], "question": "What is the call about?", "rule": "f10_sexual_offence",
            "says": "A sexual offence: evidence is soon lost.",
            "stands": "it is not known whether a sexual offence is reported", "state": "open",
            "tags": ["sexual_offence"],
        },
        {
            "by_itself": False, "fact": "calls_24h", "grade": "priority",
            "needed": "the number of incidents from this telephone number in the last 24 hours is 2 or more",
            "needed_values": ["2 to 999"],
            "question": "How many incidents were there from this number in the last 24 hours?",
            "rule": "repeat_calls_today", "says": "At least the third call in a day, and somebody may come to harm.",
            "stands": "the number of incidents from this telephone number in the last 24 hours is not known",
            "state": "looked_up", "tags": [],
        },
        {
            "by_itself": False, "fact": "where", "needed": "the place is only roughly known or not known",
            "needed_values": ["approximate", "unknown"], "question": "Where is it happening?",
            "rule": "place_not_certain", "says": "Somebody may be in danger, and the place is not certain.",
            "stands": "the place is known", "state": "answered", "tags": [],
        },
        {
            "by_itself": False, "fact": "vulnerability",
            "needed": (
                "the person at risk is under 18; the person at risk is an older person; the person at risk has a "
                "disability or serious illness; the person at risk has a learning disability; the person at risk "
                "is mentally unwell; the person at risk has dementia; the person at risk is dependent on alcohol "
                "or drugs; the person at risk is pregnant or has a baby; the person at risk needs medicine they "
                "cannot do without; the person at risk needs help to understand or be understood; the person at "
                "risk is alone, homeless or cannot leave; the person at risk sells sex; the person at risk has "
                "been a victim before; or something else makes the person at risk vulnerable"
            ),
            "needed_values": ["present"], "question": "Is any of this true of the person at risk?",
            "rule": "vulnerable_and_harmed",
            "says": "Somebody may be harming a person whom something makes vulnerable.",
            "stands": (
                "it is not known whether the person at risk is under 18; the person at risk is an older person; "
                "the person at risk has a disability or serious illness; the person at risk has a learning "
                "disability; the person at risk is mentally unwell; the person at risk has dementia; the person "
                "at risk is dependent on alcohol or drugs; the person at risk is pregnant or has a baby; the "
                "person at risk needs medicine they cannot do without; the person at risk needs help to "
                "understand or be understood; the person at risk is alone, homeless or cannot leave; the person "
                "at risk sells sex; the person at risk has been a victim before; or something else makes the "
                "person at risk vulnerable"
            ),
            "state": "open",
            "tags": [
                "child", "older", "disability", "learning_disability", "mental_ill_health", "dementia", "dependency",
                "pregnant_or_baby", "medication", "communication", "isolated", "sex_work", "repeat_victim", "other",
            ],
        },
    ],
    "open": [
        {
            "because": "required", "fact": "callback",
            "question": "If we are cut off, can we call back safely on this number?",
        },
        {
            "because": "required", "fact": "dangers_now",
            "question": "Is anybody or anything in danger now, or about to be?",
        },
        {
            "because": "required", "fact": "domestic_abuse",
            "question": "Is a partner, ex-partner or relative the cause of this, or could they be?",
        },
        {"because": "required", "fact": "safe_place", "question": "Is there a safe place where the caller can wait?"},
        {
            "because": "required", "fact": "household",
            "question": "Are there children or adults who need care in the home?",
        },
        {"because": "required", "fact": "vulnerability", "question": "Is any of this true of the person at risk?"},
        {"because": "purpose", "fact": "weapon_kind", "question": "What kind of weapon?"},
        {"because": "purpose", "fact": "suspect_signs", "question": "Is any of this true of the person responsible?"},
        {"because": "purpose", "fact": "number_marker", "question": "What do your systems show for the number?"},
        {"because": "purpose", "fact": "person_marker", "question": "What do your systems show for the people named?"},
        {
            "because": "purpose", "fact": "person_warnings",
            "question": "Which warnings are there about the people named?",
        },
        {"because": "purpose", "fact": "concerns", "question": "What is the call about?"},
        {"because": "purpose", "fact": "interim_risk", "question": "What could happen before officers get there?"},
        {"because": "purpose", "fact": "injury", "question": "Is anybody hurt, and how badly?"},
        {"because": "purpose", "fact": "open_incident", "question": "Is there an open incident that this belongs to?"},
    ],
    "possible": "immediate",
    "precautions": [
        {
            "answers": [
                {
                    "at": "2026-11-23T04:17:21.000000Z", "fact": "dangers_now", "put": True,
                    "says": "somebody is being attacked", "source": "heard_on_line",
                },
                {
                    "at": "2026-11-23T04:17:42.318204Z", "fact": "suspect_whereabouts", "put": True,
                    "says": "the person responsible is here", "source": "caller",
                },
            ],
            "basis": [
                {
                    "id": "app_da_quick", "title": "APP domestic abuse call handler quick reference",
                    "where": "app.college.police.uk/.../call-handler-quick-reference-guide/",
                },
                {
                    "id": "nhs_pathways", "title": "NHS Pathways clinical enquiries process",
                    "where": "production-like.nhsd.io/services/nhs-pathways/...",
                },
                {
                    "id": "proposed",
                    "title": (
                        "Proposed by the authors of this policy from the sources above; the force has to confirm "
                        "it"
                    ),
                },
            ],
            "grade": "immediate",
            "not_known": [
                {
                    "fact": "weapon", "question": "Is there a weapon, or something that could be used as one?",
                    "why": ["unable"],
                },
            ],
            "precaution": "weapon_not_known",
            "question": "Is there a weapon, or something that could be used as one?",
            "says": "Whether there is a weapon is not known, and whoever is responsible is here or nearby.",
            "sentence": (
                "Immediate while it is not known whether there is a weapon or one within reach, if somebody is "
                "harming somebody else or may; and the person responsible is here or nearby. It counts when an "
                "answer is missing for whatever reason or the contact ended before anybody asked. The question "
                "that settles it: \"Is there a weapon, or something that could be used as one?\""
            ),
            "settled_by": "weapon", "whether": "there is a weapon or one within reach",
        },
    ],
    "provisional": False, "recommended": "immediate",
    "rules": [
        {
            "answers": [
                {
                    "at": "2026-11-23T04:17:21.000000Z", "fact": "dangers_now", "put": True,
                    "says": "somebody is being attacked", "source": "heard_on_line",
                },
            ],
            "basis": [
                {
                    "id": "nchs", "title": "Police graded response calls and deployment",
                    "where": "docsbay.net/police-graded-response-calls-and-deployment",
                },
            ],
            "effects": [
                "threat and harm are found to be high", "an officer attends",
                "\"Appointment where the victim or the place is\" is refused",
                "the call handler has to: \"Give advice on staying safe until police are there\"",
            ],
            "grade": "immediate", "rule": "f01_danger_now",
            "says": "Danger to life, violence now or about to happen, serious injury, or serious damage to property.",
            "sentence": (
                "Immediate if somebody's life is in danger now; somebody is being attacked; somebody is about to "
                "be attacked; somebody needs help now for a serious injury; property is being seriously damaged; "
                "there is a fire or something that may explode; or somebody is held against their will."
            ),
        },
        {
            "answers": [
                {
                    "at": "2026-11-23T04:17:21.000000Z", "fact": "dangers_now", "put": True,
                    "says": "somebody is being attacked", "source": "heard_on_line",
                },
                {
                    "at": "2026-11-23T04:17:42.318204Z", "fact": "suspect_whereabouts", "put": True,
                    "says": "the person responsible is here", "source": "caller",
                },
                {
                    "at": "2026-11-23T04:17:42.318204Z", "fact": "injury", "put": True,
                    "says": "the worst injury is serious or minor", "source": "victim",
                },
                {
                    "at": "2026-11-23T04:17:36.000000Z", "fact": "address_marker", "put": True,
                    "says": "the marker of the address is none", "source": "system_check",
                },
            ],
            "basis": [
                {
                    "id": "severity_likelihood", "title": "Flashcards NDM etc",
                    "where": "brainscape.com/flashcards/ndm-etc-12530675/packs/21166502",
                },
                {
                    "id": "thrive_definitions", "title": "West Midlands Police THRIVE policy",
                    "where": "pdf4pro.com/view/thrive-west-midlands-police-6be51c.html",
                },
            ],
            "effects": ["risk is found to be high"], "rule": "risk_serious_and_threatened",
            "says": "Serious harm and a threat together make a high risk.",
            "sentence": (
                "If threat is found to be at least medium and harm is found to be high: risk is found to be high."
            ),
        },
        {
            "answers": [
                {
                    "at": "2026-11-23T04:17:21.000000Z", "fact": "dangers_now", "put": True,
                    "says": "somebody is being attacked", "source": "heard_on_line",
                },
                {
                    "at": "2026-11-23T04:17:42.318204Z", "fact": "suspect_whereabouts", "put": True,
                    "says": "the person responsible is here", "source": "caller",
                },
                {
                    "at": "2026-11-23T04:17:42.318204Z", "fact": "injury", "put": True,
                    "says": "the worst injury is serious or minor", "source": "victim",
                },
                {
                    "at": "2026-11-23T04:17:36.000000Z", "fact": "address_marker", "put": True,
                    "says": "the marker of the address is none", "source": "system_check",
                },
            ],
            "basis": [
                {
                    "id": "severity_likelihood", "title": "Flashcards NDM etc",
                    "where": "brainscape.com/flashcards/ndm-etc-12530675/packs/21166502",
                },
                {
                    "id": "thrive_definitions", "title": "West Midlands Police THRIVE policy",
                    "where": "pdf4pro.com/view/thrive-west-midlands-police-6be51c.html",
                },
            ],
            "effects": ["risk is found to be high"], "rule": "risk_harm_and_strong_threat",
            "says": "Harm and a strong threat together make a high risk.",
            "sentence": (
                "If threat is found to be high and harm is found to be at least medium: risk is found to be high."
            ),
        },
        {
            "answers": [
                {
                    "at": "2026-11-23T04:17:21.000000Z", "fact": "dangers_now", "put": True,
                    "says": "somebody is being attacked", "source": "heard_on_line",
                },
                {
                    "at": "2026-11-23T04:17:42.318204Z", "fact": "suspect_whereabouts", "put": True,
                    "says": "the person responsible is here", "source": "caller",
                },
                {
                    "at": "2026-11-23T04:17:42.318204Z", "fact": "injury", "put": True,
                    "says": "the worst injury is serious or minor", "source": "victim",
                },
                {
                    "at": "2026-11-23T04:17:36.000000Z", "fact": "address_marker", "put": True,
                    "says": "the marker of the address is none", "source": "system_check",
                },
            ],
            "basis": [
                {
                    "id": "severity_likelihood", "title": "Flashcards NDM etc",
                    "where": "brainscape.com/flashcards/ndm-etc-12530675/packs/21166502",
                },
                {
                    "id": "thrive_definitions", "title": "West Midlands Police THRIVE policy",
                    "where": "pdf4pro.com/view/thrive-west-midlands-police-6be51c.html",
                },
            ],
            "effects": ["risk is found to be at least medium"], "rule": "risk_harm_and_threat",
            "says": "A threat or harm by itself makes a risk.",
            "sentence": (
                "If threat is found to be at least medium or harm is found to be at least medium: risk is found "
                "to be at least medium."
            ),
        },
        {
            "answers": [
                {
                    "at": "2026-11-23T04:17:42.318204Z", "fact": "where", "put": True, "says": "the place is known",
                    "source": "caller",
                },
            ],
            "basis": [
                {
                    "id": "iopc_essex", "title": "IOPC recommendations to Essex Police after a death",
                    "where": "policeconduct.gov.uk/news",
                },
                {
                    "id": "iopc_sussex", "title": "IOPC Sussex November 2023",
                    "where": "policeconduct.gov.uk/our-work/learning/recommendations-sussex-police-november-2023",
                },
                {
                    "id": "iopc_college", "title": "IOPC national recommendation College February 2023",
                    "where": "policeconduct.gov.uk/node/4199",
                },
            ],
            "effects": [
                (
                    "the call handler has to: \"Tell the caller whether, when and how police will answer, and "
                    "tell them again if that changes\""
                ),
            ],
            "rule": "caller_is_told", "says": "Every caller is told whether, when and how police will answer.",
            "sentence": (
                "If somebody calls: the call handler has to: \"Tell the caller whether, when and how police will "
                "answer, and tell them again if that changes\"."
            ),
        },
        {
            "answers": [
                {
                    "at": "2026-11-23T04:17:42.318204Z", "fact": "injury", "put": True,
                    "says": "the worst injury is serious or minor", "source": "victim",
                },
            ],
            "basis": [
                {
                    "id": "nchs", "title": "Police graded response calls and deployment",
                    "where": "docsbay.net/police-graded-response-calls-and-deployment",
                },
            ],
            "effects": [
                "harm is found to be at least medium", "the call handler has to: \"Give advice on keeping evidence\"",
            ],
            "rule": "attack_reported", "says": "Somebody was attacked or hurt.",
            "sentence": (
                "If somebody was attacked or hurt; or the worst injury is serious or minor: harm is found to be "
                "at least medium; the call handler has to: \"Give advice on keeping evidence\"."
            ),
        },
    ],
    "settled": True,
    "text": (
        "Recommended: Immediate. No answer that can still be had changes that. An officer has to "
        "attend.\n\nBecause: Danger to life, violence now or about to happen, serious injury, or serious damage "
        "to property. It rests on this: somebody is being attacked (heard on the line, 04:17). Source: Police "
        "graded response calls and deployment.\n\nAlso: Serious harm and a threat together make a high risk. Harm "
        "and a strong threat together make a high risk. A threat or harm by itself makes a risk. Every caller is "
        "told whether, when and how police will answer. Somebody was attacked or hurt.\n\nNot known, so treated "
        "as the worst (Immediate): it is not known whether there is a weapon or one within reach. Not known: \"Is "
        "there a weapon, or something that could be used as one?\" (it could not be answered). To be settled by: "
        "\"Is there a weapon, or something that could be used as one?\"\n\nFound: threat high, harm high, risk "
        "high.\n\nTo be asked next: \"If we are cut off, can we call back safely on this number?\" 14 more are "
        "open."
    ),
    "title": "Immediate",
}
# fmt: on
