#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""mailmend check: the forms for continuous integration, JUnit and SARIF.

Prints TAP. MAILMEND names the binary (default: ./mailmend). Standard library only.
"""
import json
import os
import sys
import urllib.parse
import xml.etree.ElementTree as ElementTree

from clitest import (CLEAN, FORWARD, HEAD, LONG, LONG_LINE, NO_DATE, crlf, equal, has, main, mbox,
                     run)

# SARIF 2.1.0: of the objects we write the properties that must and that may be there, with their types. The
# standard's schema allows no others.
OBJECTS = {
    "log": ({"version": str, "runs": ["run"]}, {"$schema": str}),
    "run": ({"tool": "tool", "results": ["result"]},
            {"columnKind": str, "invocations": ["invocation"]}),
    "tool": ({"driver": "component"}, {}),
    "component": ({"name": str}, {"semanticVersion": str, "rules": ["rule"]}),
    "rule": ({"id": str}, {"name": str, "shortDescription": "text", "help": "text",
                           "defaultConfiguration": "configuration", "properties": "bag"}),
    "text": ({"text": str}, {}),
    "configuration": ({}, {"level": str}),
    "bag": ({}, {"tags": [str]}),
    "result": ({"message": "text"}, {"ruleId": str, "ruleIndex": int, "level": str,
                                     "locations": ["location"]}),
    "location": ({}, {"physicalLocation": "physical", "logicalLocations": ["logical"]}),
    "physical": ({"artifactLocation": "artifact"}, {"region": "region"}),
    "artifact": ({"uri": str}, {}),
    "region": ({"startLine": int}, {"startColumn": int}),
    "logical": ({"fullyQualifiedName": str}, {}),
    "invocation": ({"executionSuccessful": bool}, {}),
}


def validate(value, kind, at="$"):
    if isinstance(kind, list):
        assert isinstance(value, list), at
        for number, item in enumerate(value):
            validate(item, kind[0], "%s[%d]" % (at, number))
    elif isinstance(kind, type):
        assert type(value) is kind, (at, value)
    else:
        must, may = OBJECTS[kind]
        equal((at, set(must) - set(value)), (at, set()))
        equal((at, set(value) - set(must) - set(may)), (at, set()))
        for key, item in value.items():
            validate(item, {**must, **may}[key], at + "." + key)


def sarif(result):
    log = json.loads(result.text)
    validate(log, "log")
    equal(log["version"], "2.1.0")
    run_ = log["runs"][0]
    rules = run_["tool"]["driver"]["rules"]
    for found in run_["results"]:
        equal(rules[found["ruleIndex"]]["id"], found["ruleId"])
        assert found["level"] in ("note", "warning", "error"), found
    return run_


def places(run_):
    """[(label, file, line, column)] of the results."""
    found = []
    for result in run_["results"]:
        place = result["locations"][0]["physicalLocation"]
        found.append((result["ruleId"], urllib.parse.unquote(place["artifactLocation"]["uri"]),
                      place["region"]["startLine"], place["region"]["startColumn"]))
    return found


def test_sarif_rules(f):
    """Every label is a rule, with what explain says of it."""
    f.write("m", CLEAN)
    run_ = sarif(run("check", "--format=sarif", "m"))
    equal(run_["results"], [])
    equal(run_["invocations"], [{"executionSuccessful": True}])
    rules = run_["tool"]["driver"]["rules"]
    rows = run("labels", "--format=json").objects
    equal([rule["id"] for rule in rules], [row["label"] for row in rows])
    for rule, row in zip(rules, rows):
        equal(rule["name"].lower(), row["label"].replace("_", "").lower())
        equal(rule["shortDescription"]["text"], row["summary"])
        equal(rule["properties"]["tags"], row["groups"])
        equal(rule["defaultConfiguration"]["level"],
              {"notice": "note"}.get(row["severity"], row["severity"]))
        for key in ("summary", "citation", "receivers"):
            if row[key]:
                has(rule["help"]["text"], row[key])


def test_sarif_places(f):
    """File, line and column, in stored and in wire form, in an mbox and in odd names."""
    want = [("LINE_TOO_LONG", LONG_LINE, 1)]
    for data in (LONG, crlf(LONG)):
        f.write("m", data)
        got = sarif(run("check", "--format=sarif", "m"))
        equal([(label, line, column) for label, _, line, column in places(got)], want)
    odd = "a b%#1: \u00e4?.eml"
    f.write(odd, LONG)
    equal(places(sarif(run("check", "--format=sarif", odd)))[0][1], odd)
    path = os.path.abspath(odd)
    equal(places(sarif(run("check", "--format=sarif", path)))[0][1], "file://" + path)
    f.write("box", mbox(LONG, CLEAN, NO_DATE))
    run_ = sarif(run("check", "--format=sarif", "box"))
    lines = f.read("box").split(b"\n")
    starts = [n + 1 for n, line in enumerate(lines, 1) if line.startswith(b"From a@")]
    equal(places(run_), [("LINE_TOO_LONG", "box", LONG_LINE + 1, 1),
                         ("MISSING_DATE_HEADER", "box", starts[2], 1)])
    equal(run_["results"][1]["locations"][0]["logicalLocations"],
          [{"fullyQualifiedName": "message 3"}])


def test_sarif_columns(f):
    """Columns are characters, also behind such of more octets, in both forms of line ends."""
    quoted = (HEAD + b"Content-Type: text/plain; charset=utf-8\n"
              b"Content-Transfer-Encoding: quoted-printable\n\nfine\nab=zz\n")
    for data in (quoted, crlf(quoted)):
        f.write("m", data)
        row = run("check", "--format=json", "m").objects[0]["findings"][0]
        before = f.read("m")[:row["offset"]].rsplit(b"\n", 1)[-1]
        got = places(sarif(run("check", "--format=sarif", "m")))
        equal(got, [("INVALID_QUOTED_PRINTABLE", "m", row["line"], len(before) + 1)])
        equal(before, b"ab")
    # raw letters before the broken place
    wide = quoted.replace(b"ab=zz", "\u00e4\u00f6=zz".encode())
    f.write("m", wide)
    rows = run("check", "--format=json", "m").objects[0]["findings"]
    for row, (_, _, line, column) in zip(rows, places(sarif(run("check", "--format=sarif", "m")))):
        before = f.read("m")[:row["offset"]].rsplit(b"\n", 1)[-1].decode()
        equal((line, column), (row["line"], len(before) + 1))


def test_sarif_levels(f):
    f.write("m", FORWARD)
    equal(sarif(run("check", "--format=sarif", "m"))["results"], [])
    found = sarif(run("check", "--notices", "--format=sarif", "m"))["results"][0]
    equal((found["level"], found["ruleId"]), ("note", "LINE_TOO_LONG"))
    equal(found["locations"][0]["logicalLocations"], [{"fullyQualifiedName": "part 1"}])


def test_sarif_many(f):
    for number in range(40):
        f.write("mail/%02d" % number, LONG if number % 3 else CLEAN)
    result = run("check", "--format=sarif", "mail", "nothere")
    equal(result.code, 2)
    run_ = sarif(result)
    equal(len(run_["results"]), 26)
    equal(run_["invocations"], [{"executionSuccessful": False}])


def suites(result):
    """The only suite, its numbers compared with what is in it."""
    top = ElementTree.fromstring(result.out)
    equal((top.tag, [suite.tag for suite in top]), ("testsuites", ["testsuite"]))
    suite = top[0]
    numbers = {"tests": len(suite),
               "failures": len(suite.findall("testcase/failure")),
               "errors": len(suite.findall("testcase/error"))}
    for element in (top, suite):
        equal({key: int(element.get(key)) for key in numbers}, numbers)
    for case in suite:
        equal(case.tag, "testcase")
        assert case.get("name") and case.get("classname") and len(case) <= 1, case.attrib
    return suite


def test_junit(f):
    f.write("clean", CLEAN)
    f.write("broken", NO_DATE + b"x" * 1200 + b"\n")
    f.write("forward", FORWARD)
    result = run("check", "--format=junit", "--notices", "clean", "broken", "forward")
    equal(result.code, 1)
    clean, broken, forward = suites(result)
    equal((clean.get("name"), list(clean)), ("clean", []))
    equal(broken.find("failure").get("message"), "LINE_TOO_LONG|MISSING_DATE_HEADER")
    # the text is that of the text form
    equal(broken.find("failure").text, run("check", "broken").text)
    equal(forward.find("failure"), None)
    equal(forward.find("system-out").text, run("check", "--notices", "forward").text)
    equal(run("check", "--format=junit", "clean").code, 0)


def test_junit_trouble(f):
    f.write("clean", CLEAN)
    result = run("check", "--format=junit", "clean", "nothere")
    equal(result.code, 2)
    has(result.err, "nothere")
    suite = suites(result)
    equal([len(case.findall("error")) for case in suite], [0, 1])


def test_junit_hostile(f):
    """Names are any octets, and details quote mail: the XML stays XML."""
    names = [b"a<b>&\"'.eml", b"\x01\x7f\xff.eml", "\ufffe\u00e4\U0001f600.eml".encode(), b"]]>"]
    for name in names:
        f.write(name, HEAD.replace(b"Subject", b"Content-Type: text/<x>&\"; a=b;;\n]]>: 1\nSubject")
                + b"\n" + b"x" * 1200 + b"\n")
    result = run("check", "--format=junit", "--notices", ".")
    suite = suites(result)
    equal(len(suite), len(names))
    equal(sum("a<b>&\"'.eml" in case.get("name") for case in suite), 1)
    equal(sum("\u00e4\U0001f600" in case.get("name") for case in suite), 1)
    assert json.loads(run("check", "--format=sarif", ".").text)


def test_junit_file(f):
    """The file of a message of an mbox is the mbox."""
    f.write("box", mbox(LONG, CLEAN))
    equal([(case.get("name"), case.get("file")) for case in
           suites(run("check", "--format=junit", "box"))], [("box#1", "box"), ("box#2", "box")])


if __name__ == "__main__":
    sys.exit(main(globals()))
