# SPDX-License-Identifier: BSD-2-Clause
"""Keys, and OpenDKIM as a filter that signs and as a program that verifies files."""

import os
import shutil
import socket
import subprocess
import time

from tap import Skip

PROGRAM = shutil.which("opendkim", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
DOMAIN, SELECTOR = "example.org", "s1"
SIGNED = "From,To,Subject,Date,Message-ID,MIME-Version,Content-Type,Content-Transfer-Encoding"
AT_ONCE = 50


class Key:
    """An RSA key of one's own in @folder, and its public part as DNS would give it."""

    def __init__(self, folder):
        self.path = os.path.join(folder, "key.pem")
        try:
            subprocess.run(["openssl", "genrsa", "-traditional", "-out", self.path, "1024"],
                           check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            public = subprocess.run(["openssl", "rsa", "-in", self.path, "-pubout"], check=True,
                                    stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
        except (OSError, subprocess.CalledProcessError) as error:
            raise Skip(f"openssl makes no key: {error}") from error
        with open(self.path, "rb") as file:
            self.private = file.read()
        self.record = b"v=DKIM1; k=rsa; p=" + b"".join(public.splitlines()[1:-1])


class Signer:
    """OpenDKIM as a filter, for a with statement; address is where an MTA connects."""

    def __init__(self, folder, key, canonicalization, oversigned):
        self.address = "unix:" + os.path.join(folder, "sign.sock")
        self.config = os.path.join(folder, "sign.conf")
        self.process = None
        lines = [f"Socket local:{self.address[5:]}", "Mode s", "Syslog no",
                 f"Canonicalization {canonicalization}", f"Domain {DOMAIN}",
                 f"Selector {SELECTOR}", f"KeyFile {key.path}", "InternalHosts 0.0.0.0/0",
                 "RequireSafeKeys no", f"SignHeaders {SIGNED}"]
        lines += [f"OversignHeaders {SIGNED}"] * oversigned
        with open(self.config, "w", encoding="ascii") as file:
            file.write("\n".join(lines) + "\n")

    def __enter__(self):
        self.process = subprocess.Popen([PROGRAM, "-f", "-x", self.config],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        end = time.monotonic() + 30
        while not self._listens():
            assert self.process.poll() is None, self.process.stderr.read()
            assert time.monotonic() < end, "opendkim does not listen"
            time.sleep(0.02)
        return self

    def _listens(self):
        """The socket's file comes before the filter listens, so only a connection tells."""
        with socket.socket(socket.AF_UNIX) as knock:
            return knock.connect_ex(self.address[5:]) == 0

    def __exit__(self, *args):
        self.process.kill()  # asked to, it ends some seconds later
        self.process.communicate(timeout=30)
        if os.path.exists(self.address[5:]):
            os.unlink(self.address[5:])


def _verified(config, names):
    done = subprocess.run([PROGRAM, "-x", config, "-t", ",".join(names)], check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120)
    lines = done.stdout.decode("utf-8", "replace").splitlines()
    good = {line.split(": ")[1] for line in lines if line.endswith("succeeded")}
    bad = {line.split(": ")[1] for line in lines if ") failed" in line}
    missing = set(names) - good - bad
    assert not missing, f"opendkim says nothing of {len(missing)} files: {lines[:20]}"
    return [name in good for name in names]


def verified(folder, key, messages):
    """For each of @messages whether its signature is good."""
    config, keys = os.path.join(folder, "verify.conf"), os.path.join(folder, "keys")
    names, answers = [], []
    with open(keys, "wb") as file:
        file.write(f"{SELECTOR}._domainkey.{DOMAIN} ".encode() + key.record + b"\n")
    with open(config, "w", encoding="ascii") as file:
        file.write(f"Mode v\nSyslog no\nMinimumKeyBits 512\nTestPublicKeys {keys}\n")
    for number, message in enumerate(messages):
        names.append(os.path.join(folder, f"{number}.eml"))
        with open(names[-1], "wb") as file:
            file.write(message)
    for at in range(0, len(names), AT_ONCE):
        answers += _verified(config, names[at:at + AT_ONCE])
    return answers
