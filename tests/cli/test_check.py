#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""mailmend check: exit codes, forms of output, kinds of input, policies.

Prints TAP. MAILMEND names the binary (default: ./mailmend). Standard library only.
"""
import os
import pty
import re
import select
import subprocess
import sys
import threading
import time

from clitest import (CLEAN, FORWARD, HEAD, LONG, LONG_LINE, LONG_OFFSET, MAILMEND, SIGNED, crlf,
                     equal, has, main, mbox, run)


def test_check_exit_codes(f):
    f.write("clean", CLEAN)
    f.write("long", LONG)
    equal(run("check", "clean").code, 0)
    equal(run("check", "clean").out, b"")
    equal(run("check", "long").code, 1)
    equal(run("check", "clean", "long").code, 1)
    result = run("check", "nothere", "long")
    equal(result.code, 2)
    has(result.err, "nothere: No such file or directory")
    has(result.text, "LINE_TOO_LONG")  # the rest is judged


def test_check_unreadable(f):
    f.write("long", LONG)
    f.write("secret", LONG)
    os.chmod("secret", 0)
    if os.geteuid() != 0:
        result = run("check", "secret", "long")
        equal(result.code, 2)
        has(result.err, "secret: Permission denied")
        has(result.text, "long:9:")
    if os.path.exists("/proc/self/mem"):
        result = run("check", "/proc/self/mem", "long")
        equal(result.code, 2)
        has(result.err, "/proc/self/mem: Input/output error")
        has(result.text, "long:9:")


def test_check_text(f):
    f.write("long", LONG)
    equal(len(run("check", "long").lines), 1)
    assert re.match(r"long:9: LINE_TOO_LONG: \S", run("check", "long").text)


def test_check_line_ends(f):
    for data, options, labels in ((LONG, [], ["LINE_TOO_LONG"]),
                                  (crlf(LONG), [], ["LINE_TOO_LONG"]),
                                  (crlf(CLEAN), ["--wire"], []),
                                  (CLEAN, ["--wire"], ["NON_CANONICAL_LINE_ENDINGS"]),
                                  # one CR: not local form, so every LF is a lone one
                                  (CLEAN + b"a\rb\n", [], ["NON_CANONICAL_LINE_ENDINGS"])):
        f.write("m", data)
        equal(run("check", "--format=json", *options, "m").objects[0]["labels"], labels)


def test_check_json(f):
    f.write("long", LONG)
    f.write("wire", crlf(LONG))
    f.write("clean", CLEAN)
    result = run("check", "--format=json", "long", "wire", "clean")
    equal(result.code, 1)
    local, wire, clean = result.objects
    keys = ["file", "size", "labels", "findings", "signatures"]
    for one in (local, wire, clean):
        equal(list(one), keys)
    equal(clean, {"file": "clean", "size": len(CLEAN), "labels": [], "findings": [],
                  "signatures": []})
    finding = local["findings"][0]
    equal(list(finding), ["label", "severity", "header", "part", "line", "offset", "detail"])
    equal((finding["label"], finding["severity"], finding["header"], finding["part"]),
          ("LINE_TOO_LONG", "error", None, ""))
    equal((local["size"], finding["line"], finding["offset"]),
          (len(LONG), LONG_LINE, LONG_OFFSET))
    finding = wire["findings"][0]
    equal((wire["size"], finding["line"], finding["offset"]),
          (len(crlf(LONG)), LONG_LINE, LONG_OFFSET + LONG_LINE - 1))


def test_check_order(f):
    f.write("m", b"Subject : x\n" + LONG.replace(b"MIME-Version: 1.0\n", b""))
    one = run("check", "--format=json", "m").objects[0]
    equal(one["labels"], sorted(set(one["labels"])))
    order = [(x["line"], x["label"]) for x in one["findings"]]
    equal(order, sorted(order))
    assert len(order) >= 3, order
    header = [x for x in one["findings"] if x["label"] == "NAME_ENDS_WITH_SPACE"][0]
    equal((header["header"], header["line"], header["offset"]), ("Subject", 1, 0))


def test_check_signatures(f):
    f.write("m", SIGNED)
    equal(run("check", "--format=json", "m").objects[0]["signatures"], ["dkim"])


def test_check_notices(f):
    f.write("m", FORWARD)
    quiet = run("check", "m")
    equal((quiet.code, quiet.out), (0, b""))
    loud = run("check", "--notices", "m")
    equal(loud.code, 0)  # notices never count
    has(loud.text, "LINE_TOO_LONG")
    has(loud.text, "(notice, part 1")
    equal(run("check", "--notices", "--format=json", "m").objects[0]["findings"][0]["severity"],
          "notice")


def test_check_stdin(f):
    result = run("check", "-", stdin=LONG)
    equal(result.code, 1)
    has(result.text, "-:9: LINE_TOO_LONG")
    equal(run("check", "-", stdin=CLEAN).code, 0)


def test_check_empty(f):
    f.write("m", b"")
    one = run("check", "--format=json", "m").objects[0]
    equal(one["size"], 0)
    has(one["labels"], "MISSING_DATE_HEADER")


def test_check_folder(f):
    for name in ("d/b", "d/a", "d/sub/c", "d/.hidden"):
        f.write(name, CLEAN)
    os.symlink("/", "d/link")
    os.symlink("a", "d/file-link")
    os.mkfifo("d/pipe")
    files = [x["file"] for x in run("check", "--format=json", "d").objects]
    equal(files, ["d/.hidden", "d/a", "d/b", "d/sub/c"])


def test_check_maildir(f):
    f.write("m/cur/2:2,S", CLEAN)
    f.write("m/new/1", b"From someone\n" + CLEAN)  # one message, whatever its first line
    f.write("m/tmp/0", LONG)
    f.write("m/dovecot.index.log", LONG)
    files = [x["file"] for x in run("check", "--format=json", "m").objects]
    equal(files, ["m/cur/2:2,S", "m/new/1"])
    # also when it is met below a folder
    f.write("d/z", CLEAN)
    os.rename("m", "d/m")
    files = [x["file"] for x in run("check", "--format=json", "d").objects]
    equal(files, ["d/m/cur/2:2,S", "d/m/new/1", "d/z"])


def test_check_no_message(f):
    """A wrong path does not pass for clean mail."""
    for name in ("empty", "nested/deep", "m/cur", "m/new", "kept"):
        os.makedirs(name)
    f.write("m/tmp/1", CLEAN)
    f.write("kept/A.envelope", b"from=a@b\n")
    f.write("kept/A.eml", CLEAN)
    f.write("clean", CLEAN)
    for path in ("empty", "nested", "m"):
        for form in ("text", "json"):
            result = run("check", "--format=" + form, "clean", path)
            equal((path, result.code, result.err),
                  (path, 2, "mailmend: %s: no message found\n" % path))
        has(run("check", "--format=junit", path).text, "<error")
    equal((run("check", "kept").code, run("check", "kept").err), (0, ""))
    f.write("new", b"")
    has(run("replay", "--config", "new", "--against", "new", "empty").err, "empty: no message found")


def test_check_envelope_unused(f):
    """What nobody would ask for is an error: who gives it thinks that it counts."""
    f.write("m", CLEAN)
    f.write("c", b"")
    given = (["--client", "192.0.2.1"], ["--host", "x"], ["--user", "u"], ["--rcpt", "a@b"],
             ["--rcpt", "a@b", "--nexthop", "x"], ["--rcpt", "a@b", "--mx", "x"],
             ["--local", "no"], ["--macro", "{a}=b"])
    for args in given + (["--from", "a@b"],):
        result = run("check", *args, "m")
        equal((args, result.code, result.out), (args, 2, b""))
        has(result.err, args[0] + " needs --config")
        equal((args, run("check", "--config", "c", *args, "m").err), (args, ""))
    for args in given:
        for config in ([], ["--config", "c"]):
            result = run("check", *config, "--policy", "watch", *args, "m")
            equal((args, config, result.code, result.out), (args, config, 2, b""))
            has(result.err, args[0] + " and --policy exclude each other")
    # the null sender's mail is hardly mended, whatever the rule
    f.write("long", LONG)
    for sender, fixed in (("<>", []), ("a@b", ["LINE_TOO_LONG"])):
        one = run("check", "--format=json", "--policy", "microsoft365", "--from", sender,
                  "long").objects[0]
        equal((sender, one["fixed"]), (sender, fixed))


def test_check_mbox(f):
    quoted = CLEAN + b">From here\nFrom there\n"  # no empty line before it: text
    data = mbox(CLEAN, LONG, quoted)
    f.write("box", data)
    first, second, third = run("check", "--format=json", "box").objects
    equal([x["file"] for x in (first, second, third)], ["box#1", "box#2", "box#3"])
    equal([x["size"] for x in (first, second, third)], [len(CLEAN), len(LONG), len(quoted)])
    equal((first["labels"], second["labels"], third["labels"]), ([], ["LINE_TOO_LONG"], []))
    finding = second["findings"][0]
    equal(finding["offset"], data.index(b"xxxx"))
    equal(finding["line"], data[:data.index(b"xxxx")].count(b"\n") + 1)
    # the same in wire form, and the same from standard input
    equal([x["size"] for x in run("check", "--format=json", "-", stdin=crlf(data)).objects],
          [len(crlf(CLEAN)), len(crlf(LONG)), len(crlf(quoted))])


def test_check_long_lines_in_mbox(f):
    big = HEAD + b"\n" + b"y" * 200000 + b"\nFrom me\n\nEnd\n"
    data = mbox(big, CLEAN)
    f.write("box", data)
    first, second = run("check", "--format=json", "box").objects
    equal((first["size"], second["size"]), (len(big), len(CLEAN)))


def test_check_hostile_names(f):
    name = b"a\nb: X: \xff\"\x1b.eml"
    f.write(name, LONG)
    result = run("check", name)
    equal(len(result.out.splitlines()), 1)
    assert b"\x1b" not in result.out
    equal(run("check", "--format=json", name).objects[0]["file"], "a\nb: X: \ufffd\"\x1b.eml")


def test_check_dash_names(f):
    f.write("-x", LONG)
    equal(run("check", "--", "-x").code, 1)


def test_check_config(f):
    f.write("m", LONG)
    f.write("c", b"[policy quiet]\nIgnore = LINE_TOO_LONG\n"
                 b"[policy short]\nLineLimit = 76\n"
                 b"[rule client]\nClient = 192.0.2.0/24\nPolicy = quiet\n"
                 b"[rule user]\nSaslUser = u\nPolicy = quiet\n"
                 b"[rule sender]\nSender = <>, x@example.com\nPolicy = quiet\n"
                 b"[rule from]\nHeaderFrom = @quiet.example\nPolicy = quiet\n")
    for args, code in (([], 1), (["--client", "192.0.2.7"], 0), (["--client", "198.51.100.1"], 1),
                       (["--user", "u"], 0), (["--from", "<x@example.com>"], 0),
                       (["--from", "<>"], 0), (["--from", ""], 0),
                       (["--from", "y@example.com", "--rcpt", "z@example.com"], 1),
                       (["--policy", "quiet"], 0)):
        equal((args, run("check", "--config", "c", *args, "m").code), (args, code))
    f.write("m", LONG.replace(b"a@example.org", b"a@quiet.example"))
    equal(run("check", "--config", "c", "m").code, 0)
    f.write("m", HEAD + b"\n" + b"x" * 100 + b"\n")
    equal(run("check", "--config", "c", "m").code, 0)
    equal(run("check", "--config", "c", "--policy", "short", "m").code, 1)
    result = run("check", "--policy", "nonsense", "m")
    equal(result.code, 2)
    has(result.err, "microsoft365")
    f.write("bad", b"[mailmend]\nNonsense = 1\n")
    result = run("check", "--config", "bad", "m")
    equal(result.code, 2)
    has(result.err, "bad:2:")


def test_check_eight_bit(f):
    f.write("m", HEAD + b"Content-Type: text/plain; charset=utf-8\n"
                        b"Content-Transfer-Encoding: 8bit\n\n\xc3\xa4\n")
    has(run("check", "m").text, "NEEDS_TRANSFER_ENCODING")  # without a policy: never
    equal(run("check", "--policy", "microsoft365", "m").code, 0)


def test_check_too_large(f):
    f.write("c", b"[mailmend]\nMaxMessageSize = 1K\n")
    f.write("m", LONG)
    f.write("clean", CLEAN)
    f.write("box", mbox(LONG, CLEAN))
    result = run("check", "--format=json", "--config", "c", "m", "clean", "box")
    equal(result.code, 2)
    has(result.err, "m: too large")
    has(result.err, "box#1: too large")
    equal([x["file"] for x in result.objects], ["clean", "box#2"])
    equal(run("fix", "--config", "c", "m").code, 2)
    f.write("m", b"X-A: a\n" + (b" " + b"a" * 900 + b"\n") * 1200 + LONG)
    for command in "check", "fix":
        result = run(command, "m")
        equal((result.code, result.text), (2, ""))
        has(result.err, "m: its header is too large to be judged (more than 1048576 octets)")


def on_terminal(args):
    """Exit code, standard output and what a terminal got as standard error."""
    ours, theirs = pty.openpty()
    child = subprocess.Popen([MAILMEND, *args], stdout=subprocess.PIPE, stderr=theirs)
    os.close(theirs)
    seen = b""
    out, _ = child.communicate(timeout=120)
    while select.select([ours], [], [], 0)[0]:
        try:
            chunk = os.read(ours, 65536)
        except OSError:  # Linux says so when the other side is closed
            break
        if not chunk:
            break
        seen += chunk
    os.close(ours)
    return child.returncode, out, seen


def test_check_progress(f):
    """A line on a terminal, if it takes more than a moment; gone at the end. Never otherwise."""
    os.mkfifo("slow")
    f.write("clean", CLEAN)
    equal(on_terminal(["check", "clean"]), (0, b"", b""))

    def feed():
        with open("slow", "wb", buffering=0) as pipe:
            pipe.write(mbox(CLEAN))
            time.sleep(1.5)
            pipe.write(mbox(CLEAN, CLEAN))

    for terminal in (True, False):
        feeder = threading.Thread(target=feed)
        feeder.start()
        if terminal:
            code, out, seen = on_terminal(["check", "slow"])
            equal((code, out), (0, b""))
            assert re.fullmatch(rb"(\d+ messages, \d+ a second\r\x1b\[K)+", seen), seen
        else:
            result = run("check", "slow")
            equal((result.code, result.out, result.err), (0, b"", ""))
        feeder.join()


if __name__ == "__main__":
    sys.exit(main(globals()))
