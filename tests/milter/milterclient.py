# SPDX-License-Identifier: BSD-2-Clause
"""The MTA's side of the milter protocol, version 6, as Postfix 3.7 speaks it.

MilterClient is one connection to a filter: it negotiates, sends macros and
events, and collects what the filter asks for at the end of a message.
Message is the mail as the MTA stores it: it knows what of it a filter is
shown and what an edit does to it. Nothing here knows mailmend.

    with MilterClient("unix:/run/filter.sock") as mta:
        mta.connect("mx.example.com", "192.0.2.1")
        result = mta.deliver(Message.from_wire(data), "a@example.com", ["b@example.org"])
        print(result.reply, result.edits, result.message.to_wire())
"""

import dataclasses
import re
import socket
import struct

# What the filter may do (SMFIF_*).
ADDHDRS, CHGBODY, ADDRCPT, DELRCPT = 0x01, 0x02, 0x04, 0x08
CHGHDRS, QUARANTINE, CHGFROM, ADDRCPT_PAR = 0x10, 0x20, 0x40, 0x80
SETSYMLIST = 0x100
ALL_ACTIONS = 0x1FF

# What is not sent (SMFIP_NO*), what is not answered (SMFIP_NR_*), and more.
NOCONNECT, NOHELO, NOMAIL, NORCPT = 0x01, 0x02, 0x04, 0x08
NOBODY, NOHDRS, NOEOH, NR_HDR = 0x10, 0x20, 0x40, 0x80
NOUNKNOWN, NODATA, SKIP, RCPT_REJ = 0x100, 0x200, 0x400, 0x800
NR_CONN, NR_HELO, NR_MAIL, NR_RCPT = 0x1000, 0x2000, 0x4000, 0x8000
NR_DATA, NR_UNKN, NR_EOH, NR_BODY = 0x10000, 0x20000, 0x40000, 0x80000
HDR_LEADSPC = 0x100000
ALL_PROTOCOL = 0x1FFFFF
NO_REPLIES = NR_HDR | NR_CONN | NR_HELO | NR_MAIL | NR_RCPT | NR_DATA | NR_UNKN | NR_EOH | NR_BODY

CHUNK = 65535


@dataclasses.dataclass(frozen=True)
class Event:
    """An event: its command, who may decline or not answer it, its macros."""

    command: bytes
    declined: int
    unanswered: int
    stage: int
    macros: str  # sent unless the filter asks for others


EVENTS = {
    "connect": Event(b"C", NOCONNECT, NR_CONN, 0, "j {daemon_name} {daemon_addr} v _"),
    "helo": Event(b"H", NOHELO, NR_HELO, 1, "{tls_version} {cipher} {cipher_bits}"),
    "mail": Event(b"M", NOMAIL, NR_MAIL, 2,
                  "i {auth_type} {auth_authen} {auth_author} "
                  "{mail_addr} {mail_host} {mail_mailer}"),
    "rcpt": Event(b"R", NORCPT, NR_RCPT, 3, "i {rcpt_addr} {rcpt_host} {rcpt_mailer}"),
    "data": Event(b"T", NODATA, NR_DATA, 4, "i"),
    "header": Event(b"L", NOHDRS, NR_HDR, 6, "i"),
    "eoh": Event(b"N", NOEOH, NR_EOH, 6, "i"),
    "body": Event(b"B", NOBODY, NR_BODY, 5, "i"),
    "eom": Event(b"E", 0, 0, 5, "i"),
    "unknown": Event(b"U", NOUNKNOWN, NR_UNKN, 4, ""),
}


class ProtocolError(Exception):
    """The filter broke the protocol, or the connection."""


@dataclasses.dataclass(frozen=True)
class Reply:
    """The filter's answer to an event."""

    command: str  # "c" continue, "a" accept, "r" reject, "t" tempfail, "y" with a text, "s" skip
    text: str = ""  # of "y": "552 5.6.0 text", as the SMTP client sees it

    @property
    def goes_on(self):
        return self.command in "cs"

    @property
    def refuses(self):
        return self.command in "rty"


CONTINUE = Reply("c")


@dataclasses.dataclass(frozen=True)
class Edit:
    """What the filter wants done to the message."""

    kind: str  # add, change, insert, body, quarantine, other
    name: str = ""
    index: int = 0
    value: bytes = b""


@dataclasses.dataclass
class Result:
    """How a message fared."""

    stage: str  # the event that was answered last
    reply: Reply
    edits: list
    message: "Message"  # as it would be queued

    @property
    def quarantined(self):
        return next((e.value.decode() for e in self.edits if e.kind == "quarantine"), None)


class Message:
    """A message as the MTA keeps it: [name, value] pairs and a body.

    A value is what stands behind the colon, leading blanks and CRLF of folds
    included. Names are bytes too.
    """

    def __init__(self, headers, body):
        self.headers = [list(h) for h in headers]
        self.body = body

    @classmethod
    def from_wire(cls, data):
        """Reads a message; a line that is no header ends the block, as in cleanup(8)."""
        headers, at = [], 0
        while at < len(data):
            end = data.find(b"\n", at) + 1 or len(data)
            line = data[at:end]
            if line in (b"\r\n", b"\n"):
                return cls(headers, data[end:])
            field = re.match(rb"([!-9;-~]+)[ \t]*:(.*)", line, re.S)
            if line[:1] in b" \t" and headers:
                headers[-1][1] += b"\r\n" + line.rstrip(b"\r\n")
            elif field:
                headers.append([field[1], field[2].rstrip(b"\r\n")])
            else:
                return cls(headers, data[at:])
            at = end
        return cls(headers, b"")

    def to_wire(self):
        return b"".join(n + b":" + v + b"\r\n" for n, v in self.headers) + b"\r\n" + self.body

    def copy(self):
        return Message(self.headers, self.body)

    def get(self, name):
        """The value of the first header of that name, trimmed; None if there is none."""
        wanted = name.encode().lower()
        return next((v.strip() for n, v in self.headers if n.lower() == wanted), None)

    def shown(self, leading_blanks):
        """Name and value of each header as a filter is shown them."""
        for name, value in self.headers:
            value = value.replace(b"\r\n", b"\n").split(b"\0")[0]
            if not leading_blanks and value[:1] == b" ":
                value = value[1:]
            yield name, value

    def apply(self, edit, leading_blanks):
        """What cleanup(8) does for one edit of a header."""
        name = edit.name.encode()
        value = re.sub(rb"\n(?![ \t])", b"\n\t", edit.value).replace(b"\n", b"\r\n")
        stored = value if leading_blanks else b" " + value
        if edit.kind == "add":
            self.headers.append([name, stored])
        elif edit.kind == "insert":
            # The MTA's own Received, which no filter is shown, counts as the first.
            self.headers.insert(max(edit.index - 1, 0), [name, stored])
        elif edit.kind == "change":
            self._change(name, max(edit.index, 1), stored if edit.value else None)

    def _change(self, name, index, stored):
        places = [i for i, h in enumerate(self.headers) if h[0].lower() == name.lower()]
        if index > len(places):
            if stored is not None:
                self.headers.append([name, stored])
        elif stored is None:
            del self.headers[places[index - 1]]
        else:
            self.headers[places[index - 1]] = [name, stored]


def open_socket(address, timeout):
    """Connects to "unix:PATH", "local:PATH", "inet:PORT@HOST" or "inet6:PORT@HOST"."""
    kind, _, rest = address.partition(":")
    if kind in ("unix", "local"):
        sock = socket.socket(socket.AF_UNIX)
        sock.settimeout(timeout)
        try:
            sock.connect(rest)
        except OSError:
            sock.close()
            raise
        return sock
    port, _, host = rest.partition("@")
    return socket.create_connection((host.strip("[]"), int(port)), timeout)


class MilterClient:
    """One connection to a filter."""

    def __init__(self, address, actions=ALL_ACTIONS, protocol=ALL_PROTOCOL, version=6,
                 timeout=60, negotiate=True):
        self.sock = open_socket(address, timeout)
        self.offered_actions, self.offered_protocol = actions, protocol
        self.version = version
        self.actions = self.protocol = 0
        self.lists = {}  # stage -> macros the filter asked for
        self.macros = {"j": "mta.example.com", "{daemon_name}": "mta.example.com",
                       "v": "Postfix 3.7.11"}
        self.events = []  # names of all events that were sent
        if negotiate:
            self.negotiate()

    def __enter__(self):
        return self

    def __exit__(self, *args):
        self.close()

    def close(self):
        self.sock.close()

    # ---- packets

    def send(self, command, data=b""):
        self.sock.sendall(struct.pack(">I", len(data) + 1) + command + data)

    def _read(self, size):
        data = bytearray()
        while len(data) < size:
            piece = self.sock.recv(size - len(data))
            if not piece:
                raise ProtocolError("the filter closed the connection")
            data += piece
        return bytes(data)

    def receive(self):
        """The next packet: command and data."""
        size = struct.unpack(">I", self._read(4))[0]
        if not 1 <= size <= CHUNK + 1:
            raise ProtocolError(f"a packet of {size} octets")
        packet = self._read(size)
        return packet[:1].decode("latin-1"), packet[1:]

    def negotiate(self):
        self.send(b"O", struct.pack(">III", self.version, self.offered_actions,
                                    self.offered_protocol))
        command, data = self.receive()
        if command != "O" or len(data) < 12:
            raise ProtocolError(f"the answer to the negotiation is {command!r}")
        _, self.actions, self.protocol = struct.unpack(">III", data[:12])
        rest = data[12:]
        while rest:
            stage = struct.unpack(">I", rest[:4])[0]
            names, _, rest = rest[4:].partition(b"\0")
            self.lists[stage] = names.decode()
        if self.actions & ~self.offered_actions or self.protocol & ~self.offered_protocol:
            raise ProtocolError("the filter asks for what was not offered")

    # ---- events

    @property
    def leading_blanks(self):
        return bool(self.protocol & HDR_LEADSPC)

    def send_macros(self, event):
        names = self.lists.get(event.stage, event.macros).split()
        pairs = [(n, self.macros[n]) for n in names if self.macros.get(n) is not None]
        data = b"".join(n.encode() + b"\0" + v.encode() + b"\0" for n, v in pairs)
        self.send(b"D", event.command + data)

    def event(self, name, data=b""):
        """Sends an event unless it is declined. The reply; CONTINUE where there is none."""
        event = EVENTS[name]
        if self.protocol & event.declined:
            return CONTINUE
        self.send_macros(event)
        self.send(event.command, data)
        self.events.append(name)
        if self.protocol & event.unanswered:
            return CONTINUE
        command, answer = self.receive()
        return self.read_reply(command, answer)

    @staticmethod
    def read_reply(command, data):
        if command == "y":
            text = data.rstrip(b"\0").decode("latin-1")
            # Both MTAs take the text for a format.
            return Reply("y", re.sub("%(%?)", r"\1", text))
        if command not in "carts":
            raise ProtocolError(f"unexpected reply {command!r}")
        return Reply(command)

    def connect(self, host="localhost", address="127.0.0.1", port=12345):
        """@address: IPv4, IPv6, "unix" for a unix socket, None for unknown."""
        self.macros["{client_addr}"] = address or "unknown"
        self.macros["{client_name}"] = host
        where = b"U"
        if address == "unix":
            where = b"L" + struct.pack(">H", 0) + b"/tmp/client\0"
        elif address is not None:
            family = b"6" if ":" in address else b"4"
            where = family + struct.pack(">H", port) + address.encode() + b"\0"
        return self.event("connect", host.encode() + b"\0" + where)

    def helo(self, name="client.example.com"):
        return self.event("helo", name.encode() + b"\0")

    def mail(self, sender, *parameters, brackets=True):
        self.macros["{mail_addr}"] = sender
        path = f"<{sender}>" if brackets else sender
        words = [path, *parameters]
        return self.event("mail", b"".join(w.encode() + b"\0" for w in words))

    def rcpt(self, recipient):
        self.macros["{rcpt_addr}"] = recipient
        return self.event("rcpt", f"<{recipient}>".encode() + b"\0")

    def data(self):
        return self.event("data")

    def header(self, name, value):
        return self.event("header", name + b"\0" + value + b"\0")

    def eoh(self):
        return self.event("eoh")

    def body(self, chunk):
        return self.event("body", chunk)

    def eom(self, message):
        """Ends the message. Applies the edits to @message; returns reply and edits."""
        self.end()
        return self.read_edits(message)

    def end(self):
        """The end of the message, without waiting for what the filter says."""
        event = EVENTS["eom"]
        self.send_macros(event)
        self.send(event.command)
        self.events.append("eom")

    def read_edits(self, message):
        edits, body, closed = [], None, False
        while True:
            command, data = self.receive()
            if command == "b":
                if closed:
                    raise ProtocolError("the replacement of the body is not in one run")
                body = (body or b"") + data
                continue
            closed = body is not None
            if command == "p":
                continue
            edit = self.read_edit(command, data)
            if edit is None:
                break
            edits.append(edit)
            message.apply(edit, self.leading_blanks)
        if body is not None:
            edits.append(Edit("body", value=body))
            message.body = body if not body or body.endswith(b"\n") else body + b"\r\n"
        return self.read_reply(command, data), edits

    def read_edit(self, command, data):
        """The edit that a packet asks for; None: it is the reply."""
        needs = {"h": ADDHDRS, "i": ADDHDRS, "m": CHGHDRS, "q": QUARANTINE, "+": ADDRCPT,
                 "2": ADDRCPT_PAR, "-": DELRCPT, "e": CHGFROM}
        if command not in needs:
            return None
        if not self.actions & needs[command]:
            raise ProtocolError(f"{command!r} was not negotiated")
        if command == "q":
            return Edit("quarantine", value=data.rstrip(b"\0"))
        if command not in "him":
            return Edit("other", command, value=data)
        index = 0
        if command in "im":
            index, data = struct.unpack(">I", data[:4])[0], data[4:]
        name, value, rest = data.split(b"\0")
        if rest or not name:
            raise ProtocolError(f"a malformed {command!r}")
        kind = {"h": "add", "i": "insert", "m": "change"}[command]
        return Edit(kind, name.decode("latin-1"), index, value)

    def abort(self):
        self.send(b"A")

    def quit(self):
        self.send(b"Q")

    def quit_nc(self):
        """The connection stays, the next event is a new client's CONNECT."""
        self.send(b"K")

    # ---- whole messages

    def deliver(self, message, sender="sender@example.com", recipients=("rcpt@example.org",),
                queue_id="4TEST0Q1D", parameters=(), brackets=True, early_id=False,
                chunk=CHUNK):
        """One message from MAIL to its end.

        @early_id: the queue id is known at MAIL, as with Sendmail. Mail that
        sendmail(1) hands to Postfix has that, and no brackets, and was
        connected with port 0.
        """
        stored = message.copy()
        self.macros["i"] = queue_id if early_id else None
        reply = self.mail(sender, *parameters, brackets=brackets)
        if not reply.goes_on:
            return Result("mail", reply, [], stored)
        for recipient in recipients:
            reply = self.rcpt(recipient)
            # The queue file is there once a recipient was taken.
            self.macros["i"] = queue_id
        for stage, data in self._content(message, chunk):
            reply = self.event(stage, data)
            if reply.command == "s":
                break
            if not reply.goes_on:
                return Result(stage, reply, [], stored)
        reply, edits = self.eom(stored)
        return Result("eom", reply, edits, stored)

    def begin(self, message, queue_id, sender="sender@example.com"):
        """One message including its end, which is not waited for."""
        self.mail(sender)
        self.begin_content(message, queue_id)
        self.end()

    def begin_content(self, message, queue_id):
        """A recipient and the whole content, where nothing of it is answered."""
        self.rcpt("rcpt@example.org")
        self.macros["i"] = queue_id
        for stage, data in self._content(message, CHUNK):
            self.event(stage, data)

    def _content(self, message, chunk):
        yield "data", b""
        for name, value in message.shown(self.leading_blanks):
            yield "header", name + b"\0" + value + b"\0"
        yield "eoh", b""
        for at in range(0, len(message.body), chunk):
            yield "body", message.body[at:at + chunk]
