#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Flask-Mail: what goes wrong, and the cure at the source.

    send.py broken|cured

Each message goes to NAME@example.net, to the server in MAIL_HOST and MAIL_PORT.
"""

import email.charset
import email.headerregistry
import email.policy
import email.utils
import os
import sys

import flask
import flask_mail

IDS = ["<4711@example.com>",
       "<" + "AM0PR05MB6834D2C88EE7DD0B43CC6B35E8A0A" * 2 + "@eurprd05.prod.example.org>"]


def message_to(name, **more):
    return flask_mail.Message("Ihre Bestellung für März", [name + "@example.net"],
                              "Grüße aus Köln\n", sender="shop@example.com", **more)


def references():
    """Python's email package encodes ids that are longer than a line: up to 3.13.2."""
    message = message_to("references")
    message.extra_headers = {"In-Reply-To": IDS[-1], "References": " ".join(IDS)}
    return message


def message_id():
    """An id with the name of the machine, as in a container. Python 3.7 encodes it."""
    message = message_to("message-id")
    message.msgId = email.utils.make_msgid(
        domain="0d5fb9c6-2d3a-4b8e-9a0e-2f6f3f1c7a55.prvt.dyno.rt.example.com")
    return message


def html():
    """Text that is not ASCII goes out as 8bit, which not every server on the way takes."""
    return message_to("html", html="<p>Grüße aus <b>Köln</b></p>\n")


class IdList(email.headerregistry.UnstructuredHeader):
    """Ids as they are, one a line."""

    def fold(self, *, policy):
        return self.name + ": " + (policy.linesep + " ").join(self.split()) + policy.linesep


def cure():
    """Once, where the application is set up."""
    registry = email.headerregistry.HeaderRegistry()
    for field in ("message-id", "in-reply-to", "references"):
        registry.map_to_type(field, IdList)
    flask_mail.message_policy = email.policy.SMTP.clone(header_factory=registry)
    email.charset.add_charset("utf-8", email.charset.SHORTEST, email.charset.QP, "utf-8")


def cured(message):
    """For each message: an id with a domain that is yours."""
    message.msgId = email.utils.make_msgid(domain="example.com")
    return message


def main():
    if sys.argv[1:] not in (["broken"], ["cured"]):
        sys.exit(__doc__)
    application = flask.Flask("shop")
    application.config.update(MAIL_SERVER=os.environ["MAIL_HOST"],
                              MAIL_PORT=int(os.environ["MAIL_PORT"]))
    mail = flask_mail.Mail(application)
    if sys.argv[1] == "cured":
        cure()
    with application.app_context():
        for make in (references, message_id, html):
            mail.send(cured(make()) if sys.argv[1] == "cured" else make())


if __name__ == "__main__":
    main()
