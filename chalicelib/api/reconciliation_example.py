"""Full examples for the API document: a day's incidents, and what came of holding them against the trail.

Four incidents of one day: assessed, dealt with lower than stands, assessed under a wrong reference, and never assessed.
"""

from __future__ import annotations

from chalicelib.canonical import Json

# fmt: off
DAY: Json = {
    "day": "2026-11-23",
    "actor": {"pseudonym": "cad-nightly", "role": "service"},
    "mode": "live",
    "incidents": [
        {
            "reference": "HC-20261123-0417", "opened_at": "2026-11-23T04:17:30Z", "contacts": ["HC-20261123-0417-1"],
            "grade": "IMMEDIATE",
        },
        {
            "reference": "HC-20261123-0588", "opened_at": "2026-11-23T09:40:02Z", "contacts": ["HC-20261123-0588-1"],
            "grade": "SCHEDULED",
        },
        {
            "reference": "HC-20261123-0611", "opened_at": "2026-11-23T10:05:51Z", "contacts": ["HC-20261123-0611-1"],
            "grade": "PRIORITY",
        },
        {"reference": "HC-20261123-0702", "opened_at": "2026-11-23T12:31:18Z"},
    ],
}
RECONCILED: Json = {
    "as_of": "2026-11-24T02:30:00.218411Z",
    "contact_only": [],
    "counts": {
        "assessed": 2, "contact_only": 0, "graded_otherwise": 1, "never_assessed": 1, "not_in_cad": 1, "sent": 4,
        "under_another": 1,
    },
    "coverage": {"denominator": 4, "numerator": 3},
    "day": "2026-11-23",
    "graded_otherwise": [{"cad": "SCHEDULED", "reference": "HC-20261123-0588", "standing": "PRIORITY"}],
    "mode": "live",
    "never_assessed": ["HC-20261123-0702"],
    "not_in_cad": ["HC-20261123-O611"],
    "under_another": [
        {"contact": "HC-20261123-0611-1", "incident": "HC-20261123-O611", "reference": "HC-20261123-0611"},
    ],
}
# fmt: on
