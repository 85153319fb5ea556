#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""run.py: the benchmarks, as "make bench" runs them (tests/bench/README).

    run.py [--quick] [--only=WORD] [--callgrind]

Exit status 0 also where a target is missed: a target is judged by people, who know the machine.
1: something failed or a reply was wrong; then no table stands for anything.
"""

import argparse
import sys

import callgrind
import growth
import hostile as hostile_mail
import measure
import rows
from filters import Bench, BenchError


def parse():
    parser = argparse.ArgumentParser(description="The benchmarks of mailmend")
    parser.add_argument("--quick", action="store_true", help="fewer rounds, less exact")
    parser.add_argument("--smoke", action="store_true", help="only try that everything works")
    parser.add_argument("--only", default="", metavar="WORD",
                        help="only groups whose name has it: " +
                        ", ".join(f.__name__ for f in GROUPS + HEAVY) +
                        "; with --callgrind: growing, profile")
    parser.add_argument("--callgrind", action="store_true",
                        help="count instructions and show where they go, instead of the table")
    return parser.parse_args()


def other_sessions(m, scale, facts):
    """One message a session; one connection and many."""
    return [row for connections, per_session in ((8, 1), (1, 10), (64, 10))
            for row in rows.clean_small(m, scale, facts, connections, per_session)]


def growing(m, scale, facts):
    return growth.rows(m.bench, scale, facts)


def hostile(m, scale, facts):
    return hostile_mail.rows(m.bench, scale, facts)


GROUPS = (*rows.TABLE, other_sessions, growing)
# Only by name: they may need gigabytes, or minutes.
HEAVY = (rows.memory, hostile)


def table(bench, args):
    scale = rows.SMOKE if args.smoke else rows.QUICK if args.quick else rows.FULL
    facts = []
    milters = rows.Milters(bench)
    build = measure.build(bench.message("clean-5k"))
    if build != "optimized":
        print(f"This build is {build}: the ratios mean nothing.\n")
    print(measure.HEADING, flush=True)
    for group in GROUPS + HEAVY:
        if args.only not in group.__name__ or (group in HEAVY and args.only == ""):
            continue
        for row in group(milters, scale, facts):
            print(row, flush=True)
    print("\nBehind the ratios (of this machine and this moment):")
    for fact in facts:
        print("* " + fact)


def main():
    args = parse()
    try:
        with Bench() as bench:
            if args.callgrind:
                if args.only in "profile":
                    callgrind.report(bench)
                if args.only in "growing":
                    growth.report(bench)
            else:
                table(bench, args)
    except (BenchError, RuntimeError, OSError) as problem:
        print(f"run.py: {problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
