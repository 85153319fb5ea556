# SPDX-License-Identifier: BSD-2-Clause
"""The rows of the table, a function for each group."""

import os

from measure import Row, Samples, engine, loads

# How much of everything: rounds, messages of a turn (not shown; of 5 KB, 50 KB, 1 MB; the same for
# Python, which takes longer), and a factor for turns of the engine.
FULL = {"rounds": 9, "off": 30000, "5k": 4000, "50k": 1000, "1m": 160, "python-5k": 300, "python-1m": 8,
        "loop": 1.0}
QUICK = {"rounds": 3, "off": 8000, "5k": 800, "50k": 200, "1m": 32, "python-5k": 100, "python-1m": 8,
         "loop": 0.2}
SMOKE = {"rounds": 1, "off": 4, "5k": 4, "50k": 2, "1m": 2, "python-5k": 2, "python-1m": 1, "loop": 0.0}

IN_A_SESSION = 10


def options(scale, size, connections=8, per_session=IN_A_SESSION):
    return (f"--messages={scale[size]}", f"--connections={connections}",
            f"--per-session={per_session}", f"--warmup={min(scale[size], 2 * connections)}")


class Milters:
    """The filters all rows share, started once."""

    def __init__(self, bench):
        self.bench = bench
        self.mailmend = bench.mailmend("microsoft365")
        self.null = bench.null("null")
        self.noreply = bench.null("noreply", "--noreply")
        self.python = bench.python("python")
        self.lean = bench.python("lean", "--lean")


# ---- clean mail

def clean_small(m, scale, facts, connections=8, per_session=IN_A_SESSION):
    """5 KB: rate against a filter that answers everything, CPU against the floor."""
    args = options(scale, "5k", connections, per_session)
    got = loads(m.bench, scale["rounds"], {
        "null": (m.null, "clean-5k", *args), "noreply": (m.noreply, "clean-5k", *args),
        "mailmend": (m.mailmend, "clean-5k", *args)})
    where = f"{connections} connections, {per_session} a session"
    note_facts(facts, f"clean 5 KB, {where}", got)
    title = f"milter, clean 5 KB mail with 18 headers, {where}"
    return [Row(f"{title}: message rate", "at least 2 x null-milter",
                got["mailmend"]["rate"] / got["null"]["rate"], 2.0, True),
            Row(f"{title}: CPU a message", "at most 1.15 x null-milter --noreply",
                got["mailmend"]["cpu_us"] / got["noreply"]["cpu_us"], 1.15)]


def clean_large(m, scale, facts):
    args = options(scale, "1m")
    got = loads(m.bench, scale["rounds"], {
        "noreply": (m.noreply, "clean-1m", *args), "mailmend": (m.mailmend, "clean-1m", *args)})
    note_facts(facts, "clean 1 MB, 8 connections", got)
    return [Row("milter, clean 1 MB mail, 8 connections: message rate",
                "at least 0.9 x null-milter --noreply",
                got["mailmend"]["rate"] / got["noreply"]["rate"], 0.9, True)]


# ---- mail that is mended

def mended(m, scale, facts):
    """CPU against the floor that sends the very same edits."""
    rows = []
    for name, size, title in (("founding-5k", "5k", "founding case, 5 KB"),
                              ("long-50k", "50k", "one long line, 50 KB")):
        edits = m.bench.record(m.mailmend, name, "mailmend")
        same = m.bench.null("edits-" + name, "--noreply", f"--edits={edits}")
        args = (*options(scale, size), f"--edits={edits}")
        got = loads(m.bench, scale["rounds"], {"noreply + edits": (same, name, *args),
                                               "mailmend": (m.mailmend, name, *args)})
        note_facts(facts, title, got)
        rows.append(Row(f"milter, mail that is mended ({title}): CPU a message",
                        "at most 1.5 x null-milter --noreply with the same edits",
                        got["mailmend"]["cpu_us"] / got["noreply + edits"]["cpu_us"], 1.5))
    return rows


def python(m, scale, facts):
    """The rate of the same repair in Python, and of the same repair without the checks."""
    rows = []
    for name, size, limit in (("founding-5k", "5k", 20), ("founding-1m", "1m", 60),
                              ("clean-5k", "5k", 20), ("clean-1m", "1m", 60)):
        turns = {"floor": (m.noreply, name, *options(scale, size))}
        for label, target, count in (("mailmend", m.mailmend, size),
                                     ("python", m.python, "python-" + size),
                                     ("lean", m.lean, "python-" + size)):
            turns[label] = (target, name, *options(scale, count),
                            *wanted(m.bench.record(target, name, label)))
        got = loads(m.bench, min(scale["rounds"], 5), turns)
        note_facts(facts, f"{name} against Python", got)
        for label, title in (("python", "the Python milter"),
                             ("lean", "the Python milter without checks")):
            facts.append(f"{name}: null-milter --noreply, which mends nothing, has "
                         f"{got['floor']['rate'] / got[label]['rate']} x the rate of {title}")
            rows.append(Row(f"against {title}, {name}: message rate", f"at least {limit} x",
                            got["mailmend"]["rate"] / got[label]["rate"], limit, True))
    return rows


def wanted(edits):
    """The argument of load for a file of edits, which is empty for clean mail."""
    return [f"--edits={edits}"] if os.path.getsize(edits) > 0 else []


def policy_off(m, scale, facts):
    off = m.bench.mailmend("off")
    null = m.bench.null("off", "--off")
    args = (*options(scale, "off"), "--off")
    got = loads(m.bench, scale["rounds"], {"null --off": (null, "clean-5k", *args),
                                           "mailmend": (off, "clean-5k", *args)})
    note_facts(facts, "policy off", got)
    target = "within 1.05 x a milter that accepts at MAIL"
    return [Row("a sender whose policy is off: CPU a message", target,
                got["mailmend"]["cpu_us"] / got["null --off"]["cpu_us"], 1.05),
            Row("a sender whose policy is off: time a message", target,
                got["null --off"]["rate"] / got["mailmend"]["rate"], 1.05)]


def note_facts(facts, title, got):
    """Keeps the numbers behind the ratios."""
    for name, values in got.items():
        facts.append(f"{title}: {name}: {values['rate'].median:.0f} messages a second, CPU "
                     f"{values['cpu_us'].median:.1f} us a message (generator "
                     f"{values['own_cpu_us'].median:.1f}), p50 {values['p50_us'].median:.0f} us, "
                     f"p99 {values['p99_us'].median:.0f} us, peak of memory "
                     f"{max(values['hwm_kb'].values) // 1024} MB")


# ---- memory

def memory(m, scale, facts):
    """Connections that all hold a large message at the same time."""
    connections = 2 if scale is SMOKE else 64
    size = "clean-1m" if scale is SMOKE else "clean-25m"
    got = m.bench.load(m.bench.mailmend("microsoft365"), size, f"--connections={connections}",
                       f"--messages={connections}", "--memory")
    facts.append(f"{connections} connections, {size}: peak of RssAnon {got['anon_kb'] >> 10} MB, "
                 f"of all memory {got['hwm_kb'] >> 10} MB")
    return [Row(f"memory, {connections} connections with {size} each: RssAnon in MB",
                "under 150 MB", Samples([got["anon_kb"] / 1024]), 150)]


# ---- the library alone

def turns(scale, number):
    return max(1, int(number * scale["loop"]))


def engine_small(m, scale, facts):
    """Check and repair against GMime's parse of the same mail."""
    rows = []
    for name, work, number, limit, title in (
            ("clean-5k", "check", 2000, 0.3, "check of a clean 5 KB text with 18 headers"),
            ("clean-50k", "check", 500, 0.35,
             "check of a 50 KB multipart/alternative, quoted-printable"),
            ("clean-50k-7bit", "check", 500, 0.35, "check of a 50 KB multipart/alternative, 7bit"),
            ("long-50k", "fix", 100, 5, "check + fix of a long line in the 50 KB mail"),
            ("longs-50k", "fix", 100, 5, "check + fix of long lines in the 50 KB mail")):
        got, result = engine(m.bench.message(name), (work, "gmime", "memcpy", "scan", "memchr"),
                             turns(scale, number), scale["rounds"])
        expect_result(name, result)
        note_engine(facts, title, got)
        rows.append(Row(f"engine, {title}", f"at most {limit} x a GMime parse",
                        got[work] / got["gmime"], limit))
    return rows


def engine_large(m, scale, facts):
    """10 MB against the octets' own limits."""
    path = m.bench.message("clean-10m")
    size = os.path.getsize(path)
    got, result = engine(path, ("check", "gmime", "memcpy", "scan", "memchr"), turns(scale, 10),
                         scale["rounds"])
    expect_result("clean-10m", result)
    note_engine(facts, "check of a 10 MB base64 attachment", got)
    title = "engine, check of a 10 MB base64 attachment"
    return [Row(f"{title}: GB/s", "at least 2 GB/s",
                Samples([size / ns for ns in got["check"].values]), 2.0, True),
            Row(f"{title}: of memcpy", "at least 0.25 of memcpy over the same bytes",
                got["memcpy"] / got["check"], 0.25, True)]


def expect_result(name, result):
    """What the engine says of a message must be what it was made for."""
    clean = result == "labels= edits= limit="
    mended_body = "labels=LINE_TOO_LONG" in result and "body:1" in result
    if not (clean if name.startswith("clean") else mended_body):
        raise RuntimeError(f"{name}: the engine says {result!r}")


def note_engine(facts, title, got):
    facts.append(f"engine, {title}: " + ", ".join(
        f"{work} {samples.median / 1000:.2f} us" for work, samples in got.items()))


TABLE = (clean_small, clean_large, mended, python, engine_small, engine_large, policy_off)
