#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Python's smtplib and email package: what goes wrong, and the cure at the source.

    send.py broken|cured

Each message goes to NAME@example.net, to the server in MAIL_HOST and MAIL_PORT.
"""

import email.headerregistry
import email.message
import email.policy
import email.utils
import os
import smtplib
import sys

# Ids of the mail that is answered, one as long as Outlook makes them.
IDS = ["<4711@example.com>",
       "<" + "AM0PR05MB6834D2C88EE7DD0B43CC6B35E8A0A" * 2 + "@eurprd05.prod.example.org>"]


def by_hand_broken(smtp):
    """A message is more than a text with a colon in each line."""
    text = ("From: shop@example.com\n"
            "To: by-hand@example.net\n"
            "Subject: Ihre Bestellung für März\n"
            "\n"
            "Grüße aus Köln\n")
    smtp.sendmail("shop@example.com", ["by-hand@example.net"], text.encode())


def by_hand_cured(smtp):
    message = email.message.EmailMessage(policy=email.policy.SMTP)
    message["From"] = "shop@example.com"
    message["To"] = "by-hand@example.net"
    message["Subject"] = "Ihre Bestellung für März"
    message["Date"] = email.utils.localtime()
    message["Message-ID"] = email.utils.make_msgid(domain="example.com")
    message.set_content("Grüße aus Köln\n", cte="quoted-printable")
    smtp.send_message(message)


def answer(policy):
    message = email.message.EmailMessage(policy=policy)
    message["From"] = "shop@example.com"
    message["To"] = "references@example.net"
    message["Subject"] = "Re: Ihre Bestellung für März, die wir heute noch auf den Weg zu Ihnen bringen"
    message["Date"] = email.utils.localtime()
    message["Message-ID"] = email.utils.make_msgid(domain="example.com")
    message["In-Reply-To"] = IDS[-1]
    message["References"] = " ".join(IDS)
    message.set_content("Grüße aus Köln\n", cte="quoted-printable")
    return message


def references_broken(smtp):
    """The package encodes a long id that is answered: up to Python 3.13.2, not in 3.14.5."""
    smtp.send_message(answer(email.policy.SMTP))


class IdList(email.headerregistry.UnstructuredHeader):
    """Ids as they are, one a line."""

    def fold(self, *, policy):
        return self.name + ": " + (policy.linesep + " ").join(self.split()) + policy.linesep


REGISTRY = email.headerregistry.HeaderRegistry()
for field in ("message-id", "in-reply-to", "references"):
    REGISTRY.map_to_type(field, IdList)
SMTP = email.policy.SMTP.clone(header_factory=REGISTRY)


def references_cured(smtp):
    smtp.send_message(answer(SMTP))


def main():
    cases = {"broken": [by_hand_broken, references_broken],
             "cured": [by_hand_cured, references_cured]}
    if len(sys.argv) != 2 or sys.argv[1] not in cases:
        sys.exit(__doc__)
    with smtplib.SMTP(os.environ["MAIL_HOST"], int(os.environ["MAIL_PORT"])) as smtp:
        for send in cases[sys.argv[1]]:
            send(smtp)


if __name__ == "__main__":
    main()
