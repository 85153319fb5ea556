# SPDX-License-Identifier: BSD-2-Clause
"""A private HAProxy before several filters: as in packaging/haproxy/haproxy.cfg, but on loopback.

    with Farm(3, settings) as farm:
        Postfix(port, milter=farm.address)

Of the shipped file only the addresses and what is the machine's (log, user, path of the socket) is
replaced: checks and timeouts are those that are shipped.
"""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import tempfile

from bench import wait_for  # first: it knows the way to tests/milter
from milterclient import MilterClient, ProtocolError
from milterdaemon import Daemon
from postfix import SEARCH, free_port

SHIPPED = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))),
                       "packaging", "haproxy", "haproxy.cfg")


def missing():
    """Why there can be no HAProxy here, or None."""
    if shutil.which("haproxy", path=SEARCH) is None:
        return "HAProxy is not installed"
    return None


class Node(Daemon):
    """A filter on a port of loopback."""

    def __init__(self, settings, sections=""):
        self.port = free_port()
        super().__init__(settings, sections, args=["-s", f"inet:{self.port}@127.0.0.1"])

    def start(self, seconds=30):
        super().start(seconds)
        if not wait_for(self.answers, seconds):
            raise RuntimeError(f"nobody listens: {self.stderr()}")
        return self

    def answers(self):
        with contextlib.suppress(OSError, ProtocolError):
            with MilterClient(f"inet:{self.port}@127.0.0.1", timeout=2):
                return True
        return False


class Farm:
    """@n filters with the same settings, @nodes, behind one HAProxy at @address."""

    def __init__(self, n, settings, sections=""):
        self.nodes = [Node(settings, sections) for _ in range(n)]
        self.port = free_port()
        self.address = f"inet:127.0.0.1:{self.port}"
        self.open = contextlib.ExitStack()
        self.folder = self.process = None

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            self.folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="mailmend-ha-"))
            for node in self.nodes:
                stack.enter_context(node)
            self.start()
            stack.callback(self.stop)
            self.wait("UP", *range(len(self.nodes)))
            self.open = stack.pop_all()
        return self

    def __exit__(self, *args):
        return self.open.__exit__(*args)

    # ---- HAProxy

    @property
    def control(self):
        return os.path.join(self.folder, "admin.sock")

    @property
    def log(self):
        with open(os.path.join(self.folder, "log"), encoding="utf-8", errors="replace") as file:
            return file.read()

    def config(self):
        """The shipped file, with addresses of ours."""
        with open(SHIPPED, encoding="ascii") as file:
            text = file.read()
        for pattern, instead in ((r"^\tlog /dev/log .*\n", "\tlog stderr format raw local0\n"),
                                 (r"^\t(?:user|group) .*\n", ""),
                                 (r"^\tstats socket \S+", f"\tstats socket {self.control}"),
                                 (r"^\tbind .*\n", f"\tbind 127.0.0.1:{self.port}\n"),
                                 (r"^\tserver .*\n", "")):
            text, n = re.subn(pattern, instead, text, flags=re.M)
            assert n, (pattern, text)
        return text.rstrip() + "\n" + "".join(
            f"\tserver mend{n} 127.0.0.1:{node.port}\n" for n, node in enumerate(self.nodes))

    def start(self):
        config = os.path.join(self.folder, "haproxy.cfg")
        with open(config, "w", encoding="ascii") as file:
            file.write(self.config())
        with open(os.path.join(self.folder, "log"), "ab") as log:
            self.process = subprocess.Popen(
                [shutil.which("haproxy", path=SEARCH), "-db", "-f", config],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def stop(self):
        self.process.kill()
        self.process.wait()

    def ask(self, command):
        """What HAProxy answers to a command."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(10)
            connection.connect(self.control)
            connection.sendall(command.encode() + b"\n")
            return b"".join(iter(lambda: connection.recv(65536), b"")).decode()

    def states(self):
        """For each filter its state, what the last check found, and how many sessions it has."""
        rows = [line.split(",") for line in self.ask("show stat").splitlines() if line]
        at = {name: rows[0].index(name) for name in ("svname", "status", "check_status", "scur")}
        found = {row[at["svname"]]: row for row in rows[1:] if row[0] == "mailmend"}
        return [{key: found[f"mend{n}"][at[key]] for key in at} for n in range(len(self.nodes))]

    def wait(self, state, *numbers):
        """Waits until HAProxy takes these filters for that."""
        def reached():
            with contextlib.suppress(OSError):
                states = self.states()
                return all(states[n]["status"].startswith(state) for n in numbers)
            return False

        assert wait_for(reached), (state, numbers, self.log[-2000:])

    def drain(self, number):
        """No new sessions for a filter; waits until those it has are over."""
        self.ask(f"set server mailmend/mend{number} state drain")
        assert wait_for(lambda: self.states()[number]["scur"] == "0"), self.states()

    def ready(self, number):
        self.ask(f"set server mailmend/mend{number} state ready")
