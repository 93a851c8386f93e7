"""Faults planted in the evaluator, each as a snippet of its source and what stands there instead.

Run as a program it plants one of them in a fresh interpreter and runs the conformance vectors. What the vectors make of
it, `test_mutants` says.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import CodeType, ModuleType
from typing import NamedTuple

APPLIES_NO_MORE = 3
"""The exit status of a mutant whose snippet does not stand in its module exactly once."""


class Mutant(NamedTuple):
    """One planted fault."""

    name: str
    remark: str
    file: str
    """The file of vectors that has to kill it."""
    module: str
    snippet: str
    instead: str


A = "chalicelib.assessment"
P = "chalicelib.policy"

MUTANTS = (
    Mutant(
        "unknown_is_no", "unknown taken as no in a leaf", "leaves", f"{P}.nodes",
        "return TRUE if not still & wrong else UNKNOWN if still & mask else FALSE",
        "return TRUE if not still & wrong else FALSE",
    ),
    Mutant(
        "unknown_is_yes", "unknown taken as yes in a leaf", "leaves", f"{P}.nodes",
        "return TRUE if not still & wrong else UNKNOWN if still & mask else FALSE",
        "return TRUE if still & mask else FALSE",
    ),
    Mutant(
        "two_valued_none", "none is true while a part is not known", "truth-tables", f"{P}.nodes",
        "lambda masks: TRUE - some(masks)", "lambda masks: FALSE if some(masks) == TRUE else TRUE",
    ),
    Mutant(
        "two_valued_all", "all is true while a part is not known", "truth-tables", f"{P}.nodes",
        "            if truth < least:\n                least = truth\n", "",
    ),
    Mutant(
        "two_valued_any", "any is false while a part is not known", "truth-tables", f"{P}.nodes",
        "            if truth > greatest:\n                greatest = truth\n", "",
    ),
    Mutant(
        "unmentioned_tag", "a tag that was not mentioned taken as absent in a condition", "leaves", f"{P}.nodes",
        "                unknown = True\n", "                unknown = False\n",
    ),
    Mutant(
        "plain_set_complete", "a plain list taken as complete", "standing", f"{A}.standing",
        "out = claim.value == NONE_OF_THESE or", "out = bool(claim.present) or claim.value == NONE_OF_THESE or",
    ),
    Mutant(
        "precaution_is_certain", "a precaution leaking into certain", "evaluation", f"{A}.evaluate",
        "    feared = tuple(applies.values())\n",
        "    feared = tuple(applies.values())\n    certain = max(certain, *(guard.rank for guard in feared), 0)\n",
    ),
    Mutant(
        "base_ignored", "the lowest grade is given without being earned", "evaluation", f"{A}.evaluate",
        "    base = 0 if policy.earned.test(masks) == TRUE else policy.base_rank\n", "    base = 0\n",
    ),
    Mutant(
        "earned_by_silence", "the lowest grade is earned unless it is known not to be", "evaluation", f"{A}.evaluate",
        "0 if policy.earned.test(masks) == TRUE else", "0 if policy.earned.test(masks) != FALSE else",
    ),
    Mutant(
        "any_source_corrects", "a correction by another source is accepted", "standing", f"{A}.standing",
        "everybody = _corrects_everybody(claim)", "everybody = True",
    ),
    Mutant(
        "any_contact_corrects", "the caller of another contact taken as the same source", "standing", f"{A}.standing",
        "return claim.source, claim.contact, claim.counted",
        "return claim.source, None, claim.counted",
    ),
    Mutant(
        "supervisor_ignored", "a supervisor corrects only their own words", "standing", f"{A}.standing",
        "return claim.correction and (claim.supervisor or claim.source", "return claim.correction and (claim.source",
    ),
    Mutant(
        "order_of_arrival", "what arrives last counts, not what was said last", "standing", f"{A}.standing",
        "sorted((*call.answers, *_of_checks(policy, call.checks)), key=_in_time)",
        "(*call.answers, *_of_checks(policy, call.checks))",
    ),
    Mutant(
        "best_claim", "the best claim stands instead of the worst", "standing", f"{A}.standing",
        "fitting = [mask for mask in masks if mask >= floor]", "fitting = [min(masks)]",
    ),
    Mutant(
        "part_is_exact", "at least b taken as b", "standing", f"{A}.standing",
        'term.mask("at_least", claim.at_least)', 'term.mask("is", claim.at_least)',
    ),
    Mutant(
        "anybody_denies", "somebody who may not answer makes things better", "standing", f"{A}.standing",
        "return mask if trusted else _no_better(variable, mask)", "return mask",
    ),
    Mutant(
        "misread_is_nothing", "what could not be read taken as not said", "standing", f"{A}.standing",
        "if _misread(term, variable, claims, latest[about]):", "if False:",
    ),
    Mutant(
        "best_person", "the best of several people counts instead of the worst", "standing", f"{A}.standing",
        "return union & ~(max(mask & -mask for mask in masks) - 1)", "return min(masks)",
    ),
    Mutant(
        "gate_unknown_is_false", "not known whether it is asked taken as not asked", "standing", f"{A}.standing",
        "        if truth == FALSE:\n            for index, mask in gate.otherwise:",
        "        if truth <= 1:\n            for index, mask in gate.otherwise:",
    ),
    Mutant(
        "otherwise_ignored", "a fact that is not asked stays open", "standing", f"{A}.standing",
        "        if truth == FALSE:\n            for index, mask in gate.otherwise:",
        "        if False:\n            for index, mask in gate.otherwise:",
    ),
    Mutant(
        "otherwise_overrides", "what was said of a fact that is not asked is lost", "standing", f"{A}.standing",
        "standing.masks[index] = standing.masks[index] & mask or standing.masks[index]",
        "standing.masks[index] = mask",
    ),
    Mutant(
        "feared_before_the_end", "at_end feared from the start", "evaluation", f"{A}.precautions",
        "            return state.ended\n", "            return True\n",
    ),
    Mutant(
        "not_feared_at_the_end", "at_end applied only when the line is lost", "evaluation", f"{A}.precautions",
        "            return state.ended\n", "            return state is ContactState.LOST\n",
    ),
    Mutant(
        "from_start_never", "what is feared from the start is not", "evaluation", f"{A}.precautions",
        "        case NotAsked.FROM_START:\n            return True\n",
        "        case NotAsked.FROM_START:\n            return False\n",
    ),
    Mutant(
        "every_reason_feared", "a precaution applies whatever the reason of absence", "evaluation", f"{A}.precautions",
        "if standing.reasons[policy.variables[index].fact] & reasons]", "if reasons is not None]",
    ),
    Mutant(
        "scope_not_known", "a precaution applies while its scope is not known", "evaluation", f"{A}.precautions",
        "if guard.scope.test(masks) != TRUE or", "if not guard.scope.test(masks) or",
    ),
    Mutant(
        "exception_taken_as_true", "an exception that is not known is not feared", "evaluation", f"{P}.compiler",
        "reasons=frozenset(Absence) - {Absence.NOT_ASKED},\n        not_asked=NotAsked.FROM_START,",
        "reasons=frozenset(),\n        not_asked=NotAsked.NEVER,",
    ),
    Mutant(
        "strata_ignored", "findings only count in rules further down", "evaluation", f"{P}.compiler",
        "sorted(enumerate(policy.rules), key=lambda one: one[1].id in second)", "enumerate(policy.rules)",
    ),
    Mutant(
        "any_level_will_do", "the level of a finding does not matter", "evaluation", f"{P}.resolver",
        "if level.rank >= condition.at_least.rank]", "if level.rank >= 0]",
    ),
    Mutant(
        "possible_by_kleene", "possible is not exact", "evaluation", f"{A}.bounds",
        "completions.exists([Goal(floor.node, IS_TRUE)]) is not False", "floor.rank > possible",
    ),
    Mutant(
        "certain_by_kleene", "certain is not exact", "evaluation", f"{A}.bounds",
        "    while certain < possible:\n", "    while False:\n",
    ),
    Mutant(
        "impossible_ignored", "what cannot be counts as possible", "evaluation", f"{A}.completions",
        "[Goal(node, IS_FALSE) for _, node in policy.impossible if node.test(masks) == UNKNOWN]", "[]",
    ),
    Mutant(
        "asked_again", "a question is put again after not known", "evaluation", f"{A}.questions",
        "name in asking.standing.closed or", "",
    ),
    Mutant(
        "asked_too_early", "a question is put before it is known to be due", "evaluation", f"{A}.questions",
        "return all(asking.standing.known(asking.policy.terms[name]) for name in still_asked)", "return True",
    ),
    Mutant(
        "settled_at_once", "the grade is always settled", "evaluation", f"{A}.evaluate",
        "        grade_settled=settled,\n", "        grade_settled=True,\n",
    ),
    Mutant(
        "stop_before_required", "the call may stop with a required question open", "evaluation", f"{A}.evaluate",
        'not any(question.because == "required" for question in asked)', "True",
    ),
    Mutant(
        "stop_before_asking", "the call may stop although its end raises the grade", "evaluation", f"{A}.evaluate",
        "may_stop=settled and not at_end and", "may_stop=settled and",
    ),
    Mutant(
        "standing_lowered", "an evaluation lowers what stands for the incident", "evaluation", f"{A}.evaluate",
        "standing=max(recommended, earlier or recommended, key=lambda one: one.rank)", "standing=recommended",
    ),
    Mutant(
        "response_by_silence", "a response is permitted while a rule may still forbid it", "evaluation",
        f"{A}.evaluate", "if truth != FALSE and floor.rule.response", "if truth == TRUE and floor.rule.response",
    ),
    Mutant(
        "unknown_rule_collects", "flags and duties of rules that may hold", "evaluation", f"{A}.evaluate",
        "[floor for floor, truth in zip(policy.floors, floors, strict=True) if truth == TRUE]",
        "[floor for floor, truth in zip(policy.floors, floors, strict=True) if truth != FALSE]",
    ),
    Mutant(
        "right_kept_back", "a victim is not told of a right that may be theirs", "evaluation", f"{A}.obligations",
        "one.node.test(masks) >= UNKNOWN", "one.node.test(masks) == TRUE",
    ),
    Mutant(
        "clock_of_greenwich", "the hour is that of UTC all year", "evaluation", f"{A}.clocks",
        "at.astimezone(ZoneInfo(calendar.time_zone)).hour", "at.hour",
    ),
)  # fmt: skip
"""Every planted fault."""


class _Planted(SourceFileLoader):
    """Loads one module with a fault in it."""

    mutant: Mutant

    def get_code(self, fullname: str) -> CodeType:
        """The module's code, compiled from its changed source."""
        text = self.get_data(self.path).decode()
        if text.count(self.mutant.snippet) != 1:
            sys.stdout.write(f"{self.mutant.name}: the snippet stands {text.count(self.mutant.snippet)} times\n")
            sys.exit(APPLIES_NO_MORE)
        changed = text.replace(self.mutant.snippet, self.mutant.instead)
        code: CodeType = compile(changed, self.path, "exec", dont_inherit=True)
        return code


class _Finder(MetaPathFinder):
    """Finds the one module that a mutant changes, before any other finder does."""

    def __init__(self, mutant: Mutant) -> None:
        """Take the mutant."""
        self._mutant = mutant

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The module's own place, with the loader that changes it."""
        spec = PathFinder.find_spec(fullname, path, target) if fullname == self._mutant.module else None
        if spec is not None and spec.origin is not None:
            spec.loader = _Planted(fullname, spec.origin)
            spec.loader.mutant = self._mutant
        return spec


def main(name: str) -> int:
    """Plant a fault and run the file of vectors that has to see it. Returns the runner's exit status."""
    mutant = next(one for one in MUTANTS if one.name == name)
    sys.meta_path.insert(0, _Finder(mutant))
    from tests.conformance.runner import main as run  # after the fault is planted

    return run(["--first", mutant.file])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
