# SPDX-License-Identifier: BSD-2-Clause
"""The mail of the benchmarks: made, not collected, the same octets in every run."""

import base64
import quopri
import random

WORDS = ("account address amount answer approve arrival balance branch budget cancel change "
         "charge client column confirm contract copy customer date delay deliver deposit detail "
         "draft due email enclose enquiry error estimate fee file final forward friend greeting "
         "handle hello holiday identity include invoice item journey keep late letter limit list "
         "manager market meeting message month morning notice number offer office on order other "
         "package page paid partner pay please policy price print project quarter question rate "
         "reach receipt record refund regard remark reply report request review sale schedule "
         "send service ship sign soon status stock supply support table team thank ticket today "
         "total travel update value visit week welcome with work write year yesterday").split()
ACCENTED = "Café Größe naïve Übergabe señor façade Köln Málaga".split()

# What an application really sent: the id as an encoded word.
ENCODED_ID = (b" =?utf-8?q?=3C154810422972=2E4=2E16142961424846318784=40aaf39fce-?=\r\n"
              b" =?utf-8?q?569e-473a-9453-6862595bd8da=2Eprvt=2Edyno=2Ert=2Eheroku=2Ecom=3E?=")
DECODED_ID = (b"<154810422972.4.16142961424846318784@aaf39fce-569e-473a-9453-6862595bd8da"
              b".prvt.dyno.rt.heroku.com>")

# Header fields of a usual message that an application hands in; the type comes behind them.
HEAD = b"""\
Received: from app17.internal.example.com (app17.internal.example.com [192.0.2.17])
\tby mx.example.com (Postfix) with ESMTPSA id 4ABCDEF123
\tfor <bob@example.org>; Tue, 14 Nov 2023 22:13:21 +0000 (UTC)
Received: from localhost (localhost [127.0.0.1]) by app17.internal.example.com
\t(Postfix) with ESMTP id 4ABCDEF122; Tue, 14 Nov 2023 22:13:20 +0000 (UTC)
From: "Example Billing" <billing@example.com>
Sender: notices@app17.internal.example.com
Reply-To: Example Support <support@example.com>
To: Bob Example <bob@example.org>, "Roe, Jane" <jane.roe@example.org>
Cc: accounts@example.net
Subject: =?utf-8?q?Your_invoice_4711_from_K=C3=B6ln?= is ready
Date: Tue, 14 Nov 2023 22:13:20 +0000
Message-ID: <20231114221320.4711.17@app17.internal.example.com>
In-Reply-To: <20231113090001.4700.3@mail.example.org>
References: <20231110080000.4699.1@mail.example.org>
 <20231113090001.4700.3@mail.example.org>
X-Mailer: Example Billing 4.2
X-Priority: 3 (Normal)
Auto-Submitted: auto-generated
List-Unsubscribe: <mailto:unsubscribe@example.com?subject=4711>,
 <https://www.example.com/unsubscribe/4711>
MIME-Version: 1.0
""".replace(b"\n", b"\r\n")


def source(*name):
    """Random choices that depend on what is made, not on the order in which."""
    return random.Random("/".join(map(str, name)))


def words(rng, size, accents=0.0):
    """Running text of at least @size characters, without line ends."""
    out, length = [], 0
    while length < size:
        word = rng.choice(ACCENTED if rng.random() < accents else WORDS)
        out.append(word)
        length += len(word) + 1
    return " ".join(out)


def wrap(text, width=72):
    """Breaks running text into lines with CRLF."""
    lines, line = [], ""
    for word in text.split(" "):
        if line and len(line) + 1 + len(word) > width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return "\r\n".join([*lines, line]) + "\r\n"


def printable(text):
    """Quoted-printable, as a usual program writes it."""
    data = quopri.encodestring(text.replace("\r\n", "\n").encode())
    return data.replace(b"\n", b"\r\n")


def html(rng, size):
    """A page whose lines are short."""
    rows, length = [], 0
    while length < size:
        row = (f'<tr><td class="a" style="padding: 4px">{words(rng, 40, 0.05)}</td>\r\n'
               f'<td class="b"><a href="https://www.example.com/item?id={rng.randrange(10**6)}">'
               f"{words(rng, 12)}</a></td></tr>\r\n")
        rows.append(row)
        length += len(row)
    return ("<html><head><title>Invoice</title></head><body><table>\r\n" + "".join(rows) +
            "</table></body></html>\r\n")


def octets(rng, size):
    """What a compressed attachment looks like, in base64."""
    data = base64.b64encode(rng.randbytes(size))
    return b"\r\n".join(data[at:at + 76] for at in range(0, len(data), 76)) + b"\r\n"


def part(fields, content):
    return b"--=_bench_1\r\n" + fields.replace("\n", "\r\n").encode() + b"\r\n" + content


def multipart(kind, parts):
    return (HEAD + f'Content-Type: multipart/{kind}; boundary="=_bench_1"\r\n\r\n'.encode() +
            b"\r\n".join(parts) + b"\r\n--=_bench_1--\r\n")


TEXT_QP = "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n"
HTML_QP = "Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n"
TEXT_7BIT = "Content-Type: text/plain; charset=us-ascii\nContent-Transfer-Encoding: 7bit\n"
HTML_7BIT = "Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: 7bit\n"


def text_mail(size):
    """text/plain, 18 header fields, @size octets."""
    head = HEAD + b"Content-Type: text/plain; charset=us-ascii\r\n\r\n"
    body = wrap(words(source("text", size), size - len(head))).encode()
    return head + body[:size - len(head) - 2].rstrip(b"\r\n") + b"\r\n"


def alternative(size):
    """multipart/alternative in quoted-printable, @size octets or a few more."""
    rng = source("alternative", size)
    text = printable(wrap(words(rng, size // 4, 0.05)))
    page = printable(html(rng, int(size * 0.66)))
    return multipart("alternative", [part(TEXT_QP, text), part(HTML_QP, page)])


def plain_alternative(size):
    """The same in ASCII, without an encoding."""
    rng = source("plain", size)
    text = wrap(words(rng, size // 4)).encode()
    page = html(rng, int(size * 0.72)).encode("ascii", "xmlcharrefreplace")
    return multipart("alternative", [part(TEXT_7BIT, text), part(HTML_7BIT, page)])


def long_lines(size, lines):
    """The same with @lines lines of some 2,000 octets in a page that is not encoded."""
    rng = source("long", size, lines)
    text = printable(wrap(words(rng, size // 4, 0.05)))
    page = html(rng, int(size * 0.7) - 2000 * lines).encode("ascii", "xmlcharrefreplace")
    rows = "".join(f"<p>{words(rng, 2000)}</p>\r\n" for _ in range(lines)).encode()
    page = page.replace(b"</table>", b"</table>" + rows)
    return multipart("alternative", [part(TEXT_QP, text), part(HTML_7BIT, page)])


def attachment(size):
    """multipart/mixed: a text and one attachment in base64, @size octets."""
    rng = source("attachment", size)
    text = printable(wrap(words(rng, 2000, 0.05)))
    fields = ('Content-Type: application/pdf; name="invoice-4711.pdf"\n'
              'Content-Disposition: attachment; filename="invoice-4711.pdf"\n'
              "Content-Transfer-Encoding: base64\n")
    return multipart("mixed", [part(TEXT_QP, text), part(fields, octets(rng, size * 57 // 78))])


def with_encoded_id(mail):
    """The founding case: the Message-ID of @mail as an encoded word."""
    head, _, rest = mail.partition(b"Message-ID: <20231114221320.4711.17@app17.internal."
                                   b"example.com>")
    return head + b"Message-ID:" + ENCODED_ID + rest


MESSAGES = {
    "clean-5k": lambda: text_mail(5000),
    "clean-50k": lambda: alternative(50_000),
    "clean-50k-7bit": lambda: plain_alternative(50_000),
    "clean-1m": lambda: attachment(1_000_000),
    "clean-10m": lambda: attachment(10_000_000),
    "clean-25m": lambda: attachment(25_000_000),
    "long-50k": lambda: long_lines(50_000, 1),
    "longs-50k": lambda: long_lines(50_000, 8),
    "founding-5k": lambda: with_encoded_id(text_mail(5000)),
    "founding-1m": lambda: with_encoded_id(attachment(1_000_000)),
}


# ---- growth: mail whose one property is n, and which has something to mend

def long_line(rng):
    return words(rng, 1100).encode() + b"\r\n"


def grow_bytes(n):
    """n octets in lines, one too long."""
    rng = source("bytes")
    head = HEAD + b"Content-Type: text/plain; charset=us-ascii\r\n\r\n"
    return head + wrap(words(rng, n)).encode() + long_line(rng)


def grow_headers(n):
    """n fields of one name, each with octets that are not ASCII."""
    more = b"".join(b"X-Same: caf\xc3\xa9 number %d of the house\r\n" % i for i in range(n))
    return HEAD + more + b"\r\nShort.\r\n"


def grow_parts(n):
    """n parts, each with a line that is too long."""
    rng = source("parts")
    fields = "Content-Type: text/plain; charset=us-ascii\n"
    return multipart("mixed", [part(fields, long_line(rng)) for _ in range(n)])


def grow_many_parts(n):
    """n small parts, and one with a line that is too long."""
    fields = "Content-Type: text/plain; charset=us-ascii\n"
    return multipart("mixed", [part(fields, b"Short.\r\n")] * (n - 2) +
                     [part(fields, long_line(source("many-parts")))])


def grow_depth(n):
    """n multiparts, one in the other, with a line that is too long in the innermost."""
    out = [HEAD]
    for level in range(n):
        out.append(b'Content-Type: multipart/mixed; boundary="=_level_%d"\r\n\r\n'
                   b"--=_level_%d\r\n" % (level, level))
    out.append(b"Content-Type: text/plain; charset=us-ascii\r\n\r\n" + long_line(source("depth")))
    out.extend(b"\r\n--=_level_%d--\r\n" % level for level in reversed(range(n)))
    return b"".join(out)


def grow_parameters(n):
    """20 parts, whose types have n parameters each, with octets that are not ASCII."""
    more = "".join(f';\n p{i}="caf\u00e9 {i}"' for i in range(n))
    fields = f"Content-Type: text/plain; charset=us-ascii{more}\n"
    return multipart("mixed", [part(fields, b"Short.\r\n") for _ in range(20)])


# What grows -> message of n, the smallest n. Sizes stay within the bounds of the engine, beyond
# which it does less, and of caches.
GROWTH = {
    "bytes": (grow_bytes, 16 * 1024),
    "headers": (grow_headers, 100),
    "parts": (grow_parts, 30),
    "many parts": (grow_many_parts, 1249),
    "depth": (grow_depth, 12),
    "parameters": (grow_parameters, 12),
}
