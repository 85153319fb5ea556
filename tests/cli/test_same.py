#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""`mailmend check --config` says of a message what a real mailmend-milter does with it.

Every sample of tests/rules that can be sent as it stands goes through the milter, under rules that
tell senders, clients, recipients, sizes and header fields apart, and is checked as KeepOriginals would have left it.

Prints TAP. MAILMEND and MAILMEND_MILTER name the binaries. Standard library only.
"""
import glob
import os
import re
import sys

from clitest import SOURCE, Skip, equal, main, run

sys.path.insert(0, os.path.join(SOURCE, "tests", "milter"))
import milterdaemon  # noqa: E402  pylint: disable=wrong-import-position
from milterclient import Message, MilterClient  # noqa: E402  pylint: disable=wrong-import-position

RULES = """[policy all]
Fix = ALL
Embedded = fix
LineLimit = 76
[policy hard]
Reject = LINES
Tempfail = MIME
Quarantine = HEADERS
Log = ALL
[rule null]
Sender = <>
HeaderFrom = .example.com
Policy = all
[rule dry]
Client = 192.0.2.0/25
Policy = all
DryRun = yes
[rule hard]
Client = 192.0.2.0/24
Policy = hard
[rule some]
Recipient = one@example.com
Policy = hard
[rule all]
RecipientDomain = .example.com
MatchRecipients = all
Size = >300
Policy = hard
[rule late]
FirstHop = no
Policy = kumomta
[rule sender]
Sender = a@example.org
Policy = all
[default]
Policy = microsoft365
"""

# (sender, client, recipients)
ENVELOPES = (("x@example.net", "127.0.0.1", ["r@example.org"]),
             ("a@example.org", "127.0.0.1", ["r@example.org"]),
             ("", "127.0.0.1", ["r@example.org"]),
             ("", "192.0.2.200", ["r@example.org"]),
             ("x@example.net", "192.0.2.1", ["r@example.org"]),
             ("x@example.net", "192.0.2.200", ["r@example.org"]),
             ("x@example.net", "127.0.0.1", ["one@example.com", "r@example.org"]),
             ("x@example.net", "127.0.0.1", ["two@example.com", "three@mail.example.com"]))


def samples():
    """(name, octets) of what a milter is shown as it stands: others lose something on the way."""
    for path in sorted(glob.glob(os.path.join(SOURCE, "tests", "rules", "*", "*", "in.eml"))):
        with open(path, "rb") as file:
            wire = file.read()
        head = wire.partition(b"\r\n\r\n")[0]
        shown = re.search(rb"[\0]|\r(?!\n)|(?<!\r)\n", head) is None
        if shown and Message.from_wire(wire).to_wire() == wire:
            yield "-".join(path.split(os.sep)[-3:-1]), wire


def send(daemon, number, wire, envelope, parameters=()):
    sender, address, recipients = envelope
    with MilterClient(daemon.address) as mta:
        mta.connect("client.example.com", address)
        mta.deliver(Message.from_wire(wire), sender=sender, recipients=recipients,
                    queue_id="Q%05d" % number, parameters=parameters)


def said_by_milter(line):
    would = [line["would"]] if "would" in line else []
    return ([line["policy"], line["rule"], line["action"], *would]
            + [sorted(filter(None, line[key].split("|"))) for key in ("labels", "fixed", "left")])


def said_by_check(row):
    would = [row["would"]] if "would" in row else []
    return ([row["policy"], row["rule"], row["action"], *would]
            + [row[key] for key in ("labels", "fixed", "left")])


def test_same_as_milter(f):
    if not os.access(milterdaemon.BINARY, os.X_OK):
        raise Skip("there is no mailmend-milter")
    names = []
    with milterdaemon.Daemon(sections=RULES) as daemon:
        for number, (name, wire) in enumerate(samples()):
            envelope = ENVELOPES[number % len(ENVELOPES)]
            parameters = ("SMTPUTF8",) if number // len(ENVELOPES) % 2 else ()
            send(daemon, number, wire, envelope, parameters)
            f.write("d/%05d.eml" % number, wire)
            text = "from=%s\nclient=%s\nhost=client.example.com\nuser=\nlocal=no\n" % envelope[:2]
            text += "smtputf8=yes\n" if parameters else ""
            text += "".join("rcpt=%s\n" % recipient for recipient in envelope[2])
            f.write("d/%05d.envelope" % number, text.encode())
            names.append(name)
        lines = {line["id"]: line for line in daemon.messages()}
        with open("c", "wb") as file:
            file.write(RULES.encode())
    assert len(names) > 500, len(names)
    rows = run("check", "--format=json", "--config", "c", "d").objects
    equal(len(rows), len(names))
    actions, rules = set(), set()
    for number, (name, row) in enumerate(zip(names, rows)):
        line = lines["Q%05d" % number]
        equal((name, said_by_check(row)), (name, said_by_milter(line)))
        actions.add(row["action"])
        rules.add(row["rule"])
    equal(rules, set(re.findall(r"^\[rule (\w+)", RULES, re.M)) | {"default"})
    assert actions >= {"none", "log", "fix", "reject", "tempfail", "quarantine"}, actions


if __name__ == "__main__":
    sys.exit(main(globals()))
