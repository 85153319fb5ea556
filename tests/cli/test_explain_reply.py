#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""mailmend explain --reply: from what a server said to labels and policy.

Prints TAP. MAILMEND names the binary (default: ./mailmend). Standard library only.
"""
import re
import sys

from clitest import CLEAN, equal, has, main, run, source

EVIDENCE = {"proven", "documented", "reported", "inferred"}
CORRUPT = ("554 5.6.0 Corrupt message content; STOREDRV.Deliver.Exception:"
           "ConversionFailedException; Failed to process message due to a permanent exception")
GMAIL = "550-5.7.1 Messages missing a valid Message-ID header are not 550 5.7.1 accepted"


def explain(text, stdin=False):
    if stdin:
        result = run("explain", "--reply", "-", "--format=json", stdin=text)
    else:
        result = run("explain", "--reply=" + text, "--format=json")
    assert result.code in (0, 1), result.err
    found = result.objects[0]
    equal(result.code, 0 if found["labels"] else 1)
    return found


def first(text):
    return explain(text)["labels"][:1]


def table():
    return run("explain", "--replies", "--format=json").objects


def test_reply_table(f):
    """Every row has labels that exist, says how that is known and from where."""
    rows = table()
    labels = set(run("explain").lines)
    assert len(rows) > 40
    for row in rows:
        equal(list(row), ["example", "who", "meaning", "causes", "cure", "source"])
        assert row["who"] and row["source"] and row["meaning"].endswith("."), row
        for cause in row["causes"]:
            assert cause["label"] in labels and cause["evidence"] in EVIDENCE, cause
        # the best known comes first
        kinds = [cause["evidence"] == "inferred" for cause in row["causes"]]
        equal((row["example"], kinds), (row["example"], sorted(kinds)))
    equal(len({row["example"] for row in rows}), len(rows))


def as_log(text):
    return ("Nov 22 10:00:00 mx postfix/smtp[99]: 4RabCd1234z: to=<ann@example.net>, "
            "relay=mx.example.net[192.0.2.7]:25, delay=1, dsn=5.0.0, status=bounced (host "
            "mx.example.net[192.0.2.7] said: %s [AM6EUR05FT041.eop-eur05.prod.protection."
            "outlook.com 2026-11-22T10:00:00.123Z 08DC] (in reply to end of DATA command))" % text)


def as_lines(text):
    """A reply of several lines, wrapped at blanks, with the code in front of each."""
    code, _, rest = text.partition(" ")
    words, lines = rest.split(" "), []
    while words:
        lines.append(" ".join(words[:3]))
        words = words[3:]
    return "\r\n".join("%s%s%s" % (code[:3], "-" if line is not lines[-1] else " ", line)
                       for line in lines)


def test_reply_examples(f):
    """Each reply of the table leads to its row: alone, in a log line, wrapped, as several lines, shouted."""
    for row in table():
        example = row["example"]
        forms = [example, example.upper() if "|" not in example else example]
        if " " in example:
            forms += [as_log(example), example.replace(" ", "\n      "),
                      "  ".join(example.split(" ")) + "\r\n"]
            if re.match(r"[45]\d\d ", example):
                forms.append(as_lines(example))
        for form in forms:
            got = [match["example"] for match in explain(form)["matches"]]
            equal((form, got[:1]), (form, [example]))


def test_reply_receivers(f):
    """What the catalogue quotes of receivers is in the table, and leads to that label."""
    asked = 0
    for row in run("labels", "--format=json").objects:
        for quote in re.findall(r"\b[45]\d\d[ -](?:\(\d+\)|[^;(])+", row["receivers"] or ""):
            quote = quote.strip(" ,.")
            got = explain(quote)["labels"]
            assert row["label"] in got, (row["label"], quote, got)
            asked += 1
    assert asked >= 15, asked


def test_reply_founding(f):
    result = run("explain", "--reply", CORRUPT)
    equal((result.code, result.err), (0, ""))
    has(result.text, "ENCODED_MESSAGE_ID (reported)")
    has(result.text, "Policy = cure")
    # the words may stand unquoted on the command line
    equal(run("explain", "--reply", *CORRUPT.split(" ")).out, result.out)
    equal(first(CORRUPT), ["ENCODED_MESSAGE_ID"])
    # quoted-printable has torn it
    equal(explain(b"554 5.6.0 Corrupt message content; STOREDRV.Deliver.Exc=\r\n"
                  b"eption:ConversionFailedExcep=\r\ntion", stdin=True)["labels"][0],
          "ENCODED_MESSAGE_ID")


def test_reply_general(f):
    """A row that says more hides one that says less, and words hide codes."""
    exact = explain("554 5.6.211 Invalid MIME Content: Single text value size (99) exceeded "
                    "allowed maximum (32768) for the 'X-A' header.")
    equal(exact["labels"], ["HEADER_TOO_LARGE"])
    equal(len(exact["matches"]), 1)
    equal(first(GMAIL), ["MISSING_MESSAGE_ID_HEADER"])
    for text in ("5.6.0", "554 5.6.0", "#5.6.0", "(5.6.0)", "status 5.6.0."):
        equal((text, explain(text)["matches"][0]["example"]), (text, "5.6.0"))
    for text in ("5.6.0.1", "15.6.0", "5.6", "5.6.0x", "5..0"):
        equal((text, explain(text)["matches"]), (text, []))


def test_reply_own(f):
    """Our own reply: every label it names is explained, also torn or cut."""
    names = ["ENCODED_MESSAGE_ID", "LINE_TOO_LONG", "MULTIPLE_FROM_ADDRESSES", "NUL_BYTE"]
    reply = "552 5.6.0 Message has conformance issues: " + "|".join(names)
    for text in (reply, as_log(reply), reply.replace("TOO_L", "TOO_\r\n    L"),
                 "host said:\n " + reply + "\n(in reply to end of DATA command)"):
        found = explain(text)
        equal((sorted(found["labels"]), found["named"], found["cut"]), (names, 4, False))
    assert explain(reply + "|...")["cut"]
    text = run("explain", "--reply", reply + "|...").text
    for name in names:
        has(text, "    " + name + ": ")
    has(text, "and more")
    # any text that names labels, such as a line of the log
    found = explain("action=reject labels=LINE_TOO_LONG|NUL_BYTE fixed= left=")
    equal((found["labels"], found["named"]), (["LINE_TOO_LONG", "NUL_BYTE"], 2))


def test_reply_unknown(f):
    """What is not known is not guessed."""
    for text, words in (("550 5.1.1 user unknown", "the address"),
                        ("452 4.2.2 mailbox full", "tries again"),
                        ("550 5.7.509 Access denied, sending domain does not pass DMARC",
                         "hardly a matter of the format"),
                        ("550 5.7.1 blocked", "the words of the reply decide"),
                        ("hello", "is not known"), ("550", "is not known")):
        result = run("explain", "--reply", text)
        equal((text, result.code, result.err), (text, 1, ""))
        has(result.text.replace("\n", " "), words)
        has(result.text.replace("\n", " "), "'mailmend check BOUNCE'")
        equal(explain(text)["configuration"], None)


def test_reply_configuration(f):
    """The lines to copy load without a complaint, with and without the line that is commented out."""
    f.write("m", CLEAN)
    seen = set()
    for row in table():
        seen.add(explain(row["example"])["configuration"])
    assert len(seen) > 5
    for text in seen:
        for lines in (text, text.replace("\n#Reject", "\nReject")):
            f.write("c", lines.encode())
            result = run("check", "--config", "c", "--from", "x@example.com", "m")
            equal((lines, result.code, result.err), (lines, 0, ""))


def test_reply_keeps_shipped(f):
    """Who copies the lines is told that the shipped rules end with the first of one's own."""
    f.write("none", b"")
    built_in = run("query", "--format=json", "--config", "none").objects[0]["rules"]
    f.write("c", source("packaging", "mailmend.conf").encode())
    shipped = run("query", "--format=json", "--config", "c").objects[0]["rules"]
    equal([row["rule"] for row in shipped], [row["rule"] for row in built_in])
    for text in {explain(row["example"])["configuration"] for row in table()}:
        note = " ".join(re.findall(r"^# (.*)$", text, re.M))
        has(note, "only its own rules count")
        for row in built_in[:-1]:
            has(note, row["rule"])
        has(note, "/mailmend/mailmend.conf.")
    has(run("explain", "--reply", CORRUPT).text, "only its own rules count")


def test_reply_usage(f):
    for args in (["--reply", ""], ["--reply", " \n"], ["--reply"], ["--reply", "x", "--format=xml"],
                 ["--reply", "x", "--format=man"], ["--replies", "x"], ["--replies", "--reply", "x"],
                 ["--format=json"], ["LINE_TOO_LONG", "--format=json"], ["--reply", "-"]):
        result = run("explain", *args)
        equal((args, result.code, result.out), (args, 2, b""))
        assert result.err, args


def test_reply_hostile(f):
    """Any octets and any length are a reply."""
    for text in (b"\x00\xff\x1b[2J 554 5.6.0 \x80", b"5." * 400000, b"A" * 3000000,
                 b"LINE_TOO_LONG" * 50000, b"|..." * 100000, b"\n" * 10 + b"5.6.0",
                 b"conversion failed exception" * 10000):
        result = run("explain", "--reply", "-", stdin=text)
        assert result.code in (0, 1), (text[:40], result.err)
        result.out.decode("ascii")
    has(explain(b"\x1b[2J554 5.6.0", stdin=True)["reply"], "\\x1B")


if __name__ == "__main__":
    sys.exit(main(globals()))
