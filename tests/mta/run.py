# SPDX-License-Identifier: BSD-2-Clause
"""Runs the cases of one program against one bench, each within its time."""

import contextlib
import fnmatch
import functools
import os
import signal
import sys

from bench import Bench  # first: it knows the way to tests/milter
from milterdaemon import BINARY
import tap

SECONDS_PER_CASE = 120

# The last three rules are as shipped.
SECTIONS = """
[policy refuse]
Reject = MISSING_DATE_HEADER | ENCODED_MESSAGE_ID
[policy hold]
Quarantine = ENCODED_MESSAGE_ID
[policy sevenbit]
Fix = ALL
EightBit = never

[rule refuse]
Sender = @refuse.example
Policy = refuse
[rule refuse-author]
HeaderFrom = @refuse.example
Policy = refuse
[rule hold]
Sender = @hold.example
Policy = hold
[rule shadow]
Sender = @shadow.example
DryRun = yes
Policy = microsoft365
[rule watched]
Sender = @watched.example
Policy = watch
[rule sevenbit]
Sender = @sevenbit.example
Policy = sevenbit
[rule submission]
Sasl = yes
Policy = microsoft365
[rule command]
Local = yes
Policy = microsoft365
[rule relay]
Client = TRUSTED
FirstHop = yes
Policy = microsoft365
"""


def too_long(*_):
    raise TimeoutError(f"more than {SECONDS_PER_CASE} s")


def case(name):
    """Makes a function of a bench a test case."""
    def register(function):
        @functools.wraps(function)
        def bounded():
            signal.alarm(SECONDS_PER_CASE)
            try:
                function(bounded.bench)
            finally:
                signal.alarm(0)
        return tap.case(name)(bounded)
    return register


@contextlib.contextmanager
def one_bench(more_rules, settings, kind):
    if not os.access(BINARY, os.X_OK):
        sys.exit(f"{BINARY} is not built; MAILMEND_MILTER says where it is")
    reason = kind.missing()
    if reason is not None:
        raise tap.Skip(reason)
    with kind(more_rules + SECTIONS, settings) as bench:
        for _, function in tap.CASES:
            function.bench = bench
        yield


def no_complaints(bench):
    """What no other case looks at. A filter that was killed leaves warnings in the MTA's log."""
    lines = [line for line in bench.mta.log().splitlines()
             if any(word in line for word in bench.mta.complaints)]
    lines += [line for line in bench.filter.text().splitlines()
              if not any(word in line for word in (" started ", " action=", " reloaded: "))]
    lines += bench.filter.stderr().splitlines()
    assert not lines, "\n".join(lines[:50])


def main(more_rules="", settings="", kind=Bench):
    """Runs all cases, or those whose names match a pattern of the command line. @kind: the class of
    the bench."""
    signal.signal(signal.SIGALRM, too_long)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    if sys.argv[1:]:
        tap.CASES[:] = [c for c in tap.CASES
                        if any(fnmatch.fnmatch(c[0], f"*{p}*") for p in sys.argv[1:])]
    case("neither the MTA nor the filter has complained")(no_complaints)
    sys.exit(tap.run_all(functools.partial(one_bench, more_rules, settings, kind)))
