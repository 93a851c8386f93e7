"""Roles, permissions, and the one table of which role carries which permission. It knows no route."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Role(StrEnum):
    """What a person or a system is to a force, as its identity provider says."""

    CONTROL_ROOM = "control_room"
    SUPERVISOR = "supervisor"
    QUALITY_REVIEWER = "quality_reviewer"
    POLICY_OWNER = "policy_owner"
    POLICY_APPROVER = "policy_approver"
    AUDITOR = "auditor"
    INSPECTOR = "inspector"
    COMMISSIONER = "commissioner"
    VICTIM_SERVICE = "victim_service"
    OPERATOR = "operator"


class Permission(StrEnum):
    """What an operation needs of its caller."""

    ASSESS = "assess"
    DECIDE = "decide"
    AUTHORISE = "authorise"
    RECORD_EVENT = "record_event"
    READ_DECISION = "read_decision"
    READ_INCIDENT = "read_incident"
    READ_WORKLIST = "read_worklist"
    ACKNOWLEDGE_WORK = "acknowledge_work"
    SEARCH_DECISIONS = "search_decisions"
    REPLAY_DECISION = "replay_decision"
    READ_POLICY = "read_policy"
    WRITE_POLICY = "write_policy"
    SUBMIT_POLICY = "submit_policy"
    APPROVE_POLICY = "approve_policy"
    ACTIVATE_POLICY = "activate_policy"
    ACTIVATE_AT_NIGHT = "activate_at_night"
    WITHDRAW_POLICY = "withdraw_policy"
    COMPARE_POLICY = "compare_policy"
    SIMULATE_POLICY = "simulate_policy"
    RECONCILE_DAY = "reconcile_day"
    ENTER_FALLBACK = "enter_fallback"
    READ_HEALTH = "read_health"


_LIVE = frozenset({Role.CONTROL_ROOM, Role.SUPERVISOR})
_AUDIT = frozenset({Role.AUDITOR, Role.INSPECTOR})
_OWNER = frozenset({Role.POLICY_OWNER})
_APPROVER = frozenset({Role.POLICY_APPROVER})

GRANTS: Mapping[Permission, frozenset[Role]] = MappingProxyType(
    {
        Permission.ASSESS: _LIVE,
        Permission.DECIDE: _LIVE,
        # Who authorises is another person than who asked; that is judged where it is recorded.
        Permission.AUTHORISE: frozenset({Role.SUPERVISOR}),
        Permission.RECORD_EVENT: _LIVE,
        Permission.READ_DECISION: _LIVE | _AUDIT,
        Permission.READ_INCIDENT: _LIVE | _AUDIT,
        Permission.READ_WORKLIST: _LIVE,
        Permission.ACKNOWLEDGE_WORK: frozenset({Role.SUPERVISOR}),
        Permission.SEARCH_DECISIONS: _AUDIT,
        Permission.REPLAY_DECISION: _AUDIT,
        # A policy holds no personal data, and everybody who is judged by it may read it.
        Permission.READ_POLICY: frozenset(Role),
        Permission.WRITE_POLICY: _OWNER,
        Permission.SUBMIT_POLICY: _OWNER,
        Permission.APPROVE_POLICY: _APPROVER,
        Permission.ACTIVATE_POLICY: _APPROVER,
        # One person, before anybody has approved it, what is proved to lower nothing.
        Permission.ACTIVATE_AT_NIGHT: _OWNER | _APPROVER,
        # Owners what they have written, an approver what was approved.
        Permission.WITHDRAW_POLICY: _OWNER | _APPROVER,
        Permission.COMPARE_POLICY: _OWNER | _APPROVER | {Role.AUDITOR},
        # What it shows of decisions are ids, grades and reasons.
        Permission.SIMULATE_POLICY: _OWNER | _APPROVER,
        # The nightly job of the command-and-control system; an auditor can hold a list of their own against the trail.
        Permission.RECONCILE_DAY: _LIVE | {Role.AUDITOR},
        Permission.ENTER_FALLBACK: _LIVE,
        Permission.READ_HEALTH: frozenset({Role.OPERATOR, Role.AUDITOR}),
    }
)
"""Every permission, and the roles that carry it. Nothing else in the code grants anything."""
