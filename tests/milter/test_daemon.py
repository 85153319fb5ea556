#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The program mailmend-milter itself: its options, its socket, its end. Prints TAP."""

import contextlib
import fcntl
import os
import re
import signal
import socket
import stat
import sys
import threading
import time

import milterclient as mc
import milterdaemon as md
from milterclient import Message, MilterClient
from tap import Skip, case, run_all

HEAD = (b"From: ann@example.com\r\nTo: bob@example.org\r\nSubject: s\r\n"
        b"Date: Tue, 1 Jul 2003 10:52:37 +0200\r\nMessage-ID: <1@example.com>\r\n"
        b"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n")
SMALL = Message.from_wire(HEAD + b"small\r\n")
ENCODED = b" =?utf-8?q?=3C1=40example=2Ecom=3E?="
DEFECT = Message.from_wire(HEAD.replace(b" <1@example.com>", ENCODED) + b"small\r\n")

EX_USAGE, EX_UNAVAILABLE, EX_CONFIG = 64, 69, 78


def client(daemon, **offer):
    mta = MilterClient(daemon.address, **offer)
    mta.connect()
    return mta


def expect_works(daemon):
    with client(daemon) as mta:
        assert mta.deliver(DEFECT).edits


def wait_for(text, daemon, seconds=60):
    """Waits until @text stands in the log."""
    end = time.monotonic() + seconds
    while text not in daemon.text():
        assert time.monotonic() < end, f"no {text!r} in the log"
        time.sleep(0.05)


# ---- the command line

@case("-V")
def version():
    with contextlib.closing(prepared()) as daemon:
        code, out, _ = daemon.run("-V")
    assert code == 0 and re.fullmatch(r"mailmend-milter \d+\.\d+\.\d+\S*\n", out), out


@case("wrong options: 64")
def usage():
    with contextlib.closing(prepared()) as daemon:
        for args in (["--nonsense"], ["argument"], ["-n", "-s", "carrier-pigeon:1"],
                     ["-n", "-s", "inet:70000@localhost"], ["-n", "-s", "local:relative"],
                     ["-n", "-s", "inet:8891"], ["-n", "-s", "local:/" + "x" * 200], ["-c"]):
            code, out, err = daemon.run(*args)
            assert code == EX_USAGE and err and not out, (args, code, out, err)


@case("no configuration file where one was named: 78")
def no_file():
    with contextlib.closing(prepared()) as daemon:
        os.unlink(daemon.config)
        code, _, err = daemon.run("-n")
    assert code == EX_CONFIG and daemon.config in err, err


@case("root needs a user to become: 78")
def root():
    if os.geteuid() != 0:
        raise Skip("not root")
    for setting, word in (("", "User ="), ("User = root", "root"),
                          ("User = nosuchuser", "nosuchuser")):
        with contextlib.closing(prepared()) as daemon:
            with open(daemon.config, "w", encoding="utf-8") as file:
                file.write(f"[mailmend]\nSocket = local:{daemon.socket}\n{setting}\n")
            code, _, err = daemon.run("-f")
            assert code == EX_CONFIG and word in err, (code, err)
            assert not os.path.exists(daemon.socket)


# ---- the socket

@case("rights of the socket, and of the process")
def rights():
    with md.Daemon("SocketMode = 0640") as daemon:
        info = os.stat(daemon.socket)
        assert stat.S_IMODE(info.st_mode) == 0o640, oct(info.st_mode)
        with open(f"/proc/{daemon.process.pid}/status", encoding="ascii") as file:
            status = dict(line.split(":", 1) for line in file)
        if os.geteuid() == 0:
            assert "0" not in status["Uid"].split() + status["Gid"].split(), status
            assert "0" not in status["Groups"].split(), status["Groups"]
            assert info.st_uid == int(status["Uid"].split()[0])
            assert info.st_gid == int(status["Gid"].split()[0])


@case("a second daemon refuses, the first lives")
def second():
    with md.Daemon() as first:
        for args in (["-f"], []):
            code, _, err = first.run(*args)
            assert code == EX_UNAVAILABLE and "address in use" in err, (code, err)
        expect_works(first)


@case("the socket of a daemon that died is replaced")
def stale():
    with md.Daemon() as daemon:
        daemon.kill()
        assert stat.S_ISSOCK(os.stat(daemon.socket).st_mode)
        os.unlink(daemon.log)
        daemon.start()
        expect_works(daemon)


@case("one that starts waits for another that does, and has not listened yet")
def turns():
    with md.Daemon() as daemon:
        daemon.kill()
        os.unlink(daemon.log)
        before = os.stat(daemon.socket).st_ctime_ns
        folder = os.open(daemon.folder, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            starter = threading.Thread(target=daemon.start)
            starter.start()
            time.sleep(1)
            assert os.stat(daemon.socket).st_ctime_ns == before and not daemon.text()
        finally:
            os.close(folder)
            starter.join()
        expect_works(daemon)


@case("a file that is no socket stays")
def no_socket():
    with contextlib.closing(prepared()) as daemon:
        with open(daemon.socket, "w", encoding="ascii") as file:
            file.write("precious")
        code, _, err = daemon.run("-f")
        assert code == EX_UNAVAILABLE and "no socket" in err, (code, err)
        with open(daemon.socket, encoding="ascii") as file:
            assert file.read() == "precious"


@case("a socket that cannot be opened: 69, and the reason is shown")
def unopened():
    with contextlib.closing(prepared()) as daemon:
        for args in (["-f"], []):
            code, _, err = daemon.run("-s", "local:/nonexistent/folder/m.sock", *args)
            assert code == EX_UNAVAILABLE and "/nonexistent/folder" in err, (code, err)


@case("a TCP socket")
def tcp():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with md.Daemon(args=["-s", f"inet:{port}@127.0.0.1"]) as daemon:
        daemon.address = f"inet:{port}@127.0.0.1"
        expect_works(daemon)
        code, _, err = daemon.run("-f")
        assert code == EX_UNAVAILABLE, (code, err)


@case("in the background: ready when the parent is gone")
def background():
    with contextlib.closing(prepared()) as daemon:
        code, out, err = daemon.run()
        pid = int(re.search(r"mailmend-milter\[(\d+)\]: started", daemon.text())[1])
        try:
            assert code == 0 and not out and not err, (code, out, err)
            expect_works(daemon)
            assert os.getsid(pid) == pid
        finally:
            os.kill(pid, signal.SIGKILL)


# ---- settings that need a daemon of their own

@case("without a rule to \"off\" MAIL is not answered")
def no_reply_to_mail():
    with md.Daemon() as daemon, client(daemon) as mta:
        assert mta.protocol & mc.NR_MAIL
        assert mta.deliver(DEFECT).edits


@case("a message that is too large passes unchanged, and has its line")
def oversize():
    large = Message.from_wire(HEAD + b"x" * 5000 + b"\r\n" + b"y\r\n" * 60000)
    fields = [[b"X-%d" % n, b" " + b"v" * 100] for n in range(400)]
    many = Message(fields + DEFECT.headers, b"b\r\n")
    with md.Daemon("MaxMessageSize = 20K") as daemon, client(daemon) as mta:
        for message in (large, many):
            result = mta.deliver(message, queue_id="LARGE")
            assert result.reply.goes_on and not result.edits, result.edits
        for line, message in zip(daemon.messages_of("LARGE"), (large, many)):
            assert line["action"] == "none" and line["limit"] == "message_size", line
            assert int(line["size"]) == len(message.to_wire()), line
            assert line["mid"] and line["rule"] == "relay", line
        assert len(daemon.messages_of("LARGE")) == 2
        assert mta.deliver(DEFECT).edits


@case("one octet more than MaxMessageSize is too large")
def just_too_large():
    limit = 20 * 1024
    with md.Daemon(f"MaxMessageSize = {limit}") as daemon, client(daemon) as mta:
        for size in (limit - 1, limit, limit + 1):
            wire = DEFECT.to_wire()
            message = Message.from_wire(wire + b"x" * 500 + b"\r\n" + b"y" * (size - len(wire) - 502))
            assert len(message.to_wire()) == size
            result = mta.deliver(message, queue_id=f"S{size}")
            line, = daemon.messages_of(f"S{size}")
            assert bool(result.edits) == (size <= limit), result.edits
            assert line.get("limit") == (None if size <= limit else "message_size"), line


@case("one octet more of header than 1 MB is too large")
def header_too_large():
    limit = 1024 * 1024
    field = [b"X-A", b" " + b"v" * 10000]
    wire = DEFECT.to_wire()
    head = len(wire.partition(b"\r\n\r\n")[0]) + 2
    with md.Daemon() as daemon, client(daemon) as mta:
        for size in (limit - 1, limit, limit + 1):
            many = (size - head) // len(b"X-A: \r\n" + field[1][1:]) - 1
            rest = size - head - many * len(b"X-A: \r\n" + field[1][1:]) - len(b"X-B: \r\n")
            message = Message([*DEFECT.headers, *[field] * many, [b"X-B", b" " + b"v" * rest]],
                              DEFECT.body)
            assert len(message.to_wire().partition(b"\r\n\r\n")[0]) + 2 == size
            result = mta.deliver(message, queue_id=f"H{size}")
            line, = daemon.messages_of(f"H{size}")
            assert bool(result.edits) == (size <= limit), (size, line)
            assert line.get("limit") == (None if size <= limit else "header_block"), line
            assert line["size"] == str(len(message.to_wire())), line


@case("OnOversize = reject, tempfail, quarantine")
def on_oversize():
    large = Message.from_wire(HEAD + b"y\r\n" * 60000)
    answers = {"reject": "552 5.3.4 ", "tempfail": "451 4.3.4 ", "quarantine": None}
    for value, start in answers.items():
        settings = f"MaxMessageSize = 20K\nOnOversize = {value}"
        with md.Daemon(settings) as daemon, client(daemon) as mta:
            result = mta.deliver(large, queue_id="LARGE")
            if start:
                assert result.reply.text.startswith(start), result.reply
            else:
                assert result.reply.goes_on and result.quarantined, result
            assert daemon.messages_of("LARGE")[0]["action"] == value
            # A bounce is not refused for good.
            result = mta.deliver(large, sender="")
            assert result.reply.goes_on == (value != "tempfail") and not result.edits, result


@case("LogMessages = issues, off")
def log_messages():
    for value, wanted in (("issues", ["ISSUE"]), ("off", [])):
        with md.Daemon(f"LogMessages = {value}") as daemon, client(daemon) as mta:
            mta.deliver(SMALL, queue_id="CLEAN")
            assert mta.deliver(DEFECT, queue_id="ISSUE").edits
            assert [m["id"] for m in daemon.messages()] == wanted, daemon.text()


@case("-v logs more")
def verbose():
    with md.Daemon(args=["-v"]) as daemon:
        expect_works(daemon)
        assert "negotiated:" in daemon.text()


# ---- the end

@case("SIGTERM: a message that is being answered is answered to its end")
def drain():
    # More than the buffers between us take: the filter waits for us in the middle of its edits.
    body = (b"x" * 3000 + b"\r\n") * 4000
    message = Message.from_wire(HEAD + body)
    with md.Daemon() as daemon, client(daemon) as mta:
        mta.begin(message, "LAST")
        first = mta.receive()
        daemon.process.send_signal(signal.SIGTERM)
        wait_for("stopping", daemon)
        assert daemon.alive
        packets = [first]
        while packets[-1][0] not in "cartsy":
            packets.append(mta.receive())
        assert packets[-1][0] == "c", packets[-1]
        new_body = b"".join(data for command, data in packets if command == "b")
        assert len(new_body) > len(body) and new_body.endswith(b"\r\n")
        assert daemon.process.wait(60) == 0
        assert len(daemon.messages_of("LAST")) == 1
        assert "stopped\n" in daemon.text() and not os.path.exists(daemon.socket)


def prepared(settings=""):
    """A daemon that is not started: to be closed."""
    daemon = md.Daemon(settings)
    daemon.close = lambda: daemon.__exit__()
    return daemon


if __name__ == "__main__":
    sys.exit(run_all(md.program))
