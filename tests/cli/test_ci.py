#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Mail of an application in continuous integration: packaging/ci/mail-sink keeps it to the octet, and
the jobs beside it find what is wrong.

Prints TAP. MAILMEND names the binary (default: ./mailmend). Standard library only, but for PyYAML,
which yamllint needs too.
"""
import glob
import json
import os
import re
import shutil
import smtplib
import socket
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

from clitest import CLEAN, LONG, MAILMEND, NO_DATE, Skip, crlf, equal, has, main, source
from developers import CI, SINK, sink, tools, write_project


# ---- the sink ---------------------------------------------------------------------------------------

class Server:
    """mail-sink that serves until the end of a with statement."""

    def __init__(self, *args):
        self.args = args

    def __enter__(self):
        self.process = subprocess.Popen([sys.executable, SINK, *self.args], stdout=subprocess.PIPE)
        return int(self.process.stdout.readline())

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(30)
        self.process.stdout.close()


def test_sink_octets(f):
    """What came is what is kept: lone line ends, dots, NUL, 8-bit and long lines."""
    data = b"A: b\n.\r\n\r\n..\r\n.x\r\n\0\xff\r\r\n.\n" + b"y" * 200000 + b"\r\n"
    with Server("m") as port, smtplib.SMTP("127.0.0.1", port) as smtp:
        equal(smtp.sendmail("a@example.org", ["b@example.net"], CLEAN), {})
        smtp.docmd("MAIL FROM:<a@example.org>")
        smtp.docmd("RCPT TO:<b@example.net>")
        smtp.docmd("DATA")
        stuffed = re.sub(rb"(?m)^\.", b"..", data)
        # a client that does not know of dots behind a lone LF
        smtp.send(stuffed.replace(b"\n..\r\n\r\n", b"\n.\r\n\r\n") + b".\r\n")
        equal(smtp.getreply()[0], 250)
    equal(sorted(os.listdir("m")), ["0001.eml", "0002.eml"])
    equal(f.read("m/0001.eml"), CLEAN.rstrip(b"\n") + b"\n\r\n")  # smtplib ends it so
    kept = f.read("m/0002.eml")
    equal(kept, data.replace(b"\n.\r\n\r\n", b"\n\r\n\r\n"))


def test_sink_login(f):
    """Applications with a password are served as well."""
    with Server("--smtputf8", "m") as port:
        for mechanism in ("auth_plain", "auth_login"):
            with smtplib.SMTP("127.0.0.1", port) as smtp:
                smtp.ehlo()
                equal((smtp.has_extn("smtputf8"), smtp.has_extn("8bitmime")), (True, True))
                smtp.user, smtp.password = "shop", "secret"
                name = mechanism.partition("_")[2].upper()
                equal(smtp.auth(name, getattr(smtp, mechanism))[0], 235)
                # without an initial response
                equal(smtp.auth(name, getattr(smtp, mechanism), initial_response_ok=False)[0], 235)
                smtp.sendmail("a@example.org", ["b@example.net"], CLEAN)
                equal(smtp.docmd("AUTH", "CRAM-MD5")[0], 504)
    equal(len(os.listdir("m")), 2)


def test_sink_status(f):
    """It ends as its command does, and says so if no mail came or mail is there already."""
    send = ("import os, smtplib, sys\n"
            "with smtplib.SMTP(os.environ['MAIL_HOST'], int(os.environ['MAIL_PORT'])) as smtp:\n"
            "    smtp.sendmail('a@example.org', ['b@example.net'], 'Subject: x\\n\\ny\\n')\n"
            "sys.exit(%d)\n")
    for want in (0, 3):
        done = sink("m%d" % want, sys.executable, "-c", send % want)
        equal((done.returncode, done.stderr), (want, b""))
        equal(os.listdir("m%d" % want), ["0001.eml"])
    equal(sink("m", "false").returncode, 1)
    equal(sink("m", "sh", "-c", "kill -9 $$").returncode, 137)
    done = sink("m", "true")
    equal((done.returncode, done.stderr), (1, b"mail-sink: no mail came\n"))
    done = sink("m0", "true")
    equal(done.returncode, 2)
    has(done.stderr, b"m0 is not empty")


def test_sink_cut(f):
    """A message that was not sent to its end is none."""
    with Server("m") as port:
        with socket.create_connection(("127.0.0.1", port)) as client:
            file = client.makefile("rwb")
            for line in (b"HELO x", b"MAIL FROM:<>", b"RCPT TO:<a@example.org>", b"DATA"):
                file.readline()
                file.write(line + b"\r\n")
                file.flush()
            file.readline()
            file.write(b"A: b\r\n\r\nhalf")
            file.flush()
            file.close()
        with smtplib.SMTP("127.0.0.1", port) as smtp:
            smtp.sendmail("a@example.org", ["b@example.net"], crlf(CLEAN))
    equal(os.listdir("m"), ["0001.eml"])
    equal(f.read("m/0001.eml"), crlf(CLEAN))


def test_sink_sendmail(f):
    """As sendmail(1), by several at once."""
    commands = [subprocess.Popen([sys.executable, SINK, "--sendmail", "m", "-t", "-i", "-fx@y"],
                                 stdin=subprocess.PIPE) for _ in range(8)]
    for number, process in enumerate(commands):
        process.communicate(b"%d\n.\nx" % number, timeout=60)
        equal(process.returncode, 0)
    equal(sorted(f.read("m/" + name) for name in os.listdir("m")),
          [b"%d\n.\nx" % number for number in range(8)])


# ---- continuous integration -------------------------------------------------------------------------

def test_ci_yamllint(f):
    if shutil.which("yamllint") is None:
        raise Skip("no yamllint")
    files = glob.glob(CI + "/*.yml")
    equal(len(files), 2)
    done = subprocess.run(["yamllint", "-s", *files], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)
    equal((done.returncode, done.stdout), (0, b""))


def jobs(name):
    try:
        import yaml
    except ImportError as reason:
        raise Skip("no PyYAML") from reason
    return yaml.safe_load(source("packaging", "ci", name))


def run_steps(environment, *steps):
    """As a runner does: one after the other until one fails; the exit status."""
    for step in steps:
        done = subprocess.run(["sh", "-e", "-c", step], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, env=environment, timeout=120, check=False)
        if done.returncode:
            return done.returncode, done.stdout.decode()
    return 0, ""


PROJECTS = {"clean": (crlf(CLEAN), 0, set()),
            "broken": (crlf(NO_DATE), 1, {"MISSING_DATE_HEADER"}),
            "lines": (LONG, 1, {"LINE_TOO_LONG", "NON_CANONICAL_LINE_ENDINGS"})}


def test_ci_github(f):
    """The steps, but for the installation, in a checkout of an application."""
    environment = tools(MAILMEND)
    job = jobs("github-actions.yml")["jobs"]["mailmend"]
    steps = {step["name"]: step for step in job["steps"] if "name" in step}
    upload = steps["Hand it to code scanning"]
    has(upload["uses"], "github/codeql-action/upload-sarif@")
    equal(upload["with"]["sarif_file"], "mailmend.sarif")
    equal(jobs("github-actions.yml")["permissions"]["security-events"], "write")
    has(steps["Install mailmend"]["run"], '"$MAILMEND_DEB"')
    for name, (message, want, found) in PROJECTS.items():
        write_project(name, message)
        os.chdir(name)
        status, _ = run_steps(environment, steps["Catch the mail of the tests"]["run"],
                              steps["Check it"]["run"])
        equal((name, status), (name, want))
        results = json.loads(f.read("mailmend.sarif"))["runs"][0]["results"]
        equal({result["ruleId"] for result in results}, found)
        places = {result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
                  for result in results}
        # below the checkout, and the same name in the next run: so findings are recognized
        equal(places, {"mail/0001.eml"} if found else set())
        equal(steps["Show what is wrong"]["if"], "failure()")
        status, shown = run_steps(environment, steps["Show what is wrong"]["run"])
        equal(status, want)
        for label in found:
            has(shown, label)
        os.chdir("..")


def test_ci_gitlab(f):
    environment = tools(MAILMEND)
    job = jobs("gitlab-ci.yml")["mail"]
    report = job["artifacts"]["reports"]["junit"]
    equal(job["artifacts"]["when"], "always")
    has(" ".join(job["before_script"]), '"$MAILMEND_DEB"')
    for name, (message, want, found) in PROJECTS.items():
        write_project(name, message)
        os.chdir(name)
        # GitLab joins the lines to one script
        status, shown = run_steps(environment, "\n".join(job["script"]))
        equal((name, status), (name, want))
        failures = ElementTree.parse(report).getroot().findall(".//failure")
        equal({word for failure in failures for word in re.findall(r"[A-Z_]{6,}", failure.text)},
              found)
        for label in found:
            has(shown, label)
        os.chdir("..")

if __name__ == "__main__":
    sys.exit(main(globals()))
