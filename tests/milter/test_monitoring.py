#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What others make of the log and of /metrics: the manual page, promtool, Prometheus with our rules
and our dashboard's queries, mtail. Prints TAP.

$MAILMEND_MILTER is the program. Each case that needs a program of others is skipped without it.
"""

import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

import milterdaemon as md
from fixtures import CLEAN, FOUNDING, POLICIES, client, deliver, new_id, wait_until
from metrics import Daemon, free_port
from tap import Skip, case, run_all

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
LONG = FOUNDING + b"long " * 400 + b"\r\n"
NAME = re.compile(r"\b((?:mailmend|process)_[a-z_]+)\b")


def source(*path):
    with open(os.path.join(TOP, *path), encoding="utf-8") as file:
        return file.read()


def built(*path):
    """The path of a file that the build makes; a release has it too."""
    folder = os.environ.get("G_TEST_BUILDDIR", ".")
    found = [os.path.join(top, *path) for top in (folder, TOP)
             if os.path.exists(os.path.join(top, *path))]
    assert found, path
    return found[0]


def need(program):
    found = shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin")
    if found is None:
        raise Skip(f"{program} is not installed")
    return found


def run(*command, text="", **more):
    done = subprocess.run(command, input=text.encode(), stdout=subprocess.PIPE, check=False,
                          stderr=subprocess.STDOUT, timeout=120, **more)
    return done.returncode, done.stdout.decode()


def send_some(daemon, rounds=1):
    """Mail of all kinds."""
    for _ in range(rounds):
        with client(daemon) as mta:
            for sender, wire in (
                    ("a@example.com", CLEAN), ("a@example.com", FOUNDING), ("a@example.com", LONG),
                    ("a@refuse.example", LONG), ("a@later.example", FOUNDING),
                    ("a@hold.example", FOUNDING), ("a@shadow.example", LONG),
                    ('"x us=1"@example.com', CLEAN.replace(b"Subject", b"X-Mailer: us=7 \"\r\nX")),
                    ("a@example.com", CLEAN + b"x\r\n" * 9000)):
                deliver(mta, wire, sender=sender, queue_id=new_id())
        with client(daemon, address="192.0.2.66") as mta:
            deliver(mta, FOUNDING)


# ---- the manual page -----------------------------------------------------------------------------

def section(name):
    page = source("man", "mailmend-log.5")
    found = re.search(rf"^\.Sh {name}\n(.*?)^\.Sh ", page, re.M | re.S)
    return found[1].replace("\\\n", "")


@case("mailmend-log(5) has each metric, with its labels and its type")
def page_metrics():
    documented = {}
    text = section("METRICS")
    for line, kind, several in re.findall(
            r"^\.It Cm (mailmend.*)\n(Counter|Gauge|Histogram)(s?):", text, re.M):
        if several:
            documented.update((name, (kind.lower(), frozenset())) for name in NAME.findall(line))
        else:
            name, *labels = re.findall(r"\w+", line.replace(" Brq ", " "))
            documented[name] = (kind.lower(), frozenset(labels))
    with Daemon("MaxMessageSize = 20000", POLICIES) as daemon:
        send_some(daemon)
        metrics = daemon.metrics()
    served = {}
    for name, pairs in metrics.samples:
        family = re.sub(r"_(bucket|sum|count)$", "", name)
        if family.startswith("mailmend"):
            served[family] = (metrics.types[family], frozenset(k for k, _ in pairs if k != "le"))
    assert documented == served, set(documented.items()) ^ set(served.items())
    for name in metrics.types:
        assert name in text, name


@case("mailmend-log(5) has the line of numbers")
def page_stats():
    text = section("THE LINE OF NUMBERS")
    shown, shown_json = [block.replace("\n    ", " ") for block in re.findall(
        r"^\.Bd .*?\n(.*?)\n\.Ed", text, re.M | re.S)]
    keys = [word for line in re.findall(r"^\.It Cm (.*)$", text, re.M)
            for word in line.split(" , ")]
    example = dict(pair.split("=") for pair in shown.split()[1:])
    other = json.loads(shown_json)
    assert other.pop("event") == "stats"
    assert {key: int(value) for key, value in example.items()} == other
    assert list(example) == keys, (list(example), keys)
    with md.Daemon("StatsInterval = 1s") as daemon:
        with client(daemon) as mta:
            deliver(mta, CLEAN)
        assert daemon.stop() == 0
        line, = re.findall(r"\]: stats (.*)$", daemon.text(), re.M)
        assert [pair.split("=")[0] for pair in line.split()] == keys, line


@case("the commands that mailmend-log(5) shows")
def page_commands():
    text = section("EXAMPLES").replace(r"\(dq", '"').replace(r"\e", "\\")
    commands = [line.strip('"') for line in re.findall(r"^\.Dl (.*)$", text, re.M)]
    assert len(commands) == 2, commands
    for form, command in zip(("text", "json"), commands):
        with md.Daemon(f"LogFormat = {form}", POLICIES) as daemon:
            send_some(daemon, 2)
            command = command.replace(" LOG ", f" {daemon.log} ")
            command = command.replace("journalctl -t mailmend-milter -o cat",
                                      f"sed 's/^[^ ]* [^ ]* //' {daemon.log}")
            if "jq " in command:
                need("jq")
            code, out = run("sh", "-c", command)
            # four of each round, by a client of one name
            assert code == 0 and out.split() == ["4", "localhost[127.0.0.1]"], (command, out)


# ---- promtool ------------------------------------------------------------------------------------

@case("promtool has nothing to say about /metrics")
def promtool_metrics():
    promtool = need("promtool")
    with Daemon("MaxMessageSize = 20000", POLICIES) as daemon:
        code, out = run(promtool, "check", "metrics", text=daemon.get()[2])
        assert (code, out) == (0, ""), out
        send_some(daemon)
        code, out = run(promtool, "check", "metrics", text=daemon.get()[2])
        assert (code, out) == (0, ""), out


@case("promtool: the rules are good, and each alert is tried by a test of theirs")
def promtool_rules():
    promtool = need("promtool")
    folder = os.path.join(TOP, "packaging", "prometheus")
    code, out = run(promtool, "check", "rules", "--lint-fatal", "mailmend.rules.yml", cwd=folder)
    assert code == 0 and "SUCCESS" in out, out
    code, out = run(promtool, "test", "rules", "mailmend.rules.test.yml", cwd=folder)
    assert code == 0 and "SUCCESS" in out, out
    tests = source("packaging", "prometheus", "mailmend.rules.test.yml")
    alerts = re.findall(r"- alert: (\w+)", source("packaging", "prometheus", "mailmend.rules.yml"))
    assert len(alerts) >= 10
    for alert in alerts:
        # one time silent, one time not
        assert len(re.findall(rf"\b{alert}\b", tests)) >= 2, alert


# ---- Prometheus ----------------------------------------------------------------------------------

class Prometheus:
    """One that scrapes @daemon each second and has our rules."""

    def __init__(self, program, daemon, folder):
        self.port = free_port()
        rules = os.path.abspath(os.path.join(TOP, "packaging", "prometheus", "mailmend.rules.yml"))
        config = os.path.join(folder, "prometheus.yml")
        with open(config, "w", encoding="ascii") as file:
            file.write("global: {scrape_interval: 1s, evaluation_interval: 1s}\n"
                       f"rule_files: ['{rules}']\n"
                       "scrape_configs:\n  - job_name: mailmend\n    static_configs:\n"
                       f"      - targets: ['127.0.0.1:{daemon.port}']\n")
        with open(os.path.join(folder, "log"), "wb") as log:
            self.process = subprocess.Popen(
                [program, f"--config.file={config}", f"--storage.tsdb.path={folder}/data",
                 f"--web.listen-address=127.0.0.1:{self.port}"], stdout=log, stderr=log,
                stdin=subprocess.DEVNULL)

    def __enter__(self):
        return self

    def __exit__(self, *args):
        self.process.kill()
        self.process.wait()

    def ask(self, path, **words):
        url = f"http://127.0.0.1:{self.port}/api/v1/{path}?{urllib.parse.urlencode(words)}"
        try:
            with urllib.request.urlopen(url, timeout=20) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            return {"error": error.read().decode(), "result": None}
        except OSError:
            return None

    def query(self, expression):
        return self.ask("query", query=expression)

    def value(self, expression):
        answer = self.query(expression)
        return float(answer["result"][0]["value"][1]) if answer and answer["result"] else None


def queries_of(dashboard):
    """(title, expression) of all panels, with variables as Grafana would put them."""
    for panel in dashboard["panels"]:
        for target in panel.get("targets", []):
            expression = target["expr"].replace("$__rate_interval", "10s").replace("$__range", "1m")
            yield panel["title"], re.sub(r"\$(job|instance|policy)\b", ".*", expression)
    for note in dashboard["annotations"]["list"]:
        if "expr" in note:
            yield note["name"], re.sub(r"\$(job|instance)\b", ".*", note["expr"])


# What a filter on which nothing fails has nothing to show of.
MAY_BE_EMPTY = {"Reloads", "DNS"}


@case("Prometheus: it scrapes, rules work, and each query of the dashboard has an answer")
def prometheus():
    program = need("prometheus")
    dashboard = json.loads(source("packaging", "grafana", "mailmend.json"))
    with Daemon("MaxMessageSize = 20000", POLICIES) as daemon, \
            tempfile.TemporaryDirectory(prefix="mailmend-prometheus-") as folder, \
            Prometheus(program, daemon, folder) as server:
        for _ in range(60):
            send_some(daemon)
            time.sleep(0.5)
            if (server.value("count_over_time(mailmend_off_total[1m])") or 0) >= 5:
                break
        lines = daemon.messages()
        wait_until(lambda: server.value("sum(mailmend_messages_total)") == len(lines))
        fixes = sum(line["action"] == "fix" for line in lines)
        assert server.value('sum(mailmend_messages_total{action="fix"})') == fixes
        for title, expression in queries_of(dashboard):
            answer = server.query(expression)
            assert answer["result"] is not None, (title, expression, answer)
            assert answer["result"] or title in MAY_BE_EMPTY, (title, expression)
        groups = server.ask("rules")["groups"]
        rules = [rule for group in groups for rule in group["rules"]]
        assert len(rules) >= 10 and all(rule["health"] == "ok" for rule in rules), rules
        firing = {alert["labels"]["alertname"] for alert in server.ask("alerts")["alerts"]}
        assert "MailmendDown" not in firing and "MailmendErrors" not in firing, firing


@case("rules and dashboard ask for nothing that there is not, and the dashboard is whole")
def names():
    with Daemon("MaxMessageSize = 20000", POLICIES) as daemon:
        send_some(daemon)
        metrics = daemon.metrics()
    served = metrics.names()
    words = {key for _, pairs in metrics.samples for key, _ in pairs} | {"instance", "job"}
    dashboard = json.loads(source("packaging", "grafana", "mailmend.json"))
    rules = source("packaging", "prometheus", "mailmend.rules.yml")
    expressions = [expression for _, expression in queries_of(dashboard)]
    expressions += re.findall(r"expr: (?:>-\n)?((?:.|\n)*?)\n +(?:for|labels):", rules)
    expressions += [v["query"]["query"] for v in dashboard["templating"]["list"]
                    if v["type"] == "query"]
    assert len(expressions) > 40
    for expression in expressions:
        for name in NAME.findall(re.sub(r'"[^"]*"', "", expression)):
            assert name in served, (name, expression)
        for label in re.findall(r"[{,]\s*(\w+)\s*(?:=~|=|!=)", expression):
            assert label in words, (label, expression)
        for group in re.findall(r"(?:by|on) \(([^)]*)\)", expression):
            assert set(re.findall(r"\w+", group)) <= words | {"le"}, expression
    expect_whole(dashboard)


def expect_whole(dashboard):
    """Every panel has its own number, its source is the variable, and none lies on another."""
    panels = dashboard["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    assert dashboard["id"] is None and dashboard["uid"]
    taken = set()
    for panel in panels:
        place = panel["gridPos"]
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"])
                 for y in range(place["y"], place["y"] + place["h"])}
        assert not cells & taken and place["x"] + place["w"] <= 24, panel["title"]
        taken |= cells
        if panel["type"] != "row":
            assert panel["datasource"]["uid"] == "${datasource}", panel["title"]
            assert len({t["refId"] for t in panel["targets"]}) == len(panel["targets"])
    rows = max(y for _, y in taken) + 1
    assert len(taken) == 24 * rows, "there are holes"
    variables = {v["name"] for v in dashboard["templating"]["list"]}
    used = set(re.findall(r"\$\{?(\w+)", json.dumps(dashboard))) - {"__rate_interval", "__range",
                                                                    "__all"}
    assert used == variables, (used, variables)


# ---- mtail ---------------------------------------------------------------------------------------

def mtail(daemon):
    """What it counts in the log of @daemon."""
    program = built("packaging", "mtail", "mailmend.mtail")
    # It leaves a log of its own where it is told to.
    code, out = run(need("mtail"), "--one_shot", "--one_shot_format", "prometheus", "--progs", program,
                    "--logs", daemon.log, "--log_dir", daemon.folder, "--logtostderr=false")
    assert code == 0, out
    found = {}
    for line in out.splitlines():
        sample = re.match(r"^(\w+)\{(.*)\} (\S+)$", line)
        if sample:
            pairs = frozenset(p for p in re.findall(r'(\w+)="([^"]*)"', sample[2]) if p[0] != "prog")
            found[sample[1], pairs] = float(sample[3])
    return found


@case("mtail counts in the log what /metrics says")
def mtail_counts():
    need("mtail")
    with Daemon("MaxMessageSize = 20000\nLogProgram = yes", POLICIES) as daemon:
        send_some(daemon, 20)
        daemon.change(raw="[mailmend]\nNonsense = 1\n")
        daemon.signal()
        wait_until(lambda: "reload failed" in daemon.text())
        metrics = daemon.metrics()
        counted = mtail(daemon)
        families = {name for name, _ in counted}
        for name in ("messages_total", "dry_run_total", "issues_total", "fixes_total", "left_total",
                     "limits_total", "message_bytes_total", "message_seconds_bucket",
                     "message_seconds_count", "config_reload_failed"):
            assert "mailmend_" + name in families, (name, families)
        for (name, pairs), value in metrics.samples.items():
            if name in families and name != "mailmend_message_seconds_sum":
                assert counted.pop((name, pairs), 0) == value, (name, pairs, value)
        counted.pop(("mailmend_message_seconds_sum", frozenset()))
        assert not counted, counted


@case("mtail knows every label")
def mtail_labels():
    with open(built("packaging", "mtail", "mailmend.mtail"), encoding="ascii") as file:
        text = file.read()
    with Daemon(sections=POLICIES) as daemon:
        send_some(daemon)
        labels = {dict(pairs)["label"] for name, pairs in daemon.metrics().samples
                  if name == "mailmend_fixes_total"}
    rules = {os.path.basename(path)[:-2].upper().replace("-", "_")
             for path in glob.glob(os.path.join(TOP, "milter", "rules", "*.c"))}
    assert len(labels) > 40 and labels <= rules
    for counter in ("issues", "fixes", "left"):
        found = re.findall(rf'=~ /\\b(\w+)\\b/ {{\n +mailmend_{counter}_total\["(\w+)"\]', text)
        assert all(a == b for a, b in found), found
        assert sorted(a for a, _ in found) == sorted(labels), counter


if __name__ == "__main__":
    sys.exit(run_all(md.program))
