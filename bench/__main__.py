"""Runs every benchmark here, one after another: each prints its table, then its figures as one JSON line."""

from __future__ import annotations

import argparse
import importlib
import json
import pkgutil
import sys
import time

import bench


def names() -> list[str]:
    """The benchmark modules: those of this package with a function `main`."""
    found = sorted(module.name for module in pkgutil.iter_modules(bench.__path__) if not module.name.startswith("_"))
    return [name for name in found if hasattr(importlib.import_module(f"bench.{name}"), "main")]


def run(chosen: list[str]) -> int:
    """Run the chosen benchmarks; the number of those that could not be measured."""
    missed = 0
    for name in chosen:
        print(f"\n== {name} ==", flush=True)
        started = time.perf_counter()
        figures = importlib.import_module(f"bench.{name}").main()
        missed += "not_measured" in figures
        seconds = round(time.perf_counter() - started, 1)
        print(json.dumps({"benchmark": name, "seconds": seconds, **figures}, sort_keys=True), flush=True)
    return missed


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="bench", description="Measure on this machine.")
    parser.add_argument("names", nargs="*", choices=[*names(), []], help="which; all when none is named")
    sys.exit(min(run(parser.parse_args().names or names()), 1))
