#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The life of the Debian packages in a machine that runs systemd and Postfix: from the installation
to the purge. $MM_DEBS: the folder they are in; else they are in the build, where "make deb" makes
them if they are not. Prints TAP."""

import contextlib
import glob
import os
import re
import shutil
import subprocess
import sys
import time

sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "milter"))

# pylint: disable=wrong-import-position
from mailhost import DEFECT, MailHost
from tap import Skip, case, run_all

BUILD = os.environ.get("G_TEST_BUILDDIR", ".")
UNIT = "mailmend.service"
CONFIG = "/etc/mailmend/mailmend.conf"
HIGHER = "9999.1"


def command(*args, **options):
    done = subprocess.run(args, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace", check=False,
                          **options)
    assert done.returncode == 0, f"{' '.join(args)}: exit {done.returncode}: {done.stdout[-3000:]}"
    return done.stdout


def made_packages():
    """The names of the packages."""
    folder = os.environ.get("MM_DEBS") or os.path.join(BUILD, "packages", "deb")
    pattern = os.path.join(folder, "mailmend*.deb")
    if not glob.glob(pattern):
        try:
            command("make", "-C", BUILD, "-n", "deb")
        except AssertionError:
            raise Skip(f"no packages in {folder}, and this build makes none") from None
        options = os.environ.get("DEB_BUILD_OPTIONS", f"nocheck parallel={os.cpu_count()}")
        command("make", "-C", BUILD, "deb", env={**os.environ, "DEB_BUILD_OPTIONS": options})
    return [name for name in sorted(glob.glob(pattern)) if "dbgsym" not in name]


def make_higher(package, to):
    """The same package in a higher version, with another mailmend.conf."""
    folder = os.path.join(to, "tree")
    command("dpkg-deb", "-R", package, folder)
    control = os.path.join(folder, "DEBIAN", "control")
    with open(control, encoding="utf-8") as file:
        text = file.read()
    old = re.search(r"^Version: (.*)$", text, re.MULTILINE)[1]
    with open(control, "w", encoding="utf-8") as file:
        file.write(text.replace(old, HIGHER))
    conffile = folder + CONFIG
    if os.path.exists(conffile):
        with open(conffile, "a", encoding="utf-8") as file:
            file.write("\n# A line of the higher version.\n")
        os.unlink(os.path.join(folder, "DEBIAN", "md5sums"))
    name = os.path.basename(package).split("_")[0]
    command("dpkg-deb", "--root-owner-group", "-b", folder, os.path.join(to, f"{name}_higher.deb"))
    shutil.rmtree(folder)


class Host(MailHost):
    """A machine with the packages lying ready."""

    def __init__(self):
        self.packages = made_packages()
        assert len(self.packages) == 2, self.packages
        super().__init__()

    def __enter__(self):
        super().__enter__()
        try:
            for folder in ("/root/debs", "/root/higher"):
                os.mkdir(self.path(folder))
            for package in self.packages:
                shutil.copy(package, self.path("/root/debs"))
                make_higher(package, self.path("/root/higher"))
        except BaseException:
            self.close()
            raise
        return self

    def dpkg(self, *args):
        return self.run("dpkg", *args, seconds=120).stdout

    def install(self, folder):
        # An administrator who is asked about a file that both have changed keeps his.
        names = sorted(os.listdir(self.path(folder)))
        return self.dpkg("--force-confold", "-i", *[f"{folder}/{name}" for name in names])

    def is_active(self):
        return self.run("systemctl", "is-active", UNIT, check=False).stdout.strip() == "active"

    def traces(self):
        """All that has the name of the project in its own, outside of what others keep."""
        text = self.run("find", "/", "-xdev", "(", "-path", "/root", "-o", "-path", "/proc", ")",
                        "-prune", "-o", "-name", "*mailmend*", "-print").stdout
        # A file system of its own.
        run = self.run("find", "/run", "-xdev", "-name", "*mailmend*", "-print").stdout
        return sorted(text.split() + run.split())


class State:
    """What all cases share."""

    host = None
    before = None


@case("installed: it runs, is started with the machine, and its socket is in the queue of Postfix")
def install():
    host = State.host
    State.before = host.traces()
    said = host.install("/root/debs")
    assert host.is_active(), said + host.journal("-u", UNIT)
    assert host.run("systemctl", "is-enabled", UNIT).stdout.strip() == "enabled"
    stat = host.run("stat", "-c", "%U %G %a", "/var/spool/postfix/mailmend/mailmend.sock",
                    "/var/spool/postfix/mailmend").stdout.split("\n")
    assert stat[:2] == ["mailmend postfix 660", "mailmend postfix 2750"], stat
    assert "/usr/sbin/mailmend-milter" in host.traces() and "/run/mailmend" in host.traces()
    # Nothing was done to Postfix.
    assert "mailmend" not in host.run("postconf", "-n").stdout


@case("used: with the lines that it prints, mail is mended and delivered")
def use():
    host = State.host
    host.register(host.run("mailmend-milter", "-n").stdout)
    host.mends("first")
    host.run("sendmail", "-f", "ann@example.com", "bob@mta.example",
             data=DEFECT.format(subject="command"))
    assert "\nMessage-ID: <command@example.com>\n" in host.delivered("command")
    host.write("/root/mail", DEFECT.format(subject="file"))
    done = host.run("mailmend", "check", "/root/mail", check=False)
    assert done.returncode == 1 and "ENCODED_MESSAGE_ID" in done.stdout, done


@case("reloaded by systemctl with a file edited by hand")
def edit():
    host = State.host
    text = host.read(CONFIG) + ("\n[policy mine]\nFix = ALL\n\n[rule mine]\n"
                                "Sender = x@example.com\nPolicy = mine\n")
    host.write(CONFIG, text)
    host.run("mailmend-milter", "-n")
    host.run("systemctl", "reload", UNIT)
    host.wait("reload", lambda: "reloaded: " in host.journal("-u", UNIT))
    host.mends("reloaded")


@case("upgraded: what was edited stays, it runs anew, and mail that comes meanwhile is not lost")
def upgrade():
    host = State.host
    edited = host.read(CONFIG)
    drop_ins = {name: host.read("/etc/mailmend/conf.d/" + name)
                for name in os.listdir(host.path("/etc/mailmend/conf.d"))}
    pid = host.show(UNIT, "MainPID")["MainPID"]
    sender = host.start("sh", "-c", "for n in 1 2 3 4 5 6 7 8 9 10 11 12; do "
                        "swaks --server 127.0.0.1 --from ann@example.com --to bob@mta.example "
                        "--header \"Subject: meanwhile-$n\" > /dev/null; echo $?; sleep 0.3; done")
    said = host.install("/root/higher")
    codes = sender.communicate(timeout=120)[0].split()
    assert HIGHER in host.dpkg("-s", "mailmend"), said
    assert host.is_active() and host.show(UNIT, "MainPID")["MainPID"] != pid, said
    assert host.read(CONFIG) == edited
    for name, text in drop_ins.items():
        assert host.read("/etc/mailmend/conf.d/" + name) == text, name
    assert "higher version" in host.read(CONFIG + ".dpkg-dist")
    host.mends("upgraded")
    # What was taken is delivered, what was not was told so.
    taken = [n for n, code in enumerate(codes, 1) if code == "0"]
    assert len(codes) == 12 and taken, codes
    for n in taken:
        host.delivered(f"meanwhile-{n}")
    assert len([mail for mail in host.mailbox() if "Subject: meanwhile-" in mail]) == len(taken)
    print(f"# of 12 messages during the upgrade {12 - len(taken)} were deferred")


@case("removed: Postfix defers mail until it forgets the filter, the configuration stays")
def remove():
    host = State.host
    host.dpkg("-r", "mailmend", "mailmend-tools")
    assert not host.is_active()
    assert not os.path.exists(host.path("/usr/sbin/mailmend-milter"))
    assert "[policy mine]" in host.read(CONFIG)
    code, said = host.send("without")
    assert code != 0 and "451 4." in said, said
    host.run("postconf", "-X", "smtpd_milters", "non_smtpd_milters")
    host.run("systemctl", "reload", "postfix")
    time.sleep(1)
    assert host.send("unfiltered")[0] == 0
    assert "Message-ID: =?utf-8?q?" in host.delivered("unfiltered")


@case("installed again: with the configuration that was left")
def again():
    host = State.host
    host.install("/root/debs")
    assert host.is_active() and "[policy mine]" in host.read(CONFIG)
    host.register(host.run("mailmend-milter", "-n").stdout)
    host.mends("again")


@case("purged: nothing is left but the mail")
def purge():
    host = State.host
    host.run("postconf", "-X", "smtpd_milters", "non_smtpd_milters")
    host.run("systemctl", "reload", "postfix")
    said = host.dpkg("-P", "mailmend", "mailmend-tools")
    left = [name for name in host.traces() if name not in State.before]
    assert not left, "\n".join(left) + "\n" + said
    assert host.run("systemctl", "cat", UNIT, check=False).returncode != 0
    assert "mailmend" not in host.run("systemctl", "list-units", "--all", "--failed").stdout
    host.delivered("again")


@contextlib.contextmanager
def machine():
    for program in ("dpkg-deb", "dpkg-buildpackage"):
        if shutil.which(program) is None:
            raise Skip(f"{program} is not installed")
    with Host() as State.host:
        yield


if __name__ == "__main__":
    sys.exit(run_all(machine))
