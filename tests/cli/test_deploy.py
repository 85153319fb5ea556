#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""packaging/container, kubernetes and haproxy, as far as it can be told without running them: what
they say is well-formed, and fits the programs. tests/mta/test_haproxy.py runs HAProxy.

Prints TAP. MAILMEND names the binary (default: ./mailmend). Standard library only.
"""
import json
import os
import re
import shutil
import subprocess
import sys

from clitest import BUILD, CLEAN, MAILMEND, SOURCE, Skip, equal, has, main, run, source

FOLDER = os.path.join(SOURCE, "packaging")
MILTER = os.environ.get("MAILMEND_MILTER", os.path.join(BUILD, "mailmend-milter"))
SBIN = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"


def manifests():
    folder = os.path.join(FOLDER, "kubernetes")
    names = sorted(n for n in os.listdir(folder) if n.endswith(".yaml"))
    assert len(names) >= 5, names
    return [os.path.join(folder, n) for n in names]


def tool(name, *args):
    """Runs a tool that must have nothing to say."""
    path = shutil.which(name, path=SBIN)
    if path is None:
        raise Skip("no " + name)
    done = subprocess.run([path, *args], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=60, check=False)
    equal((done.returncode, done.stdout.decode()), (0, ""))


def test_yamllint(f):
    tool("yamllint", "--strict", *manifests())


def test_haproxy_config(f):
    tool("haproxy", "-c", "-q", "-f", os.path.join(FOLDER, "haproxy", "haproxy.cfg"))


def test_kubernetes_configuration(f):
    f.write("m", CLEAN)
    f.write("c", source("packaging", "kubernetes", "mailmend.conf").encode())
    result = run("check", "--config", "c", "m")
    equal((result.code, result.err), (0, ""))


def lists(name):
    """The lists of words that are commands: in a Containerfile JSON, in YAML items."""
    text = source("packaging", *name)
    for words in re.findall(r"CMD (\[.*\])$", text, re.M):
        yield json.loads(words)
    for items in re.findall(r"command:\n((?: +- .*\n)+)", text):
        yield re.findall(r"^ +- (.*)$", items, re.M)


def test_commands(f):
    """Each command that is run inside is one that the programs understand."""
    shown = [*lists(("container", "Containerfile")), *lists(("kubernetes", "deployment.yaml"))]
    probes = [words for words in shown if words[:2] == ["mailmend", "probe"]]
    equal(len(probes), 3)
    for words in probes:
        # a filter of the machine's own may answer there
        assert run(*words[1:]).code in (0, 1), words
    milters = [words for words in shown if words[0] == "mailmend-milter"]
    equal(len(milters), 1)
    config = os.path.join(FOLDER, "kubernetes", "mailmend.conf")
    done = subprocess.run([MILTER, "-n", "-c", config, *milters[0][1:]], timeout=60,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    equal(done.returncode, 0)
    has(done.stdout.decode(), ":8894")


def test_user(f):
    """The user of the image is the one that the pods want."""
    uid, gid = re.search(r"^USER (\d+):(\d+)$", source("packaging", "container", "Containerfile"),
                         re.M).groups()
    text = source("packaging", "kubernetes", "deployment.yaml")
    equal(re.search(r"runAsUser: (\d+)", text)[1], uid)
    equal(re.search(r"runAsGroup: (\d+)", text)[1], gid)


def test_grace(f):
    """A pod has the time to wait for sessions, and then for the messages under way."""
    text = source("packaging", "kubernetes", "deployment.yaml")
    grace = int(re.search(r"terminationGracePeriodSeconds: (\d+)", text)[1])
    waits = int(re.search(r"- sleep\n +- \"(\d+)\"", text)[1])
    drain = int(re.search(r"#define DRAIN_SECONDS (\d+)", source("milter", "daemon", "main.c"))[1])
    # libmilter takes some five seconds to stop
    assert grace > waits + drain + 5, (grace, waits, drain)


def needed(program):
    """The libraries that a program asks for by name."""
    done = subprocess.run(["objdump", "-p", program], stdout=subprocess.PIPE, check=True)
    return re.findall(r"NEEDED\s+(\S+)", done.stdout.decode())


def package_of(library):
    """The Debian package that a library is from."""
    done = subprocess.run(["dpkg-query", "-S", "*/" + library], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL)
    return {line.partition(":")[0] for line in done.stdout.decode().splitlines()}


def test_libraries(f):
    """The image has the libraries of the programs."""
    for name in ("objdump", "dpkg-query"):
        if shutil.which(name) is None:
            raise Skip("no " + name)
    stages = source("packaging", "container", "Containerfile").split("\nFROM ")
    equal(len(stages), 3)
    installed = set(re.findall(r"[a-z][a-z0-9.+-]+", stages[2]))
    libraries = set(needed(MAILMEND) + needed(MILTER))
    assert len(libraries) > 5, libraries
    for library in sorted(libraries):
        # of every system; or of the compiler, for builds that look for faults
        if re.match(r"lib(?:a|ub|t)san|lib[cm]\.|libgcc_s|ld-linux|libresolv|librt", library):
            continue
        found = package_of(library)
        if not found:
            raise Skip("no package of Debian has " + library)
        assert found & installed, (library, found)


if __name__ == "__main__":
    sys.exit(main(dict(globals())))
