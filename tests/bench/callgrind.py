# SPDX-License-Identifier: BSD-2-Clause
"""Instructions a message, counted by valgrind's callgrind: the same in every run.

The count is the difference of two runs with different numbers of turns, so that neither the start
of the program nor what is made once is in it. The same holds for every function of the profiles.
"""

import os
import re

from filters import program, run

# message, work, turns of the shorter and of the longer run
SUBJECTS = (
    ("clean-5k", "check", 2, 22),
    ("clean-5k", "gmime", 2, 22),
    ("clean-50k", "check", 2, 12),
    ("clean-50k", "gmime", 2, 12),
    ("clean-50k-7bit", "check", 2, 12),
    ("clean-50k-7bit", "gmime", 2, 12),
    ("clean-10m", "check", 1, 2),
    ("clean-10m", "gmime", 1, 2),
    ("founding-5k", "fix", 2, 12),
    ("long-50k", "check", 2, 12),
    ("long-50k", "fix", 2, 7),
    ("long-50k", "gmime", 2, 12),
    ("longs-50k", "fix", 2, 7),
    ("longs-50k", "gmime", 2, 12),
)

# A position or "(id) name", where the name comes only once.
NAME = re.compile(r"(ob|fn|cob|cfn|fl|fi|fe|cfi|cfl)=\((\d+)\)(?: (.*))?$")
# What only holds the rest.
FRAMES = ("engine_turns", "main", "run", "(below main)", "__libc_start", "judge", "work_")


def count(bench, path, work, turns, *args):
    """Runs the engine; the file callgrind wrote, and all instructions of the turns."""
    out = os.path.join(bench.folder, f"{os.path.basename(path)}-{work}-{turns}.callgrind")
    run("valgrind", "-q", "--tool=callgrind", f"--callgrind-out-file={out}",
        "--toggle-collect=engine_turns", program("engine"), f"--work={work}", f"--loop={turns}",
        *args, path)
    with open(out, encoding="utf-8", errors="replace") as file:
        totals = [line for line in file if line.startswith("totals:")]
    return out, int(totals[0].split()[1])


def instructions(bench, path, work, less, more, *args):
    """Of one message."""
    few, many = (count(bench, path, work, turns, *args)[1] for turns in (less, more))
    return (many - few) / (more - less)


class Profile:
    """Instructions by function, read from the file that callgrind writes.

    A function is named with its file, because every rule has a detect (); what was inlined into
    it is its own.
    """

    def __init__(self, out):
        self.self, self.inclusive = {}, {}
        self.names = {}
        self.at, self.file, self.object, self.call = None, "", "", False
        with open(out, encoding="utf-8", errors="replace") as file:
            for line in file:
                self._read(line.rstrip("\n"))

    def _read(self, line):
        match = NAME.match(line)
        if match:
            self._name(*match.groups())
        elif line.startswith("calls="):
            self.call = True
        elif line[:1] in "+-*0123456789" and " " in line and self.at is not None:
            cost = int(line.split()[-1])
            self.inclusive[self.at] = self.inclusive.get(self.at, 0) + cost
            if not self.call:
                self.self[self.at] = self.self.get(self.at, 0) + cost
            self.call = False

    def _name(self, kind, number, name):
        space = {"fn": "fn", "cfn": "fn", "ob": "ob", "cob": "ob"}.get(kind, "file")
        if name is not None:
            self.names[space, number] = name
        name = self.names.get((space, number), "???")
        if kind == "fl":
            self.file = os.path.basename(name)
        elif kind == "ob":
            self.object = os.path.basename(name)
        elif kind == "fn":
            known = self.file not in ("", "???")
            name = "(no name)" if name.startswith("0x") else name.partition("'")[0]
            self.at = f"{self.file if known else self.object}:{name}"


def most(short, long, turns, inclusive, number=10):
    """The most expensive functions: (instructions a turn, name)."""
    before, after = (getattr(Profile(out), "inclusive" if inclusive else "self")
                     for out in (short, long))
    found = [((ir - before.get(name, 0)) / turns, name) for name, ir in after.items()
             if not name.rpartition(":")[2].startswith(FRAMES) and
             not (inclusive and name.endswith("(no name)"))]
    return sorted(found, reverse=True)[:number]


def report(bench, subjects=SUBJECTS):
    """Prints counts and profiles."""
    for name, work, less, more in subjects:
        path = bench.message(name)
        short, few = count(bench, path, work, less)
        long, many = count(bench, path, work, more)
        each = (many - few) / (more - less)
        size = os.path.getsize(path)
        print(f"\n{work} of {name} ({size} octets): {each:.0f} instructions a message, "
              f"{each / size:.2f} an octet", flush=True)
        for inclusive in (True, False):
            print("  inclusive" if inclusive else "  self")
            for ir, function in most(short, long, more - less, inclusive):
                print(f"  {ir:12.0f} {ir / each * 100:5.1f} %  {function}")
