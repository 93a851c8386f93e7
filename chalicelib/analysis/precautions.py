"""What is so of each precaution: whether it can ever apply, and ever raise what is recommended. It judges no rule."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from chalicelib.analysis.calls import Calls
from chalicelib.analysis.checks import Check
from chalicelib.analysis.findings import Finding, Severity
from chalicelib.analysis.knowledge import Caution, Knowledge
from chalicelib.analysis.reading import Fear


def checks_of_precautions(calls: Calls) -> Iterator[Check]:
    """The questions about each precaution that is written as one."""
    written = [fear for fear in calls.reading.fears if fear.own]
    if written:
        knowledge = Knowledge((calls.reading,))
        cautions = knowledge.cautions(0)
        for fear in written:
            caution = next((one for one in cautions if one.fear is fear), None)
            ask = partial(_of_precaution, calls, knowledge, fear, caution)
            yield Check(fear.pointer, f'the precaution "{fear.id}" has any effect', ask)


def _of_precaution(calls: Calls, knowledge: Knowledge, fear: Fear, caution: Caution | None) -> Finding | None:
    if calls.find([calls.true(fear.scope)]) is None:
        says = f'The precaution "{fear.id}" can never apply: no call makes its scope true.'
        return Finding(code="never_true", severity=Severity.ERROR, pointer=f"{fear.pointer}/scope", says=says)
    if caution is None:
        says = f'The precaution "{fear.id}" gives the lowest grade, which every call has anyway.'
        return Finding(code="no_effect", severity=Severity.WARNING, pointer=fear.pointer, says=says)
    applies = knowledge.counts(caution)
    witness = knowledge.find([applies])
    if witness is None:
        says = f'The precaution "{fear.id}" can never apply: where its scope is known to hold, what it is on is '
        says += "always known, or never missing for a reason that it names."
        return Finding(code="never_true", severity=Severity.ERROR, pointer=fear.pointer, says=says)
    if knowledge.find([applies, *knowledge.below(fear.rank, leave_out=fear)]) is not None:
        return None
    says = f'The precaution "{fear.id}" never raises what is recommended: where it applies, something else is as high.'
    return Finding(
        code="no_effect",
        severity=Severity.WARNING,
        pointer=fear.pointer,
        says=says,
        example=knowledge.example(0, witness),
        contact=knowledge.contact(witness),
    )
