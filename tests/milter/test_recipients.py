#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Rules that ask who gets a message, where it goes, and DNS; through the daemon. Prints TAP."""

import sys
import threading
import time

import milterdaemon as md
from dnsserver import DeadPort, Dnsmasq, OddServer, mx
from fixtures import FOUNDING, deliver, new_id, wait_until
from milterclient import SETSYMLIST, ALL_ACTIONS, Message, MilterClient
from tap import case, run_all

OUTLOOK = "contoso-example.mail.protection.outlook.com"
RULE = """
[rule microsoft]
RecipientMx = .mail.protection.outlook.com, .mx.microsoft
Policy = microsoft365
[default]
Policy = watch
"""
DOMAINS = [f"--mx-host=contoso.example,{OUTLOOK},0",
           "--mx-host=new.example,new-example.d-v1.mx.microsoft,0",
           "--mx-host=mixed.example,mx.example,10", f"--mx-host=mixed.example,{OUTLOOK},20",
           "--mx-host=other.example,mx.example,10", "--cname=alias.example,contoso.example",
           "--mx-host=fake.example,mail.protection.outlook.com.example,10",
           "--dns-rr=null.example,15,000000", "--local=/example/"]


class Filter(md.Daemon):
    """A daemon with these rules that asks the name server at @port."""

    def __init__(self, port, sections=RULE, settings=""):
        super().__init__(f"MxServers = 127.0.0.1:{port}\n{settings}", sections)

    def connect(self, **offer):
        mta = MilterClient(self.address, **offer)
        mta.connect("client.example", "192.0.2.7")
        return mta

    def one(self, *recipients, **how):
        """Sends a message: its line, and the seconds its end took."""
        with self.connect() as mta:
            return self.deliver(mta, *recipients, **how)

    def deliver(self, mta, *recipients, **how):
        queue_id = new_id()
        start = time.monotonic()
        result = deliver(mta, FOUNDING, recipients=recipients, queue_id=queue_id, **how)
        took = time.monotonic() - start
        line, = self.messages_of(queue_id)
        assert bool(result.edits) == (line["action"] == "fix"), (result.edits, line)
        return line, took


def expect_rule(line, rule, pending=False):
    assert line["rule"] == rule and ("mx" in line) == pending, line
    assert not pending or line["mx"] == "pending", line


def waits_for_dns(question, seconds):
    time.sleep(seconds)
    return question.answer(mx(question.name, OUTLOOK))


# ---- RecipientMx

@case("RecipientMx: mended for Microsoft's customers, not for others")
def microsoft():
    with Dnsmasq(*DOMAINS) as server, Filter(server.port, settings="MxWait = 1s") as daemon:
        for domain, rule in (("contoso.example", "microsoft"), ("new.example", "microsoft"),
                             ("mixed.example", "microsoft"), ("alias.example", "microsoft"),
                             ("CONTOSO.example", "microsoft"), ("other.example", "default"),
                             ("fake.example", "default"), ("null.example", "default"),
                             ("gone.example", "default"), ("[192.0.2.1]", "default")):
            line, _ = daemon.one(f"bob@{domain}")
            expect_rule(line, rule)
            assert line["action"] == ("fix" if rule == "microsoft" else "log"), line
        line, _ = daemon.one("bob@other.example", "ann@contoso.example")
        expect_rule(line, "microsoft")


@case("MatchRecipients = all: every recipient's domain counts")
def every():
    rules = RULE.replace("Policy = microsoft365", "MatchRecipients = all\nPolicy = microsoft365")
    with Dnsmasq(*DOMAINS) as server, Filter(server.port, rules, "MxWait = 1s") as daemon:
        expect_rule(daemon.one("a@contoso.example", "b@new.example")[0], "microsoft")
        expect_rule(daemon.one("a@contoso.example", "b@other.example")[0], "default")


@case("a domain is asked for once a message, when the first recipient comes")
def once():
    with OddServer(lambda q: q.answer(mx(q.name, OUTLOOK, ttl=0))) as server, \
            Filter(server.port, settings="MxWait = 0ms") as daemon, daemon.connect() as mta:
        mta.mail("sender@example.com")
        mta.rcpt("first@contoso.example")
        # The end will not wait: what is there then, has been asked for now.
        wait_until(lambda: server.count("contoso.example") == 1)
        time.sleep(1.2)
        for number in range(100):
            mta.rcpt(f"r{number}@Contoso.Example")
        mta.macros["i"] = queue_id = new_id()
        message = Message.from_wire(FOUNDING)
        for name, value in message.shown(mta.leading_blanks):
            mta.event("header", name + b"\0" + value + b"\0")
        mta.event("body", message.body)
        mta.eom(message)
        line, = daemon.messages_of(queue_id)
        expect_rule(line, "microsoft")
        assert line["nrcpt"] == "101" and server.count("contoso.example") == 1, server.asked


@case("nobody asks DNS where no rule does, nor waits where a rule before decides")
def not_asked():
    first = "[rule first]\nSender = sender@example.com\nPolicy = watch\n"
    with DeadPort() as port, Filter(port.port, first + RULE, "MxWait = 1s") as daemon:
        line, took = daemon.one("bob@contoso.example")
        expect_rule(line, "first")
        assert took < 0.9, took
    with Dnsmasq(*DOMAINS) as server, Filter(server.port, "") as daemon:
        daemon.one("bob@contoso.example")
        assert "query[" not in server.text(), server.text()


@case("an answer that comes within MxWait counts")
def in_time():
    with OddServer(lambda q: waits_for_dns(q, 0.3)) as server, \
            Filter(server.port, settings="MxWait = 1s") as daemon:
        line, took = daemon.one("bob@contoso.example")
        expect_rule(line, "microsoft")
        assert 0.25 < took < 1, took


@case("one that comes later does not: mx=pending, and MxUnknown decides")
def too_late():
    for settings, rule in (("", "default"), ("MxUnknown = match", "microsoft")):
        with OddServer(lambda q: waits_for_dns(q, 2)) as server, \
                Filter(server.port, settings=settings) as daemon:
            line, took = daemon.one("bob@contoso.example")
            expect_rule(line, rule, pending=True)
            assert 0.1 <= took < 1, took
            # It is kept for who comes later.
            wait_until(lambda: "mx" not in daemon.one("bob@contoso.example")[0], 10)
            expect_rule(daemon.one("bob@contoso.example")[0], "microsoft")


@case("a name server that says SERVFAIL is not waited for")
def servfail():
    with OddServer(lambda q: q.answer(code=2)) as server, \
            Filter(server.port, settings="MxWait = 1s") as daemon:
        line, took = daemon.one("bob@contoso.example")
        expect_rule(line, "default", pending=True)
        assert took < 0.9, took


# ---- many at once

def all_at_once(daemon, n):
    """@n messages in as many sessions, ended together: the seconds that each end took."""
    took = [None] * n
    barrier = threading.Barrier(n)

    def send(number):
        with daemon.connect() as mta:
            message = Message.from_wire(FOUNDING)
            mta.mail("sender@example.com")
            mta.rcpt(f"bob@n{number}.example")
            mta.macros["i"] = f"CROWD{number}"
            for name, value in message.shown(mta.leading_blanks):
                mta.event("header", name + b"\0" + value + b"\0")
            mta.event("body", message.body)
            barrier.wait()
            start = time.monotonic()
            mta.eom(message)
            took[number] = time.monotonic() - start

    threads = [threading.Thread(target=send, args=(number,)) for number in range(n)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(took)


def time_dead_crowd():
    with DeadPort() as port, Filter(port.port, settings="MxWait = 200ms") as daemon:
        took = all_at_once(daemon, 20)
        print("# " + " ".join(f"{1000 * t:.0f}" for t in took))
        for number in range(20):
            line, = daemon.messages_of(f"CROWD{number}")
            expect_rule(line, "default", pending=True)
        assert took[-1] < 0.2 + 0.8, took
        return took


@case("DNS is dead, twenty sessions at once: none waits long, most do not wait")
def dead_crowd():
    # libmilter may let ready sessions wait for a worker that waits, where it finds them in one poll.
    assert any(time_dead_crowd()[9] < 0.2 for _ in range(3)), "most waited, three times"


@case("while messages wait for DNS, other sessions go on")
def not_blocked():
    rules = "[rule quick]\nSender = quick@example.com\nPolicy = watch\n" + RULE
    with DeadPort() as port, Filter(port.port, rules, "MxWait = 1s") as daemon, \
            daemon.connect() as quick:
        daemon.deliver(quick, "a@example.org", sender="quick@example.com")
        crowd = threading.Thread(target=all_at_once, args=(daemon, 8))
        crowd.start()
        worst = 0
        while crowd.is_alive():
            line, took = daemon.deliver(quick, "a@example.org", sender="quick@example.com")
            expect_rule(line, "quick")
            worst = max(worst, took)
        print(f"# {1000 * worst:.0f} ms at worst")
        assert worst < 0.9, worst


# ---- recipients, next hops, macros

@case("Recipient, RecipientDomain and NextHop see what the MTA says at RCPT")
def at_rcpt():
    rules = ("[rule bob]\nRecipient = bob@example.org\nPolicy = microsoft365\n"
             "[rule domain]\nRecipientDomain = .example.net\nPolicy = microsoft365\n"
             "[rule hop]\nNextHop = relay.example\nPolicy = microsoft365\n")
    with Filter(9, rules) as daemon:
        for actions in (ALL_ACTIONS, ALL_ACTIONS & ~SETSYMLIST):
            with daemon.connect(actions=actions) as mta:
                expect_rule(daemon.deliver(mta, "ann@example.org", "Bob@Example.ORG")[0], "bob")
                expect_rule(daemon.deliver(mta, "ann@a.example.net")[0], "domain")
                expect_rule(daemon.deliver(mta, "ann@example.org")[0], "default")
                mta.macros["{rcpt_host}"] = "relay.example"
                expect_rule(daemon.deliver(mta, "ann@example.org")[0], "hop")
                mta.macros["{rcpt_host}"] = None
                expect_rule(daemon.deliver(mta, "ann@example.org")[0], "default")
                # Parameters, and no brackets.
                mta.mail("sender@example.com")
                mta.event("rcpt", b"bob@example.org\0NOTIFY=NEVER\0ORCPT=rfc822;x@example.com\0")
                mta.macros["i"] = queue_id = new_id()
                mta.event("header", b"Subject\0 s\0")
                mta.eom(Message.from_wire(b"Subject: s\r\n\r\n"))
                line, = daemon.messages_of(queue_id)
                expect_rule(line, "bob")


@case("Macro: asked for at every stage, and taken from where it is given")
def macros():
    rules = "[rule port]\nMacro = {daemon_port} = 587\nPolicy = microsoft365\n"
    with Filter(9, rules) as daemon:
        for stages in ((0,), (2,), (3,), (5,), ()):
            with MilterClient(daemon.address) as mta:
                assert all("{daemon_port}" in mta.lists[stage].split() for stage in (0, 2, 3, 5)), \
                    mta.lists
                for stage in (0, 2, 3, 5):
                    if stage not in stages:
                        mta.lists[stage] = mta.lists[stage].replace("{daemon_port}", "")
                mta.macros["{daemon_port}"] = "587"
                mta.connect("client.example", "192.0.2.7")
                line, _ = daemon.deliver(mta, "ann@example.org")
                expect_rule(line, "port" if stages else "default")
        with daemon.connect() as mta:
            mta.macros["{daemon_port}"] = "25"
            expect_rule(daemon.deliver(mta, "ann@example.org")[0], "default")


@case("more recipients than are kept: they are counted, and nothing is refused")
def too_many():
    rules = ("[policy refuse]\nReject = ALL\n"
             "[rule bob]\nRecipientDomain = example.org\nMatchRecipients = all\nPolicy = refuse\n")
    with Filter(9, rules) as daemon, daemon.connect() as mta:
        for n, action in ((10000, "reject"), (10001, None)):
            queue_id = new_id()
            result = deliver(mta, FOUNDING, queue_id=queue_id,
                             recipients=[f"r{i}@example.org" for i in range(n)])
            line, = daemon.messages_of(queue_id)
            assert line["rule"] == "bob" and line["nrcpt"] == str(n), line
            assert result.reply.refuses == (action == "reject"), result.reply
            assert (f"{queue_id}: too many recipients: " in daemon.text()) == (n > 10000)


@case("rules that ask for no recipients refuse, however many there are")
def many_unasked():
    rules = "[policy refuse]\nReject = ALL\n[rule all]\nPolicy = refuse\n"
    with Filter(9, rules) as daemon, daemon.connect() as mta:
        queue_id = new_id()
        result = deliver(mta, FOUNDING, queue_id=queue_id,
                         recipients=[f"r{i}@example.org" for i in range(10001)])
        assert result.reply.refuses, result.reply
        assert "too many recipients" not in daemon.text()


if __name__ == "__main__":
    sys.exit(run_all(md.program))
