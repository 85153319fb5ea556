#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Who takes the mail of a domain: the resolver, asking real name servers. Prints TAP."""

import contextlib
import os
import struct
import subprocess
import sys
import tempfile
import time

from dnsserver import (CNAME, MX, NOTIMP, NS, NXDOMAIN, REFUSED, SERVFAIL, DeadPort, Dnsmasq,
                       OddServer, encode, mx, record, soa)
from tap import Skip, case, run_all

ASK = os.path.join(os.environ.get("G_TEST_BUILDDIR", "."), "tests/milter/mx-ask")

OUTLOOK = "contoso-example.mail.protection.outlook.com"
BIG = [f"host-number-{n:02}.of.big.example" for n in range(60)]


class Asker:
    """A resolver that is told what to ask."""

    def __init__(self, servers, failed_age=10, before=(), look_every=30):
        self.process = subprocess.Popen([*before, ASK, servers, str(failed_age), str(look_every)],
                                        stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)

    def __enter__(self):
        return self

    def __exit__(self, *args):
        self.process.stdin.close()
        code = self.process.wait(30)
        assert code == 0 or args[0] is not None, f"exit {code}"

    def ask(self, *domains, wait=None):
        """Asks for all at once: a list of (state, host ...)."""
        words = ([] if wait is None else [f"/{wait}"]) + list(domains)
        self.process.stdin.write(" ".join(words) + "\n")
        self.process.stdin.flush()
        return [tuple(self.process.stdout.readline().split()[1:]) for _ in domains]

    def one(self, domain, **how):
        return self.ask(domain, **how)[0]


def expect(got, *want):
    assert got == want, f"{got} is not {want}"


@contextlib.contextmanager
def dnsmasq(*more):
    hosts = [f"--mx-host=big.example,{host},10" for host in BIG]
    with Dnsmasq(f"--mx-host=contoso.example,{OUTLOOK},0",
                 f"--mx-host=mixed.example,{OUTLOOK},20", "--mx-host=mixed.example,MX.Other.Example,10",
                 "--mx-host=xn--bcher-kva.example,mx.example,1",
                 "--dns-rr=null.example,15,000000", "--cname=alias.example,contoso.example",
                 "--cname=second.example,alias.example", "--cname=plainalias.example,plain.example",
                 "--host-record=plain.example,192.0.2.7", "--local=/example/",
                 *hosts, *more) as server:
        yield server


# ---- dnsmasq

@case("found, none, null MX, NXDOMAIN, aliases, refused")
def answers():
    with dnsmasq() as server, Asker(f"127.0.0.1:{server.port}") as asker:
        expect(asker.one("contoso.example"), "known", OUTLOOK)
        expect(asker.one("mixed.example"), "known", "mx.other.example", OUTLOOK)
        expect(asker.one("plain.example"), "known", "plain.example")
        expect(asker.one("null.example"), "known")
        expect(asker.one("gone.example"), "known")
        expect(asker.one("alias.example"), "known", OUTLOOK)
        expect(asker.one("second.example"), "known", OUTLOOK)
        expect(asker.one("plainalias.example"), "known", "plain.example")
        expect(asker.one("nobody-knows.test"), "failed")


@case("an answer too large for UDP comes whole, over TCP")
def large():
    with dnsmasq() as server, Asker(f"127.0.0.1:{server.port}") as asker:
        expect(asker.one("big.example"), "known", *sorted(BIG))
        assert server.count("big.example") == 2, server.text()


@case("a domain is asked for once, however it is written")
def forms():
    with dnsmasq("--local-ttl=60") as server, Asker(f"127.0.0.1:{server.port}") as asker:
        got = asker.ask("CONTOSO.Example", "contoso.example.", "contoso.example", "contoso.exampLE")
        assert got == [("known", OUTLOOK)] * 4, got
        assert server.count("contoso.example") == 1, server.text()
        expect(asker.one("bücher.example"), "known", "mx.example")
        expect(asker.one("xn--bcher-kva.EXAMPLE"), "known", "mx.example")
        assert server.count("xn--bcher-kva.example") == 1, server.text()


@case("what is no domain is not asked for")
def no_domain():
    with dnsmasq() as server, Asker(f"127.0.0.1:{server.port}") as asker:
        for text in ("[192.0.2.1]", "[IPv6:2001:db8::1]", ".", "..", "a..example", "-a.example",
                     "a-.example", "a_b!.example", "a\\.b.example", "x" * 64 + ".example",
                     "x." * 127 + "x"):
            expect(asker.one(text), "known")
        assert "query[" not in server.text(), server.text()


@case("a name server that never answers: failed after two tries, and that is kept")
def dead():
    with DeadPort() as port, dnsmasq(f"--server=/slow.example/127.0.0.1#{port.port}") as server, \
            Asker(f"127.0.0.1:{server.port}") as asker:
        expect(asker.one("a.slow.example", wait=100), "pending")
        start = time.monotonic()
        # Nobody waits twice for one that is slow.
        expect(asker.one("a.slow.example", wait=10000), "pending")
        assert time.monotonic() - start < 1
        expect(asker.one("contoso.example"), "known", OUTLOOK)
        expect(asker.one("b.slow.example"), "failed")
        assert 2 < time.monotonic() - start < 15
        assert server.count("b.slow.example") == 2, server.text()
        expect(asker.one("b.slow.example"), "failed")
        assert server.count("b.slow.example") == 2, server.text()


@case("no name server at all: failed at once")
def nobody_there():
    with DeadPort() as port:
        closed = port.port
    with Asker(f"127.0.0.1:{closed}") as asker:
        start = time.monotonic()
        expect(asker.one("contoso.example"), "failed")
        assert time.monotonic() - start < 5


@case("the second server is asked when the first is silent")
def second():
    with DeadPort() as port, dnsmasq() as server, \
            Asker(f"127.0.0.1:{port.port},127.0.0.1:{server.port}") as asker:
        expect(asker.one("contoso.example"), "known", OUTLOOK)


@contextlib.contextmanager
def resolv_conf(server):
    """A file that the programs begun with these words see as /etc/resolv.conf."""
    private = ["unshare", "-m", "sh", "-c", 'mount --bind "$0" /etc/resolv.conf && exec "$@"']
    with tempfile.NamedTemporaryFile("w", prefix="mailmend-resolv-") as conf:
        if os.geteuid() != 0 or subprocess.run([*private, conf.name, "true"], check=False,
                                               stderr=subprocess.DEVNULL).returncode != 0:
            raise Skip("no resolv.conf of one's own: that takes root, and unshare")
        change(conf.name, server)
        yield conf.name, [*private, conf.name]


def change(path, server, remark=""):
    with open(path, "w", encoding="ascii") as file:
        file.write(f"{remark}nameserver {server}\n")


@case("the system's servers, and others when resolv.conf changes")
def system_servers():
    with resolv_conf("127.0.0.77") as (path, before), \
            Dnsmasq("--mx-host=moved.example,old.example,0", address="127.0.0.77", port=53), \
            Dnsmasq("--mx-host=moved.example,new.example,0", address="127.0.0.78", port=53), \
            Asker("-", before=before) as asker:
        # Not a name: this only shows that the servers have been read.
        expect(asker.one("[192.0.2.1]"), "known")
        change(path, "127.0.0.78", "# moved\n")
        expect(asker.one("moved.example"), "known", "new.example")
        change(path, "127.0.0.79")
        # Looked at every thirty seconds only.
        time.sleep(1.1)
        expect(asker.one("moved.example"), "known", "new.example")


@case("other servers in place of dead ones, though questions to these are still under way")
def dead_servers():
    with resolv_conf("127.0.0.77") as (path, before), DeadPort("127.0.0.77", 53), \
            Dnsmasq("--mx-host=first.example,new.example,0", "--mx-host=second.example,new.example,1",
                    address="127.0.0.78", port=53), \
            Asker("-", before=before, look_every=0) as asker:
        expect(asker.one("first.example", wait=100), "pending")
        change(path, "127.0.0.78", "# moved\n")
        expect(asker.one("second.example", wait=1500), "known", "new.example")
        # That one was asked for again.
        expect(asker.one("first.example", wait=1000), "known", "new.example")


# ---- what no real server would say

def loop(question):
    """A host whose name leads back to itself."""
    at = 12 + len(question.text)
    data = struct.pack(">H", 10) + struct.pack(">H", 0xC000 | at + len(encode(question.name)) + 12)
    return question.answer(record(question.name, MX, data))


def odd_host(question):
    return question.answer(mx(question.name, "bad host.example"), mx(question.name, "ok.example"),
                           mx(question.name, "new\nline.example"), mx(question.name, "-x.example"),
                           mx(question.name, "."), mx(question.name, "\xff.example"))


def cut(question):
    whole = question.answer(*(mx(question.name, f"h{n}.example") for n in range(90)))
    return whole if question.tcp else question.answer(truncated=True)


def half(question):
    return question.answer(mx(question.name, "ok.example"))[:-3]


ODD = {
    "servfail": lambda q: q.answer(code=SERVFAIL),
    "refused": lambda q: q.answer(code=REFUSED),
    "notimp": lambda q: q.answer(code=NOTIMP),
    "strange": lambda q: q.answer(code=11),
    "noise": lambda q: q.packet[:2] + b"\xff" * 100,
    "empty": lambda q: b"",
    "short": lambda q: q.packet[:7],
    "loop": loop,
    "half": half,
    "cut": cut,
    "odd": odd_host,
    "only": lambda q: q.answer(mx(q.name, "no host.example")),
    "other": lambda q: q.answer(mx("elsewhere.example", "mx.example")),
    "circle": lambda q: q.answer(record(q.name, CNAME, encode("b.example")),
                                 record("b.example", CNAME, encode(q.name))),
    "aliasgone": lambda q: q.answer(record(q.name, CNAME, encode("b.example")), code=NXDOMAIN,
                                    authority=[soa("example", 60, 60)]),
    "aliasmx": lambda q: q.answer(mx("b.example", "mx.b.example"),
                                  record(q.name, CNAME, encode("B.example"))),
    "referral": lambda q: q.answer(authority=[record("example", NS, encode("ns.example"))]),
    "nodata": lambda q: q.answer(authority=[soa("example", 60, 60)]),
    "many": lambda q: q.answer(*(mx(q.name, f"h{n:03}.example") for n in range(1000))) if q.tcp
            else q.answer(truncated=True),
    "ttl": lambda q: q.answer(mx(q.name, "mx.example", ttl=2)),
    "zero": lambda q: q.answer(mx(q.name, "mx.example", ttl=0)),
    "aliasttl": lambda q: q.answer(record(q.name, CNAME, encode("b.example"), ttl=1),
                                   mx("b.example", "mx.b.example")),
    "nottl": lambda q: q.answer(code=NXDOMAIN, authority=[soa("example", 600, 1)]),
    "forever": lambda q: q.answer(mx(q.name, "mx.example", ttl=0x7FFFFFFF)),
}


@contextlib.contextmanager
def odd_server(failed_age=10):
    def reply(question):
        return ODD[question.name.split(".")[0]](question)

    with OddServer(reply) as server, Asker(f"127.0.0.1:{server.port}", failed_age) as asker:
        yield server, asker


@case("failures and garbage: failed")
def failures():
    names = ["servfail", "refused", "notimp", "strange", "noise", "empty", "short", "loop", "half",
             "other", "referral", "circle"]
    with odd_server() as (_, asker):
        got = dict(zip(names, asker.ask(*(f"{name}.example" for name in names))))
    assert set(got.values()) == {("failed",)}, got


@case("records that say something, though oddly")
def odd():
    with odd_server() as (_, asker):
        expect(asker.one("odd.example"), "known", "ok.example")
        expect(asker.one("only.example"), "known")
        expect(asker.one("aliasgone.example"), "known")
        expect(asker.one("aliasmx.example"), "known", "mx.b.example")
        expect(asker.one("nodata.example"), "known", "nodata.example")


@case("an answer that was cut is asked for over TCP")
def truncated():
    with odd_server() as (server, asker):
        got = asker.one("cut.example")
        assert got[0] == "known" and len(got) == 91, got
        assert server.asked == [("cut.example", "udp"), ("cut.example", "tcp")], server.asked


@case("no more than a hundred hosts are kept")
def many():
    with odd_server() as (_, asker):
        got = asker.one("many.example")
        assert got[0] == "known" and len(got) == 101, len(got)


@case("answers are kept as long as their TTL, at least a second")
def ttl():
    names = [f"{name}.example" for name in ("ttl", "zero", "aliasttl", "nottl", "forever")]
    with odd_server() as (server, asker):
        for _ in range(3):
            asker.ask(*names)
        assert [server.count(name) for name in names] == [1] * 5, server.asked
        time.sleep(1.2)
        asker.ask(*names)
        assert [server.count(name) for name in names] == [1, 2, 2, 2, 1], server.asked
        time.sleep(1)
        asker.ask(*names)
        assert [server.count(name) for name in names] == [2, 2, 2, 2, 1] or \
            server.count("ttl.example") == 2, server.asked


@case("a failure is kept for a while, and asked for again")
def failed_again():
    with odd_server(failed_age=1) as (server, asker):
        expect(asker.one("servfail.example"), "failed")
        first = server.count("servfail.example")
        expect(asker.one("servfail.example"), "failed")
        assert server.count("servfail.example") == first
        time.sleep(1.2)
        expect(asker.one("servfail.example"), "failed")
        assert server.count("servfail.example") == 2 * first


@case("a thousand domains at once: 500 are asked for, the rest stays open")
def crowd():
    with odd_server() as (server, asker):
        ODD["crowd"] = lambda q: time.sleep(0.5) or q.answer(mx(q.name, "mx.example"))
        got = asker.ask(*(f"crowd.n{n}.example" for n in range(1000)))
        assert got[:500] == [("known", "mx.example")] * 500, got
        assert got[500:] == [("pending",)] * 500, got
        got = asker.ask(*(f"crowd.n{n}.example" for n in range(500, 1000)))
        assert got == [("known", "mx.example")] * 500, got


@case("it ends at once with questions under way")
def ends():
    with DeadPort() as port, Asker(f"127.0.0.1:{port.port}") as asker:
        asker.ask(*(f"n{n}.example" for n in range(100)), wait=10)
        start = time.monotonic()
    assert time.monotonic() - start < 2


@case("servers that cannot be read are an error")
def bad_servers():
    done = subprocess.run([ASK, "not-an-address", "10"], capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "not-an-address" in done.stderr, done


@contextlib.contextmanager
def nothing():
    if not os.access(ASK, os.X_OK):
        raise Skip("there is no mx-ask")
    yield


if __name__ == "__main__":
    sys.exit(run_all(nothing))
