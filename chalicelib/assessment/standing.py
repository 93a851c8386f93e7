"""From claims to what stands: for every variable the mask of values that are still possible. It applies no rule.

The worst of the claims stands. A better one replaces it only as an explicit correction by the same source, by an
officer at the scene or by a supervisor; otherwise both are kept and the conflict is shown. Claims that agree narrow
each other. A source that the policy does not let answer can make things worse, never better.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from chalicelib.assessment.call import Call, CheckDone, Claim
from chalicelib.assessment.clocks import read_off
from chalicelib.policy.compiled import CompiledPolicy
from chalicelib.policy.document import Absence, FactType, Source
from chalicelib.policy.nodes import FALSE
from chalicelib.policy.vocabulary import Term, Variable

NONE_OF_THESE = "none_of_these"
"""The value that rules out every tag of a set."""


@dataclass(frozen=True, slots=True)
class Said:
    """A claim, and the values of one variable that it leaves possible."""

    claim: Claim
    mask: int


@dataclass(frozen=True, slots=True)
class Conflict:
    """Claims about one fact that cannot all be right, and what stands."""

    variable: Variable
    about: str | None
    stands: int
    said: tuple[Said, ...]


@dataclass(slots=True)
class Standing:
    """The state of knowledge."""

    masks: list[int]
    reasons: dict[str, frozenset[Absence]] = field(default_factory=dict)
    """Why a fact has no value, or why the rest of it is missing: the last reason of everybody who gave one."""
    closed: set[str] = field(default_factory=set)
    """Facts of which this contact has said that it does not know; it is not asked again."""
    claimed: set[str] = field(default_factory=set)
    """Facts with at least one claim that says something."""
    gates: dict[str, int] = field(default_factory=dict)
    """For each fact with `asked_when`: whether that is true."""
    ungated: dict[int, int] = field(default_factory=dict)
    """Of facts that are not asked as things stand: the masks that they would have if they were."""
    conflicts: list[Conflict] = field(default_factory=list)
    people: dict[str | None, dict[int, int]] = field(default_factory=dict)
    """For each person what stands of the facts that are asked of each."""
    told: dict[int, list[Said]] = field(default_factory=dict)
    """For each variable that anything was said about: the claims that count."""

    def known(self, term: Term) -> bool:
        """Whether nothing about the fact is open."""
        masks = self.masks
        for variable in term.variables:
            mask = masks[variable.index]
            if mask & (mask - 1):
                return False
        return True


def standing_of(policy: CompiledPolicy, call: Call, at: datetime) -> Standing:
    """What stands after all claims and checks of a call, at a moment for what is read off a clock."""
    standing = Standing([variable.full for variable in policy.variables])
    claims = _claims(policy, call)
    for name, term in policy.terms.items():
        if name in claims:
            _stand(term, call, claims[name], standing)
        else:
            standing.reasons[name] = _UNASKED
    for index, mask in read_off(policy, call, at):
        standing.masks[index] = mask
    for gate in policy.gates:
        standing.gates[gate.fact] = truth = gate.node.test(standing.masks)
        if truth == FALSE:
            for index, mask in gate.otherwise:
                standing.ungated[index] = standing.masks[index]
                # What was claimed although it is not asked stands, unless it is what is so anyway.
                standing.masks[index] = standing.masks[index] & mask or standing.masks[index]
    return standing


def _claims(policy: CompiledPolicy, call: Call) -> dict[str, list[Claim]]:
    """The claims about each fact that is answered at all, as this version of the policy can take them, in time."""
    claims: dict[str, list[Claim]] = {}
    for claim in sorted((*call.answers, *_of_checks(policy, call.checks)), key=_in_time):
        term = policy.terms.get(claim.fact)
        if term is not None and term.fact.clock is None:
            claims.setdefault(claim.fact, []).extend(fitted(term, claim))
    return claims


_UNASKED = frozenset({Absence.NOT_ASKED})
_NOT_KNOWN = frozenset({Absence.UNKNOWN, Absence.DECLINED, Absence.UNABLE})


def fitted(term: Term, claim: Claim) -> list[Claim]:
    """A claim as this version of the policy can take it; what it cannot take was at least said, and is `invalid`.

    Claims outlive the policy under which they were made: a later version may have other options.
    """
    try:
        for name in ("value", "at_least", "at_most"):
            part = getattr(claim, name)
            if part is not None and not (part == NONE_OF_THESE and term.fact.type is FactType.SET):
                term.cell(part)
    except ValueError:
        return [_unreadable(claim)]
    tags = set(term.ids)
    if {*(claim.present or ()), *(claim.ruled_out or ())} <= tags:
        return [claim]
    kept = {name: tuple(tag for tag in getattr(claim, name) or () if tag in tags) for name in ("present", "ruled_out")}
    return [claim.model_copy(update=kept), _unreadable(claim)]


def _unreadable(claim: Claim) -> Claim:
    return Claim(
        fact=claim.fact,
        about=claim.about,
        contact=claim.contact,
        source=claim.source,
        at=claim.at,
        absent=Absence.INVALID,
    )


def _stand(term: Term, call: Call, said: Sequence[Claim], standing: Standing) -> None:
    """Take the claims about one fact into the state of knowledge: the worst of each person, and of all people."""
    name = term.fact.id
    people: list[str | None] = [None]
    if term.fact.per is not None:
        named = [person.ref for person in call.people if term.fact.per in person.roles]
        people = list(dict.fromkeys([*named, *(claim.about for claim in said if claim.about)])) or [None]
    groups = {about: [claim for claim in said if about is None or claim.about in (None, about)] for about in people}
    latest = {about: _latest(claims) for about, claims in groups.items()}
    open_groups: set[str | None] = set()
    for variable in term.variables:
        masks: list[int] = []
        for about, claims in groups.items():
            stands = _stands(term, variable, about, claims, standing)
            if _misread(term, variable, claims, latest[about]):
                # Somebody meant something that could not be read: it may have been worse than what stands.
                stands = _no_better(variable, stands)
            masks.append(stands)
            if term.fact.per is not None:
                standing.people.setdefault(about, {})[variable.index] = stands
            if stands & (stands - 1):
                open_groups.add(about)
        standing.masks[variable.index] = _worst_person(variable, masks)
    missing = [latest[about] for about in groups if about in open_groups or not open_groups]
    standing.reasons[name] = frozenset[Absence]().union(*(_reasons(term, claims) for claims in missing))
    if all(any(claim.absent in _NOT_KNOWN for claim in _asked_here(term, claims)) for claims in missing):
        standing.closed.add(name)


def _stands(term: Term, variable: Variable, about: str | None, claims: Sequence[Claim], standing: Standing) -> int:
    """What stands of a variable by the claims about one person."""
    told = [Said(claim, _mask_about(term, variable, claim, about)) for claim in claims]
    told = _effective([said for said in told if said.mask != variable.full])
    stands, conflict = _worst(variable, [said.mask for said in told])
    if told:
        standing.claimed.add(term.fact.id)
        standing.told.setdefault(variable.index, []).extend(told)
    if conflict:
        standing.conflicts.append(Conflict(variable, about, stands, tuple(told)))
    return stands


def _misread(term: Term, variable: Variable, claims: Sequence[Claim], latest: Sequence[Claim]) -> bool:
    """Whether somebody's last answer could not be read, and nobody who corrects everybody has put it right since."""
    unread = [claim.at for claim in latest if claim.absent is Absence.INVALID]
    righted = [
        claim.at
        for claim in (claims if unread else ())
        if _corrects_everybody(claim) and _mask(term, variable, claim) != variable.full
    ]
    return bool(unread) and (not righted or max(unread) > max(righted))


def _corrects_everybody(claim: Claim) -> bool:
    return claim.correction and (claim.supervisor or claim.source is Source.OFFICER_AT_SCENE)


def _in_time(claim: Claim) -> tuple[datetime, bool]:
    """The order of claims: by time and, at one moment, corrections behind what they correct."""
    return claim.at, claim.correction


def _effective(told: Sequence[Said]) -> list[Said]:
    """The claims about one variable that corrections of that very variable have left."""
    kept: list[Said] = []
    for said in told:
        claim = said.claim
        if claim.correction:
            everybody = _corrects_everybody(claim)
            kept = [
                known
                for known in kept
                if (known.claim.correction and known.claim.at == claim.at)
                or not (everybody or _speaker(known.claim) == _speaker(claim))
            ]
        kept.append(said)
    return kept


_Speaker = tuple[Source, str | None, bool | None]


def _speaker(claim: Claim) -> _Speaker:
    """Who has said it: a source of a contact; what this service has counted is nobody else's to correct."""
    return claim.source, claim.contact, claim.counted


def _latest(claims: Sequence[Claim]) -> list[Claim]:
    """The last claims of each source of each contact; of several at one moment, all."""
    last: dict[_Speaker, list[Claim]] = {}
    for claim in claims:
        known = last.setdefault(_speaker(claim), [])
        if known and known[-1].at < claim.at:
            known.clear()
        known.append(claim)
    return [claim for known in last.values() for claim in known]


def _reasons(term: Term, latest: Sequence[Claim]) -> frozenset[Absence]:
    """Why what is not known is not known: all last reasons; and that nobody asked, if this contact gave none."""
    reasons = frozenset(claim.absent for claim in latest if claim.absent is not None)
    return reasons if any(claim.absent for claim in _asked_here(term, latest)) else reasons | _UNASKED


def _asked_here(term: Term, latest: Sequence[Claim]) -> list[Claim]:
    """The claims of those in this contact whom the question is put to; of systems only where the policy says so."""
    answerers = term.fact.answerers
    return [
        claim
        for claim in latest
        if claim.contact is None and (claim.source in answerers if answerers else claim.source not in _SYSTEMS)
    ]


_SYSTEMS = frozenset({Source.SYSTEM_CHECK, Source.HISTORY, Source.CLOCK})


def _worst_person(variable: Variable, masks: Sequence[int]) -> int:
    """The worst of several people: at least as bad as the worst that is known of anyone."""
    union = _union(masks)
    if len(masks) == 1 or variable.worse == 0:
        return union
    if variable.worse > 0:
        return union & ~(max(mask & -mask for mask in masks) - 1)
    return union & ((1 << min(mask.bit_length() for mask in masks)) - 1)


def _mask_about(term: Term, variable: Variable, claim: Claim, about: str | None) -> int:
    """The values that a claim leaves possible for one person. One about nobody in particular says nothing better of
    people of another contact than its own."""
    mask = _mask(term, variable, claim)
    if about is None or claim.about is not None or claim.contact == _contact_of(about):
        return mask
    return _no_better(variable, mask) if mask != variable.full else mask


def _contact_of(ref: str) -> str | None:
    """The mark of the contact that a person's reference belongs to; None for this one."""
    mark, dot, _ = ref.partition(".")
    return mark if dot and _MARK.fullmatch(mark) else None


_MARK = re.compile(r"c[0-9a-f]{8}")


def _mask(term: Term, variable: Variable, claim: Claim) -> int:
    """The values that a claim leaves possible; all of them when it says nothing about this variable."""
    answerers = term.fact.answerers
    trusted = answerers is None or claim.source in answerers
    if claim.absent is not None:
        return variable.full
    if term.fact.type is FactType.SET:
        if variable.tag in (claim.present or ()):
            return 2
        out = claim.value == NONE_OF_THESE or variable.tag in (claim.ruled_out or ())
        return 1 if out and trusted else variable.full
    mask = variable.full
    if claim.value is not None:
        mask = term.mask("is", claim.value)
    if claim.at_least is not None:
        mask &= term.mask("at_least", claim.at_least)
    if claim.at_most is not None:
        mask &= term.mask("at_most", claim.at_most)
    return mask if trusted else _no_better(variable, mask)


def _no_better(variable: Variable, mask: int) -> int:
    """What is left of a claim by somebody who may only make things worse."""
    if variable.worse > 0:
        return variable.full & ~((mask & -mask) - 1)
    if variable.worse < 0:
        return (1 << mask.bit_length()) - 1
    return variable.full


def _worst(variable: Variable, masks: Sequence[int]) -> tuple[int, bool]:
    """What stands of several claims, whatever their order, and whether they contradict each other."""
    agreed = variable.full
    for mask in masks:
        agreed &= mask
    if agreed:
        return agreed, False
    if variable.worse > 0:
        floor = max(mask & -mask for mask in masks)
        fitting = [mask for mask in masks if mask >= floor]
    elif variable.worse < 0:
        ceiling = min(mask.bit_length() for mask in masks)
        fitting = [mask for mask in masks if (mask & -mask).bit_length() <= ceiling]
    else:
        return _union(masks), True
    stands = variable.full
    for mask in fitting:
        stands &= mask
    return stands or _union(fitting), True


def _union(masks: Iterable[int]) -> int:
    found = 0
    for mask in masks:
        found |= mask
    return found


def _of_checks(policy: CompiledPolicy, checks: Iterable[CheckDone]) -> Iterable[Claim]:
    """What the policy says that the results of checks mean."""
    meanings = {check.id: check.results for check in policy.policy.checks}
    for done in checks:
        for meaning in meanings.get(done.check, ()):
            if meaning.result == done.result:
                yield Claim(
                    fact=meaning.fact, source=Source.SYSTEM_CHECK, at=done.done_at, value=meaning.value,
                    present=meaning.present, ruled_out=meaning.ruled_out, absent=meaning.absent,
                )  # fmt: skip
