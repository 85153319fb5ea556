# SPDX-License-Identifier: BSD-2-Clause
"""What the cases of every MTA use: sending a message, and looking at what became of it."""

from postfix import without_received


def submit(smtp, data, sender, recipient, options=()):
    """One message in an open session: the reply to its data as (code, text)."""
    for reply in (smtp.mail(sender, options), smtp.rcpt(recipient)):
        if reply[0] != 250:
            raise AssertionError(f"{sender}, {recipient}: {reply}")
    code, text = smtp.data(data)
    return code, text.decode()


def send(bench, data, sender, recipient, options=()):
    with bench.mta.client() as smtp:
        smtp.ehlo()
        return submit(smtp, data, sender, recipient, options)


def arrives(bench, data, sender, recipient, options=()):
    """Sends a message that must be taken: what arrived, and its line in the log."""
    reply = send(bench, data, sender, recipient, options)
    assert reply[0] == 250, reply
    delivery, = bench.sink.wait(recipient)
    line = bench.filter.line_from(sender)
    assert line["id"] in reply[1], (reply, line)
    return without_received(delivery.data), line


def expect(got, want):
    """Two messages are the same to the octet."""
    if got == want:
        return
    at = next((i for i, (a, b) in enumerate(zip(got, want)) if a != b), min(len(got), len(want)))
    raise AssertionError(f"differs at {at} of {len(want)}: {got[max(0, at - 60):at + 60]!r}, "
                         f"want {want[max(0, at - 60):at + 60]!r}")


def says(line, **want):
    """The line of the log has these values."""
    got = {key: line.get(key) for key in want}
    assert got == want, f"{got}, want {want}; the whole line: {line}"


def judged_as(bench, sender, want, client):
    """The line of what @sender sent: its action, policy, rule and user, and where it came from."""
    line = bench.filter.line_from(sender)
    assert tuple(line[key] for key in ("action", "policy", "rule", "user")) == want, line
    says(line, client=client)
