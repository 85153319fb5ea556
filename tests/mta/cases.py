# SPDX-License-Identifier: BSD-2-Clause
"""What must be so behind every MTA: cases that test_postfix.py and test_sendmail.py share.

Importing it makes them cases of the program. @bench.mta is the MTA. Every case has a sender and a
recipient of its own, so that none depends on another.
"""

import base64
import os
import random
import re
import subprocess
import threading

import mail
from bench import SIZE_LIMIT  # first: it knows the way to tests/milter
from milterdaemon import BINARY
from postfix import without_received
from run import case
from talk import arrives, expect, says, send, submit

# ---- what is mended, and what is not ------------------------------------------------------------

@case("the founding message leaves with its own id, and nothing else has changed")
def founding(bench):
    got, line = arrives(bench, mail.FOUNDING, "founding@example.com", "founding@example.org")
    expect(got, mail.MENDED)
    says(line, action="fix", labels="ENCODED_MESSAGE_ID", fixed="ENCODED_MESSAGE_ID", left="",
         policy="microsoft365", rule="relay", nrcpt="1", newmid=mail.FOUNDING_ID.decode(),
         size=str(len(mail.FOUNDING)), newsize=str(len(mail.MENDED)))
    assert line["client"].endswith("[127.0.0.1]"), line


@case("the original is kept as it was sent, and beside it what leaves; diff shows both")
def originals(bench):
    got, line = arrives(bench, mail.FOUNDING, "kept@example.com", "kept@example.org")
    for suffix, want in ((".eml", mail.FOUNDING), (".mended.eml", got)):
        with open(os.path.join(bench.kept, line["id"] + suffix), "rb") as file:
            expect(file.read(), want)
    with open(os.path.join(bench.kept, line["id"] + ".envelope"), encoding="ascii") as file:
        assert "from=kept@example.com\n" in file.read()
    command = os.environ.get("MAILMEND", os.path.join(os.path.dirname(BINARY), "mailmend"))
    out = subprocess.run([command, "diff", "--config", bench.filter.config, line["id"]],
                         stdout=subprocess.PIPE, check=True, timeout=60).stdout
    assert b"\n-Message-ID: =?utf-8?q?=3C" in out, out
    assert b"\n+Message-ID: " + mail.FOUNDING_ID + b"\n" in out, out


@case("a clean message is not changed")
def clean(bench):
    got, line = arrives(bench, mail.CLEAN, "clean@example.com", "clean@example.org")
    expect(got, mail.CLEAN)
    says(line, action="none", labels="", fixed="", left="", edits="")


@case("odd but legal shapes pass to the octet")
def odd(bench):
    got, line = arrives(bench, mail.ODD, "odd@example.com", "odd@example.org")
    expect(got, mail.ODD + b"\r\n")  # the MTA ends the last line
    says(line, action="none", labels="")


@case("a mended message is not mended again")
def idempotent(bench):
    data = mail.without(mail.FOUNDING, b"mime-version", b"date") + "h\u00e9 ".encode() * 400
    once, line = arrives(bench, data, "first@example.com", "first@example.org")
    says(line, action="fix", left="")
    twice, line = arrives(bench, once, "second@example.com", "second@example.org")
    expect(twice, once)
    says(line, action="none", labels="")


@case("5 MB of attachment pass to the octet beside a text part that is mended")
def attachment(bench):
    octets = random.Random(1).randbytes(5 * 1000 * 1000)
    attached = base64.encodebytes(octets).replace(b"\n", b"\r\n")
    text = b"<p>" + b"word " * 400 + b"</p>\r\n"
    head = mail.CLEAN[:mail.end(mail.CLEAN)].replace(b"text/plain; charset=us-ascii",
                                                     b"multipart/mixed; boundary=b")
    parts = (b"\r\n--b\r\nContent-Type: text/html; charset=us-ascii\r\n\r\n", text,
             b"--b\r\nContent-Type: application/octet-stream\r\n"
             b"Content-Disposition: attachment; filename=random\r\n"
             b"Content-Transfer-Encoding: base64\r\n\r\n" + attached + b"--b--\r\n")
    got, line = arrives(bench, head + b"".join(parts), "large@example.com", "large@example.org")
    says(line, action="fix", fixed="LINE_TOO_LONG", left="")
    expect(got[:len(head)], head)
    expect(got[-len(parts[2]):], parts[2])
    assert max(map(len, got.splitlines())) <= 998
    assert mail.leaves(got) == [("text/html", text[:-2]), ("application/octet-stream", octets)]


@case("300 header fields are mended, more than edits from the top down could be")
def many_headers(bench):
    raw = [b"X-Line-%d: gr\xc3\xbcn %d\r\n" % (i, i) for i in range(300)]
    data = b"".join(raw) + mail.CLEAN
    got, line = arrives(bench, data, "headers@example.com", "headers@example.org")
    says(line, action="fix", fixed="RAW_8BIT_HEADER", left="")
    fields = mail.fields(got)
    assert len(fields) == len(mail.fields(data))
    for i, field in enumerate(fields[:300]):
        assert re.match(rb"X-Line-%d: =\?utf-8\?[qb]\?" % i, field, re.IGNORECASE), field
    expect(b"".join(fields[300:]) + got[mail.end(got):], mail.CLEAN)


@case("a mended body that would pass the size limit stays as it is")
def growth(bench):
    line_of_text = b"=" * 9998 + b"\r\n"  # three octets each in quoted-printable
    head = mail.CLEAN[:mail.end(mail.CLEAN)] + b"\r\n"
    data = head + line_of_text * ((SIZE_LIMIT - 20000) // len(line_of_text))
    got, line = arrives(bench, data, "growth@example.com", "growth@example.org")
    expect(got, data)
    says(line, labels="LINE_TOO_LONG", fixed="", left="LINE_TOO_LONG", edits="")
    assert "toolarge" in " ".join(line.values()), line


@case("just below the size limit a header is mended and the body, though in need of it, is not")
def growth_header(bench):
    line_of_text = b"=" * 9998 + b"\r\n"
    head = mail.FOUNDING[:mail.end(mail.FOUNDING)] + b"\r\n"
    body = line_of_text * ((SIZE_LIMIT - 20000) // len(line_of_text))
    got, line = arrives(bench, head + body, "growth2@example.com", "growth2@example.org")
    says(line, action="fix", fixed="ENCODED_MESSAGE_ID", left="LINE_TOO_LONG")
    expect(got, head.replace(mail.FOUNDING_HEADER, mail.MENDED_HEADER) + body)


# ---- policies -----------------------------------------------------------------------------------

@case("MISSING_DATE_HEADER is refused with 552 5.6.0, nothing is queued")
def refused(bench):
    data = mail.without(mail.CLEAN, b"date")
    reply = send(bench, data, "date@refuse.example", "date@example.org")
    assert reply == (552, "5.6.0 Message has conformance issues: MISSING_DATE_HEADER"), reply
    says(bench.filter.line_from("date@refuse.example"), action="reject", rule="refuse",
         labels="MISSING_DATE_HEADER", fixed="", edits="")
    assert bench.sink.to("date@example.org") == []


@case("a refusal names every label it is for, sorted")
def refused_two(bench):
    data = mail.without(mail.FOUNDING, b"date")
    reply = send(bench, data, "two@refuse.example", "two@example.org")
    assert reply == (552, "5.6.0 Message has conformance issues: "
                          "ENCODED_MESSAGE_ID|MISSING_DATE_HEADER"), reply


@case("two senders, two policies: one message is mended, refused, held, or only watched")
def policies(bench):
    got, line = arrives(bench, mail.FOUNDING, "p@example.com", "p1@example.org")
    says(line, action="fix", policy="microsoft365", rule="relay")
    expect(got, mail.MENDED)
    got, line = arrives(bench, mail.FOUNDING, "p@watched.example", "p2@example.org")
    says(line, action="log", policy="watch", rule="watched", labels="ENCODED_MESSAGE_ID")
    expect(got, mail.FOUNDING)
    got, line = arrives(bench, mail.FOUNDING, "p@shadow.example", "p3@example.org")
    says(line, would="fix", policy="microsoft365", rule="shadow")
    expect(got, mail.FOUNDING)
    reply = send(bench, mail.FOUNDING, "p@refuse.example", "p4@example.org")
    assert reply[0] == 552, reply
    reply = send(bench, mail.FOUNDING, "p@hold.example", "p5@example.org")
    assert reply[0] == 250, reply
    says(bench.filter.line_from("p@hold.example"), action="quarantine", policy="hold")
    queue_id = bench.filter.line_from("p@hold.example")["id"]
    assert bench.mta.is_held(queue_id)
    assert bench.sink.to("p5@example.org") == []
    bench.mta.release(queue_id)
    delivery, = bench.sink.wait("p5@example.org")
    expect(without_received(delivery.data), mail.FOUNDING)
    assert bench.sink.to("p4@example.org") == []


@case("mail that has a Received field already is only watched")
def second_hop(bench):
    data = b"Received: from x.example by y.example; Tue, 1 Jul 2003 10:52:37 +0200\r\n" \
           + mail.FOUNDING
    got, line = arrives(bench, data, "hop@example.com", "hop@example.org")
    says(line, action="log", policy="watch", rule="default")
    expect(got, data)


@case("the null sender: headers are completed, the body is not touched")
def null_sender(bench):
    body = b"x " * 2000 + b"\r\n"
    data = mail.without(mail.CLEAN, b"message-id") + body
    reply = send(bench, data, "", "null@example.org")
    assert reply[0] == 250, reply
    got = without_received(bench.sink.wait("null@example.org")[0].data)
    line, = [f for f in bench.filter.lines_from("") if f["id"] in reply[1]]
    says(line, action="fix", fixed="MISSING_MESSAGE_ID_HEADER", left="LINE_TOO_LONG")
    assert mail.field(got, b"message-id").endswith(b"@example.com>\r\n"), got[:1000]
    expect(mail.without(got, b"message-id"), data)


@case("the null sender is not refused by a rule that does not name it")
def null_sender_refused(bench):
    data = mail.without(mail.CLEAN, b"date").replace(b"ann@example.com", b"ann@refuse.example")
    reply = send(bench, data, "", "bounce@example.org")
    assert reply[0] == 250, reply
    line, = [f for f in bench.filter.lines_from("") if f["id"] in reply[1]]
    says(line, policy="refuse", rule="refuse-author", labels="MISSING_DATE_HEADER", fixed="")
    assert line["action"] == "log", line
    reply = send(bench, data, "author@example.com", "author@example.org")
    assert reply[0] == 552, reply


# ---- sessions -----------------------------------------------------------------------------------

@case("a client that leaves the brackets out is not sendmail(1)")
def no_brackets(bench):
    with bench.mta.client() as smtp:
        smtp.ehlo()
        smtp.docmd("MAIL FROM:bare@example.com")
        smtp.rcpt("bare@example.org")
        assert smtp.data(mail.FOUNDING)[0] == 250
    says(bench.filter.line_from("bare@example.com"), rule="relay")


@case("one session: mended, RSET, clean, refused, mended")
def one_session(bench):
    with bench.mta.client() as smtp:
        smtp.ehlo()
        first = submit(smtp, mail.FOUNDING, "s1@example.com", "s1@example.org")
        smtp.mail("s2@example.com")
        smtp.rcpt("s2@example.org")
        assert smtp.rset()[0] == 250
        second = submit(smtp, mail.CLEAN, "s3@example.com", "s3@example.org")
        third = submit(smtp, mail.FOUNDING, "s4@refuse.example", "s4@example.org")
        fourth = submit(smtp, mail.FOUNDING, "s5@example.com", "s5@example.org")
    assert [r[0] for r in (first, second, third, fourth)] == [250, 250, 552, 250]
    for name, want in (("s1", mail.MENDED), ("s3", mail.CLEAN), ("s5", mail.MENDED)):
        delivery, = bench.sink.wait(f"{name}@example.org")
        expect(without_received(delivery.data), want)
    lines = [bench.filter.lines_from(s)
             for s in ("s1@example.com", "s2@example.com", "s3@example.com",
                       "s4@refuse.example", "s5@example.com")]
    assert [[f["action"] for f in l] for l in lines] == [["fix"], [], ["none"], ["reject"],
                                                         ["fix"]], lines


@case("a client that goes away in the middle of a message leaves nothing behind")
def half_a_message(bench):
    with bench.mta.client() as smtp:
        smtp.ehlo()
        smtp.mail("half@example.com")
        smtp.rcpt("half@example.org")
        smtp.docmd("DATA")
        smtp.send(mail.FOUNDING)
        smtp.close()
    got, _ = arrives(bench, mail.FOUNDING, "whole@example.com", "whole@example.org")
    expect(got, mail.MENDED)
    assert bench.sink.to("half@example.org") == []
    assert bench.filter.lines_from("half@example.com") == []


@case("ten sessions at once: every message arrives once, and is mended")
def parallel(bench):
    replies = []

    def session(number):
        with bench.mta.client() as smtp:
            smtp.ehlo()
            for n in range(5):
                replies.append(submit(smtp, mail.FOUNDING, f"{number}-{n}@many.example",
                                      "many@example.org")[0])

    threads = [threading.Thread(target=session, args=(n,)) for n in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert replies == [250] * 50, replies
    for delivery in bench.sink.wait("many@example.org", 50):
        expect(without_received(delivery.data), mail.MENDED)
    lines = [f for f in bench.filter.messages() if f["from"].endswith("@many.example>")]
    assert [f["action"] for f in lines] == ["fix"] * 50
