"""A policy as its owner writes it: `policy/1`, one flat document. Whether its names agree, `compiler` says.

Lists of objects with an id, never maps, so that order survives. What is hashed is what was written.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from chalicelib.model import Digest, Frozen, Line, Name, Slug
from chalicelib.policy.calendar import Calendar
from chalicelib.policy.closed_lists import Clock, EventKind
from chalicelib.policy.conditions import Condition, Value
from chalicelib.policy.levels import Level
from chalicelib.policy.obligations import Duty, Guarantee, OutcomeReason, Text, Timer, VictimsCode

POLICY_BYTES = 1024 * 1024
"""The largest policy document that is taken."""

VersionLabel = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$")]
"""How people name a version."""


class National(StrEnum):
    """The common scale that local grades are mapped to (domain research 3.1)."""

    RESOLVE = "RESOLVE"
    SCHEDULED = "SCHEDULED"
    PRIORITY = "PRIORITY"
    IMMEDIATE = "IMMEDIATE"

    @property
    def rank(self) -> int:
        """Its place in the order, RESOLVE lowest."""
        return _RANKS[self]


_RANKS = {grade: rank for rank, grade in enumerate(National)}


class FactType(StrEnum):
    """What kind of answer a fact takes."""

    YES_NO = "yes_no"
    CHOICE = "choice"
    ORDERED = "ordered"
    WHOLE = "whole"
    SET = "set"


class Source(StrEnum):
    """Where an answer came from."""

    CALLER = "caller"
    VICTIM = "victim"
    THIRD_PARTY = "third_party"
    HEARD_ON_LINE = "heard_on_line"
    SYSTEM_CHECK = "system_check"
    HISTORY = "history"
    CLOCK = "clock"
    OFFICER_AT_SCENE = "officer_at_scene"
    OTHER_AGENCY = "other_agency"
    HANDLER = "handler"


class Absence(StrEnum):
    """Why a value is missing. None of these is ever the same as "no"."""

    NOT_ASKED = "not_asked"
    UNKNOWN = "unknown"
    DECLINED = "declined"
    UNABLE = "unable"
    PENDING = "pending"
    INVALID = "invalid"


class Purpose(StrEnum):
    """What an answer is needed for, in the order in which questions are put."""

    DISPATCH = "dispatch"
    GRADE = "grade"
    OFFICER_SAFETY = "officer_safety"
    SAFEGUARDING = "safeguarding"
    VICTIM = "victim"


class Role(StrEnum):
    """What somebody is to the matter."""

    CALLER = "caller"
    VICTIM = "victim"
    SUSPECT = "suspect"
    WITNESS = "witness"
    CHILD = "child"
    OTHER = "other"


class Option(Frozen):
    """One value of a choice, or one tag of a set."""

    id: Name
    title: Line
    phrase: Line | None = None
    """In the middle of a sentence: of a choice what follows "is"; of a tag a whole clause."""


class Range(Frozen):
    """The whole numbers that a fact may be, both ends included."""

    least: int
    most: int


class Basis(Frozen):
    """A source that rules lean on."""

    id: Name
    title: Line
    where: Line | None = None


class Element(Frozen):
    """One letter of the policy's name."""

    id: Name
    title: Line


class Target(Frozen):
    """How soon, from which clock, for a class of places."""

    location: Name | None = None
    """None: everywhere else."""
    minutes: int = Field(ge=0)
    clock: Clock


class Grade(Frozen):
    """A local grade; they are listed from the highest down."""

    id: Name
    title: Line
    national: National
    targets: tuple[Target, ...] = ()


class Response(Frozen):
    """A kind of answer: attend, appointment, telephone desk, other agency, advice."""

    id: Name
    title: Line
    attends: bool
    """Whether an officer sees the victim or the place."""
    needs: tuple[Literal["agency_asked", "agency_accepted", "caller_told", "recheck_time"], ...] = ()
    """What has to be on record before it counts as the answer to the call."""


class Matching(StrEnum):
    """What an earlier incident has to share with this one to be counted."""

    PHONE = "phone"
    PERSON = "person"
    ADDRESS = "address"


class History(Frozen):
    """Earlier incidents that are counted from what was recorded."""

    days: int = Field(ge=1, le=3660)
    matched_by: tuple[Matching, ...] = Field(min_length=1)
    flag: Name | None = None
    """Only incidents that have this flag; all, if left out."""


class ClockFact(StrEnum):
    """What can be read off a clock."""

    HOUR = "hour"
    KIND_OF_DAY = "kind_of_day"
    MINUTES_SINCE_CONTACT = "minutes_since_contact"
    MINUTES_SINCE_OPENED = "minutes_since_opened"
    MINUTES_SINCE_EVENT = "minutes_since_event"


KINDS_OF_DAY = ("weekday", "saturday", "sunday", "bank_holiday")
"""The options of a fact that is the kind of day."""


class Fact(Frozen):
    """Something that can be asked or found out."""

    id: Name
    type: FactType
    question: Line
    help: Line | None = None
    element: Name | None = None
    options: tuple[Option, ...] | None = Field(None, min_length=2, max_length=60)
    """Of a choice; of an ordered choice, the least first; the tags of a set."""
    range: Range | None = None
    worse: Literal["yes", "no", "higher", "lower"] | None = None
    """In which direction there is more danger. A tag of a set is worse when it is present."""
    per: Role | None = None
    """Asked of each person in this role; the worst of them counts."""
    answered_by: tuple[Source, ...] | None = Field(None, min_length=1)
    """Who may say that things are better. Anybody may say that they are worse."""
    asked_when: Condition | None = None
    """While this is known to be false the question is not put, and `otherwise` holds."""
    otherwise: Value | None = None
    purpose: tuple[Purpose, ...] = Field(min_length=1)
    required: bool = False
    """The call is not finished while this is open."""
    always_first: bool = False
    sensitive: bool = False
    """Whether it can put somebody in danger to be heard answering it; among equals it is asked last."""
    retention: Name | None = None
    """The class by which answers to it are kept."""
    history: History | None = None
    """Counted from earlier incidents and never asked."""
    clock: ClockFact | None = None
    """Read off a clock at each assessment and never asked."""
    phrase: Line | None = None
    """In the middle of a sentence: of yes/no what is so when it is yes; else what "is" can follow."""
    phrase_no: Line | None = None
    """Of yes/no: what is so when it is no."""

    @property
    def asked(self) -> bool:
        """Whether it is a question to people at all."""
        return self.history is None and self.clock is None

    @property
    def answerers(self) -> tuple[Source, ...] | None:
        """Who may say that things are better; None: anybody."""
        return self.answered_by or ((Source.HISTORY, Source.SYSTEM_CHECK) if self.history else None)


class Impossible(Frozen):
    """Answers that cannot hold together; an input with one gets a warning."""

    id: Name
    when: Condition
    says: Line


class NamedCondition(Frozen):
    """A condition with a name of its own."""

    id: Name
    title: Line
    when: Condition
    phrase: Line | None = None
    """A clause for the middle of a sentence."""


class Finding(Frozen):
    """A level that a rule gives to an element."""

    element: Name
    level: Level


class ResponseRule(Frozen):
    """What a rule demands or forbids of the response."""

    require: Literal["attendance"] | None = None
    forbid: tuple[Name, ...] = ()
    unless_authorised_by: Literal["supervisor"] | None = None


class Rule(Frozen):
    """A floor: while its condition holds, the grade is at least this. No rule lowers anything."""

    id: Name
    says: Line
    """The reason in the words a handler reads."""
    basis: tuple[Name, ...] = Field(min_length=1)
    when: Condition
    unless: Condition | None = None
    """An exception: written once here, it takes effect only while known, and is feared while it is not."""
    grade: Name | None = None
    findings: tuple[Finding, ...] = ()
    response: ResponseRule | None = None
    flags: tuple[Name, ...] = ()
    duties: tuple[Name, ...] = ()


class NotAsked(StrEnum):
    """From when on a question that was not put is treated as the worst."""

    FROM_START = "from_start"
    IF_LOST = "if_lost"
    AT_END = "at_end"
    NEVER = "never"


class Precaution(Frozen):
    """Not known, so treated as the worst: a floor while `on` is neither known true nor known false."""

    id: Name
    says: Line
    basis: tuple[Name, ...] = Field(min_length=1)
    on: Name
    """A yes/no fact or a named condition."""
    scope: Condition
    """Has to be known true."""
    reasons: tuple[
        Literal[Absence.UNKNOWN, Absence.DECLINED, Absence.UNABLE, Absence.PENDING, Absence.INVALID], ...
    ] = ()
    not_asked: NotAsked
    grade: Name
    question: Name
    """The fact whose answer settles it."""


class CheckResult(Frozen):
    """What one result of a check says about a fact."""

    result: Name
    fact: Name
    value: Value | None = None
    present: tuple[Name, ...] | None = None
    ruled_out: tuple[Name, ...] | None = None
    absent: Absence | None = None


class Check(Frozen):
    """A look-up that the control room makes in its own systems."""

    id: Name
    title: Line
    due_when: Condition | None = None
    """While this is known to be true the check has to be made, until it is done."""
    results: tuple[CheckResult, ...] = Field(min_length=1)


class Flag(Frozen):
    """A mark that other systems and reports go by."""

    id: Name
    title: Line


class SpecifiedNeed(Frozen):
    """What the force has resolved always to see to, whatever the grade."""

    id: Name
    title: Line
    when: Condition
    basis: tuple[Name, ...] = ()


class BasedOn(Frozen):
    """The policy that this one was composed from."""

    id: Slug
    sha256: Digest


class Policy(Frozen):
    """A whole policy document."""

    format: Literal["policy/1"]
    id: Slug
    force: Slug
    version: VersionLabel
    title: Line
    owner: Line
    change: Line
    """What this version changes, and why."""
    based_on: BasedOn | None = None
    """The base, where the document was composed from one; it is whole without it."""
    basis: tuple[Basis, ...] = Field(min_length=1)
    elements: tuple[Element, ...] = Field(min_length=1)
    grades: tuple[Grade, ...] = Field(min_length=2)
    base_grade: Name
    earned_when: Condition
    """Until this is known to be true, the lowest grade is not earned and the base grade holds."""
    responses: tuple[Response, ...] = Field(min_length=1)
    facts: tuple[Fact, ...] = Field(min_length=1, max_length=400)
    impossible: tuple[Impossible, ...] = ()
    conditions: tuple[NamedCondition, ...] = ()
    rules: tuple[Rule, ...] = Field(min_length=1, max_length=600)
    precautions: tuple[Precaution, ...] = ()
    duties: tuple[Duty, ...] = ()
    checks: tuple[Check, ...] = ()
    timers: tuple[Timer, ...] = ()
    flags: tuple[Flag, ...] = ()
    specified_needs: tuple[SpecifiedNeed, ...] = ()
    texts: tuple[Text, ...] = ()
    outcomes: tuple[OutcomeReason, ...] = ()
    guarantees: tuple[Guarantee, ...] = ()
    victims_code: VictimsCode | None = None
    calendar: Calendar | None = None
    events_fed: tuple[EventKind, ...] | None = None
