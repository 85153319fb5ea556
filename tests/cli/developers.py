# SPDX-License-Identifier: BSD-2-Clause
"""What the tests for application developers share: packaging/examples and packaging/ci/mail-sink."""
import os
import shlex
import shutil
import subprocess
import sys

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CI = os.path.join(SOURCE, "packaging", "ci")
SINK = os.path.join(CI, "mail-sink")
EXAMPLES = os.path.join(SOURCE, "packaging", "examples")

BY_HAND = ("MISSING_DATE_HEADER MISSING_MESSAGE_ID_HEADER MISSING_MIME_VERSION "
           "NEEDS_TRANSFER_ENCODING NON_CANONICAL_LINE_ENDINGS RAW_8BIT_HEADER")
UNCHECKED = BY_HAND.replace("NON_CANONICAL_LINE_ENDINGS ", "")

# What each broken message has. The Debian package, and the version that does so: a newer one may be
# mended, and then only the cured messages are looked at.
DEFECTS = {
    "python": ("python3", "3.11", {"by-hand": BY_HAND, "references": "ENCODED_ID_LIST"}),
    "flask-mail": ("python3-flask-mail", "0.9.1", {
        "references": "ENCODED_ID_LIST NEEDS_TRANSFER_ENCODING",
        "message-id": "NEEDS_TRANSFER_ENCODING", "html": "NEEDS_TRANSFER_ENCODING"}),
    "django": ("python3-django", "3:3.2", {
        "eight-bit": "NEEDS_TRANSFER_ENCODING",
        "message-id": "INVALID_MESSAGE_ID NEEDS_TRANSFER_ENCODING",
        "reply-to": "INVALID_ADDRESS NEEDS_TRANSFER_ENCODING"}),
    "rails": ("ruby-mail", "2.7.1", {
        "message-id": "INVALID_MESSAGE_ID", "json-header": "HEADER_LINE_TOO_LONG"}),
    "nodemailer": ("node-nodemailer", "6.8", {
        "date": "INVALID_DATE", "json-header": "HEADER_LINE_TOO_LONG", "raw": UNCHECKED}),
    "phpmailer": ("libphp-phpmailer", "6.6", {
        "eight-bit": "NEEDS_TRANSFER_ENCODING",
        "references": "ENCODED_ID_LIST ENCODED_STRUCTURED_HEADER", "mail-function": BY_HAND}),
}


def sink(*args, stdin=b"", environment=()):
    return subprocess.run([sys.executable, SINK, *args], input=stdin, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, env=dict(os.environ, **dict(environment)),
                          timeout=120, check=False)


def probe(*command):
    """Whether a command that loads a library ends well."""
    return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          timeout=60, check=False).returncode == 0


def interpreter(name, folder):
    """How a program of an example is started, with mail() of PHP kept in @folder.

    LookupError if its framework is not there.
    """
    node_path = os.environ.get("NODE_PATH") or "/usr/share/nodejs"
    store = "%s %s --sendmail %s" % tuple(map(shlex.quote, (sys.executable, SINK, folder)))
    commands = {
        "flask-mail": ([sys.executable], ["-c", "import flask_mail"]),
        "django": ([sys.executable], ["-c", "import django"]),
        "python": ([sys.executable], ["-c", "import email"]),
        "rails": (["ruby", "-W0"], ["-e", "require 'action_mailer'"]),
        "nodemailer": (["env", "NODE_PATH=" + node_path, "node"],
                       ["-e", "require('nodemailer')"]),
        "phpmailer": (["php", "-d", "sendmail_path=" + store],
                      ["-r", "require 'libphp-phpmailer/autoload.php';"]),
    }
    command, load = commands[name]
    if shutil.which(command[-1] if name == "nodemailer" else command[0]) is None:
        raise LookupError("no program for " + name)
    if not probe(*command, *load):
        raise LookupError(name + " is not installed")
    return command


def is_known(name):
    """Whether the framework of an example is the version whose defects we know."""
    package, version, _ = DEFECTS[name]
    if shutil.which("dpkg-query") is None:
        return False
    # of Python's email package too
    if name in ("python", "flask-mail") and sys.version_info[:2] != (3, 11):
        return False
    done = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", package],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    return done.stdout.decode().startswith(version)


def tools(mailmend):
    """An environment with that @mailmend first in PATH."""
    os.makedirs("bin")
    os.symlink(mailmend, "bin/mailmend")
    return dict(os.environ, PATH=os.path.abspath("bin") + ":" + os.environ["PATH"])


def write_project(name, message):
    """An application's checkout, as README says it must be."""
    os.makedirs(name + "/ci")
    shutil.copy(SINK, name + "/ci/mail-sink")
    program = "import os, smtplib\n" \
        "with smtplib.SMTP(os.environ['MAIL_HOST'], int(os.environ['MAIL_PORT'])) as smtp:\n" \
        "    smtp.sendmail('a@example.org', ['b@example.net'], %r)\n" % message
    with open(name + "/send-test-mail", "w", encoding="utf-8") as file:
        file.write("#!%s\n%s" % (sys.executable, program))
    os.chmod(name + "/send-test-mail", 0o755)
