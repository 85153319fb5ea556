# SPDX-License-Identifier: BSD-2-Clause
"""The soak's clients: each a process that sends mail to filters that are killed meanwhile."""

import array
import collections
import hashlib
import multiprocessing
import random
import time

import soakmail
from milterclient import NR_MAIL, MilterClient, ProtocolError

# No filter may need as long for anything.
SECONDS = 120

MOST_PROBLEMS = 20

# Chances of a message: it is aborted, the session ends in its middle, it comes in small pieces.
ABORTED, LEFT, TRICKLED = 0.02, 0.01, 0.01


def digest(answer):
    return hashlib.blake2b(soakmail.normal(answer), digest_size=12).digest()


class Client:
    """One of them. @expected: (message, sender) -> digests of the answers that are right."""

    def __init__(self, number, addresses, mail, expected, seed):
        self.number, self.addresses, self.expected = number, addresses, expected
        self.mails, self.messages = mail
        self.chance = random.Random(seed + number)
        self.next_id = 0  # how many queue ids were used
        self.unsure = array.array("L")  # of which the log may know nothing
        self.counts = collections.Counter()
        self.problems = []

    def problem(self, text):
        self.counts["problems"] += 1
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(f"client {self.number}: {text}")

    def run(self, stop):
        while not stop.is_set():
            address = self.chance.choice(self.addresses)
            before = self.next_id
            try:
                self.session(address)
                self.counts["sessions"] += 1
            except TimeoutError:
                self.problem(f"{address}: no answer in {SECONDS} seconds")
            except (OSError, ProtocolError):
                self.counts["cut" if self.next_id > before else "refused"] += 1
                time.sleep(0.02)

    def session(self, address):
        with MilterClient(address, timeout=SECONDS) as mta:
            mta.connect("client.example", "192.0.2.1")
            for _ in range(self.chance.randrange(1, 40)):
                if not self.send(mta):
                    return
            mta.quit()

    def send(self, mta):
        """One message; FALSE when the session is over."""
        which = self.chance.randrange(len(self.messages))
        sender = self.chance.randrange(len(self.mails))
        message, odd = self.messages[which], self.chance.random()
        mta.sock.sendall(self.mails[sender])
        if not mta.protocol & NR_MAIL:
            reply = soakmail.read_answer(mta.sock)
            if reply[4:5] == b"a":
                self.judge(which, sender, reply)
                return True
        if odd < ABORTED + LEFT:
            return self.break_off(mta, message.content, odd < ABORTED)
        step = 4000 if odd > 1 - TRICKLED else 1 << 30
        for at in range(0, len(message.content), step):
            mta.sock.sendall(message.content[at:at + step])
        self.end(mta, which, sender)
        return True

    def break_off(self, mta, content, abort):
        self.counts["aborted" if abort else "left"] += 1
        if abort:
            mta.sock.sendall(content)
            mta.abort()
        else:
            mta.sock.sendall(content[:self.chance.randrange(len(content))])
        return abort

    def end(self, mta, which, sender):
        number, self.next_id = self.next_id, self.next_id + 1
        self.unsure.append(number)
        name = soakmail.queue_id(self.number, number)
        self.counts["sent"] += 1
        mta.sock.sendall(self.messages[which].end.replace(soakmail.QUEUE_ID, name))
        answer = soakmail.read_answer(mta.sock)
        # A message under "off" has no line.
        if not soakmail.may_be_off(sender):
            self.unsure.pop()
        self.judge(which, sender, answer)

    def judge(self, which, sender, answer):
        self.counts[soakmail.kind_of(answer)] += 1
        if digest(answer) not in self.expected[which, sender]:
            self.problem(f"{self.messages[which].name} of {soakmail.SENDERS[sender]!r}: an answer "
                         f"of {len(answer)} octets that is not right: {answer[:500]!r}")


# ---- what is right

def learn(address, mail, expected):
    """What a filter that is left in peace answers to every message of every sender."""
    mails, messages = mail
    with MilterClient(address, timeout=SECONDS) as mta:
        mta.connect("client.example", "192.0.2.1")
        for sender, packets in enumerate(mails):
            for which, message in enumerate(messages):
                mta.sock.sendall(packets)
                answer = b"\0\0\0\1c" if mta.protocol & NR_MAIL else soakmail.read_answer(mta.sock)
                if answer[4:5] == b"a":
                    # A session that agreed on no reply there is told at the end.
                    expected[which, sender].add(digest(b"\0\0\0\1c"))
                else:
                    mta.sock.sendall(message.content + message.end)
                    answer = soakmail.read_answer(mta.sock)
                expected[which, sender].add(digest(answer))


# ---- processes

def _serve(client, stop, pipe):
    client.run(stop)
    pipe.send((client.counts, client.problems, client.next_id, client.unsure))


class Clients:
    """All of them, until stop () says what they saw."""

    def __init__(self, count, addresses, mail, expected, seed):
        context = multiprocessing.get_context("fork")
        self.stopping = context.Event()
        self.pipes, self.processes = [], []
        for number in range(count):
            here, there = context.Pipe(duplex=False)
            client = Client(number, addresses, mail, expected, seed)
            process = context.Process(target=_serve, args=(client, self.stopping, there),
                                      daemon=True)
            process.start()
            there.close()
            self.pipes.append(here)
            self.processes.append(process)

    @property
    def alive(self):
        return all(process.is_alive() for process in self.processes)

    def stop(self):
        """(counts, problems, for each client how many ids it used and which the log may lack)"""
        counts, problems, ids = collections.Counter(), [], []
        self.stopping.set()
        for pipe, process in zip(self.pipes, self.processes):
            more, texts, used, unsure = pipe.recv()
            process.join()
            counts += more
            problems += texts
            ids.append((used, set(unsure)))
        return counts, problems, ids
