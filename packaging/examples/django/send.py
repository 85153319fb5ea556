#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Django: what goes wrong, and the cure at the source.

    send.py broken|cured

Each message goes to NAME@example.net, to the server in MAIL_HOST and MAIL_PORT.
"""

import email.charset
import email.utils
import os
import sys

from django.conf import settings
from django.core.mail import EmailMessage

SUBJECT = "Ihre Bestellung für März"
TEXT = "Grüße aus Köln\n"


def message_to(name, **more):
    return EmailMessage(SUBJECT, TEXT, "shop@example.com", [name + "@example.net"], **more)


def eight_bit_broken():
    """Text that is not ASCII goes out as 8bit, which not every server on the way takes."""
    return message_to("eight-bit")


UTF8 = email.charset.Charset("utf-8")
UTF8.body_encoding = email.charset.QP


def eight_bit_cured():
    message = message_to("eight-bit")
    message.encoding = UTF8
    return message


def message_id_broken():
    """Django sends the field as it is given: this one has no < >."""
    return message_to("message-id", headers={"Message-ID": "order-4711@example.com"})


def message_id_cured():
    message = message_to("message-id", headers={
        "Message-ID": email.utils.make_msgid("order-4711", domain="example.com")})
    message.encoding = UTF8
    return message


def reply_to_broken():
    """A comma parts addresses: nobody knows who "Example" is."""
    return message_to("reply-to", reply_to=["Example, Inc. <help@example.com>"])


def reply_to_cured():
    message = message_to("reply-to", reply_to=[
        email.utils.formataddr(("Example, Inc.", "help@example.com"))])
    message.encoding = UTF8
    return message


def main():
    cases = {"broken": [eight_bit_broken, message_id_broken, reply_to_broken],
             "cured": [eight_bit_cured, message_id_cured, reply_to_cured]}
    if len(sys.argv) != 2 or sys.argv[1] not in cases:
        sys.exit(__doc__)
    settings.configure(EMAIL_HOST=os.environ["MAIL_HOST"], EMAIL_PORT=int(os.environ["MAIL_PORT"]))
    for make in cases[sys.argv[1]]:
        make().send()


if __name__ == "__main__":
    main()
