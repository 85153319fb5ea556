#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Mail of real programs through a real Postfix with mailmend-milter in front. Prints TAP.

Python's smtplib and email package, Flask-Mail, Django and swaks, as Debian packages them, and the
programs of packaging/examples. A case whose program is not there is skipped.
"""

import contextlib
import email.message
import email.policy
import glob
import importlib
import json
import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))

from developers import DEFECTS, EXAMPLES, interpreter, is_known
import mail
from postfix import without_received
from run import case, main
from tap import Skip

# The id that a user's mail client could have given the message that is answered.
LONG_ID = "<" + "0123456789" * 6 + "@" + "mail-client-on-a-long-host-name" + ".example.com>"

TEXT = "Gr\u00fc\u00dfe aus K\u00f6ln\n\n\u4f60\u597d\n"
HTML = "<p>Gr\u00fc\u00dfe aus <b>K\u00f6ln</b></p>\n"
DATA = {"name": "J\u00f6rg", "ids": [1, 2, 3]}


def module(name):
    try:
        return importlib.import_module(name)
    except ImportError as reason:
        raise Skip(str(reason)) from reason


def arrived(bench, sender, recipient):
    """What arrived for @recipient, and the line of @sender in the log."""
    delivery, = bench.sink.wait(recipient)
    return without_received(delivery.data), bench.filter.line_from(sender)


def same(got, sent):
    sent = mail.crlf(sent)
    assert got == sent, f"{got!r}, want {sent!r}"


def verdict(line, action, labels=""):
    """What was done; all that was found was mended."""
    got = tuple(line[key] for key in ("action", "labels", "fixed", "left"))
    assert got == (action, labels, labels, ""), line


# ---- smtplib and email --------------------------------------------------------------------------

def answer_to(*ids, sender, recipient):
    message = email.message.EmailMessage(policy=email.policy.SMTP)
    message["From"] = sender
    message["To"] = recipient
    message["Subject"] = "Re: a long id"
    message["Date"] = "Tue, 01 Jul 2003 10:52:37 +0200"
    message["Message-ID"] = "<1@example.com>"
    message["In-Reply-To"] = ids[-1]
    message["References"] = " ".join(ids)
    message.set_content("An answer.\n")
    return message


@case("Python: References and In-Reply-To that the email package has encoded come out raw")
def encoded_references(bench):
    assert len(LONG_ID) >= 78
    ids = ("<short@example.com>", LONG_ID, LONG_ID.replace("0", "9"))
    message = answer_to(*ids, sender="py@example.com", recipient="py@example.org")
    sent = message.as_bytes()
    for name in (b"References", b"In-Reply-To"):
        assert b"=?utf-8?" in mail.field(sent, name), "this Python does not encode ids"
    with bench.mta.client() as smtp:
        assert smtp.send_message(message) == {}
    got, line = arrived(bench, "py@example.com", "py@example.org")
    verdict(line, "fix", "ENCODED_ID_LIST")
    assert mail.field(got, b"References").split() == [b"References:",
                                                      *(i.encode() for i in ids)]
    assert mail.field(got, b"In-Reply-To").split() == [b"In-Reply-To:", ids[-1].encode()]
    others = (b"references", b"in-reply-to")
    same(mail.without(got, *others), mail.without(sent, *others))


@case("Python: an answer to a short id passes to the octet")
def short_references(bench):
    message = answer_to("<1@example.com>", "<2@example.com>", sender="py2@example.com",
                        recipient="py2@example.org")
    with bench.mta.client() as smtp:
        assert smtp.send_message(message) == {}
    got, line = arrived(bench, "py2@example.com", "py2@example.org")
    verdict(line, "none")
    same(got, message.as_bytes())


# ---- Flask-Mail ---------------------------------------------------------------------------------

@contextlib.contextmanager
def flask_mail(bench):
    """Flask-Mail in an application that sends to Postfix; gives its module and its sender."""
    flask = module("flask")
    package = module("flask_mail")
    application = flask.Flask("tests")
    application.config.update(MAIL_SERVER="127.0.0.1", MAIL_PORT=bench.mta.port)
    with application.app_context():
        yield package, package.Mail(application)


def freeze(message):
    """Makes Flask-Mail build @message once, so that we know what it sends."""
    message.date = 0
    built = message._message()
    message._message = lambda: built
    return built.as_bytes()


@case("Flask-Mail: text and HTML in UTF-8 pass to the octet")
def flask_clean(bench):
    with flask_mail(bench) as (package, sender):
        message = package.Message("Gr\u00fc\u00dfe", ["flask@example.org"], TEXT, HTML,
                                  "flask@example.com", charset="utf-8")
        sent = freeze(message)
        sender.send(message)
    got, line = arrived(bench, "flask@example.com", "flask@example.org")
    verdict(line, "none")
    same(got, sent)


@case("Flask-Mail: the id it encodes on a long host name comes out raw")
def flask_founding(bench):
    with flask_mail(bench) as (package, sender):
        message = package.Message("hello", ["flask2@example.org"], "hello\n",
                                  sender="flask2@example.com")
        # What Python 3.7 made of it; the Python that runs this may not encode ids any more.
        value = mail.FOUNDING_HEADER.partition(b": ")[2].rstrip()
        message.msgId = value.replace(b"\r\n", b"\n").decode()
        sent = mail.crlf(freeze(message))
        assert mail.field(sent, b"message-id") == mail.FOUNDING_HEADER, sent
        sender.send(message)
    got, line = arrived(bench, "flask2@example.com", "flask2@example.org")
    verdict(line, "fix", "ENCODED_MESSAGE_ID")
    same(got, sent.replace(mail.FOUNDING_HEADER, mail.MENDED_HEADER))


# ---- Django -------------------------------------------------------------------------------------

def django_message(bench, sender, recipient):
    """What an SMTP interface of a Django site sends: the object, and its octets."""
    conf = module("django.conf")
    core = module("django.core.mail")
    if not conf.settings.configured:
        conf.settings.configure(EMAIL_USE_LOCALTIME=True)
    connection = core.get_connection("django.core.mail.backends.smtp.EmailBackend",
                                     host="127.0.0.1", port=bench.mta.port)
    message = core.EmailMultiAlternatives(
        "Ihre Gr\u00fc\u00dfe", TEXT, sender, [recipient], connection=connection,
        reply_to=["<ticket-4711.0123456789@replies.example.com>"])
    message.attach_alternative(json.dumps(DATA, ensure_ascii=False), "application/json")
    message.attach_alternative(TEXT * 2, "text/plain")
    message.attach_alternative(HTML, "text/html")
    built = message.message()
    message.message = lambda: built
    return message, built.as_bytes(linesep="\r\n")


@case("Django: JSON, text and HTML alternatives in UTF-8 pass to the octet")
def django_clean(bench):
    message, sent = django_message(bench, "django@example.com", "django@example.org")
    assert message.send() == 1
    got, line = arrived(bench, "django@example.com", "django@example.org")
    verdict(line, "none")
    same(got, sent)


@case("Django: where 8-bit text must be encoded, every part keeps its octets")
def django_encoded(bench):
    message, sent = django_message(bench, "django@sevenbit.example", "django2@example.org")
    assert max(sent) > 127, "Django sends no 8-bit text any more"
    assert message.send() == 1
    got, line = arrived(bench, "django@sevenbit.example", "django2@example.org")
    verdict(line, "fix", "NEEDS_TRANSFER_ENCODING")
    assert max(got) < 128, got
    want = mail.leaves(sent)
    assert mail.leaves(got) == want, f"{mail.leaves(got)}, want {want}"
    assert [kind for kind, _ in want] == ["text/plain", "application/json", "text/plain",
                                          "text/html"], want
    assert mail.fields(got) == mail.fields(mail.crlf(sent))


# ---- swaks --------------------------------------------------------------------------------------

def swaks(bench, *args):
    if shutil.which("swaks") is None:
        raise Skip("swaks is not installed")
    done = subprocess.run(["swaks", "--server", "127.0.0.1", "--port", str(bench.mta.port), *args],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=60, check=False)
    return done.returncode, done.stdout.decode(errors="replace")


@case("swaks: its message gets a MIME-Version and stays what it was")
def swaks_plain(bench):
    code, text = swaks(bench, "--from", "swaks@example.com", "--to", "swaks@example.org")
    assert code == 0, text
    got, line = arrived(bench, "swaks@example.com", "swaks@example.org")
    verdict(line, "fix", "MISSING_MIME_VERSION")
    assert mail.fields(got)[-1] == b"MIME-Version: 1.0\r\n", got
    # swaks shows what it sends behind arrows.
    sent = [l[4:].rstrip("\r") for l in text.split("\n") if l.startswith(" -> ")]
    sent = "\r\n".join(sent[sent.index("DATA") + 1:sent.index(".")]) + "\r\n"
    same(mail.without(got, b"mime-version"), sent.encode())


@case("swaks: a refused message is shown its reply")
def swaks_refused(bench):
    code, text = swaks(bench, "--from", "swaks@refuse.example", "--to", "no2@example.org",
                       "--header", "Message-ID: =?utf-8?q?=3C1=40example=2Ecom=3E?=")
    assert code == 26, text  # swaks(1): error after DATA
    assert "552 5.6.0 Message has conformance issues: ENCODED_MESSAGE_ID" in text, text
    assert bench.sink.to("no2@example.org") == []


# ---- packaging/examples -------------------------------------------------------------------------

EXAMPLES_RULE = """
[rule examples]
Sender = shop@example.com
Policy = sevenbit
"""
# What cannot be mended: a field without a blank.
LEFT = {"HEADER_LINE_TOO_LONG"}


def send_broken(bench, name):
    """The messages of an example that it sends by SMTP, with their defects."""
    program, = glob.glob(os.path.join(EXAMPLES, name, "send.*"))
    expected = dict(DEFECTS[name][2])
    with tempfile.TemporaryDirectory() as folder:
        try:
            command = interpreter(name, folder)
        except LookupError as reason:
            raise Skip(reason.args[0]) from reason
        environment = dict(os.environ, MAIL_HOST="127.0.0.1", MAIL_PORT=str(bench.mta.port),
                           PYTHONDONTWRITEBYTECODE="1")
        done = subprocess.run([*command, program, "broken"], env=environment, timeout=60,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        assert done.returncode == 0, done.stdout
        for file in glob.glob(folder + "/*.eml"):  # PHP's mail(), not by SMTP
            with open(file, "rb") as opened:
                to = mail.field(mail.crlf(opened.read()), b"to")
            del expected[to.partition(b":")[2].strip().partition(b"@")[0].decode()]
    return expected


def no_defects(data):
    done = subprocess.run([os.environ.get("MAILMEND", "./mailmend"), "check", "--wire", "-"],
                          input=data, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    assert (done.returncode, done.stdout) == (0, b""), done.stdout


def check_mended(bench, name):
    """Every defect is seen and mended on the way, and what arrives is clean."""
    came = {recipient: len(bench.sink.to(recipient + "@example.net"))
            for recipient in DEFECTS[name][2]}
    before = len(bench.filter.lines_from("shop@example.com"))
    expected = send_broken(bench, name)
    lines = bench.filter.lines_from("shop@example.com")[before:]
    assert len(lines) == len(expected) > 0, lines
    for (recipient, labels), line in zip(expected.items(), lines):
        got = set(line["labels"].split("|")) - {""}
        if is_known(name):
            # Postfix mends line ends itself
            assert got == set(labels.split()) - {"NON_CANONICAL_LINE_ENDINGS"}, line
        left = got & LEFT
        assert line["left"] == "|".join(left), line
        delivery = bench.sink.wait(recipient + "@example.net", came[recipient] + 1)[-1]
        if not left:
            no_defects(without_received(delivery.data))


@case("examples/python: broken, and mended on the way")
def example_python(bench):
    check_mended(bench, "python")


@case("examples/flask-mail: broken, and mended on the way")
def example_flask_mail(bench):
    check_mended(bench, "flask-mail")


@case("examples/django: broken, and mended on the way")
def example_django(bench):
    check_mended(bench, "django")


@case("examples/rails: broken, and mended on the way")
def example_rails(bench):
    check_mended(bench, "rails")


@case("examples/nodemailer: broken, and mended on the way")
def example_nodemailer(bench):
    check_mended(bench, "nodemailer")


@case("examples/phpmailer: broken, and mended on the way")
def example_phpmailer(bench):
    check_mended(bench, "phpmailer")


# ---- the policy "off" ---------------------------------------------------------------------------

# Where a rule leads to it, and only there, the filter answers at MAIL: another conversation with
# Postfix than that of test_postfix.py.
UNJUDGED = """
[rule unjudged]
Sender = @unjudged.example
Policy = off
"""


@case("swaks: mail that is not judged passes to the octet and leaves no line in the log")
def unjudged(bench):
    code, text = swaks(bench, "--from", "x@unjudged.example", "--to", "off@example.org",
                       "--header", "Message-ID: =?utf-8?q?=3C1=40example=2Ecom=3E?=")
    assert code == 0, text
    delivery, = bench.sink.wait("off@example.org")
    assert b"\r\nMessage-ID: =?utf-8?q?=3C1=40example=2Ecom=3E?=\r\n" in delivery.data, delivery
    assert b"MIME-Version" not in delivery.data, delivery
    assert bench.filter.lines_from("x@unjudged.example") == []


@case("one session: not judged, then judged, then not judged")
def unjudged_in_between(bench):
    with bench.mta.client() as smtp:
        for n, domain in enumerate(("unjudged.example", "example.com", "unjudged.example")):
            smtp.sendmail(f"off{n}@{domain}", [f"off{n}@example.org"], mail.FOUNDING)
    for n, want in enumerate((mail.FOUNDING, mail.MENDED, mail.FOUNDING)):
        delivery, = bench.sink.wait(f"off{n}@example.org")
        same(without_received(delivery.data), want)


if __name__ == "__main__":
    main(EXAMPLES_RULE + UNJUDGED)
