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
    ("clean-10m", "check", 1, 2),
    ("clean-10m", "gmime", 1, 2),
    ("founding-5k", "fix", 2, 12),
    ("long-50k", "check", 2, 12),
    ("long-50k", "fix", 2, 7),
    ("long-50k", "gmime", 2, 12),
    ("longs-50k", "fix", 2, 7),
    ("longs-50k", "gmime", 2, 12),
)

LINE = re.compile(r"^\s*([\d,]+) \([^)]*\)\s+(?:\S*:)?(.+?)(?: \[([^\]]*)\])?$")


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


def functions(out, inclusive):
    """function -> instructions."""
    text = run("callgrind_annotate", f"--inclusive={'yes' if inclusive else 'no'}",
               "--threshold=100", "--auto=no", out)
    found = {}
    for line in text.splitlines():
        match = LINE.match(line)
        if match is None or "PROGRAM TOTALS" in line:
            continue
        name = match[2].partition("'")[0]
        found[name] = max(found.get(name, 0), int(match[1].replace(",", "")))
    return found


def most(short, long, turns, inclusive, number=10):
    """The most expensive functions: (instructions a turn, name)."""
    before, after = functions(short, inclusive), functions(long, inclusive)
    found = [((ir - before.get(name, 0)) / turns, name) for name, ir in after.items()
             if not name.startswith(("engine_turns", "main", "(below", "0x00"))]
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
