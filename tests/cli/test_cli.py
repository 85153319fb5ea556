#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The command mailmend itself: usage, explain, labels, settings.

Prints TAP. MAILMEND names the binary (default: ./mailmend). Standard library only.
"""
import os
import re
import sys

from clitest import (LONG, Skip, equal, has, main, run)


def test_usage(f):
    equal(run("--help").code, 0)
    has(run("--help").text, "check")
    assert re.fullmatch(r"mailmend \S+\n", run("--version").text)
    for args in ([], ["nonsense"], ["--nonsense"], ["check"], ["check", "--nonsense", "x"], ["fix"],
                 ["fix", "a", "b"], ["check", "--format=xml", "x"], ["labels", "x"],
                 ["labels", "--format=xml"], ["explain", "LINE_TOO_LONG", "NUL_BYTE"],
                 ["check", "--client", "nohost", "x"]):
        result = run(*args)
        equal((args, result.code, result.out), (args, 2, b""))
        assert result.err, args
    names = re.findall(r"^  (\w+) {2,}\w", run("--help").text, re.M)
    assert {"check", "fix", "query", "replay", "explain", "labels", "settings"} <= set(names), names
    for name in names:
        result = run(name, "--help")
        equal(result.code, 0)
        has(result.text, "mailmend " + name + " [OPTION...]")
        result.out.decode("ascii")


def test_full_disk(f):
    if not os.path.exists("/dev/full"):
        raise Skip("no /dev/full")
    f.write("m", LONG)
    for args in (["check", "m"], ["fix", "m"], ["labels"], ["explain", "NUL_BYTE"]):
        with open("/dev/full", "wb") as full:
            result = run(*args, stdout=full)
        equal((args, result.code), (args, 2))
        has(result.err, "No space left on device")


def test_explain(f):
    result = run("explain", "line-too-LONG")
    equal((result.code, result.lines[0]), (0, "LINE_TOO_LONG"))
    for word in ("Severity:", "Groups:", "Found when:", "Repair:", "microsoft365:", "Standard:",
                 "Receivers:", "MTA:"):
        has(result.text, "\n" + word)
    result = run("explain", "LINE_TO_LONG")
    equal((result.code, result.out), (2, b""))
    has(result.err, "did you mean LINE_TOO_LONG?")
    for word in ("zzzz", "", "x", "L" * 5000):
        equal(run("explain", word).code, 2)
    names = run("explain").lines
    equal(names, sorted(names))
    for name in names:
        equal(run("explain", name).code, 0)


def test_labels(f):
    rows = run("labels", "--format=json").objects
    names = [row["label"] for row in rows]
    equal(names, run("explain").lines)
    for row in rows:
        equal(list(row), ["label", "severity", "groups", "microsoft365", "summary", "repair",
                          "citation", "receivers", "hidden"])
        assert row["severity"] in ("error", "warning", "notice"), row
        assert row["microsoft365"] in ("fix", "log", "ignore"), row
    table = run("labels").lines
    equal(table[0].split(), ["LABEL", "SEVERITY", "M365", "SUMMARY"])
    equal([line.split()[0] for line in table[1:]], names)


def test_settings(f):
    rows = run("settings", "--format=json").objects
    equal({row["section"] for row in rows}, {"mailmend", "policy", "rule", "default"})
    for row in rows:
        equal(list(row), ["section", "key", "values", "default", "help", "restart"])
        assert row["values"], row
    restart = [row["key"] for row in rows if row["restart"]]
    assert "Socket" in restart and "DryRun" not in restart, restart
    for section in ("mailmend", "policy", "rule", "default"):
        keys = [row["key"] for row in rows if row["section"] == section]
        lines = run("settings", "--section=" + section).lines
        equal([line.split()[0] for line in lines if re.match(r"  \S", line)], keys)
        assert max(len(line) for line in lines if line.startswith("      ")) <= 78
        equal([x["key"] for x in run("settings", "--section=" + section,
                                     "--format=json").objects], keys)
    limits = {row["limit"]: row for row in run("settings", "--section=limits",
                                               "--format=json").objects}
    equal((limits["parts"]["value"], limits["depth"]["value"]), (10000, 100))
    equal((limits["parts"]["logged"], limits["repeats"]["logged"]), (True, False))
    has(run("settings", "--section=limits").text,
        "  repeats = 1024\n      messages of which it is remembered that they failed. A log line "
        "never\n      names it.\n")
    equal([line.split()[:3:2] for line in run("settings", "--section=limits").lines
           if re.match(r"  \S", line)],
          [[name, str(row["value"])] for name, row in limits.items()])
    for args in (["x"], ["--section=x"], ["--format=x"]):
        equal((args, run("settings", *args).code), (args, 2))


if __name__ == "__main__":
    sys.exit(main(globals()))
