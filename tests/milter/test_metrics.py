#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""/metrics, /healthz and the stats line: what they count is what the lines of messages say.

Prints TAP. $MAILMEND_MILTER is the program.
"""

import collections
import contextlib
import json
import os
import re
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time

import milterclient as mc
import milterdaemon as md
from dnsserver import DeadPort
from fixtures import (CLEAN, FOUNDING, POLICIES, client, deliver, expect_works, new_id, wait_until,
                      write_table)
from metrics import Daemon, free_port
from milterclient import Message
from tap import Skip, case, run_all

EX_UNAVAILABLE = 69
TWO_DEFECTS = FOUNDING + b"long " * 400 + b"\r\n"
STATS = re.compile(r"\]: (stats .*|\{\"event\":\"stats\".*)$", re.M)


# ---- counting ------------------------------------------------------------------------------------

def lists(lines, key, *also):
    """How often each label stands in @key of the lines, with the values of other keys."""
    return dict(collections.Counter(
        (label, *(line[k] for k in also))
        for line in lines for label in line[key].split("|") if label))


def expect_same(metrics, lines, before=None):
    """That the counters say what the lines say."""
    actions = collections.Counter((line["action"], line["policy"]) for line in lines)
    would = collections.Counter((line["would"], line["policy"]) for line in lines
                                if "would" in line)
    limits = collections.Counter((line["limit"],) for line in lines if "limit" in line)
    done = [line for line in lines if "would" not in line]
    wanted = {
        ("mailmend_messages_total", "action", "policy"): dict(actions),
        ("mailmend_dry_run_total", "action", "policy"): dict(would),
        ("mailmend_issues_total", "label", "policy"): lists(lines, "labels", "policy"),
        ("mailmend_fixes_total", "label"): lists(done, "fixed"),
        ("mailmend_left_total", "label"): lists(done, "left"),
        ("mailmend_limits_total", "limit"): dict(limits),
    }
    for family, values in wanted.items():
        assert metrics.by(*family) == values, (family, metrics.by(*family), values)
    assert metrics.get("mailmend_message_bytes_total") == sum(int(l["size"]) for l in lines)
    expect_same_times(metrics, [int(line["us"]) for line in lines])


def expect_same_times(metrics, times):
    """That each bucket has the messages whose lines say that they were that fast."""
    buckets = metrics.by("mailmend_message_seconds_bucket", "le")
    for (bound,), count in buckets.items():
        most = float(bound) * 1e6
        assert count == sum(us <= most + 0.01 for us in times), (bound, count, sorted(times))
    assert buckets[("+Inf",)] == metrics.get("mailmend_message_seconds_count") == len(times)
    assert abs(metrics.get("mailmend_message_seconds_sum") - sum(times) / 1e6) < 1e-6


@case("counters are what the lines say, in every action and with every answer")
def same_as_lines():
    answers = collections.Counter()
    with Daemon("MaxMessageSize = 20000\nLogProgram = yes", POLICIES) as daemon:
        with client(daemon) as mta:
            for sender, wire, answer in (
                    ("a@example.com", CLEAN, "pass"), ("a@example.com", FOUNDING, "fix"),
                    ("a@example.com", TWO_DEFECTS, "fix"), ("a@refuse.example", FOUNDING, "reject"),
                    ("a@later.example", FOUNDING, "tempfail"),
                    ("a@hold.example", TWO_DEFECTS, "quarantine"),
                    ("a@shadow.example", FOUNDING, "pass"),
                    ("a@example.com", CLEAN + b"x\r\n" * 9000, "pass"),
                    ("a@example.com", FOUNDING.replace(b"To:", b"Received: x\r\nTo:"), "pass")):
                deliver(mta, wire, sender=sender, queue_id=new_id())
                answers[(answer,)] += 1
        with client(daemon, address="192.0.2.66") as mta:
            deliver(mta, FOUNDING)
        metrics = daemon.metrics()
        lines = daemon.messages()
        assert {line["action"] for line in lines} == {
            "none", "log", "fix", "reject", "tempfail", "quarantine"}, lines
        assert len(lines) == 9 and sum("limit" in line for line in lines) == 1
        expect_same(metrics, lines)
        assert metrics.by("mailmend_answers_total", "answer") == answers
        assert metrics.get("mailmend_off_total") == 1
        assert metrics.get("mailmend_sessions_total") == 2
        assert not metrics.by("mailmend_errors_total", "kind")
        wait_until(lambda: daemon.metrics().get("mailmend_sessions_open") == 0)
        assert daemon.metrics().get("mailmend_messages_open") == 0


@case("a dry run counts as such, and as nothing that was mended or left")
def dry_run():
    with Daemon("DryRun = yes", POLICIES) as daemon:
        with client(daemon) as mta:
            deliver(mta, FOUNDING)
        lines = daemon.messages()
        assert [(l["action"], l["would"], l["fixed"]) for l in lines] == [
            ("log", "fix", "ENCODED_MESSAGE_ID")], lines
        metrics = daemon.metrics()
        assert not metrics.by("mailmend_fixes_total", "label"), metrics.text
        expect_same(metrics, lines)


@case("no counter of a bound that no line ever names")
def bounds():
    with Daemon() as daemon:
        text = daemon.metrics().text
        named = set(re.findall(r'^mailmend_limits_total\{limit="(\w+)"\}', text, re.M))
    assert {"parts", "headers", "attempts", "irregular", "toolarge", "deadline", "other"} <= named
    assert not {"rounds", "recipients", "repeats", "log_queue", "kept_value"} & named, named


@case("eight connections at once: no count is lost")
def at_once():
    def send(daemon, name):
        with client(daemon) as mta:
            for n in range(40):
                deliver(mta, (FOUNDING, CLEAN, TWO_DEFECTS)[n % 3], queue_id=f"{name}X{n}",
                        sender="a@refuse.example" if n % 4 == 0 else "a@example.com")

    with Daemon(sections=POLICIES) as daemon:
        threads = [threading.Thread(target=send, args=(daemon, n)) for n in range(8)]
        for thread in threads:
            thread.start()
        # What is read meanwhile only grows.
        seen = 0
        while any(thread.is_alive() for thread in threads):
            metrics = daemon.metrics()
            now = sum(metrics.by("mailmend_messages_total", "action", "policy").values())
            assert now >= seen and metrics.get("mailmend_sessions_open") <= 8
            seen = now
        for thread in threads:
            thread.join()
        assert len(daemon.messages()) == 320
        expect_same(daemon.metrics(), daemon.messages())


@case("errors by their kind")
def errors():
    sections = "[rule text]\nSender = @hold.example\nPolicy = hold\n"
    sections += "[policy hold]\nQuarantine = ALL\n[rule rest]\nPolicy = microsoft365\n"
    with Daemon() as daemon:
        kept = os.path.join(daemon.folder, "kept")
        spool = os.path.join(daemon.folder, "spool")
        os.mkdir(spool)
        os.chmod(spool, 0o777)
        daemon.change(f"KeepOriginals = {kept}\nSpoolThreshold = 1K\nSpoolDir = {spool}", sections)
        daemon.signal()
        wait_until(lambda: "reloaded:" in daemon.text())
        actions = mc.ALL_ACTIONS & ~mc.QUARANTINE
        with client(daemon, actions=actions) as mta:
            assert deliver(mta, FOUNDING, sender="a@hold.example").reply.command == "t"
            deliver(mta, FOUNDING)
            shutil.rmtree(kept)
            assert deliver(mta, FOUNDING).reply.refuses
            os.rmdir(spool)
            assert deliver(mta, CLEAN + b"x\r\n" * 1000).reply.refuses
        metrics = daemon.metrics()
        assert metrics.by("mailmend_errors_total", "kind") == {
            ("answer",): 1, ("keep",): 1, ("receive",): 1}, metrics.text
        assert metrics.by("mailmend_answers_total", "answer") == {
            ("tempfail",): 3, ("fix",): 1}, metrics.text
        assert metrics.get("mailmend_originals_total") == 1
        expect_same(metrics, daemon.messages())


@case("a table that cannot be asked is an error of the kind lookup")
def lookup():
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        table = os.path.join(folder, "senders")
        write_table(table, "nonsense")
        with Daemon(sections=f"[rule t]\nPolicy = TABLE\nSender = lmdb:{table}\n") as daemon:
            with client(daemon) as mta:
                assert deliver(mta, FOUNDING, sender="a@x.example").reply.refuses
            metrics = daemon.metrics()
            assert metrics.by("mailmend_errors_total", "kind") == {("lookup",): 1}, metrics.text
            expect_same(metrics, daemon.messages())


@case("DNS: messages that waited, and those for which it did not say")
def dns():
    rule = "[rule m365]\nRecipientMx = .example.com\nPolicy = watch\n"
    with DeadPort() as port, Daemon(f"MxServers = 127.0.0.1:{port.port}\nMxWait = 200ms",
                                    rule) as daemon, client(daemon) as mta:
        deliver(mta, CLEAN)
        # Nobody waits for that domain again.
        deliver(mta, CLEAN)
        deliver(mta, CLEAN, recipients=("a@[192.0.2.1]",))
        metrics = daemon.metrics()
        assert metrics.get("mailmend_dns_unknown_total") == 2
        assert 1 <= metrics.get("mailmend_dns_waits_total") <= 2
        assert 0.19 < metrics.get("mailmend_dns_wait_seconds_total") < 2


@case("a reload takes no count away, and shows itself")
def reloads():
    with Daemon(sections="[policy old]\nLog = ALL\n[rule all]\nPolicy = old\n") as daemon:
        expect_works_anyhow(daemon)
        with client(daemon) as mta:
            deliver(mta, FOUNDING)
        before = daemon.metrics()
        assert before.get("mailmend_config_reloads_total") == 0
        daemon.change(sections="[policy new]\nLog = ALL\n[rule all]\nPolicy = new\n")
        daemon.signal()
        wait_until(lambda: daemon.metrics().get("mailmend_config_reloads_total") == 1)
        wait_until(lambda: "reloaded:" in daemon.text())
        after = daemon.metrics()
        # There before its first message: a rise from nothing would be none.
        assert after.get("mailmend_messages_total", action="fix", policy="new") == 0
        assert after.get("mailmend_config_reload_failed") == 0
        with client(daemon) as mta:
            deliver(mta, FOUNDING)
        after = daemon.metrics()
        assert after.by("mailmend_messages_total", "action", "policy") == {
            ("none", "old"): 1, ("log", "old"): 1, ("log", "new"): 1}
        assert all(after.samples[key] >= value for key, value in before.samples.items()
                   if key[0].endswith("_total")), after.text
        expect_same(after, daemon.messages())
        expect_failure(daemon, after)


def expect_failure(daemon, before):
    daemon.change(raw="[mailmend]\nNonsense = 1\n")
    daemon.signal()
    wait_until(lambda: daemon.metrics().get("mailmend_config_reload_failed") == 1)
    metrics = daemon.metrics()
    assert metrics.get("mailmend_config_reload_failures_total") == 1
    name = "mailmend_config_reload_success_timestamp_seconds"
    assert abs(time.time() - metrics.get(name)) < 60
    assert metrics.get(name) == before.get(name)


@case("a thousand policies are counted one by one, and those beyond together")
def many_policies():
    names = [f"tenant{n}" for n in range(1100)]
    sections = "".join(f"[policy {name}]\nLog = ALL\n[rule {name}]\nSender = @{name}.example\n"
                       f"Policy = {name}\n" for name in names)
    with Daemon(sections=sections) as daemon:
        with client(daemon) as mta:
            for name in ("tenant3", "tenant1099", "tenant1098"):
                deliver(mta, FOUNDING, sender=f"a@{name}.example")
        found = daemon.metrics().by("mailmend_messages_total", "action", "policy")
        assert found.pop(("log", "tenant3")) == 1
        assert sum(found.values()) == 2 and all(action == "log" for action, _ in found), found


# ---- HTTP ----------------------------------------------------------------------------------------

@case("without MetricsListen nothing listens; in -n it is taken, without a port refused")
def default_off():
    with md.Daemon() as daemon:
        with open(f"/proc/{daemon.process.pid}/net/tcp", encoding="ascii") as file:
            table = file.read()
        inodes = {os.readlink(f"/proc/{daemon.process.pid}/fd/{fd}")
                  for fd in os.listdir(f"/proc/{daemon.process.pid}/fd")
                  if os.path.lexists(f"/proc/{daemon.process.pid}/fd/{fd}")}
        for line in table.splitlines()[1:]:
            assert f"socket:[{line.split()[9]}]" not in inodes, line
    for value, code in (("127.0.0.1:9894", 0), ("[::1]:9894", 0), ("127.0.0.1", 78),
                        ("localhost:9894", 78), ("127.0.0.1:0", 78), ("::1:9894", 78)):
        with contextlib.closing(Checked(f"MetricsListen = {value}")) as daemon:
            got, _, err = daemon.run("-n")
            assert got == code, (value, got, err)
            assert code == 0 or re.search(r":[45]: MetricsListen: ", err), err


class Checked(md.Daemon):
    """One that is not started."""

    def close(self):
        self.__exit__()


@case("an address in use is an error at the start, and the socket is gone")
def in_use():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with contextlib.closing(Checked(f"MetricsListen = 127.0.0.1:{port}")) as daemon:
            code, _, err = daemon.run("-f")
            assert code == EX_UNAVAILABLE, (code, err)
            assert f"MetricsListen = 127.0.0.1:{port}: " in daemon.text() + err, daemon.text()
            assert "in use" in daemon.text() + err and not os.path.exists(daemon.socket)


@case("root may have a port below 1024, and is not root any more when it serves")
def low_port():
    if os.geteuid() != 0:
        raise Skip("not root")
    port = next(p for p in range(600, 1000) if can_bind(p))
    with md.Daemon(f"MetricsListen = 127.0.0.1:{port}") as daemon:
        with socket.create_connection(("127.0.0.1", port), 20) as http:
            http.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
            assert b"200 OK" in http.recv(4096)
        with open(f"/proc/{daemon.process.pid}/status", encoding="ascii") as file:
            assert not re.search(r"^Uid:.*\b0\b", file.read(), re.M)


def can_bind(port):
    with socket.socket() as probe:
        with contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return True
    return False


@case("IPv6")
def over_v6():
    try:
        port = free_port(socket.AF_INET6, "::1")
    except OSError:
        raise Skip("no IPv6 here") from None
    with md.Daemon(f"MetricsListen = [::1]:{port}"):
        with socket.create_connection(("::1", port), 20) as http:
            http.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
            assert b"200 OK" in http.recv(4096)


@case("paths, methods and types")
def http_answers():
    with Daemon() as daemon:
        status, head, text = daemon.get()
        assert (status, head["Content-Type"]) == (
            200, "text/plain; version=0.0.4; charset=utf-8")
        assert text.endswith("\n") and daemon.get("/metrics?name[]=x")[0] == 200
        assert daemon.get("/healthz")[0::2] == (200, "ok\n")
        assert daemon.get(method="HEAD")[0::2] == (200, "")
        assert daemon.get("/")[0] == daemon.get("/metrics/")[0] == 404
        for method in ("POST", "PUT", "DELETE", "BREW"):
            assert daemon.get(method=method)[0] == 405, method
        metrics = daemon.metrics()
        assert metrics.get("mailmend_build_info", **dict(next(
            pairs for name, pairs in metrics.samples if name == "mailmend_build_info"))) == 1
        expect_whole(metrics)


def expect_whole(metrics):
    """That each sample has its family, and each family its words."""
    assert set(metrics.types) == set(metrics.helps)
    for name in metrics.names():
        family = re.sub(r"_(bucket|sum|count)$", "", name)
        kind = metrics.types[family if metrics.types.get(family) == "histogram" else name]
        assert (kind == "counter") == name.endswith("_total"), (name, kind)
    assert all(text.endswith(".") for text in metrics.helps.values()), metrics.helps


@case("a client that says nothing, nonsense or too much disturbs neither mail nor the next one")
def bad_clients():
    noises = [b"", b"GET", b"\0" * 100, b"GET /metrics HTTP/1.1\r\n", b"\r\n" * 50,
              b"GET /" + b"x" * 100000, b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 20000,
              b"POST / HTTP/1.1\r\nContent-Length: 999999999999\r\n\r\n" + b"x" * 100000,
              b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n" * 2000]
    with Daemon() as daemon, contextlib.ExitStack() as stack:
        for noise in noises * 3:
            http = stack.enter_context(socket.create_connection(("127.0.0.1", daemon.port), 20))
            http.settimeout(0.2)
            with contextlib.suppress(OSError):
                http.sendall(noise)
        started = time.monotonic()
        expect_works(daemon)
        assert time.monotonic() - started < 5
        # Those that hang are cut off in time.
        assert daemon.get("/healthz", seconds=60)[0] == 200
        expect_works(daemon)
        for noise in noises:
            http = stack.enter_context(socket.create_connection(("127.0.0.1", daemon.port), 20))
            http.sendall(noise[:100])
        assert daemon.stop() == 0


@case("/healthz says 503 while the last message is answered")
def stopping():
    head = FOUNDING.split(b"\r\n\r\n", maxsplit=1)[0] + b"\r\n\r\n"
    message = Message.from_wire(head + (b"x" * 3000 + b"\r\n") * 4000)
    with Daemon(sections="[default]\nPolicy = microsoft365\n") as daemon, client(daemon) as mta:
        mta.begin(message, "LAST")
        packets = [mta.receive()]
        metrics = daemon.metrics()
        assert metrics.get("mailmend_messages_open") == 1
        assert daemon.get("/healthz")[0] == 200
        daemon.process.send_signal(signal.SIGTERM)
        wait_until(lambda: "stopping" in daemon.text())
        assert daemon.get("/healthz")[0::2] == (503, "stopping\n")
        while packets[-1][0] not in "cartsy":
            packets.append(mta.receive())
        assert packets[-1][0] == "c" and daemon.process.wait(60) == 0
        # The last line has it.
        stats = STATS.findall(daemon.text())
        assert len(stats) == 1 and " messages=1 " in stats[0] and " fixed=1 " in stats[0], stats


# ---- the stats line ------------------------------------------------------------------------------

def stats_of(daemon):
    """The stats lines as pairs, in order."""
    found = []
    for text in STATS.findall(daemon.text()):
        if text.startswith("{"):
            found.append(json.loads(text))
            assert found[-1].pop("event") == "stats"
        else:
            found.append({key: int(value) for key, value in
                          (pair.split("=") for pair in text.split(" ")[1:])})
    return found


@case("a line of numbers in text and JSON, where something came, and they add up")
def stats_line():
    for form in ("text", "json"):
        settings = f"StatsInterval = 1s\nLogFormat = {form}"
        with Daemon(settings, POLICIES) as daemon:
            for _ in range(3):
                with client(daemon) as mta:
                    deliver(mta, FOUNDING)
                    deliver(mta, CLEAN)
                    deliver(mta, FOUNDING, sender="a@refuse.example")
                with client(daemon, address="192.0.2.66") as mta:
                    deliver(mta, FOUNDING)
                time.sleep(1.1)
            time.sleep(2.1)
            assert daemon.stop() == 0
            lines = stats_of(daemon)
            total = collections.Counter()
            for line in lines:
                total.update(line)
                assert line["messages"] + line["off"] > 0, line
                assert line["p50_us"] <= line["p99_us"] and line["seconds"] <= 5, line
            assert 2 <= len(lines) <= 5, lines
            assert (total["messages"], total["fixed"], total["rejected"], total["clean"],
                    total["off"], total["sessions"]) == (9, 3, 3, 3, 3, 6), total
            assert total["messages"] == sum(total[key] for key in (
                "clean", "logged", "fixed", "rejected", "quarantined", "tempfailed", "errors"))


@case("p50 and p99 are times of the lines, at most a tenth too much")
def percentiles():
    with Daemon("StatsInterval = 1h", POLICIES) as daemon:
        with client(daemon) as mta:
            for n in range(200):
                wire = TWO_DEFECTS if n % 10 == 0 else CLEAN
                deliver(mta, wire, queue_id=f"P{n}")
        assert daemon.stop() == 0
        times = sorted(int(line["us"]) for line in daemon.messages())
        line, = stats_of(daemon)
        for key, place in (("p50_us", 99), ("p99_us", 197)):
            assert times[place] <= line[key] <= times[place] * 1.1 + 1, (key, line, times[place])


@case("StatsInterval = 0: none, also after a reload")
def no_stats():
    with Daemon("StatsInterval = 1s") as daemon:
        expect_works_anyhow(daemon)
        wait_until(lambda: STATS.search(daemon.text()))
        daemon.change("StatsInterval = 0")
        daemon.signal()
        wait_until(lambda: "reloaded:" in daemon.text())
        time.sleep(1.5)
        before = len(STATS.findall(daemon.text()))
        expect_works_anyhow(daemon)
        time.sleep(2)
        assert daemon.stop() == 0
        assert len(STATS.findall(daemon.text())) == before, daemon.text()


def expect_works_anyhow(daemon):
    with client(daemon) as mta:
        assert deliver(mta, CLEAN).reply.goes_on


# ---- LogFormat and LogProgram --------------------------------------------------------------------

def json_lines(daemon):
    """The lines of messages."""
    texts = [line.partition("]: ")[2] for line in daemon.text().splitlines()]
    return [json.loads(text) for text in texts if text.startswith('{"id":')]


@case("LogFormat = json: another reader finds what the text form says")
def log_json():
    settings = "LogProgram = yes\nDryRun = yes"
    odd = TWO_DEFECTS.replace(b"Subject:", b'User-Agent: \xc3\xa4 "A\\B"\xff 1.0\r\nSubject:')
    with Daemon(settings, POLICIES) as daemon:
        for form in ("text", "json"):
            if form == "json":
                daemon.change(settings + "\nLogFormat = json", POLICIES)
                daemon.signal()
                wait_until(lambda: "reloaded:" in daemon.text())
            with client(daemon, host="client.example", address="192.0.2.7") as mta:
                deliver(mta, odd, queue_id="SAME", sender='"a b"@example.com')
        text, = daemon.messages()
        other, = json_lines(daemon)
        assert [key for key in other if key != "id"] == [key for key in text if key != "id"]
        assert other["program"] == '\u00e4 "A\\x5cB"\\xff 1.0', other
        assert text["program"] == "\\xc3\\xa4 \\x22A\\x5cB\\x22\\xff 1.0", text
        assert other["labels"] == text["labels"].split("|") and other["signed"] == []
        for key in ("nrcpt", "size", "newsize"):
            assert other[key] == int(text[key]), key
        for key in ("action", "would", "policy", "rule", "client", "newmid", "edits"):
            assert other[key] == text[key], key
        assert other["from"] == '<"a b"@example.com>'


@case("LogProgram: the first field that says so, empty without, none by default")
def log_program():
    fields = (b"", b"X-Mailer: one\r\nUser-Agent: two\r\n", b"user-agent:  two \r\n",
              b"X-Mailer: " + b"x" * 2000 + b"\r\n")
    with md.Daemon("LogProgram = yes") as daemon, md.Daemon() as other:
        for one in (daemon, other):
            with client(one) as mta:
                for field in fields:
                    deliver(mta, CLEAN.replace(b"Subject:", field + b"Subject:"))
        found = [line["program"] for line in daemon.messages()]
        assert found == ["", "one", "two", "x" * 250 + "..."], found
        assert all(list(line)[-3:] == ["program", "us", "id"] for line in daemon.messages())
        assert len(other.messages()) == 4
        assert not any("program" in line for line in other.messages())


@contextlib.contextmanager
def program():
    md.need()
    with contextlib.closing(Checked("MetricsListen = 127.0.0.1:9")) as daemon:
        if "built without" in daemon.run("-n")[2]:
            raise Skip("built without libmicrohttpd")
    yield


if __name__ == "__main__":
    sys.exit(run_all(program))
