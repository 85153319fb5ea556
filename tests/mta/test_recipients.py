#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Rules that ask for what Postfix says of recipients, and for DNS. Prints TAP. See test_postfix.py."""

import sys

import mail
from run import case, main  # first: it knows the way to tests/milter
from dnsserver import Dnsmasq
from postfix import without_received
from tap import Skip

# Each case has a sender of its own, and its rule is for that sender alone.
RULES = """
[rule exact]
Sender = exact@example.com
Recipient = bob@example.org, carl@example.org, dan@refused.test
Policy = microsoft365
[rule all]
Sender = all@example.com
RecipientDomain = example.org
MatchRecipients = all
Policy = microsoft365
[rule any]
Sender = any@example.com
RecipientDomain = example.org
Policy = refuse
[rule hop]
Sender = hop@example.com
NextHop = 127.0.0.1
Policy = microsoft365
[rule macro]
Sender = macro@example.com
Macro = {client_port} = 0
Policy = watch
[rule protocol]
Sender = macro@example.com
Macro = {daemon_name} = mta.example
Policy = microsoft365
[rule size]
Sender = size@example.com
Size = >2K
Policy = microsoft365
[rule microsoft]
Sender = dns@example.com
RecipientMx = .mail.protection.outlook.com
Policy = microsoft365
[rule rest]
Sender = @example.com
Policy = watch
"""


def sends(bench, sender, *recipients, data=mail.FOUNDING):
    """The line in the log; what arrived is mended if that says so."""
    before = len(bench.filter.lines_from(sender))
    with bench.mta.client() as smtp:
        refused = smtp.sendmail(sender, recipients, data)
    line = bench.filter.lines_from(sender)[before]
    for recipient in set(recipients) - set(refused):
        got = bench.sink.wait(recipient)[-1].data
        assert (mail.MENDED_HEADER in got) == (line["action"] == "fix"), (line, got)
    return line


def expect_rule(line, rule, pending=False):
    assert line["rule"] == rule and ("mx" in line) == pending, line


@case("a recipient of one's own; one that Postfix refuses is not seen")
def recipients(bench):
    expect_rule(sends(bench, "exact@example.com", "BOB@example.org"), "exact")
    expect_rule(sends(bench, "exact@example.com", "ann@example.org"), "rest")
    with bench.mta.client() as smtp:
        smtp.docmd("XCLIENT", "ADDR=192.0.2.9")
        refused = smtp.sendmail("exact@example.com", ["dan@refused.test", "ann@example.org"],
                                mail.FOUNDING)
    assert list(refused) == ["dan@refused.test"], refused
    line = bench.filter.lines_from("exact@example.com")[-1]
    expect_rule(line, "rest")
    assert line["nrcpt"] == "1" and "192.0.2.9" in line["client"], line


@case("MatchRecipients = all")
def every(bench):
    expect_rule(sends(bench, "all@example.com", "a1@example.org", "a2@example.org"), "all")
    expect_rule(sends(bench, "all@example.com", "a3@example.org", "a4@example.net"), "rest")


@case("the next hop, which sendmail(1) does not have")
def next_hop(bench):
    expect_rule(sends(bench, "hop@example.com", "hop@example.org"), "hop")
    bench.mta.sendmail("-i", "-f", "hop@example.com", "hop2@example.org",
                       data=mail.FOUNDING.replace(b"\r\n", b"\n"))
    bench.sink.wait("hop2@example.org")
    expect_rule(bench.filter.lines_from("hop@example.com")[-1], "rest")


@case("recipients of sendmail(1)")
def command(bench):
    bench.mta.sendmail("-i", "-f", "exact@example.com", "carl@example.org",
                       data=mail.FOUNDING.replace(b"\r\n", b"\n"))
    bench.sink.wait("carl@example.org")
    expect_rule(bench.filter.lines_from("exact@example.com")[-1], "exact")


@case("macros that Postfix is asked for")
def macros(bench):
    expect_rule(sends(bench, "macro@example.com", "macro@example.org"), "protocol")
    bench.mta.sendmail("-i", "-f", "macro@example.com", "macro2@example.org",
                       data=mail.FOUNDING.replace(b"\r\n", b"\n"))
    bench.sink.wait("macro2@example.org")
    expect_rule(bench.filter.lines_from("macro@example.com")[-1], "macro")


@case("the size")
def size(bench):
    expect_rule(sends(bench, "size@example.com", "size1@example.org"), "rest")
    expect_rule(sends(bench, "size@example.com", "size2@example.org",
                      data=mail.FOUNDING + b"filler\r\n" * 300), "size")


@case("RecipientMx: one session, many domains")
def recipient_mx(bench):
    with bench.mta.client() as smtp:
        for number, (domain, rule) in enumerate((("contoso.example", "microsoft"),
                                                 ("other.example", "rest"),
                                                 ("alias.example", "microsoft"),
                                                 ("gone.example", "rest")) * 5):
            smtp.sendmail("dns@example.com", [f"mx{number}@{domain}"], mail.FOUNDING)
            expect_rule(bench.filter.lines_from("dns@example.com")[-1], rule)
            delivery, = bench.sink.wait(f"mx{number}@{domain}")
            assert without_received(delivery.data) == (
                mail.MENDED if rule == "microsoft" else mail.FOUNDING), delivery


if __name__ == "__main__":
    try:
        with Dnsmasq("--mx-host=contoso.example,contoso-example.mail.protection.outlook.com,0",
                     "--mx-host=other.example,mx.example,0", "--local=/example/",
                     "--cname=alias.example,contoso.example") as server:
            main(RULES, f"MxServers = 127.0.0.1:{server.port}\nMxWait = 1s\n")
    except Skip as reason:
        print(f"1..0 # SKIP {reason}")
        sys.exit(0)
