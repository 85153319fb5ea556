# SPDX-License-Identifier: BSD-2-Clause
"""A private Sendmail: beside whatever MTA is installed, in a folder of its own, gone afterwards.

Debian's Sendmail cannot be installed beside Postfix, so its packages are only unpacked, once, below
build-tests of the checkout. The daemon runs in name spaces of its own: there the host is called
mta.example (Sendmail sleeps for a minute on a host without a domain), /dev/log is a socket of the
test, and all its processes end with it. Configuration, queues and log are its own; m4 makes the
configuration from a sendmail.mc, and all mail leaves for one port of loopback. It needs root.

    with Sink() as sink, Sendmail(sink.port, milter="inet:8894@127.0.0.1") as mta:
        with mta.client() as smtp:
            smtp.sendmail("a@example.com", ["b@example.org"], message)
"""

import atexit
import contextlib
import functools
import glob
import os
import re
import shutil
import smtplib
import socket
import stat
import subprocess
import tempfile
import threading
import time

from postfix import free_port

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
UNPACKED = os.path.join(TOP, "build-tests", "sendmail")

# What is unpacked; other libraries are installed, as tests/all does. sasl2-bin writes passwords.
PACKAGES = ("sendmail-bin", "sendmail-cf", "libwrap0", "sasl2-bin")

# The shape an administrator's file has; packaging/sendmail/mailmend.m4 is the one we ship.
DAEMON_MC = """\
divert(-1)
divert(0)dnl
VERSIONID(`mailmend test')dnl
OSTYPE(`linux')dnl
define(`QUEUE_DIR', `{folder}/queue')dnl
define(`confPID_FILE', `{folder}/sendmail.pid')dnl
define(`STATUS_FILE', `{folder}/statistics')dnl
define(`HELP_FILE', `{folder}/helpfile')dnl
define(`ALIAS_FILE', `')dnl
define(`confSERVICE_SWITCH_FILE', `{folder}/service.switch')dnl
define(`confHOSTS_FILE', `{folder}/hosts')dnl
define(`confDEF_USER_ID', `nobody:nogroup')dnl
define(`confDONT_PROBE_INTERFACES', `True')dnl
define(`confTO_IDENT', `0')dnl
define(`confTO_QUEUEWARN', `')dnl
define(`confMIN_QUEUE_AGE', `0')dnl
define(`confPRIVACY_FLAGS', `noactualrecipient')dnl
define(`confMAX_MESSAGE_SIZE', `{size_limit}')dnl
define(`confMAX_DAEMON_CHILDREN', `0')dnl
define(`confREFUSE_LA', `999')dnl
define(`confQUEUE_LA', `999')dnl
define(`confDELAY_LA', `999')dnl
define(`confLOG_LEVEL', `9')dnl
define(`confAUTH_MECHANISMS', `PLAIN LOGIN')dnl
define(`confAUTH_OPTIONS', `')dnl
TRUST_AUTH_MECH(`PLAIN LOGIN')dnl
FEATURE(`no_default_msa')dnl
FEATURE(`nocanonify')dnl
FEATURE(`nouucp', `nospecial')dnl
FEATURE(`accept_unresolvable_domains')dnl
FEATURE(`accept_unqualified_senders')dnl
RELAY_DOMAIN(`example.org')dnl
define(`SMART_HOST', `relay:[127.0.0.1]')dnl
define(`RELAY_MAILER_ARGS', `TCP $h {next_hop}')dnl
define(`RELAY_MAILER_LL', `{line_limit}')dnl
DAEMON_OPTIONS(`Name=MTA, Family=inet, Addr=127.0.0.1, Port={port}')dnl
DAEMON_OPTIONS(`Name=All, Family=inet, Addr=127.0.0.2, Port={port}')dnl
{filters}
MAILER(`local')dnl
MAILER(`smtp')dnl
"""

# As packaged: what the command is given goes by SMTP to the daemon of this machine.
SUBMIT_MC = """\
divert(-1)
divert(0)dnl
VERSIONID(`mailmend test')dnl
define(`confCF_VERSION', `Submit')dnl
OSTYPE(`linux')dnl
define(`MSP_QUEUE_DIR', `{folder}/client-queue')dnl
define(`confPID_FILE', `{folder}/client.pid')dnl
define(`STATUS_FILE', `{folder}/statistics')dnl
define(`confSERVICE_SWITCH_FILE', `{folder}/service.switch')dnl
define(`confHOSTS_FILE', `{folder}/hosts')dnl
define(`confRUN_AS_USER', `mail')dnl
define(`confMIN_QUEUE_AGE', `0')dnl
define(`confREFUSE_LA', `999')dnl
define(`confQUEUE_LA', `999')dnl
define(`RELAY_MAILER_ARGS', `TCP $h {port}')dnl
FEATURE(`nocanonify')dnl
FEATURE(`msp', `[127.0.0.1]')dnl
"""

FILTER = """\
define(`MAILMEND_SOCKET', `{address}')dnl
define(`MAILMEND_TIMEOUTS', `C:5s;S:{seconds}s;R:{seconds}s;E:2m')dnl
include(`{top}/packaging/sendmail/mailmend.m4')dnl"""

HOSTS = """\
127.0.0.1 mta.example localhost
127.0.0.2 mx.partner.example
"""

SASL = """\
pwcheck_method: auxprop
auxprop_plugin: sasldb
sasldb_path: {folder}/sasl/sasldb2
mech_list: PLAIN LOGIN
"""

# Run in new name spaces for mounts, host name and, the daemon, processes. Its first argument is the
# folder. The new /dev has what a mail server needs, and our log.
INSIDE = """\
set -e
folder=$1
shift
hostname mta.example
mount --bind "$folder/hosts" /etc/hosts
mount --bind "$folder/sasl" /usr/lib/sasl2
mount -t tmpfs -o mode=0755 none "$folder/dev"
for name in null zero full random urandom; do
    : > "$folder/dev/$name"
    mount --bind "/dev/$name" "$folder/dev/$name"
done
ln -s "$folder/log.socket" "$folder/dev/log"
mount --rbind "$folder/dev" /dev
exec "$@"
"""

# Who can log in.
USER, PASSWORD = "ann", "secret"


def program(name):
    """Where an unpacked program is."""
    folders = ("usr/libexec/sendmail", "usr/sbin", "usr/bin")
    return next((path for path in (os.path.join(UNPACKED, folder, name) for folder in folders)
                 if os.path.exists(path)), None)


def unpack():
    """Fetches and unpacks the packages, if that was not done. With a RuntimeError if it cannot."""
    if os.path.exists(UNPACKED):
        return
    os.makedirs(os.path.dirname(UNPACKED), exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="sendmail-", dir=os.path.dirname(UNPACKED)) as folder:
        def run(*command):
            done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, timeout=300,
                                  stderr=subprocess.STDOUT, check=False)
            if done.returncode != 0:
                raise RuntimeError(f"{' '.join(command)}: {done.stdout.decode(errors='replace')}")
        fetch = ("apt-get", "download", "-q", "-o", "APT::Sandbox::User=root", *PACKAGES)
        try:
            run(*fetch)
        except RuntimeError:
            run("apt-get", "update", "-q")  # the lists may be older than the packages
            run(*fetch)
        root = os.path.join(folder, "root")
        for package in sorted(os.listdir(folder)):
            run("dpkg-deb", "-x", package, root)
        # A program that runs with rights of its file is not told LD_LIBRARY_PATH.
        binary = os.path.join(root, "usr/libexec/sendmail/sendmail")
        os.chmod(binary, stat.S_IMODE(os.stat(binary).st_mode) & 0o755)
        os.chmod(root, 0o755)
        os.rename(root, UNPACKED)


@functools.lru_cache(None)
def libraries():
    """The environment for the unpacked programs."""
    found = glob.glob(os.path.join(UNPACKED, "**/libwrap.so.0"), recursive=True)
    return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C",
            "LD_LIBRARY_PATH": ":".join(os.path.dirname(path) for path in found)}


def missing():
    """Why there can be no Sendmail here, or None."""
    if os.geteuid() != 0:
        return "a private Sendmail needs root"
    for name in ("m4", "unshare", "apt-get", "dpkg-deb"):
        if shutil.which(name) is None:
            return f"{name} is not installed"
    try:
        unpack()
    except RuntimeError as error:
        return f"Sendmail cannot be unpacked: {error}"
    needs = subprocess.run(["ldd", program("sendmail")], env=libraries(), check=True,
                           stdout=subprocess.PIPE).stdout.decode()
    lost = [line.split()[0] for line in needs.splitlines() if "not found" in line]
    if lost:
        return f"Sendmail needs {', '.join(lost)}"
    if subprocess.run(["unshare", "-mupf", "true"], check=False, stderr=subprocess.PIPE).returncode:
        return "no name spaces can be made here"
    return None


class SystemLog:
    """What Sendmail tells syslog: a socket, and what came by it, in a file."""

    def __init__(self, folder):
        self.path = os.path.join(folder, "maillog")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(os.path.join(folder, "log.socket"))
        os.chmod(os.path.join(folder, "log.socket"), 0o666)
        self.thread = threading.Thread(target=self.listen, daemon=True)
        self.thread.start()

    def listen(self):
        with open(self.path, "ab") as file:
            while data := self.socket.recv(65536):
                if data == b"end":
                    return
                file.write(re.sub(rb"\A<\d+>", b"", data).rstrip(b"\0\n") + b"\n")
                file.flush()

    def close(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
            end.sendto(b"end", self.socket.getsockname())
        self.thread.join()
        self.socket.close()

    def text(self):
        try:
            with open(self.path, encoding="utf-8", errors="replace") as file:
                return file.read()
        except FileNotFoundError:
            return ""


class Sendmail:
    """@next_hop: the port all mail goes to. @milter: the address of mailmend. @more: lines for
    sendmail.mc behind it. @seconds: how long the filter may take to answer. @line_limit: of what is
    delivered, 0: none. A client that connects from 127.0.0.2 is a stranger."""

    # What is in its log only if something is wrong.
    complaints = ("SYSERR", "panic", "Losing", "corrupt")

    def __init__(self, next_hop, milter=None, more="", size_limit=10240000, seconds=60,
                 line_limit=0):
        self.folder = tempfile.mkdtemp(prefix="mailmend-sendmail-", dir="/run")
        atexit.register(self.close)
        os.chmod(self.folder, 0o755)
        self.port = free_port()
        self.process = None
        for name, mode in (("queue", 0o700), ("client-queue", 0o770), ("sasl", 0o755),
                           ("dev", 0o755)):
            os.mkdir(os.path.join(self.folder, name))
            os.chmod(os.path.join(self.folder, name), mode)
        shutil.chown(os.path.join(self.folder, "client-queue"), "mail", "mail")
        filters = "dnl" if milter is None else \
            FILTER.format(address=milter, seconds=seconds, top=TOP)
        self.values = {"folder": self.folder, "next_hop": next_hop, "port": self.port,
                       "size_limit": size_limit, "filters": f"{filters}\n{more}",
                       "line_limit": line_limit}
        for name, text in (("hosts", HOSTS), ("service.switch", "hosts files\naliases files\n"),
                           ("statistics", ""), ("helpfile", "smtp\thelp\n"),
                           ("sasl/Sendmail.conf", SASL)):
            self.write(name, text.format(**self.values))
        self.syslog = SystemLog(self.folder)
        self.configure("sendmail", DAEMON_MC)
        self.configure("submit", SUBMIT_MC)

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w", encoding="ascii") as file:
            file.write(text)

    def configure(self, name, text):
        """Makes NAME.cf with Sendmail's own m4 files."""
        self.write(name + ".mc", text.format(**self.values))
        cf = os.path.join(UNPACKED, "usr/share/sendmail/cf/")
        done = subprocess.run(["m4", "-D_CF_DIR_=" + cf, cf + "m4/cf.m4",
                               os.path.join(self.folder, name + ".mc")], check=False, timeout=60,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if done.returncode != 0 or done.stderr:
            raise RuntimeError(f"{name}.mc: {done.stderr.decode()}")
        with open(os.path.join(self.folder, name + ".cf"), "wb") as file:
            file.write(done.stdout)

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.close()
            raise

    def __exit__(self, *args):
        self.close()

    # ---- life

    def inside(self, *command, options=()):
        return ["unshare", "--mount", "--uts", *options, "sh", "-c", INSIDE, "sh", self.folder,
                *command]

    def run(self, name, *args, data=b"", check=True, seconds=60):
        """Runs one of Sendmail's commands on this instance."""
        done = subprocess.run(self.inside(program(name), *args), input=data, env=libraries(),
                              timeout=seconds, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              check=False)
        if check and done.returncode != 0:
            raise RuntimeError(f"{name} {' '.join(args)}: exit {done.returncode}: "
                               f"{done.stdout.decode(errors='replace')}\n{self.log()}")
        return done

    def start(self, seconds=30):
        self.run("saslpasswd2", "-p", "-c", "-u", "mta.example", "-f",
                 os.path.join(self.folder, "sasl/sasldb2"), USER, data=PASSWORD.encode())
        command = self.inside(program("sendmail"), "-bD", "-C", self.config("sendmail"), "-q1s",
                              options=("--pid", "--fork", "--kill-child"))
        with open(os.path.join(self.folder, "output"), "ab") as output:
            self.process = subprocess.Popen(command, env=libraries(), stdin=subprocess.DEVNULL,
                                            stdout=output, stderr=output)
        end = time.monotonic() + seconds
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"Sendmail does not answer\n{self.output()}\n{self.log()}")
            time.sleep(0.05)
        return self

    def answers(self):
        with contextlib.suppress(OSError, smtplib.SMTPException):
            with smtplib.SMTP("127.0.0.1", self.port, timeout=10):
                return True
        return False

    def stop(self):
        """All its processes end, whatever they do."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def close(self):
        """Stops it and removes its folder; may be called again."""
        atexit.unregister(self.close)
        self.stop()
        if os.path.isdir(self.folder):
            self.syslog.close()
            shutil.rmtree(self.folder, ignore_errors=True)

    # ---- use

    def config(self, name):
        return os.path.join(self.folder, name + ".cf")

    def client(self, source="127.0.0.1"):
        """smtplib, connected."""
        return smtplib.SMTP(source, self.port, "client.example", timeout=60,
                            source_address=(source, 0))

    def sendmail(self, *args, data):
        """sendmail(1) of this instance: hands its message to the daemon."""
        return self.run("sendmail", "-Ac", "-C", self.config("submit"), *args, data=data,
                        check=False)

    def list_queue(self, *args):
        """What mailq(1) prints."""
        return self.run("sendmail", "-bp", "-C", self.config("sendmail"),
                        *args).stdout.decode(errors="replace")

    def queued(self, *args):
        """How many messages are in the queue."""
        return len(re.findall(r"^[0-9A-Za-z]{14}[*X-]? ", self.list_queue(*args), re.MULTILINE))

    def is_held(self, queue_id):
        return queue_id in self.list_queue("-qQ")

    def release(self, queue_id):
        """Lets a quarantined message go."""
        self.run("sendmail", "-C", self.config("sendmail"), "-Q", "-qQ", "-qI" + queue_id)

    def output(self):
        with open(os.path.join(self.folder, "output"), encoding="utf-8",
                  errors="replace") as file:
            return file.read()

    def log(self):
        return self.syslog.text()
