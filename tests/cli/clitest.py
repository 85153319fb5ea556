# SPDX-License-Identifier: BSD-2-Clause
"""What the tests of the command mailmend share: sample mail, running it, TAP.

MAILMEND names the binary (default: ./mailmend). Standard library only.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import traceback

MAILMEND = os.path.abspath(os.environ.get("MAILMEND", "./mailmend"))
BUILD = os.path.abspath(os.environ.get("G_TEST_BUILDDIR", os.path.dirname(MAILMEND)))
SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# not UTC, so that a local zone is seen where none should be
os.environ["TZ"] = "JST-9"

HEAD = (b"From: a@example.org\n"
        b"To: b@example.net\n"
        b"Date: Mon, 1 Jan 2024 00:00:00 +0000\n"
        b"Message-ID: <1@example.org>\n"
        b"MIME-Version: 1.0\n"
        b"Subject: test\n")
CLEAN = HEAD + b"\nHello\n"
LONG = HEAD + b"\nHello\n" + b"x" * 1200 + b"\nBye\n"
LONG_OFFSET = len(HEAD) + 1 + len(b"Hello\n")
LONG_LINE = 9
NO_DATE = HEAD.replace(b"Date: Mon, 1 Jan 2024 00:00:00 +0000\n", b"") + b"\nHello\n"
SIGNED = b"DKIM-Signature: v=1; d=example.org; s=s; h=from; bh=; b=\n" + LONG
# what is wrong in a forwarded message is a notice
FORWARD = (HEAD + b"Content-Type: message/rfc822\n\n" + LONG)


def crlf(data):
    return data.replace(b"\n", b"\r\n")


class Skip(Exception):
    pass


class Result:
    def __init__(self, done):
        self.code = done.returncode
        self.out = done.stdout
        self.err = done.stderr.decode("utf-8", "replace")
        # a sanitizer or a signal is never the right answer
        assert self.code in (0, 1, 2), "exit %d: %s" % (self.code, self.err)
        assert "Sanitizer" not in self.err and "runtime error" not in self.err, self.err

    @property
    def text(self):
        return self.out.decode("utf-8", "replace")

    @property
    def lines(self):
        return self.text.splitlines()

    @property
    def objects(self):
        return [json.loads(line) for line in self.lines]


def run(*args, stdin=b"", stdout=subprocess.PIPE):
    done = subprocess.run([MAILMEND, *args], input=stdin, stdout=stdout,
                          stderr=subprocess.PIPE, timeout=120)
    return Result(done)


class Folder:
    """Files of one test, in a folder of its own that is the current one."""

    def __init__(self):
        self.path = tempfile.mkdtemp(prefix="mailmend-cli-")
        os.chdir(self.path)

    def write(self, name, data):
        folder = os.path.dirname(os.fsencode(name))
        if folder:
            os.makedirs(folder, exist_ok=True)
        with open(name, "wb") as file:
            file.write(data)
        return name

    def read(self, name):
        with open(name, "rb") as file:
            return file.read()

    def remove(self):
        os.chdir("/")
        shutil.rmtree(self.path)


def equal(got, want):
    assert got == want, "got %r, want %r" % (got, want)


def has(text, part):
    assert part in text, "%r is not in %.3000r" % (part, text)


def mbox(*messages):
    return b"".join(b"From a@example.org Mon Jan  1 00:00:00 2024\n" + m + b"\n" for m in messages)


def source(*path):
    """The text of a file of the tree."""
    path = os.path.join(SOURCE, *path)
    if not os.path.exists(path):
        raise Skip(path + " is not there")
    with open(path, encoding="utf-8") as file:
        return file.read()


def page(name):
    """A manual page as it was built, or as the release has it."""
    for folder in (BUILD, SOURCE):
        path = os.path.join(folder, "man", name)
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                return file.read()
    raise Skip("man/" + name + " is not built")


def main(names):
    """Runs the tests among the globals of a program."""
    tests = [(name, func) for name, func in names.items() if name.startswith("test_")]
    print("1..%d" % len(tests))
    failed = 0
    for number, (name, func) in enumerate(tests, 1):
        folder = Folder()
        title = name[len("test_"):].replace("_", " ")
        try:
            func(folder)
            print("ok %d - %s" % (number, title))
        except Skip as reason:
            print("ok %d - %s # SKIP %s" % (number, title, reason))
        except Exception:
            failed += 1
            print("not ok %d - %s" % (number, title))
            for line in traceback.format_exc().splitlines():
                print("# " + line)
        finally:
            folder.remove()
        sys.stdout.flush()
    return 1 if failed else 0

