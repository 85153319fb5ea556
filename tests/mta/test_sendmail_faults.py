#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""A real Sendmail whose filter is not there, dies, or reads its file again. Prints TAP.

$MAILMEND_MILTER is the program. It takes root, see sendmail.py.
"""

import os
import smtplib
import tempfile
import threading
import time

import mail
from bench import Filter, wait_for  # first: it knows the way to tests/milter
from postfix import without_received
from run import SECTIONS, case, main
import sendmail
from sendmailbench import SendmailBench
from talk import arrives, expect, says, submit
from wire import Wire

# ---- sockets ------------------------------------------------------------------------------------

# The folder of a local socket and whether Sendmail starts with it: None, or what it says.
FOLDERS = [
    (0o755, None),
    (0o2750, None),
    (0o2770, "milter.sock unsafe: Group writable directory"),
    (0o1777, "milter.sock unsafe: World writable directory"),
]


def through_local(bench, number, folder):
    """A message by a filter with a local socket in @folder."""
    with Filter(sections=SECTIONS, folder=folder) as one, \
            sendmail.Sendmail(bench.sink.port, "local:" + one.socket) as mta:
        with mta.client() as smtp:
            smtp.ehlo()
            reply = submit(smtp, mail.FOUNDING, f"u{number}@example.com", f"u{number}@example.org")
        assert reply[0] == 250, reply
        says(one.line_from(f"u{number}@example.com"), action="fix")
        expect(without_received(bench.sink.wait(f"u{number}@example.org")[0].data), mail.MENDED)


@case("a local socket: none below a folder that others can write to")
def local_sockets(bench):
    for number, (mode, says_what) in enumerate(FOLDERS):
        with tempfile.TemporaryDirectory(dir="/run") as folder:
            os.chmod(folder, mode)
            inner = os.path.join(folder, "filter")
            os.mkdir(inner, 0o755)
            try:
                through_local(bench, number, inner)
            except RuntimeError as error:
                assert says_what is not None and says_what in str(error), (oct(mode), error)
            else:
                assert says_what is None, oct(mode)


@case("a local socket that is not there yet: Sendmail starts, and takes no mail")
def no_socket(bench):
    with tempfile.TemporaryDirectory(dir="/run") as folder:
        os.chmod(folder, 0o755)
        with sendmail.Sendmail(bench.sink.port, f"local:{folder}/milter.sock") as mta:
            with mta.client() as smtp:
                smtp.ehlo()
                assert smtp.mail("nobody@example.com")[0] == 451


# ---- a filter that goes away --------------------------------------------------------------------

@case("a filter that dies between two messages: 4xx, and nothing passes it; then it is back")
def killed(bench):
    with bench.mta.client() as smtp:
        smtp.ehlo()
        assert submit(smtp, mail.FOUNDING, "k1@example.com", "k1@example.org")[0] == 250
        bench.filter.kill()
        try:
            code, text = smtp.mail("k2@example.com")
            assert 400 <= code < 500, (code, text)
            with bench.mta.client() as other:
                other.ehlo()
                assert other.mail("k3@example.com")[0] == 451
        finally:
            bench.filter.start()
        # This session has lost it for good.
        assert smtp.mail("k2@example.com")[0] == 451
    got, _ = arrives(bench, mail.FOUNDING, "k4@example.com", "k4@example.org")
    expect(got, mail.MENDED)
    assert bench.sink.to("k2@example.org") == [] and bench.mta.queued() == 0


@case("a filter that dies in the middle of its edits: 451, nothing is queued half-edited")
def cut(bench):
    head = b"".join(b"X-%d: gr\xc3\xbcn\r\n" % n for n in range(3))
    data = head + mail.CLEAN + b"word " * 600
    with tempfile.TemporaryDirectory(dir="/run") as folder:
        os.chmod(folder, 0o755)
        inner = os.path.join(folder, "filter")
        os.mkdir(inner, 0o755)
        with Filter(sections=SECTIONS, folder=inner) as one, \
                Wire(os.path.join(folder, "wire"), one.socket) as wire, \
                sendmail.Sendmail(bench.sink.port, "local:" + wire.path) as mta:
            for edits in (1, 2, 4, 5, None):
                wire.cut_after = edits
                with mta.client() as smtp:
                    smtp.ehlo()
                    # Each has an id of its own: what has failed twice passes as it is.
                    reply = submit(smtp, data.replace(b"<1@", b"<%a@" % edits),
                                   f"e{edits}@example.com", f"e{edits}@example.org")
                assert reply[0] == (451 if edits else 250), (edits, reply)
            got = mail.fields(without_received(bench.sink.wait("eNone@example.org")[0].data))
            assert [b"=?utf-8?" in field for field in got[:4]] == [True] * 3 + [False], got
            for edits in (1, 2, 4, 5):
                assert bench.sink.to(f"e{edits}@example.org") == [], edits
            assert mta.queued() == 0, mta.list_queue()
            assert len(wire.conversations) == 1 and len(wire.conversations[0]) == 6, \
                wire.conversations


def load(bench, domain, sessions, messages):
    """The replies to messages in sessions that run at once; (0, reason): the session ended."""
    replies = {}

    def session(number):
        with bench.mta.client() as smtp:
            smtp.ehlo()
            for n in range(messages):
                name = f"{number}-{n}"
                try:
                    replies[name] = submit(smtp, mail.FOUNDING, f"{name}@{domain}",
                                           f"{name}.{domain}@example.org")
                except (AssertionError, OSError, smtplib.SMTPException) as error:
                    replies[name] = (0, str(error))

    threads = [threading.Thread(target=session, args=(n,)) for n in range(sessions)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        yield replies
        time.sleep(0.05)
    yield replies


@case("reloads under load: no message is lost, refused or left as it was")
def reloads(bench):
    signals = 0
    for replies in load(bench, "reload.example", 8, 15):
        bench.filter.signal()
        signals += 1
    assert len(replies) == 120 and {r[0] for r in replies.values()} == {250}, replies
    for name in replies:
        delivery, = bench.sink.wait(f"{name}.reload.example@example.org")
        expect(without_received(delivery.data), mail.MENDED)
    assert wait_for(lambda: bench.filter.text().count(" reloaded") > 0), bench.filter.text()
    assert signals > 1, signals


@case("killed and started again under load: what was taken arrives mended, all else got no 2xx")
def killed_under_load(bench):
    restarts = 0
    for replies in load(bench, "kill.example", 8, 15):
        if restarts < 3 and len(replies) > 20 * (restarts + 1):
            bench.filter.kill()
            bench.filter.start()
            restarts += 1
    taken = [name for name, reply in replies.items() if reply[0] == 250]
    assert restarts > 0 and len(taken) > 0, (restarts, replies)
    for name in taken:
        delivery, = bench.sink.wait(f"{name}.kill.example@example.org")
        expect(without_received(delivery.data), mail.MENDED)
    for name in set(replies) - set(taken):
        assert bench.sink.to(f"{name}.kill.example@example.org") == [], (name, replies[name])


if __name__ == "__main__":
    main(kind=SendmailBench)
