# SPDX-License-Identifier: BSD-2-Clause
"""Mail that was made to hurt (tests/laws/hostile-*.c, ten times as large), against usual mail.

Each is compared with mail of the same size and the same kind: most octets in the header, many small
parts, or one text, in its encoding; clean for a check, and with usual defects all over for a repair.
A clean text is only passed over, at the speed of memory: what makes us read something takes many
times as long. So the time an octet is shown too, which says how long a large mail can take. Of a
header that is too large for its mail to be judged the first octets are, up to the limit: that is the
most such a header can cost. What stops at a limit is a fact beside the table.
"""

import base64
import os
import re

from filters import BUILD, run
from mail import HEAD
from measure import Row, Samples, engine, rounds

SCALE = 10
LIMIT = 2.0
# Beyond those no message is judged: message_size, header_block.
LARGEST = 64 * 1024 * 1024
LARGEST_HEADER = 1024 * 1024
# Below that a turn is mostly what every message costs.
LEAST = 2000
# CPU time of one measurement.
TURN_NS = 20_000_000

FIELDS = b"""\
Received: from app17.internal.example.com (app17.internal.example.com [192.0.2.17])
\tby mx.example.com (Postfix) with ESMTPSA id 4ABCDEF123
\tfor <bob@example.org>; Tue, 14 Nov 2023 22:13:21 +0000 (UTC)
X-Mailer: Example Billing 4.2
X-Report: =?utf-8?q?K=C3=B6ln?= <billing@example.com>
""".replace(b"\n", b"\r\n")
ADDRESS = b" Ann Example <ann@example.com>,\r\n"
PART = (b"--=_b\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n"
        b"Your invoice of this month is ready.\r\n")
TEXT = b"Your invoice of this month is ready, and we are glad to send it to you.\r\n"
BAD_FIELDS = FIELDS.replace(b"=?utf-8?q?K=C3=B6ln?=", "K\u00f6ln".encode())
BAD_PART = PART.replace(b"is ready", "ist f\u00e4llig".encode())
BAD_TEXT = TEXT.replace(b"glad to", "glad t\u00f6".encode())


# As many as are split, and as many as are mended, with some room.
MOST_PARTS = 9000
MOST_BAD_PARTS = 900
MOST_FIELDS = 900
FIELDS_OF_A_GROUP = 4


def filled(before, piece, after, size):
    return before + piece * max(1, (size - len(before) - len(after)) // len(piece)) + after


CALENDAR = (b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\n",
            b"BEGIN:VEVENT\r\nUID:1@example.com\r\nDTSTAMP:20231114T221320Z\r\n"
            b"DTSTART:20231115T090000Z\r\nDTEND:20231115T100000Z\r\n"
            b"SUMMARY:Invoices of this month\r\nEND:VEVENT\r\n",
            b"END:VCALENDAR\r\n")
ENCODED = {b"base64": base64.encodebytes(bytes(range(256)) * 57 * 4).replace(b"\n", b"\r\n"),
           b"quoted-printable": TEXT.replace(b"invoice", b"invoice f=C3=BCr")}


def encoding_of(data):
    found = re.search(rb"Content-Transfer-Encoding: (base64|quoted-printable)", data[:2000])
    return found and found[1]


def fields(size, bad):
    """Some @size octets of a header: no more fields than are mended, so the longer the longer."""
    few = BAD_FIELDS if bad else FIELDS
    groups = max(0, min(size // len(few), MOST_FIELDS // FIELDS_OF_A_GROUP))
    lines = (size - groups * len(few)) // len(ADDRESS) // max(1, groups)
    more = b"Resent-To:" + (ADDRESS * lines)[:-3] + b"\r\n" if lines else b""
    return (few + more) * groups


def parts(size, bad):
    """The same of a body of parts."""
    piece = BAD_PART if bad else PART
    least = size // (MOST_BAD_PARTS if bad else MOST_PARTS)
    piece += TEXT * max(0, -((len(piece) - least) // len(TEXT)))
    return filled(b"", piece, b"--=_b--\r\n", size)


def usual(kind, size, head, bad, encoding):
    """Mail of a kind and size, @head octets of it header; @bad: with defects that are mended."""
    if kind == "header":
        return HEAD + fields(size - len(HEAD), bad) + b"\r\nShort.\r\n"
    start = HEAD + fields(head - len(HEAD), bad)
    size -= len(start)
    if kind == "parts":
        return (start + b'Content-Type: multipart/mixed; boundary="=_b"\r\n\r\n' +
                parts(size, bad))
    if kind == "calendar":
        before, piece, after = CALENDAR
        return start + filled(b"Content-Type: text/calendar; method=REQUEST\r\n\r\n" + before,
                              piece.replace(b"Invoices", "F\u00e4llig".encode()) if bad else piece,
                              after, size)
    start += b"Content-Type: text/plain; charset=utf-8\r\n"
    if encoding and not bad:
        return start + filled(b"Content-Transfer-Encoding: " + encoding + b"\r\n\r\n",
                              ENCODED[encoding], b"", size)
    return start + filled(b"\r\n", BAD_TEXT if bad else TEXT, b"", size)


def kind_of(data):
    """What most of the mail is. Header fields of parts are like those of the message."""
    head = data.partition(b"\r\n\r\n")[0]
    fields = data[len(head):len(head) + 100000].count(b"\r\nContent-ID:")
    if (len(head) > len(data) / 2 or fields > 1000 or b"--b\r\nA: b\r\n" in data or
            re.search(rb"\r\n\r\n(--b\r\n)?[\w-]+:[^\r]{9999}", data)):
        return "header"
    if b"Content-Type: text/calendar" in head:
        return "calendar"
    lines = data.count(b"\n--") + data.count(b"Content-Type: m")
    return "parts" if lines > len(data) / 200 else "text"


def inputs(bench):
    """(name, path, octets) of all."""
    folder = os.path.join(bench.folder, "hostile")
    os.makedirs(folder, exist_ok=True)
    run(os.path.join(BUILD, "tests", "laws", "test-hostile"), "write", folder, str(SCALE))
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        with open(path, "rb") as file:
            data = file.read()
        yield name, path, data
        os.remove(path)


def loop_of(once_ns, scale):
    return max(1, int(TURN_NS * scale["loop"] / once_ns))


def limit_of(path, work):
    """The limit at which the work stops, or ""."""
    return engine(path, (work,), 1)[1].partition("limit=")[2]


def measure(bench, scale, path, kind, data):
    """work -> times, those of usual mail among them."""
    head = len(data.partition(b"\r\n\r\n")[0])
    others = {work: bench.write("usual-" + work,
                                usual(kind, len(data), head, work == "fix", encoding_of(data)))
              for work in ("check", "fix")}
    loop = loop_of(engine(path, ("check",), 1)[0]["check"].values[0], scale)
    turns = {work: (lambda p, w: lambda: engine(p, (w,), loop)[0][w].values[0])(path, work)
             for work in others}
    turns |= {"usual " + work: (lambda p, w: lambda: engine(p, (w,), loop)[0][w].values[0])(
        other, work) for work, other in others.items()}
    got = {name: Samples(values) for name, values in
           rounds(min(scale["rounds"], 3), turns).items()}
    for other in others.values():
        os.remove(other)
    return got


def cut(path, data):
    """@data, or as much of its header as is judged."""
    block = data.partition(b"\r\n\r\n")[0]
    if len(block) <= LARGEST_HEADER:
        return data
    data = block[:LARGEST_HEADER - 2] + b"\r\n\r\ntext\r\n"
    with open(path, "wb") as file:
        file.write(data)
    return data


def rows(bench, scale, facts):
    for name, path, data in inputs(bench):
        if not LEAST <= len(data) <= LARGEST:
            facts.append(f"hostile {name}: {len(data)} octets: " + (
                "too small to compare" if len(data) < LEAST else "stops at message_size"))
            continue
        kind = kind_of(data)
        judged = cut(path, data)
        stops = {work: limit_of(path, work) if judged == data else "header_block"
                 for work in ("check", "fix")}
        got = measure(bench, scale, path, kind, judged)
        facts.append(f"hostile {name}, {len(judged)} octets, as {kind}: " + ", ".join(
            f"{work} {samples.median / len(judged):.2f} ns an octet" +
            (f" (stops at {stops[work]})" if stops.get(work) else "")
            for work, samples in got.items()))
        for work, other in (("check", "clean"), ("fix", "with usual defects")):
            if stops[work]:
                continue
            yield Row(f"hostile: {work} of {name}, {len(data)} octets",
                      f"at most {LIMIT:.0f} x mail of {kind} {other} of the same size",
                      got[work] / got["usual " + work], LIMIT)
