#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""mailmend among the neighbours that mailmend-integration(7) speaks of: DKIM signers before and
behind it, a filter that verifies and signs, content filters that give mail back, and the ways
around a milter. Real Postfix, real OpenDKIM. Prints TAP. See test_postfix.py.
"""

import contextlib
import os
import sys
import tempfile

import mail
from bench import wait_for
from postfix import MILTER, free_port
from run import case, main  # first: it knows the way to tests/milter
from tap import Skip

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "signature"))
import opendkim  # noqa: E402

# Mail of the domain that is signed; each case has a sender of its own.
RULES = """
[policy insistent]
Fix = ALL
OnDkim = fix
[rule insistent]
Sender = insistent@example.org
Policy = insistent
"""

AUTHOR = b"ann@example.org"
BROKEN = mail.FOUNDING.replace(b"ann@example.com", AUTHOR)
MENDED = mail.MENDED.replace(b"ann@example.com", AUTHOR)

# A client that is neither trusted by mailmend nor one whose mail OpenDKIM signs.
PARTNER = "NAME=mx.partner.example ADDR=192.0.2.1"


# ---- helpers ------------------------------------------------------------------------------------

def services(bench, *options):
    """One more smtpd of the private Postfix for each of @options; their ports."""
    ports = [free_port() for _ in options]
    with open(os.path.join(bench.mta.config, "master.cf"), "a", encoding="ascii") as file:
        for port, lines in zip(ports, options):
            file.write(f"127.0.0.1:{port} inet n - n - - smtpd\n"
                       + "".join(f"  -o {{{line}}}\n" for line in lines))
    bench.mta.run("postfix", "reload")
    for port in ports:
        assert wait_for(lambda port=port: bench.mta.answers(port)), bench.mta.log()
    return ports


def milters(*addresses):
    return "smtpd_milters=" + ", ".join(MILTER.format(address=a, seconds=60) for a in addresses)


@contextlib.contextmanager
def signers(bench):
    """Two ports, mailmend before the signer and behind it; and a verifier of what leaves."""
    if opendkim.PROGRAM is None:
        raise Skip("opendkim is not installed")
    with tempfile.TemporaryDirectory(prefix="mailmend-signer-") as folder:
        os.chmod(folder, 0o755)
        key = opendkim.Key(folder)
        with opendkim.Signer(folder, key, "simple/simple", oversigned=False) as signer:
            os.chmod(signer.address[5:], 0o666)
            ports = services(bench, [milters(bench.filter.address, signer.address)],
                             [milters(signer.address, bench.filter.address)])
            yield ports, lambda data: opendkim.verified(folder, key, [data])[0]


def received(delivery):
    """A message as it arrived, without the Received fields of Postfix."""
    return mail.without(delivery.data, b"received")


def sends(bench, port, sender, data=BROKEN, xclient=None):
    """What arrives of a message that is taken, and its lines in the log."""
    recipient = sender.partition("@")[0] + "@example.org"
    before = len(bench.sink.to(recipient))
    with bench.mta.client(port) as smtp:
        if xclient is not None:
            smtp.ehlo()
            assert smtp.docmd("XCLIENT", xclient)[0] == 220
            smtp.ehlo_resp = None
        smtp.sendmail(sender, [recipient], data)
    arrived = bench.sink.wait(recipient, before + 1)[before]
    return received(arrived), bench.filter.lines_from(sender)


def is_signed(data):
    return data.startswith(b"DKIM-Signature:")


# ---- DKIM ---------------------------------------------------------------------------------------

@case("mailmend before the signer: the mended message is what is signed")
def before_signer(bench):
    with signers(bench) as (ports, is_good):
        got, lines = sends(bench, ports[0], "before@example.org")
        assert [line["action"] for line in lines] == ["fix"], lines
        assert lines[0]["signed"] == "", lines
        assert is_signed(got) and got.endswith(MENDED), got
        assert is_good(got), got


@case("behind the signer: it leaves alone what is signed, and the signature holds")
def behind_signer(bench):
    with signers(bench) as (ports, is_good):
        got, (line,) = sends(bench, ports[1], "behind@example.org")
        assert (line["action"], line["left"]) == ("log", "ENCODED_MESSAGE_ID"), line
        assert line["signed"].startswith("dkim"), line
        assert is_signed(got) and got.endswith(BROKEN), got
        assert is_good(got), got


@case("behind the signer with OnDkim = fix: mended, the signature broken, and the line says so")
def insists(bench):
    with signers(bench) as (ports, is_good):
        got, (line,) = sends(bench, ports[1], "insistent@example.org")
        assert line["action"] == "fix" and line["broke"].startswith("dkim"), line
        assert is_signed(got) and got.endswith(MENDED), got
        assert not is_good(got), got


@contextlib.contextmanager
def both(bench):
    """A port whose mail passes mailmend, then one OpenDKIM that verifies and signs; a signer for
    mail of a partner; is it good?"""
    if opendkim.PROGRAM is None:
        raise Skip("opendkim is not installed")
    with tempfile.TemporaryDirectory(prefix="mailmend-both-") as folder:
        os.chmod(folder, 0o755)
        key = opendkim.Key(folder)
        keys = os.path.join(folder, "public")
        with open(keys, "wb") as file:
            file.write(f"{opendkim.SELECTOR}._domainkey.{opendkim.DOMAIN} ".encode()
                       + key.record + b"\n")
        signer = opendkim.Signer(folder, key, "relaxed/simple", oversigned=False)
        with open(signer.config, encoding="ascii") as file:
            text = file.read()
        text = text.replace("Mode s\n", f"Mode sv\nMinimumKeyBits 512\nTestPublicKeys {keys}\n"
                            "AlwaysAddARHeader yes\nAuthservID mta.example\n")
        text = text.replace("InternalHosts 0.0.0.0/0", "InternalHosts 127.0.0.1")
        with open(signer.config, "w", encoding="ascii") as file:
            file.write(text)
        with signer:
            os.chmod(signer.address[5:], 0o666)
            port, = services(bench, [milters(bench.filter.address, signer.address)])
            yield port, lambda data: opendkim.verified(folder, key, [data])[0]


@case("one filter that verifies and signs, behind mailmend: both are right")
def verifies_and_signs(bench):
    with both(bench) as (port, is_good):
        signed, lines = sends(bench, port, "ours@example.org")
        assert [line["action"] for line in lines] == ["fix"], lines
        assert is_signed(signed) and signed.endswith(MENDED) and is_good(signed), signed
        # The same comes back from outside: a signature that mailmend must not break before it is
        # verified. What is broken now is no field that is signed.
        broken = signed.replace(b"To: bob@example.org\r\n", b"To: bob@example.org\r\nCc:\r\n")
        got, (line,) = sends(bench, port, "partner@example.com", broken, PARTNER)
        assert (line["action"], line["policy"]) == ("log", "watch"), line
        assert got.startswith(b"Authentication-Results: mta.example;"), got
        assert b"dkim=pass" in got[:400] and is_good(got), got


# ---- mail that comes twice ----------------------------------------------------------------------

@case("mail that a content filter gives back is judged twice, unless the port has no_milters")
def gives_back(bench):
    with_milters, without = services(bench, [milters(bench.filter.address)], [
        milters(bench.filter.address), "receive_override_options=no_milters"])
    got, _ = sends(bench, bench.mta.port, "again@example.com", mail.FOUNDING)
    # What a content filter has is what Postfix would have delivered.
    arrived = bench.sink.to("again@example.org")[0].data
    assert got == mail.MENDED, got
    got, lines = sends(bench, without, "again@example.com", arrived)
    assert got == mail.MENDED and len(lines) == 1, lines
    got, lines = sends(bench, with_milters, "again@example.com", arrived)
    assert got == mail.MENDED and len(lines) == 2, lines
    # FirstHop: what has been here before is only watched.
    assert (lines[1]["policy"], lines[1]["rule"]) == ("watch", "default"), lines


# ---- ways around a milter -----------------------------------------------------------------------

def change_main(bench, text):
    with open(os.path.join(bench.mta.config, "main.cf"), "a", encoding="ascii") as file:
        file.write(text)
    bench.mta.run("postfix", "reload")


def bounces(bench, sender):
    """Sends what cannot be delivered; waits for the bounce."""
    before = len(bench.sink.to(sender))
    bench.mta.sendmail("-f", sender, "nobody@bounce.example", data=mail.CLEAN)
    bench.sink.wait(sender, before + 1)
    return bench.filter.lines_from("")


@case("bounces that Postfix makes pass no milter, unless internal_mail_filter_classes says so")
def bounce(bench):
    change_main(bench, "transport_maps = inline:{ bounce.example=error:5.1.1_no_such_user }\n")
    assert bounces(bench, "returned@example.com") == []
    change_main(bench, "internal_mail_filter_classes = bounce\n")
    lines = bounces(bench, "returned@example.com")
    assert len(lines) == 1 and lines[0]["nrcpt"] == "1", lines
    change_main(bench, "internal_mail_filter_classes =\n")


@case("postsuper -r: a message that is put into the queue again passes no milter")
def requeued(bench):
    with bench.mta.client() as smtp:
        smtp.sendmail("again@hold.example", ["requeued@example.org"], mail.FOUNDING)
    first = bench.filter.line_from("again@hold.example")
    assert first["action"] == "quarantine", first
    # pickup brings it back under a new id, and it is held no more
    bench.mta.run("postsuper", "-r", first["id"])
    got = received(bench.sink.wait("requeued@example.org")[0])
    assert got == mail.FOUNDING, got
    assert len(bench.filter.lines_from("again@hold.example")) == 1


@case("smtpd_milter_maps with DISABLE takes a client past the milters")
def disabled(bench):
    port, = services(bench, ["smtpd_milter_maps=inline:{ 127.0.0.1=DISABLE }"])
    got, lines = sends(bench, port, "disabled@example.com", mail.FOUNDING)
    assert got == mail.FOUNDING and lines == [], lines


if __name__ == "__main__":
    main(RULES)
