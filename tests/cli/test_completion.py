#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The completion of mailmend in bash: bash itself is asked what it would offer.

Prints TAP. MAILMEND names the binary (default: ./mailmend). Needs the package bash-completion.
"""
import os
import re
import subprocess
import sys

from clitest import MAILMEND, SOURCE, Skip, equal, has, main, run

LIBRARY = "/usr/share/bash-completion/bash_completion"
SCRIPT = os.path.join(SOURCE, "packaging", "bash-completion", "mailmend")

# Does what readline does when Tab is pressed; the first line says which function is registered.
PRESS_TAB = r"""
set -u
set +u; source "$1"; source "$2"; set -u
compopt () { local IFS=' '; options+="$* "; }
options=
spec=$(complete -p mailmend)
printf '%s\n' "$spec"
shift 2
COMP_LINE=$1 COMP_POINT=${#1}
shift
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
[[ $spec =~ -F\ ([^ ]+)\ mailmend$ ]] || exit 3
COMPREPLY=()
"${BASH_REMATCH[1]}" "$1" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
printf '%s\n' "$options"
[ "${#COMPREPLY[@]}" = 0 ] || printf '%s\n' "${COMPREPLY[@]}"
"""


def words_of(line):
    """The words of a line as readline makes them: '=' is one of its own."""
    return [word for part in line.split(" ") for word in (re.findall(r"=|[^=]+", part) or [""])] + (
        [""] if line.endswith("=") else [])


class Answer:
    def __init__(self, line):
        if not os.path.exists(LIBRARY):
            raise Skip("the package bash-completion is not installed")
        command = ["bash", "--norc", "-c", PRESS_TAB, "bash", LIBRARY, SCRIPT]
        line = line.replace("mailmend", MAILMEND, 1)
        done = subprocess.run(command + [line] + words_of(line), stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=60, text=True,
                              env=dict(os.environ, HOME=os.getcwd()))
        equal((done.returncode, done.stderr), (0, ""))
        lines = done.stdout.splitlines()
        equal(lines[0], "complete -F _mailmend mailmend")
        self.options = lines[1].strip()
        self.words = lines[2:]


def offers(line):
    return Answer(line).words


def test_commands(_):
    """All commands that the program has, and no word that is none."""
    listed = re.findall(r"^  (\S+)  +\S", run("--help").text, re.M)
    assert len(listed) >= 8, listed
    equal(offers("mailmend "), listed + ["--help", "--version"])
    for command in listed:
        equal(run(command, "--help").code, 0)
    equal(offers("mailmend exp"), ["explain"])
    equal(offers("mailmend nonsense"), [])


def test_options(_):
    """The options of each command, each of which it takes."""
    equal(offers("mailmend diff --"), ["--config=", "--dir=", "--original", "--mended", "--help"])
    for command in offers("mailmend "):
        for option in [] if command.startswith("-") else offers("mailmend %s -" % command):
            assert re.fullmatch(r"--[a-z0-9-]+=?", option), (command, option)
            has(run(command, "--help").text, option)
    answer = Answer("mailmend check --conf")
    equal((answer.words, answer.options), (["--config="], "-o nospace"))
    answer = Answer("mailmend check --wir")
    equal((answer.words, answer.options), (["--wire"], ""))


def test_values(f):
    """What an option takes: a choice, files, folders."""
    equal(offers("mailmend labels --format="), ["text", "json", "man"])
    equal(offers("mailmend labels --format j"), ["json"])
    equal(offers("mailmend settings --section=po"), ["policy"])
    equal(offers("mailmend check --local="), ["yes", "no"])
    f.write("one.conf", b"")
    f.write("two.eml", b"")
    f.write("folder/x", b"")
    equal(sorted(offers("mailmend check --config=")), ["folder", "one.conf", "two.eml"])
    equal(offers("mailmend diff --dir "), ["folder"])
    equal(offers("mailmend check --from="), [])


def test_labels(_):
    labels = [label["label"] for label in run("labels", "--format=json").objects]
    equal(offers("mailmend explain "), labels)
    equal(offers("mailmend explain BINH"), ["BINHEX_BASE64"])
    equal(sorted(offers("mailmend fix --fix=")), sorted(labels + ["ALL"]))


def test_policies(f):
    """Those built in, and those of the configuration on the line."""
    shipped = ["microsoft365", "kumomta", "strict", "watch", "off"]
    equal(offers("mailmend check --policy="), shipped)
    f.write("c.conf", b"[policy erp]\nFix = ALL\n[default]\nPolicy = erp\n")
    for before in ("--config=c.conf", "--config c.conf", "--config=~/c.conf"):
        equal(offers("mailmend check %s --policy " % before), shipped + ["erp"])
    equal(offers("mailmend fix --config c.conf --policy=e"), ["erp"])
    equal(offers("mailmend check --config=nothere --policy="), [])


def test_arguments(f):
    f.write("m.eml", b"")
    equal(offers("mailmend check "), ["m.eml"])
    equal(offers("mailmend replay --config=x "), ["m.eml"])
    equal(offers("mailmend labels "), [])
    answer = Answer("mailmend query cli")
    equal((answer.words, answer.options), (["client="], "-o nospace"))
    for key in offers("mailmend query "):
        value = {"client=": "192.0.2.1", "local=": "yes", "received=": "no", "size=": "1",
                 "macro=": "{x}=y"}.get(key, "a@example.org")
        others = ["rcpt=a@example.org"] if key in ("nexthop=", "mx=") else []
        value = "mx.example.org" if others else value
        result = run("query", *others, key + value)
        assert result.code in (0, 1), result.err


def test_nothing_is_written(f):
    """Asking leaves no file behind."""
    for line in ("mailmend ", "mailmend fix --output=", "mailmend fix --report=", "mailmend fix --",
                 "mailmend check --format=", "mailmend fix --policy="):
        offers(line)
    equal(os.listdir("."), [])


if __name__ == "__main__":
    sys.exit(main(globals()))
