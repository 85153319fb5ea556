#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Mail through a real Postfix with mailmend-milter in front. Prints TAP.

$MAILMEND_MILTER is the program. It takes root, see postfix.py. These are the cases of cases.py, and
those in which Postfix is not like Sendmail. Every case has a sender and a recipient of its own, so
that none depends on another.
"""

import re
import time

import mail
from bench import wait_for  # first: it knows the way to tests/milter
import cases  # pylint: disable=unused-import
from postfix import without_received
from run import case, main
from talk import arrives, expect, judged_as, says, submit

# ---- what is mended, and what is not ------------------------------------------------------------

@case("what is missing is appended: Message-ID, Date, MIME-Version")
def missing(bench):
    data = mail.without(mail.CLEAN, b"message-id", b"date", b"mime-version")
    got, line = arrives(bench, data, "missing@example.com", "missing@example.org")
    says(line, action="fix", left="",
         fixed="MISSING_DATE_HEADER|MISSING_MESSAGE_ID_HEADER|MISSING_MIME_VERSION")
    expect(mail.field(got, b"MIME-Version"), b"MIME-Version: 1.0\r\n")
    assert re.fullmatch(rb"Message-ID: <[!-;=?-~]+@example\.com>\r\n",
                        mail.field(got, b"Message-ID")), got
    assert re.fullmatch(rb"Date: .* [+-]\d{4}\r\n", mail.field(got, b"Date")), got
    expect(mail.without(got, b"message-id", b"date", b"mime-version"), data)


@case("a header line without a colon: Postfix ends the header there, the log says so")
def no_colon(bench):
    head, tail = mail.CLEAN.split(b"Subject: clean\r\n")
    got, line = arrives(bench, head + b"Subject clean\r\n" + tail, "colon@example.com",
                        "colon@example.org")
    expect(got, head + b"\r\nSubject clean\r\n" + tail)
    says(line, action="log", labels="MISSING_COLON_VALUE", fixed="", edits="")


# ---- policies -----------------------------------------------------------------------------------

@case("mail of a client that is not trusted is only watched, of its users who log in, mended")
def other_clients(bench):
    for name, login, want in (("guest", "", ("log", "watch", "default", "")),
                              ("ann", " LOGIN=ann", ("fix", "microsoft365", "submission", "ann"))):
        sender = name + "@partner.example"
        with bench.mta.client() as smtp:
            smtp.ehlo()
            reply = smtp.docmd("XCLIENT", "NAME=mx.partner.example ADDR=192.0.2.1" + login)
            assert reply[0] == 220, reply
            smtp.ehlo()
            assert submit(smtp, mail.FOUNDING, sender, name + "@example.org")[0] == 250
        judged_as(bench, sender, want, "mx.partner.example[192.0.2.1]")
        delivery, = bench.sink.wait(name + "@example.org")
        expect(without_received(delivery.data), mail.MENDED if login else mail.FOUNDING)


@case("SMTPUTF8 makes UTF-8 in headers right; without it the same message is mended")
def smtputf8(bench):
    data = mail.CLEAN.replace(b"Subject: clean", "Subject: gr\u00fcn".encode())
    sender = "gr\u00fcn@example.com"
    with bench.mta.client() as smtp:
        smtp.ehlo()
        smtp.command_encoding = "utf-8"
        reply = submit(smtp, data, sender, "eai@example.org", ["SMTPUTF8", "BODY=8BITMIME"])
        assert reply[0] == 250, reply
    delivery, = bench.sink.wait("eai@example.org")
    assert "SMTPUTF8" in delivery.sender, delivery
    expect(without_received(delivery.data), data)
    line, = [f for f in bench.filter.messages() if f["id"] in reply[1]]
    says(line, action="none", labels="", **{"from": "<gr\\xc3\\xbcn@example.com>"})
    got, line = arrives(bench, data, "plain@example.com", "plain@example.org")
    says(line, action="fix", fixed="RAW_8BIT_HEADER")
    expect(got, data.replace(mail.field(data, b"subject"), mail.field(got, b"subject")))
    got[:mail.end(got)].decode("ascii")


# ---- sendmail(1) --------------------------------------------------------------------------------

@case("sendmail(1): mended too; what Postfix added is not missing")
def command(bench):
    data = mail.without(mail.FOUNDING, b"date").replace(b"\r\n", b"\n")
    bench.mta.sendmail("-i", "-f", "cmd@example.com", "cmd@example.org", data=data)
    got = bench.sink.wait("cmd@example.org")[0].data
    says(bench.filter.line_from("cmd@example.com"), action="fix", rule="command",
         labels="ENCODED_MESSAGE_ID", fixed="ENCODED_MESSAGE_ID", left="")
    expect(mail.field(got, b"message-id"), mail.MENDED_HEADER)
    got = without_received(got)
    expect(mail.without(got, b"date"), mail.without(mail.MENDED, b"date"))


@case("sendmail(1): a refusal comes back as a bounce with 5.6.0")
def command_refused(bench):
    data = mail.FOUNDING.replace(b"\r\n", b"\n")
    bench.mta.sendmail("-i", "-f", "cmd@refuse.example", "no@example.org", data=data)
    bounce, = bench.sink.wait("cmd@refuse.example")
    assert bounce.sender.startswith("<>"), bounce
    assert b"\r\nStatus: 5.6.0\r\n" in bounce.data, bounce.data
    assert b"Message has conformance issues:" in bounce.data
    assert b"ENCODED_MESSAGE_ID" in bounce.data
    says(bench.filter.line_from("cmd@refuse.example"), action="reject", rule="refuse")
    assert bench.sink.to("no@example.org") == []


@case("sendmail(1) while the filter is down: the message waits, then arrives mended")
def command_waits(bench):
    bench.filter.kill()
    try:
        bench.mta.sendmail("-i", "-f", "wait@example.com", "wait@example.org",
                           data=mail.FOUNDING.replace(b"\r\n", b"\n"))
        assert wait_for(lambda: "milter-reject: " in bench.mta.log()
                        or "warning: connect to Milter" in bench.mta.log())
        time.sleep(2)  # pickup has tried more than once
        assert bench.sink.to("wait@example.org") == []
    finally:
        bench.filter.start()
    delivery, = bench.sink.wait("wait@example.org", seconds=90)
    expect(without_received(delivery.data), mail.MENDED)


if __name__ == "__main__":
    main()
