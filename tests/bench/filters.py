# SPDX-License-Identifier: BSD-2-Clause
"""The filters that are compared, as running programs, and the load put on them."""

import contextlib
import email
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time

import mail

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "milter"))

# pylint: disable=wrong-import-position
import milterclient  # noqa: E402
import milterdaemon  # noqa: E402

BUILD = os.path.abspath(os.environ.get("G_TEST_BUILDDIR", "."))


def program(name):
    return os.path.join(BUILD, "tests", "bench", name)


class BenchError(Exception):
    """A program failed, or answered something else than is wanted."""


def run(*command):
    """Runs a program to its end; its standard output."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, check=False)
    if done.returncode != 0:
        name = " ".join(os.path.basename(word) for word in command)
        raise BenchError(f"{name}: exit {done.returncode}: {done.stderr.decode().strip()}")
    return done.stdout.decode()


class Filter:
    """A process that listens on a unix socket."""

    def __init__(self, path, pid):
        self.path, self.pid = path, pid


def wait_for(path, process, seconds=20):
    end = time.monotonic() + seconds
    while True:
        with socket.socket(socket.AF_UNIX) as probe:
            with contextlib.suppress(OSError):
                probe.connect(path)
                return
        if process.poll() is not None or time.monotonic() > end:
            raise BenchError(f"{os.path.basename(path)}: it does not start")
        time.sleep(0.02)


class Bench:
    """A folder with mail, filters that run until the end, and what was recorded of them."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="mailmend-bench-")
        self.stack = contextlib.ExitStack()
        self.stack.callback(shutil.rmtree, self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *args):
        self.stack.close()

    # ---- mail

    def write(self, name, data):
        path = os.path.join(self.folder, name)
        if not os.path.exists(path):
            with open(path, "wb") as file:
                file.write(data() if callable(data) else data)
        return path

    def message(self, name):
        """The path of a message of mail.py."""
        return self.write(name, mail.MESSAGES[name])

    # ---- filters

    def _start(self, name, command, prefix="unix:"):
        path = os.path.join(self.folder, name + ".sock")
        process = subprocess.Popen([*command, prefix + path], stdin=subprocess.DEVNULL)
        self.stack.callback(process.wait)
        self.stack.callback(process.kill)
        wait_for(path, process)
        return Filter(path, process.pid)

    def null(self, name, *args):
        return self._start(name, [program("null-milter"), *args])

    def python(self, name, *args):
        script = os.path.join(HERE, "python_milter.py")
        return self._start(name, [sys.executable, script, *args], "")

    def mailmend(self, policy, settings=""):
        """With one rule, for all that load sends."""
        sections = f"[rule bench]\nClient = TRUSTED\nPolicy = {policy}\n"
        daemon = self.stack.enter_context(milterdaemon.Daemon(settings, sections))
        return Filter(daemon.socket, daemon.process.pid)

    # ---- load

    def load(self, target, name, *args):
        """Sends a message again and again; what load says."""
        out = run(program("load"), f"--socket={target.path}", f"--pid={target.pid}", *args,
                  self.message(name))
        return json.loads(out)

    def record(self, target, name, label):
        """Sends a message once and keeps the edits, which must be right; the file."""
        path = os.path.join(self.folder, f"{label}-{name}.edits")
        run(program("load"), f"--socket={target.path}", f"--record={path}", self.message(name))
        with open(self.message(name), "rb") as file:
            before = milterclient.Message.from_wire(file.read())
        verify_mended(name, before, edited(before, path))
        return path


# ---- what must come of a message

def edited(message, path):
    """@message as it is after the edits in a file."""
    after = message.copy()
    with open(path, "rb") as file:
        rest = file.read()
    body = None
    while rest:
        size = int.from_bytes(rest[:4], "big")
        command, data, rest = rest[4:5].decode(), rest[5:4 + size], rest[4 + size:]
        if command == "b":
            body = (body or b"") + data
            continue
        index = 0
        if command in "im":
            index, data = int.from_bytes(data[:4], "big"), data[4:]
        key, value, _ = data.split(b"\0")
        kind = {"h": "add", "i": "insert", "m": "change"}[command]
        after.apply(milterclient.Edit(kind, key.decode(), index, value), True)
    after.body = after.body if body is None else body
    return after


def leaves(message):
    """Decoded content of all leaves, line ends and the last one apart."""
    parsed = email.message_from_bytes(message.to_wire())
    return [(part.get_content_type(), (part.get_payload(decode=True) or b"")
             .replace(b"\r\n", b"\n").rstrip(b"\n")) for part in parsed.walk()
            if not part.is_multipart()]


def verify_mended(name, before, after):
    """Raises BenchError unless @after is what the repair of that message must give."""
    if name.startswith("founding") and after.get("Message-ID") != mail.DECODED_ID:
        raise BenchError(f"{name}: the Message-ID is {after.get('Message-ID')}")
    if name.startswith("long") and max(map(len, after.body.split(b"\r\n"))) > 998:
        raise BenchError(f"{name}: a line is still too long")
    if name.startswith("clean") and after.to_wire() != before.to_wire():
        raise BenchError(f"{name}: a clean message was changed")
    if leaves(before) != leaves(after):
        raise BenchError(f"{name}: the content is not the same")
