#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""mailmend-milter -n: what it prints for main.cf, and what it warns of. Prints TAP.

What Postfix says is asked of the real postconf(1), with a configuration of our own.
"""

import contextlib
import os
import pwd
import re
import shutil
import sys

import milterdaemon as md
from tap import Skip, case, run_all

EX_CONFIG = 78

# No Postfix to ask, installed or not.
NOBODY = {"MAIL_CONFIG": "/nonexistent"}

SEARCH = os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin:/sbin"

OPTIONS = "connect_timeout=5s, content_timeout=60s, default_action=tempfail"


class Prepared(md.Daemon):
    """A daemon that is not started."""

    def close(self):
        self.__exit__()

    def check(self, socket=None, environment=(), **how):
        """What -n prints when it finds no problem: the address, and the remarks as one text."""
        args = ["-s", socket] if socket else []
        code, out, err = self.run("-n", *args, environment=environment, **how)
        assert code == 0 and not err, (code, err)
        lines = out.splitlines()
        match = re.fullmatch(r"smtpd_milters = \{ (\S+), " + OPTIONS + r" \}", lines[0])
        assert match and lines[1] == "non_smtpd_milters = $smtpd_milters", lines
        assert all(re.fullmatch(r"# \S.{0,75}", line) for line in lines[2:]), lines
        return match[1], " ".join(line[2:] for line in lines[2:])


def prepared(settings="", sections=""):
    return contextlib.closing(Prepared(settings, sections))


class Postfix:
    """Files of a Postfix that is never started. Use it in a with statement."""

    def __init__(self, main="", chroot="n", folder=None):
        if shutil.which("postconf", path=SEARCH) is None:
            raise Skip("Postfix is not installed")
        self.folder = folder
        self.queue = os.path.join(folder, "queue")
        self.config = os.path.join(folder, "config")
        for name in (self.queue, self.config):
            os.makedirs(name, 0o755, exist_ok=True)
        os.chmod(folder, 0o755)
        self.environment = {"MAIL_CONFIG": self.config}
        self.write("main.cf", f"compatibility_level = 3.6\nqueue_directory = {self.queue}\n"
                              f"mynetworks = 127.0.0.0/8 [::1]/128\n{main}")
        self.write("master.cf", f"smtp inet n - {chroot} - - smtpd\n"
                                f"127.0.0.1:10025 inet n - {chroot} - - smtpd\n"
                                f"  -o content_filter=\n"
                                f"cleanup unix n - {chroot} - 0 cleanup\n"
                                f"smtp unix - - y - - smtp\n")

    def write(self, name, text):
        with open(os.path.join(self.config, name), "w", encoding="ascii") as file:
            file.write(text)


def postfix_group():
    return pwd.getpwnam("postfix").pw_gid


# ---- without a Postfix

@case("the lines for main.cf")
def lines():
    forms = {
        "local:/var/spool/postfix/mailmend/m.sock": "unix:mailmend/m.sock",
        "unix:/run/mailmend/m.sock": "unix:/run/mailmend/m.sock",
        "unix:/var/spool/postfix2/m.sock": "unix:/var/spool/postfix2/m.sock",
        "inet:8891@127.0.0.1": "inet:127.0.0.1:8891",
        "inet:8891@0.0.0.0": "inet:127.0.0.1:8891",
        "inet6:8891@::1": "inet:[::1]:8891",
        "inet6:8891@[::1]": "inet:[::1]:8891",
    }
    with prepared() as daemon:
        for given, shown in forms.items():
            address, remarks = daemon.check(given, NOBODY)
            assert address == shown, address
            assert ("chrooted smtpd cannot reach it" in remarks) == shown.startswith("unix:/")
            assert "postconf -hx mynetworks" in remarks
            assert "Postfix could not be asked" in remarks, remarks


@case("with TrustedClients set it does not speak of it")
def trusted_set():
    with prepared("TrustedClients = 127.0.0.0/8 192.0.2.0/24") as daemon:
        assert "TrustedClients" not in daemon.check(environment=NOBODY)[1]


@case("root without User is told")
def no_user():
    if os.geteuid() != 0:
        raise Skip("not root")
    with prepared() as daemon:
        assert "User is not set" not in daemon.check(environment=NOBODY)[1]
        with open(daemon.config, "w", encoding="ascii") as file:
            file.write("[mailmend]\n")
        assert "User is not set" in daemon.check(environment=NOBODY)[1]


@case("a file that the user of the filter cannot read")
def unreadable():
    if os.geteuid() != 0:
        raise Skip("not root: there is no other user to become")
    with prepared() as daemon:
        assert "reload" not in daemon.check(environment=NOBODY)[1]
        os.chmod(daemon.config, 0o640)
        assert "cannot read" in daemon.check(environment=NOBODY)[1]
        os.chmod(daemon.config, 0o644)
        table = daemon.config + ".table"
        for path in (table, daemon.config):
            with open(path, "a", encoding="ascii") as file:
                file.write("\n[rule t]\nSender = TABLE:%s\nPolicy = strict\n" % table
                           if path == daemon.config else "a@b.example\n")
        assert "reload" not in daemon.check(environment=NOBODY)[1]
        os.chmod(table, 0o600)
        assert f"cannot read {table}: the filter starts" in daemon.check(environment=NOBODY)[1]
        os.chown(daemon.folder, 0, 0)
        os.chmod(daemon.folder, 0o700)
        assert "a reload will fail" in daemon.check(environment=NOBODY)[1]


@case("shipped rules that hold beside [default], or hold no more because of others, are told")
def shipped_rules():
    one = "[rule x]\nPolicy = microsoft365\n"
    both = r"the shipped ones hold, .* get watch add a \[rule all\]"
    none = r"instead of the shipped ones, .* gets watch of \[default\]"
    for sections, wanted in (
            ("", None), ("[default]\nPolicy = watch\n", both), ("[default]\nDryRun = no\n", None),
            ("[policy p]\nFix = ALL\n[default]\nPolicy = p\n", "rest: .* get p add"),
            (one, None), (one + "Sender = @a.example\n", none),
            (one + "Client = 192.0.2.0/24\nSasl = no\n", none),
            (one + "Client = 192.0.2.0/24, !TRUSTED\n", none),
            (one + "Client = 127.0.0.1\n", None), (one + "Client = 0.0.0.0/0\n", None),
            (one + "Client = TRUSTED\n", None), (one + "Client = .a.example\n", None),
            (one + "Sasl = yes\n", None), (one + "Local = yes\n", None),
            (one + "Local = no\n", none), (one + "SaslUser = a\n", None),
            (one + "Size = >1K\n[default]\nPolicy = off\n", "gets off of"),
            (one + "Size = >1K\n[default]\nPolicy = microsoft365\n", None)):
        with prepared(sections=sections) as daemon:
            remarks = daemon.check(environment=NOBODY)[1]
            assert ("shipped" in remarks) == (wanted is not None), (sections, remarks)
            assert wanted is None or re.search(wanted, remarks), (sections, remarks)


@case("a missing folder of the socket is told without a Postfix, too")
def no_folder():
    with prepared() as daemon:
        assert f"{daemon.folder} does not" not in daemon.check(environment=NOBODY)[1]
        missing = daemon.folder + "/none"
        remarks = daemon.check(f"local:{missing}/m.sock", NOBODY)[1]
        assert f"{missing} does not exist: it must be there when the filter starts" in remarks


# ---- with one

@contextlib.contextmanager
def both(settings="", **how):
    """Filter and Postfix with one folder above both."""
    with prepared(settings) as daemon:
        yield daemon, Postfix(folder=os.path.join(daemon.folder, "postfix"), **how)


@case("a socket below queue_directory is named relative to it, symbolic links or not")
def relative():
    with both(chroot="y") as (daemon, postfix):
        os.mkdir(postfix.queue + "/mailmend", 0o755)
        os.symlink(postfix.queue, daemon.folder + "/link")
        for folder in (postfix.queue, daemon.folder + "/link"):
            address, remarks = daemon.check(f"local:{folder}/mailmend/m.sock",
                                            postfix.environment)
            assert address == "unix:mailmend/m.sock" and "chroot" not in remarks, remarks


@case("a socket outside of the chroot: the services that cannot reach it are named")
def outside():
    for main, chroot, wanted in (("", "y", True), ("", "n", False), ("", "-", False),
                                 ("compatibility_level = 0\n", "-", True)):
        with both(main=main, chroot=chroot) as (daemon, postfix):
            address, remarks = daemon.check(environment=postfix.environment)
            assert address == daemon.address, address
            assert ("chroot" in remarks) == wanted, (chroot, remarks)
            if wanted:
                assert f"{postfix.queue}: 127.0.0.1:10025/inet, cleanup/unix, smtp/inet." in \
                    remarks, remarks
                # the port of every page: 8891 is that of filters that sign
                assert "Socket = inet:8894@127.0.0.1." in remarks, remarks


@case("a folder that Postfix may not enter, or that is missing, is named")
def folders():
    with both("SocketMode = 0666") as (daemon, postfix):
        home = postfix.queue + "/mailmend"
        socket = f"local:{home}/m.sock"
        assert home + " does not exist" in daemon.check(socket, postfix.environment)[1]
        os.mkdir(home, 0o755)
        assert "reach" not in daemon.check(socket, postfix.environment)[1]
        os.chmod(home, 0o750)
        assert f"may not enter {home} " in daemon.check(socket, postfix.environment)[1]
        if os.geteuid() == 0:
            os.chown(home, 0, postfix_group())
            assert "reach" not in daemon.check(socket, postfix.environment)[1]
        # Above the chroot a closed folder does not count: Postfix is in it already.
        os.chmod(home, 0o755)
        os.chmod(postfix.folder, 0o700)
        assert "enter" not in daemon.check(socket, postfix.environment)[1]
        assert f"may not enter {daemon.folder} " in \
            daemon.check(f"local:{postfix.folder}/m.sock", postfix.environment)[1]


@case("a socket whose group and mode shut Postfix out: what to do")
def rights():
    if os.geteuid() != 0:
        raise Skip("not root: the filter would run as ourselves")
    name = pwd.getpwnam(md.USER)
    for settings, mode, word in (("", 0o755, "is not in that group. Set SocketGroup = postfix"),
                                 ("SocketGroup = postfix", 0o755, None),
                                 ("SocketGroup = postfix\nSocketMode = 0640", 0o755, "Use 0660"),
                                 ("SocketMode = 0666", 0o755, None),
                                 ("", 0o2755, None)):
        with both(settings) as (daemon, postfix):
            home = postfix.queue + "/mailmend"
            os.mkdir(home)
            os.chown(home, name.pw_uid, postfix_group())
            os.chmod(home, mode)
            remarks = daemon.check(f"local:{home}/m.sock", postfix.environment)[1]
            assert ("cannot connect" in remarks) == (word is not None), (settings, remarks)
            assert word is None or word in remarks, remarks


@case("networks that Postfix trusts and TrustedClients does not")
def trusted():
    table = [
        ("127.0.0.0/8 [::1]/128", "", ""),
        ("127.0.0.0/8 [::ffff:127.0.0.0]/104 [::1]/128", "127.0.0.0/8 ::1", ""),
        ("127.0.0.0/8 10.0.0.0/8 192.0.2.1", "127.0.0.0/8 10.0.0.0/9", "10.0.0.0/8 192.0.2.1"),
        ("10.0.0.0/8", "10.0.0.0/9 10.128.0.0/9", ""),
        ("10.0.0.0/8", "10.0.0.0/9 10.128.0.0/10 10.192.0.0/11", "10.0.0.0/8"),
        ("10.0.0.0/8", "0.0.0.0/1", ""),
        ("10.0.0.0/8", "::/1", "10.0.0.0/8"),
        ("0.0.0.0/0", "10.0.0.0/8", "0.0.0.0/0"),
        ("10.0.0.0/8", "!10.1.0.0/16 10.0.0.0/8", "10.0.0.0/8"),
        ("!10.1.0.0/16 10.0.0.0/8", "!10.1.0.0/16 10.0.0.0/8", ""),
        ("!10.1.0.0/16 10.0.0.0/8", "!10.1.2.0/24 10.0.0.0/8", ""),
        ("[2001:db8::]/32", "2001:db8::/33 2001:db8:8000::/33", ""),
        ("[2001:db8::]/32, 192.0.2.0/28", "2001:db8::/31 192.0.2.0/29", "192.0.2.0/28"),
    ]
    for networks, given, missing in table:
        setting = f"TrustedClients = {given}" if given else ""
        with both(setting, main=f"mynetworks = {networks}\n") as (daemon, postfix):
            remarks = daemon.check("inet:8891@127.0.0.1", postfix.environment)[1]
            found = re.search(r"does not fit their mail: (.*?)( #|$)", remarks)
            assert (found[1] if found else "") == missing, (networks, given, remarks)


@case("tables in mynetworks cannot be compared, and are named")
def tables():
    with both("TrustedClients = 127.0.0.0/8",
              main="mynetworks = 127.0.0.0/8 cidr:/etc/postfix/x hash:/y\n") as (daemon, postfix):
        remarks = daemon.check("inet:8891@127.0.0.1", postfix.environment)[1]
        assert "could not be compared with TrustedClients: cidr:/etc/postfix/x hash:/y" in remarks
        assert "does not cover" not in remarks


@case("a main.cf that Postfix cannot read: that is told, and the rest is printed")
def broken():
    with both() as (daemon, postfix):
        os.unlink(os.path.join(postfix.config, "master.cf"))
        remarks = daemon.check("inet:8891@127.0.0.1", postfix.environment)[1]
        assert re.search(r"Postfix could not be asked.*master\.cf", remarks), remarks


@case("-n -v prints the whole configuration before that")
def verbose():
    with prepared("Deadline = 7s", "[policy mine]\nFix = ALL\n"
                  "[rule mine]\nSender = @a.example\nPolicy = mine\n") as daemon:
        code, out, err = daemon.run("-n", "-v", environment=NOBODY)
        assert code == 0 and not err, err
        whole, lines_at, end = out.partition("\n# For main.cf:\n#smtpd_milters = ")
        assert re.search(r"^Deadline = 7s?$", whole, re.MULTILINE), whole
        assert "[policy mine]" in whole and "[policy microsoft365]" in whole and lines_at and end
        # All of it is a configuration.
        with open(daemon.config, "w", encoding="ascii") as file:
            file.write(out)
        assert re.search(r"^# header_field +60000  octets of a field ", out, re.M), out
        code, again, err = daemon.run("-n", "-v", environment=NOBODY)
        assert code == 0 and not err and "Deadline = 7" in again, err


# ---- problems

@case("-n names a user or a group that is missing here, with its line: 78")
def check_missing_names():
    with prepared("SocketGroup = nosuchgroup") as daemon:
        code, out, err = daemon.run("-n")
        line = [text.strip() for text in open(daemon.config)].index("SocketGroup = nosuchgroup")
    assert code == EX_CONFIG and not out, out
    assert err.startswith(f"{daemon.config}:{line + 1}: ") and "nosuchgroup" in err, err


@case("LogTo and SpoolDir that cannot be written are problems in -n and at the start: 78")
def check_places():
    with prepared() as daemon:
        with open(daemon.config, encoding="ascii") as file:
            good = file.read()
        for line, number in ((f"SpoolDir = {daemon.folder}/none", 2),
                             (f"SpoolDir = {daemon.config}", 2),
                             (f"LogTo = {daemon.folder}/none/log", 2),
                             (f"LogTo = {daemon.folder}", 2)):
            with open(daemon.config, "w", encoding="ascii") as file:
                file.write(good.replace("[mailmend]\n", f"[mailmend]\n{line}\n").replace(
                    f"LogTo = {daemon.log}\n", ""))
            for args in (["-n"], ["-f"]):
                code, out, err = daemon.run(*args)
                assert code == EX_CONFIG and not out, (line, code, out, err)
                assert err.startswith(f"{daemon.config}:{number}: {line}: "), (line, err)
                assert len(err.splitlines()) == 1, err
        assert not os.path.exists(daemon.log)


@case("-n names every problem: 78")
def check_fails():
    with prepared("DryRum = yes\nSocketMode = 9\nOnOversize = maybe") as daemon:
        code, out, err = daemon.run("-n")
        lines = err.splitlines()
        assert code == EX_CONFIG and not out and len(lines) == 3, err
        for line in lines:
            assert re.match(re.escape(daemon.config) + r":\d+: \S", line), line
        code, _, again = daemon.run("-f")
        assert code == EX_CONFIG and again == err, again


if __name__ == "__main__":
    sys.exit(run_all(md.program))
