dnl SPDX-License-Identifier: BSD-2-Clause
dnl mailmend.m4: mailmend-milter as a filter of Sendmail's daemon, see mailmend-milter(8).
dnl
dnl In sendmail.mc, before the MAILER lines, behind filters that judge incoming mail and before the
dnl one that signs it:
dnl
dnl     include(`/etc/mail/m4/mailmend.m4')dnl
dnl
dnl Before that line two names may be defined:
dnl
dnl     define(`MAILMEND_SOCKET', `inet:8894@127.0.0.1')dnl
dnl     define(`MAILMEND_TIMEOUTS', `C:5s;S:60s;R:60s;E:2m')dnl
dnl
dnl MAILMEND_SOCKET is what Socket= says in mailmend.conf. Sendmail does not start with a local
dnl socket when a folder on the way to it is writable for a group or for all.
dnl
dnl F=T: while the filter is away the client is told to come again. Without it mail passes as it is,
dnl or with half of the edits if the filter dies in the middle of them.
dnl
dnl No confMILTER_MACROS_* is needed: the filter tells Sendmail which macros it wants.
VERSIONID(`mailmend.m4')dnl
ifdef(`MAILMEND_SOCKET',,
`define(`MAILMEND_SOCKET', `local:/run/mailmend/mailmend.sock')')dnl
ifdef(`MAILMEND_TIMEOUTS',, `define(`MAILMEND_TIMEOUTS', `C:5s;S:60s;R:60s;E:2m')')dnl
INPUT_MAIL_FILTER(`mailmend', `S='MAILMEND_SOCKET`, F=T, T='MAILMEND_TIMEOUTS)dnl
