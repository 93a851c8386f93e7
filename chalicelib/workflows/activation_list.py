"""The list of a force's activations: read with the eyes of an evaluator, and made longer. It records no event.

An entry is only added to the list that it was judged against: whatever came in between is judged again, so that of two
activations at once neither makes the other's version weaker than what it replaces without anybody having seen it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from chalicelib.authoring.activations import Activation, Activations, in_force, new_successions, to_come
from chalicelib.authoring.lifecycle import SOONEST, State, Version
from chalicelib.canonical import canonical
from chalicelib.errors import Refused, StoreFailed
from chalicelib.model import instant_text
from chalicelib.reader import read_model
from chalicelib.records.entry import Entry
from chalicelib.records.record import details_of, plain
from chalicelib.workflows.judge_policy import Judge, Lowerings, named
from chalicelib.workflows.policies_in_force import REVALIDATE, activations_object, is_vouched, listed_as, seal_of
from chalicelib.workflows.policy_desk import Desk, wrong_state

_ATTEMPTS = 8
"""How often to try again when another activation was added to the list meanwhile."""

_LIST_BYTES = 4 * 1024 * 1024

READ_BY_ALL = SOONEST - REVALIDATE
"""How long before a start its entry has to be on the list, so that all evaluators have read it by then."""


class Listed(NamedTuple):
    """The list as it stands."""

    known: Activations
    tag: str | None
    entries: Sequence[Activation]
    """Those that evaluators believe."""


class ActivationList:
    """Reads and prolongs the lists."""

    def __init__(self, desk: Desk, judge: Judge) -> None:
        """Keep what it works with."""
        self._desk, self._judge = desk, judge
        self._vouched: set[Activation] = set()

    def read(self, force: str) -> Listed:
        """A force's list as it is now. Raises StoreFailed, or Unreadable when it is damaged."""
        stored = self._desk.objects.get(activations_object(force))
        if stored is None:
            return Listed(Activations(force=force), None, ())
        known = read_model(Activations, stored.data, most=_LIST_BYTES)
        return Listed(known, stored.tag, [entry for entry in known.entries if self._believed(force, entry)])

    def unaccepted(self, listed: Listed, entry: Activation, at: datetime) -> Lowerings:
        """What one entry more lowers, at a time or later, that nobody accepted when the versions were approved."""
        return self._unaccepted(listed, entry, at, _Versions(self._desk, listed.known.force))

    def concerned(self, force: str, lowerings: Lowerings) -> set[str]:
        """The authors of everything that lowers something."""
        found: set[str] = set()
        for one in lowerings.lowerings:
            versions = self._desk.versions(force, one.new.id).values()
            found.update(*(version.authors for version in versions if version.manifest.policy == one.new.policy))
        return found

    def add(self, event: Entry) -> None:
        """Add what an event says to the list that evaluators read, unless it is there.

        Raises Refused when it came too late, when its version is not approved any more, or when it would lower what
        nobody has accepted; StoreFailed when it could not be written: the same request again completes it.
        """
        force, entry = event.summary.force, listed_as(event)
        if entry is None:
            return
        sealed = entry.model_copy(update={"seal": seal_of(entry, self._desk.keys.current(force))})
        for _ in range(_ATTEMPTS):
            listed = self.read(force)
            longer = listed.known.with_entry(sealed)
            if longer is listed.known:
                return
            self._refuse_unless_as_judged(event, entry, listed)
            data, name = canonical(plain(longer)), activations_object(force)
            objects = self._desk.objects
            if objects.create(name, data) if listed.tag is None else objects.replace(name, data, listed.tag):
                return
        raise StoreFailed("The list of activations is being changed by others. Send the same request again.")

    def _refuse_unless_as_judged(self, event: Entry, entry: Activation, listed: Listed) -> None:
        now, details = self._desk.world.clock(), details_of(event)
        versions = _Versions(self._desk, listed.known.force)
        if self._too_late(entry, event, listed, now):
            raise Refused(
                "This was recorded, but could not be put on the list in time. Send a new request with a later time.",
                code="too_late",
            )
        if entry.withdraws is None:
            version = versions.of(entry.id)[entry.manifest]
            ready = (State.APPROVED, State.SUBMITTED) if details.get("night") else (State.APPROVED,)
            if version.state not in ready:
                raise wrong_state(version.state, "it is not put in force", version)
        accepted = {(one["old"], one["new"]) for one in details.get("compared", ()) if "acknowledged" in details}
        found = self._unaccepted(listed, entry, now, versions).lowerings
        left = Lowerings(lowerings=tuple(one for one in found if (one.old.policy, one.new.policy) not in accepted))
        if left.lowerings:
            raise not_accepted(left)

    @staticmethod
    def _too_late(entry: Activation, event: Entry, listed: Listed, now: datetime) -> bool:
        """Whether evaluators would change their mind about a time for which some have read another list."""
        if entry.withdraws is not None:
            taken_back = [one.starts for one in listed.entries if one.event in entry.withdraws]
            return any(start < now + READ_BY_ALL for start in taken_back)
        at_once = instant_text(entry.starts) <= event.summary.recorded_at
        return not at_once and entry.starts < now + READ_BY_ALL

    def _unaccepted(self, listed: Listed, entry: Activation, at: datetime, versions: _Versions) -> Lowerings:
        return self._judge.lowerings(
            (named(old), named(new))
            for old, new in new_successions(listed.entries, [*listed.entries, entry], at)
            if old.policy not in versions.accepted(new)
        )

    def _believed(self, force: str, entry: Activation) -> bool:
        if entry not in self._vouched:
            if not is_vouched(self._desk.trail, self._desk.keys, force, entry):
                return False
            self._vouched.add(entry)
        return True


class _Versions:
    """The versions of a force's policies as they stand while one entry is judged: each policy is read once."""

    def __init__(self, desk: Desk, force: str) -> None:
        self._desk, self._force = desk, force
        self._known: dict[str, Mapping[str, Version]] = {}

    def of(self, policy_id: str) -> Mapping[str, Version]:
        if policy_id not in self._known:
            self._known[policy_id] = self._desk.versions(self._force, policy_id)
        return self._known[policy_id]

    def accepted(self, entry: Activation) -> Collection[str]:
        """The policies in whose place the approval of an activated version has accepted what it lowers."""
        version = self.of(entry.id).get(entry.manifest)
        return version.acknowledged if version is not None and version.state is State.APPROVED else ()


def baselines(entries: Sequence[Activation], at: datetime, policy: str) -> list[Activation]:
    """What a version would replace if it were put in force: what is in force at a time, and all that is to come."""
    line = [*in_force(entries, at)[:1], *to_come(entries, at)]
    return list({entry.policy: entry for entry in line if entry.policy != policy}.values())


def not_accepted(lowerings: Lowerings) -> Refused:
    """The refusal of what lowers something that was not acknowledged, with the list to acknowledge."""
    old = ", ".join(sorted({one.old.version for one in lowerings.lowerings}))
    return Refused(
        f"Against {old}, which it would replace, this lowers what nobody has accepted. Read the list; whoever is no "
        "author can send the request again with its digest in `acknowledged`.",
        code="compared_with_another",
        extra=told(lowerings),
    )


def told(lowerings: Lowerings) -> dict[str, object]:
    """A list and its digest, as members of a problem document."""
    return {"acknowledge": lowerings.digest, "lowerings": plain(lowerings)["lowerings"]}
