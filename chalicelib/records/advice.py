"""What the control room is shown of a decision, as models: grade, reasons, question, duties. `shown` fills them.

They leave out what the policy's digest and an id rebuild: the wording of every question but the one to put, titles of
elements, and the sources of rules.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from chalicelib.assessment.call import PolicyUsed, Warned
from chalicelib.assessment.contact import Mode
from chalicelib.assessment.decision import Change, Found, Open, Refusal
from chalicelib.model import Frozen, Instant, Reference
from chalicelib.policy.document import FactType, Matching, National
from chalicelib.records.owed import CheckShown, DutyShown, NeedsShown, TimerShown, VictimShown

LOG_CHARACTERS = 500
"""The longest paragraph that incident logs of command-and-control systems take without cutting."""


class GradeShown(Frozen):
    """The recommended grade, how sure it is, and what stands for the incident."""

    recommended: str
    """The local grade's id."""
    title: str
    national: National
    certain: str
    possible: str
    provisional: bool
    settled: bool
    standing: National
    """The highest recommended since a human last set it; only a recorded human act lowers it."""
    words: str


class ReasonShown(Frozen):
    """Why: a rule that holds or a precaution that applies, and the answers it rests on."""

    id: str
    kind: str
    grade: str | None = None
    says: str
    answers: tuple[str, ...] = ()


class OptionShown(Frozen):
    """One answer that can be given."""

    id: str
    title: str


class QuestionShown(Frozen):
    """The question to put now, as a handler would ask it."""

    fact: str
    question: str
    help: str | None = None
    type: FactType
    options: tuple[OptionShown, ...] = ()
    because: str
    could_reach: str | None = None
    sensitive: Literal[True] | None = None
    """Set when being overheard answering it can put somebody in danger: ask so that yes or no is enough."""


class ResponseShown(Frozen):
    """Which kinds of answer are required, permitted and refused."""

    require: str | None = None
    required_by: tuple[str, ...] = ()
    permitted: tuple[str, ...] = ()
    refused: tuple[Refusal, ...] = ()
    needs: tuple[NeedsShown, ...] | None = None
    """Of what is permitted: what has to be on record before it counts."""


class ConflictShown(Frozen):
    """Answers that contradict each other, and which stands."""

    fact: str
    about: Reference | None = None
    words: str


class RelatedShown(Frozen):
    """A recent other incident, or a contact without one, that shares a number, a person or a place."""

    incident: Reference | None = None
    contact: Reference | None = None
    """Of a contact without an incident."""
    by: tuple[Matching, ...]
    """What both share."""
    standing: National | None = None
    last_recorded: Instant
    says: str


class Advice(Frozen):
    """Everything that is advised in one decision."""

    grade: GradeShown
    reasons: tuple[ReasonShown, ...]
    findings: tuple[Found, ...]
    next_question: QuestionShown | None = None
    open_questions: tuple[Open, ...]
    may_stop: bool
    response: ResponseShown
    duties: tuple[DutyShown, ...]
    flags: tuple[str, ...]
    needs: tuple[str, ...]
    changes: tuple[Change, ...]
    """Single answers that would change the grade by themselves."""
    conflicts: tuple[ConflictShown, ...]
    log: str = Field(max_length=LOG_CHARACTERS)
    """A paragraph for the incident log."""
    checks: tuple[CheckShown, ...] | None = None
    timers: tuple[TimerShown, ...] | None = None
    victims: tuple[VictimShown, ...] | None = None
    history: tuple[str, ...] | None = None
    """What earlier incidents say, and what of them could not be seen."""
    related: tuple[RelatedShown, ...] | None = None
    """Other incidents that may be the same. Nothing is linked unless somebody says so."""


class Shown(Frozen):
    """What was sent."""

    decision: str
    contact: Reference
    incident: Reference | None = None
    mode: Mode
    policy: PolicyUsed
    warnings: tuple[Warned, ...]
    advice: Advice | None = None
    """Absent in mode `observe`, which records without showing."""
    after_the_fact: Literal[True] | None = None
    """Set when nobody was shown it: what would have been recommended for a decision that was made by hand."""
