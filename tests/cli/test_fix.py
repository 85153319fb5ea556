#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""mailmend fix: what is written where, and what it refuses.

Prints TAP. MAILMEND names the binary (default: ./mailmend). Standard library only.
"""
import os
import stat
import subprocess
import sys

from clitest import (CLEAN, FORWARD, HEAD, LONG, MAILMEND, NO_DATE, SIGNED, Skip, crlf, equal, has,
                     main, mbox, run)


def report_of(text):
    """KEY -> list of values."""
    out = {}
    for line in text.splitlines():
        key, _, value = line.partition(":")
        out.setdefault(key, []).append(value.strip())
    return out


def test_fix_forms(f):
    for data in (LONG, crlf(LONG)):
        f.write("m", data)
        result = run("fix", "m")
        equal(result.code, 0)
        equal(report_of(result.err), {"fixed": ["LINE_TOO_LONG"], "left": [""]})
        assert max(map(len, result.out.splitlines())) <= 76
        assert (b"\r" in result.out) == (b"\r" in data)
        # every header line is there, and in its place
        assert result.out.replace(b"\r\n", b"\n").startswith(HEAD)
        # idempotent
        f.write("again", result.out)
        again = run("fix", "again")
        equal((again.code, again.out), (0, result.out))
        equal(report_of(again.err)["fixed"], [""])
    assert run("fix", "-", stdin=LONG).out == run("fix", "-", stdin=crlf(LONG)).out.replace(
        b"\r\n", b"\n")


def test_fix_all_crlf(f):
    out = run("fix", "-", stdin=crlf(LONG)).out
    equal(out.count(b"\n"), out.count(b"\r\n"))


def test_fix_unchanged(f):
    for data in (CLEAN, crlf(CLEAN), CLEAN[:-1], crlf(CLEAN)[:-2], HEAD, FORWARD, SIGNED,
                 b"\n" + CLEAN):
        result = run("fix", "--fix", "LINE_TOO_LONG", "-", stdin=data)
        assert result.code in (0, 1)
        equal(result.out, data)


def test_fix_wire(f):
    result = run("fix", "--wire", "--fix", "NON_CANONICAL_LINE_ENDINGS", "-", stdin=CLEAN)
    equal((result.code, result.out), (0, crlf(CLEAN)))
    equal(run("fix", "--fix", "NON_CANONICAL_LINE_ENDINGS", "-", stdin=CLEAN).out, CLEAN)


def test_fix_scope(f):
    both = LONG.replace(b"MIME-Version: 1.0\n", b"").replace(b"Message-ID: <1@example.org>\n", b"")
    f.write("m", both)
    result = run("fix", "--fix", "MISSING_MESSAGE_ID_HEADER", "m")
    equal(result.code, 0)  # what is left is not in the list
    report = report_of(result.err)
    equal(report["fixed"], ["MISSING_MESSAGE_ID_HEADER"])
    has(report["left"][0], "LINE_TOO_LONG")
    assert b"x" * 1200 in result.out
    has(report_of(run("fix", "--fix", "MISSING", "m").err)["fixed"][0], "MISSING_MESSAGE_ID_HEADER")
    equal(report_of(run("fix", "--policy", "watch", "m").err)["fixed"], [""])


def test_fix_left(f):
    f.write("m", SIGNED)
    result = run("fix", "--fix", "LINE_TOO_LONG", "m")
    equal((result.code, result.out), (1, SIGNED))
    report = report_of(result.err)
    equal((report["left"], report["signed"]), (["LINE_TOO_LONG"], ["dkim"]))


def test_fix_signed(f):
    f.write("c", b"[policy p]\nFix = LINE_TOO_LONG\nOnDkim = fix\n"
                 b"[policy q]\nFix = LINE_TOO_LONG\nOnDkim = reject\n")
    signed = SIGNED.replace(b"bh=; b=", b"a=x; bh=YQ==; b=YQ==")
    f.write("m", signed)
    result = run("fix", "--config", "c", "--policy", "p", "m")
    equal(result.code, 0)
    equal(report_of(result.err)["broke"], ["dkim example.org/s (body)"])
    result = run("fix", "--config", "c", "--policy", "q", "m")
    equal((result.code, result.out), (1, signed))
    report = report_of(result.err)
    equal(report["reject"], ["LINE_TOO_LONG"])
    has(report["reason"][0], "would break dkim example.org/s (body)")


def test_fix_rejected(f):
    f.write("m", LONG)
    result = run("fix", "--policy", "strict", "m")
    equal((result.code, result.out), (0, LONG))
    equal(report_of(result.err)["reject"], ["LINE_TOO_LONG"])


def test_fix_usage(f):
    f.write("m", LONG)
    for args in (["--fix", "LINE_TOO_LONG", "--policy", "watch"], ["--in-place", "--output", "o"],
                 ["--report", "-"], ["--fix", "NONSENSE"], ["--fix", ""], ["--policy", "nonsense"],
                 ["--random", "0"], ["--random", "xy"], ["--zone", "1440"], ["--now", "soon"],
                 ["--hostname", ""]):
        result = run("fix", *args, "m")
        equal((args, result.code, result.out), (args, 2, b""))
        assert result.err, args
        equal(os.listdir("."), ["m"])
    equal(run("fix", "--in-place", "-").code, 2)
    has(run("fix", "--fix", "LINE_TO_LONG", "m").err, "LINE_TOO_LONG")


def test_fix_one_message_only(f):
    f.write("box", mbox(LONG))
    f.write("m/cur/1", LONG)
    f.write("m/new/2", LONG)
    for path, word in (("box", "mbox"), ("m", "folder"), (".", "folder"), ("nothere", "No such")):
        for options in ([], ["--in-place"], ["--output", "o"]):
            result = run("fix", *options, path)
            equal((path, options, result.code, result.out), (path, options, 2, b""))
            if options != ["--in-place"]:
                has(result.err, word)
    equal(f.read("box"), mbox(LONG))
    equal(sorted(os.listdir(".")), ["box", "m"])


def test_fix_output(f):
    f.write("m", LONG)
    result = run("fix", "--output", "o", "m")
    equal((result.code, result.out), (0, b""))
    equal(f.read("o"), run("fix", "m").out)
    equal(f.read("m"), LONG)
    equal(stat.S_IMODE(os.stat("o").st_mode) & 0o111, 0)
    f.write("clean", CLEAN)  # a file that is there keeps its mode
    os.chmod("o", 0o604)
    equal(run("fix", "--output", "o", "clean").code, 0)
    equal((f.read("o"), stat.S_IMODE(os.stat("o").st_mode)), (CLEAN, 0o604))
    equal(sorted(os.listdir(".")), ["clean", "m", "o"])


def test_fix_output_fails(f):
    f.write("m", LONG)
    os.mkdir("d")
    os.symlink("m", "l")
    for options in (["--output", "nothere/o"], ["--output", "d"], ["--output", "l"],
                    ["--report", "nothere/r"], ["--output", "o", "--report", "nothere/r"],
                    ["--in-place", "--report", "nothere/r"]):
        result = run("fix", *options, "m")
        equal((options, result.code, result.out), (options, 2, b""))
        equal(f.read("m"), LONG)
        equal(sorted(os.listdir(".")), ["d", "l", "m"])
        equal(os.listdir("d"), [])
    assert os.path.islink("l")


def test_fix_to_device(f):
    f.write("m", LONG)
    result = run("fix", "--output", "/dev/null", "--report", "-", "m")
    equal(result.code, 0)
    equal(report_of(result.text)["fixed"], ["LINE_TOO_LONG"])
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


def test_fix_reports_what_was_written(f):
    """Where the message could not be written, nobody says that it was mended."""
    if not os.path.exists("/dev/full"):
        raise Skip("no /dev/full")
    f.write("m", LONG)
    with open("/dev/full", "wb") as full:
        for options in ([], ["--output", "-"], ["--report", "r"]):
            result = run("fix", *options, "m", stdout=full)
            equal((options, result.code), (options, 2))
            equal((options, result.err),
                  (options, "mailmend: standard output: No space left on device\n"))
    result = run("fix", "--output", "/dev/full", "--report", "r", "m")
    equal((result.code, result.err), (2, "mailmend: /dev/full: No space left on device\n"))
    closed = subprocess.run(["sh", "-c", "exec \"$0\" fix m >&-", MAILMEND], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE)
    equal((closed.returncode, b"fixed" in closed.stderr), (2, False))
    equal(sorted(os.listdir(".")), ["m"])


def test_fix_output_names(f):
    """Nothing is lost because two go to one place, or one to none."""
    f.write("m", LONG)
    for options in (["--output", "o", "--report", "o"], ["--output", "o", "--report", "./x/../o"],
                    ["--in-place", "--report", "m"], ["--output", ""], ["--report", ""],
                    ["--output", "-", "--report", "-"], ["--output", "-", "--in-place"]):
        result = run("fix", *options, "m")
        equal((options, result.code, result.out), (options, 2, b""))
        assert "fixed" not in result.err and "--help" in result.err, result.err
    equal((f.read("m"), os.listdir(".")), (LONG, ["m"]))
    equal(run("fix", "--output", "-", "m").out, run("fix", "m").out)
    equal(run("fix", "--output", "/dev/null", "--report", "/dev/null", "m").code, 0)


def test_fix_report(f):
    f.write("m", LONG)
    result = run("fix", "--report", "r", "m")
    equal((result.code, result.err), (0, ""))
    equal(report_of(f.read("r").decode())["fixed"], ["LINE_TOO_LONG"])
    assert result.out.startswith(HEAD)
    result = run("fix", "--in-place", "--report", "-", "m")
    equal((result.code, result.err), (0, ""))
    equal(report_of(result.text)["fixed"], ["LINE_TOO_LONG"])


def test_fix_in_place(f):
    f.write("m", LONG)
    os.chmod("m", 0o640)
    before = os.stat("m")
    want = run("fix", "m").out
    result = run("fix", "--in-place", "m")
    equal((result.code, result.out), (0, b""))
    equal(f.read("m"), want)
    after = os.stat("m")
    equal((after.st_mode, after.st_uid, after.st_gid),
          (before.st_mode, before.st_uid, before.st_gid))
    equal(os.listdir("."), ["m"])
    # nothing to mend: the file is not touched
    result = run("fix", "--in-place", "m")
    equal((result.code, os.stat("m").st_ino, os.stat("m").st_mtime_ns),
          (0, after.st_ino, after.st_mtime_ns))


def test_fix_in_place_owner(f):
    if os.geteuid() != 0:
        raise Skip("only root can give files away")
    f.write("m", LONG)
    os.chown("m", 12345, 54321)
    os.chmod("m", 0o600)
    equal(run("fix", "--in-place", "m").code, 0)
    after = os.stat("m")
    equal((after.st_uid, after.st_gid, stat.S_IMODE(after.st_mode)), (12345, 54321, 0o600))


def test_fix_in_place_refuses(f):
    f.write("real", LONG)
    os.symlink("real", "link")
    hinted = ("1.M2P3.host,S=123,W=130:2,S", "1.M2P3.host,W=130:2,")
    for name in hinted:
        f.write(name, LONG)
    for name in ("link",) + hinted:
        result = run("fix", "--in-place", name)
        equal((name, result.code, result.out), (name, 2, b""))
        equal(f.read(name), LONG)
    assert os.path.islink("link")
    equal(run("fix", hinted[0]).code, 0)  # to standard output it may


def test_fix_reproducible(f):
    data = NO_DATE.replace(b"Message-ID: <1@example.org>\n", b"").replace(
        b"From: a@example.org\n", b"From: a\n")
    f.write("m", data)
    fixed = ["--now", "86400", "--zone", "-90", "--random", "00ff", "--hostname",
             "host.example.com"]
    args = ["fix", "--policy", "microsoft365", *fixed, "m"]
    first, second = run(*args), run(*args)
    equal(first.out, second.out)
    has(first.text, "\nDate: Thu, 1 Jan 1970 22:30:00 -0130\n")
    has(first.text, "@host.example.com>\n")
    has(run("fix", "--from", "<x@sender.example>", *fixed, "m").text, "@sender.example>\n")
    has(run("fix", "--now", "0", "m").text, "\nDate: Thu, 1 Jan 1970 00:00:00 +0000\n")


if __name__ == "__main__":
    sys.exit(main(globals()))
