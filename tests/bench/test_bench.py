#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The benchmarks work, and a wrong answer fails them. Prints TAP. Numbers are not looked at."""

import contextlib
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "milter"))

# pylint: disable=wrong-import-position
from tap import Skip, case, run_all  # noqa: E402

import mail  # noqa: E402
import milterdaemon  # noqa: E402
import rows  # noqa: E402
import run  # noqa: E402
from filters import Bench, BenchError, program  # noqa: E402


class State:
    bench = None
    milters = None


def fails(*args):
    """What load complains of."""
    try:
        State.bench.load(*args, "--messages=1", "--connections=1")
    except BenchError as problem:
        return str(problem)
    raise AssertionError("load took it")


@case("the messages are what they are called")
def messages():
    text = mail.MESSAGES["clean-5k"]()
    head, body = text.split(b"\r\n\r\n", 1)
    assert len(text) == 5000 and text == mail.MESSAGES["clean-5k"]()
    assert sum(line[:1] not in b" \t" for line in head.split(b"\r\n")) == 18, head
    assert max(map(len, body.split(b"\r\n"))) < 78
    for name, lines in (("long-50k", 1), ("longs-50k", 8), ("clean-50k", 0),
                        ("clean-50k-7bit", 0)):
        mime = mail.MESSAGES[name]()
        assert 45_000 < len(mime) < 55_000, len(mime)
        assert sum(len(line) > 998 for line in mime.split(b"\r\n")) == lines, name


@case("every group of rows runs")
def groups():
    facts = []
    for group in run.GROUPS + run.HEAVY:
        found = list(group(State.milters, rows.SMOKE, facts))
        assert found and all(row.measured.median > 0 or "a unit" in row.work for row in found), group
    print(f"# {len(facts)} facts")
    assert all("NOT MEASURED" not in fact for fact in facts), facts


@case("the table has a line for each row")
def table():
    row = rows.Row("work", "target", rows.Samples([1.0, 2.0, 4.0]), 2.0)
    assert str(row) == "| work | target | 2 (1-4) | met |", row
    assert not rows.Row("work", "target", row.measured, 2.1, True).met


@case("load refuses edits that are missing, other or unasked for")
def wrong_edits():
    m = State.milters
    edits = State.bench.record(m.mailmend, "founding-5k", "mailmend")
    other = State.bench.record(m.mailmend, "long-50k", "mailmend")
    wanted = "the edits are not those"
    assert wanted in fails(m.noreply, "founding-5k", f"--edits={edits}")
    assert wanted in fails(m.mailmend, "founding-5k", f"--edits={other}")
    assert "none are wanted" in fails(m.mailmend, "founding-5k")


@case("load refuses a message that is accepted too early or too late")
def wrong_stage():
    off = State.bench.null("early", "--off")
    assert "at the wrong stage" in fails(off, "clean-5k")
    assert "at the wrong stage" in fails(State.milters.noreply, "clean-5k", "--off")


@case("load refuses a message that is rejected")
def rejected():
    refusing = State.bench.mailmend("strict")
    assert "not taken" in fails(refusing, "founding-5k")


@case("a message that was not mended is not recorded as if it were")
def wrong_repair():
    for name, problem in (("founding-5k", "Message-ID"), ("long-50k", "too long")):
        try:
            State.bench.record(State.milters.null, name, "null")
        except BenchError as error:
            assert problem in str(error), error
        else:
            raise AssertionError("it was recorded")


@contextlib.contextmanager
def all_filters():
    for path in (milterdaemon.BINARY, program("load"), program("engine"), program("null-milter")):
        if not os.access(path, os.X_OK):
            raise Skip(f"there is no {os.path.basename(path)}")
    with Bench() as State.bench:
        State.milters = rows.Milters(State.bench)
        yield


if __name__ == "__main__":
    sys.exit(run_all(all_filters))
