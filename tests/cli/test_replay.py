#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""mailmend replay, and what check and replay make of mail that KeepOriginals has left.

Prints TAP. MAILMEND names the binary (default: ./mailmend). Standard library only.
"""
import os
import re
import sys

from clitest import CLEAN, HEAD, LONG, NO_DATE, crlf, equal, has, main, mbox, run

OLD = b"[default]\nPolicy = watch\n"
NEW = (b"[policy quiet]\nIgnore = ALL\n"
       b"[rule erp]\nClient = 10.20.0.0/16\nPolicy = microsoft365\n"
       b"[rule sender]\nSender = sender@example.org\nPolicy = quiet\n"
       b"[default]\nPolicy = watch\n")


def replay(*args, new=NEW, old=OLD):
    for name, data in (("new", new), ("old", old)):
        with open(name, "wb") as file:
            file.write(data)
    return run("replay", "--config", "new", "--against", "old", *args)


def test_replay_text(f):
    f.write("m", LONG)
    f.write("clean", CLEAN)
    result = replay("m", "clean")
    equal((result.code, result.lines), (0, ["2 messages, 0 treated differently"]))
    result = replay("--client", "10.20.1.1", "m")
    equal(result.code, 1)
    equal(result.lines[0], "m: OLD policy=watch rule=default action=log left=LINE_TOO_LONG -> "
          "NEW policy=microsoft365 rule=erp action=fix fixed=LINE_TOO_LONG")
    equal(result.lines[1:], ["1 message, 1 treated differently: rule 1, policy 1, action 1, "
                             "fixed 1, left 1, octets 1"])
    result = replay("--client", "10.20.1.1", "clean")
    has(result.lines[-1], "1 treated differently: rule 1, policy 1")
    assert "octets" not in result.lines[-1], result.lines


def test_replay_json(f):
    f.write("m", LONG)
    f.write("clean", CLEAN)
    result = replay("--format=json", "--from", "sender@example.org", "m", "clean")
    equal(result.code, 1)
    first, second, last = result.objects
    equal(list(first), ["file", "differs", "old", "new"])
    equal((first["file"], first["differs"]), ("m", ["rule", "policy", "action", "labels", "left"]))
    equal(list(first["new"]), ["policy", "rule", "action", "labels", "fixed", "left", "limit"])
    equal((first["old"]["labels"], first["new"]["labels"]), (["LINE_TOO_LONG"], []))
    equal((second["file"], second["differs"]), ("clean", ["rule", "policy"]))
    equal((last["messages"], last["differ"], last["rule"], last["octets"]), (2, 2, 2, 0))


def test_replay_same(f):
    """New ids, dates and boundaries are the same on both sides: only what differs is told."""
    two = (b"--b\n\nx\n--b\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\ny\n--b--\n--b--\n")
    f.write("m", NO_DATE.replace(b"Message-ID: <1@example.org>\n", b""))
    f.write("n", HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n" + two)
    fix = b"[policy p]\nFix = ALL\n[default]\nPolicy = p\n"
    for _ in range(3):
        result = replay("m", "n", new=fix + b"# other\n", old=fix)
        equal((result.code, result.lines[-1]), (0, "2 messages, 0 treated differently"))
    result = replay("m", new=fix, old=fix.replace(b"Fix = ALL", b"Fix = ALL | !MISSING_DATE_HEADER"))
    has(result.text, "left=MISSING_DATE_HEADER")
    equal(result.code, 1)


def test_replay_octets_only(f):
    f.write("m", HEAD + b"Content-Type: application/pdf; name=\"\xc3\xa4.pdf\"\n"
                        b"Content-Transfer-Encoding: base64\n\nAAAA\n")
    fix = b"[policy p]\nFix = ALL\n%s[default]\nPolicy = p\n"
    result = replay("m", new=fix % b"ParamStyle = rfc2231\n", old=fix % b"")
    equal(result.code, 1)
    has(result.lines[0], "(other octets)")
    has(result.lines[-1], "1 treated differently: octets 1")
    f.write("m", LONG)
    result = replay("m", new=fix.replace(b"Fix", b"Reject") % b"RejectText = no: %%L\n",
                    old=fix.replace(b"Fix", b"Reject") % b"")
    has(result.text, "action=reject")
    has(result.text, "(other reply)")
    equal(result.code, 1)


def test_replay_dry_run(f):
    f.write("m", LONG)
    result = replay("--client", "10.20.1.1", "m", new=b"[mailmend]\nDryRun = yes\n" + NEW)
    has(result.text, "action=log would=fix")
    assert "octets" not in result.text, result.text


def test_replay_off_and_oversize(f):
    f.write("m", LONG)
    result = replay("m", new=b"[default]\nPolicy = off\n")
    has(result.text, "NEW policy=off rule=default action=none")
    result = replay("m", new=b"[mailmend]\nMaxMessageSize = 1K\nOnOversize = reject\n" + OLD)
    has(result.text, "NEW policy=watch rule=default action=reject labels= limit=message_size\n")
    f.write("m", b"X-A: " + b"a" * 900 + b"\n" + (b" " + b"a" * 900 + b"\n") * 1200 + LONG)
    result = replay("m", new=b"[mailmend]\nOnOversize = reject\n" + OLD)
    has(result.text, "NEW policy=watch rule=default action=reject limit=header_block\n")


def test_replay_delivery_fields(f):
    """Without options the fields that delivery has left are the envelope."""
    f.write("m", b"Return-Path: <sender@example.org>\n" + LONG)
    equal(replay("m").code, 1)
    has(replay("m").text, "rule=sender")
    equal(replay("--from", "other@example.org", "m").code, 0)  # what is said counts
    f.write("m", b"Return-Path: <other@example.org>\n" + LONG)
    equal(replay("m").code, 0)
    f.write("m", b"Return-Path:\n" + LONG)
    equal(replay("m").code, 0)


def test_replay_mbox(f):
    f.write("box", mbox(CLEAN, LONG))
    result = replay("--client", "10.20.1.1", "box")
    equal([line.split(":")[0] for line in result.lines[:2]], ["box#1", "box#2"])


def test_replay_usage(f):
    f.write("m", LONG)
    f.write("bad", b"[mailmend]\nNonsense = 1\n")
    f.write("good", OLD)
    for args in ([], ["m"], ["--config", "good"], ["--config", "bad", "m"],
                 ["--config", "good", "--against", "bad", "m"],
                 ["--config", "good", "--against", "nothere", "m"],
                 ["--config", "good", "--client", "x", "m"],
                 ["--config", "good", "--nexthop", "x", "m"],
                 ["--config", "good", "--format=xml", "m"]):
        result = run("replay", *args)
        equal((args, result.code, result.out), (args, 2, b""))
        assert result.err, args
    result = replay("nothere", "m")
    equal(result.code, 2)
    has(result.lines[-1], "1 message, ")


# ---- what KeepOriginals has left ----------------------------------------------------------------

def keep(f, folder, name, message, envelope):
    f.write(os.path.join(folder, name + ".eml"), crlf(message))
    f.write(os.path.join(folder, name + ".mended.eml"), crlf(CLEAN))
    f.write(os.path.join(folder, name + ".envelope"), envelope)


def test_originals_replay(f):
    keep(f, "d", "4A", LONG, b"time=1\nfrom=a@b\nclient=10.20.1.1\nuser=\nlocal=no\nsize=1\n"
                             b"policy=x\nrule=y\naction=fix\nfixed=A\nleft=\n")
    keep(f, "d", "4A.2", LONG, b"from=sender@example.org\nrcpt=b@example.net\n")
    result = replay("--format=json", "d")
    one, two, last = result.objects
    equal((one["file"], one["new"]["rule"]), ("d/4A.2.eml", "sender"))
    equal((two["file"], two["new"]["rule"]), ("d/4A.eml", "erp"))
    equal(last["messages"], 2)
    # options are for mail without an envelope
    equal(replay("--format=json", "--from", "x@y", "d").objects[0]["new"]["rule"], "sender")


def test_originals_smtputf8(f):
    """Raw UTF-8 is right where the client asked for it."""
    raw = CLEAN.replace(b"Subject: ", b"Subject: \xc3\xa4 ", 1)
    keep(f, "d", "4A", raw, b"client=10.20.1.1\nsmtputf8=yes\n")
    keep(f, "d", "4B", raw, b"client=10.20.1.1\nsmtputf8=no\n")
    fixed = [x["new"]["fixed"] for x in replay("--format=json", "d").objects[:2]]
    equal(fixed, [[], ["RAW_8BIT_HEADER"]])


def test_originals_check(f):
    keep(f, "d", "4A", LONG, b"from=a@b\nclient=10.20.1.1\n")
    f.write("c", NEW)
    rows = run("check", "--format=json", "--config", "c", "d").objects
    equal([(x["file"], x["rule"], x["action"], x["fixed"]) for x in rows],
          [("d/4A.eml", "erp", "fix", ["LINE_TOO_LONG"])])
    # one named is judged, whatever its name
    equal(run("check", "d/4A.mended.eml").code, 0)
    # what only looks like it is mail
    f.write("e/4B.mended.eml", CLEAN)
    f.write("e/4B.envelope", CLEAN)
    equal(len(run("check", "--format=json", "e").objects), 2)


def test_originals_broken_envelope(f):
    keep(f, "d", "4A", LONG, b"from=a@b\nclient=nonsense\n")
    f.write("d/4B.eml", CLEAN)
    f.write("c", NEW)
    result = run("check", "--format=json", "--config", "c", "d")
    equal((result.code, [x["file"] for x in result.objects]), (2, ["d/4B.eml"]))
    has(result.err, "d/4A.envelope:2: client: 'nonsense'")
    equal(replay("d").code, 2)
    # without rules nobody asks for it
    equal(run("check", "d").code, 1)


# ---- what check says of the answer --------------------------------------------------------------

def test_check_answer(f):
    f.write("m", LONG)
    f.write("c", NEW)
    keys = ["file", "size", "labels", "findings", "signatures", "policy", "rule", "action",
            "fixed", "left"]
    one = run("check", "--format=json", "--config", "c", "m").objects[0]
    equal(list(one), keys)
    equal([one[key] for key in keys[5:]], ["watch", "default", "log", [], ["LINE_TOO_LONG"]])
    one = run("check", "--format=json", "--policy", "strict", "m").objects[0]
    equal([one[key] for key in keys[5:]], ["strict", None, "reject", [], ["LINE_TOO_LONG"]])
    one = run("check", "--format=json", "--policy", "off", "m").objects[0]
    equal([one[key] for key in keys[5:]], ["off", None, "none", [], []])
    f.write("c", b"[mailmend]\nDryRun = yes\n[default]\nPolicy = microsoft365\n")
    one = run("check", "--format=json", "--config", "c", "m").objects[0]
    equal((one["action"], one["would"]), ("log", "fix"))


def test_check_null_sender(f):
    """As in the milter: of a bounce only a missing Date or Message-ID is mended."""
    f.write("m", LONG.replace(b"Date: Mon, 1 Jan 2024 00:00:00 +0000\n", b""))
    f.write("c", b"[default]\nPolicy = microsoft365\n")
    for sender, fixed in (("a@b", ["LINE_TOO_LONG", "MISSING_DATE_HEADER"]),
                          ("<>", ["MISSING_DATE_HEADER"])):
        one = run("check", "--format=json", "--config", "c", "--from", sender, "m").objects[0]
        equal((sender, one["fixed"]), (sender, fixed))


def test_warnings(f):
    """A configuration with warnings is used; every command that asks its rules tells them."""
    f.write("m", CLEAN)
    f.write("d/4A.eml", crlf(CLEAN))
    f.write("d/4A.mended.eml", crlf(CLEAN))
    f.write("c", NEW + b"[policy unused]\nFix = ALL\n[mailmend]\nKeepOriginals = %s\n"
            % os.fsencode(os.path.abspath("d")))
    for args in (["diff", "--config", "c", "4A"], ["check", "--config", "c", "m"],
                 ["query", "--config", "c", "client=10.20.1.1"],
                 ["replay", "--config", "c", "--against", "c", "m"]):
        result = run(*args)
        equal((args, result.code), (args, 0))
        assert re.search(r"c:\d+: warning: .*unused", result.err), (args, result.err)
    for args in (["fix", "--config", "c", "m"],
                 ["check", "--config", "c", "--policy", "unused", "m"]):
        result = run(*args)
        equal((args, result.code), (args, 0))
        assert "warning" not in result.err, (args, result.err)


if __name__ == "__main__":
    sys.exit(main(globals()))
