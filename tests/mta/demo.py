#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Sends the founding message through a private Postfix with mailmend-milter, and shows what became
of it. Exit code 0: its Message-ID came out as it must."""

import signal
import smtplib
import sys
import textwrap

import mail
from bench import Bench
from postfix import without_received

SUBJECT = b"Your order has been shipped"
BEFORE = mail.FOUNDING.replace(b"clean", SUBJECT).replace(b"Nothing is wrong with this.",
                                                          b"It should be with you on Thursday.")
AFTER = BEFORE.replace(mail.FOUNDING_HEADER, mail.MENDED_HEADER)


def show(title, text):
    print(f"\n{title}\n")
    print(textwrap.indent(text.replace("\r\n", "\n").rstrip("\n"), "    "))


def log_line(bench, sender):
    """The line as it stands in the log, and with one key on a line."""
    for line in bench.filter.text().splitlines():
        if f"from=<{sender}>" in line:
            fields = bench.filter.line_from(sender)
            keys = [f"{key:8} {value}" for key, value in fields.items() if value and key != "id"]
            return line, "\n".join([f"queue id {fields['id']}", *keys])
    raise RuntimeError(f"no line in the log\n{bench.filter.stderr()}")


def what_changed(before, after):
    """In words; the fields of both and the bodies are compared."""
    pairs = list(zip(mail.fields(before), mail.fields(after)))
    changed = [old for old, new in pairs if old != new]
    same = len(pairs) - len(changed)
    body = "the same" if before[mail.end(before):] == after[mail.end(after):] else "CHANGED"
    return (f"{len(changed)} header field changed; the other {same} and the order of all are the "
            f"same,\noctet for octet; the body is {body}.")


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    sender, recipient = "ann@example.com", "bob@example.org"
    print("Starting a private Postfix on loopback with mailmend-milter in front ...")
    with Bench() as bench:
        show("BEFORE: what a web application sends (Flask-Mail on a long host name)",
             BEFORE.decode())
        with smtplib.SMTP("127.0.0.1", bench.mta.port) as smtp:
            smtp.sendmail(sender, [recipient], BEFORE)
        delivery, = bench.sink.wait(recipient)
        after = without_received(delivery.data)
        show("AFTER: what Postfix hands on", after.decode())
        show("What changed:", what_changed(BEFORE, after))
        line, fields = log_line(bench, sender)
        show("The line in the log:", line)
        show("The same, one key a line (empty ones left out):", fields)
    fine = after == AFTER
    print("\nThe sender's own Message-ID is back, on one line: replies still thread."
          if fine else f"\nWRONG: this should have come out:\n{AFTER.decode()}")
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
