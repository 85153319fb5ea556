# SPDX-License-Identifier: BSD-2-Clause
"""An SMTP server on loopback that keeps every message as it came, to the octet.

It offers 8BITMIME and SMTPUTF8, so that an MTA has no reason to convert anything. What it keeps is
what stood between DATA and the final dot, with the dots unstuffed.
"""

import dataclasses
import socketserver
import threading


@dataclasses.dataclass(frozen=True)
class Delivery:
    sender: str  # as in MAIL, with its brackets and parameters
    recipients: tuple  # addresses without brackets
    data: bytes


class Conversation(socketserver.StreamRequestHandler):
    timeout = 60

    def handle(self):
        sender, recipients = "", []
        self.say("220 sink.example ESMTP")
        while line := self.rfile.readline(4096):
            text = line.decode("utf-8", "replace").strip()
            verb = text[:4].upper()
            if verb == "EHLO":
                lines = ["sink.example", *self.server.sink.offers]
                self.say(*(f"250-{line}" for line in lines[:-1]), f"250 {lines[-1]}")
            elif verb == "MAIL":
                sender, recipients = text[10:], []
                self.say("250 2.1.0 Ok")
            elif verb == "RCPT":
                recipients.append(text[8:].partition(">")[0].lstrip("<"))
                self.say("250 2.1.5 Ok")
            elif verb == "DATA":
                self.say("354 Go ahead")
                delivery = Delivery(sender, tuple(recipients), self.read_data())
                self.say(*self.server.sink.answer(delivery))
            elif verb == "QUIT":
                self.say("221 2.0.0 Bye")
                return
            else:
                self.say("250 2.0.0 Ok")

    def say(self, *lines):
        self.wfile.write("".join(line + "\r\n" for line in lines).encode())

    def read_data(self):
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                raise ConnectionError("the client went away in the middle of a message")
            lines.append(line[1:] if line.startswith(b".") else line)
        return b"".join(lines)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def handle_error(self, request, client_address):
        """A client that goes away is no news: the test that waits for its message says so."""


class Sink:
    """Use it in a with statement."""

    offers = ("8BITMIME", "SMTPUTF8")

    def __init__(self):
        self.arrived = threading.Condition()
        self.deliveries = []
        self.server = Server(("127.0.0.1", 0), Conversation)
        self.server.sink = self
        self.port = self.server.server_address[1]

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *args):
        self.server.shutdown()
        self.server.server_close()

    def answer(self, delivery):
        """The lines to answer the final dot with; a server that refuses has its own."""
        self.add(delivery)
        return ("250 2.0.0 Ok",)

    def add(self, delivery):
        with self.arrived:
            self.deliveries.append(delivery)
            self.arrived.notify_all()

    def to(self, recipient):
        """What has arrived for @recipient so far."""
        with self.arrived:
            return [d for d in self.deliveries if recipient in d.recipients]

    def wait(self, recipient, n=1, seconds=30):
        """The first @n messages for @recipient."""
        with self.arrived:
            if not self.arrived.wait_for(lambda: len(self.to(recipient)) >= n, seconds):
                raise TimeoutError(f"{recipient}: {len(self.to(recipient))} of {n} messages came "
                                   f"in {seconds} s")
            return self.to(recipient)[:n]
