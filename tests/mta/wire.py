# SPDX-License-Identifier: BSD-2-Clause
"""Between Postfix and the filter: a relay of the milter protocol that can cut the wire.

It passes every packet on as it is, keeps what the filter asks for at the end of each message, and,
told so, ends both connections when a given number of edits has reached Postfix: the moment that a
filter that crashes would choose. Any other moment is that of @before or @after, which see each packet
of Postfix.
"""

import os
import socket
import threading

END_OF_MESSAGE = b"E"
EDITS = b"hmib"  # add, change and insert a header, replace the body
LAST = (b"a", b"c", b"d", b"r", b"t", b"y")  # the answer is whole: accept, continue, ...


def packets(stream):
    """The packets of one direction: length, command, data."""
    while len(head := stream.read(4)) == 4:
        yield head + stream.read(int.from_bytes(head, "big"))


class Wire:
    """Listens at @path for Postfix and hands on to the filter at @target."""

    def __init__(self, path, target):
        self.path = path
        self.target = target
        # For each end of message the commands of the filter's answer.
        self.conversations = []
        self.cut_after = None  # edits that get through
        self.on_cut = lambda: None
        # Called with each packet of Postfix; where @before returns False, the wire is cut.
        self.before = lambda packet: True
        self.after = lambda packet: None
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        os.chmod(path, 0o666)
        self.listener.listen()

    def __enter__(self):
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __exit__(self, *args):
        self.listener.close()

    def accept(self):
        while True:
            try:
                mta = self.listener.accept()[0]
            except OSError:
                return
            threading.Thread(target=self.relay, args=(mta,), daemon=True).start()

    def relay(self, mta):
        with mta, socket.socket(socket.AF_UNIX) as milter:
            try:
                milter.connect(self.target)
            except OSError:
                return
            there = threading.Thread(target=self.pump, daemon=True,
                                     args=(mta, milter, self.ask, lambda p: self.after(p)))
            there.start()
            self.pump(milter, mta, self.answer, lambda packet: None)
            there.join()

    @staticmethod
    def pump(source, target, may_pass, passed):
        try:
            with source.makefile("rb") as stream:
                for packet in packets(stream):
                    if not may_pass(packet):
                        break
                    target.sendall(packet)
                    passed(packet)
        except OSError:
            pass
        for end in (source, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def ask(self, packet):
        if packet[4:5] == END_OF_MESSAGE:
            self.conversations.append(b"")
        return self.before(packet)

    def answer(self, packet):
        if not self.conversations or self.conversations[-1].endswith(LAST):
            return True  # to another event
        edits = sum(command in EDITS for command in self.conversations[-1])
        # Whatever comes after the last edit that may pass, the final answer too, is cut off.
        if self.cut_after is not None and edits >= self.cut_after:
            self.conversations.pop()
            self.on_cut()
            return False
        self.conversations[-1] += packet[4:5]
        return True
