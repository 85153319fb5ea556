# SPDX-License-Identifier: BSD-2-Clause
"""Faults: each is a test case, and a row of tests/mta/FAULTS.md.

A fault has a name, what is expected to become of the mail, and a function that provokes it and
returns what did become of it, in the same words: those at the head of the table. A program that has
faults owns one section of the table, and writes it if $MM_UPDATE_FAULTS is set.
"""

import dataclasses
import os
import re

import tap

TABLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "mta", "FAULTS.md")

HEAD = """\
# Faults

What goes wrong around the filter, and what becomes of the mail. Nobody writes this by hand: the
programs named at each section provoke every fault, compare what they observe with what is expected,
and make the table (`make update-faults`).

The message that the fault hits ends in one of these:

* *mended*: wholly, as without the fault;
* *unchanged*: to the octet as it was sent;
* *tempfailed*: the client gets a reply of 4xx, nothing is delivered, and the sender still has it;
* *no answer*: the connection ends, or the filter has nothing to say and the MTA's time runs out; by
  `default_action=tempfail` that is a tempfail.

What follows *again* became of the same message when it was sent a second time. Of the filter:

* *serves*: it is the same process, and mail of others is mended during the fault or after it;
* *restarted*: the process is gone; when it was started again, mail was mended.
"""


@dataclasses.dataclass
class Fault:
    """A row. @observed: None until it was tried."""

    name: str
    expected: str
    observed: str = None

    def row(self):
        return f"| {self.name} | {self.expected} | {self.observed or self.expected} |"


FAULTS = []


def fault(name, expected, here=True):
    """Makes a function that returns what it observes a test case. Unless @here it stays a row that
    is not tried, for a reason that lies in the build."""
    entry = Fault(name, expected)
    FAULTS.append(entry)

    def register(function):
        def run(*args):
            entry.observed = function(*args)
            assert entry.observed == expected, f"{entry.observed!r}, expected {expected!r}"
        if here:
            tap.case(name)(run)
        return run
    return register


# ---- the table -----------------------------------------------------------------------------------

def read_table():
    """The lines of each section, by its title, in order."""
    sections = {}
    with open(TABLE, encoding="utf-8") as file:
        for line in file.read().splitlines():
            if line.startswith("## "):
                sections[line[3:]] = []
            elif sections:
                sections[list(sections)[-1]].append(line)
    return sections


def section(program, notes):
    lines = ["", f"`{program}`", "", "| fault | expected | observed |", "|---|---|---|"]
    lines += [entry.row() for entry in FAULTS]
    return lines + (["", *notes.strip().splitlines()] if notes else []) + [""]


def write_table(title, lines):
    sections = read_table() if os.path.exists(TABLE) else {}
    sections[title] = lines
    text = HEAD + "".join(f"\n## {name}\n" + "\n".join(sections[name]).rstrip() + "\n"
                          for name in sorted(sections))
    with open(TABLE, "w", encoding="utf-8") as file:
        file.write(text)


def check_table(title, program, notes=""):
    """The section @title has exactly the faults of this program, each as it was observed."""
    wanted = section(program, notes)
    if os.environ.get("MM_UPDATE_FAULTS"):
        write_table(title, wanted)
    found = read_table().get(title, [])
    while found and not found[-1]:
        found.pop()
    assert found == wanted[:-1], "\n".join(
        ["the table differs; 'make update-faults' writes it anew",
         *(f"- {line}" for line in found if line not in wanted),
         *(f"+ {line}" for line in wanted if line not in found)])


def check_all_rows():
    """In every section what was observed is what was expected."""
    rows = [row for lines in read_table().values() for row in lines if row.startswith("| ")]
    cells = [re.split(r" ?\| ?", row)[1:-1] for row in rows if not row.startswith("| fault ")]
    assert cells and all(len(c) == 3 and c[1] == c[2] for c in cells), \
        [c for c in cells if len(c) != 3 or c[1] != c[2]]
