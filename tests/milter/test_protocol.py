#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The milter protocol with a real mailmend-milter: old MTAs, broken ones, many at once. Prints TAP.

The cases share a daemon: one that has seen all others is the better one to ask.
"""

import contextlib
import os
import signal
import sys
import threading
import time

import milterclient as mc
from fixtures import (CLEAN, FOUNDING, FOUNDING_ID, State, client, deliver, expect_mended,
                      expect_works, new_id, one_line, shared_daemon, wait_until)
from milterclient import Message, MilterClient
from tap import case, run_all


@case("no replies are asked for, and unused events are declined")
def few_packets():
    with client() as mta:
        unanswered = mc.NR_CONN | mc.NR_RCPT | mc.NR_HDR | mc.NR_BODY
        assert mta.protocol & unanswered == unanswered, hex(mta.protocol)
        # A rule leads to "off": MAIL may be answered.
        assert not mta.protocol & mc.NR_MAIL
        assert "i" in mta.lists[5].split() and "{auth_authen}" in mta.lists[2].split()
        mta.helo()
        deliver(mta, CLEAN)
        assert not {"helo", "data", "unknown"} & set(mta.events), mta.events


@case("an MTA that offers no options at all")
def old_mta():
    with client(protocol=0x7F) as mta:
        mta.helo()
        expect_mended(deliver(mta, FOUNDING))
        assert mta.protocol & mc.NO_REPLIES == 0


@case("an MTA without leading blanks")
def no_leading_blanks():
    with client(protocol=mc.ALL_PROTOCOL & ~mc.HDR_LEADSPC) as mta:
        result = deliver(mta, FOUNDING)
        expect_mended(result)
        assert result.edits[0].value == FOUNDING_ID, result.edits


@case("an MTA without macro lists")
def no_symbol_lists():
    queue_id = new_id()
    with client(actions=mc.ALL_ACTIONS & ~mc.SETSYMLIST) as mta:
        assert not mta.lists
        expect_mended(deliver(mta, FOUNDING, queue_id=queue_id))
    one_line(queue_id)


@case("an MTA that offers too few actions is refused and told so")
def few_actions():
    try:
        MilterClient(State.main.address, actions=mc.ADDHDRS)
    except (mc.ProtocolError, OSError):
        pass
    else:
        raise AssertionError("the negotiation succeeded")
    assert "connection refused" in State.main.text()
    expect_works()


@case("many messages in one connection, aborts between")
def many_messages():
    with client() as mta:
        for turn in range(30):
            queue_id = new_id()
            expect_mended(deliver(mta, FOUNDING, queue_id=queue_id,
                                  recipients=["r@example.org"] * (turn + 1)))
            assert one_line(queue_id)["nrcpt"] == str(turn + 1)
            assert not deliver(mta, CLEAN).edits
            mta.mail("lost@refuse.example")
            mta.rcpt("a@example.org")
            mta.header(b"Message-ID", b" broken")
            mta.body(b"z" * 3000)
            mta.abort()
            mta.abort()


@case("MAIL begins anew without an abort")
def mail_again():
    with client() as mta:
        mta.mail("lost@refuse.example")
        mta.rcpt("a@example.org")
        mta.header(b"X-Lost", b" 1")
        result = deliver(mta, CLEAN)
        assert result.reply.goes_on and not result.edits, result


@case("connections that end early")
def early_ends():
    def negotiate(mta):
        mta.negotiate()

    def connect(mta):
        negotiate(mta)
        mta.connect()

    def mail(mta):
        connect(mta)
        mta.mail("a@example.com")

    def header(mta):
        mail(mta)
        mta.rcpt("b@example.org")
        mta.header(b"Subject", b" half")

    def body(mta):
        header(mta)
        mta.eoh()
        mta.body(b"half")

    def quit_at_once(mta):
        mta.quit()

    def quit_later(mta):
        body(mta)
        mta.quit()

    for step in (lambda mta: None, negotiate, connect, mail, header, body, quit_at_once,
                 quit_later):
        for _ in range(3):
            with MilterClient(State.main.address, negotiate=False) as mta:
                step(mta)
    expect_works()


@case("one connection for several clients (QUIT_NC)")
def new_client():
    for protocol in (mc.ALL_PROTOCOL, mc.ALL_PROTOCOL & ~mc.HDR_LEADSPC):
        with client(protocol=protocol) as mta:
            expect_mended(deliver(mta, FOUNDING))
            mta.quit_nc()
            mta.connect("unknown", "198.51.100.7")
            assert not deliver(mta, FOUNDING).edits
            mta.quit_nc()
            mta.connect("localhost", "127.0.0.1")
            expect_mended(deliver(mta, FOUNDING))


@case("garbage and over-long packets hurt nobody else")
def garbage():
    start = (13).to_bytes(4, "big") + b"O" + (6).to_bytes(4, "big") + bytes(8)
    for data in (b"GET / HTTP/1.0\r\n\r\n", bytes(64), b"\xff" * 200,
                 b"\x7f\xff\xff\xffO" + bytes(99), start, start[:9],
                 bytes.fromhex("0000000151"), os.urandom(4096)):
        with mc.open_socket(State.main.address, 10) as sock:
            sock.sendall(data)
    with client() as mta:
        mta.mail("a@example.com")
        mta.send(b"L", b"no terminator")
    with client() as mta:
        mta.mail("a@example.com")
        with contextlib.suppress(BrokenPipeError):  # it may hang up before all is sent
            mta.send(b"L", b"X-Long\0" + b"x" * 70000 + b"\0")
    with client() as mta, contextlib.suppress(BrokenPipeError):
        mta.send(b"E")
        mta.send(b"B", b"body of nothing")
        mta.send(b"?", b"")
    with client() as mta:
        mta.send(b"C", b"host\0004\0\0not an address\0")
    expect_works()


@case("two hundred sessions at a time")
def many_sessions():
    failures = []

    def session(number):
        try:
            with client() as mta:
                barrier.wait(60)
                for turn in range(3):
                    wire, edits = (FOUNDING, 1) if (number + turn) % 2 else (CLEAN, 0)
                    result = deliver(mta, wire, queue_id=f"C{number:03d}x{turn}")
                    assert len(result.edits) == edits, result
        except Exception as problem:  # pylint: disable=broad-except
            failures.append(f"{number}: {problem!r}")

    barrier = threading.Barrier(200)
    threads = [threading.Thread(target=session, args=(n,)) for n in range(200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures, failures[:5]
    lines = [m for m in State.main.messages() if m["id"].startswith("C")]
    assert len(lines) == len({m["id"] for m in lines}) == 600, len(lines)


@case("hostile envelope and headers stay one line")
def hostile():
    queue_id = new_id()
    wire = CLEAN.replace(b"<1@example.com>", b"<1\x1b\"\\ x@example.com> action=fix \xff")
    with client() as mta:
        deliver(mta, wire, sender="a\" action=reject <x\\@example.com", queue_id=queue_id)
    assert one_line(queue_id)["action"] in ("log", "none", "fix")


@case("an MTA that goes away in the middle of the edits")
def gone_in_edits():
    # More than the buffers between us take.
    wire = Message.from_wire(CLEAN + b"x" * 5_000_000 + b"\r\n")
    for turn in range(3):
        queue_id = f"GONE{turn}"
        with client() as mta:
            mta.begin(wire, queue_id)
            mta.receive()
        wait_until(lambda: State.main.messages_of(queue_id))
        line = one_line(queue_id)
        assert line["action"] == "error" and "did not take" in line["error"], line
        # What is not delivered was not mended.
        assert line["fixed"] == line["edits"] == "" and line["left"] == "LINE_TOO_LONG", line
        assert line["newsize"] == line["size"], line
    expect_works()


@case("SIGUSR1 does not end it")
def user_signal():
    for _ in range(3):
        os.kill(State.main.process.pid, signal.SIGUSR1)
    time.sleep(0.2)
    assert State.main.alive
    expect_works()


@case("it is still the same process, and alive")
def still_alive():
    assert State.main.alive, State.main.stderr()
    assert State.main.text().count("started version=") == 1


if __name__ == "__main__":
    sys.exit(run_all(shared_daemon))
