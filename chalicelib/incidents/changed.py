"""What changed from one decision of an incident to the next. It looks at records only, and judges nothing."""

from __future__ import annotations

from chalicelib.canonical import canonical
from chalicelib.model import Frozen
from chalicelib.policy.document import National
from chalicelib.records.record import DecisionRecord, plain


class Changed(Frozen):
    """What is other than in the decision before."""

    recommended_was: National | None = None
    standing_was: National | None = None
    reasons_new: tuple[str, ...] = ()
    reasons_gone: tuple[str, ...] = ()
    answers_new: tuple[str, ...] = ()
    """The facts on which something new was said."""
    duties_new: tuple[str, ...] = ()
    flags_new: tuple[str, ...] = ()
    policy_was: str | None = None
    """The version that was applied before, where it is another."""


def changed(before: DecisionRecord | None, after: DecisionRecord) -> Changed | None:
    """What changed since the decision before; None for the first."""
    if before is None:
        return None
    was, now = before.result, after.result
    known = {canonical(plain(claim)) for claim in before.call.answers}
    said = dict.fromkeys(claim.fact for claim in after.call.answers if canonical(plain(claim)) not in known)
    reasons = [one.id for one in was.reasons], [one.id for one in now.reasons]
    return Changed(
        recommended_was=None if was.national.recommended is now.national.recommended else was.national.recommended,
        standing_was=None if was.national.standing is now.national.standing else was.national.standing,
        reasons_new=_without(reasons[1], reasons[0]),
        reasons_gone=_without(reasons[0], reasons[1]),
        answers_new=tuple(said),
        duties_new=_without([one.duty for one in now.duties], [one.duty for one in was.duties]),
        flags_new=_without(now.flags, was.flags),
        policy_was=None if before.call.policy == after.call.policy else before.call.policy.version,
    )


def _without(names: list[str] | tuple[str, ...], known: list[str] | tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in names if name not in known)
