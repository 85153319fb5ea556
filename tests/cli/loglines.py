# SPDX-License-Identifier: BSD-2-Clause
"""Lines as mailmend-milter writes them, for the tests of `mailmend report`."""
import csv
import io

from clitest import run

STAMP = "2026-11-20T10:00:00.000000+00:00"

# What a line says of a policy of one's own that nothing is known of.
DEFAULTS = {
    "id": "4X1", "action": "none", "would": None, "labels": "", "fixed": "", "left": "",
    "policy": "watch", "rule": "default", "from": "a@example.org", "nrcpt": 1,
    "client": "client.example.org[192.0.2.1]", "user": "", "mid": "", "newmid": "", "size": 100,
    "newsize": 100, "edits": "", "signed": "", "broke": "", "program": None, "us": 10,
}
QUOTED = ("mid", "newmid", "edits", "program")


def escape(text, blanks=False):
    """What is not plain, as octets."""
    octets = text.encode("utf-8", "surrogateescape")
    return "".join(chr(o) if 0x21 <= o <= 0x7e and chr(o) not in '"\\' or (blanks and o == 0x20)
                   else "\\x%02x" % o for o in octets)


def text_of(**fields):
    """The line itself, without a stamp; labels= alone also says left= or fixed=."""
    all_of = dict(DEFAULTS, **fields)
    if "labels" in fields and "fixed" not in fields and "left" not in fields:
        all_of["fixed" if all_of["action"] == "fix" else "left"] = fields["labels"]
    out = [escape(all_of["id"]) + ":"]
    for key, value in all_of.items():
        if key == "id" or value is None:
            continue
        quoted = key in QUOTED
        value = escape(str(value), quoted)
        if key == "from":
            value = "<%s>" % value
        out.append('%s="%s"' % (key, value) if quoted else "%s=%s" % (key, value))
    return " ".join(out)


def line_of(stamp=STAMP, **fields):
    """As in a file of LogTo."""
    return "%s mailmend-milter[77]: %s\n" % (stamp, text_of(**fields))


def report(*args, **how):
    """The object of --json."""
    result = run("report", "--json", *args, **how)
    assert result.code == 0, result.err
    return result.objects[0]


def rows_of_csv(*args):
    """[row] of --csv, with CRLF line ends as the standard wants."""
    result = run("report", "--csv", *args)
    assert result.code == 0, result.err
    assert result.out.count(b"\n") == result.out.count(b"\r\n"), result.out
    return list(csv.DictReader(io.StringIO(result.text, newline="")))


def named(table, name):
    """The row of this name."""
    found = [row for row in table if row["name"] == name]
    assert len(found) == 1, (name, [row["name"] for row in table])
    return found[0]
