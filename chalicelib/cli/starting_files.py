"""What `policy init` writes: a small policy that is green at once. Words only; names in {{}} are put in elsewhere."""

from __future__ import annotations

POLICY_TEXT = """\
# A small policy that is whole: change it step by step, and run `policy check` after each step.
# What everything means: docs/writing-a-policy.md of the decision support project.
format: policy/1
id: {{id}}
force: {{force}}
version: "0.1"
title: Assessment at first contact
owner: To be named by the force
change: First form, to be replaced by the force's own criteria.

basis:                          # the sources that the rules rest on
  - {id: proposed, title: An example. Replace it by the force's own sources}
elements:                       # the letters of the assessment
  - {id: threat, title: Threat}
  - {id: vulnerability, title: Vulnerability}
grades:                         # from the highest down, each mapped to the national scale
  - {id: immediate, title: Immediate, national: IMMEDIATE, targets: [{minutes: 15, clock: call_received}]}
  - {id: priority, title: Priority, national: PRIORITY, targets: [{minutes: 60, clock: call_received}]}
  - {id: scheduled, title: Scheduled, national: SCHEDULED}
  - {id: resolve, title: Resolved without attendance, national: RESOLVE}
responses:
  - {id: attend, title: Officers attend, attends: true}
  - {id: telephone_desk, title: Telephone desk, attends: false}
flags:
  - {id: vulnerable, title: Somebody vulnerable}
duties:
  - {id: tell_caller, title: Tell the caller what happens next, owed_by: call_handler, done_by: [caller_told]}

facts:                          # what is asked
  - id: danger_now
    type: yes_no
    question: Is somebody in danger, or being hurt, now?
    phrase: somebody is in danger now
    phrase_no: nobody is in danger now
    worse: yes                  # the answer that means more danger
    purpose: [grade]
    required: true              # the call is not finished while this is open
    always_first: true
  - id: offender
    type: ordered               # the least option first
    question: Where is the person responsible now?
    phrase: whoever is responsible
    options:
      - {id: gone, title: Gone, phrase: gone}
      - {id: nearby, title: Nearby, phrase: nearby}
      - {id: here, title: Here, phrase: here}
    worse: higher
    purpose: [grade, officer_safety]
  - id: vulnerable
    type: yes_no
    question: Does anybody need help to stay safe?
    phrase: somebody needs help to stay safe
    phrase_no: nobody needs help to stay safe
    worse: yes
    purpose: [grade, safeguarding]

rules:                          # floors: the highest grade wins, their order means nothing
  - id: danger
    says: Somebody is in danger now.
    basis: [proposed]
    when: {fact: danger_now, is: yes}
    grade: immediate
    findings: [{element: threat, level: high}]
    response: {require: attendance, forbid: [telephone_desk]}
    duties: [tell_caller]
  - id: offender_near
    says: Whoever is responsible is still near.
    basis: [proposed]
    when: {fact: offender, at_least: nearby}
    grade: priority
    findings: [{element: threat, level: medium}]
  - id: help_needed
    says: Somebody needs help to stay safe.
    basis: [proposed]
    when: {fact: vulnerable, is: yes}
    grade: scheduled
    findings: [{element: vulnerability, level: medium}]
    flags: [vulnerable]

precautions:                    # not known, so treated as the worst
  - id: danger_not_known
    says: Whether somebody is in danger is not known, and whoever is responsible is still near.
    basis: [proposed]
    on: danger_now
    scope: {fact: offender, at_least: nearby}
    reasons: [unknown, declined, unable]
    not_asked: at_end
    grade: immediate
    question: danger_now

base_grade: scheduled           # holds until the lowest grade is earned
earned_when: {all: [{fact: danger_now, is: no}, {fact: offender, is: gone}, {fact: vulnerable, is: no}]}

guarantees:                     # promises about every possible call, proved by `policy check`
  - id: danger_is_immediate
    says: Whoever is in danger gets an immediate response, and officers attend.
    when: {fact: danger_now, is: yes}
    at_least: immediate
    attendance: true
    basis: [proposed]
"""

CASES_TEXT = """\
# Cases: what was said, and what has to come of it. Write them from their source first and run them afterwards.
format: cases/1
policy: {{id}}
cases:
  - id: nothing-known
    title: Nothing is known yet
    expect: {grade: {is: SCHEDULED}, first_question: danger_now, questions: [offender, vulnerable], may_stop: false}
  - id: danger
    title: Somebody is in danger and nothing else is the matter
    answers:
      - {fact: danger_now, value: yes}
      - {fact: offender, value: gone}
      - {fact: vulnerable, value: no}
    expect:
      grade: {is: IMMEDIATE}
      reasons: [danger]
      response: {require: attendance, refused: [telephone_desk]}
      findings: [{element: threat, level: high}]
      duties: [tell_caller]
  - id: nearby
    title: Nobody is in danger, and whoever is responsible is nearby
    answers:
      - {fact: danger_now, value: no}
      - {fact: offender, value: nearby}
      - {fact: vulnerable, value: no}
    expect:
      grade: {is: PRIORITY}
      reasons: [offender_near]
      not_reasons: [danger]
      response: {permitted: [telephone_desk]}
  - id: help
    title: Somebody needs help to stay safe and nothing else is the matter
    answers:
      - {fact: danger_now, value: no}
      - {fact: offender, value: gone}
      - {fact: vulnerable, value: yes}
    expect: {grade: {is: SCHEDULED}, reasons: [help_needed], flags: [vulnerable], may_stop: true}
  - id: nothing-the-matter
    title: Everything is asked and nothing is the matter
    answers:
      - {fact: danger_now, value: no}
      - {fact: offender, value: gone}
      - {fact: vulnerable, value: no}
    expect: {grade: {is: RESOLVE}, not_flags: [vulnerable], provisional: false}
  - id: danger-not-known
    title: Whoever is responsible is here, and the caller does not know whether somebody is in danger
    answers:
      - {fact: danger_now, absent: unknown}
      - {fact: offender, value: here}
    expect: {grade: {is: IMMEDIATE}, reasons: [danger_not_known, offender_near]}
"""

OVERLAY_TEXT = """\
# An overlay: only what is different here from its base. What is checked, stored and approved is the whole policy that
# the two make together. How to add, replace, remove and order things: docs/writing-a-policy.md, section 13.
format: overlay/1
id: {{id}}
force: {{force}}
version: "0.1"
title: Assessment at first contact
owner: To be named by the force
change: First form; the same as its base.
based_on:
  id: {{base}}
  sha256: {{digest}}            # the digest that `policy check` prints of the base
# For example, a mark of the force's own:
# flags:
#   add:
#     - {id: harbour, title: At the harbour}
"""

OVERLAY_CASES_TEXT = """\
# Cases: what was said, and what has to come of it. Write them from their source first and run them afterwards.
# `policy generate` makes a first set from the policy itself, for a person to confirm.
format: cases/1
policy: {{id}}
cases:
  - id: nothing-known
    title: Nothing is known yet
    expect: {grade: {is: {{grade}}}, may_stop: false}
"""

README_TEXT = """\
# {{id}}

The policy of {{force}}, for its owner. `policy.yaml` is the policy, `cases.yaml` its tests, `ci.sh` what a build server
runs. It is an example until the force has put its own criteria in: see `change` and `basis` in `policy.yaml`.

Say here, before it is used: who owns the policy, what comes from which source, and what is the force's own proposal.

`THRIIVES` is the folder of the decision support project, set up with `make setup`. Then:

    sh ci.sh
"""

CI_TEXT = """\
#!/bin/sh
# Checks this policy and runs its cases. THRIIVES is the folder of the decision support project, set up by `make setup`.
# It ends with 0 when all is well, and with something else at the first thing that is not.
set -eu
here=$(dirname "$0")
policy() { PYTHONPATH="$THRIIVES" "$THRIIVES/.venv/bin/python" -m chalicelib policy "$@"; }
policy check "$here/policy.yaml"
policy test "$here/policy.yaml" --junit "$here/results.xml" --coverage --min {{least}}
"""
