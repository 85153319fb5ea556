#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The real units in a machine that runs systemd and Postfix, installed by make. Prints TAP."""

import contextlib
import os
import stat
import subprocess
import sys
import time

sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "milter"))

# pylint: disable=wrong-import-position
from mailhost import DEFECT, MailHost
from milterclient import Message, MilterClient
from tap import Skip, case, run_all

BUILD = os.environ.get("G_TEST_BUILDDIR", ".")
UNIT = "mailmend.service"
QUEUE = "/var/spool/postfix/mailmend"

# More than the buffers between us take: the filter waits for us in the middle of its edits.
LONG = Message.from_wire(DEFECT.format(subject="long").replace("\n", "\r\n").encode() +
                         (b"x" * 3000 + b"\r\n") * 4000)


class Host(MailHost):
    """A machine with mailmend installed by make."""

    def __enter__(self):
        super().__enter__()
        try:
            done = subprocess.run(["make", "-C", BUILD, "install", "DESTDIR=" + self.root],
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
            assert done.returncode == 0, done.stdout.decode(errors="replace")
            self.prefix = subprocess.run(
                ["make", "-s", "-C", BUILD, "--eval", "show: ; @echo $(sysconfdir) $(sbindir)",
                 "show"], stdout=subprocess.PIPE, check=True, text=True).stdout.split()
            self.config, self.program = (self.prefix[0] + "/mailmend/mailmend.conf",
                                         self.prefix[1] + "/mailmend-milter")
            self.settings()
            self.run("systemd-sysusers")
            self.run("systemd-tmpfiles", "--create", check=False)
            self.run("systemctl", "daemon-reload")
        except BaseException:
            self.close()
            raise
        return self

    def settings(self, *lines):
        self.write(self.config, "\n".join(
            ["[mailmend]", f"Socket = local:{QUEUE}/mailmend.sock", *lines]) + "\n")

    def drop_in(self, text):
        self.write("/etc/systemd/system/mailmend.service.d/test.conf", text)
        self.run("systemctl", "daemon-reload")

    def pid(self, unit=UNIT):
        return int(self.show(unit, "MainPID")["MainPID"])

    def state(self, unit=UNIT):
        return " ".join(self.show(unit, "ActiveState", "SubState").values())

    def runs_but(self, pid):
        """Whether it runs, and is not process @pid: asked at once."""
        shown = self.show(UNIT, "SubState", "MainPID")
        return shown["SubState"] == "running" and shown["MainPID"] not in ("0", str(pid))

    def status(self, unit=UNIT):
        return self.show(unit, "StatusText")["StatusText"]

    def signal(self, name):
        self.run("systemctl", "kill", "--signal=" + name, "--kill-who=main", UNIT)

    def client(self, name="mailmend.sock"):
        return MilterClient("unix:" + self.path(f"{QUEUE}/{name}"))


class State:
    """What all cases share."""

    host = None


@case("the unit starts, as its own user, with the socket where a chroot finds it")
def starts():
    host = State.host
    host.run("systemctl", "enable", "--now", UNIT)
    assert host.state() == "active running", host.state()
    assert "Serving local:" in host.status(), host.status()
    owner, group, mode = host.run("stat", "-c", "%U %G %a", f"{QUEUE}/mailmend.sock").stdout.split()
    assert (owner, group, mode) == ("mailmend", "postfix", "660"), (owner, group, mode)
    text = host.run("cat", f"/proc/{host.pid()}/status").stdout
    fields = dict(line.split(":\t", 1) for line in text.splitlines() if ":\t" in line)
    assert fields["CapBnd"] == fields["CapEff"] == "0" * 16, text
    assert fields["NoNewPrivs"] == "1" and fields["Seccomp"] == "2", text


@case("mail by SMTP and by sendmail(1) is mended and delivered")
def mends():
    host = State.host
    host.register(host.run(host.program, "-n").stdout)
    mail = host.mends("first")
    line = host.journal("-t", "mailmend-milter")
    assert "action=fix labels=ENCODED_MESSAGE_ID" in line, line
    assert "mailmend-milter" in host.journal("SYSLOG_FACILITY=2", "-o", "short"), "facility mail"
    host.run("sendmail", "-f", "ann@example.com", "bob@mta.example",
             data=DEFECT.format(subject="command"))
    mail = host.delivered("command")
    assert "\nMessage-ID: <command@example.com>\n" in mail, mail


@case("systemd finds nothing wrong with the units, and little exposed")
def analyze():
    host = State.host
    for unit in (UNIT, "mailmend@out.service"):
        text = host.run("systemd-analyze", "verify", "--man=no", unit).stdout
        assert not text.strip(), text
    text = host.run("systemd-analyze", "security", "--threshold=11", "--no-pager", UNIT).stdout
    assert "exposure level" in text, text


@case("systemctl reload: the new file counts, and the filter goes on")
def reload():
    host = State.host
    pid = host.pid()
    host.settings("DryRun = yes")
    host.run("systemctl", "reload", UNIT)
    host.wait("status of the reload", lambda: "configuration of" in host.status())
    assert host.send("dry")[0] == 0
    assert "Message-ID: =?utf-8?q?" in host.delivered("dry")
    host.settings()
    host.run("systemctl", "reload", UNIT)
    host.wait("reload", lambda: host.journal("-u", UNIT).count("reloaded: ") == 2)
    host.mends("wet")
    assert host.pid() == pid and host.state() == "active running"


@case("systemctl reload with a wrong file: it fails, says where, and nothing changes")
def bad_reload():
    host = State.host
    host.settings("Nonsense = 1")
    done = host.run("systemctl", "reload", UNIT, check=False)
    assert done.returncode != 0, done.stdout
    assert f"{host.config}:3: " in host.journal("-u", UNIT), host.journal("-u", UNIT)
    assert host.state() == "active running", host.state()
    host.mends("after-bad")
    # The bare signal, which nobody has checked the file for.
    host.signal("USR1")
    host.wait("status", lambda: "Reload failed" in host.status())
    assert f"{host.config}:3: " in host.status() and host.state() == "active running"
    host.mends("after-signal")
    host.settings()
    host.run("systemctl", "reload", UNIT)


@case("KeepOriginals and LogTo in the folders of the unit need no drop-in")
def folders():
    host = State.host
    host.settings("KeepOriginals = /var/lib/mailmend/originals", "LogTo = /var/log/mailmend/log")
    host.run("systemctl", "restart", UNIT)
    host.mends("kept")
    names = os.listdir(host.path("/var/lib/mailmend/originals"))
    assert len([name for name in names if name.endswith(".eml")]) == 2, names
    assert "action=fix" in host.read("/var/log/mailmend/log")
    # Anywhere else systemd keeps it from writing.
    host.settings("KeepOriginals = /srv/originals")
    assert host.run("systemctl", "reload", UNIT, check=False).returncode != 0
    host.settings()
    host.run("systemctl", "restart", UNIT)


@case("SocketGroup needs the drop-in that mailmend-milter(8) shows")
def socket_group():
    host = State.host
    path = "/run/mailmend/group.sock"
    host.write(host.config, f"[mailmend]\nSocket = local:{path}\nSocketGroup = postfix\n")
    assert host.run("systemctl", "restart", UNIT, check=False).returncode != 0
    host.drop_in("[Service]\nSupplementaryGroups=postfix\nPrivateUsers=no\n")
    host.run("systemctl", "restart", UNIT)
    owner = host.run("stat", "-c", "%U %G %a", path).stdout.strip()
    assert owner == "mailmend postfix 660", owner
    host.drop_in("")
    host.settings()
    host.run("systemctl", "restart", UNIT)


@case("a wrong file at the start: the unit fails at once, with the reason, and is not tried again")
def bad_start():
    host = State.host
    host.settings("Nonsense = 1")
    assert host.run("systemctl", "restart", UNIT, check=False).returncode != 0
    shown = host.show(UNIT, "ActiveState", "ExecMainStatus", "NRestarts")
    time.sleep(3)
    assert shown == {"ActiveState": "failed", "ExecMainStatus": "78", "NRestarts": "0"}, shown
    assert shown == host.show(UNIT, *shown), "it was tried again"
    assert f"{host.config}:3: " in host.run("systemctl", "status", UNIT, check=False).stdout
    host.settings()
    host.run("systemctl", "start", UNIT)
    host.mends("good-again")


@case("a filter that was killed is started again")
def killed():
    host = State.host
    pid = host.pid()
    host.signal("KILL")
    host.wait("restart", lambda: host.runs_but(pid))
    host.mends("killed")


@case("the watchdog ends one that hangs; Postfix defers mail meanwhile, and then it goes on")
def watchdog():
    host = State.host
    host.drop_in("[Service]\nWatchdogSec=6s\n")
    host.run("systemctl", "restart", UNIT)
    time.sleep(7)
    assert host.show(UNIT, "NRestarts")["NRestarts"] == "0", "the watchdog ended one that works"
    pid = host.pid()
    host.signal("STOP")
    code, said = host.send("hanging")
    assert code != 0 and "451 4." in said, said
    host.wait("restart", lambda: host.runs_but(pid))
    assert "Failed with result 'watchdog'" in host.journal("-u", UNIT), host.journal("-u", UNIT)
    host.mends("after-watchdog")
    assert not [mail for mail in host.mailbox() if "Subject: hanging\n" in mail]
    host.drop_in("")
    host.run("systemctl", "restart", UNIT)


@case("systemctl stop ends what is under way first, and quickly if nothing is")
def stop():
    host = State.host
    with host.client() as mta:
        mta.connect()
        mta.begin(LONG, "LAST")
        packets = [mta.receive()]
        stopping = host.start("systemctl", "stop", UNIT)
        time.sleep(2)
        assert stopping.poll() is None and host.state() == "deactivating stop-sigterm", host.state()
        assert "Ending" in host.status(), host.status()
        while packets[-1][0] not in "cartsy":
            packets.append(mta.receive())
        assert packets[-1][0] == "c", packets[-1]
        stopping.wait(60)
    shown = host.show(UNIT, "ActiveState", "Result")
    assert shown == {"ActiveState": "inactive", "Result": "success"}, shown
    assert not os.path.exists(host.path(f"{QUEUE}/mailmend.sock"))
    host.run("systemctl", "start", UNIT)
    begin = time.monotonic()
    host.run("systemctl", "restart", UNIT)
    assert time.monotonic() - begin < 4, time.monotonic() - begin
    host.mends("restarted")


@case("a second one by the template, with a socket of its own; the end of one is not the other's")
def template():
    host = State.host
    folder = os.path.dirname(host.config)
    other = "mailmend@out.service"
    host.write(f"{folder}/out.conf", "[mailmend]\nSocket = local:/run/mailmend/out.sock\n")
    host.run("systemctl", "enable", "--now", other)
    assert host.state() == host.state(other) == "active running"
    assert stat.S_ISSOCK(os.stat(host.path("/run/mailmend/out.sock")).st_mode)
    with MilterClient("unix:" + host.path("/run/mailmend/out.sock")) as mta:
        mta.connect()
        message = DEFECT.format(subject="second").replace("\n", "\r\n").encode()
        assert mta.deliver(Message.from_wire(message)).edits
    host.run("systemctl", "stop", UNIT)
    assert host.state(other) == "active running"
    assert os.path.exists(host.path("/run/mailmend/out.sock"))
    # The same socket twice: the second one fails and says why, the first one lives.
    host.run("systemctl", "start", UNIT)
    host.write(f"{folder}/out.conf", f"[mailmend]\nSocket = local:{QUEUE}/mailmend.sock\n")
    assert host.run("systemctl", "restart", other, check=False).returncode != 0
    assert "address in use" in host.journal("-u", other), host.journal("-u", other)
    host.run("systemctl", "stop", other)
    host.mends("last")


@contextlib.contextmanager
def machine():
    if not os.path.exists(os.path.join(BUILD, "mailmend-milter")):
        raise Skip("there is no build ($G_TEST_BUILDDIR)")
    with Host() as State.host:
        yield


if __name__ == "__main__":
    sys.exit(run_all(machine))
