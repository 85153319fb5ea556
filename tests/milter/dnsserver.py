# SPDX-License-Identifier: BSD-2-Clause
"""Name servers on loopback: dnsmasq, and one of our own for what no real one would say."""

import contextlib
import os
import shutil
import socket
import struct
import subprocess
import tempfile
import threading
import time

from tap import Skip

DNSMASQ = shutil.which("dnsmasq", path=os.environ["PATH"] + ":/usr/sbin:/sbin")

NS, CNAME, SOA, MX = 2, 5, 6, 15
SERVFAIL, NXDOMAIN, NOTIMP, REFUSED = 2, 3, 4, 5


def encode(name):
    """A name in its labels, without compression."""
    labels = [label.encode("latin-1") for label in name.split(".") if label]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def record(owner, kind, data, ttl=300):
    return encode(owner) + struct.pack(">HHIH", kind, 1, ttl, len(data)) + data


def mx(owner, host, preference=10, ttl=300):
    return record(owner, MX, struct.pack(">H", preference) + encode(host), ttl)


def soa(owner, ttl, minimum):
    data = encode("ns." + owner) + encode("root." + owner)
    return record(owner, SOA, data + struct.pack(">IIIII", 1, 60, 60, 60, minimum), ttl)


def free_port():
    """A port that is free for UDP and TCP now."""
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp, socket.socket() as tcp:
            udp.bind(("127.0.0.1", 0))
            with contextlib.suppress(OSError):
                tcp.bind(udp.getsockname())
                return udp.getsockname()[1]


class DeadPort:
    """A port where questions arrive and nobody answers."""

    def __init__(self, address="127.0.0.1", port=0):
        self.where = (address, port)

    def __enter__(self):
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind(self.where)
        self.port = self.sock.getsockname()[1]
        return self

    def __exit__(self, *args):
        self.sock.close()


class Dnsmasq:
    """A dnsmasq that knows what its arguments say, and nothing else."""

    def __init__(self, *args, address="127.0.0.1", port=None):
        if DNSMASQ is None:
            raise Skip("dnsmasq is not installed")
        self.port = port or free_port()
        self.folder = tempfile.mkdtemp(prefix="mailmend-dns-")
        self.log = os.path.join(self.folder, "log")
        self.args = [DNSMASQ, "--no-daemon", "--conf-file=/dev/null", f"--port={self.port}",
                     f"--listen-address={address}", "--bind-interfaces", "--no-resolv", "--no-hosts",
                     "--no-dhcp-interface=lo", "--cache-size=0", "--log-queries", *args]
        self.process = None

    def __enter__(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(self.args, stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log)
        end = time.monotonic() + 30
        while "started" not in self.text():
            assert self.process.poll() is None and time.monotonic() < end, self.text()
            time.sleep(0.02)
        return self

    def __exit__(self, *args):
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def text(self):
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return file.read()

    def count(self, domain):
        """How often somebody has asked for the MX records of @domain."""
        return self.text().count(f"query[MX] {domain} from")


class Question:
    """What a name server was asked."""

    def __init__(self, packet, tcp):
        self.packet, self.tcp = packet, tcp
        labels, at = [], 12
        while packet[at]:
            labels.append(packet[at + 1:at + 1 + packet[at]].decode("latin-1"))
            at += 1 + packet[at]
        self.name = ".".join(labels).lower()
        self.text = packet[12:at + 5]

    def answer(self, *answers, code=0, authority=(), truncated=False, authoritative=False):
        flags = 0x8180 | code | truncated << 9 | authoritative << 10
        head = self.packet[:2] + struct.pack(">HHHHH", flags, 1, len(answers), len(authority), 0)
        return head + self.text + b"".join(answers) + b"".join(authority)


class OddServer:
    """Answers as @reply wants it: called with a Question, gives octets, or None for no answer.

    Questions are answered each on a thread of its own, so that @reply may wait.
    """

    def __init__(self, reply):
        self.reply = reply
        self.port = free_port()
        self.asked = []  # (name, "udp" or "tcp")
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(("127.0.0.1", self.port))
        self.tcp = socket.create_server(("127.0.0.1", self.port))

    def __enter__(self):
        threading.Thread(target=self._serve_udp, daemon=True).start()
        threading.Thread(target=self._serve_tcp, daemon=True).start()
        return self

    def __exit__(self, *args):
        for sock in (self.udp, self.tcp):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()

    def count(self, name, how=None):
        return sum(n == name and how in (None, h) for n, h in self.asked)

    def _answer(self, packet, how, send):
        question = Question(packet, how == "tcp")
        self.asked.append((question.name, how))
        answer = self.reply(question)
        if answer is not None:
            with contextlib.suppress(OSError):
                send(answer)

    def _serve_udp(self):
        with contextlib.suppress(OSError):
            while True:
                packet, peer = self.udp.recvfrom(4096)
                if not packet:
                    return
                threading.Thread(target=self._answer, daemon=True, args=(
                    packet, "udp", lambda data, to=peer: self.udp.sendto(data, to))).start()

    def _serve_tcp(self):
        with contextlib.suppress(OSError):
            while True:
                link, _ = self.tcp.accept()
                threading.Thread(target=self._serve_link, args=(link,), daemon=True).start()

    def _serve_link(self, link):
        with link, link.makefile("rb") as file, contextlib.suppress(OSError):
            while True:
                head = file.read(2)
                if len(head) < 2:
                    return
                packet = file.read(struct.unpack(">H", head)[0])
                self._answer(packet, "tcp",
                             lambda data: link.sendall(struct.pack(">H", len(data)) + data))
