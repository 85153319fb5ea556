#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The contract of the command mailmend: options, exit codes, output forms, line ends.

Prints TAP. MAILMEND names the binary (default: ./mailmend). Standard library only.
"""
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import traceback

MAILMEND = os.path.abspath(os.environ.get("MAILMEND", "./mailmend"))
SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# not UTC, so that a local zone is seen where none should be
os.environ["TZ"] = "JST-9"

HEAD = (b"From: a@example.org\n"
        b"To: b@example.net\n"
        b"Date: Mon, 1 Jan 2024 00:00:00 +0000\n"
        b"Message-ID: <1@example.org>\n"
        b"MIME-Version: 1.0\n"
        b"Subject: test\n")
CLEAN = HEAD + b"\nHello\n"
LONG = HEAD + b"\nHello\n" + b"x" * 1200 + b"\nBye\n"
LONG_OFFSET = len(HEAD) + 1 + len(b"Hello\n")
LONG_LINE = 9
NO_DATE = HEAD.replace(b"Date: Mon, 1 Jan 2024 00:00:00 +0000\n", b"") + b"\nHello\n"
SIGNED = b"DKIM-Signature: v=1; d=example.org; s=s; h=from; bh=; b=\n" + LONG
# what is wrong in a forwarded message is a notice
FORWARD = (HEAD + b"Content-Type: message/rfc822\n\n" + LONG)


def crlf(data):
    return data.replace(b"\n", b"\r\n")


class Skip(Exception):
    pass


class Result:
    def __init__(self, done):
        self.code = done.returncode
        self.out = done.stdout
        self.err = done.stderr.decode("utf-8", "replace")
        # a sanitizer or a signal is never the right answer
        assert self.code in (0, 1, 2), "exit %d: %s" % (self.code, self.err)
        assert "Sanitizer" not in self.err and "runtime error" not in self.err, self.err

    @property
    def text(self):
        return self.out.decode("utf-8", "replace")

    @property
    def lines(self):
        return self.text.splitlines()

    @property
    def objects(self):
        return [json.loads(line) for line in self.lines]


def run(*args, stdin=b"", stdout=subprocess.PIPE):
    done = subprocess.run([MAILMEND, *args], input=stdin, stdout=stdout,
                          stderr=subprocess.PIPE, timeout=120)
    return Result(done)


class Folder:
    """Files of one test, in a folder of its own that is the current one."""

    def __init__(self):
        self.path = tempfile.mkdtemp(prefix="mailmend-cli-")
        os.chdir(self.path)

    def write(self, name, data):
        folder = os.path.dirname(os.fsencode(name))
        if folder:
            os.makedirs(folder, exist_ok=True)
        with open(name, "wb") as file:
            file.write(data)
        return name

    def read(self, name):
        with open(name, "rb") as file:
            return file.read()

    def remove(self):
        os.chdir("/")
        shutil.rmtree(self.path)


def equal(got, want):
    assert got == want, "got %r, want %r" % (got, want)


def has(text, part):
    assert part in text, "%r is not in %r" % (part, text)


# ---- the command itself -------------------------------------------------------------------------

def test_usage(f):
    equal(run("--help").code, 0)
    has(run("--help").text, "check")
    assert re.fullmatch(r"mailmend \S+\n", run("--version").text)
    for args in ([], ["nonsense"], ["--nonsense"], ["check"], ["check", "--nonsense", "x"], ["fix"],
                 ["fix", "a", "b"], ["check", "--format=xml", "x"], ["labels", "x"],
                 ["labels", "--format=xml"], ["explain", "LINE_TOO_LONG", "NUL_BYTE"],
                 ["check", "--client", "nohost", "x"]):
        result = run(*args)
        equal((args, result.code, result.out), (args, 2, b""))
        assert result.err, args
    for name in ("check", "fix", "explain", "labels"):
        result = run(name, "--help")
        equal(result.code, 0)
        has(result.text, "mailmend " + name + " [OPTION...]")
        result.out.decode("ascii")


# ---- check --------------------------------------------------------------------------------------

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


def mbox(*messages):
    return b"".join(b"From a@example.org Mon Jan  1 00:00:00 2024\n" + m + b"\n" for m in messages)


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


def test_full_disk(f):
    if not os.path.exists("/dev/full"):
        raise Skip("no /dev/full")
    f.write("m", LONG)
    for args in (["check", "m"], ["fix", "m"], ["labels"], ["explain", "NUL_BYTE"]):
        with open("/dev/full", "wb") as full:
            result = run(*args, stdout=full)
        equal((args, result.code), (args, 2))
        has(result.err, "No space left on device")


# ---- fix ----------------------------------------------------------------------------------------

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


# ---- explain, labels ----------------------------------------------------------------------------

def test_explain(f):
    result = run("explain", "line-too-LONG")
    equal((result.code, result.lines[0]), (0, "LINE_TOO_LONG"))
    for word in ("Severity:", "Groups:", "Found when:", "Repair:", "microsoft365:", "Standard:",
                 "Receivers:", "MTA:"):
        has(result.text, "\n" + word)
    result = run("explain", "LINE_TO_LONG")
    equal((result.code, result.out), (2, b""))
    has(result.err, "did you mean LINE_TOO_LONG?")
    for word in ("zzzz", "", "x", "L" * 5000):
        equal(run("explain", word).code, 2)
    names = run("explain").lines
    equal(names, sorted(names))
    for name in names:
        equal(run("explain", name).code, 0)


def test_labels(f):
    rows = run("labels", "--format=json").objects
    names = [row["label"] for row in rows]
    equal(names, run("explain").lines)
    for row in rows:
        equal(list(row), ["label", "severity", "groups", "microsoft365", "summary", "repair",
                          "citation", "receivers", "hidden"])
        assert row["severity"] in ("error", "warning", "notice"), row
        assert row["microsoft365"] in ("fix", "log", "ignore"), row
    table = run("labels").lines
    equal(table[0].split(), ["LABEL", "SEVERITY", "M365", "SUMMARY"])
    equal([line.split()[0] for line in table[1:]], names)


# ---- the manual pages ---------------------------------------------------------------------------

def source(*path):
    path = os.path.join(SOURCE, *path)
    if not os.path.exists(path):
        raise Skip(path + " is not there")
    with open(path, encoding="utf-8") as file:
        return file.read()


def test_man_keys(f):
    """Every key of the tables and every limit has its entry in mailmend.conf(5)."""
    page = source("man", "mailmend.conf.5")
    keys = set(re.findall(r"\.key = \"(\w+)\"", source("milter", "policy", "config-settings.c")))
    limits = set(re.findall(r"^\tX \((\w+),", source("include", "mailmend", "limits.h"), re.M))
    assert len(keys) > 30 and len(limits) > 5
    equal(keys - set(re.findall(r"^\.It Cm (\w+) No = ", page, re.M)), set())
    equal(limits - set(re.findall(r"^\.It Cm (\w+)$", page, re.M)), set())
    names = re.findall(r"^\t\{\"(\w+)\", \"", source("milter", "policy", "builtin.c"), re.M)
    assert "microsoft365" in names
    equal(set(names) - set(re.findall(r"^\.It Cm (\w+)$", page, re.M)), set())


def test_man_options(f):
    """Every option of --help stands in mailmend(1)."""
    page = source("man", "mailmend.1")
    for name in ("check", "fix", "labels"):
        for option in re.findall(r"^  --(\S+?)[= ]", run(name, "--help").text, re.M):
            has(page, "Fl -" + option)


def test_man_examples(f):
    """Configurations shown in mailmend.conf(5) are read without a complaint."""
    page = source("man", "mailmend.conf.5")
    f.write("m", CLEAN)
    shown = re.findall(r"^\.Bd .*?\n(.*?)^\.Ed$", page, re.M | re.S)
    assert len(shown) >= 3
    for text in shown:
        f.write("c", text.encode())
        result = run("check", "--config", "c", "m")
        equal((text, result.code, result.err), (text, 0, ""))


def test_man_lint(f):
    if shutil.which("mandoc") is None:
        raise Skip("no mandoc")
    rows = run("labels", "--format=man").text
    f.write("mailmend-labels.7", (source("man", "mailmend-labels.7.head") + rows).encode())
    f.write("mailmend.1", source("man", "mailmend.1").encode())
    f.write("mailmend.conf.5", source("man", "mailmend.conf.5").encode())
    for name in ("mailmend-labels.7", "mailmend.1", "mailmend.conf.5"):
        done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", name],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        equal((done.returncode, done.stdout), (0, b""))
    for name in run("explain").lines:
        has(rows, ".It Sy " + name + "\n")


# -------------------------------------------------------------------------------------------------

def main():
    tests = [(name, func) for name, func in globals().items() if name.startswith("test_")]
    print("1..%d" % len(tests))
    failed = 0
    for number, (name, func) in enumerate(tests, 1):
        folder = Folder()
        title = name[len("test_"):].replace("_", " ")
        try:
            func(folder)
            print("ok %d - %s" % (number, title))
        except Skip as reason:
            print("ok %d - %s # SKIP %s" % (number, title, reason))
        except Exception:
            failed += 1
            print("not ok %d - %s" % (number, title))
            for line in traceback.format_exc().splitlines():
                print("# " + line)
        finally:
            folder.remove()
        sys.stdout.flush()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
