# SPDX-License-Identifier: BSD-2-Clause
"""A machine with the Postfix of Debian, as packaged: smtpd in its chroot, mail for bob."""

import re

from machine import Machine

# Behind the milter's own address: as mailmend-milter -n prints it.
MILTER_LINES = re.compile(r"^smtpd_milters = .*?(?=^\S|\Z)", re.MULTILINE | re.DOTALL)

SETTINGS = ("myhostname=mta.example", "mydestination=mta.example", "inet_interfaces=loopback-only",
            "inet_protocols=ipv4", "mynetworks=127.0.0.0/8", "alias_maps=", "alias_database=",
            "relayhost=", "smtpd_tls_security_level=none", "smtp_tls_security_level=none",
            # Else Postfix adds what is missing before a milter sees it.
            "local_header_rewrite_clients=")

DEFECT = ("From: ann@example.com\nTo: bob@mta.example\nSubject: {subject}\n"
          "Date: Tue, 1 Jul 2003 10:52:37 +0200\n"
          "Message-ID: =?utf-8?q?=3C{subject}=40example=2Ecom=3E?=\n"
          "MIME-Version: 1.0\nContent-Type: text/plain; charset=us-ascii\n\nsmall\n")


class MailHost(Machine):
    """Postfix runs; mailmend is not installed yet."""

    def __enter__(self):
        super().__enter__()
        try:
            self.run("useradd", "--create-home", "bob")
            for setting in SETTINGS:
                self.run("postconf", "-e", setting)
            self.run("systemctl", "restart", "postfix")
        except BaseException:
            self.close()
            raise
        return self

    def register(self, printed):
        """Puts what mailmend-milter -n has printed into main.cf."""
        lines = "\n".join(line for line in printed.splitlines() if not line.startswith("#"))
        smtpd = re.search(r"smtpd_milters = (\{.*?\})", lines, re.DOTALL)[1]
        assert "non_smtpd_milters = $smtpd_milters" in lines, printed
        self.run("postconf", "-e", "smtpd_milters=" + " ".join(smtpd.split()),
                 "non_smtpd_milters=$smtpd_milters")
        self.run("systemctl", "reload", "postfix")

    def send(self, subject, seconds=90):
        """Sends a message with a defect by SMTP: the exit code of swaks and what was said."""
        self.write("/root/mail", DEFECT.format(subject=subject))
        done = self.run("swaks", "--server", "127.0.0.1", "--from", "ann@example.com", "--to",
                        "bob@mta.example", "--data", "@/root/mail", "--timeout", str(seconds),
                        check=False, seconds=seconds + 30)
        return done.returncode, done.stdout

    def mailbox(self):
        """The delivered messages."""
        try:
            text = self.read("/var/mail/bob")
        except FileNotFoundError:
            return []
        return re.split(r"^From .*\n", text, flags=re.MULTILINE)[1:]

    def delivered(self, subject):
        """The message as it was delivered, once."""
        found = self.wait(f"delivery of {subject}", lambda: [
            mail for mail in self.mailbox() if f"\nSubject: {subject}\n" in mail])
        assert len(found) == 1, found
        return found[0]

    def mends(self, subject):
        """Sends a message and sees it mended."""
        code, said = self.send(subject)
        assert code == 0, said
        mail = self.delivered(subject)
        assert f"\nMessage-ID: <{subject}@example.com>\n" in mail, mail
        return mail
