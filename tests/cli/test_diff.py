#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""mailmend diff: what was changed in a message that KeepOriginals has stored. Prints TAP.

What is printed must be enough to make the mended message of the original, octet for octet: the
tests do so. MAILMEND names the binary (default: ./mailmend).
"""

import contextlib
import os
import random
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "milter"))

from tap import Skip, case, run_all

MAILMEND = os.path.abspath(os.environ.get("MAILMEND", "./mailmend"))

HEAD = (b"From: a@example.org\r\nSubject: s\r\nX-Fold: one\r\n\ttwo\r\n"
        b"Date: Mon, 1 Jan 2024 00:00:00 +0000\r\nMessage-ID: =?utf-8?q?=3C1=40x=3E?=\r\n")
MENDED_HEAD = HEAD.replace(b"=?utf-8?q?=3C1=40x=3E?=", b"<1@x>")


class Kept:
    """A folder as KeepOriginals makes it. Use it in a with statement."""

    def __enter__(self):
        self.temporary = tempfile.TemporaryDirectory(prefix="mailmend-diff-")
        self.folder = self.temporary.name
        return self

    def __exit__(self, *args):
        self.temporary.cleanup()

    def write(self, name, data):
        with open(os.path.join(self.folder, name), "wb") as file:
            file.write(data)

    def put(self, stem, old, new, envelope=b"policy=p\nrule=r\nfixed=A|B\nleft=\nsize=1\n"):
        self.write(stem + ".envelope", envelope)
        self.write(stem + ".mended.eml", new)
        self.write(stem + ".eml", old)

    def diff(self, *args, code=0, folder=True):
        where = ["--dir", self.folder] if folder else []
        done = subprocess.run([MAILMEND, "diff", *where, *args], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60,
                              check=False)
        assert done.returncode == code, (done.returncode, done.stderr)
        return done.stdout, done.stderr.decode()


def unescape(line, ended):
    """The octets of a printed line; @ended: it has a line end."""
    octets = re.sub(rb"\\(x[0-9A-F]{2}|.)", lambda m: {
        b"t": b"\t", b"r": b"\r", b"\\": b"\\", b"n": b"\n"}.get(m[1]) or bytes.fromhex(
            m[1][1:].decode()), line)
    if not ended or octets.endswith(b"\n"):
        return octets
    return octets + b"\r\n"


def hunks(out):
    """Section, first line of old and new, and the marked lines, of each hunk."""
    found = []
    lines = out.split(b"\n")
    assert lines.pop() == b""
    for number, line in enumerate(lines):
        match = re.fullmatch(rb"@@ -(\d+),(\d+) \+(\d+),(\d+) @@ (\w+)", line)
        if match:
            found.append((match[5].decode(), *(int(n) for n in match.groups()[:4]), []))
        elif line == rb"\ no line end" or not found:
            continue
        else:
            assert line[:1] in (b" ", b"-", b"+") and re.fullmatch(rb"[ -~]*", line), line
            assert not re.search(rb"\S[ ]$", line), line
            ended = lines[number + 1:number + 2] != [rb"\ no line end"]
            found[-1][5].append((line[:1], unescape(line[1:], ended)))
    return found


def sections(message):
    """Header block, separator and body."""
    head, separator, body = message.partition(b"\r\n\r\n")
    if not separator:
        return {"header": message, "separator": b"", "body": b""}
    return {"header": head + b"\r\n", "separator": b"\r\n", "body": body}


def lines_of(data):
    return re.findall(rb"[^\n]*\n|[^\n]+", data)


def apply(old, out):
    """The mended message, made of @old and what was printed; all of it must fit."""
    parts = {name: lines_of(data) for name, data in sections(old).items()}
    made = {name: [] for name in parts}
    done = dict.fromkeys(parts, 0)
    for name, old_line, old_n, new_line, new_n, lines in hunks(out):
        before = [line for mark, line in lines if mark in b" -"]
        after = [line for mark, line in lines if mark in b" +"]
        assert len(before) == old_n and len(after) == new_n, (name, lines)
        made[name] += parts[name][done[name]:old_line - 1]
        assert parts[name][old_line - 1:old_line - 1 + old_n] == before, (name, before)
        assert len(made[name]) == new_line - 1, (name, new_line)
        made[name] += after
        done[name] = old_line - 1 + old_n
    for name, lines in parts.items():
        made[name] += lines[done[name]:]
    return b"".join(b"".join(made[name]) for name in ("header", "separator", "body"))


def expect(kept, stem, old, new):
    kept.put(stem, old, new)
    out, _ = kept.diff(stem)
    assert apply(old, out) == new, (old, new, out)
    return out


@case("what is printed")
def printed():
    body = b"".join(b"line %d\r\n" % n for n in range(9))
    with Kept() as kept:
        out = expect(kept, "ID", HEAD + b"\r\n" + body,
                     MENDED_HEAD + b"\r\n" + body.replace(b"line 5", b"a\xe4\t\\ \x01 "))
        assert out.decode() == r"""--- ID.eml
+++ ID.mended.eml
# policy=p
# rule=r
# fixed=A|B
# left=
@@ -4,3 +4,3 @@ header
 \ttwo
 Date: Mon, 1 Jan 2024 00:00:00 +0000
-Message-ID: =?utf-8?q?=3C1=40x=3E?=
+Message-ID: <1@x>
@@ -4,5 +4,5 @@ body
 line 3
 line 4
-line 5
+a\xE4\t\\ \x01\x20
 line 6
 line 7
""", out


@case("every octet and line end can be told")
def octets():
    olds = [b"x\r\n", b"x\n", b"x", b"x\r", b"x\r\r\n", b"", b"x \r\n", b"x\\n\r\n", b"\\ \r\n",
            b"x\t\n", b"\x00\x7f\x80\xff\n", b"\\x41\r\n", b"\n", b"\r\n", b"\r"]
    with Kept() as kept:
        for old in olds:
            for new in olds:
                if old == new:
                    continue
                for end in (b"", b"tail\r\n"):
                    if end and not (old[-1:] + new[-1:]).replace(b"\n", b"") == b"":
                        continue
                    expect(kept, "ID", HEAD + b"\r\nstart\r\n" + old + end,
                           MENDED_HEAD + b"\r\nstart\r\n" + new + end)


@case("nothing has changed: no hunk")
def same():
    with Kept() as kept:
        assert not hunks(expect(kept, "ID", HEAD + b"\r\nx", HEAD + b"\r\nx"))
        assert not hunks(expect(kept, "ID", HEAD, HEAD))
        assert not hunks(expect(kept, "ID", b"", b""))


@case("random changes")
def randomly():
    rng = random.Random(4)
    with Kept() as kept:
        for _ in range(150):
            words = [b"a\r\n", b"b\r\n", b"", b"\r\n", b"c\n", b"d \r\n"] if rng.random() < .5 \
                else [b"%d\r\n" % n for n in range(60)]
            old = [rng.choice(words) for _ in range(rng.randrange(60))]
            new = list(old)
            for _ in range(rng.randrange(1, 8)):
                at = rng.randrange(len(new) + 1)
                new[at:at + rng.randrange(4)] = rng.choices(words, k=rng.randrange(4))
            if rng.random() < .2:
                rng.shuffle(new)
            expect(kept, "ID", HEAD + b"\r\n" + b"".join(old) + rng.choice((b"", b"end")),
                   HEAD + b"\r\n" + b"".join(new) + rng.choice((b"", b"end")))


@case("an attachment between two changes is not shown")
def attachment():
    middle = b"".join(b"%064d\r\n" % n for n in range(100000))
    blanks = b"\r\n" * 5000
    with Kept() as kept:
        out = expect(kept, "ID", HEAD + b"\r\none\r\n" + middle + blanks + b"two\r\n" + middle[:99],
                     HEAD + b"\r\nONE\r\n" + middle + blanks + b"TWO\r\n" + middle[:99])
        assert len(out) < 2000, len(out)


@case("huge bodies, line for line different or without any: not long")
def huge():
    with Kept() as kept:
        for old, new in ((b"".join(b"%d\r\n" % n for n in range(400000)),
                          b"".join(b"%d=\r\n" % n for n in range(400000))),
                         (b"x" * 9000000, b"x" * 4000000 + b"\r\n" + b"x" * 5000000),
                         (b"\n" * 3000000, b"\r\n" * 2500000)):
            kept.put("ID", HEAD + b"\r\n" + old, HEAD + b"\r\n" + new)
            out, _ = kept.diff("ID")
            assert len(out) > len(new) / 3


@case("--original and --mended print the octets")
def raw():
    old, new = b"A: \x00\xff\r\n\r\n\r\rx", b"B:\n"
    with Kept() as kept:
        kept.put("ID", old, new)
        assert kept.diff("--original", "ID")[0] == old
        assert kept.diff("--mended", "ID")[0] == new
        kept.diff("--mended", "--original", "ID", code=2)


@case("the message: an id, a file, one that came again")
def names():
    with Kept() as kept:
        kept.put("ID", HEAD, MENDED_HEAD)
        out = kept.diff("ID")[0]
        for name in ("ID.eml", "ID.mended.eml", "ID.envelope"):
            assert kept.diff(name)[0] == out
        assert kept.diff(os.path.join(kept.folder, "ID.eml"), folder=False)[0] == out
        kept.put("ID.2", HEAD + b"\r\n2", MENDED_HEAD + b"\r\n2")
        assert "ID.2" in kept.diff("ID")[1]
        assert b"--- ID.2.eml" in kept.diff("ID.2")[0]
        os.unlink(os.path.join(kept.folder, "ID.envelope"))
        assert b"# policy" not in kept.diff("ID")[0]


@case("the folder of a configuration")
def config():
    with Kept() as kept:
        kept.put("ID", HEAD, MENDED_HEAD)
        path = os.path.join(kept.folder, "mailmend.conf")
        kept.write("mailmend.conf", f"[mailmend]\nKeepOriginals = {kept.folder}\n".encode())
        assert hunks(kept.diff("--config", path, "ID", folder=False)[0])
        kept.write("mailmend.conf", b"[mailmend]\n")
        assert "KeepOriginals" in kept.diff("--config", path, "ID", folder=False, code=2)[1]
        kept.write("mailmend.conf", b"nonsense\n")
        assert ":1: " in kept.diff("--config", path, "ID", folder=False, code=2)[1]


@case("a file in the folder one is in is a path, an id is none")
def current():
    with Kept() as kept:
        kept.put("ID", HEAD, MENDED_HEAD)
        kept.write("mailmend.conf", b"[mailmend]\nKeepOriginals = /nowhere\n")
        out = kept.diff("ID")[0]
        before = os.getcwd()
        os.chdir(kept.folder)
        try:
            for name in ("ID.eml", "ID.mended.eml", "ID.envelope", "./ID.eml"):
                for config in ([], ["--config", "mailmend.conf"]):
                    assert kept.diff(*config, name, folder=False)[0] == out, (config, name)
            err = kept.diff("--config", "mailmend.conf", "ID", folder=False, code=2)[1]
            assert "/nowhere/ID.eml" in err, err
        finally:
            os.chdir(before)


@case("--dir names a folder, and no configuration beside it")
def folders():
    with Kept() as kept:
        kept.put("ID", HEAD, MENDED_HEAD)
        for name, word in (("nodir", "No such file or directory"), ("ID.eml", "Not a directory")):
            path = os.path.join(kept.folder, name)
            out, err = kept.diff("--dir", path, "ID", folder=False, code=2)
            assert not out and err == f"mailmend: --dir {path}: {word}\n", err
        kept.write("c", b"")
        out, err = kept.diff("--config", os.path.join(kept.folder, "c"), "ID", code=2)
        assert not out and "--config and --dir exclude each other" in err, err


@case("what is not there: 2, and nothing on standard output")
def missing():
    with Kept() as kept:
        kept.write("HALF.eml", b"x")
        for args in (["NOSUCH"], ["HALF"], [], ["A", "B"], ["--nonsense", "A"], [""]):
            out, err = kept.diff(*args, code=2)
            assert not out and err, (args, out)


@contextlib.contextmanager
def program():
    if not os.access(MAILMEND, os.X_OK):
        raise Skip("there is no mailmend")
    yield


if __name__ == "__main__":
    sys.exit(run_all(program))
