#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""`mailmend report` reads logs in all forms: stamps, prefixes, compression, journals.

Prints TAP. MAILMEND names the binary (default: ./mailmend). Standard library only.
"""
import calendar
import datetime
import gzip
import json
import os
import random
import shutil
import struct
import subprocess
import sys
import time

from clitest import Skip, equal, has, main, run
from loglines import line_of, report, text_of

# the time zone of the tests is 9 hours east
EAST = 9 * 3600
BROKEN = dict(action="log", labels="LINE_TOO_LONG")
TEXT = text_of(**BROKEN)


def one(f, line, **how):
    """The report on a log of one line that must be a message."""
    f.write("log", line.encode() if isinstance(line, str) else line)
    got = report("log", **how)
    equal((got["lines"]["messages"], got["issues"]), (1, 1))
    return got


def seconds(iso):
    return int(datetime.datetime.fromisoformat(iso.replace("Z", "+00:00")).timestamp())


def test_stamps(f):
    """Every form of a stamp is the same moment."""
    want = calendar.timegm((2026, 11, 20, 10, 0, 0))
    for stamp in ("2026-11-20T10:00:00+00:00", "2026-11-20T10:00:00Z", "2026-11-20T10:00:00.123456Z",
                  "2026-11-20T11:00:00,5+01:00", "2026-11-20T19:00:00+0900", "2026-11-20T05:00:00-05",
                  "2026-11-20T04:30:00-05:30", "2026-11-20 19:00:00", "2026-11-20T19:00:00.1",
                  "Fri 2026-11-20 10:00:00 UTC", "Fri 2026-11-20 19:00:00 JST",
                  "%d.250000" % want):
        got = one(f, "%s mail mailmend-milter[7]: %s\n" % (stamp, TEXT))
        equal((stamp, seconds(got["first"])), (stamp, want))
        equal(got["undated"], 0)


def test_no_stamp(f):
    for line in ("mailmend-milter[7]: %s\n", "mailmend-milter: %s\n", "%s\n", "%s",
                 "[    0.000001] mail mailmend-milter[7]: %s\n",
                 "Foo 99 25:00:00 mail mailmend-milter[7]: %s\n",
                 "2026-13-20T10:00:00Z mail mailmend-milter[7]: %s\n",
                 "2026-02-30 10:00:00 mail mailmend-milter[7]: %s\n"):
        got = one(f, line % TEXT)
        equal((line, got["undated"], got["first"]), (line, 1, None))
    # what has no time lies in no span of time
    equal(report("--since=2000-01-01", "log")["lines"]["outside"], 1)


def test_prefixes(f):
    """What log daemons write between the stamp and us."""
    for line in ("<22>Nov 20 10:00:00 mail mailmend-milter[7]: %s",
                 "<22>1 2026-11-20T10:00:00Z mail mailmend-milter 77 - - %s",
                 "<22>1 2026-11-20T10:00:00Z mail mailmend-milter 77 ID47 [a@1 b=\"c] \\\"d\"][e] %s",
                 "<22>1 2026-11-20T10:00:00Z mail mailmend-milter - - - \ufeff%s",
                 "2026-11-20T10:00:00Z mail mailmend-milter 77 - - %s",
                 "Nov 20 10:00:00 <mail.info> mail mailmend-milter[7]: %s",
                 "Nov 20 10:00:00.123 mail mailmend-milter[7]: mailmend-milter[8]: %s",
                 "2026-11-20T10:00:00.1Z stdout F mailmend-milter[7]: %s",
                 "2026-11-20T10:00:00.1Z stderr F mailmend-milter[7]: %s\r"):
        got = one(f, line % TEXT + "\n")
        equal((line, got["undated"]), (line, 0))


def test_foreign(f):
    """A sender who writes lines like ours into the log of the mail server is not believed."""
    fake = "mailmend-milter[7]: " + TEXT
    lines = ["Nov 20 10:00:00 mail postfix/smtpd[1]: " + fake,
             "Nov 20 10:00:00 mail postfix/smtpd[1]: NOQUEUE: " + fake,
             "Nov 20 10:00:00 mail x: " + fake,
             "Nov 20 10:00:00 mail postfix/cleanup[2]: 4X2: message-id=<%s>" % fake,
             "Nov 20 10:00:00 mail other-mailmend-milter[7]: " + TEXT,
             "Nov 20 10:00:00 mail mailmend-milter2[7]: " + TEXT,
             "", " ", "<", "<22>", "{", "{}", '{"MESSAGE":', "Nov", "\0\0"]
    f.write("log", "\n".join(lines).encode())
    equal(report("log")["lines"], {"messages": 0, "outside": 0, "damaged": 0, "other": 0,
                                   "foreign": len(lines)})


def test_kinds_of_lines(f):
    good = line_of(**BROKEN)
    f.write("log", (good + line_of() +
                    "2026-11-20T10:00:00Z mailmend-milter[7]: started version=1\n" +
                    "2026-11-20T10:00:00Z mailmend-milter[7]: 4X9: error: it failed\n" +
                    good[:-8] + "\n" + good[:150] + "\n" +
                    good.replace("action=log", "action=dance") +
                    good.replace("client=", "client=\\xzz")).encode())
    result = run("report", "--json", "log")
    equal(result.objects[0]["lines"], {"messages": 2, "outside": 0, "damaged": 4, "other": 2,
                                       "foreign": 0})
    has(result.err, "log: 4 lines of messages are damaged")
    equal(result.code, 0)
    has(run("report", "log").text, "4  lines of messages are damaged")


def test_new_year(f):
    """A stamp has no year: it is that in which the file can have been written."""
    def at(year, month, day):
        return calendar.timegm((year, month, day, 3, 0, 0)) - EAST

    for stamp, written, want in (
            ("Dec 31 23:59:59", at(2025, 1, 2), calendar.timegm((2024, 12, 31, 23, 59, 59))),
            ("Jan  1 00:00:00", at(2025, 1, 2), calendar.timegm((2025, 1, 1, 0, 0, 0))),
            ("Jan  2 20:00:00", at(2025, 1, 2), calendar.timegm((2025, 1, 2, 20, 0, 0))),
            ("Jan  4 20:00:00", at(2025, 1, 2), calendar.timegm((2024, 1, 4, 20, 0, 0))),
            ("Feb 29 12:00:00", at(2027, 3, 5), calendar.timegm((2024, 2, 29, 12, 0, 0))),
            ("Jan  1 00:00:01", at(2024, 12, 30), calendar.timegm((2024, 1, 1, 0, 0, 1)))):
        f.write("log", ("%s mail mailmend-milter[7]: %s\n" % (stamp, TEXT)).encode())
        os.utime("log", (written, written))
        equal((stamp, seconds(report("log")["first"])), (stamp, want - EAST))
    f.write("both", ("Dec 31 23:59:59 mail mailmend-milter[7]: %s\n"
                     "Jan  1 00:00:01 mail mailmend-milter[7]: %s\n" % (TEXT, TEXT)).encode())
    os.utime("both", (at(2025, 1, 1), at(2025, 1, 1)))
    got = report("both")
    equal(seconds(got["last"]) - seconds(got["first"]), 2)


def test_files_in_any_order(f):
    """Rotated logs, plain, compressed, and by standard input."""
    days = ["2026-11-%02dT10:00:00Z" % day for day in (18, 19, 20, 21)]
    lines = [line_of(stamp=day, id="4X%d" % n, **BROKEN).encode() for n, day in enumerate(days)]
    f.write("log", lines[3])
    f.write("log.1", lines[2])
    f.write("log.2.gz", gzip.compress(lines[1]))
    want = report("log", "log.1", "log.2.gz", "-", stdin=gzip.compress(lines[0]))
    equal((want["issues"], want["first"][:10], want["last"][:10]), (4, "2026-11-18", "2026-11-21"))
    equal(named_ids(want), ["4X3", "4X2", "4X1"])
    for names in (["-", "log.2.gz", "log.1", "log"], ["log.1", "-", "log", "log.2.gz"]):
        equal(report(*names, stdin=lines[0]), want)
    # two members, as cat makes them, and what a tape's block has behind them
    f.write("two.gz", gzip.compress(lines[0]) + gzip.compress(lines[1]) + b"\0" * 100)
    equal(report("two.gz")["issues"], 2)


def named_ids(got):
    return got["senders"][0]["examples"]


def test_damaged_files(f):
    """What can be read of a file counts; the rest is told."""
    packed = gzip.compress(b"".join(line_of(id="4X%d" % n, **BROKEN).encode() for n in range(9000)))
    f.write("cut.gz", packed[:len(packed) // 2])
    result = run("report", "--json", "cut.gz")
    equal(result.code, 2)
    has(result.err, "cut.gz: the compressed log is cut off")
    assert 1000 < result.objects[0]["issues"] < 9000, result.objects[0]["issues"]
    f.write("bad.gz", packed[:2000] + b"\xff" * 500 + packed[2500:])
    equal(run("report", "bad.gz").code, 2)
    f.write("log.xz", b"\xfd7zXZ\0\0\0")
    f.write("log.zst", b"\x28\xb5\x2f\xfd\0")
    for name, tool in (("log.xz", "xz -dc"), ("log.zst", "zstd -dc")):
        result = run("report", name)
        equal(result.code, 2)
        has(result.err, tool)
    f.write("good", line_of(**BROKEN).encode())
    result = run("report", "--json", "missing", ".", "good")
    equal((result.code, result.objects[0]["issues"]), (2, 1))
    has(result.err, "missing: No such file")
    has(result.err, ".: Is a directory")


def test_long_lines(f):
    """Lines of any length are one line, and memory is bounded."""
    good = line_of(**BROKEN).encode()
    for size in (1048575, 1048576, 1048577, 1310720, 3000000):
        f.write("log", good + b"x" * size + b"\n" + good + b"y" * size)
        got = report("log")["lines"]
        equal((size, got["messages"], got["foreign"]), (size, 2, 2))


def entry(**fields):
    """An entry of a journal export; octets are a field of that kind."""
    out = b"__CURSOR=s=1;i=1\n"
    for key, value in fields.items():
        if isinstance(value, bytes):
            out += key.encode() + b"\n" + struct.pack("<Q", len(value)) + value + b"\n"
        else:
            out += ("%s=%s\n" % (key, value)).encode()
    return out + b"\n"


def test_export(f):
    stamp = "1763632800000000"
    f.write("log", entry(__REALTIME_TIMESTAMP=stamp, SYSLOG_IDENTIFIER="mailmend-milter", MESSAGE=TEXT) +
            entry(__REALTIME_TIMESTAMP=stamp, SYSLOG_IDENTIFIER="core", COREDUMP=b"\n\n__CURSOR=" * 9,
                  MESSAGE=b"a\nb") +
            entry(SYSLOG_IDENTIFIER="core", BIG=b"z" * 3000000) +
            entry(__REALTIME_TIMESTAMP=stamp, SYSLOG_IDENTIFIER="mailmend-milter",
                  MESSAGE="mailmend-milter[3]: " + TEXT) +
            entry(__REALTIME_TIMESTAMP=stamp, SYSLOG_IDENTIFIER="postfix/smtpd", MESSAGE=TEXT) +
            entry(SYSLOG_IDENTIFIER="mailmend-milter", MESSAGE=b"4X1: action=log labels=\xff"))
    got = report("log")
    equal((got["issues"], got["lines"]["foreign"], got["lines"]["damaged"]), (2, 3, 1))
    equal(seconds(got["first"]), int(stamp) // 1000000)
    f.write("cut", entry(MESSAGE=TEXT, SYSLOG_IDENTIFIER="mailmend-milter") +
            entry(BIG=b"z" * 5000)[:2000])
    result = run("report", "--json", "cut")
    equal(result.objects[0]["issues"], 1)


def test_json_lines(f):
    """Objects of a journal, of a container, and our own lines as JSON."""
    own = json.dumps({"id": "4X1", "action": "log", "labels": ["LINE_TOO_LONG"], "fixed": [],
                      "left": ["LINE_TOO_LONG"], "policy": "watch", "rule": "default",
                      "from": "<a@example.org>", "client": "c[192.0.2.1]", "us": 7})
    journal = {"__REALTIME_TIMESTAMP": "1763632800000000", "SYSLOG_IDENTIFIER": "mailmend-milter",
               "X": [1, {"a": "}]"}, None], "Y": 5}
    for line, dated in ((json.dumps(dict(journal, MESSAGE=TEXT)), True),
                        (json.dumps(dict(journal, MESSAGE=own)), True),
                        (json.dumps(dict(journal, MESSAGE="mailmend-milter[1]: " + own)), True),
                        (json.dumps({"log": "mailmend-milter[1]: " + TEXT + "\n", "stream": "stderr",
                                     "time": "2026-11-20T10:00:00.5Z"}), True),
                        ("2026-11-20T10:00:00Z mailmend-milter[1]: " + own, True),
                        ("mailmend-milter[1]: " + own, False), (own, False)):
        got = one(f, line + "\n")
        equal((line, got["undated"]), (line, 0 if dated else 1))
        equal(got["senders"][0]["name"], "a@example.org")
    f.write("log", json.dumps(dict(journal, SYSLOG_IDENTIFIER="x", MESSAGE=TEXT)).encode())
    equal(report("log")["lines"]["foreign"], 1)


def test_random_damage(f):
    """Whatever a log holds, every line is counted once."""
    random.seed(4)
    own = json.dumps({"id": "4X1", "action": "log", "labels": ["LINE_TOO_LONG"], "us": 7})
    lines = [("<22>1 2026-11-20T10:00:00Z mail mailmend-milter 77 - [a b=\"c\"] " + TEXT).encode(),
             ("Nov 20 10:00:00 mail mailmend-milter[7]: " + own).encode(), own.encode(),
             json.dumps({"__REALTIME_TIMESTAMP": "1763632800000000", "MESSAGE": TEXT, "A": [1],
                         "SYSLOG_IDENTIFIER": "mailmend-milter"}).encode(),
             line_of(**BROKEN).strip().encode(), b"Fri 2026-11-20 10:00:00 UTC mail mailmend-milter[7]: x"]
    pieces = [b"", b" ", b"[", b"]", b'"', b"\\", b"{", b"}", b":", b"=", b"\\x0", b"\xff", b"\0", b"-", b"99", b"|"]
    data, count = b"", 0
    for _ in range(6000):
        line = bytearray(random.choice(lines))
        for _ in range(random.randrange(4)):
            at = random.randrange(len(line))
            line[at:at + random.randrange(12)] = random.choice(pieces)
        if line:
            data += bytes(line) + b"\n"
            count += 1
    f.write("log", data)
    for args in ([], ["--html=page"], ["--csv"], ["--suggest"]):
        equal(run("report", *args, "log").code, 0)
    got = report("log")
    equal(sum(got["lines"].values()), count)
    equal(got["messages"], got["lines"]["messages"])
    assert min(got["lines"][key] for key in ("messages", "damaged", "foreign", "other")) > 0, got["lines"]


def test_real_journal(f):
    """What the real journalctl writes of a real journal, in each of its forms."""
    writer = "/lib/systemd/systemd-journal-remote"
    if not os.path.exists(writer) or shutil.which("journalctl") is None:
        raise Skip("systemd-journal-remote or journalctl is not installed")
    begin = int(time.time()) - 86400
    export = b""
    for n in range(20):
        export += (b"__CURSOR=s=1;i=%d\n__REALTIME_TIMESTAMP=%d\n__MONOTONIC_TIMESTAMP=%d\n"
                   b"_BOOT_ID=0123456789abcdef0123456789abcdef\nPRIORITY=6\n_HOSTNAME=mail\n"
                   % (n, (begin + n) * 1000000, n + 1))
        if n % 2:
            export += b"SYSLOG_IDENTIFIER=mailmend-milter\nSYSLOG_PID=7\nMESSAGE=%s\n\n" % TEXT.encode()
        else:
            export += b"SYSLOG_IDENTIFIER=postfix/smtpd\nMESSAGE=connect from x\n\n"
    f.write("export", export)
    done = subprocess.run([writer, "-o", os.path.abspath("x.journal"), "export"],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    equal((done.returncode, done.returncode and done.stdout), (0, 0))
    for form in ("short", "short-iso", "short-precise", "short-full", "short-unix", "json", "export",
                 "with-unit", "short-iso-precise", "short-monotonic", "cat"):
        out = subprocess.run(["journalctl", "--file=x.journal", "-o", form, "--no-pager"],
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=True).stdout
        got = report("-", stdin=out)
        equal((form, got["issues"]), (form, 10))
        if form not in ("cat", "short-monotonic"):
            equal((form, seconds(got["first"]), seconds(got["last"])), (form, begin + 1, begin + 19))


if __name__ == "__main__":
    sys.exit(main(dict(globals())))
