#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The manual pages: every key, option and limit is in them, and their examples work.

Prints TAP. MAILMEND names the binary (default: ./mailmend). Standard library only.
"""
import glob
import os
import re
import shutil
import subprocess
import sys

from clitest import (BUILD, CLEAN, HEAD, LONG, MAILMEND, SOURCE, Skip, crlf, equal, has, main,
                     page, run, source)

sys.path.insert(0, os.path.join(SOURCE, "tests", "mta"))

from sink import Sink  # noqa: E402

BOUNCE = b"""\
From: MAILER-DAEMON@mx.example.net
To: app@example.com
Date: Mon, 1 Jan 2024 00:00:00 +0000
Message-ID: <b@mx.example.net>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=r

--r
Content-Type: text/plain

It could not be delivered.
--r
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; ann@example.net
Action: failed
Status: 5.6.0
Diagnostic-Code: smtp; 554 5.6.0 Corrupt message content; STOREDRV.Deliver.Exception:
 ConversionFailedException

--r
Content-Type: message/rfc822

%s
--r--
"""

# Where an administrator's programs are; a user's PATH often lacks them.
SBIN = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"

PAGES = {os.path.basename(path) for folder in (SOURCE, BUILD)
         for path in glob.glob(os.path.join(folder, "man", "*.[1-9]"))}


def plain(line):
    """A line of mdoc as it reads: no macro, no escapes."""
    if re.match(r"\.[A-Z]", line):
        line = re.sub(r"^\.\S+ ?", "", line).replace('"', "")
    for escape, char in ((r"\&", ""), (r"\(aq", "'"), (r"\(dq", '"'), (r"\(ha", "^"),
                         (r"\(ga", "`"), (r"\(ti", "~"), (r"\e", "\\")):
        line = line.replace(escape, char)
    return line


def words(text):
    return re.findall(r"\w+", text)


def entries(text):
    """[(key, words below it)] of the lists of keys, in order."""
    found = []
    for chunk in re.split(r"^\.It Cm ", text, flags=re.M)[1:]:
        head, _, below = chunk.partition("\n")
        below = re.split(r"^\.(?:El|Ss|Sh)\b", below, flags=re.M)[0]
        found.append((head.split()[0], words(" ".join(map(plain, below.splitlines())))))
    return found


def test_man_keys(f):
    """Every key has a text, and both stand in mailmend.conf(5)."""
    rows = run("settings", "--format=json").objects
    keys = re.findall(r"\.key = \"(\w+)\"", source("milter", "policy", "config-settings.c"))
    assert len(keys) > 50, keys
    # those of [default] are rows of [rule] again
    equal(sorted(row["key"] for row in rows if row["section"] != "default"), sorted(keys))
    found = entries(page("mailmend.conf.5"))
    for row in rows:
        text = words(row["help"])
        assert row["help"].endswith(".") and len(text) >= 3, row
        here = [below for key, below in found if key == row["key"] and below[:len(text)] == text]
        assert here, "%(key)s of [%(section)s] is not in the page as its help has it" % row
        if row["default"] is not None:
            want = ["Default"] + words(row["default"])
            assert any(" ".join(want) in " ".join(below) for below in here), row


def test_man_limits(f):
    text = page("mailmend.conf.5")
    items = set(re.findall(r"^\.It Cm (\w+)$", text, re.M))
    limits = re.findall(r"^\tX \((\w+),", source("include", "mailmend", "limits.h"), re.M)
    assert len(limits) > 5
    equal(set(limits) - items, set())
    below = dict(entries(text))
    # only octets have units
    equal((below["repeats"][:2], below["charset_sample"][:3]),
          (["1024", "messages"], ["4", "KB", "octets"]))
    for row in run("settings", "--section=limits", "--format=json").objects:
        equal((row["limit"], " ".join(below[row["limit"]]).endswith("A log line never names it")),
              (row["limit"], not row["logged"]))
    # what limit= may be beside them
    log = page("mailmend-log.5")
    for name in ("deadline", "irregular", "toolarge"):
        assert name in items and ".Cm %s :\n" % name in log, name
    names = re.findall(r"^\t\{\"(\w+)\", \"", source("milter", "policy", "builtin.c"), re.M)
    assert "microsoft365" in names
    equal(set(names) - items, set())


def test_man_options(f):
    """Every command of --help, and every option of theirs, stands in mailmend(1)."""
    text = page("mailmend.1")
    names = re.findall(r"^  (\w+) {2,}\w", run("--help").text, re.M)
    assert len(names) >= 7, names
    for name in names:
        has(text, ".Ss mailmend %s\n" % name)
        for option in re.findall(r"^  (?:-\w, )?--(\S+?)[= ]", run(name, "--help").text, re.M):
            assert re.search(r"Fl [^\n]*-%s\b" % option, text), (name, option)


def test_man_synopsis(f):
    """SYNOPSIS has every command, each form once, and all words of a choice; EXIT STATUS has each, too."""
    text = page("mailmend.1")
    names = re.findall(r"^  (\w+) {2,}\w", run("--help").text, re.M)
    synopsis, status = (re.search(r"^\.Sh %s\n(.*?)^\.Sh" % part, text, re.M | re.S).group(1)
                        for part in ("SYNOPSIS", "EXIT STATUS"))
    forms = re.split(r"^\.Nm\n", synopsis, flags=re.M)[1:]
    shown = [re.match(r"\.Cm (\w+)", form).group(1) for form in forms if form.startswith(".Cm")]
    equal({name for name in shown if shown.count(name) > 1}, {"explain"})
    equal(sorted(set(shown)), sorted(names))
    in_order = re.findall(r"^\.Cm ([\w ,]+) :$", status, re.M)
    equal(sorted({name for names in in_order for name in names.split(" , ")}), sorted(names))
    f.write("c", b"")
    for name, form in zip(shown, forms):
        for option, words in re.findall(r"Fl -(format|section) Ns = Ns Ar ([\w |]+)", form):
            asked = ["--replies"] if "-replies" in form else ["--reply", "x"] if "-reply" in form else []
            if name in ("check", "replay"):
                asked = ["--config", "c", "m"]
            known = re.search(r"is none of (.*)", run(name, "--%s=?" % option, *asked).err)
            known = set(known.group(1).split(", ")) if known else set()
            if "-reply " in form:
                known.discard("man")  # it is known, but not for one reply
            equal((name, option, set(words.split(" | "))), (name, option, known))


def check_config(f, text):
    f.write("m", CLEAN)
    f.write("c", text.encode())
    result = run("check", "--config", "c", "m")
    # a warning would confuse who copies it
    equal((text, result.code, result.err), (text, 0, ""))


def displays(name):
    """The displays of a page as they read, and of those the tables by their paths."""
    shown = re.findall(r"^\.Bd .*?\n(.*?)^\.Ed$", page(name), re.M | re.S)
    shown = ["\n".join(map(plain, text.splitlines())) + "\n" for text in shown]
    tables = {}
    for text in shown:
        found = re.match(r"# (/\S+?)[:,]", text)
        if found and not re.search(r"^\[", text, re.M):
            tables[found.group(1)] = text
    return shown, tables


def check_shown(f, name, least, files=()):
    shown, tables = displays(name)
    equal(list(tables), list(files))
    configs = [text for text in shown if re.search(r"^\[", text, re.M)]
    assert len(configs) >= least, configs
    for text in configs:
        for path, table in tables.items():
            f.write("table", table.encode())
            here = os.path.abspath("table")
            if "lmdb:" + path in text and not make_lmdb(here):
                text = text.replace("lmdb:" + path, "TABLE:" + path)
            text = text.replace(path, here)
        check_config(f, text)


def make_lmdb(path):
    """FALSE if there is no postmap that can."""
    if shutil.which("postmap") is None:
        return False
    done = subprocess.run(["postmap", "lmdb:" + path], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return done.returncode == 0


def test_man_config_examples(f):
    """Configurations shown in mailmend.conf(5) are read without a complaint."""
    check_shown(f, "mailmend.conf.5", 4, ["/etc/mailmend/tenants"])


def test_man_questions_examples(f):
    check_shown(f, "mailmend-questions.7", 4, ["/etc/mailmend/tenants"])


def test_man_kumomta_examples(f):
    """Policies that a user of KumoMTA copies load; each group and label named exists."""
    check_shown(f, "mailmend-kumomta.7", 2)
    text = page("mailmend-kumomta.7")
    table = source("milter", "policy", "config-labels.c")
    groups = re.findall(r"^\t\{\"(KUMOMTA_\w+)\",\s*\{([^}]*)\}", table, re.M)
    equal(len(groups), 9)
    for name, labels in groups:
        below = re.search(r"^\.It %s\n(.*?)^\.(?:It|El)" % name, text, re.M | re.S).group(1)
        for label in re.findall(r"\w+", labels):
            assert re.search(r"\b%s\b" % label, below), (name, label)


def postconf(f, *args):
    """What Postfix complains of in the main.cf and master.cf of a folder."""
    if shutil.which("postconf", path=SBIN) is None:
        raise Skip("Postfix is not installed")
    done = subprocess.run(["postconf", "-c", f.path, *args], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, env=dict(os.environ, PATH=SBIN), timeout=60)
    equal((done.returncode, done.stderr), (0, b""))
    return done.stdout.decode()


def test_man_integration_postfix(f):
    """Postfix takes the lines that are shown for main.cf and master.cf, and knows every name."""
    shown, _ = displays("mailmend-integration.7")
    main_cf = [text for text in shown if text.startswith("# main.cf\n")]
    master_cf = [text for text in shown if text.startswith("# master.cf\n")]
    assert main_cf and len(master_cf) == 2, shown
    f.write("main.cf", "".join(main_cf).encode())
    f.write("master.cf", "".join(master_cf).encode())
    has(postconf(f, "-n"), "unix:mailmend/mailmend.sock, connect_timeout=5s")
    equal(len(postconf(f, "-M").splitlines()), 3)
    text = postconf(f, "-P")
    has(text, "receive_override_options = no_milters")
    known = set(re.findall(r"^(\w+) =", postconf(f, "-d"), re.M))
    newer = {"force_mime_input_conversion", "non_empty_end_of_header_action",
             "smtpd_forbid_bare_newline", "cleanup_replace_stray_cr_lf"}
    for name in re.findall(r"^\.Cm ([a-z]+(?:_[a-z]+)+)\b", page("mailmend-integration.7"), re.M):
        assert name in known | newer | {"default_action", "content_timeout", "no_milters",
                                   "add_header"}, name


def check_labels(text):
    labels = set(run("explain").lines)
    for word in re.findall(r"\b[A-Z]+(?:_[A-Z0-9]+)+\b", text):
        assert word in labels or word.startswith("KUMOMTA_"), word


def test_man_labels_named(f):
    check_labels(page("mailmend-kumomta.7"))
    text = page("mailmend-integration.7")
    check_labels(re.sub(r"MISSING_(?:MID|DATE)\b|R_BAD_CTE_7BIT", "", text))  # rspamd's


def test_man_questions_names(f):
    """Labels, keys and policies that the answers name exist."""
    text = page("mailmend-questions.7")
    check_labels(text)
    keys = {row["key"] for row in run("settings", "--format=json").objects}
    words_of = {value for row in run("settings", "--format=json").objects
                for value in re.findall(r"[\w-]+", row["values"])}
    names = re.findall(r"^\t\{\"(\w+)\", \"", source("milter", "policy", "builtin.c"), re.M)
    for line in re.findall(r"^\.Cm (.*)$", text, re.M):
        for word in re.findall(r"[\w-]{2,}", re.sub(r"\b(?:No|Cm|Ns|Ar NAME|Ar)\b", "", line)):
            assert word in keys | words_of | set(names) | {"KUMOMTA_"}, (word, line)


def test_readme_config_examples(f):
    """The same of README.md, a run of indented paragraphs at a time."""
    shown = []
    for part in re.findall(r"(?:^(?:    .*)?\n)+", source("README.md"), re.M):
        paragraphs = [text for text in re.split(r"\n\s*\n", part) if re.search(r"^ +\[", text, re.M)]
        if paragraphs:
            shown.append(re.sub(r"^    ", "", "\n\n".join(paragraphs), flags=re.M) + "\n")
    assert len(shown) >= 2, shown
    for text in shown:
        check_config(f, text)


def test_readme_query(f):
    """The example of query gives all that must be known, as shipped and with the rules README shows."""
    text = source("README.md")
    command = re.search(r"^    mailmend (query (?:.*\\\n)*.*)$", text, re.M).group(1)
    args = re.sub(r"\\\n|#.*", "", command).split()
    rules = "".join(re.findall(r"^    (.*\n|\n)", text.partition("    # what the ERP system")[2]
                               .partition("    [default]")[0], re.M))
    f.write("shipped", source("packaging", "mailmend.conf").encode())
    f.write("rules", ("[rule erp]\n" + rules.partition("[rule erp]\n")[2]).encode())
    for config, rule in (("shipped", "default"), ("rules", "erp")):
        result = run(*args, "--format=json", "--config", config)
        equal((config, result.code, result.err), (config, 0, ""))
        equal((config, result.objects[0]["rule"]), (config, rule))


def test_sendmail_timeouts(f):
    """They are the same wherever they stand."""
    places = [source("packaging", *path.split("/")) for path in
              ("sendmail/mailmend.m4", "debian/README.Debian", "rpm/README.fedora")]
    found = [set(re.findall(r"C:5s;S:60s;R:60s;E:\w+", text))
             for text in places + [page("mailmend-milter.8")]]
    equal([sorted(one) for one in found], [["C:5s;S:60s;R:60s;E:2m"]] * 4)


def test_sample_config(f):
    check_config(f, source("packaging", "mailmend.conf"))


def commands(text):
    """The command lines of EXAMPLES, without what their output is piped to."""
    examples = re.search(r"^\.Sh EXAMPLES\n(.*?)^\.Sh", text, re.M | re.S).group(1)
    lines = re.sub(r"\\e\n +", "", examples).splitlines()
    for line in lines:
        found = re.match(r"^(?:\.Dl )?\$ (mailmend .*)$", line)
        if found:
            yield re.split(r" \| ", plain("x" + found.group(1))[1:])[0]


def test_man_commands(f):
    """What mailmend(1) shows runs: it ends well, and complains of nothing."""
    f.write("message.eml", LONG)
    f.write("mail/1", LONG)
    f.write("Maildir/cur/1:2,S", LONG)
    os.makedirs("Maildir/new")
    f.write("bounce.eml", BOUNCE % LONG)
    f.write("mailmend.conf", source("packaging", "mailmend.conf").encode())
    f.write("mail.log", b"Nov  1 10:00:00 mail mailmend-milter[1]: 4X1: action=none us=1\n")
    f.write("new.conf", b"[default]\nPolicy = strict\n")
    os.mkdir("bin")
    os.symlink(MAILMEND, "bin/mailmend")
    environment = dict(os.environ, PATH=os.path.abspath("bin") + ":" + os.environ["PATH"])
    shown = list(commands(page("mailmend.1")))
    assert len(shown) >= 6, shown
    for command in shown:
        command = command.replace("/etc/mailmend/mailmend.conf", "mailmend.conf")
        command = command.replace("/var/log/mail.log", "mail.log")
        done = subprocess.run(["sh", "-c", command], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, env=environment, timeout=60)
        assert done.returncode in (0, 1), (command, done)
        assert b"mailmend: " not in done.stderr, (command, done)


def test_man_bounce(f):
    """mailmend(7) from its first command to the last: a bounce, its cure, two messages, once more."""
    for tool in ("jq", "swaks"):
        if shutil.which(tool) is None:
            raise Skip("no " + tool)
    broken = HEAD.replace(b"Message-ID: <1@example.org>\n",
                          b"Message-ID: =?utf-8?q?=3C1=40example=2Eorg=3E?=\n") + b"\nHello\n"
    f.write("bounce.eml", BOUNCE % broken)
    f.write("broken.eml", broken)
    f.write("maillog", b"x: status=bounced (host said: 554 5.6.0 Corrupt message content)\n")
    shown, _ = displays("mailmend.7")
    f.write("again.conf", next(text for text in shown if "[policy again]" in text).encode())
    check_config(f, next(text for text in shown if "[rule cure]" in text))
    text = page("mailmend.7")
    text = re.sub(r"^\.Bd .*\n|^\.Ed\n|^\.Dl ", "", text, flags=re.M)
    lines = [plain("x" + line)[1:] for line in
             re.findall(r"^\$ (.*)$", re.sub(r"\\e\n +", "", text), re.M)]
    equal(len(lines), 11)
    with Sink() as sink:
        os.mkdir("bin")
        os.symlink(MAILMEND, "bin/mailmend")
        # what stands in for sendmail is swaks: the same options, and the same octets
        f.write("bin/sendmail", b"#!/bin/sh\nexec swaks --server mx.example.com --from \"$3\" "
                b"--to \"$5\" --data - --suppress-data\n")
        f.write("bin/swaks", b"#!/bin/sh\nshift 2\nexec %s --server 127.0.0.1 --port %d \"$@\"\n" %
                (os.fsencode(shutil.which("swaks")), sink.port))
        for name in ("sendmail", "swaks"):
            os.chmod("bin/" + name, 0o755)
        environment = dict(os.environ, PATH=os.path.abspath("bin") + ":" + os.environ["PATH"])
        out = {}
        for line in lines:
            done = subprocess.run(["sh", "-c", line], stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, env=environment, timeout=60)
            assert done.returncode in (0, 1), (line, done)
            assert b"mailmend: " not in done.stderr, (line, done)
            out[line] = done.stdout.decode()
        sent = [delivery.data for delivery in sink.to("you@example.com")]
        again = [delivery.data for delivery in sink.to("ann@example.net")]
    mended = broken.replace(b"=?utf-8?q?=3C1=40example=2Eorg=3E?=", b"<1@example.org>")
    # nothing but the defect differs, and swaks sends both as they are
    equal([data.rstrip(b"\r\n") for data in sent],
          [crlf(data).rstrip(b"\r\n") for data in (broken, mended)])
    equal([data.rstrip(b"\r\n") for data in again], [crlf(mended).rstrip(b"\r\n")])
    equal(f.read("again.eml").rstrip(b"\n"), mended.rstrip(b"\n"))
    has(out[lines[0]], "may mean ENCODED_MESSAGE_ID (found)")
    # what the page shows is what is printed
    has("".join(shown).replace("\n  ", " "), out[lines[0]].splitlines()[1].partition(": ")[2])
    equal([value for line, value in out.items() if "jq" in line], ["ann@example.net\n"])


def test_man_replies(f):
    """The list of replies is the table's."""
    has(page("mailmend.7"), run("explain", "--replies", "--format=man").text)
    equal(page("mailmend.7").count(".It Li "), len(run("explain", "--replies", "--format=json").lines))


def test_man_lint(f):
    if shutil.which("mandoc") is None:
        raise Skip("no mandoc")
    assert {"mailmend.1", "mailmend.conf.5", "mailmend-labels.7"} <= PAGES, PAGES
    for name in sorted(PAGES):
        f.write(name, page(name).encode())
        done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", name],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        equal((done.returncode, done.stdout), (0, b""))


def test_man_built(f):
    """What comes from tables is what the program says now."""
    has(page("mailmend-labels.7"), run("labels", "--format=man").text)
    for name in run("explain").lines:
        has(page("mailmend-labels.7"), ".It Sy " + name + "\n")
    for section in ("mailmend", "policy", "rule", "default"):
        has(page("mailmend.conf.5"), run("settings", "--format=man", "--section=" + section).text)


def test_man_escapes(f):
    """No help text becomes a macro or an escape, and no line a fold of one."""
    for line in run("settings", "--format=man").lines:
        assert re.match(r"\.(It Cm|Cm|Ql|Pp)\b|[^.']", line), line
        assert not re.search(r"\\(?![&e(])", line), line


if __name__ == "__main__":
    sys.exit(main(globals()))
