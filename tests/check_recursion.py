#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""No function of the library calls itself, directly or through others: mail decides no depth of the
stack. Prints TAP.

Read from the machine code (objdump), where direct calls are seen. What a compiler made a jump takes
no stack by itself, and a call through a pointer is not seen: for both tests/laws/test-hostile.c runs
with a small stack.
"""

import collections
import os
import re
import shutil
import subprocess
import sys

BUILD = os.environ.get("G_TEST_BUILDDIR", ".")
LIBRARY = os.path.join(BUILD, "libmailmend.a")

# Who recurses, and how deep.
ALLOWED = {
    "is_covered": "bits of an address in the configuration: 128",
    "mm_judge": "what a mended message would get, and that again: passes (limits.h)",
}

OBJECT = re.compile(r"^(\S+\.o): +file format")
FUNCTION = re.compile(r"^[0-9a-f]+ <([^>]+)>:$")
# The target that is written at a call, and what a relocation in the next line makes of it.
CALL = re.compile(r"\t(?:call|bl)[a-z]*\s.*<([\w.]+)(?:\+0x[0-9a-f]+)?>$")
RELOCATION = re.compile(r": R_\w+\s+([\w.]+)")


def plain(name):
    """Without what the compiler adds to a part of a function."""
    return re.split(r"\.(?:part|cold|constprop|isra)\b", name)[0]


def functions(text):
    """(object, function, whom it calls)"""
    where = name = target = None
    for line in text.splitlines():
        relocation = RELOCATION.search(line)
        if target is not None:
            yield where, name, plain(relocation[1] if relocation else target)
        target = None
        if match := OBJECT.match(line):
            where = match[1]
        elif match := FUNCTION.match(line):
            name = plain(match[1])
            yield where, name, ""
        elif not relocation and (match := CALL.search(line)):
            target = match[1]


def graph():
    text = subprocess.run(["objdump", "-dr", "--no-show-raw-insn", LIBRARY], check=True,
                          stdout=subprocess.PIPE).stdout.decode()
    calls = list(functions(text))
    # Static functions of two objects may have one name.
    own = collections.defaultdict(set)
    for where, name, _ in calls:
        own[where].add(name)
    found = collections.defaultdict(set)
    for where, name, callee in calls:
        target = (where, callee) if callee in own[where] else ("", callee)
        found[where, name].add(target)
        found["", name].add((where, name))
    return found


def cycle_from(calls, start):
    """The names on a way from @start back to it, or None."""
    before, todo = {}, [start]
    while todo:
        at = todo.pop()
        for callee in calls.get(at, ()):
            if callee == start:
                way = [at]
                while way[-1] != start:
                    way.append(before[way[-1]])
                return sorted({name for _, name in way})
            if callee not in before:
                before[callee] = at
                todo.append(callee)
    return None


def cycles(calls):
    return {tuple(way) for node in list(calls) if node[0] and (way := cycle_from(calls, node))}


def main():
    if not os.path.exists(LIBRARY) or shutil.which("objdump") is None:
        print("1..0 # SKIP there is no libmailmend.a or no objdump")
        return 0
    calls = graph()
    found = {way for way in cycles(calls) if not set(way) & set(ALLOWED)}
    print("1..2")
    print(f"{'ok' if len(calls) > 1000 else 'not ok'} 1 - {len(calls)} functions are read")
    print(f"{'not ok' if found else 'ok'} 2 - no function calls itself")
    for way in sorted(found):
        print("# " + ", ".join(way))
    return 1 if found or len(calls) <= 1000 else 0


if __name__ == "__main__":
    sys.exit(main())
