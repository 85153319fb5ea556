# SPDX-License-Identifier: BSD-2-Clause
"""A private Postfix: in a folder of its own, on a free port of loopback, gone afterwards.

It shares nothing with an installed and perhaps running Postfix but the programs: configuration,
queue, data and log are its own, and all mail leaves for one port of loopback. It needs root, as
Postfix does, but no systemd and no syslog.

    with Sink() as sink, Postfix(sink.port, milter="unix:/tmp/x/milter.sock") as mta:
        with mta.client() as smtp:
            smtp.sendmail("a@example.com", ["b@example.org"], message)
"""

import atexit
import contextlib
import os
import re
import shutil
import smtplib
import socket
import subprocess
import tempfile
import time

MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
mail_spool_directory = {folder}/spool
maillog_file = {folder}/maillog
maillog_file_prefixes = {folder}
mail_owner = postfix
setgid_group = postdrop
myhostname = mta.example
mydestination =
alias_maps =
alias_database =
local_recipient_maps =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
relay_domains = example.org
smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
# With XCLIENT a test stands for another client.
smtpd_authorized_xclient_hosts = 127.0.0.0/8
relayhost = [127.0.0.1]:{next_hop}
smtp_tls_security_level = none
smtpd_tls_security_level = none
append_dot_mydomain = no
biff = no
# Else Postfix adds what is missing before a milter sees it.
local_header_rewrite_clients =
# What lies in the queue is what leaves: long lines are not broken on the way.
smtp_line_length_limit = 0
message_size_limit = {size_limit}
smtpd_milters = {milters}
non_smtpd_milters = {milters}
# A test that makes the next try of a delivery or of pickup wait has no time to.
minimal_backoff_time = 2s
queue_run_delay = 2s
"""

# As packaged, but nothing in a chroot, and pickup looks every second.
MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
{more}\
pickup     unix       n - n 1     1 pickup
cleanup    unix       n - n -     0 cleanup
qmgr       unix       n - n 300   1 qmgr
tlsmgr     unix       - - n 1000? 1 tlsmgr
rewrite    unix       - - n -     - trivial-rewrite
bounce     unix       - - n -     0 bounce
defer      unix       - - n -     0 bounce
trace      unix       - - n -     0 bounce
verify     unix       - - n -     1 verify
flush      unix       n - n 1000? 0 flush
proxymap   unix       - - n -     - proxymap
proxywrite unix       - - n -     1 proxymap
smtp       unix       - - n -     - smtp
relay      unix       - - n -     - smtp
showq      unix       n - n -     - showq
error      unix       - - n -     - error
retry      unix       - - n -     - error
discard    unix       - - n -     - discard
local      unix       - n n -     - local
virtual    unix       - n n -     - virtual
anvil      unix       - - n -     1 anvil
scache     unix       - - n -     1 scache
postlog    unix-dgram n - n -     1 postlogd
"""

# What mailmend-milter -n prints for main.cf.
MILTER = "{{ {address}, connect_timeout=5s, content_timeout={seconds}s, default_action=tempfail }}"

# Folders that postfix(1) may be in; a user's PATH often lacks them.
SEARCH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"

OWN_RECEIVED = re.compile(rb"\AReceived: .*\r\n(?:[ \t].*\r\n)*")


def missing():
    """Why there can be no Postfix here, or None."""
    if os.geteuid() != 0:
        return "a private Postfix needs root"
    if shutil.which("postfix", path=SEARCH) is None:
        return "Postfix is not installed"
    return None


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def without_received(data):
    """A delivered message without the Received field that the private Postfix put on top."""
    rest, n = OWN_RECEIVED.subn(b"", data, count=1)
    if n != 1:
        raise ValueError(f"no Received on top: {data[:200]!r}")
    return rest


class Postfix:
    """@next_hop: the port all mail goes to. @milter: the filter of everything. @others: more
    filters; each gets an smtpd with a port of its own, in @ports. @seconds: how long a filter may
    take to answer."""

    # What is in its log only if something is wrong.
    complaints = ("fatal:", "panic:", "error:", "malformed", "corrupt")

    def __init__(self, next_hop, milter=None, others=(), size_limit=10240000, seconds=60):
        self.folder = tempfile.mkdtemp(prefix="mailmend-postfix-")
        atexit.register(self.close)
        os.chmod(self.folder, 0o755)
        self.config = os.path.join(self.folder, "config")
        self.port = free_port()
        self.ports = [free_port() for _ in others]
        milters = MILTER.format(address=milter, seconds=seconds) if milter else ""
        more = "".join(f"127.0.0.1:{port} inet n - n - - smtpd\n"
                       f"  -o {{smtpd_milters={MILTER.format(address=address, seconds=seconds)}}}\n"
                       for port, address in zip(self.ports, others))
        for name in ("config", "queue", "data", "spool"):
            os.mkdir(os.path.join(self.folder, name), 0o755)
        shutil.chown(os.path.join(self.folder, "data"), "postfix")
        self.write("main.cf", MAIN.format(folder=self.folder, next_hop=next_hop,
                                          milters=milters, size_limit=size_limit))
        self.write("master.cf", MASTER.format(port=self.port, more=more))

    def write(self, name, text):
        with open(os.path.join(self.config, name), "w", encoding="ascii") as file:
            file.write(text)

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.close()
            raise

    def __exit__(self, *args):
        self.close()

    # ---- life

    def run(self, name, *args, data=b"", check=True, seconds=60):
        """Runs one of Postfix's commands on this instance."""
        environment = {"PATH": SEARCH, "LC_ALL": "C", "MAIL_CONFIG": self.config}
        done = subprocess.run([shutil.which(name, path=SEARCH), *args], input=data,
                              env=environment, timeout=seconds, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False)
        if check and done.returncode != 0:
            raise RuntimeError(f"{name} {' '.join(args)}: exit {done.returncode}: "
                               f"{done.stdout.decode(errors='replace')}\n{self.log()}")
        return done

    def start(self, seconds=30):
        self.run("postfix", "start")
        end = time.monotonic() + seconds
        for port in (self.port, *self.ports):
            while not self.answers(port):
                if time.monotonic() > end:
                    raise RuntimeError(f"Postfix does not answer\n{self.log()}")
                time.sleep(0.05)
        return self

    @staticmethod
    def answers(port):
        # Quits properly: a client that just hangs up leaves a warning in the log.
        with contextlib.suppress(OSError, smtplib.SMTPException):
            with smtplib.SMTP("127.0.0.1", port, timeout=10):
                return True
        return False

    def close(self):
        """Stops it and removes its folder; may be called again."""
        atexit.unregister(self.close)
        if not os.path.isdir(self.folder):
            return
        if os.path.exists(os.path.join(self.folder, "queue", "pid", "master.pid")):
            # Waits until master is gone, and ends by force what does not go.
            self.run("postfix", "stop", check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    # ---- use

    def client(self, port=None):
        """smtplib, connected."""
        return smtplib.SMTP("127.0.0.1", port or self.port, "client.example", timeout=60)

    def sendmail(self, *args, data):
        """sendmail(1) of this instance."""
        return self.run("sendmail", "-C", self.config, *args, data=data)

    def queued(self):
        """How many messages are in the queue, those that pickup has not seen included."""
        text = self.run("postqueue", "-p").stdout.decode(errors="replace")
        return len(re.findall(r"^[0-9A-Za-z]{6,}[*!]? ", text, re.MULTILINE))

    def is_held(self, queue_id):
        return queue_id + "!" in self.run("postqueue", "-p").stdout.decode(errors="replace")

    def release(self, queue_id):
        """Lets a held message go."""
        self.run("postsuper", "-H", queue_id)

    def log(self):
        try:
            with open(os.path.join(self.folder, "maillog"), encoding="utf-8",
                      errors="replace") as file:
                return file.read()
        except FileNotFoundError:
            return ""
