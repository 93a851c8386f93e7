"""Things to test with: valid by default, so that a test names only what it is about."""

from __future__ import annotations

from hashlib import sha256

from chalicelib.records.entry import Entry, Shelf, Summary

SUMMARY = {
    "id": "d-0001",
    "kind": "decision",
    "force": "hertfordshire",
    "mode": "live",
    "recorded_at": "2026-11-23T04:17:00.000000Z",
    "actor": "ch-4471",
    "contact": "HC-20261123-0417-1",
    "incident": "HC-20261123-0417",
    "grade": "IMMEDIATE",
    "standing": "IMMEDIATE",
    "policy": sha256(b"a policy").hexdigest(),
    "version": "2026.1",
    "flags": ("domestic_abuse",),
    "rules": ("violence_now", "suspect_here"),
}


def an_entry(**changes: object) -> Entry:
    """A decision, or with another `kind` an event of the incident. Changes name members of the entry or its summary."""
    described = {name: value for name, value in changes.items() if name in Summary.model_fields}
    summary = Summary.model_validate({**SUMMARY, **described})
    decision = summary.kind == "decision"
    entry = {
        "place_shelf": Shelf.DECISION if decision else Shelf.INCIDENT,
        "place_name": summary.id if decision else summary.incident,
        "body": f'{{"id":"{summary.id}"}}'.encode(),
        "secret": sha256(b"secret " + summary.id.encode()).digest(),
        "leaf": b"leaf of " + summary.id.encode(),
        "fingerprint": sha256(summary.id.encode()).hexdigest(),
        **{name: value for name, value in changes.items() if name in Entry.model_fields},
    }
    return Entry.model_validate({**entry, "summary": summary})
