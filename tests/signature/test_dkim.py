#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What mailmend says of DKIM and ARC signatures, against programs that verify them.

A message with a defect is signed, mended and verified again, for every way to sign it, every kind
of edit and every setting of OnDkim. What mailmend says it broke must be what does not verify any
longer. Signs with python3-dkim, verifies with that and, where it is installed, with OpenDKIM.

Prints TAP: one line for each way to sign and each kind of edit. MAILMEND names the binary.
"""
import contextlib
import dataclasses
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, os.pardir, "milter"))

import opendkim  # noqa: E402
from mails import BODY, EDIT, EDITS  # noqa: E402
from tap import Skip, case, run_all  # noqa: E402

try:
    import dkim
except ImportError:
    dkim = None

MAILMEND = os.path.abspath(os.environ.get("MAILMEND", "./mailmend"))
DOMAIN, SELECTOR = opendkim.DOMAIN.encode(), opendkim.SELECTOR.encode()

SIMPLE, RELAXED = b"simple", b"relaxed"
FORMS = [(header, body) for header in (SIMPLE, RELAXED) for body in (SIMPLE, RELAXED)]

# ---- signing --------------------------------------------------------------------------------------

class Bench:
    """A key, and a folder for it, configurations and files."""

    folder = None
    key = None


@dataclasses.dataclass(frozen=True)
class Way:
    """A way to sign a message."""

    form: tuple
    limited: bool   # l= says how long the body was when it was signed ...
    partly: bool    # ... and it has become longer since
    oversigned: bool  # each name once more than it is there

    @property
    def name(self):
        words = [b"/".join(self.form).decode()]
        words += ["l="] * self.limited + ["of a part"] * self.partly + ["oversigned"] * self.oversigned
        return " ".join(words)


SIGNED = opendkim.SIGNED.split(",")
WAYS = [Way(form, limited, partly, oversigned) for form in FORMS
        for limited, partly in ((False, False), (True, False), (True, True))
        for oversigned in (False, True)]


def include(way, message):
    """The names for h=: those that are there, and if @way says so each once more."""
    head = message.partition(b"\r\n\r\n")[0].lower()
    there = [n for n in SIGNED if b"\n%s:" % n.lower().encode() in b"\n" + head]
    return [n.lower().encode() for n in (there + SIGNED if way.oversigned else there)]


def sign(way, message):
    """The signature's field before @message."""
    part = message
    if way.partly:  # up to the first line of the body, or the first part of a multipart
        head, _, body = message.partition(b"\r\n\r\n")
        end = body.find(b"\r\n--B", 1)
        part = head + b"\r\n\r\n" + body[:end + 2 if end > 0 else body.find(b"\r\n") + 2]
    field = dkim.sign(part, SELECTOR, DOMAIN, Bench.key.private, canonicalize=way.form,
                      include_headers=include(way, message), length=way.limited)
    return field + message


def lookup(name, timeout=5):  # pylint: disable=unused-argument
    return Bench.key.record


def verifies(message):
    return dkim.verify(message, dnsfunc=lookup, minkey=512)


# ---- OpenDKIM -------------------------------------------------------------------------------------

# The message as it was signed, as it was mended, whether that must verify, and what it is.
ASKED = []


# ---- mending --------------------------------------------------------------------------------------


def configuration(label, **settings):
    """A file with the policy p that mends @label; its name."""
    text = "[policy p]\nFix = %s\nEightBit = never\n" % label
    text += "".join("%s = %s\n" % item for item in sorted(settings.items()))
    name = os.path.join(Bench.folder, "mailmend.conf")
    with open(name, "w", encoding="ascii") as file:
        file.write(text)
    return name


class Mended:
    """A message as `mailmend fix` leaves it, and what the report says."""

    def __init__(self, message, label, **settings):
        report = os.path.join(Bench.folder, "report")
        done = subprocess.run(
            [MAILMEND, "fix", "--wire", "--config", configuration(label, **settings),
             "--policy", "p", "--report", report, "-"],
            input=message, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60, check=False)
        assert done.returncode in (0, 1) and not done.stderr, (done.returncode, done.stderr)
        self.message = done.stdout
        self.report = {}
        with open(report, encoding="ascii") as file:
            for line in file:
                key, _, value = line.rstrip("\n").partition(":")
                self.report.setdefault(key, []).append(value.strip())

    def fixed(self, label):
        return label in self.report["fixed"][0].split("|")

    @property
    def broke(self):
        return self.report.get("broke", [])


def equal(got, want, what=""):
    assert got == want, "%s: %r is not %r" % (what, got, want)


# ---- the table ------------------------------------------------------------------------------------


def check_fix(signed, edit):
    """OnDkim = fix: always mended, and the answer of the verifier is known before."""
    mended = Mended(signed, edit.label, OnDkim="fix")
    assert mended.fixed(edit.label), mended.report
    assert mended.message != signed
    good = verifies(mended.message)
    equal(not mended.broke, good, "broke: %s" % mended.broke)
    if not good:
        assert mended.broke[0].startswith("dkim example.org/s1 ("), mended.broke
        check_cause(mended.broke[0], edit)
    return mended, good


def check_cause(broke, edit):
    """The report names the field, or the body."""
    field = edit.touched()
    causes = {"(body)", "(field Content-Transfer-Encoding)"}
    if field is not None and edit.body == BODY:
        causes = {"(field %s)" % field, "(added field %s)" % field}
    assert broke.partition(" (")[1:] and "(" + broke.partition(" (")[2] in causes, (broke, causes)


def check_careful(signed, edit, fixed, good, setting):
    """Another setting: an edit that breaks nothing is made, one that breaks is not."""
    mended = Mended(signed, edit.label, OnDkim=setting)
    assert verifies(mended.message), setting
    equal(mended.broke, [], setting)
    if good:
        equal(mended.fixed(edit.label), True, setting)
        equal(len(mended.message), len(fixed.message), setting)
        return
    equal(mended.message, signed, setting)
    equal(mended.report["left"], [edit.label], setting)
    equal(mended.report.get("reject"), [edit.label] if setting == "reject" else None, setting)


def check_rename(signed, edit, good):
    mended = Mended(signed, edit.label, OnDkim="fix", DkimBroken="rename")
    assert mended.fixed(edit.label)
    equal(b"\r\nX-Original-DKIM-Signature: v=1" in mended.message, not good)
    equal(mended.message.lower().startswith(b"dkim-signature:"), good)


SETTINGS = ("header-add-only", "skip", "reject")
GOODS = {True: 0, False: 0}


def check(way, edit, number):
    signed = sign(way, edit.message())
    assert verifies(signed), "the signature is no good at all"
    fixed, good = check_fix(signed, edit)
    check_careful(signed, edit, fixed, good, SETTINGS[number % len(SETTINGS)])
    if number % 4 == 0:
        check_rename(signed, edit, good)
    ASKED.append((signed, fixed.message, good, way.name + ": " + edit.name))
    GOODS[good] += 1


def add_cases():
    rows = [(way, edit) for way in WAYS for edit in EDITS]
    for number, (way, edit) in enumerate(rows):
        def one(way=way, edit=edit, number=number):
            check(way, edit, number)
        case(way.name + ": " + edit.name)(one)


add_cases()


@case("both answers are there, each at least sixty times")
def both_answers():
    assert min(GOODS.values()) >= 60, GOODS


@case("OpenDKIM gives the same answers")
def same_as_opendkim():
    if opendkim.PROGRAM is None:
        raise Skip("opendkim is not installed")
    answers = opendkim.verified(Bench.folder, Bench.key, [m for row in ASKED for m in row[:2]])
    # with a lone CR and blanks reduced it sees another body than the signer
    rows = [(row, after) for row, before, after in zip(ASKED, answers[::2], answers[1::2])
            if before]
    assert len(rows) >= len(ASKED) * 0.95, len(rows)
    other = [row[3] for row, after in rows if after != row[2]]
    assert not other, f"{len(other)} of {len(rows)} differ: {other[:10]}"


# ---- more than one repair, more than one signature -------------------------------------------------


def remade(message, **fields):
    """@message without the named fields."""
    head, _, body = message.partition(b"\r\n\r\n")
    lines = [l for l in head.split(b"\r\n") if l.split(b":")[0].decode() not in fields]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


@case("of two repairs the one that breaks nothing is made")
def mixed():
    edit = EDIT["encode the body"]
    message = remade(edit.message(), Date=None)
    signed = sign(Way((RELAXED, RELAXED), False, False, False), message)
    mended = Mended(signed, "LINE_TOO_LONG|MISSING_DATE_HEADER")
    equal((mended.report["fixed"], mended.report["left"]),
          (["MISSING_DATE_HEADER"], ["LINE_TOO_LONG"]))
    assert verifies(mended.message)
    reasons = " ".join(mended.report["reason"])
    assert "would break dkim example.org/s1 (" in reasons, reasons


@case("of two signatures the one that breaks is named")
def two_signatures():
    message = EDIT["fold Subject"].message()
    signed = sign(Way((SIMPLE, SIMPLE), False, False, False), message)
    signed = sign(Way((RELAXED, SIMPLE), False, False, False), signed)
    mended = Mended(signed, "HEADER_LINE_TOO_LONG", OnDkim="fix")
    equal(mended.broke, ["dkim example.org/s1 (field Subject)"])
    verifier = dkim.DKIM(mended.message, minkey=512)
    equal([verifier.verify(idx=i, dnsfunc=lookup) for i in (0, 1)], [True, False])
    # the good one stays when the other is renamed
    mended = Mended(signed, "HEADER_LINE_TOO_LONG", OnDkim="fix", DkimBroken="rename")
    assert verifies(mended.message) and b"\r\nX-Original-DKIM-Signature:" in mended.message


@case("a signature that another one signs is not renamed")
def signed_signature():
    message = EDIT["fold Subject"].message()
    signed = sign(Way((SIMPLE, SIMPLE), False, False, False), message)
    signer = dkim.DKIM(signed)
    signer.should_not_sign = set()
    outer = signer.sign(b"s2", DOMAIN, Bench.key.private, canonicalize=(RELAXED, SIMPLE),
                        include_headers=[b"from", b"dkim-signature"]) + signed
    assert verifies(outer)
    mended = Mended(outer, "HEADER_LINE_TOO_LONG", OnDkim="fix", DkimBroken="rename")
    equal(mended.broke, ["dkim example.org/s1 (field Subject)"])
    assert b"X-Original" not in mended.message
    assert verifies(mended.message)


# ---- ARC ------------------------------------------------------------------------------------------


def seal(message):
    """@message with a first ARC set."""
    results = b"Authentication-Results: example.org; spf=pass\r\n"
    fields = dkim.arc_sign(results + message, SELECTOR, DOMAIN, Bench.key.private, b"example.org",
                           include_headers=[b"from", b"subject", b"content-transfer-encoding"])
    return b"".join(fields) + results + message


def need_authres():
    try:
        import authres  # noqa: F401  # pylint: disable=import-outside-toplevel,unused-import
    except ImportError as error:
        raise Skip("the Python module authres is not installed (Debian: python3-authres)") from error


def chain(message):
    return dkim.arc_verify(message, dnsfunc=lookup, minkey=512)[0]


ARC_ROWS = [
    # name, message, label, settings, mended, chain
    ("a body edit", EDIT["encode the body"], "fix", "no", False, dkim and dkim.CV_Pass),
    ("a body edit", EDIT["encode the body"], "fix", "yes", True, dkim and dkim.CV_Fail),
    ("a body edit", EDIT["encode the body"], "header-add-only", "yes", False, dkim and dkim.CV_Pass),
    ("a signed field", EDIT["encode Subject"], "fix", "no", False, dkim and dkim.CV_Pass),
    ("a signed field", EDIT["encode Subject"], "fix", "yes", True, dkim and dkim.CV_Fail),
    ("another field", EDIT["encode a field nobody signs"], "fix", "no", True, dkim and dkim.CV_Pass),
    ("another field", EDIT["encode a field nobody signs"], "skip", "no", True, dkim and dkim.CV_Pass),
    ("a new field", EDIT["add Message-ID"], "header-add-only", "no", True, dkim and dkim.CV_Pass),
    ("a fold", EDIT["fold Subject"], "skip", "no", True, dkim and dkim.CV_Pass),
]


def add_arc_cases():
    for name, edit, on_dkim, arc_break, is_mended, want in ARC_ROWS:
        def one(edit=edit, on_dkim=on_dkim, arc_break=arc_break, is_mended=is_mended, want=want):
            need_authres()
            sealed = seal(edit.message())
            equal(chain(sealed), dkim.CV_Pass, "before")
            mended = Mended(sealed, edit.label, OnDkim=on_dkim, ArcBreak=arc_break)
            equal(mended.fixed(edit.label), is_mended, "fixed")
            equal(chain(mended.message), want, "chain")
            equal(any(b.startswith("arc ") for b in mended.broke), want == dkim.CV_Fail, "broke")
            assert b"ARC-Seal:" in mended.message
        case("ARC: %s, OnDkim = %s, ArcBreak = %s" % (name, on_dkim, arc_break))(one)


add_arc_cases()


@case("ARC: a seal breaks with a field of its set")
def broken_seal():
    need_authres()
    sealed = seal(EDIT["add Message-ID"].message())
    sealed = sealed.replace(b"spf=pass", "spf=pass (gr\u00fcn)".encode())
    mended = Mended(sealed, "RAW_8BIT_HEADER")
    equal(mended.message.count(b"ARC-"), sealed.count(b"ARC-"))
    equal(mended.broke, [])


# ---- around it ------------------------------------------------------------------------------------


@contextlib.contextmanager
def bench():
    if dkim is None:
        raise Skip("the Python module dkim is not installed (Debian: python3-dkim)")
    if not os.access(MAILMEND, os.X_OK):
        raise Skip("there is no mailmend")
    with tempfile.TemporaryDirectory(prefix="mailmend-dkim-") as folder:
        Bench.folder = folder
        Bench.key = opendkim.Key(folder)
        yield


if __name__ == "__main__":
    sys.exit(run_all(bench))
