#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Under random rules a real mailmend-milter, `mailmend check` and `mailmend query` agree.

Prints TAP. MAILMEND and MAILMEND_MILTER name the binaries. Standard library only.
"""
import os
import random
import sys

from clitest import SOURCE, Skip, crlf, equal, main, run

sys.path.insert(0, os.path.join(SOURCE, "tests", "milter"))
import milterdaemon  # noqa: E402  pylint: disable=wrong-import-position
from milterclient import Message, MilterClient  # noqa: E402  pylint: disable=wrong-import-position

CONFIGURATIONS = 8
RULES = 14
MESSAGES = 40

POLICIES = """[policy refuse]
Reject = ALL
[policy later]
Inherit = refuse
Reject =
Tempfail = ALL
"""
NAMES = ("refuse", "later", "microsoft365", "watch", "off", "strict")

SENDERS = ("a@example.org", "A@EXAMPLE.ORG", "b@example.org", "c@mail.example.org",
           "d@b\u00fccher.example", "e@xn--bcher-kva.example", "f@[192.0.2.1]", '"x y"@example.net', "")
CLIENTS = (("192.0.2.1", "mx.example.org"), ("192.0.2.200", "unknown"), ("127.0.0.1", "localhost"),
           ("2001:db8::5", "V6.Example.NET"), ("::ffff:192.0.2.1", "other.example"), ("unix", "localhost"))
RECIPIENTS = (("r@example.com", "relay.example"), ("S@mail.example.com", "[relay.example]:25"),
              ("t@example.net", "elsewhere.example"), ("u@b\u00fccher.example", "[192.0.2.9]"),
              ("v@xn--bcher-kva.example", "out.relay.example:587"),
              ("w@example.org", "[a.example]:25, [relay.example] [ipv6:2001:db8::9]"))
USERS = ("", "bob", "Bob")
DAEMONS = ("ORIGINATING", "originating", None)
# a header and the address that rules see in it
FROMS = (("From: x@example.org\n", "x@example.org"), ("From: nobody\n", "nobody"), ("", ""),
         ("From: X Y <x@EXAMPLE.org>, z@example.net\n", "x@EXAMPLE.org"),
         ("from: g: r@example.com, x@example.org;\nFrom: z@example.org\n", "r@example.com"),
         ("From: (c) \"Y, Z\"\n <\"X Y\"@example.net>\n", '"X Y"@example.net'),
         ("From:\nFrom: x@example.org\n", ""), ("From: =?utf-8?q?x=40example=2Eorg?=\n", ""),
         ("From: d@xn--bcher-kva.example\n", "d@xn--bcher-kva.example"))

ADDRESSES = ("a@example.org", "@example.org", ".example.org", "@b\u00fccher.example",
             "@xn--bcher-kva.example", "@[192.0.2.1]", "/^[a-c]@/", "/@Example\\.Org$/",
             "/(one|two), [x/]/", "r@example.com", "@example.com", ".example.com",
             '"X Y"@example.net', "TABLE:addresses", "x@example.org")
DOMAINS = ("example.org", ".example.org", "b\u00fccher.example", "xn--bcher-kva.example", ".example",
           "example.com", ".COM", "/net$/", "TABLE:domains", "[192.0.2.1]")
CONDITIONS = {
    "Sender": ADDRESSES + ("<>",), "SenderDomain": DOMAINS, "HeaderFrom": ADDRESSES,
    "Client": ("192.0.2.0/24", "192.0.2.1", "2001:db8::/32", "TRUSTED", "mx.example.org", ".example.net",
               "unknown", "localhost", "::ffff:192.0.2.0/121", "/^mx/", "TABLE:clients", "::/0"),
    "Sasl": None, "FirstHop": None, "SaslUser": ("bob", "BOB", "/^b/", "/^B/", "/^b/i", "TABLE:users"),
    "Recipient": ADDRESSES, "RecipientDomain": DOMAINS,
    "NextHop": ("relay.example", ".relay.example", "[192.0.2.9]", "/^Out/", "2001:db8::9", "TABLE:hops"),
    "Macro": ("{daemon_name} = ORIGINATING", "{daemon_name} = /^ORIG/i", "{no_such} = x"),
    "Size": ("<300", ">300", "100-280"),
}
TABLES = {
    "addresses": "a@example.org off\n@b\u00fccher.example later\n.com strict\n<> watch\n",
    "domains": ".example.org refuse\nexample.org off\nxn--bcher-kva.example later\n",
    "clients": "192.0.2.0/25 strict\n192.0.2.1 off\n.net refuse\nunknown later\n",
    "users": "bob refuse\n", "hops": "relay.example refuse\n192.0.2.9 off\n",
}


def random_values(rng, values):
    some = rng.sample(values, rng.choice((1, 1, 1, 2, 3)))
    return ", ".join(rng.choice(("", "", "", "!")) + value for value in some)


def random_rule(rng, number):
    lines = ["[rule r%d]" % number]
    keys = rng.sample(sorted(CONDITIONS), rng.choice((1, 1, 2, 2, 3)))
    tables = False
    for key in keys:
        values = CONDITIONS[key]
        tabled = [value for value in values or () if value.startswith("TABLE:")]
        if values is None:
            lines.append("%s = %s" % (key, rng.choice(("yes", "no"))))
        elif tabled and rng.random() < 0.2:
            lines.append("%s = %s" % (key, tabled[0]))
            tables = True
        else:
            lines.append("%s = %s" % (key, random_values(rng, values)))
    lines.append("Policy = %s" % ("TABLE" if tables else rng.choice(NAMES)))
    lines.append("MatchRecipients = %s" % rng.choice(("any", "all")))
    lines.append("DryRun = %s" % rng.choice(("no", "no", "yes")))
    return "\n".join(lines) + "\n"


def random_sections(rng, folder):
    text = POLICIES + "".join(random_rule(rng, number) for number in range(RULES))
    for name in TABLES:
        text = text.replace("TABLE:" + name, "TABLE:" + os.path.join(folder, name))
    return text


def random_mail(rng):
    field, header_from = rng.choice(FROMS)
    received = rng.choice(("", "Received: from x by y; now\n"))
    wire = (field + received + "Subject: %s\n\nText\n" % ("s" * rng.choice((10, 300)))).encode()
    recipients = rng.sample(RECIPIENTS, rng.choice((1, 1, 2, 3)))
    if rng.random() < 0.2:
        recipients = [(recipient, None) for recipient, _ in recipients]
    return {"wire": crlf(wire), "from": header_from, "received": received != "",
            "sender": rng.choice(SENDERS), "client": rng.choice(CLIENTS), "rcpt": recipients, "user": rng.choice(USERS),
            "daemon": rng.choice(DAEMONS)}


class Mta(MilterClient):
    """An MTA that names the next hop of each recipient. Others name none at all."""

    hops = {}

    def rcpt(self, recipient):
        self.macros["{rcpt_host}"] = self.hops[recipient]
        return super().rcpt(recipient)


def send(daemon, number, mail):
    address, host = mail["client"]
    with Mta(daemon.address) as mta:
        mta.hops = dict(mail["rcpt"])
        mta.macros["{daemon_name}"] = mail["daemon"]
        mta.macros["{auth_authen}"] = mail["user"] or None
        mta.connect(host, address)
        mta.deliver(Message.from_wire(mail["wire"]), sender=mail["sender"],
                    recipients=[recipient for recipient, _ in mail["rcpt"]],
                    queue_id="Q%05d" % number)


def envelope(mail):
    """As KeepOriginals would have left it."""
    address, host = mail["client"]
    lines = ["from=" + mail["sender"], "client=" + ("" if address == "unix" else address),
             "host=" + host, "user=" + mail["user"], "local=no", "size=%d" % len(mail["wire"])]
    for recipient, hop in mail["rcpt"]:
        lines += ["rcpt=" + recipient] + (["nexthop=" + hop] if hop else [])
    if mail["daemon"]:
        lines.append("macro={daemon_name}=" + mail["daemon"])
    return "\n".join(lines) + "\n"


def question(mail):
    """The envelope with what `check` takes from the message, as `query` is told it."""
    return (envelope(mail) + "header-from=%s\n" % mail["from"]
            + "received=%s\n" % ("yes" if mail["received"] else "no"))


def try_one(f, seed, seen):
    rng = random.Random(seed)
    mails = [random_mail(rng) for _ in range(MESSAGES)]
    daemon = milterdaemon.Daemon()
    for name, text in TABLES.items():
        f.write(os.path.join(daemon.folder, name), text.encode())
    sections = random_sections(rng, daemon.folder)
    daemon.write_config("", sections)
    f.write("c", sections.encode())
    with daemon:
        for number, mail in enumerate(mails):
            send(daemon, number, mail)
            f.write("d%d/%05d.eml" % (seed, number), mail["wire"])
            f.write("d%d/%05d.envelope" % (seed, number), envelope(mail).encode())
            f.write("q%05d" % number, question(mail).encode())
        lines = {line["id"]: line for line in daemon.messages()}
        rows = run("check", "--format=json", "--config", "c", "d%d" % seed).objects
        asked = [run("query", "--format=json", "--config", "c", "@q%05d" % number).objects[0]
                 for number in range(MESSAGES)]
    equal(len(rows), MESSAGES)
    for number, (row, answer) in enumerate(zip(rows, asked)):
        got, want = [answer["policy"], row["policy"]], ["off", "off"]
        line = lines.get("Q%05d" % number)
        if line is not None:
            got += [answer["rule"]] + [row.get(key) for key in ("rule", "action", "would")]
            want = [line["policy"]] * 2 + [line["rule"]]
            want += [line.get(key) for key in ("rule", "action", "would")]
            seen.add(line["action"])
        what = "\n".join(("seed %d" % seed, question(mails[number]), sections))
        assert got == want, "got %r, want %r: %s" % (got, want, what)
        seen.add(row["policy"])


def test_random_rules(f):
    """Policy, rule and what is done are the same, whoever is asked."""
    if not os.access(milterdaemon.BINARY, os.X_OK):
        raise Skip("there is no mailmend-milter")
    seen = set()
    for seed in range(CONFIGURATIONS):
        try_one(f, seed, seen)
    assert seen >= {"log", "fix", "reject", "tempfail"} | set(NAMES), seen


if __name__ == "__main__":
    sys.exit(main(globals()))
