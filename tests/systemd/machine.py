# SPDX-License-Identifier: BSD-2-Clause
"""A Debian of one's own, booted with systemd by systemd-nspawn.

Its root is made once by debootstrap and kept ($MM_NSPAWN_ROOT, or build-tests/nspawn-root of the
checkout); each machine writes into a layer above it that goes away.

    with Machine() as machine:
        machine.run("systemctl", "start", "postfix")
"""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time

from tap import Skip

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ROOT = os.environ.get("MM_NSPAWN_ROOT", os.path.join(TOP, "build-tests", "nspawn-root"))
MIRROR = os.environ.get("MM_DEBIAN_MIRROR", "http://deb.debian.org/debian")

# systemd, a mail server, and the libraries that mailmend stands on.
PACKAGES = ("systemd", "systemd-sysv", "dbus", "postfix", "swaks", "libgmime-3.0-0", "libuchardet0",
            "libmilter1.0.1", "libc-ares2", "liblmdb0", "libjson-glib-1.0-0", "libmicrohttpd12",
            "libsystemd0")

# Written last: a root without it, or with another, is not complete.
STAMP = "etc/mailmend-test-root"


def make_root():
    """Makes the root unless it is there; Skip if this machine cannot."""
    wanted = " ".join(PACKAGES) + "\n"
    with contextlib.suppress(OSError):
        with open(os.path.join(ROOT, STAMP), encoding="ascii") as file:
            if file.read() == wanted:
                return
    shutil.rmtree(ROOT, ignore_errors=True)
    os.makedirs(ROOT)
    done = subprocess.run(["debootstrap", "--variant=minbase", "--include=" + ",".join(PACKAGES),
                           "bookworm", ROOT, MIRROR], stdin=subprocess.DEVNULL, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=900)
    if done.returncode != 0:
        raise Skip("debootstrap: " + done.stdout.decode(errors="replace")[-300:])
    with open(os.path.join(ROOT, STAMP), "w", encoding="ascii") as file:
        file.write(wanted)


def check_here():
    """Skip, with the reason, if machines cannot be booted here."""
    if os.geteuid() != 0:
        raise Skip("systemd-nspawn needs root")
    for program in ("systemd-nspawn", "debootstrap", "nsenter"):
        if shutil.which(program) is None:
            raise Skip(f"{program} is not installed")


def is_init_of(pid, parent):
    """Whether process @pid is the first one of the machine that process @parent runs."""
    with contextlib.suppress(OSError):
        with open(f"/proc/{pid}/status", encoding="utf-8", errors="replace") as file:
            fields = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
        return fields.get("PPid") == str(parent) and fields["NSpid"].split()[1:] == ["1"]
    return False


class Machine:
    """A running machine. Its files can be looked at, and written, from outside: path ()."""

    def __init__(self):
        check_here()
        make_root()
        self.folder = self.root = self.console = None
        self.nspawn = None
        self.init = None

    def __enter__(self):
        try:
            return self.boot()
        except BaseException:
            self.close()
            raise

    def __exit__(self, *args):
        self.close()

    def path(self, name):
        return os.path.join(f"/proc/{self.init}/root", name.lstrip("/"))

    # ---- life

    def mount(self):
        self.folder = tempfile.mkdtemp(prefix="mm-", dir="/var/tmp")
        self.root = os.path.join(self.folder, "root")
        self.console = os.path.join(self.folder, "console")
        for name in ("root", "upper", "work"):
            os.mkdir(os.path.join(self.folder, name))
        os.chmod(self.folder, 0o755)
        # An overlay above an overlay (as in a container) is refused: so upper lies on a tmpfs.
        layer = os.path.join(self.folder, "layer")
        os.mkdir(layer)
        for command in (["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", layer],
                        ["mkdir", layer + "/upper", layer + "/work"],
                        ["mount", "-t", "overlay", "overlay", "-o",
                         f"lowerdir={ROOT},upperdir={layer}/upper,workdir={layer}/work",
                         self.root]):
            done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  check=False)
            if done.returncode != 0:
                raise Skip(f"{command[0]}: {done.stdout.decode(errors='replace').strip()}")

    def boot(self, seconds=60):
        self.mount()
        with open(self.console, "wb") as console:
            self.nspawn = subprocess.Popen(
                ["systemd-nspawn", "--quiet", "--boot", "--directory=" + self.root,
                 "--register=no", "--keep-unit", "--private-network", "--resolv-conf=off",
                 "--timezone=off", "--link-journal=no",
                 f"--machine=mailmend-{os.getpid()}", "--hostname=mta"],
                stdin=subprocess.DEVNULL, stdout=console, stderr=console)
        end = time.monotonic() + seconds
        while not self.is_up():
            if self.nspawn.poll() is not None or time.monotonic() > end:
                with open(self.console, "rb") as console:
                    text = console.read().decode(errors="replace")
                raise Skip("systemd-nspawn does not boot here: " +
                           " | ".join(text.split("\n")[-6:]))
            time.sleep(0.1)
        return self

    def is_up(self):
        if self.init is None:
            for name in os.listdir("/proc"):
                if name.isdigit() and is_init_of(name, self.nspawn.pid):
                    self.init = name
        if self.init is None or not os.path.exists(self.path("/run/systemd/private")):
            return False
        state = self.run("systemctl", "is-system-running", check=False).stdout
        return state.strip() in ("running", "degraded")

    def close(self):
        if self.folder is None:
            return
        if self.nspawn is not None and self.nspawn.poll() is None:
            self.nspawn.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.nspawn.wait(20)
            self.nspawn.kill()
            self.nspawn.wait()
        for name in ("root", "layer"):
            subprocess.run(["umount", os.path.join(self.folder, name)], check=False,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if not os.path.ismount(self.root):
            shutil.rmtree(self.folder, ignore_errors=True)

    # ---- use

    def run(self, *command, check=True, data="", seconds=60):
        """Runs a command in it: standard output and error in one text."""
        environment = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                       "LC_ALL": "C.UTF-8", "HOME": "/root", "SYSTEMD_PAGER": "",
                       "DEBIAN_FRONTEND": "noninteractive"}
        done = subprocess.run(["nsenter", "-t", self.init, "-m", "-u", "-i", "-n", "-p", *command],
                              input=data, env=environment, timeout=seconds, text=True,
                              errors="replace", stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              check=False)
        if check and done.returncode != 0:
            raise AssertionError(f"{' '.join(command)}: exit {done.returncode}: {done.stdout}")
        return done

    def start(self, *command):
        """Runs a command in it in the background."""
        return subprocess.Popen(["nsenter", "-t", self.init, "-m", "-u", "-i", "-n", "-p",
                                 *command], stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def write(self, name, text, mode=0o644):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(self.path(name), mode)

    def read(self, name):
        with open(self.path(name), encoding="utf-8", errors="replace") as file:
            return file.read()

    def show(self, unit, *properties):
        """Properties of a unit, as a dict."""
        text = self.run("systemctl", "show", unit, "--property=" + ",".join(properties)).stdout
        return dict(line.split("=", 1) for line in text.splitlines())

    def journal(self, *args):
        return self.run("journalctl", "--no-pager", "-o", "cat", *args).stdout

    def wait(self, what, test, seconds=60):
        """Waits until @test () is true, and returns what it says."""
        end = time.monotonic() + seconds
        while True:
            result = test()
            if result:
                return result
            if time.monotonic() > end:
                raise AssertionError(f"{what}: not after {seconds} s\n" + self.journal("-n", "60"))
            time.sleep(0.1)
