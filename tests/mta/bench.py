# SPDX-License-Identifier: BSD-2-Clause
"""Everything a message passes in these tests: Postfix, mailmend-milter in front, a sink behind."""

import contextlib
import os
import socket
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "milter"))

from milterdaemon import Daemon
import postfix
from sink import Sink
from wire import Wire

# One limit for Postfix and for the filter.
SIZE_LIMIT = 8000000

# Postfix and the filter have no user in common.
SETTINGS = f"SocketMode = 0666\nMessageSizeLimit = {SIZE_LIMIT}\n"


def wait_for(what, seconds=30):
    """What @what returns as soon as it is true; in the end, whatever it is."""
    end = time.monotonic() + seconds
    while not (result := what()) and time.monotonic() < end:
        time.sleep(0.02)
    return result


class Filter(Daemon):
    """A mailmend-milter that is killed and started again."""

    def start(self, seconds=30):
        super().start(seconds)
        if not wait_for(self.answers, seconds):
            raise RuntimeError(f"nobody listens: {self.stderr()}")
        return self

    def answers(self):
        with socket.socket(socket.AF_UNIX) as knock, contextlib.suppress(OSError):
            knock.connect(self.socket)
            return True
        return False

    def lines_from(self, sender):
        """The lines of the messages of an envelope sender."""
        return [fields for fields in self.messages() if fields["from"] == f"<{sender}>"]

    def line_from(self, sender):
        """The only line there is of @sender; it is written before the MTA has its answer."""
        lines = self.lines_from(sender)
        if len(lines) != 1:
            raise AssertionError(f"{len(lines)} lines from {sender}: {lines}\n{self.stderr()}")
        return lines[0]


class Bench:
    """@sections: rules and policies of the filter; @settings: of its [mailmend]. A client that
    connects to @mta.ports[0] has the same filter, but behind @wire. @kept: the folder of its
    originals. @seconds: how long Postfix waits for the filter. @kind: its class."""

    def __init__(self, sections="", settings="", seconds=60, kind=Filter):
        self.sections = sections
        self.settings = SETTINGS + settings
        self.seconds = seconds
        self.kind = kind
        self.open = contextlib.ExitStack()

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="mailmend-mta-"))
            os.chmod(folder, 0o755)
            self.sink = stack.enter_context(Sink())
            home = self.home(folder)
            self.kept = os.path.join(home, "kept")
            self.filter = stack.enter_context(self.kind(
                f"{self.settings}KeepOriginals = {self.kept}\n", self.sections, home))
            self.wire = stack.enter_context(Wire(os.path.join(folder, "wire.sock"),
                                                 self.filter.socket))
            self.mta = stack.enter_context(self.make_mta())
            self.open = stack.pop_all()
        return self

    def __exit__(self, *args):
        return self.open.__exit__(*args)

    missing = staticmethod(postfix.missing)

    def make_mta(self):
        return postfix.Postfix(self.sink.port, self.filter.address, ["unix:" + self.wire.path],
                               SIZE_LIMIT, self.seconds)

    @staticmethod
    def home(folder):
        """A folder for the filter, which makes it its own."""
        home = os.path.join(folder, "filter")
        os.mkdir(home, 0o755)
        return home
