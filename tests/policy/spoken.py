"""A small policy to put into words, with the owner's phrases and without them."""

from __future__ import annotations

from chalicelib.canonical import Json
from chalicelib.policy.compiled import CompiledPolicy
from tests.strategies import Doc, compiled, document, fact, rule

PLACES = [{"id": "gone", "title": "Gone"}, {"id": "near", "title": "Nearby"}, {"id": "here", "title": "Here"}]
PLAIN = [
    fact("abuse", "yes_no", worse="yes", question="Is it a relative?"),
    fact("safe", "yes_no", worse="no", question="Is there a safe place?"),
    fact("where", "ordered", worse="higher", question="Where is he?", options=PLACES),
    fact("what", "choice", question="What was it?"),
    fact("times", "whole", worse="higher", question="How often?"),
    fact("now", "set", question="Is any of this so?", options=[{"id": t, "title": t.title()} for t in ("x", "y", "z")]),
    fact("hour", "whole", question="The hour", clock="hour", range={"least": 0, "most": 23}, worse="higher"),
]
PHRASES: dict[str, Doc] = {
    "abuse": {"phrase": "a relative, friend or partner is the cause", "phrase_no": "no relative is the cause"},
    "safe": {"phrase": "there is a safe place", "phrase_no": "there is no safe place"},
    "where": {"phrase": "the place of the suspect"},
    "times": {"phrase": "the number of earlier times"},
    "hour": {"phrase": "the hour"},
}
WORDS = {"x": "somebody is hurt", "y": "somebody is armed", "z": "a child is alone"}
PHRASED = [
    {
        **one,
        **PHRASES.get(str(one["id"]), {}),
        **({"options": [{"id": t, "title": t, "phrase": WORDS[t]} for t in WORDS]} if one["id"] == "now" else {}),
        **(
            {"options": [{**place, "phrase": str(place["title"]).lower()} for place in PLACES]}
            if one["id"] == "where"
            else {}
        ),
    }
    for one in PLAIN
]
NAMED: list[Json] = [
    {"id": "near", "title": "He is near", "when": {"fact": "where", "at_least": "near"}},
    {"id": "hurt", "title": "Hurt", "phrase": "somebody is hurt", "when": {"fact": "now", "includes_all": ["x", "y"]}},
    {"id": "alone", "title": "Alone", "phrase": "a child is alone", "when": {"fact": "now", "includes_any": ["z"]}},
    {"id": "sheltered", "title": "Safe", "phrase": "there is a safe place", "when": {"fact": "safe", "is": True}},
]
CALENDAR: Json = {"known_until": "2027-12-31"}
YES: Doc = {"fact": "abuse", "is": True}
SAFE: Doc = {"fact": "safe", "is": True}


def policy(facts: list[Doc], *rules: Doc, **parts: Json) -> CompiledPolicy:
    """A policy of these facts and rules with two named conditions."""
    made = rules or (rule("r", {"fact": "abuse", "is": True}, grade="top"),)
    return compiled(document(facts, list(made), **{"conditions": NAMED, "calendar": CALENDAR, **parts}))
