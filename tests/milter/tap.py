# SPDX-License-Identifier: BSD-2-Clause
"""Test cases that print TAP: one line a case."""

import traceback

CASES = []


class Skip(Exception):
    """The case cannot run here."""


def case(name):
    """Makes a function a test case; an exception is its failure."""
    def register(function):
        CASES.append((name, function))
        return function
    return register


def run_case(number, name, function):
    """Runs one case; TRUE unless it failed."""
    try:
        function()
    except Skip as reason:
        print(f"ok {number} - {name} # SKIP {reason}", flush=True)
    except Exception:  # pylint: disable=broad-except
        print(f"not ok {number} - {name}")
        for line in traceback.format_exc().splitlines():
            print("# " + line[:2000], flush=True)
        return False
    else:
        print(f"ok {number} - {name}", flush=True)
    return True


def run_all(around):
    """Runs all cases inside the context manager that @around makes; the exit code."""
    try:
        with around():
            print(f"1..{len(CASES)}", flush=True)
            passed = [run_case(n, *c) for n, c in enumerate(CASES, 1)]
    except Skip as reason:
        print(f"1..0 # SKIP {reason}")
        return 0
    return 0 if all(passed) else 1
