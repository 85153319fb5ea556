# SPDX-License-Identifier: BSD-2-Clause
"""Pairs, ratios and rows of the table.

Machines are noisy and others use them. So nothing is compared that was not measured right before
or after it: in each round every program has its turn, in the next round the other way round; a
ratio is taken within a round, and what is shown is the median of the rounds and their spread.
"""

import dataclasses
import json
import statistics

from filters import program, run


@dataclasses.dataclass
class Samples:
    """What one value was, round by round."""

    values: list

    @property
    def median(self):
        return statistics.median(self.values)

    def __truediv__(self, other):
        return Samples([a / b for a, b in zip(self.values, other.values)])

    def __str__(self):
        return f"{self.median:.3g} ({min(self.values):.3g}-{max(self.values):.3g})"


@dataclasses.dataclass
class Row:
    """A line of the table."""

    work: str
    target: str
    measured: Samples
    limit: float
    at_least: bool = False
    note: str = ""

    @property
    def met(self):
        value = self.measured.median
        return value >= self.limit if self.at_least else value <= self.limit

    def __str__(self):
        verdict = "met" if self.met else "MISSED"
        return f"| {self.work} | {self.target} | {self.measured} | {verdict} |"


HEADING = ("| work | target | measured: median (least-most of the rounds) | |\n"
           "|---|---|---|---|")


def rounds(number, turns):
    """Calls each of @turns (name -> function) @number times; name -> list of results."""
    results = {name: [] for name in turns}
    for n in range(number):
        order = list(turns) if n % 2 == 0 else list(reversed(turns))
        for name in order:
            results[name].append(turns[name]())
    return results


def loads(bench, number, turns):
    """@turns: name -> (filter, message, arguments of load). name -> Samples of each value."""
    def turn(target, message, *args):
        return lambda: bench.load(target, message, *args)

    results = rounds(number, {name: turn(*args) for name, args in turns.items()})
    return {name: {key: Samples([r[key] for r in got]) for key in got[0]}
            for name, got in results.items()}


def engine(path, works, loop, number=1, *args):
    """Runs the library alone; work -> Samples of nanoseconds, and what came of the message."""
    out = json.loads(run(program("engine"), f"--work={','.join(works)}", f"--loop={loop}",
                         f"--rounds={number}", *args, path))
    return {work: Samples(times) for work, times in out["ns"].items()}, out["result"]


def build(path):
    """How the library was compiled: "optimized" or why no number means anything."""
    return json.loads(run(program("engine"), path))["build"]
