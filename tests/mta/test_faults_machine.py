#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Disks, memory, descriptors, clocks, logs and metrics fail while mail passes a real Postfix. Prints TAP.

$MAILMEND_MILTER is the program. It takes root, see postfix.py. The rows are in FAULTS.md.
"""

import contextlib
import datetime
import glob
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile

import mail
from faultbench import MUCH_TO_MEND, fault, has_sanitizer, main
from bench import wait_for
import milterdaemon as md
from milterclient import MilterClient, ProtocolError

# What needs limits that AddressSanitizer does not live with.
PLAIN = not has_sanitizer()


# ---- the folder of bodies ------------------------------------------------------------------------

@contextlib.contextmanager
def small_disk(size="64k"):
    """A file system of its own, with room for no body."""
    with tempfile.TemporaryDirectory(prefix="mailmend-disk-") as folder:
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=1777", "tmpfs", folder],
                       check=True)
        os.chmod(folder, 0o1777)
        try:
            yield folder
        finally:
            subprocess.run(["umount", "-l", folder], check=True)


def without_spool(bench, folder, breaks, heals):
    """One message twice while the folder fails, and a third when it does no more."""
    with bench.other_filter(SpoolDir=folder):
        process = bench.filter.process
        breaks()
        fate, again = bench.send(), bench.send()
        state = bench.serves(process)
        error = [line["error"] for line in bench.filter.messages() if line["action"] == "error"][-1]
        heals()
        # One of another size: the first is still remembered.
        other = MUCH_TO_MEND + b"another\r\n"
        bench.want[other] = bench.want[MUCH_TO_MEND] + b"another\r\n"
        return f"{fate}, again: {again}; {state}; afterwards: {bench.send(other)}", error


SPOOL_FAULT = "tempfailed, again: unchanged; serves; afterwards: mended"


@fault("SpoolDir: the disk is full", SPOOL_FAULT)
def disk_full(bench):
    with small_disk() as folder:
        def heal():
            subprocess.run(["mount", "-o", "remount,size=64m", folder], check=True)
        result, error = without_spool(bench, folder, lambda: None, heal)
        assert "No space left" in error, error
        assert os.listdir(folder) == [], os.listdir(folder)
        return result


@fault("SpoolDir: the file system is read-only", SPOOL_FAULT)
def disk_read_only(bench):
    with small_disk("64m") as folder:
        def remount(how):
            subprocess.run(["mount", "-o", f"remount,{how}", folder], check=True)
        result, error = without_spool(bench, folder, lambda: remount("ro"), lambda: remount("rw"))
        assert "Read-only" in error, error
        return result


@fault("SpoolDir: the folder has vanished", SPOOL_FAULT)
def folder_gone(bench):
    folder = tempfile.mkdtemp(prefix="mailmend-spool-")
    owner = pwd.getpwnam(md.USER).pw_uid

    def heal():
        os.mkdir(folder, 0o700)
        os.chown(folder, owner, -1)
    try:
        os.chown(folder, owner, -1)
        result, error = without_spool(bench, folder, lambda: os.rmdir(folder), heal)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    assert "No such file" in error, error
    return result


@fault("SpoolDir: no file may become that large (RLIMIT_FSIZE)",
       "tempfailed, again: unchanged; serves")
def file_size(bench):
    with bench.other_filter("prlimit", "--fsize=200000"):
        process = bench.filter.process
        return f"{bench.send()}, again: {bench.send()}; {bench.serves(process)}"


# ---- logs ----------------------------------------------------------------------------------------

@fault("LogTo: the disk is full", "mended; serves")
def log_full(bench):
    with bench.other_filter(LogTo="/dev/full"):
        process = bench.filter.process
        return f"{bench.send()}; {bench.serves(process)}"


@fault("LogTo: the file may not grow any more (RLIMIT_FSIZE)", "mended; serves")
def log_size(bench):
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        log = os.path.join(folder, "log")
        with bench.other_filter("prlimit", "--fsize=400000", LogTo=log):
            process = bench.filter.process
            os.truncate(log, 399990)
            fate = bench.send()
            assert os.path.getsize(log) == 400000
            return f"{fate}; {bench.serves(process)}"


def own_dev(*more):
    """Starts the filter in a /dev of its own: null, and what @more makes there."""
    made = "touch null && mount --bind /dev/null null"
    script = ("mount -t tmpfs tmpfs /dev/shm && mkdir /dev/shm/dev && "
              f"(cd /dev/shm/dev && {' && '.join((made, *more))}) && "
              "mount --rbind /dev/shm/dev /dev && exec \"$@\"")
    return "unshare", "-m", "sh", "-c", script, "sh"


@fault("LogTo = syslog: nobody listens at /dev/log", "mended; serves")
def no_syslog(bench):
    with bench.other_filter(*own_dev(), LogTo="syslog"):
        process = bench.filter.process
        assert not os.path.exists(f"/proc/{process.pid}/root/dev/log")
        return f"{bench.send()}; {bench.serves(process)}"


def full(sender):
    """Sends until the receiver takes no more."""
    with contextlib.suppress(BlockingIOError):
        while True:
            sender.send(b"x")


@fault("LogTo = syslog: syslogd hangs", "mended; serves; its lines: all, when syslogd goes on")
def syslog_hangs(bench):
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX,
                                                                socket.SOCK_DGRAM) as syslogd, \
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        os.chmod(folder, 0o755)
        path = os.path.join(folder, "log")
        syslogd.bind(path)
        os.chmod(path, 0o666)
        with bench.other_filter(*own_dev("touch log", f"mount --bind {path} log"), LogTo="syslog"):
            process = bench.filter.process
            assert bench.send() == "mended"
            syslogd.settimeout(10)
            while b": started version=" not in syslogd.recv(8192):
                pass
            sender.setblocking(False)
            sender.connect(path)
            full(sender)
            fates = {bench.send() for _ in range(40)}
            state = bench.serves(process)
            return f"{', '.join(fates)}; {state}; its lines: {read_lines(syslogd, 41)}"


def read_lines(syslogd, wanted):
    """Whether all come that were written while nobody read."""
    with contextlib.suppress(TimeoutError):
        while wanted > 0:
            wanted -= b": action=fix " in syslogd.recv(8192)
    return "all, when syslogd goes on" if wanted == 0 else f"{wanted} are lost"


# ---- metrics -------------------------------------------------------------------------------------

# More than the daemon takes at a time.
SCRAPERS = 40


def with_scrapers(bench, request):
    """Mail while clients of /metrics send @request and read nothing."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with bench.other_filter(MetricsListen=f"127.0.0.1:{port}"), contextlib.ExitStack() as stack:
        process = bench.filter.process
        for _ in range(SCRAPERS):
            scraper = stack.enter_context(socket.create_connection(("127.0.0.1", port), 20))
            scraper.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            scraper.sendall(request)
        return f"{bench.send()}; {bench.serves(process)}"


@fault("MetricsListen: clients take all its connections and say nothing", "mended; serves")
def metrics_silent(bench):
    return with_scrapers(bench, b"G")


@fault("MetricsListen: clients ask again and again and read nothing", "mended; serves")
def metrics_unread(bench):
    return with_scrapers(bench, b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n" * 50)


# ---- memory --------------------------------------------------------------------------------------

def footprint(bench):
    """Octets of address space of a filter that has done something."""
    with open(f"/proc/{bench.filter.process.pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")


@contextlib.contextmanager
def short_of_memory(bench, room, **settings):
    # Arenas of threads take address space by 64 MB, one time so many and one time more.
    environment = {"MALLOC_ARENA_MAX": "1"}
    with bench.other_filter(environment=environment):
        assert bench.send() == "mended"
        used = footprint(bench)
    with bench.other_filter("prlimit", f"--as={used + room}", environment=environment, **settings):
        yield bench.filter.process


@fault("no memory for a large body (RLIMIT_AS)", "tempfailed, again: unchanged; serves", PLAIN)
def no_large_memory(bench):
    large = mail.FOUNDING + b"word " * 1400000 + b"\r\n"
    with short_of_memory(bench, 8 << 20, SpoolThreshold="1G") as process:
        return f"{bench.send(large)}, again: {bench.send(large)}; {bench.serves(process)}"


def use_up(bench):
    """Recipients, in as many sessions as it takes, until the filter is gone."""
    with contextlib.ExitStack() as stack:
        for _ in range(100):
            mta = stack.enter_context(MilterClient(bench.filter.address))
            mta.connect()
            mta.mail("a@example.com")
            for _ in range(5000):
                mta.rcpt("x" * 400 + "@example.org")
    return "it has not ended"


@fault("no memory for small things: GLib ends the process (RLIMIT_AS)",
       "tempfailed, again: mended; restarted", PLAIN)
def no_small_memory(bench):
    with short_of_memory(bench, 30 << 20) as process:
        with bench.mta.client() as smtp:
            smtp.ehlo()
            recipient = bench.recipient()
            smtp.mail(recipient.replace("@example.org", "@example.com"))
            smtp.rcpt(recipient)
            bench.taken[recipient] = False
            with contextlib.suppress(OSError, ProtocolError):
                use_up(bench)
            assert process.wait(30) in (-signal.SIGABRT, -signal.SIGTRAP), process.returncode
            fate = bench.fate(smtp.data(MUCH_TO_MEND)[0], recipient)
        state = bench.serves(process)
        return f"{fate}, again: {bench.send()}; {state}"


# ---- descriptors ---------------------------------------------------------------------------------

NOFILE = 40


def fill(bench, stack):
    """Idle sessions until the filter can open nothing any more."""
    for _ in range(NOFILE):
        stack.enter_context(MilterClient(bench.filter.address, negotiate=False))
    folder = f"/proc/{bench.filter.process.pid}/fd"
    assert wait_for(lambda: len(os.listdir(folder)) >= NOFILE), os.listdir(folder)


@fault("no descriptor for another connection (RLIMIT_NOFILE)",
       "tempfailed, again: mended; serves")
def no_connection(bench):
    with bench.other_filter("prlimit", f"--nofile={NOFILE}"):
        process = bench.filter.process
        with contextlib.ExitStack() as stack:
            fill(bench, stack)
            fate = bench.send()
        return f"{fate}, again: {bench.send()}; {bench.serves(process)}"


@fault("more connections than the soft limit of descriptors allows (RLIMIT_NOFILE)",
       "mended; serves")
def soft_limit(bench):
    with bench.other_filter("prlimit", f"--nofile={NOFILE}:2048"):
        process = bench.filter.process
        assert "open files are limited to 2048; " in bench.filter.text()
        with contextlib.ExitStack() as stack:
            fill(bench, stack)
            fill(bench, stack)
            fate = bench.send()
        return f"{fate}; {bench.serves(process)}"


@fault("no descriptor for the file of a body (RLIMIT_NOFILE)",
       "tempfailed, again: mended; serves")
def no_spool_descriptor(bench):
    with bench.other_filter("prlimit", f"--nofile={NOFILE}"):
        process = bench.filter.process
        with bench.mta.client() as smtp, contextlib.ExitStack() as stack:
            smtp.ehlo()
            recipient = bench.recipient()
            smtp.mail(recipient.replace("@example.org", "@example.com"))
            smtp.rcpt(recipient)
            bench.taken[recipient] = False
            fill(bench, stack)
            fate = bench.fate(smtp.data(MUCH_TO_MEND)[0], recipient)
        return f"{fate}, again: {bench.send()}; {bench.serves(process)}"


# ---- time ----------------------------------------------------------------------------------------

FAKETIME = next(iter(glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")), "faketime is missing")


def jump(bench, days):
    """The clock of the filter jumps while it has half a message, and stays there."""
    with tempfile.NamedTemporaryFile("w", prefix="mailmend-clock-") as clock:
        def set_days(offset):
            clock.seek(0)
            clock.truncate()
            clock.write(f"{offset:+d}d\n")
            clock.flush()
        os.chmod(clock.name, 0o644)
        set_days(0)
        environment = {"LD_PRELOAD": FAKETIME, "FAKETIME_TIMESTAMP_FILE": clock.name,
                       "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
        with bench.other_filter(environment=environment):
            process = bench.filter.process
            lines = len(bench.filter.text().splitlines())
            with bench.mta.client() as smtp:
                smtp.ehlo()
                recipient = bench.recipient()
                smtp.mail(recipient.replace("@example.org", "@example.com"))
                smtp.rcpt(recipient)
                bench.taken[recipient] = False
                set_days(days)
                code = smtp.data(MUCH_TO_MEND)[0]
                bench.taken[recipient] = code == 250
                fate = bench.fate(code, recipient)
            state = f"{fate}, again: {bench.send()}; {bench.serves(process)}"
            # Else nothing was tried.
            day = datetime.datetime.now() + datetime.timedelta(days=days)
            new = bench.filter.text().splitlines()[lines:]
            assert new[-1].startswith(f"{day:%Y-%m-%d}"), new[-1][:100]
            return state


@fault("the clock jumps forward by 100 days in the middle of a message",
       "mended, again: mended; serves", PLAIN)
def clock_forward(bench):
    return jump(bench, 100)


@fault("the clock jumps back by 100 days in the middle of a message",
       "mended, again: mended; serves", PLAIN)
def clock_back(bench):
    return jump(bench, -100)


@fault("a message takes longer than Deadline", "unchanged; serves", PLAIN)
def deadline(bench):
    large = mail.FOUNDING + b"word " * 1400000 + b"\r\n"
    # For the filter time passes 200 times as fast: its second is 5 ms of ours.
    environment = {"LD_PRELOAD": FAKETIME, "FAKETIME": "+0 x200"}
    with bench.other_filter(environment=environment, Deadline="1s"):
        process = bench.filter.process
        fate = bench.send(large)
        assert bench.filter.messages()[-1]["limit"] == "deadline", bench.filter.messages()[-1]
        return f"{fate}; {bench.serves(process)}"


if __name__ == "__main__":
    main("The machine", "tests/mta/test_faults_machine.py", """
That each single allocation of a large buffer may fail is in `tests/laws/test-refused.c`.
""")
