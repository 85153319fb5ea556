/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * config-settings.c: the tables of all keys.
 *
 * One row is one key: where its value goes, what it may be, what it is if not given, and what the
 * manual page says of it.
 */
#include <syslog.h>

#include "policy-private.h"

static const MmSettingChoice facilities[] = {
	{"mail", LOG_MAIL},     {"daemon", LOG_DAEMON}, {"user", LOG_USER},
	{"auth", LOG_AUTH},     {"authpriv", LOG_AUTHPRIV}, {"syslog", LOG_SYSLOG},
	{"local0", LOG_LOCAL0}, {"local1", LOG_LOCAL1}, {"local2", LOG_LOCAL2},
	{"local3", LOG_LOCAL3}, {"local4", LOG_LOCAL4}, {"local5", LOG_LOCAL5},
	{"local6", LOG_LOCAL6}, {"local7", LOG_LOCAL7}, {NULL, 0},
};

static const MmSettingChoice log_messages[] = {
	{"all", MM_LOG_ALL}, {"issues", MM_LOG_ISSUES}, {"off", MM_LOG_OFF}, {NULL, 0},
};

static const MmSettingChoice log_format[] = {
	{"text", MM_LOG_FORMAT_TEXT}, {"json", MM_LOG_FORMAT_JSON}, {NULL, 0},
};

static const MmSettingChoice on_failure[] = {
	{"accept", MM_ON_ACCEPT},
	{"tempfail", MM_ON_TEMPFAIL},
	{"reject", MM_ON_REJECT},
	{"quarantine", MM_ON_QUARANTINE},
	{NULL, 0},
};

static const MmSettingChoice on_unfixable[] = {
	{"log", MM_UNFIXABLE_LOG},
	{"reject", MM_UNFIXABLE_REJECT},
	{"tempfail", MM_UNFIXABLE_TEMPFAIL},
	{NULL, 0},
};

static const MmSettingChoice embedded[] = {
	{"report", MM_EMBEDDED_REPORT},
	{"fix", MM_EMBEDDED_FIX},
	{"all", MM_EMBEDDED_ALL},
	{NULL, 0},
};

static const MmSettingChoice mx_unknown[] = {{"nomatch", FALSE}, {"match", TRUE}, {NULL, 0}};

static const MmSettingChoice eight_bit[] = {
	{"declared", MM_EIGHTBIT_DECLARED}, {"never", MM_EIGHTBIT_NEVER}, {NULL, 0},
};

static const MmSettingChoice bare_cr[] = {
	{"space", MM_BARE_CR_SPACE},
	{"crlf", MM_BARE_CR_CRLF},
	{"encode", MM_BARE_CR_ENCODE},
	{NULL, 0},
};

static const MmSettingChoice param_style[] = {
	{"both", MM_PARAM_STYLE_BOTH}, {"rfc2231", MM_PARAM_STYLE_RFC2231}, {NULL, 0},
};

static const MmSettingChoice on_dkim[] = {
	{"header-add-only", MM_DKIM_HEADER_ADD_ONLY},
	{"skip", MM_DKIM_SKIP},
	{"fix", MM_DKIM_FIX},
	{"reject", MM_DKIM_REJECT},
	{NULL, 0},
};

static const MmSettingChoice on_cms[] = {
	{"skip", MM_CMS_SKIP}, {"reject", MM_CMS_REJECT}, {NULL, 0},
};

static const MmSettingChoice dkim_broken[] = {{"keep", FALSE}, {"rename", TRUE}, {NULL, 0}};

static const MmSettingChoice replace_id[] = {{"no", FALSE}, {"always", TRUE}, {NULL, 0}};

#define AT(member) .offset = G_STRUCT_OFFSET (MmGlobals, settings.member)

static const MmSettingRow mailmend_rows[] = {
	{.key = "Socket", .type = MM_SETTING_SOCKET, AT (socket), .restart = TRUE,
	 .default_text = "local:/run/mailmend/mailmend.sock",
	 .help = "Where the MTA connects: local:PATH, unix:PATH, inet:PORT@HOST or "
	         "inet6:PORT@HOST. A path is absolute and has at most 107 octets. The unit of systemd "
	         "lets in no other machine: see mailmend-milter(8)."},
	{.key = "SocketMode", .type = MM_SETTING_MODE, AT (socket_mode), .restart = TRUE,
	 .default_text = "0660", .max = 0777,
	 .help = "Permissions of a local socket, octal."},
	{.key = "SocketGroup", .type = MM_SETTING_WORD, AT (socket_group), .restart = TRUE,
	 .help = "Group of a local socket, so that the MTA may connect. "
	         "Default: the group mailmend runs as."},
	{.key = "User", .type = MM_SETTING_WORD, AT (user), .restart = TRUE,
	 .help = "User to become when started as root; it must be given then. The unit of systemd "
	         "starts it as the user mailmend and needs none."},
	{.key = "LogTo", .type = MM_SETTING_LOG_TO, AT (log_to), .restart = TRUE,
	 .help = "Where the log goes: syslog, stderr or the absolute path of a file. Default: "
	         "syslog, in the foreground stderr; as a unit of systemd syslog."},
	{.key = "LogFacility", .type = MM_SETTING_CHOICE, AT (log_facility), .restart = TRUE,
	 .default_text = "mail", .choices = facilities,
	 .help = "The facility of syslog."},
	{.key = "LogMessages", .type = MM_SETTING_CHOICE, AT (log_messages), .default_text = "all",
	 .choices = log_messages,
	 .help = "Which messages get a line in the log. all: every one; issues: those with "
	         "something wrong; off: none. Errors always get one."},
	{.key = "LogFormat", .type = MM_SETTING_CHOICE, AT (log_format), .default_text = "text",
	 .choices = log_format,
	 .help = "The form of the line of a message, and of the line of numbers that StatsInterval "
	         "asks for. text: 'QUEUEID: action=fix labels=A|B ...'; json: an object with the "
	         "same keys. Other lines are always text. mailmend-log(5) describes both."},
	{.key = "LogProgram", .type = MM_SETTING_YESNO, AT (log_program), .default_text = "no",
	 .help = "Whether the line of a message says as 'program=' what wrote it: its first field "
	         "X-Mailer or User-Agent."},
	{.key = "StatsInterval", .type = MM_SETTING_SECONDS, AT (stats_interval),
	 .default_text = "60s", .max = 24 * 60 * 60,
	 .help = "How often the log gets a line with the numbers of messages, of what became of them "
	         "and of the time that judging took, in seconds, or with s, m or h; at most a day. "
	         "There is none where no message came. 0: never."},
	{.key = "MetricsListen", .type = MM_SETTING_LISTEN, AT (metrics_listen), .restart = TRUE,
	 .help = "Where counters for Prometheus are served over HTTP, ADDRESS:PORT or "
	         "[ADDRESS]:PORT: '/metrics', and '/healthz' for those who ask whether the daemon "
	         "serves. Whoever can connect may read, so it should be 127.0.0.1 or a network of "
	         "one's own; names of policies are told, but nothing of any mail. An address that "
	         "is in use is an error at the start. Default: nowhere."},
	{.key = "DryRun", .type = MM_SETTING_YESNO, AT (dry_run), .default_text = "no",
	 .help = "Judge, and log as 'would=' what would be done, but change and refuse nothing. Of "
	         "one rule: see [rule]."},
	{.key = "OnInternalError", .type = MM_SETTING_CHOICE, AT (on_internal_error),
	 .default_text = "tempfail", .choices = on_failure,
	 .help = "What becomes of a message on which mailmend itself fails: memory, a table that "
	         "cannot be asked, an original that cannot be kept. accept: it passes unchanged. A "
	         "message that fails again within an hour (same Message-ID and client) passes "
	         "unchanged where it would be tempfailed, instead of coming back for days."},
	{.key = "OnInternalErrorAuthenticated", .type = MM_SETTING_CHOICE,
	 AT (on_internal_error_authenticated), .choices = on_failure,
	 .help = "The same as OnInternalError for clients that have logged in: an application may "
	         "be told to come again where a stranger's mail passes. Default: as "
	         "OnInternalError."},
	{.key = "OnOversize", .type = MM_SETTING_CHOICE, AT (on_oversize),
	 .default_text = "accept", .choices = on_failure,
	 .help = "What becomes of a message larger than MaxMessageSize, or with more than 1 MB of "
	         "header, which is not judged. accept: it passes unchanged."},
	{.key = "MaxMessageSize", .type = MM_SETTING_SIZE, AT (max_message_size),
	 .default_text = "64M", .min = 1, .max = 1024 * 1024 * 1024,
	 .help = "Larger messages are not judged. Octets, or with K, M or G; at most 1G."},
	{.key = "MessageSizeLimit", .type = MM_SETTING_SIZE, AT (message_size_limit),
	 .default_text = "10240000", .max = G_MAXINT64,
	 .help = "The limit of the MTA ('message_size_limit' of Postfix): the body is not mended "
	         "if the message would pass it by that. 0: there is none."},
	{.key = "Deadline", .type = MM_SETTING_SECONDS, AT (deadline), .default_text = "20s",
	 .min = 1, .max = 3600,
	 .help = "Time one message may take, in seconds, or with s, m or h; 1 second to 1 hour. "
	         "Then it passes unchanged."},
	{.key = "SpoolThreshold", .type = MM_SETTING_SIZE, AT (spool_threshold),
	 .default_text = "1M", .max = 1024 * 1024 * 1024,
	 .help = "Octets of a body that are kept in memory; a larger one goes to a file in "
	         "SpoolDir."},
	{.key = "SpoolDir", .type = MM_SETTING_PATH, AT (spool_folder),
	 .default_text = "/var/tmp",
	 .help = "Folder of those files. They have no names and go away with the message. Where "
	         "none can be written, OnInternalError says what becomes of the message; a folder "
	         "that cannot be written to at the start, or at a reload, is an error."},
	{.key = "Hostname", .type = MM_SETTING_HOST, AT (hostname),
	 .help = "Name in message ids that are added where neither From nor the sender has a "
	         "domain, and in X-Mailmend. Default: what the MTA calls itself, else the host's "
	         "name."},
	{.key = "TraceHeader", .type = MM_SETTING_YESNO, AT (trace_header), .default_text = "no",
	 .help = "Whether a message that was mended gets a field 'X-Mailmend: HOST; "
	         "fixed=LABEL|LABEL; policy=NAME'. It is not added where that would break a "
	         "signature."},
	{.key = "KeepOriginals", .type = MM_SETTING_PATH, AT (keep_originals),
	 .help = "A folder that gets every message as it was received before a mended one is "
	         "handed back: QUEUEID.eml, with QUEUEID.mended.eml and QUEUEID.envelope beside "
	         "it. 'mailmend diff QUEUEID' shows what was changed. If it cannot be written, or "
	         "is full, the message is not mended: OnInternalError says what becomes of it. "
	         "Default: none."},
	{.key = "KeepOriginalsSize", .type = MM_SETTING_SIZE, AT (keep_originals_size),
	 .default_text = "1G", .min = 1024 * 1024, .max = G_MAXINT64,
	 .help = "Octets that KeepOriginals may hold, or with K, M or G. Full means full: what is "
	         "younger than KeepOriginalsAge is never removed to make room."},
	{.key = "KeepOriginalsAge", .type = MM_SETTING_SECONDS, AT (keep_originals_age),
	 .default_text = "7d", .min = 60, .max = 10 * 365 * 24 * 60 * 60,
	 .help = "How long a message stays in KeepOriginals, in seconds, or with s, m, h or d; at "
	         "least a minute."},
	{.key = "MxUnknown", .type = MM_SETTING_CHOICE, AT (mx_unknown), .default_text = "nomatch",
	 .choices = mx_unknown,
	 .help = "What RecipientMx makes of a domain of which DNS has not said in time, or could "
	         "not say, who takes its mail. nomatch: it does not fit; match: it does. The log "
	         "line says 'mx=pending' where that decided."},
	{.key = "MxWait", .type = MM_SETTING_MILLISECONDS, AT (mx_wait), .default_text = "100ms",
	 .max = 1000,
	 .help = "How long the end of a message may wait for DNS if a rule cannot be decided "
	         "without, in milliseconds, or with ms or s; at most 1 second. DNS is asked when a "
	         "recipient comes, so that its answer mostly is there. At most eight messages wait "
	         "at a time, and none for a domain that another has waited for in vain; the rest "
	         "goes on with what is known. 0ms: nothing waits."},
	{.key = "MxServers", .type = MM_SETTING_SERVERS, AT (mx_servers), .restart = TRUE,
	 .help = "Name servers that are asked for RecipientMx: ADDRESS, ADDRESS:PORT or "
	         "[ADDRESS]:PORT, comma between. A change takes a restart once DNS has been asked. "
	         "Default: those of the system, which are read again when they change."},
	{.key = "TrustedClients", .type = MM_SETTING_NETWORKS,
	 .offset = G_STRUCT_OFFSET (MmGlobals, trusted), .default_text = "127.0.0.0/8, ::1",
	 .help = "The clients that TRUSTED stands for: addresses and networks, comma or blank "
	         "between, '!' excepts. Takes what 'postconf -hx mynetworks' prints."},
};

#undef AT
#define AT(member) .offset = G_STRUCT_OFFSET (MmPolicyDraft, policy.member)
#define LIST(says) .offset = G_STRUCT_OFFSET (MmPolicyDraft, lists[says])

static const MmSettingRow policy_rows[] = {
	{.key = "Description", .type = MM_SETTING_TEXT, AT (description),
	 .help = "What the policy is for."},
	{.key = "Inherit", .type = MM_SETTING_POLICY,
	 .offset = G_STRUCT_OFFSET (MmPolicyDraft, inherit),
	 .help = "The policy to start from, built in or of any file: all its lists and settings "
	         "hold but Description and those that are given here; a list given here replaces "
	         "the one of its name and beats all inherited ones. off cannot be inherited from. "
	         "Default: in a section with the name of a built-in policy that policy, else none."},
	{.key = "Fix", .type = MM_SETTING_LABELS, LIST (MM_SAYS_FIX),
	 .help = "Labels and groups that are mended. A label in no list is logged."},
	{.key = "Reject", .type = MM_SETTING_LABELS, LIST (MM_SAYS_REJECT),
	 .help = "Labels for which a message is refused, with RejectCode and RejectText."},
	{.key = "Quarantine", .type = MM_SETTING_LABELS, LIST (MM_SAYS_QUARANTINE),
	 .help = "Labels for which the MTA holds a message, with QuarantineText as the reason."},
	{.key = "Tempfail", .type = MM_SETTING_LABELS, LIST (MM_SAYS_TEMPFAIL),
	 .help = "Labels for which a message is refused for now (451 4.6.0), with RejectText."},
	{.key = "Log", .type = MM_SETTING_LABELS, LIST (MM_SAYS_LOG),
	 .help = "Labels that are only logged."},
	{.key = "Ignore", .type = MM_SETTING_LABELS, LIST (MM_SAYS_IGNORE),
	 .help = "Labels that are not even logged."},
	{.key = "LineLimit", .type = MM_SETTING_NUMBER, AT (line_limit), .default_text = "998",
	 .min = 76, .max = 100000,
	 .help = "Octets a line may have before it is LINE_TOO_LONG; 76 to 100000."},
	{.key = "MaxMimeDepth", .type = MM_SETTING_NUMBER, AT (max_mime_depth),
	 .default_text = "30", .min = 1, .max = 99,
	 .help = "Levels of parts a message may have before it is MIME_TOO_DEEP; the message "
	         "itself is one; 1 to 99."},
	{.key = "MaxMimeParts", .type = MM_SETTING_NUMBER, AT (max_mime_parts),
	 .default_text = "250", .min = 1, .max = 999,
	 .help = "Parts a message may have before it is TOO_MANY_PARTS; every multipart and the "
	         "message itself count; 1 to 999."},
	{.key = "EightBit", .type = MM_SETTING_CHOICE, AT (eight_bit), .default_text = "declared",
	 .choices = eight_bit,
	 .help = "declared: octets from 128 on are right in a part that says 8bit or binary; "
	         "never: they need an encoding everywhere."},
	{.key = "BareCr", .type = MM_SETTING_CHOICE, AT (bare_cr), .default_text = "space",
	 .choices = bare_cr,
	 .help = "What a lone CR in text becomes. space: a blank; crlf: a line end; encode: =0D."},
	{.key = "ParamStyle", .type = MM_SETTING_CHOICE, AT (param_style), .default_text = "both",
	 .choices = param_style,
	 .help = "How a file name with raw octets is written (RAW_8BIT_PARAMETER). both: filename "
	         "as RFC 2231 wants it, name as an encoded word in quotes, which is not legal but "
	         "what older readers understand; rfc2231: both as RFC 2231 wants it."},
	{.key = "Charsets", .type = MM_SETTING_CHARSETS, AT (charsets),
	 .default_text = "utf-8, windows-1252",
	 .help = "Charsets that octets without a declared one may be in. The one that makes the "
	         "likeliest text of the octets is taken, so it should be those that people there "
	         "write. 'all' stands for every charset that can be told from others: it is right "
	         "less often."},
	{.key = "ExcludeCharsets", .type = MM_SETTING_CHARSETS, AT (exclude_charsets),
	 .help = "Charsets that are taken out of Charsets again. Octets that are valid UTF-8 "
	         "always count as that."},
	{.key = "DefaultCharset", .type = MM_SETTING_CHARSET, AT (default_charset),
	 .help = "The charset when none of Charsets fits. Default: none; the part is left as it "
	         "is."},
	{.key = "ReplaceMessageId", .type = MM_SETTING_CHOICE, AT (replace_message_id),
	 .default_text = "no", .choices = replace_id,
	 .help = "Whether an invalid Message-ID that cannot be mended is replaced by a new one. "
	         "no: it is left; always: it is replaced."},
	{.key = "KeepOriginalId", .type = MM_SETTING_YESNO, AT (keep_original_id),
	 .default_text = "yes",
	 .help = "Whether a replaced value is kept in X-Original-Message-ID or X-Original-Date."},
	{.key = "OnDkim", .type = MM_SETTING_CHOICE, AT (on_dkim),
	 .default_text = "header-add-only", .choices = on_dkim,
	 .help = "What is done where a repair would break a DKIM or ARC signature. A repair that "
	         "is known to break none is always made.\nskip: it is not made.\nheader-add-only: "
	         "nor is it made; but a message whose signature cannot be read, so that nobody "
	         "knows what it covers, may get new fields.\nfix: it is made, and 'broke=' in the "
	         "log names the signature.\nreject: the message is refused."},
	{.key = "ArcBreak", .type = MM_SETTING_YESNO, AT (arc_break), .default_text = "no",
	 .help = "Whether OnDkim = fix is meant for a message with an ARC-Seal too; else it is "
	         "header-add-only there."},
	{.key = "DkimBroken", .type = MM_SETTING_CHOICE, AT (dkim_rename), .default_text = "keep",
	 .choices = dkim_broken,
	 .help = "What becomes of a DKIM-Signature that OnDkim = fix broke. keep: it stays; "
	         "rename: it is renamed to X-Original-DKIM-Signature, unless that would break "
	         "another signature."},
	{.key = "OnCms", .type = MM_SETTING_CHOICE, AT (on_cms), .default_text = "skip",
	 .choices = on_cms,
	 .help = "What is done where a repair would edit a message with content that is signed or "
	         "encrypted by S/MIME or PGP. Its body and its Content- fields are never edited; "
	         "other fields of its header are. skip: what is wrong there is left; reject: the "
	         "message is refused if that was to be mended."},
	{.key = "Embedded", .type = MM_SETTING_CHOICE, AT (embedded), .default_text = "report",
	 .choices = embedded,
	 .help = "What is found in embedded mail: forwarded messages and bounces. report: it is a "
	         "notice, logged at most; fix: it is mended where its label is in Fix, and never "
	         "refused; all: it counts as anything else. Nothing is edited inside what S/MIME "
	         "or PGP signed or encrypted. A DKIM signature of embedded mail is not regarded."},
	{.key = "OnUnfixable", .type = MM_SETTING_CHOICE, AT (on_unfixable), .default_text = "log",
	 .choices = on_unfixable,
	 .help = "What becomes of a message when something that is in Fix could not be mended, "
	         "because a signature forbids it, it would be a guess, or the message would pass "
	         "MessageSizeLimit. log: it passes, with what could be mended; reject, tempfail: "
	         "it is refused, and nothing is mended. Mail of the null sender is never refused "
	         "unless a rule names it."},
	{.key = "RejectCode", .type = MM_SETTING_CODE, AT (reject_code),
	 .default_text = "552 5.6.0",
	 .help = "The code of a rejection: 5xx and 5.x.x."},
	{.key = "RejectText", .type = MM_SETTING_TEMPLATE, AT (reject_text),
	 .default_text = "Message has conformance issues: %L",
	 .help = "The text of a rejection or tempfail, ASCII. '%L' stands for the labels, '%Q' for "
	         "the queue id, '%%' for a percent sign; nothing else may follow a percent sign. A "
	         "reply has at most 500 octets: of the labels as many are named as fit."},
	{.key = "QuarantineText", .type = MM_SETTING_TEMPLATE, AT (quarantine_text),
	 .default_text = "Message has conformance issues: %L",
	 .help = "The reason that the MTA is told for a quarantine, written as RejectText."},
	{.key = "OnInternalError", .type = MM_SETTING_CHOICE, AT (on_internal_error),
	 .choices = on_failure,
	 .help = "Instead of that in [mailmend], and of OnInternalErrorAuthenticated there."},
	{.key = "OnInternalErrorAuthenticated", .type = MM_SETTING_CHOICE,
	 AT (on_internal_error_authenticated), .choices = on_failure,
	 .help = "Instead of that in [mailmend]."},
	{.key = "OnOversize", .type = MM_SETTING_CHOICE, AT (on_oversize), .choices = on_failure,
	 .help = "Instead of that in [mailmend]."},
	{.key = "TraceHeader", .type = MM_SETTING_YESNO, AT (trace_header),
	 .help = "Instead of that in [mailmend]."},
	{.key = "Hostname", .type = MM_SETTING_HOST, AT (hostname),
	 .help = "Instead of that in [mailmend]."},
};

#undef AT
#define AT(kind) .offset = G_STRUCT_OFFSET (MmMatchRule, conditions[MM_CONDITION_##kind])

/* The first two are also those of [default]. */
#define N_DEFAULT_ROWS 2

static const MmSettingChoice match_recipients[] = {{"any", FALSE}, {"all", TRUE}, {NULL, 0}};

/* What all conditions with lists can do. */
#define FORMS "Comma between; '!' excepts; also /regex/, /regex/i, TABLE:PATH, lmdb:PATH."

static const MmSettingRow rule_rows[] = {
	{.key = "Policy", .type = MM_SETTING_POLICY,
	 .offset = G_STRUCT_OFFSET (MmMatchRule, policy_name),
	 .help = "The policy of messages that match. Must be given in a rule; in [default] it is "
	         "watch if not given. TABLE, in a rule only: the word behind the pattern that fits "
	         "is the name of the policy. A condition of the rule must have tables only, and all patterns "
	         "in tables of the rule a policy; of several that fit the first counts."},
	{.key = "DryRun", .type = MM_SETTING_YESNO,
	 .offset = G_STRUCT_OFFSET (MmMatchRule, dry_run),
	 .default_text = "no",
	 .help = "As in [mailmend], for messages that match: judge, and log as 'would=' what would "
	         "be done, but change and refuse nothing."},
	{.key = "MatchRecipients", .type = MM_SETTING_CHOICE,
	 .offset = G_STRUCT_OFFSET (MmMatchRule, match_all), .default_text = "any",
	 .choices = match_recipients,
	 .help = "How many recipients must fit Recipient, RecipientDomain, RecipientMx and NextHop "
	         "of the rule. any: one is enough; all: every one. A recipient fits if all of "
	         "these conditions hold for it. A rule that fits some recipients only can mend a "
	         "message, but never reject, tempfail or quarantine it."},
	{.key = "Sender", .type = MM_SETTING_ADDRESSES, AT (SENDER),
	 .help = "Envelope sender: user@domain, @domain, .domain (it and all below) or <>. Letter "
	         "case does not count; international domains may be written either way. " FORMS},
	{.key = "SenderDomain", .type = MM_SETTING_DOMAINS, AT (SENDER_DOMAIN),
	 .help = "Domain of the envelope sender: domain or .domain (it and all below). " FORMS},
	{.key = "HeaderFrom", .type = MM_SETTING_ADDRESSES, AT (HEADER_FROM),
	 .help = "First address of the header From, written as in Sender but for <>. " FORMS},
	{.key = "Client", .type = MM_SETTING_CLIENTS, AT (CLIENT),
	 .help = "The client: an address, a network, TRUSTED, or its host name as the MTA has "
	         "verified it: host.domain or .domain (it and all below); unknown is a client "
	         "without one. Comma or blank between. Never holds, other than by "
	         "'!', for mail that did not come over TCP, but for a host name. A regex is "
	         "compared with the host name. " FORMS},
	{.key = "Sasl", .type = MM_SETTING_TRUTH, AT (SASL),
	 .help = "Whether the client has logged in."},
	{.key = "SaslUser", .type = MM_SETTING_USERS, AT (SASL_USER),
	 .help = "The name it has logged in with; letter case counts, but not in an lmdb table, "
	         "whose keys postmap makes lower case. " FORMS},
	{.key = "Local", .type = MM_SETTING_TRUTH, AT (LOCAL),
	 .help = "Whether the message was handed in by the command sendmail on this host, not over "
	         "SMTP. Sendmail's command itself speaks SMTP to the daemon on loopback: it is known "
	         "by the only Received field, \"(from USER@localhost) by HOST\", HOST being the "
	         "daemon's own name (macro {j}). What a content filter hands back has more of them, "
	         "and is not local."},
	{.key = "FirstHop", .type = MM_SETTING_TRUTH, AT (FIRST_HOP),
	 .help = "Whether the message has no Received field yet: it comes from where it was "
	         "written, not from another relay or a content filter."},
	{.key = "Recipient", .type = MM_SETTING_ADDRESSES, AT (RECIPIENT),
	 .help = "Envelope recipient, written as in Sender but for <>; see MatchRecipients. "
	         FORMS},
	{.key = "RecipientDomain", .type = MM_SETTING_DOMAINS, AT (RECIPIENT_DOMAIN),
	 .help = "Domain of a recipient: domain or .domain (it and all below). " FORMS},
	{.key = "RecipientMx", .type = MM_SETTING_HOSTS, AT (RECIPIENT_MX),
	 .help = "A host that takes mail for the domain of a recipient, as its MX records say: "
	         "host or .domain (it and all below); one of them is enough. "
	         "'.mail.protection.outlook.com, .mx.microsoft' is mail to Microsoft 365. Where "
	         "DNS has not answered in time, MxUnknown decides. Transport tables of the MTA "
	         "are not asked: NextHop is what those say. " FORMS},
	{.key = "NextHop", .type = MM_SETTING_HOSTS, AT (NEXT_HOP),
	 .help = "Where the MTA sends the mail of a recipient next, as its macro {rcpt_host} "
	         "says: host or .domain (it and all below), without brackets and port; of "
	         "several, one is enough. Postfix gives it in smtpd_milters only. Without it the "
	         "condition never holds, other than by '!'. " FORMS},
	{.key = "Macro", .type = MM_SETTING_MACROS, AT (MACRO),
	 .help = "Macros of the MTA: '{daemon_name} = ORIGINATING', more with a comma between, of "
	         "which one must be so. The text must be the same, with letter case; a macro that "
	         "the MTA does not give is like no text. " FORMS},
	{.key = "Size", .type = MM_SETTING_SIZES, AT (SIZE),
	 .help = "Octets of the message as it came in: '>10M', '<5K' or '1M-2M' (both included); "
	         "comma between, '!' excepts. K, M and G are powers of 1024."},
};

#undef AT
#undef LIST

const MmSettingRow *
mm_settings_table (guint *out_n)
{
	*out_n = G_N_ELEMENTS (mailmend_rows);
	return mailmend_rows;
}

const MmSettingRow *
mm_settings_policy_table (guint *out_n)
{
	*out_n = G_N_ELEMENTS (policy_rows);
	return policy_rows;
}

const MmSettingRow *
mm_settings_rule_table (guint *out_n)
{
	*out_n = G_N_ELEMENTS (rule_rows);
	return rule_rows;
}

const MmSettingRow *
mm_settings_default_table (guint *out_n)
{
	*out_n = N_DEFAULT_ROWS;
	return rule_rows;
}

static const char *const shapes[MM_N_SETTING_TYPES] = {
	[MM_SETTING_TEXT] = "TEXT",
	[MM_SETTING_WORD] = "NAME",
	[MM_SETTING_HOST] = "HOST",
	[MM_SETTING_SOCKET] = "SOCKET",
	[MM_SETTING_LOG_TO] = "syslog|stderr|FILE",
	[MM_SETTING_YESNO] = "yes|no",
	[MM_SETTING_CHOICE] = NULL,
	[MM_SETTING_NUMBER] = "NUMBER",
	[MM_SETTING_MODE] = "MODE",
	[MM_SETTING_SIZE] = "SIZE",
	[MM_SETTING_SECONDS] = "TIME",
	[MM_SETTING_MILLISECONDS] = "TIME",
	[MM_SETTING_PATH] = "PATH",
	[MM_SETTING_CODE] = "CODE",
	[MM_SETTING_TEMPLATE] = "TEXT",
	[MM_SETTING_SERVERS] = "SERVER, ...",
	[MM_SETTING_LISTEN] = "ADDRESS:PORT",
	[MM_SETTING_CHARSET] = "CHARSET",
	[MM_SETTING_CHARSETS] = "CHARSET, ...",
	[MM_SETTING_LABELS] = "LABEL | GROUP | !LABEL ...",
	[MM_SETTING_POLICY] = "POLICY",
	[MM_SETTING_NETWORKS] = "NETWORK, ...",
	[MM_SETTING_CLIENTS] = "NETWORK, HOST, TRUSTED, ...",
	[MM_SETTING_ADDRESSES] = "ADDRESS, ...",
	[MM_SETTING_DOMAINS] = "DOMAIN, ...",
	[MM_SETTING_USERS] = "USER, ...",
	[MM_SETTING_HOSTS] = "HOST, ...",
	[MM_SETTING_MACROS] = "{MACRO} = TEXT, ...",
	[MM_SETTING_SIZES] = ">SIZE, <SIZE, SIZE-SIZE, ...",
	[MM_SETTING_TRUTH] = "yes|no",
};

char *
mm_setting_values (const MmSettingRow *row)
{
	GString *text;

	if (row->type != MM_SETTING_CHOICE)
		return g_strdup (shapes[row->type]);
	text = g_string_new (NULL);
	for (const MmSettingChoice *choice = row->choices; choice->word != NULL; choice++)
		g_string_append_printf (text, "%s%s", text->len > 0 ? "|" : "", choice->word);
	return g_string_free (text, FALSE);
}
