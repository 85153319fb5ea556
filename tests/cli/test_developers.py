#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""For application developers: the programs of packaging/examples send what mailmend-developers(7)
says, and the page shows what they do.

Prints TAP. MAILMEND names the binary (default: ./mailmend). Standard library only; an example whose
framework is not installed is skipped.
"""
import email
import email.header
import glob
import json
import os
import re
import subprocess
import sys
import textwrap

from clitest import CLEAN, HEAD, MAILMEND, SOURCE, Skip, crlf, equal, has, main, run, source
from developers import DEFECTS, EXAMPLES, interpreter, is_known, sink, tools, write_project

PAGE = "mailmend-developers.7"

IDS = ["<4711@example.com>",
       "<" + "AM0PR05MB6834D2C88EE7DD0B43CC6B35E8A0A" * 2 + "@eurprd05.prod.example.org>"]
PHP_IDS = ["<1@example.com>", "<4711.0123456789abcdef0123456789abcdef0123456789@mail.example.org>"]


# ---- the examples -----------------------------------------------------------------------------------

def send(name, how):
    """{case: file} of what an example has sent."""
    folder = os.path.abspath(how + "-" + name)
    program, = glob.glob(os.path.join(EXAMPLES, name, "send.*"))
    try:
        command = interpreter(name, folder)
    except LookupError as reason:
        raise Skip(reason.args[0]) from reason
    done = sink(folder, *command, program, how,
                environment={"PYTHONDONTWRITEBYTECODE": "1", "PYTHONWARNINGS": "ignore"})
    equal((name, done.returncode, done.stderr), (name, 0, b""))
    found = {}
    for path in sorted(glob.glob(folder + "/*.eml")):
        with open(path, "rb") as file:
            to = re.search(rb"(?m)^To: <?([a-z-]+)@example\.net", file.read())
        found[to.group(1).decode()] = path
    return found


def labels(path, *options):
    result = run("check", *options, "--format=json", path)
    equal(result.code, 1 if result.objects[0]["labels"] else 0)
    return " ".join(result.objects[0]["labels"])


def parsed(path):
    with open(path, "rb") as file:
        return email.message_from_bytes(file.read())


def check_meaning(case, path):
    """Cured is not emptied: the text, the ids and the data are in it."""
    message = parsed(path)
    texts = [part.get_payload(decode=True).decode() for part in message.walk()
             if part.get_content_maintype() == "text"]
    assert "Gr\u00fc\u00dfe" in texts[0], (path, texts)
    subject = str(email.header.make_header(email.header.decode_header(message["Subject"])))
    has(subject, "Ihre Bestellung f\u00fcr M\u00e4rz")
    if case == "references":
        ids = message["References"].split()
        assert ids in (IDS, PHP_IDS), ids
        equal(message["In-Reply-To"].split(), ids[-1:])
    if case == "json-header":
        orders = json.loads(message["X-Orders"])
        equal(({"order", "customer"}, 60), (set(orders[0]), len(orders)))
    if case == "message-id":
        assert re.fullmatch(r"<[^@<> ]+@example\.com>", message["Message-ID"].strip()), path


def check_example(name):
    package, version, cases = DEFECTS[name]
    cured = send(name, "cured")
    equal(set(cured), set(cases))
    for case, path in cured.items():
        equal((case, labels(path, "--wire")), (case, ""))
        check_meaning(case, path)
    broken = {case: labels(path, "--wire") for case, path in send(name, "broken").items()}
    if broken != cases and not is_known(name):
        raise Skip("%s is not %s %s; cured is clean" % (name, package, version))
    equal(broken, cases)


def test_example_python(f):
    check_example("python")


def test_example_flask_mail(f):
    check_example("flask-mail")


def test_example_django(f):
    check_example("django")


def test_example_rails(f):
    check_example("rails")


def test_example_nodemailer(f):
    check_example("nodemailer")


def test_example_phpmailer(f):
    check_example("phpmailer")


def test_examples_are_known(f):
    equal(sorted(os.listdir(EXAMPLES)), sorted(DEFECTS))


# ---- the manual page --------------------------------------------------------------------------------

def plain(text):
    for escape, char in ((r"\(:u", "\u00fc"), (r"\(:o", "\u00f6"), (r"\(ss", "\u00df"), (r"\e", "\\")):
        text = text.replace(escape, char)
    return text


def displays():
    return [plain(text) for text in
            re.findall(r"^\.Bd .*?\n(.*?)^\.Ed$", source("man", PAGE), re.M | re.S)]


def dedented(text):
    """Lines without the indentation they have in common, as often as they begin anew."""
    return textwrap.dedent(text).strip("\n").splitlines()


def shown_in(text, program):
    """Whether the lines of @text stand in @program one after the other, at any indentation."""
    wanted, lines = dedented(text), program.splitlines()
    return any(dedented("\n".join(lines[n:n + len(wanted)])) == wanted for n in range(len(lines)))


def test_page_shows_programs(f):
    """Every piece of code on the page is in the program of its section; none lacks."""
    text = source("man", PAGE)
    sections = re.findall(r"^\.Pa packaging/examples/(\S+)/(\S+) ;\n(.*?)(?=^\.S[sh])", text,
                          re.M | re.S)
    equal(sorted(folder for folder, _, _ in sections), sorted(DEFECTS))
    pieces = 0
    for folder, file, below in sections:
        program = source("packaging", "examples", folder, file)
        shown = re.findall(r"^\.Bd .*?\n(.*?)^\.Ed$", below, re.M | re.S)
        assert shown, folder
        for piece in shown:
            assert shown_in(plain(piece), program), (folder, piece)
        pieces += len(shown)
        # every defect is named where its cure is
        for label in " ".join(DEFECTS[folder][2].values()).split():
            has(below, label)
    others = [piece for piece in displays() if not re.match(r"\$ |# lint\.conf", piece)]
    equal(len(others), pieces)


def test_page_names(f):
    known = set(run("explain").lines)
    text = re.sub(r"(?ms)^\.Bd .*?^\.Ed$|^\.Ev \S+", "", source("man", PAGE))
    found = set(re.findall(r"\b[A-Z]+(?:_[A-Z0-9]+)+\b", text))
    equal(found - known, set())
    assert len(found) > 20
    for path in re.findall(r"\bpackaging/[\w/.-]+\w", source("man", PAGE)):
        assert os.path.exists(os.path.join(SOURCE, path)), path


def test_page_commands(f):
    """The commands run in the order of the page, and say what it says."""
    environment = tools(MAILMEND)
    write_project("app", crlf(HEAD + b"\n\xc3\xa4\n"))
    os.chdir("app")
    f.write("bounce.eml", CLEAN)
    f.write("lint.conf", next(text for text in displays() if "[policy lint]" in text).encode())
    commands = re.findall(r"(?m)^\$ (.*)$", "".join(displays()))
    equal(len(commands), 6)
    # the sink comes later on the page than the first look at what it has caught
    commands.sort(key=lambda command: not command.startswith("ci/"))
    codes = {}
    for command in commands:
        done = subprocess.run(["sh", "-c", command], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, env=environment, timeout=60, check=False)
        equal((command, done.stderr), (command, b""))
        codes[command] = done.returncode
    equal(codes.pop("mailmend check --wire mail"), 1)
    equal(codes.pop("mailmend check --wire mail/0001.eml"), 1)
    # what is left is clean, the policy for the linter among it
    equal(set(codes.values()), {0})

# How the message is had without a server: what the page says of each, and a program with it.
CALLS = {
    "flask-mail": (["mail.record_messages() as outbox", "outbox[0].as_bytes()"], """
import flask, flask_mail
application = flask.Flask("shop")
application.testing = True
mail = flask_mail.Mail(application)
with application.app_context():
    with mail.record_messages() as outbox:
        mail.send(flask_mail.Message("x", ["a@example.net"], "x", sender="b@example.com"))
    open("got.eml", "wb").write(outbox[0].as_bytes())
"""),
    "django": (["mail.outbox[0].message().as_bytes()"], """
from django.conf import settings
settings.configure(EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend")
from django.core import mail
mail.send_mail("x", "x", "b@example.com", ["a@example.net"])
open("got.eml", "wb").write(mail.outbox[0].message().as_bytes())
"""),
    "rails": (["ActionMailer::Base.deliveries.last.encoded"], """
require 'action_mailer'
ActionMailer::Base.delivery_method = :test
ActionMailer::Base.logger = nil
class Shop < ActionMailer::Base
  def hello
    mail(from: 'b@example.com', to: 'a@example.net', subject: 'x', body: 'x')
  end
end
Shop.hello.deliver_now
File.binwrite('got.eml', ActionMailer::Base.deliveries.last.encoded)
"""),
    "nodemailer": (["createTransport({ streamTransport: true, buffer: true })", "info.message"], """
require('nodemailer').createTransport({ streamTransport: true, buffer: true })
    .sendMail({ from: 'b@example.com', to: 'a@example.net', subject: 'x', text: 'x' })
    .then(info => require('fs').writeFileSync('got.eml', info.message));
"""),
    "phpmailer": (["$mail->preSend()", "$mail->getSentMIMEMessage()"], """<?php
require 'libphp-phpmailer/autoload.php';
$mail = new PHPMailer\\PHPMailer\\PHPMailer(true);
$mail->setFrom('b@example.com');
$mail->addAddress('a@example.net');
$mail->Subject = $mail->Body = 'x';
$mail->preSend();
file_put_contents('got.eml', $mail->getSentMIMEMessage());
"""),
}


def test_page_without_server(f):
    """The frameworks' own ways give whole messages."""
    missing = []
    for name, (calls, program) in CALLS.items():
        for call in calls:
            has(source("man", PAGE), call)
            has(program, call)
        f.write("program", program.encode())
        try:
            command = interpreter(name, "unused")
        except LookupError as reason:
            missing.append(reason.args[0])
            continue
        done = subprocess.run([*command, "program"], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=60, check=False)
        equal((name, done.returncode), (name, 0))
        equal((name, labels("got.eml")), (name, ""))
        os.remove("got.eml")
    if missing:
        raise Skip(", ".join(missing))


if __name__ == "__main__":
    sys.exit(main(globals()))
