from __future__ import annotations

import pytest

from chalicelib.auth.principal import Principal, allowed
from chalicelib.auth.roles import GRANTS, Permission, Role
from chalicelib.errors import BadRequest, NotFound


def a_principal(*forces: str, roles: frozenset[Role] = frozenset({Role.CONTROL_ROOM})) -> Principal:
    return Principal(subject="sub-0001", client="cad-01", forces=forces or ("hertfordshire",), roles=roles)


def test_every_permission_is_carried_by_some_role() -> None:
    assert set(GRANTS) == set(Permission)
    assert all(GRANTS.values())


_BOTH = {"activate_at_night", "withdraw_policy", "compare_policy", "simulate_policy", "read_policy"}
"""What owners and approvers may."""

_BY_HAND = {"reconcile_day", "enter_fallback"}
"""What makes up for what the service did not see."""


_LIVE = {
    "assess",
    "decide",
    "record_event",
    "read_decision",
    "read_incident",
    "read_worklist",
    "read_policy",
} | _BY_HAND
"""What a control room needs."""


@pytest.mark.parametrize(
    ("role", "permissions", "why"),
    [
        (Role.CONTROL_ROOM, _LIVE, "the live work"),
        (Role.SUPERVISOR, _LIVE | {"authorise", "acknowledge_work"}, "the live work, and being the second person"),
        (Role.POLICY_OWNER, {"write_policy", "submit_policy", *_BOTH}, "writes but never approves"),
        (Role.POLICY_APPROVER, {"approve_policy", "activate_policy", *_BOTH}, "approves but never writes"),
        (
            Role.AUDITOR,
            {"read_decision", "read_incident", "search_decisions", "replay_decision", "read_policy", "read_health"}
            | {"compare_policy", "reconcile_day"},
            "sees all, changes nothing",
        ),
        (
            Role.INSPECTOR,
            {"read_decision", "read_incident", "search_decisions", "replay_decision", "read_policy"},
            "as an auditor, for a time",
        ),
        (Role.OPERATOR, {"read_health", "read_policy"}, "runs the machine and reads no call"),
        (Role.COMMISSIONER, {"read_policy"}, "aggregates only"),
        (Role.VICTIM_SERVICE, {"read_policy"}, "writes referral states only"),
        (Role.QUALITY_REVIEWER, {"read_policy"}, "gives an own grade before seeing the record's"),
    ],
)
def test_a_role_carries_exactly_these_permissions(role: Role, permissions: set[str], why: str) -> None:
    someone = a_principal(roles=frozenset({role}))
    assert {str(permission) for permission in Permission if allowed(someone, permission)} == permissions, why


def test_nobody_can_both_write_and_approve_a_policy_by_one_role() -> None:
    assert GRANTS[Permission.WRITE_POLICY].isdisjoint(GRANTS[Permission.APPROVE_POLICY])


def test_a_caller_of_one_force_need_not_name_it() -> None:
    assert a_principal().force_of(None) == "hertfordshire"
    assert a_principal().force_of("hertfordshire") == "hertfordshire"


def test_another_force_does_not_exist() -> None:
    with pytest.raises(NotFound):
        a_principal().force_of("essex")


def test_a_caller_of_several_forces_has_to_name_one() -> None:
    both = a_principal("hertfordshire", "essex")
    assert both.force_of("essex") == "essex"
    with pytest.raises(BadRequest) as caught:
        both.force_of(None)
    assert caught.value.faults[0].right == "one of: hertfordshire, essex"
