#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""mailmend query: which rule and policy, why, and what is missing to say so.

Prints TAP. MAILMEND names the binary (default: ./mailmend). Standard library only.
"""
import re
import sys

from clitest import HEAD, equal, has, main, run

CONFIG = b"""[mailmend]
Hostname = relay.example.com
[policy erp]
Description = What the ERP needs
Fix = MISSING
Reject = LINE_TOO_LONG
LineLimit = 76
[policy child]
Inherit = erp
[rule skip]
Sender = skip@example.org
Policy = off
[rule erp]
Client = 10.20.0.0/16
HeaderFrom = @erp.example.com
Policy = erp
DryRun = yes
[rule late]
FirstHop = no
SenderDomain = .example.net
Policy = off
[rule user]
SaslUser = u
Policy = child
[default]
Policy = watch
"""


def ask(*args, config="c"):
    result = run("query", "--format=json", "--config", config, *args)
    equal(len(result.lines), 1)
    return result.code, result.objects[0]


def test_query_decided(f):
    f.write("c", CONFIG)
    for args, rule, policy in (
            (["from=skip@example.org"], "skip", "off"),
            (["from=<skip@EXAMPLE.org>"], "skip", "off"),
            (["from=a@b", "client=10.20.1.1", "header-from=x@erp.example.com"], "erp", "erp"),
            (["from=a@b", "client=", "user=u"], "user", "child"),
            (["from=a@b", "client=192.0.2.1", "user="], "default", "watch"),
            (["from=<>", "header-from=", "user="], "default", "watch"),
            (["from=a@b.example.net", "client=192.0.2.1", "received=yes"], "late", "off"),
            (["from=a@b.example.net", "client=192.0.2.1", "received=no", "user=u"], "user",
             "child")):
        code, answer = ask(*args)
        equal((args, code, answer["decided"], answer["rule"], answer["policy"], answer["needs"]),
              (args, 0, True, rule, policy, []))
        decides = [x["rule"] for x in answer["rules"] if x["decides"]]
        equal((args, decides), (args, [rule]))


def test_query_undecided(f):
    f.write("c", CONFIG)
    for args, needs in (([], ["client", "from", "header-from", "received", "user"]),
                        (["from=a@b"], ["client", "header-from", "user"]),
                        (["from=a@b", "client=10.20.0.1"], ["header-from", "user"]),
                        (["from=a@b", "header-from=x@erp.example.com"], ["client", "user"]),
                        # what a rule behind one that fits asks for decides nothing
                        (["from=a@b", "user=u"], ["client", "header-from"]),
                        (["from=a@b", "client=192.0.2.1"], ["user"]),
                        (["from=a@example.net", "client=192.0.2.1"], ["received", "user"])):
        code, answer = ask(*args)
        equal((args, code, answer["decided"], sorted(answer["needs"])), (args, 1, False, needs))
        equal((answer["rule"], answer["policy"]), (None, None))
    result = run("query", "--config", "c", "from=a@b", "client=10.20.0.1")
    equal(result.code, 1)
    has(result.text, "not decided; needs header-from=, user=\n")
    # what is shipped needs no second question
    f.write("c", b"")
    equal(ask()[1]["needs"], ["user", "local", "client", "received"])
    equal(ask("user=", "local=no", "client=192.0.2.1", "received=yes")[0], 0)
    f.write("c", b"[rule r]\nClient = .example.org\nRecipientMx = .example.net\n"
                 b"NextHop = mx.example.net\nPolicy = off\n")
    equal(ask()[1]["needs"], ["client", "host", "rcpt", "nexthop"])
    equal(ask("client=192.0.2.1")[1]["needs"], ["host", "rcpt", "nexthop"])


def test_query_at_mail(f):
    f.write("c", CONFIG)
    for args, at_mail in ((["from=skip@example.org", "received=no"], True),
                          (["from=a@example.net", "client=192.0.2.1", "received=yes"], False)):
        code, answer = ask(*args)
        equal((args, code, answer["off"], answer["at_mail"]), (args, 0, True, at_mail))
        assert "labels" not in answer, answer
    has(run("query", "--config", "c", "from=skip@example.org").text, "at MAIL")


def test_query_labels(f):
    f.write("c", CONFIG)
    args = ["from=a@b", "client=10.20.1.1", "header-from=x@erp.example.com"]
    answer = ask(*args)[1]
    equal(list(answer["labels"]), ["reject", "tempfail", "quarantine", "fix", "log", "ignore"])
    equal(answer["labels"]["reject"], ["LINE_TOO_LONG"])
    has(answer["labels"]["fix"], "MISSING_DATE_HEADER")
    every = sorted(label for labels in answer["labels"].values() for label in labels)
    equal(every, run("explain").lines)
    equal(answer["dry_run"], True)
    equal(answer["settings"], ["LineLimit = 76", "Hostname = relay.example.com"])
    text = run("query", "--config", "c", *args).text
    for part in ("Rule:         erp\n", "erp: What the ERP needs\n", "Dry run:", "erp: yes, decides\n",
                 "Client = 10.20.0.0/16: yes (client=10.20.1.1)\n", "\n  reject      LINE_TOO_LONG\n",
                 "\n  LineLimit = 76\n"):
        has(text, part)
    assert max(map(len, text.splitlines())) <= 100


def test_query_notices(f):
    """A notice that the policy does not name is not logged."""
    f.write("m", HEAD + b"Content-Type: text/plain; name=\"=?utf-8?q?=C3=A4?=\"\n\nHello\n")
    for lists, verdict in ((b"", "ignore"), (b"Log = ALL", "ignore"), (b"Fix = ALL", "ignore"),
                           (b"Log = ENCODED_PARAMETER", "log"), (b"Ignore = MIME", "ignore")):
        f.write("c", b"[policy p]\n" + lists + b"\n[rule r]\nPolicy = p\n")
        labels = ask()[1]["labels"]
        equal((lists, [key for key in labels if "ENCODED_PARAMETER" in labels[key]]),
              (lists, [verdict]))
        found = run("check", "--format=json", "--config", "c", "m").objects[0]
        equal((lists, "ENCODED_PARAMETER" in found["labels"]), (lists, verdict == "log"))
        text = run("query", "--config", "c").text
        equal((lists, re.search(r"\n  log (.*\n    )*.*ENCODED_PARAMETER", text) is not None),
              (lists, verdict == "log"))


def test_query_twice(f):
    """What may stand once does not silently count once."""
    f.write("c", CONFIG)
    f.write("e", b"from=a@b\nrcpt=x@y\nmx=a\nrcpt=z@y\nmx=a\nmacro={a}=1\nmacro={b}=1\n")
    for args in (["client=192.0.2.1", "client=10.20.1.1"], ["from=a@b", "from=a@b"],
                 ["user=", "local=no", "user="], ["size=1", "size=1"], ["@e", "from=a@b"],
                 ["from=a@b", "@e"], ["rcpt=a@b", "mx=a", "mx=b"],
                 ["rcpt=a@b", "nexthop=a", "nexthop=a"]):
        result = run("query", "--config", "c", *args)
        equal((args, result.code, result.out), (args, 2, b""))
        has(result.err, ": is given twice")
    for args in (["rcpt=a@b", "mx=a", "rcpt=a@b", "mx=b"], ["macro={a}=1", "macro={b}=2"], ["@e"]):
        equal((args, run("query", "--config", "c", *args).err), (args, ""))
    f.write("e", b"from=a@b\nrcpt=x@y\nfrom=a@b\n")
    has(run("query", "--config", "c", "@e").err, "e:3: from: is given twice")
    # what is given beats what the message says, wherever it stands
    f.write("4A.envelope", b"from=a@b\nclient=10.20.1.1\nuser=\n")
    f.write("4A.eml", b"Received: x\r\nFrom: a@b\r\n\r\n")
    for args in (["@4A.envelope", "header-from=x@erp.example.com"],
                 ["header-from=x@erp.example.com", "@4A.envelope"]):
        equal((args, ask(*args)[1]["rule"]), (args, "erp"))


def test_query_inherited(f):
    f.write("c", CONFIG)
    answer = ask("from=a@b", "client=", "user=u")[1]
    has(answer["settings"], "LineLimit = 76")
    equal(answer["labels"]["reject"], ["LINE_TOO_LONG"])


def test_query_facts(f):
    f.write("c", CONFIG)
    rules = ask("from=a@b", "client=10.20.1.1", "host=erp1.example.com")[1]["rules"]
    equal([x["rule"] for x in rules], ["skip", "erp", "late", "user", "default"])
    conditions = {x["key"]: x for x in rules[1]["conditions"]}
    equal((conditions["Client"]["answer"], conditions["Client"]["value"],
           conditions["Client"]["fact"]),
          ("yes", "10.20.0.0/16", "client=10.20.1.1 host=erp1.example.com"))
    equal((conditions["HeaderFrom"]["answer"], conditions["HeaderFrom"]["fact"]),
          ("unknown", "header-from= is not given"))


def test_query_usage(f):
    f.write("c", CONFIG)
    for args in (["nonsense"], ["nonsense=1"], ["client=x"], ["local=maybe"], ["size=big"],
                 ["size=-1"], ["size=1T"], ["mx=a"], ["nexthop=a"], ["macro=x"],
                 ["macro={a}"], ["macro={}=1"], ["@nothere"], ["--format=xml"]):
        result = run("query", "--config", "c", *args)
        equal((args, result.code, result.out), (args, 2, b""))
        assert result.err, args
    f.write("bad", b"[mailmend]\nNonsense = 1\n")
    result = run("query", "--config", "bad")
    equal((result.code, result.out), (2, b""))
    has(result.err, "bad:2:")


def test_query_shipped(f):
    """What is built in, which holds where no file is installed."""
    f.write("c", b"")
    equal(ask("client=127.0.0.1", "received=no", "user=", "local=no")[1]["rule"], "relay")
    equal(ask("client=127.0.0.1", "received=yes", "user=", "local=no")[1]["rule"], "default")
    equal(ask("local=yes", "user=")[1]["rule"], "command")
    equal(ask("user=x")[1]["policy"], "microsoft365")


def test_query_file(f):
    """What KeepOriginals leaves; of the envelope nothing else exists."""
    f.write("c", CONFIG)
    f.write("e", b"time=1795359330\nfrom=a@b\nrcpt=x\\x20y@example.org\nclient=10.20.1.1\n"
                 b"user=u\nsize=1200\npolicy=erp\nrule=erp\naction=fix\nfixed=A|B\nleft=\n")
    code, answer = ask("@e", "header-from=y@example.org", "received=yes")
    equal((code, answer["rule"]), (0, "user"))
    f.write("e", b"from=a@b\n")
    code, answer = ask("@e", "header-from=y@example.org", "received=yes")
    equal((code, answer["rule"]), (0, "default"))
    f.write("4A.envelope", b"from=a@b\nclient=10.20.1.1\nuser=\n")
    equal(ask("@4A.envelope")[1]["needs"], ["header-from"])
    f.write("4A.eml", b"Received: x\r\nFrom: A <a@erp.example.com>\r\n\r\n")
    equal(ask("@4A.envelope")[1]["rule"], "erp")
    f.write("4A.eml", b"From: A <a@example.com>\r\n\r\n")
    equal(ask("@4A.envelope")[1]["rule"], "default")
    for line in (b"nonsense=1", b"nonsense", b"client=x"):
        f.write("e", b"from=a@b\n" + line + b"\n")
        result = run("query", "--config", "c", "@e")
        equal((line, result.code), (line, 2))
        has(result.err, "e:2: ")
    equal(run("query", "--config", "c", "@nothere").err.split(";")[0],
          "mailmend: query: nothere: No such file or directory")
    equal(run("query", "--config", "c", "@.").code, 2)


def test_query_hostile(f):
    """What was given cannot steer a terminal, and JSON stays JSON."""
    f.write("c", CONFIG)
    f.write("e", b"from=a\\x1b[31m\\x0a\\x00\\xff@b\n")
    result = run("query", "--config", "c", "@e")
    assert not re.search(rb"[\x00-\x09\x0b-\x1f]", result.out), result.out
    ask("@e")


if __name__ == "__main__":
    sys.exit(main(globals()))
