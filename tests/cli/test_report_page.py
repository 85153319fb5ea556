#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The page of `mailmend report --html`: whole, without anything from elsewhere, and nothing that a
sender writes is more than text in it, for a parser and for a real browser.

Prints TAP. MAILMEND names the binary (default: ./mailmend). Standard library only.
"""
import base64
import hashlib
import html.parser
import os
import re
import shutil
import subprocess
import sys

from clitest import Skip, equal, has, main, run
from loglines import line_of, report

HOSTILE = ["<script>alert(1)</script>@x.example", "\"><img src=x onerror=alert(1)>@x.example",
           "' onmouseover='alert(1)@x.example", "</style><style>*{display:none}</style>@x.example",
           "--><b>bold</b><!--@x.example", "&lt;i&gt;&amp;@x.example", "]]><svg onload=alert(1)>@x.example",
           "javascript:alert(1)@x.example", "\u202etxt.exe@x.example", "\udcff\udcfe@x.example",
           "\x1b[31m@x.example", "m\u00fcller@x.example", "a" * 240 + "@x.example", "</title>@x.example",
           "`${alert(1)}`@x.example", "<base href=//x.example>@x.example", "%3Cb%3E@x.example"]

VOID = {"meta", "rect", "path", "input", "br"}


class Page(html.parser.HTMLParser):
    """What a page consists of."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.tags, self.attributes, self.ids, self.links = set(), set(), [], []
        self.open, self.texts, self.who = [], [], []
        self.feed(text)
        self.close()
        equal(self.open, [])

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)
        self.ids += [value for name, value in attrs if name == "id"]
        self.links += [value for name, value in attrs if name == "href"]
        if tag not in VOID:
            self.open.append(tag)
        if ("class", "who") in attrs:
            self.who.append("")

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if tag not in VOID:
            equal(self.open.pop(), tag)

    def handle_data(self, data):
        self.texts.append(data)
        if self.open and self.open[-1] == "span" and self.who and self.who[-1] == "":
            self.who[-1] = data

    @property
    def text(self):
        return "".join(self.texts)


def visible(name):
    """As the manual says: what cannot be shown is octets."""
    out = ""
    for c in name:
        if c.isprintable():
            out += c
        else:
            out += "".join("\\x%02x" % o for o in c.encode("utf-8", "surrogateescape"))
    return out


def hostile_log(f):
    lines = ""
    for n, name in enumerate(HOSTILE):
        lines += 6 * line_of(id="4X<i>%d" % n, action="log", labels="LINE_TOO_LONG|<B>EVIL</B>|MISSING_FROM_HEADER",
                             user=name, program=name, policy=name[:40], rule=name[:40],
                             client="%s[192.0.2.%d]" % (name[:60], n), **{"from": name})
    f.write("log", lines.encode())


def page_of(*args):
    result = run("report", "--html=-", *args, "log")
    equal((result.code, result.err), (0, ""))
    return result.out.decode("utf-8")


def usual_log(f):
    lines = ""
    for n in range(400):
        action, kinds = (("fix", "LINE_TOO_LONG"), ("log", "MISSING_FROM_HEADER"), ("reject", "INVALID_DATE"),
                         ("none", ""))[n % 4]
        lines += line_of("2026-11-%02dT%02d:00:00Z" % (1 + n // 20, n % 20), id="4X%d" % n, action=action,
                         labels=kinds, **{"from": "a%d@example.org" % (n % 11)})
    f.write("log", lines.encode())


def test_whole(f):
    """Well formed; every link leads somewhere; nothing comes from elsewhere."""
    usual_log(f)
    text = page_of()
    page = Page(text)
    equal(len(page.ids), len(set(page.ids)))
    for link in page.links:
        assert link.startswith("#") and link[1:] in page.ids, link
    for label in ("LINE_TOO_LONG", "MISSING_FROM_HEADER", "INVALID_DATE"):
        assert label in page.ids and "#" + label in page.links, label
    assert not re.search(r"https?:|//[a-z]|url\(|@import|src=| style=| on[a-z]+=", text), "from elsewhere"
    equal(page.tags & {"img", "link", "iframe", "object", "form", "base"}, set())


def test_numbers(f):
    """The page says what JSON says."""
    usual_log(f)
    got = report("log")
    text = page_of()
    tiles = dict(re.findall(r"<dt>([^<]+)</dt><dd>([\d,]+)<", text))
    equal({key: int(value) for key, value in tiles.items()},
          {"Messages": got["messages"], "With issues": got["issues"], "Mended": got["mended"],
           "Left": got["left"], "Refused": got["refused"]})
    table = text[text.index('<section id="time">'):text.index("</tbody>")]
    days = re.findall(r"<tr><th scope=\"row\">[^<]*</th>(.*?)</tr>", table)
    sums = [sum(int(n) for n in column) for column in
            zip(*[re.findall(r">(\d+)<", day) for day in days])]
    equal(sums, [got["mended"], got["partly"], got["left"], got["refused"], 0, got["error"]])
    senders = text[text.index('<section id="by-sender">'):text.index('<section id="by-domain">')]
    equal(re.findall(r'class="who">([^<]*)</span>', senders), [row["name"] for row in got["senders"]])
    equal([int(n) for n in re.findall(r'data-t="With issues" data-v="(\d+)"', senders)],
          [row["issues"] for row in got["senders"]])


def test_policy(f):
    """No style and no script runs but those of the page."""
    usual_log(f)
    text = page_of()
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text).group(1)
    has(policy, "default-src 'none'")
    assert "unsafe" not in policy, policy
    for kind, tag in (("style", "style"), ("script", "script")):
        bodies = re.findall("<%s>(.*?)</%s>" % (tag, tag), text, re.S)
        equal(len(bodies), 1)
        digest = base64.b64encode(hashlib.sha256(bodies[0].encode()).digest()).decode()
        has(policy, "%s-src 'sha256-%s'" % (kind, digest))


def check_hostile(page):
    """@page was made of hostile_log ()."""
    equal(page.tags & {"img", "i", "base"}, set())
    equal({name for name in page.attributes if name.startswith("on")}, set())
    senders = {visible(name) for name in HOSTILE}
    equal(senders - set(page.who), set())
    has(page.text, "<B>EVIL</B>")
    has(page.text, "4X<i>1")
    assert "\u202e" not in page.text and "\x1b" not in page.text


def test_hostile(f):
    hostile_log(f)
    text = page_of("--top=0")
    equal(text.count("<script"), 1)
    equal(text.count("<style"), 1)
    check_hostile(Page(text))


def dom_of(path):
    """The page as a browser sees it when its script has run."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser is None:
        raise Skip("chromium is not installed")
    done = subprocess.run([browser, "--headless", "--no-sandbox", "--disable-gpu",
                           "--user-data-dir=" + os.path.abspath("profile"), "--dump-dom",
                           "file://" + os.path.abspath(path)], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=120)
    equal((done.returncode, done.returncode and done.stderr), (0, 0))
    return done.stdout.decode("utf-8")


def test_browser(f):
    hostile_log(f)
    run("report", "--top=0", "--html=page.html", "log")
    text = dom_of("page.html")
    equal(text.count("<script"), 1)
    # its script ran, and no other
    has(text, '<input type="search"')
    has(text, '<button type="button">Found</button>')
    check_hostile(Page(text))


def test_few_and_none(f):
    f.write("log", b"")
    has(Page(page_of()).text, "No messages")
    f.write("log", line_of().encode())
    has(Page(page_of()).text, "No issues")
    f.write("log", line_of(action="log", labels="LINE_TOO_LONG").encode())
    text = page_of()
    equal(Page(text).text.count("Nothing: nobody"), 1)
    f.write("log", ("mailmend-milter[1]: " + line_of(action="log", labels="X").partition("]: ")[2]).encode())
    has(Page(page_of()).text, "No message has a time.")
    # stamps of any time make no longer a series
    f.write("log", (line_of("1970-01-01T00:00:00Z", action="log", labels="X") +
                    line_of("9999-01-01T00:00:00Z", action="log", labels="X")).encode())
    assert len(page_of()) < 100000


def test_file(f):
    """A file is written as a whole; with another form both are."""
    usual_log(f)
    result = run("report", "--html=page", "log")
    equal((result.code, result.out, result.err), (0, b"", b"".decode()))
    has(f.read("page"), b"</html>")
    os.remove("page")
    result = run("report", "--html=page", "--json", "log")
    equal((len(result.objects), os.path.exists("page")), (1, True))
    os.symlink("page", "link")
    equal(run("report", "--html=link", "log").code, 2)


if __name__ == "__main__":
    sys.exit(main(dict(globals())))
