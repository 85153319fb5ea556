# SPDX-License-Identifier: BSD-2-Clause
"""A mailmend-milter of one's own: in a folder that goes away, with its log at hand."""

import contextlib
import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time

from tap import Skip

BINARY = os.path.abspath(os.environ.get("MAILMEND_MILTER", "./mailmend-milter"))

# Who the daemon becomes when the tests run as root.
USER = "nobody"

# What a build with ThreadSanitizer needs: not to hide GLib's memory from it, and no report about
# threads that live as long as the process.
SUPPRESSIONS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "tsan.supp")
TSAN = {"G_SLICE": "always-malloc"}

# A line of the log file: time, name[pid], text.
LOG_LINE = re.compile(r"^\S+ mailmend-milter\[\d+\]: (.*)$")
FIELD = re.compile(r' ([a-z]+)=("(?:[^"\\]|\\x[0-9a-f]{2})*"|\S*)')


def parse_line(text):
    """The fields of a message's line, the queue id as "id"; None if it is another line."""
    queue_id, _, rest = text.partition(":")
    if not rest.startswith(" action="):
        return None
    fields = {key: value.strip('"') for key, value in FIELD.findall(rest)}
    fields["id"] = queue_id
    return fields


def need():
    """Nothing can be tried without the program."""
    if not os.access(BINARY, os.X_OK):
        raise Skip("there is no mailmend-milter")


@contextlib.contextmanager
def program():
    """For run_all(): the cases start the daemons that they want."""
    need()
    yield


def has_sanitizer(*names):
    """Whether the program was built with one of these sanitizers, or with any."""
    with open(BINARY, "rb") as file:
        program = file.read()
    return any(b"__%s_" % name.encode() in program for name in names or ("asan", "tsan"))


class Daemon:
    """One mailmend-milter. Use it in a with statement."""

    def __init__(self, settings="", sections="", folder=None, args=()):
        self.own_folder = folder is None
        self.folder = folder or tempfile.mkdtemp(prefix="mailmend-test-")
        self.socket = os.path.join(self.folder, "milter.sock")
        self.address = "unix:" + self.socket
        self.log = os.path.join(self.folder, "log")
        self.config = os.path.join(self.folder, "mailmend.conf")
        self.args = list(args)
        self.process = None
        self.write_config(settings, sections)

    def write_config(self, settings, sections):
        lines = ["[mailmend]", f"Socket = local:{self.socket}", f"LogTo = {self.log}"]
        if os.geteuid() == 0:
            entry = pwd.getpwnam(USER)
            lines.append(f"User = {USER}")
            # So that it can remove its socket.
            os.chown(self.folder, entry.pw_uid, entry.pw_gid)
        with open(self.config, "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n" + settings + "\n" + sections)

    def change(self, settings="", sections="", raw=None):
        """Replaces the file as a careful administrator does, in one step."""
        before = self.config
        self.config = before + ".new"
        try:
            self.write_config(settings, sections)
            if raw is not None:
                with open(self.config, "w", encoding="utf-8") as file:
                    file.write(raw)
            os.rename(self.config, before)
        finally:
            self.config = before

    def signal(self):
        """Asks it to read its file again."""
        self.process.send_signal(signal.SIGUSR1)

    def __enter__(self):
        return self.start()

    def __exit__(self, *args):
        self.kill()
        races = self.races()
        if self.own_folder:
            shutil.rmtree(self.folder, ignore_errors=True)
        assert not races, races

    def command(self, *args):
        return [BINARY, "-c", self.config, *self.args, *args]

    def start(self, seconds=30):
        """Starts it in the foreground and waits until it listens."""
        with open(os.path.join(self.folder, "stderr"), "ab") as stderr:
            self.process = subprocess.Popen(self.command("-f"), stdin=subprocess.DEVNULL,
                                            env=self.environment(), stdout=stderr, stderr=stderr)
        end = time.monotonic() + seconds
        while "started version=" not in self.text():
            if self.process.poll() is not None:
                raise RuntimeError(f"exit {self.process.returncode}: {self.stderr()}")
            if time.monotonic() > end:
                raise RuntimeError("it does not start")
            time.sleep(0.02)
        return self

    def run(self, *args, seconds=60, environment=()):
        """Runs the program to its end: exit code, standard output and error."""
        done = subprocess.run(self.command(*args), stdin=subprocess.DEVNULL, timeout=seconds,
                              env={**os.environ, **dict(environment)}, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def environment(self):
        """For the program; reports of ThreadSanitizer go into files of the folder."""
        options = (f"suppressions={SUPPRESSIONS} report_thread_leaks=0 second_deadlock_stack=1 "
                   f"log_path={self.folder}/tsan {os.environ.get('TSAN_OPTIONS', '')}")
        return {**os.environ, **TSAN, "TSAN_OPTIONS": options} if has_sanitizer("tsan") else None

    def kill(self):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def stop(self, seconds=60):
        """Asks it to end; the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(seconds)

    @property
    def alive(self):
        return self.process is not None and self.process.poll() is None

    # ---- what it said

    def races(self):
        """What ThreadSanitizer found, if that is in the program."""
        text = ""
        for name in sorted(os.listdir(self.folder)):
            if name.startswith("tsan."):
                with open(os.path.join(self.folder, name), encoding="utf-8") as file:
                    text += file.read()
        return text

    def stderr(self):
        with open(os.path.join(self.folder, "stderr"), encoding="utf-8", errors="replace") as f:
            return f.read()

    def text(self):
        try:
            with open(self.log, encoding="ascii") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def messages(self):
        """The lines of messages, parsed, in order."""
        texts = [LOG_LINE.match(line)[1] for line in self.text().splitlines()]
        return [fields for fields in map(parse_line, texts) if fields is not None]

    def messages_of(self, queue_id):
        return [fields for fields in self.messages() if fields["id"] == queue_id]
