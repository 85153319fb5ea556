# SPDX-License-Identifier: BSD-2-Clause
"""Messages the tests send, and how to look at what arrives."""

import email
import email.policy

CLEAN = (b"From: Ann <ann@example.com>\r\n"
         b"To: bob@example.org\r\n"
         b"Subject: clean\r\n"
         b"Date: Tue, 1 Jul 2003 10:52:37 +0200\r\n"
         b"Message-ID: <1@example.com>\r\n"
         b"MIME-Version: 1.0\r\n"
         b"Content-Type: text/plain; charset=us-ascii\r\n"
         b"\r\n"
         b"Nothing is wrong with this.\r\n")

# Right, but in shapes that naive filters take for wrong, or change.
ODD = (b"Subject:no blank before this\r\n"
       b"X-Empty:\r\n"
       b"X-Blanks:   three before, two after  \r\n"
       b"X-Tab:\ttab\r\n"
       b"From: \"Ann, A.\" <ann@example.com>\r\n"
       b"To: undisclosed-recipients:;\r\n"
       b"Date: Tue, 1 Jul 03 10:52 CEST (a comment)\r\n"
       b"message-id:\r\n <\"quoted left\"@[192.0.2.1]>\r\n"
       b"References: <1@example.com>\r\n\t<=?2@example.com>\r\n  <3@example.com>\r\n"
       b"In-Reply-To: Your mail of Monday\r\n"
       b"MIME-Version: 1.0 (by hand)\r\n"
       b"Content-Type: multipart/mixed; boundary=\"a b\";\r\n"
       b"\r\n"
       b"preamble\r\n"
       b"--a b\r\n"
       b"\r\n"
       b".a line with a dot\r\n"
       b"..\r\n" + b"x" * 998 + b"\r\n"
       b"--a b\r\n"
       b"Content-Type: application/octet-stream; name=\"=?utf-8?q?=C3=A4?=\"\r\n"
       b"Content-Transfer-Encoding: base64\r\n"
       b"\r\n"
       b"AAECAwQF\r\n"
       b"--a b--\r\n"
       b"epilogue without end")

# What Flask-Mail writes on a long host name under Python 3.7, and what must become of it.
FOUNDING_HEADER = (
    b"Message-ID: =?utf-8?q?=3C154810422972=2E4=2E16142961424846318784=40aaf39fce-?=\r\n"
    b" =?utf-8?q?569e-473a-9453-6862595bd8da=2Eprvt=2Edyno=2Ert=2Eheroku=2Ecom=3E?=\r\n")
FOUNDING_ID = (b"<154810422972.4.16142961424846318784@aaf39fce-569e-473a-9453-6862595bd8da"
               b".prvt.dyno.rt.heroku.com>")
MENDED_HEADER = b"Message-ID: " + FOUNDING_ID + b"\r\n"

FOUNDING = CLEAN.replace(b"Message-ID: <1@example.com>\r\n", FOUNDING_HEADER)
MENDED = FOUNDING.replace(FOUNDING_HEADER, MENDED_HEADER)


def crlf(data):
    return data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def without(data, *names):
    """@data without some fields of its header."""
    return b"".join(field for field in fields(data)
                    if field.partition(b":")[0].lower() not in names) + data[end(data):]


def end(data):
    """Where the header block ends, its empty line not included."""
    return data.index(b"\r\n\r\n") + 2


def fields(data):
    """The header fields, each as it stands there."""
    out = []
    for line in data[:end(data)].splitlines(keepends=True):
        if line[:1] in b" \t" and out:
            out[-1] += line
        else:
            out.append(line)
    return out


def field(data, name):
    """The only field @name, as it stands there."""
    found = [f for f in fields(data) if f.partition(b":")[0].lower() == name.lower()]
    if len(found) != 1:
        raise AssertionError(f"{len(found)} {name!r} in {data[:2000]!r}")
    return found[0]


def leaves(data):
    """Type and decoded octets of every part that is no multipart."""
    message = email.message_from_bytes(data, policy=email.policy.compat32)
    return [(part.get_content_type(), part.get_payload(decode=True))
            for part in message.walk() if not part.is_multipart()]
