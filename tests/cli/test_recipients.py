#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Rules on recipients, next hops, DNS, macros, size, host names and tables, in query, check, replay.

Prints TAP. MAILMEND names the binary (default: ./mailmend). Standard library only.
"""
import os
import shutil
import subprocess
import sys
import time

from clitest import LONG, SOURCE, Skip, crlf, equal, has, main, run

sys.path.insert(0, os.path.join(SOURCE, "tests", "milter"))
import dnsserver  # noqa: E402  pylint: disable=wrong-import-position

MICROSOFT = ("[rule microsoft]\nRecipientMx = .mail.protection.outlook.com, .mx.microsoft\n"
             "%sPolicy = microsoft365\n")
HOST = "contoso-com.mail.protection.outlook.com"


def config(f, *rules, settings=""):
    f.write("c", ("[mailmend]\n" + settings + "".join(rules)).encode())


def ask(*args):
    result = run("query", "--format=json", "--config", "c", *args)
    equal(len(result.lines), 1)
    return result.objects[0]


def rule_of(*args):
    answer = ask(*args)
    return answer["rule"] if answer["decided"] else answer["needs"]


def test_recipient_conditions(f):
    config(f, "[rule r]\nRecipient = ann@example.org\nPolicy = strict\n",
           "[rule d]\nRecipientDomain = .example.net\nPolicy = strict\n",
           "[rule n]\nNextHop = mx.example.com\nPolicy = strict\n")
    for args, want in (([], ["rcpt", "nexthop"]), (["rcpt=ann@example.org"], "r"),
                       (["rcpt=b@x.example.net"], "d"),
                       (["rcpt=x@y", "nexthop=[mx.example.com]:25"], "n"), (["rcpt=x@y"], "default"),
                       (["rcpt=x@y", "rcpt=b@example.net"], "d")):
        equal((args, rule_of(*args)), (args, want))
    text = run("query", "--config", "c", "rcpt=x@y").text
    has(text, "NextHop = mx.example.com: no (rcpt=x@y without nexthop=)\n")
    has(text, "NextHop exists, with Postfix, for mail through smtpd_milters only.\n")


def test_some_recipients_only(f):
    config(f, "[rule r]\nRecipient = ann@example.org\nPolicy = strict\n")
    equal(ask("rcpt=ann@example.org")["some_only"], False)
    equal(ask("rcpt=ann@example.org", "rcpt=b@example.org")["some_only"], True)
    has(run("query", "--config", "c", "rcpt=ann@example.org", "rcpt=b@x").text,
        "the rule fits some of them only")
    f.write("m", LONG)
    for more, action in (([], "reject"), (["--rcpt", "b@example.org"], "log")):
        one = run("check", "--format=json", "--config", "c", "--rcpt", "ann@example.org", *more,
                  "m").objects[0]
        equal((more, one["rule"], one["action"]), (more, "r", action))


def test_mx_given(f):
    """What is given is not asked for: there is no such name server."""
    config(f, MICROSOFT % "", settings="MxServers = 127.0.0.1:1\n")
    began = time.monotonic()
    equal(rule_of("rcpt=a@contoso.com", "mx=" + HOST.upper() + "."), "microsoft")
    equal(rule_of("rcpt=a@contoso.com", "mx=mx.example.org, other.mx.microsoft"), "microsoft")
    equal(rule_of("rcpt=a@contoso.com", "mx=mx.example.org"), "default")
    equal(rule_of("rcpt=a@contoso.com", "mx="), "default")
    equal(rule_of(), ["rcpt"])  # then DNS is asked
    f.write("m", LONG)
    result = run("check", "--format=json", "--config", "c", "--rcpt", "a@contoso.com", "--mx", HOST,
                 "m")
    equal(result.objects[0]["rule"], "microsoft")
    assert time.monotonic() - began < 10


def test_mx_asked(f):
    if dnsserver.DNSMASQ is None:
        raise Skip("dnsmasq is not installed")
    with dnsserver.Dnsmasq("--mx-host=contoso.com," + HOST + ",10", "--mx-host=example.org,mx.example.org",
                           "--local=/contoso.com/example.org/nowhere.test/") as dns:
        config(f, MICROSOFT % "", settings="MxServers = 127.0.0.1:%d\n" % dns.port)
        equal(rule_of("rcpt=a@contoso.com"), "microsoft")
        equal(rule_of("rcpt=a@example.org"), "default")
        equal(rule_of("rcpt=a@nowhere.test"), "default")
        has(run("query", "--config", "c", "rcpt=a@contoso.com").text,
            "yes (rcpt=a@contoso.com mx=" + HOST + ")")
        for name in ("box/1", "box/2", "box/3"):
            f.write(name, b"X-Original-To: a@contoso.com\n" + LONG)
        before = dns.count("contoso.com")
        result = run("replay", "--config", "c", "--against", "/dev/null", "--format=json", "box")
        equal(result.objects[-1]["differ"], 3)
        equal(result.objects[0]["new"]["rule"], "microsoft")
        equal(dns.count("contoso.com") - before, 1)  # answers are shared
        # nobody asks where no rule does
        config(f, settings="MxServers = 127.0.0.1:%d\n" % dns.port)
        before = dns.count("contoso.com")
        run("query", "--config", "c", "rcpt=a@contoso.com")
        equal(dns.count("contoso.com"), before)


def test_mx_dead(f):
    """Without an answer the command says so; what is judged goes by MxUnknown, as in the milter."""
    with dnsserver.DeadPort() as dns:
        for unknown, rule in (("nomatch", "default"), ("match", "microsoft")):
            config(f, MICROSOFT % "",
                   settings="MxServers = 127.0.0.1:%d\nMxUnknown = %s\n" % (dns.port, unknown))
            result = run("query", "--config", "c", "rcpt=a@contoso.com")
            equal(result.code, 1)
            has(result.text, "not decided; needs mx=\n")
            has(" ".join(result.text.split()), "MxUnknown = " + unknown)
            f.write("m", LONG)
            one = run("check", "--format=json", "--config", "c", "--rcpt", "a@contoso.com",
                      "m").objects[0]
            equal((unknown, one["rule"]), (unknown, rule))


def test_macro_and_size(f):
    config(f, "[rule m]\nMacro = {daemon_name} = ORIGINATING\nPolicy = strict\n",
           "[rule s]\nSize = >10K\nPolicy = strict\n")
    for args, want in (([], ["macro", "size"]), (["macro={daemon_name}=ORIGINATING"], "m"),
                       (["macro={daemon_name}=x", "size=10K"], "default"),
                       (["macro={daemon_name}=x", "size=11K"], "s"),
                       (["macro={daemon_name}=x"], ["size"])):
        equal((args, rule_of(*args)), (args, want))
    f.write("m", LONG)
    for args, rule in (([], "default"), (["--macro", "{daemon_name}=ORIGINATING"], "m")):
        one = run("check", "--format=json", "--config", "c", *args, "m").objects[0]
        equal((args, one["rule"]), (args, rule))
    f.write("m", LONG + b"y\n" * 6000)
    equal(run("check", "--format=json", "--config", "c", "m").objects[0]["rule"], "s")


def test_host_names(f):
    """A host name that is not given may be any, where one counts."""
    config(f, "[rule a]\nClient = 192.0.2.0/24, !192.0.2.9\nPolicy = strict\n",
           "[rule b]\nClient = .example.com, 2001:db8::/32, TRUSTED\nPolicy = strict\n")
    for args, want in ((["client=192.0.2.1"], "a"), (["client=192.0.2.9"], ["host"]),
                       (["client=192.0.2.9", "host=x.example.com"], "b"),
                       (["client=192.0.2.9", "host=unknown"], "default"),
                       (["client=2001:db8::1"], "b"), ([], ["client", "host"])):
        equal((args, rule_of(*args)), (args, want))
    f.write("m", LONG)
    one = run("check", "--format=json", "--config", "c", "--client", "198.51.100.1", "--host",
              "x.example.com", "m").objects[0]
    equal(one["rule"], "b")


def test_tables(f):
    f.write("t", b"# tenants\nexample.org strict\n.example.net watch\n")
    config(f, "[rule t]\nSenderDomain = TABLE:%s\nPolicy = TABLE\n" % os.path.abspath("t"))
    equal(ask("from=a@example.org")["policy"], "strict")
    equal(ask("from=a@b.example.net")["policy"], "watch")
    equal(ask("from=a@example.com")["rule"], "default")
    f.write("t", b"example.org strickt\n")
    result = run("query", "--config", "c", "from=a@example.org")
    equal(result.code, 2)
    has(result.err, "t:1:")


def test_lmdb(f):
    postmap = shutil.which("postmap", path=os.environ["PATH"] + ":/usr/sbin")
    f.write("t", b"example.org strict\nexample.net nonsense\n")
    if postmap is None or subprocess.run([postmap, "lmdb:" + os.path.abspath("t")],
                                         stderr=subprocess.DEVNULL).returncode != 0:
        raise Skip("no postmap that makes lmdb tables")
    config(f, "[rule t]\nSenderDomain = lmdb:%s\nPolicy = TABLE\n" % os.path.abspath("t"))
    equal(ask("from=a@example.org")["policy"], "strict")
    result = run("query", "--format=json", "--config", "c", "from=a@example.net")
    equal(result.code, 2)
    has(result.objects[0]["error"], "nonsense")
    f.write("m", LONG)
    result = run("check", "--format=json", "--config", "c", "--from", "a@example.net", "m")
    equal((result.code, result.objects[0]["action"]), (2, "error"))
    has(result.err, "nonsense")
    f.write("old", b"")
    result = run("replay", "--config", "c", "--against", "old", "--from", "a@example.net", "m")
    equal(result.code, 2)
    has(result.text, "action=error")


def test_envelope_of_originals(f):
    """The answers of DNS and the next hop that were there count, not those of today."""
    config(f, MICROSOFT % "", "[rule n]\nNextHop = mx.example.com\nPolicy = strict\n",
           settings="MxServers = 127.0.0.1:1\n")
    f.write("d/4A.eml", crlf(LONG))
    for envelope, rule in (("rcpt=a@contoso.com\nmx=%s\n" % HOST, "microsoft"),
                           ("rcpt=a@contoso.com\nnexthop=mx.example.com\nmx=mx.example.org\n", "n")):
        f.write("d/4A.envelope", ("from=x@y\n" + envelope).encode())
        equal(run("check", "--format=json", "--config", "c", "d").objects[0]["rule"], rule)


if __name__ == "__main__":
    sys.exit(main(globals()))
