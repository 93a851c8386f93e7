"""A sound document, and what makes it wrong: one replacement a row, and the fault that has to come of it. No tests."""

from __future__ import annotations

DOCUMENT = """\
format: policy/1
id: small
force: test
version: "1"
title: Small
owner: Owner
change: First
basis: [{id: source, title: Source}]
elements: [{id: threat, title: Threat}, {id: risk, title: Risk}]
grades:
  - {id: top, title: Top, national: IMMEDIATE}
  - {id: low, title: Low, national: SCHEDULED}
base_grade: low
earned_when: {fact: danger, is: no}
responses: [{id: attend, title: Attend, attends: true}, {id: desk, title: Desk, attends: false}]
facts:
  - {id: danger, type: yes_no, question: Danger?, worse: yes, purpose: [grade]}
  - {id: hurt, type: ordered, question: Hurt?, worse: higher, purpose: [grade],
     options: [{id: none, title: No}, {id: badly, title: Badly}]}
  - {id: count, type: whole, question: How many?, worse: higher, purpose: [grade], range: {least: 0, most: 9}}
  - {id: signs, type: set, question: Which?, purpose: [grade], options: [{id: a, title: A}, {id: b, title: B}],
     asked_when: {fact: danger, is: yes}, otherwise: none}
conditions:
  - {id: bad, title: Bad, when: {fact: hurt, at_least: badly}}
impossible:
  - {id: odd, when: {fact: count, at_least: 9}, says: It cannot be.}
rules:
  - {id: one, says: One, basis: [source], when: {fact: danger, is: yes}, grade: top,
     findings: [{element: threat, level: high}], flags: [mark], duties: [tell],
     response: {require: attendance, forbid: [desk]}}
  - {id: two, says: Two, basis: [source], when: {all: [{condition: bad}, {fact: signs, includes_any: [a]}]}, grade: low}
precautions:
  - {id: care, says: Care, basis: [source], on: bad, scope: {fact: danger, is: yes}, reasons: [unknown],
     not_asked: at_end, grade: top, question: hurt}
duties: [{id: tell, title: Tell, owed_by: call_handler, done_by: [caller_told]}]
checks: [{id: history, title: History, results: [{result: found, fact: hurt, value: badly}]}]
flags: [{id: mark, title: Mark}]
specified_needs: [{id: need, title: Need, when: {fact: danger, is: yes}}]
"""

# what is replaced, by what, code, pointer, what the fault has to name
ROWS = [
    ("format: policy/1", "format: policy/2", "unknown_word", "/format", "policy/2"),
    ("title: Small\n", "", "missing", "/title", "has no title"),
    ("title: Small", "title: Small\nunits_available: 3", "unknown_key", "/units_available", "units_available"),
    ("title: Small", "title: 7", "wrong_kind", "/title", "7 is a number"),
    ("id: small", "id: Small One", "name_form", "/id", "such as small-one"),
    ("national: IMMEDIATE", "national: URGENT", "unknown_word", "/grades/0/national", "URGENT"),
    ("national: SCHEDULED}\nbase", "national: SCHEDULED}\n  - {id: odd, title: Odd, national: PRIORITY}\nbase",
     "grade_order", "/grades/2/national", '"odd" is listed below "low"'),
    ("base_grade: low", "base_grade: lo", "unknown_name", "/base_grade", '"low"?'),
    ("earned_when: {fact: danger, is: no}", "earned_when: {fact: dangr, is: no}",
     "unknown_name", "/earned_when/fact", '"danger"?'),
    ("earned_when: {fact: danger, is: no}", "earned_when: {fact: danger, is: maybe}",
     "value", "/earned_when/is", "yes or no"),
    ("earned_when: {fact: danger, is: no}", "earned_when: {fact: danger, is: [no]}", "value", "/earned_when/is", "no"),
    ("earned_when: {fact: danger, is: no}", "earned_when: {fact: danger}",
     "one_comparison", "/earned_when", "exactly one of is"),
    ("earned_when: {fact: danger, is: no}", "earned_when: {fact: danger, is: no, is_not: yes}",
     "one_comparison", "/earned_when", "is and is_not"),
    ("earned_when: {fact: danger, is: no}", "earned_when: {fact: danger, equals: no}",
     "unknown_key", "/earned_when/equals", 'did you mean "is"?'),
    ("earned_when: {fact: danger, is: no}", "earned_when: {all: []}", "too_few", "/earned_when/all", "nothing in it"),
    ("earned_when: {fact: danger, is: no}", "earned_when: {not: {fact: danger, is: yes}}",
     "condition", "/earned_when", "exactly one of"),
    ("earned_when: {fact: danger, is: no}", "earned_when: {condition: goood}",
     "unknown_name", "/earned_when/condition", "goood"),
    ("earned_when: {fact: danger, is: no}", "earned_when: {finding: thret, at_least: low}",
     "unknown_name", "/earned_when/finding", '"threat"?'),
    ("worse: yes, purpose: [grade]}\n  - {id: hurt", "worse: higher, purpose: [grade]}\n  - {id: hurt",
     "fact_form", "/facts/0/worse", "yes or no"),
    ("worse: yes, purpose: [grade]}\n  - {id: hurt", "worse: yes, purpose: []}\n  - {id: hurt",
     "too_few", "/facts/0/purpose", "nothing in it"),
    (",\n     options: [{id: none, title: No}, {id: badly, title: Badly}]", "",
     "fact_form", "/facts/1/options", "options"),
    ("{id: badly, title: Badly}]", "{id: badly, title: Badly}, {id: badly, title: Again}]",
     "duplicate_id", "/facts/1/options/2/id", "badly"),
    ("range: {least: 0, most: 9}", "range: {least: 9, most: 0}", "fact_form", "/facts/2/range", "the least first"),
    (", range: {least: 0, most: 9}", "", "fact_form", "/facts/2/range", "range"),
    (", otherwise: none}", "}", "fact_form", "/facts/3/otherwise", "both of them, or neither"),
    (", otherwise: none}", ", otherwise: a}", "value", "/facts/3/otherwise", "has no tags"),
    ("asked_when: {fact: danger, is: yes}", "asked_when: {fact: signs, includes_any: [a]}",
     "cycle", "/facts/3/asked_when", "signs"),
    ("range: {least: 0, most: 9}}\n",
     "range: {least: 0, most: 9}}\n  - {id: count, type: yes_no, question: Again?, purpose: [grade]}\n",
     "duplicate_id", "/facts/3/id", "count"),
    ("when: {fact: hurt, at_least: badly}", "when: {fact: hurt, at_least: worst}",
     "value", "/conditions/0/when/at_least", "none, badly"),
    ("when: {fact: hurt, at_least: badly}", "when: {fact: danger, at_least: yes}",
     "comparison", "/conditions/0/when/at_least", "is, is_not, one_of"),
    ("when: {fact: hurt, at_least: badly}", "when: {condition: bad}", "order", "/conditions/0/when/condition", "bad"),
    ("when: {fact: count, at_least: 9}", "when: {fact: count, at_least: 12}",
     "value", "/impossible/0/when/at_least", "from 0 to 9"),
    ("when: {fact: count, at_least: 9}", "when: {fact: count, between: [5, 2]}",
     "value", "/impossible/0/when/between", "lower bound first"),
    ("when: {fact: count, at_least: 9}", "when: {fact: count, between: [5]}",
     "too_few", "/impossible/0/when/between", "exactly 2"),
    ("includes_any: [a]}]}", "includes_any: [c]}]}", "value", "/rules/1/when/all/1/includes_any/0", "a, b"),
    ("id: two, says: Two", "id: one, says: Two", "duplicate_id", "/rules/1/id", "one"),
    ("basis: [source], when: {fact: danger", "basis: [sauce], when: {fact: danger",
     "unknown_name", "/rules/0/basis/0", '"source"?'),
    ("basis: [source], when: {fact: danger", "basis: [], when: {fact: danger",
     "too_few", "/rules/0/basis", "nothing in it"),
    ("grade: top,\n     findings", "grade: tip,\n     findings", "unknown_name", "/rules/0/grade", "tip"),
    ("element: threat, level: high", "element: harm, level: high",
     "unknown_name", "/rules/0/findings/0/element", "threat, risk"),
    ("element: threat, level: high", "element: threat, level: huge",
     "unknown_word", "/rules/0/findings/0/level", "huge"),
    ("flags: [mark]", "flags: [park]", "unknown_name", "/rules/0/flags/0", '"mark"?'),
    ("duties: [tell],", "duties: [tel],", "unknown_name", "/rules/0/duties/0", '"tell"?'),
    ("forbid: [desk]", "forbid: [desc]", "unknown_name", "/rules/0/response/forbid/0", '"desk"?'),
    ("require: attendance", "require: speed", "unknown_word", "/rules/0/response/require", "speed"),
    (", grade: low}\nprec", "}\nprec", "no_effect", "/rules/1", "two"),
    (", grade: low}\nprec", ", unless: {fact: danger, is: no}, flags: [mark]}\nprec",
     "unless", "/rules/1/unless", "grade"),
    (", on: bad", ", on: hurt", "unknown_name", "/precautions/0/on", "hurt"),
    ("question: hurt}", "question: pain}", "unknown_name", "/precautions/0/question", "pain"),
    ("reasons: [unknown]", "reasons: [not_asked]", "unknown_word", "/precautions/0/reasons/0", "not_asked"),
    ("not_asked: at_end", "not_asked: later", "unknown_word", "/precautions/0/not_asked", "later"),
    ("owed_by: call_handler", "owed_by: nobody", "unknown_word", "/duties/0/owed_by", "nobody"),
    ("fact: hurt, value: badly}]", "fact: hurt, value: bad}]", "value", "/checks/0/results/0/value", "none, badly"),
    ("fact: hurt, value: badly}]", "fact: pain, value: badly}]", "unknown_name", "/checks/0/results/0/fact", "pain"),
    ("when: {fact: danger, is: yes}}]\n", "when: {fact: danger, is: 1}}]\n",
     "value", "/specified_needs/0/when/is", "yes or no"),
]  # fmt: skip

# Mistakes that an owner made on the way to a new need, and what has to help them out of each.
SLIPS = [
    ("question: Danger?, worse: yes, purpose: [grade]",
     "question: Danger?, requird: true, worse: yes, purpose: [grade]",
     "unknown_key", "/facts/0/requird", 'did you mean "required"?'),
    ("says: Two, basis: [source]", "sayz: Two, basis: [source]",
     "unknown_key", "/rules/1/sayz", 'the rule "two" has no "sayz"'),
    ("says: Two, basis: [source]", "reason: Two, basis: [source]",
     "unknown_key", "/rules/1/reason", 'did you mean "says"?'),
    ("flags: [{id: mark", "flag: [{id: mark", "unknown_key", "/flag", 'did you mean "flags"?'),
    ("says: Two, basis: [source]", "says: Two", "missing", "/rules/1/basis", "such as basis: [force_plan]"),
    ("id: two, says", "says", "missing", "/rules/1/id", "a rule has no id"),
    (", grade: low}\nprec", ", grade: }\nprec", "empty", "/rules/1/grade", '"grade" is empty'),
    ("specified_needs: [{id: need, title: Need, when: {fact: danger, is: yes}}]\n", "specified_needs:\n",
     "empty", "/specified_needs", "is empty"),
    ("id: danger,", "id: Retail Worker,", "name_form", "/facts/0/id", "such as retail_worker"),
    ("id: two,", "id: 2nd-rule,", "name_form", "/rules/1/id", "such as nd_rule"),
    ('version: "1"', "version: first try", "name_form", "/version", "is not a version"),
    ("says: Two, basis: [source]", 'says: "", basis: [source]', "text_form", "/rules/1/says", "is empty"),
    ("says: Two, basis: [source]", 'says: "a\\nb", basis: [source]',
     "text_form", "/rules/1/says", "more than one line"),
    ("says: Two, basis: [source]",
     "says: " + "long " * 130 + ", basis: [source]",
     "text_form", "/rules/1/says", "at most 600"),
    ("says: Two, basis: [source]", "says: Two, basis: source", "wrong_kind", "/rules/1/basis", "[source]"),
    ("question: Danger?, worse: yes, purpose: [grade]",
     "question: Danger?, required: yes, worse: yes, purpose: [grade]",
     "wrong_kind", "/facts/0/required", "Expected: true"),
    ("{least: 0, most: 9}", "{least: none, most: 9}", "wrong_kind", "/facts/2/range/least", "a whole number"),
    ("{least: 0, most: 9}", "0-9", "wrong_kind", "/facts/2/range", "a range with least, most"),
    ("{id: badly, title: Badly}]", "badly]", "wrong_kind", "/facts/1/options/1", "an option with id, title"),
    ("{id: none, title: No}, ", "none, ", "wrong_kind", "/facts/1/options/0", "an option with id, title"),
    ("{id: none, title: No}, ", "", "too_few", "/facts/1/options", "at least 2"),
    ("done_by: [caller_told]", "minutes: -5, done_by: [caller_told]",
     "out_of_range", "/duties/0/minutes", "at least 0"),
    ("national: IMMEDIATE", "national: immediate", "unknown_word", "/grades/0/national", 'did you mean "IMMEDIATE"?'),
    ("type: yes_no", "type: yes/no", "unknown_word", "/facts/0/type", 'did you mean "yes_no"?'),
    ("level: high", "level: hgih", "unknown_word", "/rules/0/findings/0/level", 'did you mean "high"?'),
    ("worse: yes, purpose: [grade]}\n  - {id: hurt", "worse: true, purpose: [grade]}\n  - {id: hurt",
     "unknown_word", "/facts/0/worse", "one of yes, no, higher, lower"),
    ("worse: yes, purpose: [grade]}\n  - {id: hurt", "worse: yes, purpose: [grading]}\n  - {id: hurt",
     "unknown_word", "/facts/0/purpose/0", "is not a word for purpose"),
    ("done_by: [caller_told]", "done_by: [caller_tld]",
     "unknown_word", "/duties/0/done_by/0", 'did you mean "caller_told"?'),
    ("done_by: [caller_told]", "clock: call_recieved, done_by: [caller_told]",
     "unknown_word", "/duties/0/clock", 'did you mean "call_received"?'),
    ("owed_by: call_handler", "owed_by: handler", "unknown_word", "/duties/0/owed_by", 'did you mean "call_handler"?'),
    ("not_asked: at_end", "not_asked: At end", "unknown_word", "/precautions/0/not_asked", 'did you mean "at_end"?'),
    ("earned_when: {fact: danger, is: no}", "earned_when: [{fact: danger, is: no}]",
     "condition", "/earned_when", "a list is not a condition"),
    ("earned_when: {fact: danger, is: no}", "earned_when: bad", "condition", "/earned_when", "{condition: bad}"),
    ("earned_when: {fact: danger, is: no}", "earned_when: {fact: danger, is: no, condition: bad}",
     "condition", "/earned_when", "fact and condition stand side by side"),
    ("earned_when: {fact: danger, is: no}", "earned_when: {fcat: danger, is: no}",
     "condition", "/earned_when", 'did you mean "fact"?'),
    ("earned_when: {fact: danger, is: no}", "earned_when: {not: {fact: danger, is: yes}}",
     "condition", "/earned_when", 'did you mean "none"?'),
    ("earned_when: {fact: danger, is: no}", "earned_when: {and: [{fact: danger, is: no}]}",
     "condition", "/earned_when", 'did you mean "all"?'),
    ("earned_when: {fact: danger, is: no}", "earned_when: {fact:danger, is: no}",
     "condition", "/earned_when", "a blank after the colon"),
    ("earned_when: {fact: danger, is: no}", "earned_when: {fact: danger, is: NO}",
     "value", "/earned_when/is", "yes or no, in small letters"),
    ("earned_when: {fact: danger, is: no}", "earned_when: {fact: hurt, is: badley}",
     "value", "/earned_when/is", 'did you mean "badly"?'),
    ("earned_when: {fact: danger, is: no}", "earned_when: {fact: signs, includes_none: a}",
     "wrong_kind", "/earned_when/includes_none", "[a]"),
    ("earned_when: {fact: danger, is: no}", "earned_when: {fact: signs, include_none: [a]}",
     "unknown_key", "/earned_when/include_none", 'did you mean "includes_none"?'),
    ("earned_when: {fact: danger, is: no}", "earned_when: {fact: danger, one_of: [no, maybe]}",
     "value", "/earned_when/one_of/1", '"maybe" is not a value'),
    ("when: {all: [{condition: bad}", "when: {all: [{finding: risk, is: low}",
     "unknown_key", "/rules/1/when/all/0/is", 'did you mean "at_least"?'),
    ("when: {fact: count, at_least: 9}", "when: {fact: count, between: [1, 2, 3]}",
     "too_many", "/impossible/0/when/between", "exactly 2"),
    ("base_grade: low", "base_grade: Low", "name_form", "/base_grade", "such as low"),
    ("question: hurt}", "question: hrt}", "unknown_name", "/precautions/0/question", 'did you mean "hurt"?'),
    (", on: bad", ", on: dangr", "unknown_name", "/precautions/0/on", 'did you mean "danger"?'),
    ("owed_by: call_handler, done_by: [caller_told]", "owed_by: call_handler",
     "combination", "/duties/0", "the kinds of event that do it"),
    ("owed_by: call_handler, done_by: [caller_told]", "owed_by: call_handler, must_not: true, minutes: 5",
     "combination", "/duties/0", 'the duty "tell"'),
    ("fact: hurt, value: badly}]", "fact: hurt, present: [badly]}]",
     "comparison", "/checks/0/results/0/present", 'does not fit "hurt"'),
    ("fact: hurt, value: badly}]", "fact: hurt}]", "no_effect", "/checks/0/results/0", 'says nothing about "hurt"'),
    ("flags: [{id: mark, title: Mark}]",
     "flags: [{id: mark, title: Mark}]\ncalendar: {time_zone: Europe/Londn, known_until: 2027-12-31}",
     "text_form", "/calendar/time_zone", "Europe/London"),
    ("flags: [{id: mark, title: Mark}]",
     'flags: [{id: mark, title: Mark}]\ncalendar: {known_until: "31 December 2027"}',
     "text_form", "/calendar/known_until", "2026-12-25"),
    ("done_by: [caller_told]", "working_days: 2, done_by: [caller_told]",
     "calendar", "/duties/0/working_days", "the policy has none"),
    ("question: How many?", "question: How many?, history: {days: 30, matched_by: [phone]}, required: true",
     "fact_form", "/facts/2/required", "is never asked"),
]  # fmt: skip
