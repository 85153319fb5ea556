#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""mailmend probe: filters that answer, hang, are gone or are none. Prints TAP.

$MAILMEND and $MAILMEND_MILTER are the programs.
"""

import contextlib
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

import milterdaemon as md
from milterclient import MilterClient
from tap import Skip, case, run_all

MAILMEND = os.path.abspath(os.environ.get("MAILMEND", "./mailmend"))
READY, NOT_READY, TROUBLE = 0, 1, 2

READY_LINE = r"%s: ready: protocol version 6, actions 0x[0-9a-f]+, steps 0x[0-9a-f]+, \d+\.\d ms\n"


def probe(*args, prefix=(), **options):
    """Exit code, standard output and error."""
    done = subprocess.run([*prefix, MAILMEND, "probe", *args], stdin=subprocess.DEVNULL, timeout=60,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, **options)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def expect(code, word, *args, **options):
    """One line says so: about the filter on standard output, else on standard error."""
    got, out, err = probe(*args, **options)
    line, other = (err, out) if code == TROUBLE else (out, err)
    assert got == code and word in line and not other, (args, got, out, err)
    assert line.count("\n") == 1 and line.endswith("\n"), line


def free_port(host="127.0.0.1", family=socket.AF_INET):
    with socket.create_server((host, 0), family=family) as listener:
        return listener.getsockname()[1]


@contextlib.contextmanager
def server(handle):
    """A TCP server that does @handle with each connection: its address."""
    def serve():
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with connection, contextlib.suppress(OSError):
                    connection.settimeout(10)
                    handle(connection)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, daemon=True).start()
        yield f"inet:{listener.getsockname()[1]}@127.0.0.1"
        listener.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def listening(address):
    """A filter at @address."""
    with md.Daemon(args=["-s", address]) as daemon:
        end = time.monotonic() + 30
        while time.monotonic() < end:
            with contextlib.suppress(OSError), MilterClient(address):
                break
            time.sleep(0.05)
        yield daemon


# ---- filters

@case("a filter at a unix socket is ready, in each form of the address; it logs nothing")
def unix():
    with md.Daemon() as daemon:
        before = daemon.text()
        for address in (f"unix:{daemon.socket}", f"local:{daemon.socket}", daemon.socket):
            code, out, err = probe(address)
            assert code == READY and not err, (code, out, err)
            assert re.fullmatch(READY_LINE % re.escape(address), out), out
        # As an administrator names it who stands in the folder, or Postfix in its queue.
        expect(READY, ": ready: ", "unix:milter.sock", cwd=daemon.folder)
        assert daemon.text() == before, daemon.text()


@case("a filter at a port is ready, in libmilter's form and in Postfix's")
def inet():
    port = free_port()
    with listening(f"inet:{port}@127.0.0.1"):
        for address in (f"inet:{port}@127.0.0.1", f"inet:127.0.0.1:{port}",
                        f"inet:{port}@localhost", f"inet:localhost:{port}"):
            expect(READY, ": ready: ", address)


@case("a filter at a port of IPv6 is ready")
def inet6():
    try:
        port = free_port("::1", socket.AF_INET6)
    except OSError as error:
        raise Skip(f"no IPv6 here: {error}") from error
    with listening(f"inet6:{port}@::1"):
        for address in (f"inet6:{port}@::1", f"inet6:{port}@[::1]", f"inet:[::1]:{port}",
                        f"inet6:[::1]:{port}"):
            expect(READY, ": ready: ", address)


@case("a filter that hangs is not ready, and the time is kept")
def hung():
    with md.Daemon() as daemon:
        os.kill(daemon.process.pid, signal.SIGSTOP)
        try:
            start = time.monotonic()
            expect(NOT_READY, ": not ready: no answer within 1 s", "--timeout", "1", daemon.address)
            assert 0.9 < time.monotonic() - start < 10
        finally:
            os.kill(daemon.process.pid, signal.SIGCONT)
        expect(READY, ": ready: ", daemon.address)


@case("a filter that has ended or was killed is not ready")
def gone():
    with md.Daemon() as daemon:
        daemon.kill()
        expect(NOT_READY, "Connection refused", daemon.address)
        daemon.start()
        end = time.monotonic() + 30
        while probe(daemon.address)[0] != READY and time.monotonic() < end:
            time.sleep(0.1)
        expect(READY, ": ready: ", daemon.address)
        assert daemon.stop() == 0
        expect(NOT_READY, ": not ready: ", daemon.address)


@case("a closed port is not ready")
def closed():
    expect(NOT_READY, "Connection refused", f"inet:{free_port()}@127.0.0.1")
    expect(NOT_READY, "No such file", "unix:/nonexistent/milter.sock")


# ---- what is no filter

def echo(connection):
    while data := connection.recv(4096):
        connection.sendall(data)


@case("what answers is no milter: an echo, an SMTP server, noise; or one that refuses")
def no_milter():
    answers = (
        (b"220 mail.example.com ESMTP\r\n", "no milter"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "no milter"),
        (struct.pack(">I", 0) + b"O" + bytes(12), "no milter"),
        (struct.pack(">I", 12) + b"O" + bytes(12), "no milter"),
        (struct.pack(">I", 2 ** 32 - 1) + b"O" + bytes(12), "no milter"),
        (struct.pack(">I", 13) + b"c" + bytes(12), "no milter"),
        (struct.pack(">I", 13) + b"O" + bytes(4), "closed"),
        (b"\0", "closed"),
        (b"", "closed"),
        (struct.pack(">I", 1) + b"t", "refuses"),
    )
    with server(echo) as address:
        expect(NOT_READY, "no milter", address)
    for answer, word in answers:
        def say(connection, answer=answer):
            connection.recv(17, socket.MSG_WAITALL)
            connection.sendall(answer)
        with server(say) as address:
            expect(NOT_READY, word, address)


@case("one that takes the connection and says nothing, or too little, is not ready")
def silent():
    for answer in (b"", b"\0\0\0\x0dO\0\0"):
        def wait(connection, answer=answer):
            connection.sendall(answer)
            while connection.recv(4096):
                pass
        with server(wait) as address:
            expect(NOT_READY, "no answer within 1 s", "--timeout=1", address)


@case("an answer in pieces, with lists of macros behind it, is one")
def pieces():
    heard = []

    def answer(connection):
        connection.recv(17, socket.MSG_WAITALL)
        data = struct.pack(">IcIII", 24, b"O", 2, 0x11, 0x40) + struct.pack(">I", 2) + b"{i} j\0x"
        for octet in data:
            connection.sendall(bytes([octet]))
            time.sleep(0.01)
        heard.append(connection.recv(5, socket.MSG_WAITALL))

    with server(answer) as address:
        expect(READY, ": ready: protocol version 2, actions 0x11, steps 0x40, ", address)
        end = time.monotonic() + 10
        while not heard and time.monotonic() < end:
            time.sleep(0.01)
    assert heard == [struct.pack(">Ic", 1, b"Q")], heard


# ---- what cannot be asked

@case("without rights to the socket it cannot be asked")
def no_rights():
    if os.geteuid() != 0:
        raise Skip("takes root, who has all rights, and another user, who has not")
    with md.Daemon("SocketMode = 0600") as daemon:
        os.chmod(daemon.folder, 0o755)
        # Not the user of the filter either.
        expect(TROUBLE, "Permission denied", daemon.address,
               prefix=["setpriv", "--reuid=12345", "--regid=12345", "--clear-groups", "--"])


@case("addresses that are none, names that are none, wrong options: 2")
def usage():
    for address in ("", "x", "inet:", "inet:8894", "inet:8894@", "inet:@host", "inet:0@localhost",
                    "inet:65536@localhost", "inet:localhost:http", "inet:::1:8894", "inet6:[]:1",
                    "unix:", "local:/" + "x" * 200, "tcp:localhost:8894", "relative/path",
                    "inet:x\n@localhost"):
        expect(TROUBLE, "is no address", address)
    expect(TROUBLE, "host.invalid", "inet:8894@host.invalid")
    for args in ([], ["/a", "/b"], ["--timeout", "0", "/a"], ["--timeout=-1", "/a"],
                 ["--timeout", "x", "/a"], ["--timeout=3601", "/a"], ["--nonsense", "/a"]):
        expect(TROUBLE, "probe: ", *args)


@contextlib.contextmanager
def built():
    for program in (MAILMEND, md.BINARY):
        if not os.access(program, os.X_OK):
            sys.exit(f"{program} is not built")
    yield


if __name__ == "__main__":
    sys.exit(run_all(built))
