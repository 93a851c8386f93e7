"""What earlier decisions of a contact and its incident bring into the next one. It reads no store.

Claims are a set that only grows. Several of the newest decisions are taken together, so that two that did not see each
other lose nothing: whatever either was told is there again in the next.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from chalicelib.assessment.call import CheckDone, Claim, Earlier, Incident, Person
from chalicelib.canonical import canonical, sha256_hex
from chalicelib.model import Frozen
from chalicelib.policy.document import Role
from chalicelib.records.record import DecisionRecord, plain


@dataclass(frozen=True, slots=True)
class Accumulated:
    """All that was said and found before."""

    earlier: Earlier
    people: tuple[Person, ...] = ()
    answers: tuple[Claim, ...] = ()
    checks: tuple[CheckDone, ...] = ()
    incident: Incident | None = None
    happened_at: datetime | None = None


def accumulated(records: Sequence[DecisionRecord], contact: str) -> Accumulated:
    """The union of what records hold, seen from one contact: other contacts' people get a prefix to their reference."""
    if not records:
        return Accumulated(Earlier(state="none"))
    oldest_first = sorted(records, key=lambda record: (record.envelope.recorded_at, record.envelope.id))
    newest = oldest_first[-1]
    return Accumulated(
        Earlier(
            state="read",
            decisions=tuple(record.envelope.id for record in reversed(oldest_first)),
            standing=max((record.result.national.standing for record in records), key=lambda grade: grade.rank),
            policy=newest.call.policy.digest,
            recommended=newest.result.recommended,
            reasons=tuple(reason.id for reason in newest.result.reasons),
        ),
        joined_people(person for record in oldest_first for person in _people(record, contact)),
        joined_answers(claim for record in oldest_first for claim in _answers(record, contact)),
        joined_checks(check for record in oldest_first for check in record.call.checks),
        joined_incident(record.call.incident for record in oldest_first),
        latest(record.call.contact.happened_at for record in records),
    )


def joined_incident(incidents: Iterable[Incident | None]) -> Incident | None:
    """What is known of the incident: the newest of each member that was ever given."""
    given = [plain(incident) for incident in incidents if incident is not None]
    return Incident(**{name: value for one in given for name, value in one.items()}) if given else None


def latest(moments: Iterable[datetime | None]) -> datetime | None:
    """The latest of the moments that were given: what happened more recently is the more urgent."""
    return max((moment for moment in moments if moment is not None), default=None)


def joined_people(people: Iterable[Person]) -> tuple[Person, ...]:
    """Each person once, with all roles and identifiers that were ever given."""
    found: dict[str, Person] = {}
    for person in people:
        known = found.get(person.ref, Person(ref=person.ref, roles=()))
        roles: tuple[Role, ...] = tuple(dict.fromkeys((*known.roles, *person.roles)))
        found[person.ref] = Person(ref=person.ref, roles=roles, subjects=_distinct((*known.subjects, *person.subjects)))
    return tuple(found.values())


def joined_checks(checks: Iterable[CheckDone]) -> tuple[CheckDone, ...]:
    """Each check with its result once."""
    return _distinct(checks)


def joined_answers(claims: Iterable[Claim]) -> tuple[Claim, ...]:
    """Each claim once, by when it was last made, in order of time: whoever says the same again says it now.

    So a record has at most one claim for each thing that each source of each contact has said of a fact. Of what this
    service has counted in a contact only the worst is kept: there is no conflict in having counted again.
    """
    found: dict[bytes, Claim] = {}
    for claim in _worst_counts(claims):
        said = canonical(plain(claim.model_copy(update={"at": _ANY_TIME})))
        known = found.get(said)
        if known is None or known.at < claim.at:
            found[said] = claim
    return tuple(sorted(found.values(), key=lambda claim: claim.at))


def _worst_counts(claims: Iterable[Claim]) -> Iterable[Claim]:
    """The claims, and of the numbers that were counted in one contact for one fact the highest."""
    worst: dict[tuple[str, str | None], Claim] = {}
    for claim in claims:
        if claim.counted and claim.absent is None:
            key = claim.fact, claim.contact
            worst[key] = max(worst.get(key, claim), claim, key=_counted)
        else:
            yield claim
    yield from worst.values()


def _counted(claim: Claim) -> tuple[int, bool, datetime]:
    """How high a count is; of equal ones an exact one counts more, and then the newest."""
    exact = claim.value is not None
    number = claim.value if exact else claim.at_least
    return (number if isinstance(number, int) else 0), exact, claim.at


_ANY_TIME = datetime(1970, 1, 1, tzinfo=UTC)

_Thing = TypeVar("_Thing", bound=Frozen)


def _distinct(things: Iterable[_Thing]) -> tuple[_Thing, ...]:
    found: dict[bytes, _Thing] = {}
    for thing in things:
        found.setdefault(canonical(plain(thing)), thing)
    return tuple(found.values())


def _people(record: DecisionRecord, contact: str) -> Iterable[Person]:
    for person in record.call.people:
        yield person.model_copy(update={"ref": _seen_from(contact, record.envelope.contact, person.ref)})


def _answers(record: DecisionRecord, contact: str) -> Iterable[Claim]:
    theirs = record.envelope.contact
    for claim in record.call.answers:
        about = None if claim.about is None else _seen_from(contact, theirs, claim.about)
        made_in = claim.contact or _mark(theirs or "")
        yield claim.model_copy(update={"about": about, "contact": None if made_in == _mark(contact) else made_in})


def _seen_from(contact: str, theirs: str | None, ref: str) -> str:
    """A person's reference as another contact sees it: references mean something only within their contact."""
    own, other = f"{_mark(contact)}.", f"{_mark(theirs or '')}."
    if own == other:
        return ref
    if ref.startswith(own):
        return ref.removeprefix(own)
    if _MARKED.match(ref):
        return ref
    # A reference that would become too long keeps its beginning, and by a digest its identity.
    return other + (ref if len(ref) <= _LONGEST else f"{ref[: _LONGEST - 17]}-{sha256_hex(ref.encode())[:16]}")


_LONGEST = 64 - 10
_MARKED = re.compile(r"c[0-9a-f]{8}\.")


def _mark(contact: str) -> str:
    """The mark by which another contact is named in claims and before its people's references."""
    return f"c{sha256_hex(contact.encode())[:8]}"
