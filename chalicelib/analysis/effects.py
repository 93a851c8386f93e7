"""What rules bring about beside the grade: attendance, refusals, findings, flags, duties. It asks no question."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from chalicelib.analysis.formula import Formula, some
from chalicelib.analysis.reading import Floor, Reading
from chalicelib.policy.levels import Level

Kind = Literal["attendance", "refusal", "refusal_for_all", "finding", "flag", "duty"]


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing that a rule can bring about, other than a grade."""

    kind: Kind
    of: str = ""
    """The response, element, flag or duty."""
    level: Level = Level.NONE
    """Of a finding: at least this."""


def effects_of(reading: Reading, floor: Floor) -> Iterator[Effect]:
    """All that a rule brings about beside its grade."""
    says = floor.rule.response
    if says is not None:
        if says.require:
            yield Effect("attendance")
        kind: Kind = "refusal" if says.unless_authorised_by else "refusal_for_all"
        for response in reading.document.responses:
            if response.id in says.forbid or (says.require and not response.attends):
                yield Effect(kind, response.id)
    for finding in floor.rule.findings:
        if finding.level.rank > 0:
            yield Effect("finding", finding.element, finding.level)
    yield from (Effect("flag", flag) for flag in floor.rule.flags)
    yield from (Effect("duty", duty) for duty in floor.rule.duties)


def bringing(reading: Reading, effect: Effect) -> list[Floor]:
    """The rules that bring something about."""
    match effect.kind:
        case "attendance":
            return list(reading.requiring())
        case "refusal" | "refusal_for_all":
            response = next((one for one in reading.document.responses if one.id == effect.of), None)
            absolute = effect.kind == "refusal_for_all"
            return list(reading.refusing(response, whoever_authorises=absolute)) if response else []
        case "finding":
            return list(reading.finding(effect.of, effect.level))
        case "flag":
            return [floor for floor in reading.floors if effect.of in floor.rule.flags]
        case "duty":
            return [floor for floor in reading.floors if effect.of in floor.rule.duties]


def brought_about(reading: Reading, effect: Effect) -> Formula:
    """When something comes about."""
    return some(floor.when for floor in bringing(reading, effect))


def all_effects(reading: Reading) -> list[Effect]:
    """Everything that some rule brings about, each once, in the order of the document; every level of a finding."""
    found: dict[Effect, None] = {}
    for floor in reading.floors:
        for effect in effects_of(reading, floor):
            found[effect] = None
            if effect.kind == "refusal_for_all":
                found[Effect("refusal", effect.of)] = None
    return list(found)


def in_words(reading: Reading, effect: Effect) -> tuple[str, str]:
    """An effect as a statement, and its denial."""
    document = reading.document
    titles = {
        one.id: one.title
        for part in (document.responses, document.flags, document.duties, document.elements)
        for one in part
        if one.id == effect.of
    }
    title = titles.get(effect.of, effect.of)
    match effect.kind:
        case "attendance":
            return "officers have to attend", "officers do not have to attend"
        case "refusal":
            refused = f'the response "{title}" is {{}}refused, at least without authority'
            return refused.format(""), refused.format("not ")
        case "refusal_for_all":
            return f'the response "{title}" is refused to all', f'the response "{title}" is not refused to all'
        case "finding":
            found = f'the finding of "{title}" is'
            return f"{found} at least {effect.level}", f"{found} less than {effect.level}"
        case "flag":
            return f'the flag "{title}" is raised', f'the flag "{title}" is not raised'
        case "duty":
            return f'the duty "{title}" is owed', f'the duty "{title}" is not owed'
