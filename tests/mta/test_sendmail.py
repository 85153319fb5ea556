#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Mail through a real Sendmail with mailmend-milter in front. Prints TAP.

$MAILMEND_MILTER is the program. It takes root, see sendmail.py. These are the cases of cases.py,
and those in which Sendmail is not like Postfix. mailmend-milter(8) tells what they show.
"""

import dataclasses
import os
import re
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "signature"))

import mail
import cases  # first: it knows the way to tests/milter; pylint: disable=unused-import
import opendkim
from bench import wait_for
from postfix import without_received
from run import case, main
import sendmail
from sendmailbench import SendmailBench
from talk import arrives, expect, judged_as, says, send, submit
from tap import Skip

# Each is for one sender only.
RULES = """
[policy later]
Tempfail = ENCODED_MESSAGE_ID
[rule later]
Sender = @later.example
Policy = later
[rule off]
Sender = @off.example
Policy = off
[rule hop]
Sender = hop@macro.example
NextHop = 127.0.0.1
Policy = microsoft365
[rule address]
Sender = address@macro.example
Macro = {client_addr} = 127.0.0.2
Policy = microsoft365
[rule name]
Sender = name@macro.example
Client = mx.partner.example
Policy = microsoft365
[rule user]
Sender = user@macro.example
SaslUser = ann@mta.example
Policy = microsoft365
[rule daemon]
Sender = daemon@macro.example
Macro = {daemon_name} = All
Policy = microsoft365
[rule macros]
Sender = @macro.example
Policy = watch
"""

SIGNER = """\
define(`MAILMEND_SIGNER', `%s')dnl
INPUT_MAIL_FILTER(`sign', `S='MAILMEND_SIGNER`, F=T')dnl"""

# ---- what is not as with Postfix ----------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Difference:
    """What Sendmail does to @sent: the client's reply, what the filter finds and what arrives;
    None: that is not looked at."""
    what: str
    sent: bytes
    reply: tuple = (250, "2.0.0 ")
    labels: str = ""
    arrives: bytes = None


def changed(old, new, data=mail.CLEAN):
    assert data.count(old) == 1, old
    return data.replace(old, new)


SUBJECT = b"Subject: clean\r\n"
BODY = b"Nothing is wrong"
TO = b"To: bob@example.org\r\n"

DIFFERENCES = [
    Difference("a lone CR in the header ends the session", changed(b": clean", b": cl\rean"),
               (421, "4.5.0 Bare carriage return (CR) not allowed")),
    Difference("a lone LF in the header ends the session", changed(SUBJECT, b"Subject: a\n"),
               (421, "4.5.0 Bare linefeed (LF) not allowed")),
    Difference("a lone LF in the body ends the session", changed(BODY, b"No\nthing"),
               (421, "4.5.0 Bare linefeed (LF) not allowed")),
    Difference("CR CR LF ends the session", changed(b"this.\r\n", b"this.\r\r\n"),
               (421, "4.5.0 Bare carriage return (CR) not allowed")),
    Difference("more than 32 KB of header are refused",
               b"".join(b"X-%d: %s\r\n" % (n, b"a" * 900) for n in range(37)) + mail.CLEAN,
               (552, "5.6.0 Headers too large (32768 max)")),
    Difference("a NUL in the header is left out", changed(b": clean", b": cl\0ean"),
               arrives=mail.CLEAN),
    Difference("a NUL in the body reaches the filter", changed(BODY, b"No\0thing"),
               labels="NUL_BYTE"),
    Difference("the blank before a colon is lost", changed(b"Subject:", b"Subject :"),
               arrives=mail.CLEAN),
    Difference("a From_ line is lost", b"From a@example.com Tue Jul  1 10:52:37 2003\r\n" +
               mail.CLEAN, arrives=mail.CLEAN),
    Difference("Bcc, Return-Path and Content-Length are shown to the filter, and lost",
               b"Bcc: x@example.org\r\nReturn-Path: <q@example.com>\r\nContent-Length: 3\r\n" +
               mail.CLEAN, arrives=mail.CLEAN),
    Difference("lists of addresses are written anew",
               changed(TO, b"To: a@example.org,B <b@example.org>\r\nCc: c@example.org\r\n"
                           b"\t,d@example.org\r\n"),
               arrives=changed(TO, b"To: a@example.org, B <b@example.org>\r\n"
                                   b"Cc: c@example.org, d@example.org\r\n")),
    Difference("leading blanks of values, and values without, reach the filter and stay",
               b"X-None:v\r\nX-Tab:\tv\r\nX-Two:  v \r\nX-Empty:\r\nX-Blank: \r\nX-Fold:\r\n v\r\n"
               + mail.CLEAN,
               arrives=b"X-None:v\r\nX-Tab:\tv\r\nX-Two:  v \r\nX-Empty:\r\nX-Blank: \r\n"
                       b"X-Fold:\r\n v\r\n" + mail.CLEAN),
]


def send_raw(smtp, data, sender, recipient):
    """As submit, but not a byte is made right by smtplib."""
    smtp.mail(sender)
    smtp.rcpt(recipient)
    assert smtp.docmd("DATA")[0] == 354
    smtp.send(data + b".\r\n")
    code, text = smtp.getreply()
    return code, text.decode()


def check_difference(bench, number, row):
    sender, recipient = f"d{number}@watched.example", f"d{number}@example.org"
    smtp = bench.mta.client()
    smtp.ehlo()
    reply = send_raw(smtp, row.sent, sender, recipient)
    smtp.close()
    assert (reply[0], reply[1][:len(row.reply[1])]) == row.reply, (row.what, reply)
    if reply[0] != 250:
        assert bench.filter.lines_from(sender) == [], row.what
        return
    line = bench.filter.line_from(sender)
    assert line["labels"] == row.labels, (row.what, line)
    delivery, = bench.sink.wait(recipient)
    if row.arrives is not None:
        expect(without_received(delivery.data), row.arrives)


def register_differences():
    for number, row in enumerate(DIFFERENCES):
        case(row.what)(lambda bench, number=number, row=row: check_difference(bench, number, row))


register_differences()


@case("what is missing is added where Sendmail would; MIME-Version comes last")
def missing(bench):
    data = mail.without(mail.CLEAN, b"message-id", b"date", b"mime-version")
    got, line = arrives(bench, data, "missing@example.com", "missing@example.org")
    says(line, action="fix", left="",
         fixed="MISSING_DATE_HEADER|MISSING_MESSAGE_ID_HEADER|MISSING_MIME_VERSION")
    names = [field.partition(b":")[0] for field in mail.fields(got)]
    assert names == [b"Date", b"Message-Id", b"From", b"To", b"Subject", b"Content-Type",
                     b"MIME-Version"], names
    assert line["newmid"].encode() in mail.field(got, b"Message-Id"), got
    expect(mail.without(got, b"message-id", b"date", b"mime-version"), data)


@case("what is missing and not mended is added by Sendmail, behind the filter")
def missing_watched(bench):
    data = mail.without(mail.CLEAN, b"message-id", b"date")
    got, line = arrives(bench, data, "missing@watched.example", "missing2@example.org")
    says(line, action="log", labels="MISSING_DATE_HEADER|MISSING_MESSAGE_ID_HEADER")
    assert mail.field(got, b"Message-Id").endswith(b"@mta.example>\r\n"), got
    expect(mail.without(got, b"message-id", b"date"), data)


@case("a header line without a colon: Sendmail ends the header there, and adds what it now misses")
def no_colon(bench):
    head, tail = mail.CLEAN.split(SUBJECT)
    got, line = arrives(bench, head + b"Subject clean\r\n" + tail, "colon@example.com",
                        "colon@example.org")
    says(line, action="log", labels="MISSING_COLON_VALUE", fixed="", edits="")
    expect(mail.without(got, b"date", b"message-id"), head + b"\r\nSubject clean\r\n" + tail)


@case("doubled fields are deleted, the rest stays in its order")
def doubled(bench):
    extra = b"X-1: 1\r\nMIME-Version: 1.0\r\nX-2: 2\r\nMIME-Version: 1.0\r\nX-3: 3\r\n"
    data = changed(SUBJECT, SUBJECT + extra)
    got, line = arrives(bench, data, "doubled@example.com", "doubled@example.org")
    says(line, action="fix", fixed="DUPLICATE_HEADER", left="", edits="delheader:2")
    kept = [field for field in mail.fields(data) if not field.startswith(b"MIME-Version")]
    assert [field for field in mail.fields(got) if not field.startswith(b"MIME-Version")] == kept
    expect(mail.field(got, b"MIME-Version"), b"MIME-Version: 1.0\r\n")


@case("a body in 8 bits gets an encoding, and 8BITMIME mail that declares it stays as it is")
def eight_bit(bench):
    data = changed(BODY, "Gr\u00fc\u00dfe".encode())
    got, line = arrives(bench, data, "eight@example.com", "eight@example.org")
    says(line, action="fix", left="", fixed="CHARSET_MISMATCH|NEEDS_TRANSFER_ENCODING")
    assert mail.leaves(got) == [("text/plain", "Gr\u00fc\u00dfe with this.\r\n".encode())], got
    data = changed(b"us-ascii\r\n", b"utf-8\r\nContent-Transfer-Encoding: 8bit\r\n", data)
    got, line = arrives(bench, data, "eight2@example.com", "eight2@example.org", ["BODY=8BITMIME"])
    says(line, action="none", labels="")
    expect(got, data)


@case("lines over 990: Sendmail breaks them and adds '!' to the body, of what was mended none")
def long_lines(bench):
    data = changed(SUBJECT, b"Subject: " + b"word " * 600 + b"\r\n") + b"word " * 600 + b"\r\n"
    filters = bench.mta
    with bench.make_mta(line_limit=990) as bench.mta:
        try:
            watched, _ = arrives(bench, data, "long@watched.example", "long1@example.org")
            mended, line = arrives(bench, data, "long@example.com", "long2@example.org")
        finally:
            bench.mta = filters
    assert b"!\r\n" in watched[mail.end(watched):], watched
    says(line, fixed="HEADER_LINE_TOO_LONG|LINE_TOO_LONG", left="")
    (_, text), = mail.leaves(mended)
    expect(text, data[mail.end(data) + 2:])
    expect(re.sub(rb"\r\n(?=[ \t])", b"", mail.field(mended, b"subject")),
           mail.field(data, b"subject"))


# ---- policies -----------------------------------------------------------------------------------

@case("Tempfail: 4xx with our text, nothing is queued")
def tempfailed(bench):
    reply = send(bench, mail.FOUNDING, "t@later.example", "later@example.org")
    assert reply[0] == 451 and "ENCODED_MESSAGE_ID" in reply[1], reply
    says(bench.filter.line_from("t@later.example"), action="tempfail", rule="later")
    assert bench.mta.queued() == 0 and bench.sink.to("later@example.org") == []


@case("off: not judged, no line; the next message of the session is")
def off(bench):
    with bench.mta.client() as smtp:
        smtp.ehlo()
        assert submit(smtp, mail.FOUNDING, "o@off.example", "off@example.org")[0] == 250
        assert submit(smtp, mail.FOUNDING, "on@example.com", "on@example.org")[0] == 250
    expect(without_received(bench.sink.wait("off@example.org")[0].data), mail.FOUNDING)
    expect(without_received(bench.sink.wait("on@example.org")[0].data), mail.MENDED)
    assert bench.filter.lines_from("o@off.example") == []


@case("several recipients, one of them refused: one line, one mended message")
def recipients(bench):
    with bench.mta.client() as smtp:
        refused = smtp.sendmail("many@example.com", ["m1@example.org", "@@", "m2@example.org",
                                                     "m3@example.org"], mail.FOUNDING)
    assert list(refused) == ["@@"], refused
    says(bench.filter.line_from("many@example.com"), action="fix", nrcpt="3")
    delivery, = bench.sink.wait("m2@example.org")
    assert set(delivery.recipients) == {"m1@example.org", "m2@example.org", "m3@example.org"}
    expect(without_received(delivery.data), mail.MENDED)


@case("mail of a client that is not trusted is only watched, of its users who log in, mended")
def other_clients(bench):
    mended = ("fix", "microsoft365", "submission")
    for name, user, want in (("guest", None, ("log", "watch", "default", "")),
                             ("ann", "ann", (*mended, "ann")),
                             ("realm", "ann@mta.example", (*mended, "ann@mta.example"))):
        sender = name + "@partner.example"
        with bench.mta.client("127.0.0.2") as smtp:
            smtp.ehlo()
            if user is not None:
                smtp.login(user, sendmail.PASSWORD)
            assert submit(smtp, mail.FOUNDING, sender, name + "@example.org")[0] == 250
        judged_as(bench, sender, want, "mx.partner.example[127.0.0.2]")
        delivery, = bench.sink.wait(name + "@example.org")
        expect(without_received(delivery.data), mail.MENDED if user else mail.FOUNDING)


@case("rules see macros that the configuration of Sendmail does not name")
def macros(bench):
    for name in ("hop", "address", "name", "user", "daemon"):
        with bench.mta.client("127.0.0.2") as smtp:
            smtp.ehlo()
            if name == "user":
                smtp.login("ann@mta.example", sendmail.PASSWORD)
            reply = submit(smtp, mail.FOUNDING, name + "@macro.example", name + "@example.org")
            assert reply[0] == 250, reply
        says(bench.filter.line_from(name + "@macro.example"), action="fix", rule=name)


@case("a signer that comes behind in sendmail.mc signs what was mended")
def signed(bench):
    if opendkim.PROGRAM is None:
        raise Skip("opendkim is not installed")
    data = mail.FOUNDING.replace(b"ann@example.com", b"ann@" + opendkim.DOMAIN.encode())
    with tempfile.TemporaryDirectory(dir="/run") as folder:
        os.chmod(folder, 0o755)
        key = opendkim.Key(folder)
        with opendkim.Signer(folder, key, "simple/simple", True) as signer, \
                bench.make_mta(more=SIGNER % signer.address) as mta:
            with mta.client() as smtp:
                smtp.ehlo()
                assert submit(smtp, data, "signed@example.com", "signed@example.org")[0] == 250
            got = bench.sink.wait("signed@example.org")[0].data
        says(bench.filter.line_from("signed@example.com"), action="fix")
        expect(mail.field(got, b"message-id"), mail.MENDED_HEADER)
        spoilt = changed(b"Subject: clean", b"Subject: Clean", got)
        assert opendkim.verified(folder, key, [got, spoilt]) == [True, False], got


# ---- sendmail(1) --------------------------------------------------------------------------------

@case("sendmail(1), sendmail -t: mended, though they come by SMTP with a Received field")
def command(bench):
    data = mail.without(mail.FOUNDING, b"date").replace(b"\r\n", b"\n")
    for n, args in enumerate((["c0@example.org"], ["-t"])):
        text = data.replace(b"bob@", b"c%d@" % n)
        bench.mta.sendmail("-i", "-f", f"cmd{n}@example.com", *args, data=text)
        got = bench.sink.wait(f"c{n}@example.org")[0].data
        says(bench.filter.line_from(f"cmd{n}@example.com"), action="fix", rule="command",
             labels="ENCODED_MESSAGE_ID", fixed="ENCODED_MESSAGE_ID", left="")
        expect(mail.field(got, b"message-id"), mail.MENDED_HEADER)
        got = without_received(without_received(got))
        expect(mail.without(got, b"date"),
               mail.without(mail.MENDED, b"date").replace(b"bob@", b"c%d@" % n))


@case("what a content filter hands back is not sendmail(1), though the command wrote it")
def not_command(bench):
    bench.mta.sendmail("-i", "-f", "origin@watched.example", "origin@example.org",
                       data=mail.FOUNDING.replace(b"\r\n", b"\n"))
    again = bench.sink.wait("origin@example.org")[0].data
    assert again.count(b"\nReceived: (from ") == 1, again
    for n, data in enumerate((again, without_received(again).replace(b"by mta.", b"by other."),
                              b"Received: from x.example by mta.example; x\r\n" + mail.FOUNDING)):
        _, line = arrives(bench, data, f"again{n}@example.com", f"again{n}@example.org")
        says(line, rule="default", policy="watch")
    _, line = arrives(bench, mail.FOUNDING, "none@example.com", "none@example.org")
    says(line, rule="relay")


@case("sendmail -Am: what is not handed to the daemon passes no filter")
def command_direct(bench):
    bench.mta.run("sendmail", "-Am", "-C", bench.mta.config("sendmail"), "-i", "-f",
                  "direct@example.com", "direct@example.org",
                  data=mail.FOUNDING.replace(b"\r\n", b"\n"))
    expect(without_received(bench.sink.wait("direct@example.org")[0].data), mail.FOUNDING)
    assert bench.filter.lines_from("direct@example.com") == []


@case("sendmail(1): a refusal comes back as a bounce with 5.6.0")
def command_refused(bench):
    bench.mta.sendmail("-i", "-f", "cmd@refuse.example", "no@example.org",
                       data=mail.FOUNDING.replace(b"\r\n", b"\n"))
    says(bench.filter.line_from("cmd@refuse.example"), action="reject", rule="refuse")
    bounce, = bench.sink.wait("cmd@refuse.example")
    assert bounce.sender.startswith("<>"), bounce
    assert b"\r\nStatus: 5.6.0\r\n" in bounce.data, bounce.data
    assert b"Message has conformance issues: ENCODED_MESSAGE_ID" in bounce.data
    assert bench.sink.to("no@example.org") == []


@case("sendmail(1) while the filter is down: the message waits, then arrives mended")
def command_waits(bench):
    bench.filter.kill()
    try:
        bench.mta.sendmail("-i", "-f", "wait@example.com", "wait@example.org",
                           data=mail.FOUNDING.replace(b"\r\n", b"\n"))
        deferred = "stat=Deferred: 451 4.3.2 Please try again later"
        assert wait_for(lambda: deferred in bench.mta.log()), bench.mta.log()
        assert bench.sink.to("wait@example.org") == []
    finally:
        bench.filter.start()
    bench.mta.run("sendmail", "-Ac", "-C", bench.mta.config("submit"), "-q")
    delivery, = bench.sink.wait("wait@example.org")
    expect(without_received(without_received(delivery.data)), mail.MENDED)


if __name__ == "__main__":
    main(RULES, kind=SendmailBench)
