# SPDX-License-Identifier: BSD-2-Clause
"""Everything a message passes in these tests: Sendmail, mailmend-milter in front, a sink behind."""

import contextlib
import socket

from bench import SIZE_LIMIT, Bench, Filter  # first: it knows the way to tests/milter
from postfix import free_port
import sendmail


class InetFilter(Filter):
    """It listens on a port of loopback: Sendmail opens no socket in a folder as it is used here."""

    def __init__(self, *args):
        self.port = free_port()
        super().__init__(*args)
        self.address = f"inet:{self.port}@127.0.0.1"
        self.args = ["-s", self.address]

    def answers(self):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
            return True
        return False


class SendmailBench(Bench):
    """As Bench, but there is no way through the wire. Clients from 127.0.0.2 are strangers."""

    missing = staticmethod(sendmail.missing)

    def __init__(self, sections="", settings="", seconds=60):
        super().__init__(sections, "TrustedClients = 127.0.0.1\n" + settings, seconds, InetFilter)

    def make_mta(self, **options):
        return sendmail.Sendmail(self.sink.port, self.filter.address, size_limit=SIZE_LIMIT,
                                 seconds=self.seconds, **options)
