# SPDX-License-Identifier: BSD-2-Clause
"""The counters of a daemon, read as Prometheus reads them."""

import re
import socket
import urllib.request

import milterdaemon as md

SAMPLE = re.compile(r'^([a-z_]+)(?:\{((?:[a-z]+="(?:[^"\\]|\\["\\n])*",?)+)\})? (\S+)$')
PAIR = re.compile(r'([a-z]+)="((?:[^"\\]|\\["\\n])*)"')


def free_port(family=socket.AF_INET, address="127.0.0.1"):
    with socket.socket(family) as probe:
        probe.bind((address, 0))
        return probe.getsockname()[1]


class Daemon(md.Daemon):
    """One with MetricsListen."""

    def __init__(self, settings="", sections="", **more):
        self.port = free_port()
        super().__init__(f"MetricsListen = 127.0.0.1:{self.port}\n{settings}", sections, **more)

    def change(self, settings="", sections="", raw=None):
        super().change(f"MetricsListen = 127.0.0.1:{self.port}\n{settings}", sections, raw)

    def get(self, path="/metrics", method="GET", seconds=20):
        """Status, head and text of an answer."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", method=method)
        try:
            with urllib.request.urlopen(request, timeout=seconds) as answer:
                return answer.status, answer.headers, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read().decode()

    def metrics(self):
        status, _, text = self.get()
        assert status == 200, (status, text)
        return Metrics(text)


class Metrics:
    """One scrape."""

    def __init__(self, text):
        self.text = text
        self.types = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.M))
        self.helps = dict(re.findall(r"^# HELP (\S+) (.+)$", text, re.M))
        self.samples = {}
        for line in text.splitlines():
            if not line.startswith("#"):
                found = SAMPLE.match(line)
                assert found, line
                key = (found[1], frozenset(PAIR.findall(found[2] or "")))
                assert key not in self.samples, line
                self.samples[key] = float(found[3])

    def get(self, name, **labels):
        return self.samples[name, frozenset(labels.items())]

    def by(self, name, *labels):
        """The samples of a family that are not 0, by the values of @labels."""
        found = {}
        for (word, pairs), value in self.samples.items():
            if word == name and value:
                found[tuple(dict(pairs)[label] for label in labels)] = value
        return found

    def names(self):
        return {name for name, _ in self.samples}
