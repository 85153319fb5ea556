#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""`mailmend report` counts what the lines of the log say, and all its forms say the same.

Prints TAP. MAILMEND and MAILMEND_MILTER name the binaries. Standard library only.
"""
import collections
import fcntl
import itertools
import os
import re
import resource
import struct
import subprocess
import sys
import termios
import time

from clitest import MAILMEND, SOURCE, Skip, equal, has, main, run
from loglines import line_of, named, report, rows_of_csv

sys.path.insert(0, os.path.join(SOURCE, "tests", "milter"))
sys.path.insert(0, os.path.join(SOURCE, "tests", "cli"))
import milterdaemon  # noqa: E402  pylint: disable=wrong-import-position
from test_same import ENVELOPES, RULES, samples as all_samples, send  # noqa: E402  pylint: disable=wrong-import-position

KEYS = {"senders": lambda line: line["from"].strip("<>") or "<>",
        "domains": lambda line: line["from"].strip("<>").rpartition("@")[2].lower() or "<>",
        "clients": lambda line: line["client"], "users": lambda line: line["user"],
        "programs": lambda line: line.get("program", ""),
        "policies": lambda line: line["policy"] + "/" + line["rule"]}
OUTCOMES = ("clean", "mended", "partly", "left", "refused", "would_mend", "would_refuse", "error")


def words(text):
    return text.split("|") if text else []


def outcome(line):
    """What became of a message, told anew from what the manual says."""
    would = line.get("would", line["action"])
    if line["action"] == "error":
        return "error"
    if not line["labels"]:
        return "clean"
    for action, name in ((line["action"], "refused"), (would, "would_refuse")):
        if action in ("reject", "tempfail", "quarantine"):
            return name
    if not line["fixed"]:
        return "left"
    if line["action"] != "fix":
        return "would_mend"
    return "partly" if line["left"] else "mended"


def counted(lines):
    """{table: {name: Counter}} of the lines, and the same of {(name, label)}."""
    tables = {table: collections.defaultdict(collections.Counter) for table in KEYS}
    for line in lines:
        for table, key in KEYS.items():
            if not key(line):
                continue
            row = tables[table][key(line)]
            row.update(["messages", outcome(line)])
            row.update(["issues"] if line["labels"] else [])
            row.update(("found", label) for label in words(line["labels"]))
            if outcome(line) in ("mended", "partly"):
                row.update(("mended", label) for label in words(line["fixed"]))
    return tables


def check_tables(got, lines):
    tables = counted(lines)
    for table, rows in tables.items():
        with_issues = {name for name, row in rows.items() if row["issues"]}
        equal((table, {row["name"] for row in got[table]}), (table, with_issues))
        for row in got[table]:
            want = rows[row["name"]]
            for key in ("messages", "issues", *OUTCOMES):
                equal((table, row["name"], key, row[key]), (table, row["name"], key, want[key]))
            for cell in row["labels"]:
                for key in ("found", "mended"):
                    equal((row["name"], cell["label"], key, cell[key]),
                          (row["name"], cell["label"], key, want[key, cell["label"]]))
            equal(sum(cell["found"] for cell in row["labels"]),
                  sum(n for key, n in want.items() if key[0] == "found"))
    equal(got["messages"], len(lines))


def check_real(form):
    """A daemon logs what it does with 200 samples; the report counts the same lines."""
    if not os.access(milterdaemon.BINARY, os.X_OK):
        raise Skip("there is no mailmend-milter")
    settings = "LogFormat = %s\nLogProgram = yes\n" % form
    begin = int(time.time())
    with milterdaemon.Daemon(settings, RULES) as daemon:
        samples = list(all_samples())[::3]
        assert len(samples) > 150, len(samples)
        for number, (_, wire) in enumerate(samples):
            if number % 7 == 0:
                wire = b"X-Mailer: Program %d\r\n" % (number % 3) + wire
            send(daemon, number, wire, ENVELOPES[number % 8])
        with open(daemon.log, "rb") as file:
            log = file.read()
    with open("log", "wb") as file:
        file.write(log)
    return report("log"), begin


def test_real_text_lines(f):
    got, begin = check_real("text")
    with open("log", encoding="ascii") as file:
        texts = [milterdaemon.LOG_LINE.match(line).group(1) for line in file]
    lines = [line for line in map(milterdaemon.parse_line, texts) if line is not None]
    equal((got["lines"]["messages"], got["lines"]["other"], got["lines"]["foreign"],
           got["lines"]["damaged"]), (len(lines), len(texts) - len(lines), 0, 0))
    check_tables(got, lines)
    assert sum(got[key] > 0 for key in OUTCOMES) >= 6, got
    assert len(got["programs"]) == 3, got["programs"]
    # a moment before and after the run
    equal(report("--since=1h", "log"), got)
    equal(report("--until=1h", "log")["messages"], 0)
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(begin - 1))
    equal(report("--until=" + stamp, "log")["lines"]["outside"], len(lines))


def test_real_json_lines(f):
    """In the other format the same is counted."""
    text, _ = check_real("text")
    got, _ = check_real("json")
    for key in ("lines", "messages", "issues", *OUTCOMES):
        equal((key, got[key]), (key, text[key]))
    for table in KEYS:
        strip = [{key: row[key] for key in ("name", "messages", "issues", *OUTCOMES)}
                 for row in got[table]]
        equal(strip, [{key: row[key] for key in strip[0]} for row in text[table]])


SMALL = (line_of("2026-11-20T10:00:00Z", id="4X1", action="fix", labels="LINE_TOO_LONG|MISSING_DATE_HEADER",
                 fixed="LINE_TOO_LONG|MISSING_DATE_HEADER", client="erp.example.org[192.0.2.9]")
         + line_of("2026-11-20T11:00:00Z", id="4X2", action="fix", labels="LINE_TOO_LONG|MISSING_FROM_HEADER",
                   fixed="LINE_TOO_LONG", left="LINE_TOO_LONG|MISSING_FROM_HEADER", user="erp")
         + line_of("2026-11-20T12:00:00Z", id="4X3", action="log", labels="MISSING_FROM_HEADER")
         + line_of("2026-11-21T12:00:00Z", id="4X4", action="reject", labels="LINE_TOO_LONG",
                   **{"from": "Bob@Example.NET"})
         + line_of("2026-11-21T13:00:00Z", id="4X5", **{"from": ""})
         + line_of("2026-11-21T14:00:00Z", id="NOQUEUE", action="log", would="fix",
                   labels="LINE_TOO_LONG|INVALID_DATE", fixed="LINE_TOO_LONG", left="INVALID_DATE",
                   **{"from": ""})
         + line_of("2026-11-21T15:00:00Z", id="4X7", action="error"))

TABLES = """\
7 messages, 5 with issues (71.4 %), 2026-11-20 19:00 to 2026-11-22 00:00
          1  had nothing that counts
          1  were mended
          1  were mended, but some of it was left
          1  passed as they were
          1  were rejected, held or put off
          1  would have been mended (dry run)
          1  made the filter fail

MESSAGES  ISSUES    SHARE  MENDED  PARTLY  LEFT  REFUSED  WOULD  LABEL
       4       4   57.1 %       1       1     0        1      1  LINE_TOO_LONG
          2026-11-20 19:00 to 2026-11-21 23:00; last 4X4, 4X2, 4X1
       2       2   28.6 %       0       1     1        0      0  MISSING_FROM_HEADER
          2026-11-20 20:00 to 2026-11-20 21:00; last 4X3, 4X2
       1       1   14.3 %       0       0     0        0      1  INVALID_DATE
          2026-11-21 23:00 to 2026-11-21 23:00
       1       1   14.3 %       1       0     0        0      0  MISSING_DATE_HEADER
          2026-11-20 19:00 to 2026-11-20 19:00; last 4X1

MESSAGES  ISSUES    SHARE  MENDED  PARTLY  LEFT  REFUSED  WOULD  ERRORS  SENDER
       4       3   75.0 %       1       1     1        0      0       1  a@example.org
          LINE_TOO_LONG 2, MISSING_FROM_HEADER 2, MISSING_DATE_HEADER 1
          2026-11-20 19:00 to 2026-11-20 21:00; last 4X3, 4X2, 4X1
       2       1   50.0 %       0       0     0        0      1       0  <>
          LINE_TOO_LONG 1, INVALID_DATE 1
          2026-11-21 23:00 to 2026-11-21 23:00
       1       1    100 %       0       0     0        1      0       0  Bob@Example.NET
          LINE_TOO_LONG 1
          2026-11-21 21:00 to 2026-11-21 21:00; last 4X4
"""


def test_golden(f):
    f.write("log", SMALL.encode())
    result = run("report", "log")
    equal((result.code, result.err), (0, ""))
    equal(result.text[:len(TABLES)], TABLES)
    equal([line for line in result.lines if line.endswith("LOGGED IN")],
          ["MESSAGES  ISSUES    SHARE  MENDED  PARTLY  LEFT  USER WHO LOGGED IN"])
    equal(run("report", "--by=label", "log").text, TABLES[:TABLES.index("\nMESSAGES  ISSUES    SHARE  "
                                                                       "MENDED  PARTLY  LEFT  REFUSED  WOULD  ERRORS")])


def test_json(f):
    f.write("log", SMALL.encode())
    got = report("log")
    cell = got["labels"][0]["labels"][0]
    equal(cell, {"label": "LINE_TOO_LONG", "mendable": True, "found": 4, "mended": 2, "left": 1,
                 "refused": 1, "would": 1, "first": "2026-11-20T19:00:00+09:00",
                 "last": "2026-11-21T23:00:00+09:00", "example": "4X4"})
    equal([row["name"] for row in got["domains"]], ["example.org", "<>", "example.net"])
    equal(named(got["users"], "erp")["issues"], 1)
    equal(named(got["senders"], "a@example.org")["examples"], ["4X3", "4X2", "4X1"])
    equal(named(got["senders"], "<>")["examples"], [])


def test_csv_says_the_same(f):
    f.write("log", SMALL.encode())
    got = report("log")
    rows = rows_of_csv("log")
    for table, by in (("senders", "sender"), ("domains", "domain"), ("clients", "client"),
                      ("users", "user"), ("policies", "policy"), ("labels", "label")):
        mine = [row for row in rows if row["by"] == by and not row["label"]]
        equal([(row["name"], int(row["messages"]), int(row["issues"]), int(row["mended"]),
                int(row["partly"]), int(row["left"]), int(row["refused"]), int(row["would"]),
                int(row["errors"]), row["examples"].split()) for row in mine],
              [(row["name"], row["messages"], row["issues"], row["mended"], row["partly"],
                row["left"], row["refused"], row["would_mend"] + row["would_refuse"], row["error"],
                row["examples"]) for row in got[table]])
        cells = [row for row in rows if row["by"] == by and row["label"]]
        equal([(row["name"], row["label"], int(row["issues"]), int(row["left"]), row["first"]) for row in cells],
              [(row["name"], cell["label"], cell["found"], cell["left"], cell["first"])
               for row in got[table] for cell in row["labels"]])


def test_hostile_csv(f):
    names = ['=cmd|"x"!A1@x.example', "a,b@x.example", 'q"q@x.example', "+1@x.example", "\udcff@x.example",
             "line\nbreak@x.example", "m\u00fcller@x.example", "\u202eright@x.example"]
    f.write("log", "".join(line_of(action="log", labels="LINE_TOO_LONG", **{"from": name})
                           for name in names).encode())
    got = {row["name"] for row in rows_of_csv("--by=sender", "log")}
    equal(got, {"'" + names[0], names[1], names[2], "'" + names[3], "\\xff@x.example",
                "line\\x0abreak@x.example", names[6], "\\xe2\\x80\\xaeright@x.example"})
    got = {row["name"] for row in report("log")["senders"]}
    equal(got, set(names[:4]) | {"\ufffd@x.example"} | set(names[5:]))
    shown = run("report", "log").out
    assert b"\xe2\x80\xae" not in shown and b"\xff" not in shown, shown


def test_choices(f):
    f.write("log", SMALL.encode())
    got = report("--since=2026-11-21", "--until=2026-11-21 22:30", "log")
    equal((got["messages"], got["lines"]["outside"]), (2, 5))
    got = report("--by=client", "log")
    equal([key for key in got if isinstance(got[key], list)], ["clients"])
    equal(len(report("--top=1", "log")["senders"]), 1)
    has(run("report", "--by=sender", "--top=1", "log").text, "2 more senders with issues")
    got = report("--label=missing-from-header,INVALID_DATE", "log")
    equal((got["messages"], got["issues"], got["clean"], got["left"], got["partly"]), (7, 3, 3, 3, 0))
    equal({row["name"] for row in got["labels"]}, {"MISSING_FROM_HEADER", "INVALID_DATE"})


def test_wrong_options(f):
    f.write("log", SMALL.encode())
    for args, text in (([], "no LOG"), (["--by=moon", "log"], "--by: 'moon'"),
                       (["--since=soon", "log"], "--since: 'soon'"), (["--until=2026-99-01", "log"], "--until"),
                       (["--label=NONE_SUCH", "log"], "NONE_SUCH"), (["--json", "--csv", "log"], "exclude"),
                       (["--html=-", "--json", "log"], "--html -"),
                       (["--html", "-", "--csv", "log"], "--html -"),
                       (["--html=-", "--suggest", "log"], "--html -"),
                       (["--reject", "log"], "--suggest"), (["--top=-3", "log"], "--top"),
                       (["--html=/nonexistent/x", "log"], "/nonexistent/x")):
        result = run("report", *args)
        equal((args, result.code, result.out), (args, 2, b""))
        has(result.err, text)


def on_terminal(columns, *args):
    """What is written to a terminal of this width."""
    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    with subprocess.Popen([MAILMEND, "report", *args], stdout=theirs) as process:
        os.close(theirs)
        out = b""
        try:
            while True:
                out += os.read(ours, 65536)
        except OSError:
            pass  # the other side is closed
    os.close(ours)
    equal(process.returncode, 0)
    return out.decode().replace("\r\n", "\n")


def test_width(f):
    """On a terminal names are cut in the middle; elsewhere they are whole."""
    long = "very-long-name-" * 12 + "@example.org"
    f.write("log", (SMALL + line_of(action="log", labels="|".join(
        "MISSING_%s_HEADER" % name for name in ("DATE", "FROM", "MESSAGE_ID")) + "|LINE_TOO_LONG|INVALID_DATE",
                                    **{"from": long})).encode())
    has(run("report", "log").text, long)
    for columns in (80, 101, 132):
        shown = on_terminal(columns, "--by=sender", "--label=LINE_TOO_LONG|MISSING_FROM_HEADER|INVALID_DATE",
                            "log")
        has(shown, "...")
        has(shown, "example.org\n")
        equal("SENDER\nMESSAGES" in shown, columns < 102)
        for line in shown.splitlines():
            assert len(line) <= columns, (columns, line)
    for columns in (1, 2, 5, 8, 20):
        has(on_terminal(columns, "log"), "MISSING")
    has(on_terminal(400, "--by=sender", "log"), long)


def test_empty(f):
    f.write("log", b"")
    result = run("report", "log")
    equal((result.code, result.text, result.err), (0, "no message of mailmend-milter that counts\n", ""))
    equal(report("log")["senders"], [])
    equal(len(run("report", "--csv", "log").lines), 1)


def test_too_many_names(f):
    """Totals stay exact, memory does not grow with the names, and who matters stays."""
    with open("log", "w", encoding="ascii") as file:
        for n in range(50000):
            file.write(line_of(id="4X%d" % n, action="log", labels="LINE_TOO_LONG",
                               client="c[192.0.2.%d]" % (n % 200), **{"from": "u%d@x.example" % n}))
            if n % 10 == 0:
                file.write(line_of(action="log", labels="INVALID_DATE", **{"from": "often@x.example"}))
    got = report("log")
    rows = got["senders"]
    equal(rows[0]["name"], "often@x.example")
    equal((rows[0]["issues"], rows[-1]["name"]), (5000, None))
    assert 10000 < len(rows) <= 20001, len(rows)
    equal(sum(row["issues"] for row in rows), 55000)
    equal(sum(cell["found"] for row in rows for cell in row["labels"]), 55000)
    equal(len(got["clients"]), 201)
    has(run("report", "--by=sender", "--top=3", "log").text, "  others\n")


def seconds_for(names):
    """Processor time for the report on mail of these senders."""
    with open("log", "w", encoding="ascii") as file:
        file.writelines(line_of(action="log", labels="LINE_TOO_LONG", **{"from": name}) for name in names)
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    equal(run("report", "--json", "--top=1", "log").code, 0)
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before


def test_names_that_collide(f):
    """Senders who choose names with one value of a well-known hash (33 h + c) cost no more than others."""
    chosen = ["".join(pairs) + "@x.example" for pairs in itertools.product(("Ez", "FY"), repeat=14)]
    usual = min(seconds_for(["%032d@x.example" % n for n in range(len(chosen))]) for _ in range(3))
    got = min(seconds_for(chosen) for _ in range(3))
    assert got < 4 * usual + 0.1, (got, usual)


# ---- suggestions -------------------------------------------------------------------------------------------


def accepted(text, covered=False):
    """mailmend-milter -n has nothing against this file; @covered: but that rules cover others."""
    if not os.access(milterdaemon.BINARY, os.X_OK):
        raise Skip("there is no mailmend-milter")
    with open("suggested.conf", "wb") as file:
        file.write(text)
    done = subprocess.run([milterdaemon.BINARY, "-n", "-c", "suggested.conf"], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=60)
    said = [line for line in done.stdout.splitlines() if line.startswith(b"suggested.conf:")
            and not (covered and b"can never be reached: [rule refuse-" in line)]
    equal(said, [])
    assert done.returncode == 0, done.stdout


def mail_of(count, labels, **fields):
    return "".join(line_of(id="4X%d" % n, action="log", labels=labels, **fields) for n in range(count))


def policy_of(*facts):
    return run("query", "--config=suggested.conf", "--format=json", *facts).objects[0]["policy"]


def test_suggest(f):
    client = dict(client="printer.example.org[192.0.2.7]")
    f.write("log", (mail_of(97, "LINE_TOO_LONG", **client) + mail_of(3, "", **client) +
                    mail_of(8, "LINE_TOO_LONG|MISSING_FROM_HEADER", client="crm[192.0.2.8]",
                            **{"from": "x@crm.example"}) +
                    mail_of(2, "MISSING_FROM_HEADER", client="crm[192.0.2.8]", **{"from": ""}) +
                    mail_of(9, "MISSING_FROM_HEADER", policy="microsoft365", user="ann", client="u[192.0.2.9]",
                            **{"from": "ann@u.example"}) +
                    mail_of(4, "INVALID_DATE", client="seldom[192.0.2.10]", **{"from": "z@z.example"}) +
                    mail_of(50, "LINE_TOO_LONG", policy="microsoft365", client="tried[192.0.2.11]",
                            **{"from": "t@t.example"})).encode())
    result = run("report", "--suggest", "log")
    equal((result.code, result.err), (0, ""))
    has(result.text, "# Client printer.example.org[192.0.2.7]: 100 messages, 97 with issues (97.0 %)\n"
                     "#   LINE_TOO_LONG: in 97, left in 97; microsoft365 mends it\n")
    has(result.text, "Would try to mend 97 messages")
    # bounces are never refused
    has(result.text, "Would have REFUSED 8 of these 10 messages (80.0 %)")
    live = [line for line in result.lines if line and not line.startswith("#")]
    equal(live, ["[rule mend-client-192-0-2-7]", "Client = 192.0.2.7", "Policy = microsoft365",
                 "[rule mend-client-192-0-2-8]", "Client = 192.0.2.8", "Policy = microsoft365"])
    for silent in ("seldom", "tried", "z@z"):
        assert silent not in result.text, result.text
    accepted(result.out)
    facts = ["from=a@x.example", "user=", "local=no", "header-from=", "received=no", "rcpt=r@x.example",
             "host=", "size=1"]
    equal(policy_of("client=192.0.2.7", *facts), "microsoft365")
    # what is a comment is right as well
    accepted(re.sub(rb"^#(?=[\[A-Z])", b"", result.out, flags=re.M), True)
    result = run("report", "--suggest", "--reject", "log")
    accepted(result.out)
    equal(policy_of("client=192.0.2.8", *facts), "refuse-client-192-0-2-8")
    equal(len(re.findall(r"^Reject = ", result.text, re.M)), len(re.findall("REFUSED", result.text)))


def test_suggest_hostile_names(f):
    """Nothing that a sender or user writes becomes a line, or a value that means more than itself."""
    names = ["x]\n[rule evil]\nPolicy = off\n", "!a@x.example", "/.*/@x.example", "TABLE:/etc/passwd",
             "lmdb:/x", "a, b@x.example", "a b@x.example", ".example", "@x.example", "-x@-x.example", "x@a..b",
             "\udcff@x.example", "x@[192.0.2.1]", "x@" + "d" * 230, "\u00e4@\u00e4.example", "[mailmend]",
             "= @x.example", "%s%n@x.example", "#@x.example", "'\"@x.example", "", "ok@fine.example", "x@xn--.example", "x@xn--ls8h=.la", "x@XN--99999.example", "x@192.0.2.1", "x@1", "x@com",
             "x..y@fine2.example", "u" * 300]
    lines = ""
    for n, name in enumerate(names):
        lines += mail_of(6, "LINE_TOO_LONG|MISSING_FROM_HEADER", user=name, client="unknown[%s]" % name[:9],
                         **{"from": name})
        # many clients, so that senders and users are what is left
        lines += mail_of(6, "INVALID_DATE", user=name, client="c[127.0.0.%d]" % n, **{"from": name})
    f.write("log", lines.encode())
    for args in ([], ["--reject"]):
        result = run("report", "--top=0", "--suggest", *args, "log")
        live = [line for line in result.lines if line and not line.startswith("#")]
        for line in live:
            assert re.fullmatch(r"\[(rule|policy) [a-z0-9-]+\]|Policy = [a-z0-9-]+|Inherit = microsoft365|"
                                r"Reject = MISSING_FROM_HEADER|SaslUser = [\w.@+-]+|SenderDomain = [\w.-]+|"
                                r"Sender = [\w.+-]+@[\w.-]+", line), line
        has(result.text, "SenderDomain = fine.example")
        accepted(result.out)
        accepted(re.sub(rb"^#(?=[\[A-Z])", b"", result.out, flags=re.M), True)


def test_suggest_nothing(f):
    f.write("log", SMALL.encode())
    result = run("report", "--suggest", "log")
    has(result.text, "# Nobody's mail")
    has(result.text, "DryRun = yes")
    accepted(result.out)


def test_every_label_has_a_cure(f):
    labels = [row["label"] for row in run("labels", "--format=json").objects]
    f.write("log", "".join(mail_of(1, label) for label in labels).encode())
    run("report", "--html=page", "log")
    page = f.read("page").decode()
    equal(page.count("<dt>Cure at the source</dt>"), len(labels))


if __name__ == "__main__":
    sys.exit(main(dict(globals())))
