#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""mailmend check and fix on bounces: real ones of a private Postfix, and forms of other servers.

Prints TAP. MAILMEND names the binary (default: ./mailmend). Standard library only.
"""
import base64
import os
import quopri
import random
import re
import socket
import sys

from clitest import HEAD, SOURCE, Skip, crlf, equal, has, main, mbox, run

sys.path.insert(0, os.path.join(SOURCE, "tests", "mta"))

from bench import Bench  # noqa: E402
from postfix import Postfix, missing  # noqa: E402
from sink import Sink  # noqa: E402

ENCODED_ID = (b"Message-ID: =?utf-8?q?=3C154810422972=2E4=2E16142961424846318784=40aaf39fce-?=\n"
              b" =?utf-8?q?569e-473a-9453-6862595bd8da=2Eprvt=2Edyno=2Ert=2Eheroku=2Ecom=3E?=\n")
FOUNDING = HEAD.replace(b"Message-ID: <1@example.org>\n", ENCODED_ID) + b"\nHello\n"
CLEAN = HEAD + b"\nHello\n"
MULTIPART = (HEAD.replace(b"Message-ID: <1@example.org>\n", ENCODED_ID) +
             b"Content-Type: multipart/mixed; boundary=b1\n\n"
             b"--b1\nContent-Type: text/plain\n\nHello\n"
             b"--b1\nContent-Type: text/plain\n\n" + b"x" * 1200 + b"\n--b1--\n")
CORRUPT = ("554 5.6.0 Corrupt message content; STOREDRV.Deliver.Exception:"
           "ConversionFailedException; Failed to process message due to a permanent exception")

REPORT = b"""\
From: Mail Delivery System <MAILER-DAEMON@mx.example.net>
To: a@example.org
Subject: Undeliverable
Date: Mon, 1 Jan 2024 00:00:00 +0000
Message-ID: <b@mx.example.net>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=r

--r
Content-Type: text/plain

It could not be delivered.
--r
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; b@example.net
Action: failed
Status: 5.6.0
Remote-MTA: dns; mail.example.net
Diagnostic-Code: smtp; %s

--r
%s
--r--
"""


def report(reply=CORRUPT, original=FOUNDING, kind=b"message/rfc822", encoding=None):
    head = b"Content-Type: " + kind + b"\n"
    if encoding:
        head += b"Content-Transfer-Encoding: " + encoding + b"\n"
    return REPORT % (reply.encode(), head + b"\n" + original)


def plain(text, original, sender=b"MAILER-DAEMON@mx.example.net", more=b""):
    return (b"From: <" + sender + b">\nTo: a@example.org\nSubject: failure notice\n"
            b"Date: Mon, 1 Jan 2024 00:00:00 +0000\nMessage-ID: <b@mx.example.net>\n"
            b"MIME-Version: 1.0\n" + more + b"\n" + text + original)


def bounce_of(f, data, *options):
    f.write("ndr.eml", data)
    return run("check", "--format=json", *options, "ndr.eml").objects[0].get("bounce")


# ---- real ones


class Refusing(Sink):
    """Refuses what is no bounce at the end of its data."""

    def __init__(self, *lines):
        super().__init__()
        self.lines = lines

    def answer(self, delivery):
        return super().answer(delivery) if delivery.sender.startswith("<>") else self.lines


SENT = {}  # one Postfix makes all bounces that are asked for


def returned(name):
    """The bounces that Postfix makes when the next server refuses."""
    if missing():
        raise Skip(missing())
    if not SENT:
        lines = ("554-5.6.0 Corrupt message content;", "554-5.6.0 STOREDRV.Deliver.Exception:",
                 "554 5.6.0 ConversionFailedException; Failed to process message [AM6EUR05FT041]")
        with Refusing(*lines) as sink, Postfix(sink.port) as mta:
            with mta.client() as smtp:
                for kind, options in (("whole", []), ("headers", ["RET=HDRS"])):
                    smtp.sendmail(kind + "@example.com", ["b@example.org"], crlf(MULTIPART),
                                  mail_options=options)
            for kind in ("whole", "headers"):
                SENT[kind] = sink.wait(kind + "@example.com")[0].data
    return SENT[name]


def test_bounce_postfix(f):
    """A whole message comes back: its defects by part, the reply, and what both have in common."""
    data = returned("whole")
    f.write("ndr.eml", data)
    result = run("check", "ndr.eml")
    # the bounce itself is clean
    equal((result.code, result.err), (0, ""))
    text = result.text
    assert re.search(r"^ndr\.eml:\d+: reply: 554-5\.6\.0 Corrupt .* \(for b@example\.org, "
                     r"may mean ENCODED_MESSAGE_ID \(found\), \w", text, re.M), text
    assert re.search(r"^ndr\.eml:\d+: ENCODED_MESSAGE_ID: .*\(bounced, part \S+, header "
                     r"Message-ID\)$", text, re.M), text
    assert re.search(r"^ndr\.eml:\d+: LINE_TOO_LONG: .*\(bounced, part \S+\.2\)$", text, re.M), text
    row = run("check", "--format=json", "ndr.eml").objects[0]
    equal((row["labels"], row["findings"]), ([], []))
    bounce = row["bounce"]
    equal((bounce["carries"], bounce["recipients"]), ("message", ["b@example.org"]))
    equal(bounce["labels"], ["ENCODED_MESSAGE_ID", "LINE_TOO_LONG"])
    # line and offset count in the bounce
    for finding in bounce["findings"]:
        at = finding["offset"]
        equal(data[:at].count(b"\n") + 1, finding["line"])
        want = b"x" * 1200 if finding["label"] == "LINE_TOO_LONG" else b"Message-ID: =?"
        assert data[at:].startswith(want), data[at:at + 20]
    reply = bounce["replies"][0]
    assert data.split(b"\n")[reply["line"] - 1].startswith(b"Diagnostic-Code:"), reply


def test_bounce_postfix_headers(f):
    """Only headers come back: nothing is said of the body that is not there."""
    data = returned("headers")
    f.write("ndr.eml", data)
    result = run("check", "ndr.eml")
    equal(result.code, 0)
    has(result.text, "ENCODED_MESSAGE_ID")
    has(result.text, "carries the header of the message only")
    bounce = bounce_of(f, data, "--notices")
    equal((bounce["carries"], bounce["labels"]), ("headers", ["ENCODED_MESSAGE_ID"]))
    result = run("check", "--bounce", "--notices", "--format=json", "ndr.eml")
    equal((result.code, result.objects[0]["labels"]), (1, ["ENCODED_MESSAGE_ID"]))
    result = run("fix", "--bounce", "ndr.eml")
    equal((result.code, result.out), (2, b""))
    has(result.err, "carries the header of the message only")


def test_bounce_again(f):
    """What came back is sent again, mended, as the manual says, and arrives clean."""
    f.write("ndr.eml", returned("whole"))
    equal(run("fix", "--bounce", "--output", "again.eml", "ndr.eml").code, 0)
    equal(run("check", "again.eml").lines, [])
    with Sink() as sink, Postfix(sink.port) as mta:
        mta.sendmail("-i", "-f", "a@example.com", "--", "b@example.org", data=f.read("again.eml"))
        f.write("arrived.eml", sink.wait("b@example.org")[0].data)
    equal(run("check", "arrived.eml").lines, [])
    data = f.read("arrived.eml")
    # the sender's own id, and nothing lost
    has(data, b"\r\nMessage-ID: <154810422972.4.16142961424846318784@aaf39fce-569e-473a-9453-"
              b"6862595bd8da.prvt.dyno.rt.heroku.com>\r\n")
    has(data, b"\r\n\r\nHello\r\n--b1\r\n")
    has(quopri.decodestring(data).replace(b"\r\n", b""), b"x" * 1200)


def test_bounce_smtputf8(f):
    """Proven: what Postfix says of a server without SMTPUTF8 leads to the raw header."""
    if missing():
        raise Skip(missing())
    data = HEAD.replace(b"Subject: test", "Subject: h\u00e4".encode()) + b"\nHello\n"
    with Sink() as back, Sink() as sink:
        sink.offers = ("8BITMIME",)
        mta = Postfix(sink.port)
        with open(os.path.join(mta.config, "main.cf"), "a", encoding="ascii") as file:
            file.write("transport_maps = inline:{example.com=smtp:[127.0.0.1]:%d}\n" % back.port)
        with mta:
            with mta.client() as smtp:
                smtp.ehlo()
                smtp.sendmail("a@example.com", ["b@example.org"], crlf(data),
                              mail_options=["SMTPUTF8", "BODY=8BITMIME"])
            ndr = back.wait("a@example.com")[0].data
    bounce = bounce_of(f, ndr)
    equal(bounce["replies"][0]["explained"]["labels"], ["RAW_8BIT_HEADER"])
    equal(bounce["labels"], ["RAW_8BIT_HEADER"])
    # under SMTPUTF8 it is no defect, so that is what must be given up
    equal(run("check", "--bounce", "--smtputf8", "ndr.eml").code, 0)


def test_bounce_mailmend(f):
    """Proven: a relay with mailmend refuses, the server before it makes the bounce, and that names
    what the filter found."""
    if missing():
        raise Skip(missing())
    rule = "[rule refuse]\nSender = app@example.com\nPolicy = strict\n"
    with Bench(rule) as relay, Postfix(relay.mta.port) as mta:
        with mta.client() as smtp:
            smtp.sendmail("app@example.com", ["b@example.org"], crlf(MULTIPART))
        # the bounce passes the filter, too
        ndr = relay.sink.wait("app@example.com")[0].data
        found = relay.filter.line_from("app@example.com")["labels"].split("|")
    bounce = bounce_of(f, ndr)
    explained = bounce["replies"][0]["explained"]
    equal((explained["labels"], explained["named"]), (found, len(found)))
    equal((found, bounce["labels"]), (["ENCODED_MESSAGE_ID", "LINE_TOO_LONG"],) * 2)
    equal((explained["code"], explained["enhanced"]), ("552", "5.6.0"))


def test_bounce_bare_lf(f):
    """Proven: what Postfix says of lone LF."""
    if missing():
        raise Skip(missing())
    with Sink() as sink:
        mta = Postfix(sink.port)
        with open(os.path.join(mta.config, "main.cf"), "a", encoding="ascii") as file:
            file.write("smtpd_forbid_bare_newline = reject\n"
                       "smtpd_forbid_bare_newline_exclusions =\n")
        with mta, socket.create_connection(("127.0.0.1", mta.port), timeout=20) as peer:
            stream = peer.makefile("rwb")
            for line in (b"EHLO x", b"MAIL FROM:<a@example.com>", b"RCPT TO:<b@example.org>", b"DATA"):
                while stream.readline()[3:4] == b"-":
                    pass
                stream.write(line + b"\r\n")
                stream.flush()
            while stream.readline()[3:4] == b"-":
                pass
            stream.write(b"Subject: x\r\n\r\none\ntwo\r\n.\r\n")
            stream.flush()
            said = stream.readline().decode()
    if "bare" not in said:
        raise Skip("this Postfix cannot refuse bare newlines: " + said.strip())
    equal(run("explain", "--reply", said, "--format=json").objects[0]["labels"],
          ["NON_CANONICAL_LINE_ENDINGS"])


# ---- forms


def test_bounce_forms(f):
    """Copies behind a line of text, as older servers send them."""
    said = (b"<b@example.net>:\n192.0.2.7 failed after I sent the message.\nRemote host said: " +
            CORRUPT.encode() + b"\n\n")
    head = FOUNDING.partition(b"\n\n")[0] + b"\n"
    for name, text, original, carries in (
            ("qmail", b"--- Below this line is a copy of the message.\n\n", FOUNDING, "message"),
            ("Exim", b"------ This is a copy of the message, including all the headers. ------\n\n",
             FOUNDING, "message"),
            ("Exim, cut", b"------ This is a copy of the message, including all the headers. "
             b"------\n------ The body of the message is 99999 characters long; only the first\n"
             b"------ 99 or so are included here.\n\n", FOUNDING, "message"),
            ("Exim, headers", b"------ This is a copy of the message's headers. ------\n\n", head,
             "headers"),
            ("GMX", b"--- The header of the original message is following. ---\n\n", head, "headers"),
            ("Gmail", b"----- Original message -----\n\n", FOUNDING, "message"),
            ("IMail", b"Original message follows.\n\n", FOUNDING, "message"),
            ("Sendmail", b"   ----- Unsent message follows -----\n", FOUNDING, "message"),
            ("Exchange", b"Original message headers:\n\n", head, "headers")):
        bounce = bounce_of(f, plain(said + text, original))
        assert bounce, name
        equal((name, bounce["carries"], bounce["labels"]), (name, carries, ["ENCODED_MESSAGE_ID"]))
        equal((name, bounce["replies"][0]["explained"]["labels"][0]), (name, "ENCODED_MESSAGE_ID"))
        finding = bounce["findings"][0]
        assert f.read("ndr.eml")[finding["offset"]:].startswith(b"Message-ID: =?"), name
        result = run("fix", "--bounce", "ndr.eml")
        equal((name, result.code), (name, 0 if carries == "message" else 2))
        if carries == "message":
            f.write("sent.eml", original)
            equal(result.out, run("fix", "sent.eml").out)


def test_bounce_exchange(f):
    """Exchange's report: notification in quoted-printable and HTML, a terse diagnostic code."""
    words = quopri.encodestring(b"Diagnostic information for administrators:\n\nGenerating server: "
                                b"AM6PR05MB1234.eurprd05.prod.outlook.com\n\nb@example.net\n"
                                b"Remote Server returned '" + CORRUPT.encode() + b"'\n")
    data = report("smtp; 550").replace(
        b"Content-Type: text/plain\n\nIt could not be delivered.\n",
        b"Content-Type: multipart/alternative; boundary=n\n\n--n\nContent-Type: text/plain\n"
        b"Content-Transfer-Encoding: quoted-printable\n\n" + words +
        b"\n--n\nContent-Type: text/html\n\n<p>x</p>\n--n--\n")
    bounce = bounce_of(f, data)
    equal((bounce["carries"], bounce["part"], bounce["labels"]),
          ("message", "3.1", ["ENCODED_MESSAGE_ID"]))
    equal([reply["explained"]["labels"][:1] for reply in bounce["replies"]],
          [[], ["ENCODED_MESSAGE_ID"]])


def test_bounce_encoded(f):
    """What the bounce has encoded is decoded."""
    for encoding, data in ((b"base64", base64.encodebytes(crlf(MULTIPART))),
                           (b"quoted-printable", quopri.encodestring(MULTIPART))):
        bounce = bounce_of(f, report(original=data, encoding=encoding))
        equal((encoding, bounce["carries"], bounce["labels"]),
              (encoding, "message", ["ENCODED_MESSAGE_ID", "LINE_TOO_LONG"]))
    head = MULTIPART.partition(b"\n\n")[0] + b"\n"
    bounce = bounce_of(f, report(original=base64.encodebytes(head), encoding=b"base64",
                                 kind=b"text/rfc822-headers"))
    equal((bounce["carries"], bounce["labels"]), ("headers", ["ENCODED_MESSAGE_ID"]))


def test_bounce_forwarded(f):
    """A bounce that someone forwards as an attachment."""
    data = (HEAD + b"Content-Type: multipart/mixed; boundary=fw\n\n--fw\nContent-Type: text/plain\n\n"
            b"look\n--fw\nContent-Type: message/rfc822\n\n" + report() + b"\n--fw--\n")
    bounce = bounce_of(f, data)
    equal((bounce["part"], bounce["labels"]), ("2.1.3.1", ["ENCODED_MESSAGE_ID"]))


def test_bounce_attached(f):
    """No report, but a mail server's mail with a message attached."""
    data = plain(b"", b"--m\n\nhost said: " + CORRUPT.encode() +
                 b"\n--m\nContent-Type: message/rfc822\n\n" + FOUNDING + b"\n--m--\n",
                 more=b"Content-Type: multipart/mixed; boundary=m\n")
    bounce = bounce_of(f, data)
    equal((bounce["part"], bounce["labels"]), ("2.1", ["ENCODED_MESSAGE_ID"]))
    equal(bounce["replies"][0]["explained"]["labels"][0], "ENCODED_MESSAGE_ID")
    # the same of a person is a forward
    equal(bounce_of(f, data.replace(b"MAILER-DAEMON@mx", b"ann@mx")), None)


def test_bounce_own_reply(f):
    bounce = bounce_of(f, report("552 5.6.0 Message has conformance issues: ENCODED_MESSAGE_ID|NUL_BYTE"))
    explained = bounce["replies"][0]["explained"]
    equal((explained["labels"], explained["named"]), (["ENCODED_MESSAGE_ID", "NUL_BYTE"], 2))
    has(run("check", "ndr.eml").text, "may mean ENCODED_MESSAGE_ID (found), NUL_BYTE)")


def test_bounce_recipients(f):
    """Several recipients, folded and odd fields, and what was no failure."""
    data = report().replace(b"--r\nContent-Type: message/rfc822", (
        b"Original-Recipient: rfc822;c@example.net\nFinal-Recipient: rfc822; c2@example.net\n"
        b"Action: FAILED\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1\n user\n\tunknown\n\n"
        b"Final-Recipient: rfc822; d@example.net\nAction: relayed\nStatus: 2.0.0\n"
        b"Diagnostic-Code: smtp; 250 ok\n\n"
        b"Final-Recipient: rfc822; e@example.net\nAction: delayed\nStatus: 4.4.1\n\n"
        b"--r\nContent-Type: message/rfc822"))
    bounce = bounce_of(f, data)
    equal(bounce["recipients"], ["b@example.net", "c@example.net", "e@example.net"])
    equal([reply["explained"]["reply"] for reply in bounce["replies"]],
          [CORRUPT, "550 5.1.1 user unknown", "4.4.1"])
    lines = data.split(b"\n")
    for reply in bounce["replies"][:2]:
        assert lines[reply["line"] - 1].startswith(b"Diagnostic-Code"), reply
    # each once, in the order of the bounce, and not without end
    many = b"".join(b"Final-Recipient: rfc822; %d@example.net\nAction: failed\n\n" % (i % 11000)
                    for i in range(12000))
    bounce = bounce_of(f, report().replace(b"--r\nContent-Type: message/rfc822",
                                           many + b"--r\nContent-Type: message/rfc822"))
    equal(bounce["recipients"],
          ["b@example.net"] + ["%d@example.net" % i for i in range(9999)])
    bounce = bounce_of(f, plain(b"--- Below this line is a copy of the message.\n\n", FOUNDING,
                                more=b"X-Failed-Recipients: b@example.net, c@example.net,\n"
                                     b" b@example.net\n"))
    equal(bounce["recipients"], ["b@example.net", "c@example.net"])


# ---- the contract


def test_bounce_exit(f):
    """The exit status is about the bounce; with --bounce about what it carries."""
    for original, code in ((FOUNDING, 1), (CLEAN, 0)):
        f.write("ndr.eml", report(original=original))
        equal(run("check", "ndr.eml").code, 0)
        equal(run("check", "--bounce", "ndr.eml").code, code)
    has(run("check", "ndr.eml").text, "bounce: nothing is wrong with the message")
    f.write("ndr.eml", report().replace(b"Date: Mon, 1 Jan 2024 00:00:00 +0000\n", b"", 1))
    result = run("check", "--format=json", "ndr.eml")
    equal((result.code, result.objects[0]["labels"]), (1, ["MISSING_DATE_HEADER"]))
    equal(result.objects[0]["bounce"]["labels"], ["ENCODED_MESSAGE_ID"])


def test_bounce_judged(f):
    """--bounce judges what is carried as if it had been given itself."""
    f.write("sent.eml", MULTIPART)
    want = run("check", "--format=json", "sent.eml").objects[0]
    for data, shift in ((report(original=MULTIPART), 0), (crlf(report(original=MULTIPART)), 1)):
        f.write("ndr.eml", data)
        got = run("check", "--bounce", "--format=json", "ndr.eml").objects[0]
        equal(got["labels"], want["labels"])
        lines = data.split(MULTIPART[:20] if not shift else crlf(MULTIPART[:20]))[0].count(b"\n")
        for a, b in zip(got["findings"], want["findings"]):
            equal((a["label"], a["part"], a["header"], a["line"], a["detail"]),
                  (b["label"], b["part"], b["header"], b["line"] + lines, b["detail"]))
        assert "bounce" not in got
    got = run("check", "--bounce", "--policy=strict", "--format=json", "ndr.eml").objects[0]
    equal(got["action"], "reject")
    f.write("ndr.eml", report(original=MULTIPART.partition(b"\n\n")[0] + b"\n",
                              kind=b"text/rfc822-headers"))
    got = run("check", "--bounce", "--policy=strict", "--format=json", "ndr.eml").objects[0]
    equal((got["labels"], got["action"]), (["ENCODED_MESSAGE_ID"], "none"))


def test_bounce_notices(f):
    """Notices of what is carried are shown once, as what they are there."""
    f.write("ndr.eml", report(original=MULTIPART))
    text = run("check", "--notices", "ndr.eml").text
    equal([len(re.findall(label, text)) for label in ("ENCODED_MESSAGE_ID:", "LINE_TOO_LONG:")],
          [1, 1])
    assert "notice" not in text, text


def test_bounce_none(f):
    """Mail that is no bounce is treated as before, and --bounce says so."""
    for data in (CLEAN, MULTIPART, plain(b"I am on holiday.\n", b""),
                 plain(b"----- Original message -----\n\n", FOUNDING, sender=b"ann@example.net"),
                 report().replace(b"message/delivery-status", b"message/disposition-notification")
                 .replace(b"MAILER-DAEMON@mx.example.net", b"ann@example.net")):
        equal(bounce_of(f, data), None)
        for args in (["check", "--bounce"], ["fix", "--bounce"]):
            result = run(*args, "ndr.eml")
            equal((args, result.code, result.out), (args, 2, b""))
            has(result.err, "ndr.eml: is no bounce")
    for original in (b"", b"[the message was here]\n", b"\n\n"):
        bounce = bounce_of(f, report(original=original))
        equal((bounce["carries"], bounce["part"], bounce["findings"]), ("nothing", None, []))
        has(run("check", "ndr.eml").text, "does not carry the message")
        equal(run("fix", "--bounce", "ndr.eml").code, 2)


def test_bounce_cut(f):
    """A message that is not closed may have been cut: it is told, and never mended half."""
    bounce = bounce_of(f, report(original=MULTIPART.replace(b"--b1--\n", b"")))
    equal(bounce["carries"], "cut")
    has(run("check", "ndr.eml").text, "may have cut it")
    result = run("fix", "--bounce", "ndr.eml")
    equal((result.code, result.out), (2, b""))
    has(result.err, "may have been cut")


def test_bounce_fix(f):
    f.write("ndr.eml", report(original=MULTIPART))
    f.write("sent.eml", MULTIPART)
    want = run("fix", "sent.eml")
    got = run("fix", "--bounce", "ndr.eml")
    equal((got.code, got.err), (want.code, want.err))
    # the line end before the delimiter is the bounce's
    equal(got.out.rstrip(b"\n"), want.out.rstrip(b"\n"))
    equal(run("fix", "--bounce", "--policy=watch", "ndr.eml").out.rstrip(b"\n"), MULTIPART.rstrip(b"\n"))
    before = f.read("ndr.eml")
    equal(run("fix", "--bounce", "--in-place", "ndr.eml").code, 2)
    equal(f.read("ndr.eml"), before)


def test_bounce_mbox(f):
    f.write("box", mbox(CLEAN, report(), FOUNDING))
    rows = run("check", "--format=json", "box").objects
    equal(["bounce" in row for row in rows], [False, True, False])
    finding = rows[1]["bounce"]["findings"][0]
    data = f.read("box")
    assert data[finding["offset"]:].startswith(b"Message-ID: =?"), finding
    equal(data[:finding["offset"]].count(b"\n") + 1, finding["line"])


def test_bounce_hostile(f):
    """Bounces are mail of strangers: cut anywhere, damaged anywhere, nothing breaks."""
    dice = random.Random(7)
    whole = crlf(report("554 5.6.0 \x1b[2J\x07 evil\x01", MULTIPART))
    boxes = []
    for _ in range(150):
        data = bytearray(whole[:dice.randrange(len(whole))])
        for _ in range(dice.randrange(6)):
            if data:
                data[dice.randrange(len(data))] = dice.choice(b"\x00\r\n-;: \xff")
        boxes.append(bytes(data))
    for number, data in enumerate(boxes + [report("x;" * 50000), report("5" * 100000)]):
        f.write("mail/%d" % number, data)
    for form in ("text", "json", "sarif", "junit"):
        result = run("check", "--notices", "--format=" + form, "mail")
        assert result.code in (0, 1), result.err
        assert b"\x1b" not in result.out and b"\x07" not in result.out
    run("check", "--bounce", "mail")


if __name__ == "__main__":
    sys.exit(main(globals()))
